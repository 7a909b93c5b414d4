"""What items are like where no field says so, guessed from fields that do: light, heavy, violent, explicit.

Replies say that it is a guess. Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pecrs.data.catalogue import Item
from pecrs.linking.descriptions import table

TONE = "tone"
"""Stands for what an item is like; its values are the entries of ``tones.yaml``."""


def tones(item: Item) -> tuple[str, ...]:
    """Return what an item is like, as far as its kinds, rating and keywords let one guess."""
    return tuple(tone for tone, entry in table("tones").items() if _is(item, entry))


def tone_words() -> Mapping[str, Sequence[str]]:
    """Return the words that people use for each tone."""
    return {tone: entry["words"] for tone, entry in table("tones").items()}


def _is(item: Item, entry: Mapping[str, Mapping[str, Sequence[str]]]) -> bool:
    if _has(item, entry.get("none", {})):
        return False
    unsaid = any(not item.values(name) and _has(item, {"genres": k}) for name, k in entry.get("unsaid", {}).items())
    return unsaid or _has(item, entry["any"])


def _has(item: Item, values: Mapping[str, Sequence[str]]) -> bool:
    return any(not set(wanted).isdisjoint(item.values(name)) for name, wanted in values.items())
