"""What an item should have or must not have: values of the catalogue, numbers within bounds.

Words such as "newer" and "shorter" are bounds too: beside an item they are relative to it, alone they mean the newest
years, or the shortest quarter of what fits otherwise; "the shortest" is an order. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from pecrs.inference.understanding.reading import ReadValue
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS, YEAR, Facets
from pecrs.linking.fields import HIGH, LOW, field_label
from pecrs.linking.quantities import Quantity
from pecrs.linking.units import UNITS, Unit, shown
from pecrs.linking.value_words import POPULARITY

_RECENT, _OLD, _MUCH = 5, 28, 10
"""Years that "recent" reaches back, that make something "old", and that lie between it and something newer."""

_COMPARATIVE = re.compile(r"^(?:more|less)\b|er$", re.IGNORECASE)
_SUPERLATIVE = re.compile(r"est$|^(?:most|least|best|worst|top|highest|lowest)\b|(?:est|most|least|best|fewest) ", re.I)
_UPWARDS = frozenset({"new", "long", "dear", HIGH})


class Scale(NamedTuple):
    """The numbers of one kind in a catalogue: the least, both outer quarters' ends, and the largest.

    Attributes:
        low: The least.
        lower: The end of the lowest quarter.
        upper: The beginning of the highest quarter.
        high: The largest.
        name: How the kind is said: ``battery life``.
        units: What the numbers may be shown in.
    """

    low: float
    lower: float
    upper: float
    high: float
    name: str = ""
    units: tuple[Unit, ...] = ()


Scales = Mapping[str, Scale]
NO_SCALES: Scales = MappingProxyType({})
NO_NUMBERS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Option:
    """One value that fulfils a constraint: some field has it, or a number lies within the bounds.

    Attributes:
        fields: Where to look; one of them is enough.
        label: As it is shown.
        key: The folded value; empty for numbers.
        low: Least number, or None.
        high: Largest number, or None.
        strict: Whether the bounds themselves do not fulfil it.
        meant: The word that bounds beside an item were told from: "newer".
        outer: ``low`` or ``high`` for the outer quarter of the numbers of what fulfils all else: "cheap", "heavy".
        near: Whether it is near to what was said, and is not shown.
        also: Fields that must have the key as well.
        without: Fields that must not have it.
    """

    fields: tuple[str, ...]
    label: str
    key: str = ""
    low: float | None = None
    high: float | None = None
    strict: bool = False
    outer: str = ""
    near: bool = False
    also: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    meant: str = field(default="", compare=False)

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The least and the largest number that fulfil it; None where there is no bound."""
        if not self.strict:
            return self.low, self.high
        low = None if self.low is None else float(np.nextafter(self.low, np.inf))
        return low, None if self.high is None else float(np.nextafter(self.high, -np.inf))


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for as the most or the least of all that fits: "the cheapest", "the newest".

    Attributes:
        field: A kind of number, as :meth:`pecrs.linking.facets.Facets.number_field` knows it.
        down: Whether the largest comes first.
        label: As it is shown.
    """

    field: str
    down: bool
    label: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """Something an item should have, or must not have.

    Attributes:
        options: At least one of these.
        soft: A taste rather than a request: given up first.
        asked: In which of the person's messages it was said; earlier ones are given up first.
        confidence: How surely it is meant, from 0 to 1; doubtful ones are given up first.
    """

    options: tuple[Option, ...]
    soft: bool = False
    asked: int = field(default=0, compare=False)
    confidence: float = field(default=1.0, compare=False)

    @property
    def slot(self) -> str:
        """What a newer constraint of the same kind replaces."""
        return slot_of(self.options[0].fields)

    def __str__(self) -> str:
        """Return the values in a few words."""
        return " or ".join(option.label for option in self.options if not option.near)


def slot_of(fields: tuple[str, ...]) -> str:
    """Return the kind of constraint that some fields make; kinds and themes have one slot each."""
    return "kind" if fields[0] in KIND_FIELDS else "theme" if fields[0] in THEME_FIELDS else fields[0]


def scales_of(facets: Facets) -> Scales:
    """Return the numbers of a catalogue by kind: ``year``, ``minutes``, ``money`` and its columns' own names."""
    found: dict[str, Scale] = {}
    for kind, name in _number_fields(facets).items():
        known = facets.numbers(name)
        known = known[~np.isnan(known)]
        if len(known):
            quarters = np.quantile(known, (0, 0.25, 0.75, 1)).tolist()
            low, lower, upper, high = quarters
            found[kind] = Scale(low, lower, upper, high, field_label(name), facets.fields[name].units)
    return found


def _number_fields(facets: Facets) -> Mapping[str, str]:
    """Return the columns of numbers by the kinds that quantities have."""
    own = {name: name for name, field in facets.fields.items() if field.kind == "number"}
    kinds = {kind: facets.number_field(kind) for kind in (YEAR, "minutes", "money")}
    return own | {kind: name for kind, name in kinds.items() if name is not None}


