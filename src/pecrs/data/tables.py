"""Reading of tables with a header, as CSV or TSV: errors that name the line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing

from pecrs.data.files import TextFile, read_lines
from pecrs.errors import DataError, suggestion

DELIMITERS = (",", ";", "\t", "|")
"""What may separate the cells of a table, the most usual first."""
_MAX_CELL = 2**24


def read_table(
    path: TextFile, required: Sequence[str], delimiter: str = ",", quoting: bool = True
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (last line number of the row, cells by column) for each row of a table with a header.

    Args:
        path: A UTF-8 CSV or TSV file; a byte order mark is allowed.
        required: Columns that must be there.
        delimiter: What separates cells.
        quoting: Whether ``"`` encloses cells; without it the character is one like any other.

    Raises:
        DataError: If the file is missing, empty or not UTF-8, a column is missing or named twice, or a row has more or
            fewer cells than the header.
    """
    csv.field_size_limit(_MAX_CELL)
    with closing(read_lines(path, newline="")) as lines:
        rows = csv.reader(
            lines,
            delimiter=delimiter,
            quoting=csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE,
            strict=True,
        )
        try:
            header = [name.strip() for name in next(rows, [])]
            _check_header(path, header, required)
            for row in rows:
                if not row:
                    continue
                if len(row) != len(header):
                    message = f"{len(header)} cells are expected, not {len(row)}"
                    raise DataError(message, path=str(path), line=rows.line_num)
                yield rows.line_num, dict(zip(header, row, strict=True))
        except csv.Error as error:
            raise DataError(f"broken table: {error}", path=str(path), line=rows.line_num) from None


def sniff_delimiter(path: TextFile, required: Sequence[str]) -> str:
    """Return the separator of a table: the one that finds most of the required columns in the header.

    Args:
        path: As for :func:`read_table`.
        required: Columns that must be there.

    Returns:
        One of :data:`DELIMITERS`; of several that find as many, the one that makes most columns, then the most usual.

    Raises:
        DataError: If the file is missing, or its first line is not UTF-8.
    """
    csv.field_size_limit(_MAX_CELL)
    with closing(read_lines(path, newline="")) as lines:
        first = next(lines, "")

    def columns(delimiter: str) -> tuple[int, int]:
        header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
        return sum(name in header for name in required), len(header)

    return max(DELIMITERS, key=columns)


def _check_header(path: TextFile, header: Sequence[str], required: Sequence[str]) -> None:
    if not header:
        raise DataError("the file is empty; a header is expected", path=str(path))
    for name in required:
        if name not in header:
            message = f"the column is missing{suggestion(name, header)}; the header has {', '.join(header)}"
            raise DataError(message, path=str(path), line=1, field=name)
    for name in header:
        if name and header.count(name) > 1:
            raise DataError("the column is named twice", path=str(path), line=1, field=name)
