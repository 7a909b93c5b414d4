"""Messages that put right which item is meant: "I meant Heat", "no, the 1982 one", "I didn't say About a Boy".

What was asked before is asked again of the item that is meant. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from pecrs.data.acts import QUESTIONS, REQUESTS
from pecrs.inference.understanding.pointing import NOUNS
from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue, asks_for_items, is_question
from pecrs.inference.understanding.refusals import NOT
from pecrs.linking.facets import value_key
from pecrs.linking.lexicon import OPENING
from pecrs.linking.spans import spans_of, without_spans

MEANT = (
    r"\b(?:i|we)(?: was| were)?(?: just| actually| really| obviously)? "
    r"(?:mean|meant|said|asked (?:about|for)|(?:asking|talking) (?:about|of))\b"
)
SAID = (
    r"\b(?:i|we)(?:['’]?m| was)? (?:(?!never|didnt|dont)\w+ )?"
    r"(?:said|asked(?: for)?|asking for|told (?:you|u)|wanted|specified|meant)\b"
)
"""Before what somebody says again to have asked for."""

_MEANT = re.compile(MEANT, re.IGNORECASE)
_LEAD = rf"^\W*{OPENING}(?:not that\W+{OPENING})?"
_THE_ONE = re.compile(
    rf"{_LEAD}(?:the|that)\s+(?:[\w'’-]+\s+){{0,4}}?(?:{NOUNS}|version|remake|reboot|original)\b", re.IGNORECASE
)
_TOLD = re.compile(rf"\W*(?:the|that)\s+(?:[\w'’-]+\s+){{0,3}}?(?:{NOUNS}|version)\b", re.IGNORECASE)
_DENIES = re.compile(
    r"\b(?:(?:i|we) (?:(?:did|do)(?:n['’]?t| not)|never) (?:even |ever |actually )?"
    r"(?:say|said|mean|meant|mention(?:ed)?|ask(?:ed)?|talk(?:ed)?|want(?:ed)?|name[d]?|like[d]?)|"
    r"who (?:said|mentioned|asked)|nobody (?:said|mentioned|asked))"
    r"(?: (?:anything|a word|something|that))?(?: (?:i|we) (?:like|love|want)(?:d|ed)?)?"
    r"(?: (?:about|for|of|the (?:film|movie|book)))*\s*[\"'“‘]?$",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"^(?:\W|\b(?:the|one|what|about|n|ok|okay|ah|oh|cool|nice|thanks|thx|film|movie|book|version|remake|reboot|original|with|by|from|of|starring|where|that|in|"
    r"which|you|showed|named|me|just|and|is|it|was|its|please|lol|title|called|second|first|third|last|i|mean|meant|no|ok|sorry)\b)*$",
    re.IGNORECASE,
)


def without_denied(reading: Reading) -> Reading:
    """Return a reading without the items of which the person says that they were never meant.

    Args:
        reading: As it was read.
    """
    denied = [entry for entry in reading.items if _DENIES.search(reading.text[: entry.start])]
    if not denied:
        return reading
    kept = tuple(entry for entry in reading.items if entry not in denied)
    return replace(reading, items=kept, unmeant=tuple(entry.item for entry in denied))


_NOT_CALLED = re.compile(
    rf"{NOT} (?:have to|need to|necessarily|supposed to)? ?(?:be|is)? ?"
    r"(?:called|named|titled|have (?:it|that|\w+) in (?:the|its) (?:title|name))\b|"
    rf"{NOT} (?:mean|want|asking for|looking for) (?:a|the) (?:film|movie|book|one) "
    r"(?:called|named|titled)\b",
    re.IGNORECASE,
)


def not_called(text: str) -> bool:
    """Tell whether a message is against an offer that only is called like a word of the request.

    >>> not_called("it doesn't have to be called Friday")
    True
    """
    return _NOT_CALLED.search(text) is not None


def says_meant(text: str) -> bool:
    """Tell whether a message says what was meant: "no I meant Heat"."""
    return _MEANT.search(text) is not None


def resumed(
    reading: Reading, before: Reading, title: Callable[[str], str], has: Callable[[str, ReadValue], bool]
) -> Reading:
    """Return what a correction asks: what the message before asked, of the item that is meant now.

    Args:
        reading: The message.
        before: The message before it, as it was understood.
        title: Returns what an item is called, folded.
        has: Tells whether an item has a value.
    """
    meant = _meant(reading, before, title)
    if meant is None:
        return reading
    wrong = tuple(
        entry.item for entry in before.items if entry.item != meant.item and title(entry.item) == title(meant.item)
    )
    said = replace(reading, unmeant=(*reading.unmeant, *wrong))
    if any(part is not _part_of(reading, meant) and _says_more(part) for part in reading.parts):
        return _example(said, meant, has)
    asked = _pending(before)
    if asked is None:
        return _request_before(said, before, meant, wrong)
    items = _with(asked, meant, wrong)
    acts = {**asked.acts, "seen": 0.0, "reject": 0.0}
    about = not asked.has("compare", "ask_why") and asked.facts[:1] in (("plot",), ("other",)) and not asked.values
    return replace(asked, acts=acts, items=items, parts=(), about=about, unmeant=said.unmeant)


def _meant(reading: Reading, before: Reading, title: Callable[[str], str]) -> ReadItem | None:
    """Return the item that a message says was meant; None where it is no correction."""
    if before.has("ask_fact") and before.items and _asks_too(reading):
        return reading.items[0]
    again = re.match(rf"{_LEAD}(?:the|that)\b", reading.text, re.IGNORECASE) is not None  # "no, the remake"
    named = [entry for entry in reading.items if again or entry.role not in ("dislike", "avoid")]
    if not named or (not reading.parts and is_question(reading.text)):
        return None
    match = _MEANT.search(reading.text)
    if not_called(reading.text):
        return None
    if match is not None:
        told = next((entry for entry in named if entry.start >= match.end()), None)
        between = "" if told is None else reading.text[match.end() : told.start]
        return None if _LIKE_IT.search(between) or _FAR.search(between) else told
    if _is_title_told(reading, named[0]) and (before.has(*QUESTIONS) or _is_in(title(named[0].item), before.text)):
        return named[0]
    if _THE_ONE.match(reading.text) and before.items and not reading.has("accept", "seen", *QUESTIONS):
        return named[-1] if _described(reading) else None
    waits = before.has(*QUESTIONS) and not before.items
    return named[0] if waits and _described(reading) else None


_LIKE_IT = re.compile(r"\b(?:like|similar to|along the lines of|in the (?:vein|style|spirit) of)\b", re.IGNORECASE)


_FAR = re.compile(r"[.?!]\s|(?:\w+\W+){5}")
"""What is too much between "I meant" and an item: "I was asking about ghosts. Are there any in Mother?"."""


def _asks_too(reading: Reading) -> bool:
    """Tell whether a message names one more item and nothing else, as a question does: "and the remake?"."""
    return len(reading.items) == 1 and _AND.match(reading.text) is not None and _described(reading)


_AND = re.compile(r"^\W*(?:(?:ok|okay|ah|oh|cool|nice|thanks|thx)\W+)*(?:and|n|&)\b", re.IGNORECASE)


def _is_in(title: str, text: str) -> bool:
    return bool(title) and f" {title} " in f" {value_key(text)} "


def _is_title_told(reading: Reading, first: ReadItem) -> bool:
    """Tell whether a message is a title and what tells its work apart: "Alien, the one with Sigourney Weaver"."""
    opens = re.fullmatch(_LEAD, reading.text[: first.start], re.IGNORECASE) is not None
    return opens and _TOLD.match(reading.text, first.end) is not None and _described(reading)


def _described(reading: Reading) -> bool:
    """Tell whether a message holds an item, what tells it apart, and nothing that is wanted beside."""
    return _BESIDE.match(without_spans(reading.text, spans_of([*reading.items, *reading.values]))) is not None


def _part_of(reading: Reading, meant: ReadItem) -> Reading | None:
    return next((part for part in reading.parts if any(entry.item == meant.item for entry in part.items)), None)


def _says_more(part: Reading) -> bool:
    return asks_for_items(part) or (part.has(*QUESTIONS) and is_question(part.text))


def _pending(before: Reading) -> Reading | None:
    """Return the question of a message: its last sentence that asks, or all of it."""
    if before.questions:
        return before.questions[-1]
    return before if before.has(*QUESTIONS) and not before.parts else None


def _with(asked: Reading, meant: ReadItem, wrong: Sequence[str]) -> tuple[ReadItem, ...]:
    """Return the items of a question with the one meant in its namesake's place; a comparison keeps the other."""
    others = [entry for entry in asked.items if entry.item not in (*wrong, meant.item)]
    kept = others[-1:] if asked.has("compare") else []
    return tuple(sorted([ReadItem(meant.item, "ask"), *kept], key=lambda entry: entry.start))


