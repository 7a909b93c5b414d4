"""Requests for the works of somebody: "what has she directed?", "anything by the guy who made Heat?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from pecrs.inference.understanding.reading import OTHER, Reading, ReadItem
from pecrs.linking.lexicon import OPENING
from pecrs.linking.values import is_of

_DONE = (
    r"(?:direct(?:ed)?|ma[dk]e|done|do|wr[io]te|written|shot|star(?:red)? in|been in|act(?:ed)? in|play(?:ed)? in|"
    r"appear(?:ed)? in)\b"
)
_SOMEBODY = (
    r"(?:whoever|(?:the|that|this) (?:same )?(?:directors?|actors?|actress|writers?|authors?|guys?|man|woman|lady|"
    r"dude|person|people|ones?|star|lead)\b)"
)
_WORKS = re.compile(
    rf"\b(?:what|which) (?:else |other [\w-]+ |all |films? |movies? |books? )?(?:has|have|had|did|does)"
    rf"(?:n['’]t)? (?:[\w.'’-]+ ){{1,5}}?{_DONE}|"
    r"\b(?:films?|movies?|books?|works?|stuff|things?|something|anything|one|another|more|others?|else|any|some)\b"
    rf"[^.?!]{{0,25}}?\b(?:by|from|of|with) (?:{_SOMEBODY}|hers\b|"
    r"his\b(?! (?!please|pls|then|too|instead|from|that|which|with|but|and|though|tho)\w)|theirs\b)|"
    rf"\b(?:did|has|have|does) (?:he|she|they) (?:also |ever )?{_DONE}\s+"
    r"(?:any(?:thing)?|something|other|others|another|more|some)\b|"
    r"\bthe same (?:director|writer|author|actor|actress|star) as\b|\bfilmography\b",
    re.IGNORECASE,
)
_ONE_OF_HIS = re.compile(r"\b(?:one|another)(?: one)? of (?:his|hers)\b", re.IGNORECASE)
"""What picks from somebody's works what fits all the rest."""

_TOGETHER = re.compile(
    r"\b(?:together|co-?star(?:red|s|ring)?|in (?:one|the same|a single|any) (?:film|movie|picture|thing|one)|"
    r"(?:work|play|act|appear|star)(?:ed|s|ing)? (?:ever )?(?:together |alongside |opposite |next to |beside )?"
    r"(?:with|alongside|opposite))\b",
    re.IGNORECASE,
)
"""What asks for items in which several people are."""

_EVER = re.compile(r"^[^?!]*?\b(?:has|have|had|did|were|was|are|is)(?:n['’]?t)?\b", re.IGNORECASE)
_PICKS = re.compile(r"\b(?:pick|choose|something|best|most|which|one|recommend|suggest|another)\b", re.IGNORECASE)
_ENDS = re.compile(r"[.?!]+\s")
_WHY = re.compile(rf"\W*{OPENING}why\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|instead of|rather than|over)\s+(?:the\s+)?$", re.IGNORECASE)


def asks_works(text: str) -> bool:
    """Tell whether a message asks for what somebody made or plays in, whatever was wanted before.

    >>> asks_works("what has Denis Villeneuve directed?"), asks_works("something by the sea")
    (True, False)
    """
    if _ONE_OF_HIS.search(text):
        return False
    return _WORKS.search(text) is not None or (asks_together(text) and _EVER.search(text) is not None)


def asks_together(text: str) -> bool:
    """Tell whether words are about items in which several people are: "has she ever acted with Tom Hanks?"."""
    return _TOGETHER.search(text) is not None


def wanting_works(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading that wants works of whom it names or means, where these are asked for.

    The item that only says who is meant is no example. Beside "why", what is set against an item is not refused.

    Args:
        reading: As it was read.
        people: Fields that hold people.
    """
    if reading.has("ask_why") or (_WHY.match(reading.text) and set_against(reading)):
        acts = {**reading.acts, "ask_why": 1.0, "affirm": 0.0}
        return replace(reading, acts=acts, items=tuple(_asked(reading, entry) for entry in reading.items))
    match = _WORKS.search(reading.text)
    if match is None:
        return reading
    meant = [r for r in reading.values if is_of(r.value, *people) and r.role not in ("avoid", "dislike")]
    if not meant:
        return reading
    begins = max((end.end() for end in _ENDS.finditer(reading.text, 0, match.start())), default=0)
    values = tuple(
        replace(read, role="want")
        if read in meant
        else replace(read, role="incidental")
        if read.role == "want" and read.value.start < begins
        else read
        for read in reading.values
    )
    items = tuple(
        replace(entry, role="incidental")
        if entry.start > match.start() and entry.role in ("ask", "want", "like")
        else entry
        for entry in reading.items
    )
    act = "ask_more" if OTHER.search(reading.text) else "ask_recommendation"
    several = {"ask_list": float(not (_PICKS.search(reading.text) or reading.items))}
    acts = {**reading.acts, "ask_fact": 0.0, "compare": 0.0, "small_talk": 0.0, act: 1.0} | several
    return replace(reading, acts=acts, values=values, items=items)


def set_against(reading: Reading) -> str:
    """Return the item that another one is set against: "why Heat and not Ronin?"; empty where there is none."""
    return next((entry.item for entry in reading.items if _NOT.search(reading.text[: entry.start])), "")


def _asked(reading: Reading, entry: ReadItem) -> ReadItem:
    against = _NOT.search(reading.text[: entry.start]) is not None
    return replace(entry, role="ask") if against else entry
