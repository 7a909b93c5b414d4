"""Questions that ask for items, though they read as if they asked of one: "is there a third one that's funnier?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from pecrs.inference.reading import Reading, ReadValue
from pecrs.linking.values import FacetValue, is_of

_ITEM = r"(?:one|ones|films?|movies?|books?|anything|something)"
_THERE_ONE = re.compile(
    rf"\b(?:is|are) there (?:(?:a|an|another|some|any) ?)?(?:second|third|fourth|other|further|newer|older)? ?{_ITEM} "
    r"(?:that|which|who|with|about|where)\b(?! (?:i|we) (?:should|need|must)\b)",
    re.IGNORECASE,
)
_SUCH = re.compile(
    r"[,.?]\s*(?:(?:do|would) you (?:have|got|know)|have you(?: got)?|you got|got) (?:that|those|it|them|any|some)"
    r"(?: of (?:those|them|that))?\W*$",
    re.IGNORECASE,
)
_IN_ANYTHING = re.compile(
    r"\b(?:is|was|are|were|has|have|did|does)\b[^.?!]{2,40}?\b(?:anything|something|(?:an?|any) (?:films?|movies?)) "
    r"(?:else )?(?:with|alongside|opposite|next to)\b|"
    r"\b(?:films?|movies?|anything|something|ones?) (?:(?:that|which) )?"
    r"(?:with|have|has|had|starring|featuring) both\b|"
    r"\b(?:which|what|any) (?:films?|movies?) [^.?!]{3,60}\btogether\b",
    re.IGNORECASE,
)
_TO_SEE = re.compile(
    r"\b(?:what|which)(?! (?:ones? )?of\b)(?: (?!of\b|is\b|are\b)[\w'’&-]+){1,8}? (?:should|shall|could|can|might) "
    r"(?:i|we)(?: (?:all|both|two|then|now|next))* (?:watch|see|read|try|put on|get|pick|enjoy)\b"
    r"(?! (?:it|that|them)\b)",
    re.IGNORECASE,
)
"""What asks for an item of some kind: "which heist film with Al Pacino should we see?"."""

_SWAYED = ("ask_fact", "compare", "small_talk", "ask_why", "inform")


def requesting(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading in which such a question asks for items, and wants what it says of them.

    Args:
        reading: As it was read.
        people: Fields that hold people.
    """
    own = [read for read in reading.values if isinstance(read.value, FacetValue)]
    to_see = _TO_SEE.search(reading.text)
    persons = [read for read in own if is_of(read.value, *people)]
    such = _SUCH.search(reading.text) is not None and bool(own) and not (reading.items or reading.unknown)
    together = _IN_ANYTHING.search(reading.text) is not None and bool(persons) and not reading.items
    plain = such or together or _THERE_ONE.search(reading.text)
    if not (plain or to_see):
        return reading
    start, end = (0, len(reading.text)) if plain or to_see is None else to_see.span()
    acts = {**reading.acts, **dict.fromkeys(_SWAYED, 0.0), "ask_recommendation": 1.0}
    items = tuple(replace(entry, role="incidental") if entry.role == "ask" else entry for entry in reading.items)
    return replace(
        reading,
        acts=acts,
        items=items,
        values=tuple(_wanted(r) if start <= r.value.start < end else r for r in reading.values),
    )


def _wanted(read: ReadValue) -> ReadValue:
    return replace(read, role="want") if read.role in ("ask", "incidental") else read
