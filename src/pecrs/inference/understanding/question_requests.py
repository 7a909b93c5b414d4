"""Questions that ask for items, though they read as if they asked of one: "is there a third one that's funnier?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise

from pecrs.inference.understanding.pointing import points_back
from pecrs.inference.understanding.reading import Reading
from pecrs.inference.understanding.works import asks_together
from pecrs.linking.lexicon import OPENING
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
_WHICH_SHOULD = re.compile(
    r"\b(?:what|which)(?:['’]?s)? (?:of )?(?:(?!of\b|is\b|are\b)[\w'’&.-]+ ){0,8}?"
    r"(?:(?:should|shall|could|can|might|must) (?:i|we)(?: (?:all|both|two|then|now|next))*"
    r" (?:watch|see|read|try|put on|get|pick|enjoy|start with|begin with)\b(?! (?:it|that|them)\b)|"
    r"(?:films?|movies?|pictures?|books?|one|ones)\b[^.?!,;]{0,50}?"
    r"(?:\b(?:would|do|can) (?:you|u) (?:recommend|suggest)\b|"
    r"\b(?:is|are|would be) (?:the )?(?:best|good) (?:for|to|as)\b))",
    re.IGNORECASE,
)
"""What asks for an item of some kind, or of somebody's: "which heist film with Al Pacino should we see?"."""

_FRAGMENT = re.compile(
    rf"^\W*{OPENING}(?:(?:maybe|perhaps|or|and|preferably|ideally|but)\W+)*(?:set (?:in|on|at|during)|taking place in|"
    r"about|with|without|from|by|starring|featuring|in (?:space|the)\b|under|over)\b"
    r"(?![^?]*\b(?:it|that|this|is|was|are|does|did|has|have|he|she|they|what|who)\b)[^?]*\?\W*$",
    re.IGNORECASE,
)
"""What goes on with a request: "set in space?"."""

_MOST = re.compile(
    r"\b(?:what|which)(?:['’]?s| is| are| was)? (?:the |your )(?:\w+est|most \w+|least \w+)\b[^.?!]*"
    r"(?:\b(?:you|u) (?:know|have|got|carry|can find)|\bof (?:your|all)|"
    r"\bin (?:your|the) (?:catalogue|list|collection)|\bthere is|\bever)\b",
    re.IGNORECASE,
)
"""What asks for the most or the least of all there is: "what's the shortest comedy you know?"."""

_SEEN = re.compile(r"\b(?:seen|saw|watch(?:ed)?|read|know|own)\b", re.IGNORECASE)
_SWAYED = ("ask_fact", "compare", "small_talk", "ask_why", "inform")


def requesting(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading in which such a question asks for items, and wants what it says of them.

    Args:
        reading: As it was read.
        people: Fields that hold people.
    """
    reading = _levelled(reading, people)
    own, text = _own(reading), reading.text
    should = _WHICH_SHOULD.search(text) if own else None
    plain = _THERE_ONE.search(text) is not None
    if not reading.items:
        persons = {value.key for value in own if is_of(value, *people)}
        such = _SUCH.search(text) is not None and bool(own) and not reading.unknown
        both = len(persons) > 1 and asks_together(text) and not points_back(text)
        beside = bool(persons) and _IN_ANYTHING.search(text) is not None
        most = bool(own) and _MOST.search(text) is not None
        plain = plain or such or both or beside or most or (bool(own) and _FRAGMENT.match(text) is not None)
    if not (plain or should):
        return reading
    start = 0 if plain or should is None else should.start()
    acts = {**reading.acts, **dict.fromkeys(_SWAYED, 0.0), "ask_recommendation": 1.0}
    acts |= {} if _SEEN.search(text) else {"seen": 0.0}
    items = tuple(replace(entry, role="incidental") if entry.role == "ask" else entry for entry in reading.items)
    return replace(
        reading,
        acts=acts,
        items=items,
        values=tuple(read.as_wanted() if start <= read.value.start else read for read in reading.values),
    )


def _own(reading: Reading) -> list[FacetValue]:
    """Return the catalogue's values that a message says."""
    return [read.value for read in reading.values if isinstance(read.value, FacetValue)]


def _levelled(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading in which people named side by side are wanted alike: "with both Pitt and Freeman"."""
    values = list(reading.values)
    for place, (one, two) in enumerate(pairwise(reading.values)):
        persons = all(is_of(r.value, *people) for r in (one, two))
        between = reading.text[one.value.end : two.value.start]
        if persons and _AND.fullmatch(between) and {one.role, two.role} in _UNEVEN:
            values[place], values[place + 1] = one.as_wanted(), two.as_wanted()
    return replace(reading, values=tuple(values))


_AND = re.compile(r"\s*(?:,|and|n|&|\+|with)\s*", re.IGNORECASE)
_UNEVEN = ({"want", "incidental"}, {"want", "ask"})


def asks_for_such(reading: Reading) -> bool:
    """Tell whether a message asks if there is an item of some kind: "is there one about robots?"."""
    about = reading.items or points_back(reading.text) or reading.facts[:1] == ("series",)
    return not about and _SUCH_ONE.search(reading.text) is not None


_SOME = r"(?:one|any|anything|something|a|an|some)\b"
_SUCH_ONE = re.compile(rf"\b(?:is|are) there {_SOME}|\b(?:have|got) (?:you )?{_SOME}", re.IGNORECASE)
