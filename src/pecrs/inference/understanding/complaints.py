"""What somebody complains of: "why do you keep giving me westerns?", "why all the action stuff?".

It asks for no reason: what is complained of is refused, and something else is wanted. Source: design section 4.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pecrs.inference.understanding.corrections import SAID
from pecrs.inference.understanding.reading import Reading

_GIVING = (
    r"(?:giv(?:e|ing)|show(?:ing)?|suggest(?:ing)?|recommend(?:ing)?|offer(?:ing)?|nam(?:e|ing)|tell(?:ing)?|"
    r"list(?:ing)?|push(?:ing)?|com(?:e|ing) (?:up|back)|go(?:ing)? (?:on|back)|pick(?:ing)?|send(?:ing)?|"
    r"throw(?:ing)?|propos(?:e|ing)|bring(?:ing)?)\b"
)
_AGAIN = r"(?:keep|kept|always|constantly|only ever|insist on)"
_PLEASE = r"(?:^|[.!?,] )\W*(?:(?:please|pls|just|can you|ok|no) )*"
_AGE = r"(?!\d|three|four|five|six|seven|eight|nine|ten|from|for)"
_COMPLAINS = re.compile(
    rf"\bwhy (?:(?:on earth|the hell|the heck) )?(?:(?:do|are|did|would|have) )?(?:you|u|"
    rf"ya) {_AGAIN} (?:on )?{_GIVING}|"
    rf"\bwhy (?:are|r) (?:you|u) {_AGAIN} {_GIVING}|"
    rf"\b(?:you|u|ya) (?:keep|kept) (?:on )?{_GIVING}|{_PLEASE}(?:stop|quit) {_GIVING}|"
    rf"\b(?:why|what['’]?s with|whats up with|enough (?:with|of)) (?:all (?:the|these|this)|so many|only {_AGE}|always|"
    r"more|yet another|"
    r"another|(?:the|these|this)(?= (?:[\w-]+ ){1,3}(?:stuff|things|films|movies|flicks|books|ones|crap|nonsense|"
    r"rubbish|again)\b))",
    re.IGNORECASE,
)
_END = re.compile(rf"[,.;!?]|\b(?:when|but|i want)\b|{SAID}", re.IGNORECASE)


def complains(text: str) -> bool:
    """Tell whether a message complains of what is offered again and again.

    >>> complains("WHY do u keep giving me westerns??"), complains("why this one?")
    (True, False)
    """
    return _COMPLAINS.search(text) is not None


def complaining(reading: Reading) -> Reading:
    """Return a reading in which what is complained of is refused, and what was said to be wanted is.

    Args:
        reading: As its plain words put it right.
    """
    match = _COMPLAINS.search(reading.text)
    if match is None:
        return _reminding(reading)
    end = _END.search(reading.text, match.end())
    last = len(reading.text) if end is None else end.start()
    values = tuple(
        replace(read, role="avoid" if match.start() <= read.value.start < last else read.role)
        for read in reading.values
    )
    items = tuple(
        replace(entry, role="avoid" if entry.start < last else "like") if match.start() <= entry.start else entry
        for entry in reading.items
    )
    answered = dict.fromkeys(
        ("ask_why", "ask_fact", "small_talk", "ask_list", "accept", "off_topic", "seen", "praise"), 0.0
    )
    return replace(reading, acts={**reading.acts, **answered, "reject": 1.0, "refine": 1.0}, values=values, items=items)


def _reminding(reading: Reading) -> Reading:
    """Return a reading in which what somebody has said not to want is refused once more: "I said no westerns!"."""
    match = _SAID_NOT.search(reading.text)
    if match is None:
        return reading
    end = _END.search(reading.text, match.end())
    clause = range(match.end(), len(reading.text) if end is None else end.start())
    if not any(read.value.start in clause for read in reading.values):
        return reading
    values = tuple(replace(read, role="avoid") if read.value.start in clause else read for read in reading.values)
    acts = {**reading.acts, "accept": 0.0, "small_talk": 0.0, "reject": 1.0, "refine": 1.0}
    return replace(reading, acts=acts, values=values)


_SAID_NOT = re.compile(rf"{SAID} (?:no|not|nothing|without|i (?:did|do)(?:n['’]?t| not) want)\b", re.IGNORECASE)
