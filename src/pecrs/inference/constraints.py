"""What an item should have or must not have: values of the catalogue, numbers within bounds.

Words such as "newer" and "shorter" are bounds too: beside an item they are relative to it, alone they mean the newest
years or the shortest quarter of the catalogue. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from pecrs.inference.reading import ReadValue
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS, YEAR, Facets
from pecrs.linking.quantities import Quantity
from pecrs.linking.values import POPULARITY, SCALED

_RECENT, _OLD, _MUCH = 5, 30, 10
"""Years that "recent" reaches back, that make something "old", and that lie between it and something newer."""

_COMPARATIVE = re.compile(r"^(?:more|less)\b|er$", re.IGNORECASE)
_UPWARDS = frozenset({"new", "long", "dear"})


class Scale(NamedTuple):
    """The numbers of one kind in a catalogue: the least, both outer quarters' ends, and the largest."""

    low: float
    lower: float
    upper: float
    high: float


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
    """

    fields: tuple[str, ...]
    label: str
    key: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """Something an item should have, or must not have.

    Attributes:
        options: At least one of these.
        soft: A taste rather than a request: given up first.
        asked: In which of the person's messages it was said; earlier ones are given up first.
    """

    options: tuple[Option, ...]
    soft: bool = False
    asked: int = field(default=0, compare=False)

    @property
    def slot(self) -> str:
        """What a newer constraint of the same kind replaces."""
        return slot_of(self.options[0].fields)

    def __str__(self) -> str:
        """Return the values in a few words."""
        return " or ".join(option.label for option in self.options)


def slot_of(fields: tuple[str, ...]) -> str:
    """Return the kind of constraint that some fields make; kinds and themes have one slot each."""
    return "kind" if fields[0] in KIND_FIELDS else "theme" if fields[0] in THEME_FIELDS else fields[0]


def scales_of(facets: Facets) -> Scales:
    """Return the numbers of a catalogue by kind: ``year``, ``minutes``, ``money``, as far as it has them."""
    found: dict[str, Scale] = {}
    for kind in (YEAR, "minutes", "money"):
        field = facets.number_field(kind)
        known = facets.numbers(field) if field else np.empty(0)
        known = known[~np.isnan(known)]
        if len(known):
            found[kind] = Scale(*np.quantile(known, (0, 0.25, 0.75, 1)).tolist())
    return found


def numbers_of(facets: Facets, item: str) -> Mapping[str, float]:
    """Return the numbers of an item by kind, those that are known.

    Args:
        facets: The catalogue's.
        item: Its identifier.
    """
    if item not in facets.catalogue:
        return NO_NUMBERS
    fields = {kind: facets.number_field(kind) for kind in (YEAR, "minutes", "money")}
    place = facets.catalogue.index(item)
    found = {kind: float(facets.numbers(field)[place]) for kind, field in fields.items() if field}
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
        low, high = value.low, value.high
        return None if value.kind == "count" else _between(value.kind, low, high)
    kind = value.fields[0]
    if kind == POPULARITY:
        return None
    if kind not in SCALED or value.key not in SCALED[kind]:
        return Option(value.fields, value.label, value.key)
    scale, number = scales.get(kind, Scale(0, 0, 0, 0)), beside.get(kind)
    refused, upwards = read.role in ("avoid", "dislike"), value.key in _UPWARDS
    if number is None or not (refused or _COMPARATIVE.search(text[value.start : value.end])):
        return _absolute(kind, scale, upwards=upwards)
    if refused:
        bound = _bound(kind, scale, upwards=upwards)
        return _between(kind, min(number, bound), None) if upwards else _between(kind, None, max(number, bound))
    if kind != YEAR:
        return _between(kind, number + 1, None) if upwards else _between(kind, None, number - 1)
    if upwards:
        return _between(YEAR, min(scale.high, max(number + 1, scale.high - _MUCH)), None)
    return _between(YEAR, None, max(scale.low, min(number - 1, scale.high - _MUCH)))


def _bound(kind: str, scale: Scale, *, upwards: bool) -> float:
    if kind == YEAR:
        return scale.high - _RECENT if upwards else max(scale.low, scale.high - _OLD)
    return scale.upper if upwards else scale.lower


def _absolute(kind: str, scale: Scale, *, upwards: bool) -> Option:
    bound = _bound(kind, scale, upwards=upwards)
    low, high = (bound, None) if upwards else (None, bound)
    if kind == YEAR:
        return Option((YEAR,), "recent" if upwards else "older", low=low, high=high)
    return _between(kind, low, high)


def _between(kind: str, low: float | None, high: float | None) -> Option:
    return Option((kind,), _shown(kind, low, high), low=low, high=high)


def _shown(kind: str, low: float | None, high: float | None) -> str:
    shown = [None if value is None else f"{value:g}" for value in (low, high)]
    unit = {"minutes": " minutes", "money": ""}.get(kind, "")
    if kind == "money":
        shown = [None if value is None else f"${value}" for value in shown]
    if low is not None and high is not None:
        return (shown[0] or "") + unit if low == high else f"{shown[0]}-{shown[1]}{unit}"
    if low is None:
        return f"up to {shown[1]}{unit}"
    return f"{shown[0]} or later" if kind == YEAR else f"at least {shown[0]}{unit}"
