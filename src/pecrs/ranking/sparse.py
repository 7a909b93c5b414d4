"""Rows of a sparse matrix, for sums of a few of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SparseRows:
    """A matrix by its non-zero values, row after row; no column comes twice in a row.

    Attributes:
        starts: (rows + 1,) where each row begins in the other two.
        columns: (nnz,) column of each value.
        values: (nnz,) the values.
        width: Number of columns.
    """

    starts: Indices
    columns: NDArray[np.int32]
    values: Floats
    width: int

    @classmethod
    def of(cls, rows: Indices, columns: Indices, values: Floats, shape: tuple[int, int]) -> Self:
        """Sort values into rows; no place may come twice."""
        order = np.lexsort((columns, rows))
        starts = np.searchsorted(rows[order], np.arange(shape[0] + 1))
        return cls(starts, columns[order].astype(np.int32), values[order].astype(np.float32), shape[1])

    @classmethod
    def of_counts(cls, counts: Mapping[tuple[int, int], int], shape: tuple[int, int]) -> Self:
        """Make a matrix of counts by place."""
        places = np.array(list(counts), dtype=np.int64).reshape(-1, 2)
        return cls.of(places[:, 0], places[:, 1], np.array(list(counts.values()), dtype=np.float32), shape)

    @property
    def owners(self) -> Indices:
        """(nnz,) row of each value."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def with_values(self, values: Floats) -> Self:
        """Return the same places with other values."""
        return replace(self, values=values.astype(np.float32))

    def moved(self, there: Indices, size: int) -> Self:
        """Return a square matrix by other numbers.

        Args:
            there: (rows,) new number of each row and column, -1 for those that are left out.
            size: Rows and columns of the result.
        """
        rows, columns = there[self.owners], there[self.columns]
        kept = (rows >= 0) & (columns >= 0)
        return self.of(rows[kept], columns[kept], self.values[kept], (size, size))

    def sum(self, rows: Indices, weights: Floats) -> Floats:
        """Return the sum (columns,) of some rows, each times its weight."""
        found = np.zeros(self.width, dtype=np.float32)
        for row, weight in zip(rows.tolist(), weights.tolist(), strict=True):
            part = slice(self.starts[row], self.starts[row + 1])
            found[self.columns[part]] += weight * self.values[part]
        return found

    def products(self, rows: Indices, vector: Floats) -> Floats:
        """Return the products (n,) of some rows with a vector (columns,)."""
        starts, lengths = self.starts[rows], self.starts[rows + 1] - self.starts[rows]
        owners = np.repeat(np.arange(len(rows)), lengths)
        before = np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.arange(len(owners)) - before + np.repeat(starts, lengths)
        products = self.values[places] * vector[self.columns[places]]
        return np.bincount(owners, weights=products, minlength=len(rows)).astype(np.float32)
