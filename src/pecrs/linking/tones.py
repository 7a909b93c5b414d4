"""What items are like where no field says so, told from fields that do: light, violent, a romantic comedy.

That something is light or violent is a guess, and replies say so; what is made of several kinds is not.
Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from pecrs.data.catalogue import Item
from pecrs.linking.descriptions import table

TONE = "tone"
"""Stands for what an item is like; its values are the entries of ``tones.yaml``."""


_Values = Mapping[str, frozenset[str]]
"""Values of several fields, one of which an item has."""

BLEND = "blend"
"""Stands for kinds made of several; its values are the entries of ``blends.yaml``."""


def tones(item: Item) -> tuple[str, ...]:
    """Return what an item is like, as far as its kinds, rating and keywords let one guess."""
    return tuple(tone for tone, entry in _tones().items() if _is(item, entry))


def blends(item: Item) -> tuple[str, ...]:
    """Return the kinds made of several that an item is: a romantic comedy, anime."""
    return tuple(name for name, parts in _blends().items() if all(_has(item, values) for values in parts))


def blended(name: str) -> frozenset[str]:
    """Return the kinds that a blend is made of; none for what is no blend."""
    entry = table("blends").get(name, {"all": ()})
    return frozenset(kind for values in entry["all"] for kind in values.get("genres", ()))


def told_words() -> Mapping[str, Sequence[str]]:
    """Return the words that people use for each tone and blend."""
    return {name: entry["words"] for name, entry in (*table("tones").items(), *table("blends").items())}


@cache
def _tones() -> Mapping[str, Mapping[str, _Values]]:
    return {
        name: {kind: _sets(values) for kind, values in entry.items() if kind != "words"}
        for name, entry in table("tones").items()
    }


@cache
def _blends() -> Mapping[str, Sequence[_Values]]:
    return {name: tuple(map(_sets, entry["all"])) for name, entry in table("blends").items()}


def _sets(values: Mapping[str, Sequence[str]]) -> _Values:
    return {name: frozenset(own) for name, own in values.items()}


def _is(item: Item, entry: Mapping[str, _Values]) -> bool:
    if _has(item, entry.get("none", {})):
        return False
    unsaid = any(not item.values(name) and _has(item, {"genres": k}) for name, k in entry.get("unsaid", {}).items())
    return unsaid or _has(item, entry["any"])


def _has(item: Item, values: _Values) -> bool:
    for name, wanted in values.items():
        if not wanted.isdisjoint(item.values(name)):
            return True
    return False
