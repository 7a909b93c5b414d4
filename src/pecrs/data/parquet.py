"""Rows of Parquet files, in the form that data sets are published in: one file or several a split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from pecrs.errors import DataError, suggestion

_BATCH = 1024


def read_rows(
    path: Path, required: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row number from 1, cells by column) for each row.

    Args:
        path: The file.
        required: Columns that must be there.
        optional: Columns that are read where they are there.

    Raises:
        DataError: If the file is no Parquet file, or lacks a column.
    """
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            for name in required:
                if name not in names:
                    message = f"the column is missing{suggestion(name, names)}; the file has {', '.join(names)}"
                    raise DataError(message, path=path, field=name)
            number = 0
            for batch in file.iter_batches(_BATCH, columns=[*required, *(name for name in optional if name in names)]):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
    except (OSError, KeyError, ValueError, pyarrow.ArrowException) as error:
        raise DataError(f"not a Parquet file: {error}", path=path) from None


def find_shards(source: Path, patterns: Sequence[str]) -> list[Path]:
    """Return the files of a split in order.

    Args:
        source: The folder of a data set.
        patterns: Where they may be, as :meth:`pathlib.Path.glob` takes it; those of the first that finds any count.
    """
    for pattern in patterns:
        if found := sorted(source.glob(pattern)):
            return found
    return []
