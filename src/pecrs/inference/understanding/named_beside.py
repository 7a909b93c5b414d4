"""Questions that go on about what the sentence before them named: an item that is there, or a name that is missing.

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.inference.moves import Move, MoveKind, Situation
from pecrs.inference.understanding.pointing import points_back
from pecrs.inference.understanding.reading import OTHER, Reading, asks_for_items, is_question, key_of

_SIMILAR = re.compile(
    r"\b(?:is|are)(?:n['’]?t)? (?:it|that|this|they) (?:\w+ )?"
    r"(?:similar|alike|comparable|(?:a bit )?like (?:it|that|this)|the same (?:kind|sort|thing))\b(?! to \w{5})",
    re.IGNORECASE,
)


def likened(part: Reading, named: str, situation: Situation) -> Move | None:
    """Compare the item that the sentence before named with the offer, where is asked if it is like it."""
    if not named or part.items or not situation.offered or named == situation.offered[0]:
        return None
    return Move(MoveKind.COMPARE, (named, situation.offered[0])) if _SIMILAR.search(part.text) else None


def named_in(part: Reading, reading: Reading) -> tuple[str, ...]:
    """Return the items that a sentence of a message names, those included that only the whole message has as items."""
    whole = (entry for entry in reading.items if entry.start < entry.end)
    inside = tuple(entry.item for entry in whole if reading.text[entry.start : entry.end] in part.text)
    return tuple(entry.item for entry in part.items) or inside


def wants_beside(reading: Reading) -> bool:
    """Tell whether a message says what is wanted, beside questions about what it names."""
    of_it = [part for part in reading.parts if is_question(part.text) and points_back(part.text)]
    of_it = [part for part in of_it if not (part.items or (asks_for_items(part) and OTHER.search(part.text)))]
    asked = {key_of(read.value) for part in of_it for read in part.values}
    return any(read.role not in ("incidental", "ask") and key_of(read.value) not in asked for read in reading.values)
