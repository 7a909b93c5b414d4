"""Values of tables as text: numbers, dates, truth values; and whole numbers that were written as floats."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pecrs.errors import DataError

_LONGEST = 100
_WHOLE = re.compile(r"-?(?:0|[1-9]\d*)\.0+|-?\d(?:\.\d+)?[eE]\+\d{1,2}")
"""A whole number as floats are written: ``1979.0``, ``1.2e+17``."""


def text_of(value: object) -> str | None:
    """Return a value as text, its white space as single spaces; "" where there is none, None where it cannot be text.

    Args:
        value: What a cell of a table or a value of JSON holds.

    >>> text_of(1.5), text_of(True), text_of(datetime(2020, 1, 31)), text_of(float("nan")), text_of({})
    ('1.5', 'true', '2020-01-31', '', None)
    """
    if value is None or (isinstance(value, float | Decimal) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() and value.tzinfo is None else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, int | float | timedelta | UUID) else None


def texts_of(value: object) -> tuple[str, ...] | None:
    """Return the distinct texts of a value or of a list of values, empty ones left out; None if one cannot be text."""
    texts = [text_of(member) for member in (value if isinstance(value, list) else [value])]
    return None if None in texts else tuple(dict.fromkeys(text for text in texts if text))


def name_of(value: object, field: str) -> str:
    """Return a string or a number as text; a number that is whole is written as such.

    Raises:
        DataError: If it is neither.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal | UUID | None):
        raise DataError(f"a string or a number is expected, not {type(value).__name__}", field=field)
    text = text_of(value) or ""
    return text if isinstance(value, str) else whole_number(text) or text


def identifier_of(value: object, field: str) -> str:
    """Return an identifier as text; a whole number that was written as a float is that whole number.

    Raises:
        DataError: If it is neither a string nor a number.

    >>> identifier_of("1.0", "id"), identifier_of(1.0, "id"), identifier_of("v1.0", "id"), identifier_of("007", "id")
    ('1', '1', 'v1.0', '007')
    """
    text = name_of(value, field)
    return whole_number(text) or text


def whole_number(text: str) -> str:
    """Return a whole number that is written as a float without its point; "" for any other text."""
    if len(text) > _LONGEST or not _WHOLE.fullmatch(text):
        return ""
    number = Decimal(text)
    return str(int(number)) if number == number.to_integral_value() else ""


def required(record: Mapping[str, Any], field: str) -> Any:
    """Return a value that must be there.

    Raises:
        DataError: If it is missing or blank.
    """
    value = record.get(field)
    if text_of(value) == "":
        raise DataError("a value is expected", field=field)
    return value
