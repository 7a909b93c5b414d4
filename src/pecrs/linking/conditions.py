"""Conditions on the fields of a catalogue, set beside what is said: ``price<=50``, ``brand=Acme|Nord``.

A condition is one value with one text form, for Python, the command line, the service and its tools alike. What a field
holds is known by :class:`pecrs.linking.facets.Facets`. Source: design section 4.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pecrs.errors import DataError, suggestion
from pecrs.linking.facets import NO, YES, Facets, Field, is_no, is_yes, value_key
from pecrs.linking.fields import FieldNames, field_label
from pecrs.linking.units import parse_measure

Mask = NDArray[np.bool_]

FORMS = "price<=50, year=1990..1999, brand=Acme|Nord or genres!=horror"
"""Examples of the text form, for messages."""

_TEXT = re.compile(r"(?P<field>[^=<>!]*[^=<>!\s])\s*(?P<sign>!=|<=|>=|=|<|>)\s*(?P<values>.+)", re.DOTALL)
_RANGE = ".."
_EXACT = 1e-9
"""Share of a bound by which sums of units may be off: 0.57 m is 57 cm."""
_NEAR, _FREQUENT = 3, 6
"""Values and fields that a message names: the nearest, or else the most frequent."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a field of an item must hold; all that is set must be true.

    Values of a category are compared by their words, without regard to case and plural; a flag is ``yes`` or ``no``; a
    text has a value where it contains it. A value of a number may be a range, ``1990..1999``, with both ends in it and
    either left out. Numbers may have a unit, ``2 kg``; without one they are in the field's own unit.

    Attributes:
        field: As the catalogue declares it; ``year`` is one too. A unit in its name may be left out.
        any_of: At least one of these values; empty sets nothing.
        none_of: None of these values; an item without any value fulfils it.
        at_least: The least number; empty sets nothing, here and below.
        at_most: The largest number.
        more_than: A number that must be exceeded.
        less_than: A number that must not be reached.
    """

    field: str
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    at_least: str = ""
    at_most: str = ""
    more_than: str = ""
    less_than: str = ""

    @classmethod
    def parse(cls, text: str) -> Condition:
        r"""Read the text form: a field, one of ``= != <= >= < >``, and values with ``|`` between them.

        >>> Condition.parse("brand = Acme|Nord").any_of, Condition.parse("price<=50 EUR").at_most
        (('Acme', 'Nord'), '50 EUR')

        Args:
            text: A ``|`` that belongs to a value is written ``\|``.

        Raises:
            DataError: If it is none.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise DataError(f"{text!r} is no condition; {FORMS} are", field="filters")
        name, sign, values = match["field"], match["sign"], match["values"]
        if sign not in ("=", "!="):
            at_least, at_most, more_than, less_than = (values if sign == own else "" for own in (">=", "<=", ">", "<"))
            return cls(name, at_least=at_least, at_most=at_most, more_than=more_than, less_than=less_than)
        listed = tuple(value.strip().replace(r"\|", "|") for value in re.split(r"(?<!\\)\|", values))
        if not all(listed):
            raise DataError(f"{text!r} has an empty value", field="filters")
        return cls(name, any_of=listed) if sign == "=" else cls(name, none_of=listed)

    @property
    def bounds(self) -> tuple[str, ...]:
        """The numbers that bound it, as written."""
        return tuple(bound for bound in (self.at_least, self.at_most, self.more_than, self.less_than) if bound)


class _Range(NamedTuple):
    low: float
    high: float


def check(facets: Facets, conditions: Sequence[Condition], sort: str = "") -> None:
    """Refuse conditions and an order that a catalogue cannot tell.

    Args:
        facets: Of the catalogue.
        conditions: Those.
        sort: A field of numbers, with a minus for the largest first; empty for none.

    Raises:
        DataError: If there is no such field or value, naming the nearest ones, or a bound is no number.
    """
    for condition in conditions:
        field = _known_field(facets, condition.field)
        if not (condition.any_of or condition.none_of or condition.bounds):
            raise DataError(f"the condition on {condition.field!r} sets nothing", field="filters")
        for value in (*condition.any_of, *condition.none_of):
            _check_value(facets, field, value)
        if condition.bounds:
            _check_number_field(facets, field)
            for bound in condition.bounds:
                if _number(field, bound) is None:
                    raise DataError(_no_number(field, bound), field="filters")
            limits = _limits(field, condition)
            if limits is None or limits.low > limits.high:
                raise DataError(f"no {field.name!r} lies within {' and '.join(condition.bounds)}", field="filters")
    if sort:
        _check_number_field(facets, _known_field(facets, sort.removeprefix("-")))


def holding(facets: Facets, condition: Condition) -> Mask:
    """Return (N,) which items fulfil a condition; a field or value that the catalogue lacks is held by none.

    Args:
        facets: Of the catalogue, N items.
        condition: That.
    """
    held = np.ones(len(facets.catalogue), dtype=np.bool_)
    field = find_field(facets, condition.field)
    if condition.any_of:
        held &= _any(facets, field, condition.any_of)
    if condition.none_of:
        held &= ~_any(facets, field, condition.none_of)
    if condition.bounds:
        limits = None if field is None or field.kind != "number" else _limits(field, condition)
        held &= _marked(facets, () if limits is None or field is None else facets.within(field.name, *limits))
    return held


