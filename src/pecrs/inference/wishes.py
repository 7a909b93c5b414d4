"""Questions that ask for items, though they read as if they asked of one: "is there a third one that's funnier?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise

from pecrs.inference.pointing import points_back
from pecrs.inference.reading import Reading, ReadValue
from pecrs.inference.settling import OPENING
from pecrs.inference.works import asks_together
from pecrs.linking.values import FacetValue

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

_WHICH_SHOULD = re.compile(
    r"\b(?:what|which)(?:['’]?s)? (?:of )?(?:[\w'’.-]+ ){0,4}?(?:films?|movies?|pictures?|books?|one|ones)\b"
    r"[^.?!,;]{0,50}?"
    r"(?:\b(?:should|shall|could|can|must) (?:i|we)\b|\b(?:would|do|can) (?:you|u) (?:recommend|suggest)\b|"
    r"\b(?:is|are|would be) (?:the )?(?:best|good) (?:for|to|as)\b)",
    re.IGNORECASE,
)
"""What asks which item of a kind, or of somebody, to begin with."""

_FRAGMENT = re.compile(
    rf"^\W*{OPENING}(?:(?:maybe|perhaps|or|and|preferably|ideally|but)\W+)*(?:set (?:in|on|at|during)|taking place in|"
    r"about|with|without|from|by|starring|featuring|in (?:space|the)\b|under|over)\b"
    r"(?![^?]*\b(?:it|that|this|is|was|are|does|did|has|have|he|she|they|what|who)\b)[^?]*\?\W*$",
    re.IGNORECASE,
)
"""What goes on with a request: "set in space?"."""

_SEEN = re.compile(r"\b(?:seen|saw|watch(?:ed)?|read|know|own)\b", re.IGNORECASE)
_SWAYED = ("ask_fact", "compare", "small_talk", "ask_why", "inform")


def wishing(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading in which such a question asks for items, and wants what it says of them.

    Args:
        reading: As it was read.
        people: Fields that hold people.
    """
    reading = _levelled(reading, people)
    said, text = bool(_own(reading)), reading.text
    persons = {value.key for value in _own(reading) if value.fields[0] in people}
    if reading.items:
        wishes = _THERE_ONE.search(text) is not None
    else:
        such = _SUCH.search(text) is not None and said and not reading.unknown
        both = len(persons) > 1 and asks_together(text) and not points_back(text)
        beside = bool(persons) and _IN_ANYTHING.search(text) is not None
        begun = said and (_WHICH_SHOULD.search(text) is not None or _FRAGMENT.match(text) is not None)
        wishes = such or both or beside or begun or _THERE_ONE.search(text) is not None
    if not wishes:
        return reading
    acts = {**reading.acts, **dict.fromkeys(_SWAYED, 0.0), "ask_recommendation": 1.0}
    acts |= {} if _SEEN.search(text) else {"seen": 0.0}
    items = tuple(replace(entry, role="incidental") if entry.role == "ask" else entry for entry in reading.items)
    return replace(reading, acts=acts, items=items, values=tuple(_wanted(read) for read in reading.values))


def _own(reading: Reading) -> list[FacetValue]:
    """Return the catalogue's values that a message says."""
    return [read.value for read in reading.values if isinstance(read.value, FacetValue)]


def _levelled(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading in which people named side by side are wanted alike: "with both Pitt and Freeman"."""
    values = list(reading.values)
    for place, (one, two) in enumerate(pairwise(reading.values)):
        persons = all(isinstance(r.value, FacetValue) and r.value.fields[0] in people for r in (one, two))
        between = reading.text[one.value.end : two.value.start]
        if persons and _AND.fullmatch(between) and {one.role, two.role} in _UNEVEN:
            values[place], values[place + 1] = _wanted(one), _wanted(two)
    return replace(reading, values=tuple(values))


_AND = re.compile(r"\s*(?:,|and|n|&|\+|with)\s*", re.IGNORECASE)
_UNEVEN = ({"want", "incidental"}, {"want", "ask"})


def _wanted(read: ReadValue) -> ReadValue:
    return replace(read, role="want") if read.role in ("ask", "incidental") else read
