"""Questions whether an item has something in it, or does something to who sees it: "is there any blood in it?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from pecrs.inference.reading import Reading
from pecrs.linking.facets import KIND_FIELDS
from pecrs.linking.lexicon import OPENING
from pecrs.linking.tones import TONE
from pecrs.linking.values import FacetValue, is_of

_THERE = r"\b(?:is|are|was|were)(?:n['’]?t)? there\b"
_IN = re.compile(
    rf"{_THERE}(?P<what>[^.?!]*?)\bin(?:\s+(?:it|that|this|them|those|these|the (?:film|movie|book))\b|"
    r"(?:\s+the)?\s*$)",
    re.I,
)
_MUCH = re.compile(
    rf"{_THERE} (?:any|much|too much|so much|some|(?:a )?(?:lots?|bit|ton|tons|loads|bunch|good deal)(?: of)?)\s",
    re.IGNORECASE,
)
_EFFECT = re.compile(
    rf"^\W*{OPENING}(?:will|would|does|do|did|should|could|can|might|am|is)"
    r"(?:n['’]?t)? (?:it|that|this|i|we|my \w+)\b(?! (?:please )?(?:be|have)\b(?! (?:too|ok|okay|fine|cry)\b))",
    re.IGNORECASE,
)
_ITEMS = re.compile(r"\b(?:films?|movies?|books?|ones?|something|else|others?|another|like|similar)\b", re.IGNORECASE)
"""Words of who asks for an item rather than of one."""

_SWAYED = ("small_talk", "reject", "accept", "affirm", "seen", "inform", "give_preference", "off_topic", "compare")
"""Acts that such a question is easily taken for."""


def asks_content(text: str, item: int | None = None) -> bool:
    """Tell whether words ask what is in an item, and not whether there is one.

    >>> asks_content("is there anything scary in it?"), asks_content("is there anything scary?")
    (True, False)
    >>> asks_content("is there much swearing?"), asks_content("is there a film with blood in it?")
    (True, False)

    Args:
        text: A sentence.
        item: Where an item is named in it.
    """
    inside = _IN.search(text if item is None else text[:item])
    if inside is not None:
        return _ITEMS.search(inside["what"]) is None
    much = _MUCH.search(text)
    return much is not None and _ITEMS.search(text, much.end()) is None


def asking_content(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading in which such a question asks of an item, and wants nothing.

    Args:
        reading: As it was read.
        people: Fields that hold people.
    """
    values = [read.value for read in reading.values if isinstance(read.value, FacetValue)]
    tones = [value for value in values if value.fields[0] == TONE]
    named = reading.items[0].start if reading.items else None
    inside = _IN.search(reading.text) is not None
    if not inside and any(is_of(value, *KIND_FIELDS, *people) for value in values):
        return reading  # "are there any uplifting dramas?": what items are, and not what is in them
    asked = asks_content(reading.text, named) and (tones or (values and _IN.search(reading.text)))
    effect = tones and _EFFECT.match(reading.text) and not _ITEMS.search(reading.text)
    of_named = named is not None and values and asks_content(reading.text, named)
    if not (asked or of_named or effect):
        return reading
    return replace(reading.asking(*_SWAYED), values=tuple(replace(read, role="ask") for read in reading.values))