def find_field(facets: Facets, name: str) -> Field | None:
    """Return a field by its name, whatever its case and without the unit that it may end in; None where there is none.

    Args:
        facets: Of the catalogue.
        name: As written.
    """
    if name in facets.fields:
        return facets.fields[name]
    said = name.strip().casefold()
    own = [field for field in facets.fields.values() if said in (field.name.casefold(), field_label(field.name))]
    return own[0] if len(own) == 1 else None


def _known_field(facets: Facets, name: str) -> Field:
    field = find_field(facets, name)
    if field is None:
        meant = FieldNames.shared(facets).names.get(value_key(name))
        near = suggestion(meant or name, [meant] if meant else facets.fields, _NEAR)
        near = near or f"; there are {', '.join(facets.fields)}"
        raise DataError(f"there is no field {name!r}{near}", field="filters")
    return field


def _check_number_field(facets: Facets, field: Field) -> None:
    if field.kind != "number":
        numeric = [name for name, own in facets.fields.items() if own.kind == "number"]
        raise DataError(f"{field.name!r} is no field of numbers; there are {', '.join(numeric)}", field="filters")


def _check_value(facets: Facets, field: Field, value: str) -> None:
    if field.kind == "number" and _range(field, value) is None:
        raise DataError(_no_number(field, value), field="filters")
    if field.kind == "flag" and _flag(value) is None:
        raise DataError(f"{field.name!r} is yes or no, not {value!r}", field="filters")
    if field.kind == "category" and value_key(value) not in facets.keys(field.name):
        by_count = sorted(facets.keys(field.name), key=lambda key: -len(facets.stated(field.name, key)))
        spelt = [facets.spelling(field.name, key) for key in by_count]
        frequent, more = ", ".join(map(repr, spelt[:_FREQUENT])), len(spelt) - _FREQUENT
        near = suggestion(value, spelt, _NEAR) or f"; it has {frequent}{f' and {more} others' if more > 0 else ''}"
        raise DataError(f"{field.name!r} has no value {value!r}{near}", field="filters")


def _no_number(field: Field, text: str) -> str:
    unit = f" in {field.unit.symbol}" if field.unit is not None else ""
    return f"{field.name!r} is a number{unit}; 50, or a range, 10{_RANGE}50, is expected, not {text!r}"


def _any(facets: Facets, field: Field | None, values: Sequence[str]) -> Mask:
    """Return (N,) which items have at least one of some values."""
    held = np.zeros(len(facets.catalogue), dtype=np.bool_)
    if field is None:
        return held
    for value in values:
        held |= _HAVING[field.kind](facets, field, value)
    return held


def _of_category(facets: Facets, field: Field, value: str) -> Mask:
    return _marked(facets, facets.stated(field.name, value_key(value)))


def _of_flag(facets: Facets, field: Field, value: str) -> Mask:
    return _marked(facets, facets.stated(field.name, _flag(value) or ""))


def _of_number(facets: Facets, field: Field, value: str) -> Mask:
    limits = _range(field, value)
    return _marked(facets, () if limits is None else facets.within(field.name, *limits))


def _of_text(facets: Facets, field: Field, value: str) -> Mask:
    said = value.casefold()
    return np.array([any(said in text.casefold() for text in item.values(field.name)) for item in facets.catalogue])


_HAVING: dict[str, Callable[[Facets, Field, str], Mask]] = {
    "category": _of_category,
    "flag": _of_flag,
    "number": _of_number,
    "text": _of_text,
}


def _marked(facets: Facets, places: Sequence[int] | NDArray[np.int64]) -> Mask:
    mask = np.zeros(len(facets.catalogue), dtype=np.bool_)
    mask[np.asarray(places, dtype=np.int64)] = True
    return mask


def _flag(value: str) -> str | None:
    return YES if is_yes(value) else NO if is_no(value) else None


def _limits(field: Field, condition: Condition) -> _Range | None:
    """Return the numbers between the bounds of a condition, in the base unit; None where a bound is no number."""
    least, most, above, below = (
        _number(field, bound) if bound else unset
        for bound, unset in (
            (condition.at_least, -math.inf),
            (condition.at_most, math.inf),
            (condition.more_than, -math.inf),
            (condition.less_than, math.inf),
        )
    )
    if least is None or most is None or above is None or below is None:
        return None
    return _Range(
        max(least - _slack(least), above + _slack(above)),
        min(most + _slack(most), below - _slack(below)),
    )


def _range(field: Field, text: str) -> _Range | None:
    """Return the numbers of a value or a range, in the base unit; None where it is none."""
    first, mark, last = text.partition(_RANGE)
    if not mark:
        number = _number(field, text)
        return None if number is None else _Range(number - _slack(number), number + _slack(number))
    low = _number(field, first) if first.strip() else -math.inf
    high = _number(field, last) if last.strip() else math.inf
    if low is None or high is None or low > high or (math.isinf(low) and math.isinf(high)):
        return None
    return _Range(low - _slack(low), high + _slack(high))


def _slack(number: float) -> float:
    return _EXACT * max(1.0, abs(number)) if math.isfinite(number) else 0.0


def _number(field: Field, text: str) -> float | None:
    """Return a number with or without a unit, in the base unit; None where it is none, or of another dimension."""
    own = field.unit
    try:
        number = float(text)
    except ValueError:
        measure = parse_measure(text)
        if measure is None or (measure.unit is None and re.search(r"[^\d.,\s]", text)):
            return None
        if measure.unit is not None:
            return measure.number * measure.unit.factor if measure.unit.dimension == field.dimension else None
        number = measure.number
    if not math.isfinite(number):
        return None
    return number * own.factor if own is not None else number
