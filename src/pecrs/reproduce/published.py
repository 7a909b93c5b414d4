"""Published figures, which are data: ``paper_tables.yaml`` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pecrs.strict_yaml import read_yaml, require


@dataclass(frozen=True)
class PublishedRow:
    """A row as printed."""

    name: str
    """Model, data set, genre or setting."""
    values: tuple[float | None, ...]
    """One a column; None where a dash is printed."""


@dataclass(frozen=True)
class PublishedTable:
    """A table as printed, or a part of one."""

    name: str
    """Its name as an experiment, and the name of its file."""
    title: str
    """What it shows."""
    columns: tuple[str, ...]
    """Names of the columns."""
    decimals: tuple[int, ...]
    """Printed decimals, by column."""
    rows: tuple[PublishedRow, ...]
    """In the paper's order."""

    def __post_init__(self) -> None:
        """Refuse a row or a list of decimals that does not fit the columns."""
        require(len(self.decimals) == len(self.columns), f"{self.name}.decimals", "one a column is expected")
        for row in self.rows:
            fits = len(row.values) == len(self.columns)
            require(fits, f"{self.name}.{row.name}", f"{len(self.columns)} values are expected")

    def values(self, row: str) -> tuple[float | None, ...]:
        """Return what is printed in a row, dashes for one that is not there."""
        return next((printed.values for printed in self.rows if printed.name == row), (None,) * len(self.columns))


@dataclass(frozen=True)
class _Published:
    tables: tuple[PublishedTable, ...]


@cache
def published() -> Mapping[str, PublishedTable]:
    """Return the published tables by name.

    Raises:
        ConfigError: If the file is wrong.
    """
    return {table.name: table for table in read_yaml(_Published, Path(__file__).with_name("paper_tables.yaml")).tables}
