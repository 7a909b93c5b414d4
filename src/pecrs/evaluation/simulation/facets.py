"""What a simulated user wants of an item: values of the catalogue's own fields, and decades."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.fuzz import partial_ratio

from pecrs.data.catalogue import Item
from pecrs.data.templates.values import read_wordings

SLOTS: tuple[str, ...] = ("genre", "keyword", "director", "actor", "writer", "person")
"""Kinds of facets beside decades; a field belongs to the first that lists it."""

DECADE = "decade"
_SPELLED_ALIKE = 90
_FUZZY_FROM = 8
_LONGEST_KEYWORD = 2


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing that an item has or has not.

    Attributes:
        slot: One of :data:`SLOTS`, or ``decade``.
        value: As the catalogue writes it; the first year of a decade.
        refused: Whether the item must not have it.
    """

    slot: str
    value: str
    refused: bool = False

    def holds(self, item: Item) -> bool:
        """Tell whether an item is as wanted; what is not known of an item is not there."""
        if self.slot == DECADE:
            has = item.year is not None and item.year // 10 * 10 == int(self.value)
        else:
            has = self.value.lower() in (value.lower() for value in slot_values(item, self.slot))
        return has is not self.refused

    def breaks(self, item: Item) -> bool:
        """Tell whether an item is known not to be as wanted."""
        known = item.year is not None if self.slot == DECADE else bool(slot_values(item, self.slot))
        return known and not self.holds(item)

    def __str__(self) -> str:
        """Return it in words: ``not horror``, ``1990s``."""
        return f"{'not ' if self.refused else ''}{self.value}{'s' if self.slot == DECADE else ''}"


def slot_fields(slot: str) -> tuple[str, ...]:
    """Return the fields of a catalogue that belong to a slot."""
    fields: Mapping[str, Sequence[str]] = read_wordings("values")["fields"]
    earlier = {name for before in SLOTS[: SLOTS.index(slot)] for name in fields[before]}
    return tuple(name for name in fields[slot] if name not in earlier)


def slot_values(item: Item, slot: str) -> tuple[str, ...]:
    """Return an item's values of a slot."""
    return tuple(value for name in slot_fields(slot) for value in item.values(name))


def facets_of(item: Item) -> dict[str, tuple[Facet, ...]]:
    """Return what may be told of an item without its title, by slot; empty slots are left out.

    Values that spell the title, or that the title spells, tell it and are left out; so are long keywords.
    """
    found = {slot: tuple(Facet(slot, value) for value in slot_values(item, slot)) for slot in SLOTS}
    found["keyword"] = tuple(f for f in found["keyword"] if len(f.value.split()) <= _LONGEST_KEYWORD)
    if item.year is not None:
        found[DECADE] = (Facet(DECADE, str(item.year // 10 * 10)),)
    told = {slot: tuple(f for f in facets if not _tells(f.value, item.title)) for slot, facets in found.items()}
    return {slot: facets for slot, facets in told.items() if facets}


def _tells(value: str, title: str) -> bool:
    return title_said(title, [value]) or title_said(value, [title])


def title_said(title: str, texts: Iterable[str]) -> bool:
    """Tell whether texts spell a title, in any case and punctuation, long titles also with slips of the keyboard.

    >>> title_said("The Matrix", ["have you got the matrix?"]), title_said("Alien", ["aliens, please"])
    (True, False)
    """
    words = _plain(title)
    if not words:
        return False
    said = [_plain(text) for text in texts]
    if any(f" {words} " in f" {text} " for text in said):
        return True
    return len(words) >= _FUZZY_FROM and any(
        len(text) >= len(words) and partial_ratio(words, text) >= _SPELLED_ALIKE for text in said
    )


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower().replace("'", "").replace("’", "")))
