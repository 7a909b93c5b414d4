"""JSON records as pydantic models: what is wrong with one is named by file, line and field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from pecrs._settings import explain
from pecrs.data.files import TextFile, read_json_lines
from pecrs.data.values import identifier_of, text_of, whole_number
from pecrs.errors import DataError

Kind = TypeVar("Kind")
"""What a line holds: a record, or a list or map of such."""

FromList = Field(strict=False)
"""Marks a field that JSON cannot hold as it is: a tuple, which stands there as a list, or an enumeration."""


class Record(BaseModel):
    """A JSON object; fields that a model does not declare are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)


def _as_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or text_of(value) == "":
        raise PydanticCustomError("identifier", "a number or a string is expected")
    return (whole_number(value) or value) if isinstance(value, str) else identifier_of(value, "")


Identifier = Annotated[str, BeforeValidator(_as_text)]
"""A name that some files write as a number, even as a float (``7.0`` is ``7``); never blank."""


def read_records(path: TextFile, kind: TypeAdapter[Kind]) -> Iterator[tuple[int, Kind]]:
    """Yield (line number from 1, record) for each non-blank line of a JSONL file.

    Args:
        path: A UTF-8 file with one JSON value a line.
        kind: What each line holds.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    for line, value in read_json_lines(path):
        with located(path, line):
            record = validated(kind, value)
        yield line, record


def validated(kind: TypeAdapter[Kind], value: Any) -> Kind:
    """Return a value of JSON as a record.

    Args:
        kind: The record.
        value: What was read.

    Raises:
        DataError: Naming the field, as ``turns[0].text``.
    """
    try:
        return kind.validate_python(value)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise DataError(explain(fault), field=field_name(fault["loc"])) from None


def field_name(place: Sequence[int | str]) -> str | None:
    """Return the name of a place in a record, as ``turns[0].text``; None for the record itself."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return name.removeprefix(".") or None


@contextmanager
def located(path: TextFile | None = None, line: int | None = None, inside: str = "") -> Iterator[None]:
    """Say where a record lies in the errors of a block.

    Args:
        path: Its file.
        line: Its line.
        inside: The field of an outer record that holds it.

    Raises:
        DataError: That of the block, with the place added.
    """
    try:
        yield
    except DataError as error:
        field = ".".join(name for name in (inside, error.field) if name) or None
        where = error.path or (None if path is None else str(path))
        raise DataError(error.reason, path=where, line=error.line or line, field=field) from None