def _example(reading: Reading, meant: ReadItem, has: Callable[[str, ReadValue], bool]) -> Reading:
    """Return a request beside a correction: what only tells which item is meant is not asked for."""
    own = _part_of(reading, meant)
    told = {(read.value.end - read.value.start, read.role) for read in own.values} if own else set()
    values = tuple(
        replace(read, role="incidental")
        if (read.value.end - read.value.start, read.role) in told and read.role == "want" and has(meant.item, read)
        else read
        for read in reading.values
    )
    items = tuple(replace(entry, role="like") if entry.item == meant.item else entry for entry in reading.items)
    return replace(reading, items=items, values=values)


def _request_before(reading: Reading, before: Reading, meant: ReadItem, wrong: Sequence[str]) -> Reading:
    """Return the request before, like the item that is meant; a reading as it was where that was no example of it."""
    if not wrong or not before.has(*REQUESTS, "give_preference"):
        told = not says_meant(reading.text) and not _is_title_told(reading, meant)
        return reading if told else _told(reading, meant)
    items = tuple(replace(entry, item=meant.item) if entry.item in wrong else entry for entry in before.items)
    return replace(before, items=items, unmeant=reading.unmeant, acts={**before.acts, "ask_more": 1.0})


def _told(reading: Reading, meant: ReadItem) -> Reading:
    """Return a reading that asks what the item that is meant is about."""
    asked = reading.asking("give_preference", "reject", "small_talk")
    return replace(asked, items=(replace(meant, role="ask"),), values=(), facts=("plot",), about=True)