def numbers_of(facets: Facets, item: str) -> Mapping[str, float]:
    """Return the numbers of an item by kind, those that are known.

    Args:
        facets: The catalogue's.
        item: Its identifier.
    """
    if item not in facets.catalogue:
        return NO_NUMBERS
    place = facets.catalogue.index(item)
    found = {kind: float(facets.numbers(name)[place]) for kind, name in _number_fields(facets).items()}
    return {kind: number for kind, number in found.items() if not np.isnan(number)}


def option_of(read: ReadValue, text: str, scales: Scales, beside: Mapping[str, float]) -> Option | None:
    """Return what an item must have to fulfil a value; None where it is no constraint.

    Args:
        read: The value; one that is refused ("too old") takes the item beside it in.
        text: The message.
        scales: Of the catalogue.
        beside: Numbers, by kind, of the item that was offered last; empty where there is none.
    """
    value = read.value
    if isinstance(value, Quantity):
        if value.kind == "count":
            return None
        option = _between(value.kind, value.low, value.high, scales.get(value.kind), value.strict)
        return replace(option, label=value.label) if value.label else option
    kind = value.fields[0]
    if kind == POPULARITY:
        return None
    if not value.scaled:
        return Option(value.fields, value.label, value.key, near=value.near, also=value.also, without=value.without)
    scale, number = scales.get(kind, Scale(0, 0, 0, 0)), beside.get(kind)
    refused, upwards = read.role in ("avoid", "dislike"), value.key in _UPWARDS
    said = text[value.start : value.end]
    if number is None or not (refused or _COMPARATIVE.search(said)):
        return _absolute(kind, scale, value.key, said, upwards=upwards)
    return replace(_beside(kind, scale, number, refused=refused, upwards=upwards), meant=said.lower())


def _beside(kind: str, scale: Scale, number: float, *, refused: bool, upwards: bool) -> Option:
    """Return the bounds that a word such as "newer" sets beside an item's own number."""
    if refused:
        if kind in (YEAR, "minutes"):
            bound = _bound(kind, scale, upwards=upwards)
            number = min(number, bound) if upwards else max(number, bound)
        return _between(kind, number, None, scale) if upwards else _between(kind, None, number, scale)
    if kind != YEAR:
        low, high = (number, None) if upwards else (None, number)
        return _between(kind, low, high, scale, strict=True)
    if upwards:
        return _between(YEAR, min(scale.high, max(number + 1, scale.high - _MUCH)), None)
    return _between(YEAR, None, max(scale.low, min(number - 1, scale.high - _MUCH)))


def order_of(read: ReadValue, text: str) -> Order | None:
    """Return the order that a superlative asks for; None where the value is none, or is refused.

    Args:
        read: The value.
        text: The message.
    """
    value = read.value
    if isinstance(value, Quantity) or not value.scaled or value.fields[0] == POPULARITY:
        return None
    said = text[value.start : value.end].lower()
    if read.role in ("avoid", "dislike", "incidental") or not _SUPERLATIVE.search(said):
        return None
    return Order(value.fields[0], value.key in _UPWARDS, f"{said} first")


def _bound(kind: str, scale: Scale, *, upwards: bool) -> float:
    if kind == YEAR:
        return scale.high - _RECENT if upwards else max(scale.low, scale.high - _OLD)
    return scale.upper if upwards else scale.lower


def _absolute(kind: str, scale: Scale, key: str, said: str, *, upwards: bool) -> Option:
    if kind == YEAR:
        bound = _bound(kind, scale, upwards=upwards)
        low, high = (bound, None) if upwards else (None, bound)
        return Option((YEAR,), "recent" if upwards else "older", low=low, high=high)
    shown = _SHOWN.get(key) or said.lower()
    return Option((kind,), shown, outer=HIGH if upwards else LOW)


_SHOWN = MappingProxyType({"dear": "expensive", "cheap": "cheap", "short": "short", "long": "long"})


def _between(
    kind: str, low: float | None, high: float | None, scale: Scale | None = None, strict: bool = False
) -> Option:
    return Option((kind,), _label(kind, low, high, scale, strict), low=low, high=high, strict=strict)


def _label(kind: str, low: float | None, high: float | None, scale: Scale | None, strict: bool) -> str:
    """Return bounds in words: ``under 50 EUR``, ``1990-1999``, ``rating at least 4``."""
    units = scale.units if scale is not None and scale.units else _UNITS.get(kind, ())
    least, most = (None if value is None else shown(value, units) for value in (low, high))
    lead = "" if units or kind == YEAR else f"{scale.name if scale else kind} "
    if low is not None and high is not None:
        if low == high:
            return f"{lead}{least}"
        first = shown(low, units).removesuffix(f" {units[0].symbol}") if len(units) == 1 else least
        return f"{lead}{first}-{most}"
    if low is None:
        return f"{lead}{'under' if strict else 'up to'} {most}"
    return f"{least} or later" if kind == YEAR else f"{lead}{'over' if strict else 'at least'} {least}"


_UNITS: Mapping[str, tuple[Unit, ...]] = MappingProxyType(
    {"money": (UNITS["$"],), "minutes": (replace(UNITS["minutes"], symbol="minutes"),)}
)
"""What numbers are shown in where the catalogue says no unit."""
