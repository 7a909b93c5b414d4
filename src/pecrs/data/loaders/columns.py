"""A catalogue's file, CSV, JSONL or Parquet, as columns; row numbers that a tool put there are told from data.

pandas writes the row numbers of a table beside its columns: in CSV below an empty name or ``Unnamed: 0``, in Parquet as
``__index_level_0__``, and after ``reset_index`` as a column named ``index``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from pecrs.data.files import read_jsonl
from pecrs.data.tables import read_table, sniff_delimiter
from pecrs.data.values import identifier_of, texts_of, whole_number
from pecrs.errors import DataError

REQUIRED = ("id", "title")
_UNNAMED = re.compile(r"(?:Unnamed: \d+(?:_level_\d+)?)?")
_INDEX = re.compile(r"__index_level_\d+__")
_ROW_NUMBERS = ("index", "level_0")
_LONGEST_NUMBER = 20


@dataclass(frozen=True)
class Columns:
    """What a file holds, column by column.

    Attributes:
        path: The file.
        lines: The line of each row, counted from 1; of a Parquet file its rows.
        values: The cells by column, in the file's order; None where a row has none.
        types: The types of columns by name, where the file declares them.
        remarks: What of the file was left out, in words.
    """

    path: Path
    lines: Sequence[int]
    values: Mapping[str, Sequence[Any]]
    types: Mapping[str, str]
    remarks: Sequence[str]

    def texts(self, name: str) -> list[tuple[str, ...]]:
        """Return the texts of each cell of a column.

        Where all numbers are whole and written as floats, as tools do where cells are empty, they are whole numbers; a
        column of JSON or Parquet may also have some that are written as such.

        Raises:
            DataError: Naming the line and type of the first cell that cannot be text.
        """
        cells = self.values[name]
        if self._is_text:
            cells = [cell.split("|") if cell else None for cell in cells]
        found = []
        for line, value in zip(self.lines, cells, strict=True):
            texts = texts_of(value)
            if texts is None:
                kind = self.types.get(name, type(value).__name__)
                raise DataError(f"text is expected, not {kind}", path=self.path, line=line, field=name)
            found.append(texts)
        if self._is_text:
            whole = all(text.endswith(".0") and whole_number(text) for texts in found for text in texts)
        else:
            whole = all(map(_is_whole, cells))
        if whole:
            found = [tuple(whole_number(text) or text for text in texts) for texts in found]
        return found

    @property
    def _is_text(self) -> bool:
        return not {".csv", ".tsv"}.isdisjoint(self.path.suffixes)


def read_columns(path: Path, declared: Collection[str]) -> Columns:
    """Read a file without what no item can say: row numbers, and columns of a type that cannot be text.

    Args:
        path: A ``.csv`` or ``.tsv`` whose separator is found from its header, a ``.jsonl``, each perhaps with ``.gz``,
            or a ``.parquet``.
        declared: The columns that are asked for; they are never left out.

    Raises:
        DataError: If the file cannot be read, has a column without a name, or a declared one that cannot be text.
    """
    kept = {*REQUIRED, "year", *declared}
    kind = path.name.removesuffix(".gz").rpartition(".")[2]
    if kind == "parquet":
        return _read_parquet(path, kept)
    if kind == "jsonl":
        rows = list(read_jsonl(path))
    else:
        rows = list(read_table(path, REQUIRED, sniff_delimiter(path, REQUIRED)))
    names = dict.fromkeys(name for _, record in rows for name in record)
    values = {name: [record.get(name) for _, record in rows] for name in names}
    return _without_index(Columns(path, [line for line, _ in rows], values, {}, []), (), kept)


def _read_parquet(path: Path, kept: Collection[str]) -> Columns:
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            types = _column_types(path, schema)
            table = file.read(columns=[name for name, kind in types.items() if name in kept or _may_be_text(kind)])
    except (OSError, KeyError, ValueError, pyarrow.ArrowException) as error:
        raise DataError(f"not a Parquet file: {error}", path=path) from None
    values: dict[str, list[Any]] = {}
    told = []
    for name, kind in types.items():
        cells = _python_values(table[name]) if _may_be_text(kind) else None
        if cells is not None:
            values[name] = cells
        elif name in kept:
            raise DataError(f"text is expected, not {kind}", path=path, field=name)
        else:
            told.append(f"{path.name}: column {name!r} cannot be text ({kind}) and is left out")
    values = {**_counted_index(schema, table.num_rows, kept), **values}
    named = {name: str(kind) for name, kind in types.items()}
    return _without_index(
        Columns(path, range(1, table.num_rows + 1), values, named, told), _index_columns(schema), kept
    )


def _column_types(path: Path, schema: pyarrow.Schema) -> dict[str, pyarrow.DataType]:
    for name in schema.names:
        if schema.names.count(name) > 1:
            raise DataError("the column is named twice", path=path, field=name)
    return {field.name: field.type for field in schema}


def _may_be_text(kind: pyarrow.DataType) -> bool:
    types = pyarrow.types
    if isinstance(kind, pyarrow.DictionaryType):
        return _may_be_text(kind.value_type)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return not types.is_nested(kind.value_type) and _may_be_text(kind.value_type)
    binary = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary, types.is_binary_view)
    return not types.is_nested(kind) and not any(test(kind) for test in binary)


def _python_values(column: pyarrow.ChunkedArray) -> list[Any] | None:
    """Return the cells of a column, None if Python has no such values; finer than a microsecond is cut off."""
    kind = column.type
    if pyarrow.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pyarrow.timestamp("us", kind.tz), safe=False)
    elif pyarrow.types.is_duration(kind) and kind.unit == "ns":
        column = column.cast(pyarrow.duration("us"), safe=False)
    elif pyarrow.types.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pyarrow.time64("us"), safe=False)
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, KeyError, pyarrow.ArrowException):  # a time before the year 1, an unknown zone
        return None
    return values


def _index_columns(schema: pyarrow.Schema) -> list[Any]:
    """Return what pandas says of the index of the table: names of columns, or how its numbers are counted."""
    try:
        columns = (schema.pandas_metadata or {}).get("index_columns")
    except (ValueError, AttributeError):
        return []
    return columns if isinstance(columns, list) else []


def _counted_index(schema: pyarrow.Schema, rows: int, kept: Collection[str]) -> dict[str, list[Any]]:
    """Return the index where it is asked for by its name and written as a count alone (1, 2, 3, ...)."""
    found: dict[str, list[Any]] = {}
    for index in _index_columns(schema):
        if isinstance(index, dict) and index.get("kind") == "range" and index.get("name") in kept:
            start, step = index.get("start"), index.get("step")
            if isinstance(start, int) and isinstance(step, int):
                found[index["name"]] = [start + step * row for row in range(rows)]
    return found


def _without_index(columns: Columns, index: Collection[Any], kept: Collection[str]) -> Columns:
    """Drop what pandas calls the index, and columns without a name or cells, as spreadsheets write them.

    Raises:
        DataError: If a column has cells but no name.
    """
    values, told = {}, list(columns.remarks)
    for position, (name, cells) in enumerate(columns.values.items(), start=1):
        if name in kept:
            values[name] = cells
        elif name in index or _INDEX.fullmatch(name) or (name in _ROW_NUMBERS and _number_rows(cells)):
            what = "numbers the rows" if _number_rows(cells) else "is the table's index"
            told.append(f"{columns.path.name}: column {name!r} {what} and is left out")
        elif not _UNNAMED.fullmatch(name.strip()):
            values[name] = cells
        elif any(cells):
            remedy = "name it, or leave it out when the file is written (pandas: index=False)"
            field = name.strip() or f"column {position}"
            raise DataError(f"the column has no name; {remedy}", path=columns.path, field=field)
    return replace(columns, values=values, remarks=told)


def _is_whole(cell: Any) -> bool:
    return isinstance(cell, int | None) or (isinstance(cell, float) and (math.isnan(cell) or cell.is_integer()))


def _number_rows(cells: Iterable[Any]) -> bool:
    """Tell whether all cells are whole numbers, no two the same."""
    texts = [identifier_of(cell, "") if isinstance(cell, str | float) else str(cell) for cell in cells]
    return all(text.isdecimal() and len(text) < _LONGEST_NUMBER for text in texts) and len(set(texts)) == len(texts)
