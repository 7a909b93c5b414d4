"""Sentences that have the sign of a question and ask nothing: surprise, anger, protest.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from pecrs.data.acts import REQUESTS
from pecrs.linking.values import FacetValue, is_of

if TYPE_CHECKING:
    from pecrs.inference.understanding.reading import Reading, ReadValue


def exclaims(text: str) -> bool:
    """Tell whether a sentence is nothing but surprise or anger, whatever its sign: "What?", "lol what"."""
    return _EXCLAIMS.match(text) is not None


_EXCLAIMS = re.compile(
    r"^\W*(?:(?:lol|lmao|omg|wtf|haha|what|huh|eh|um+|no|nope|seriously|really|come on|dude|man|bruh|excuse me|sorry|"
    r"are you (?:serious|kidding|joking)|r u (?:serious|kidding|joking))\b\W*)+$",
    re.IGNORECASE,
)


def protesting(part: Reading, reading: Reading) -> bool:
    """Tell whether a sentence of a message is but a protest, where another one asks for items or refuses some.

    Args:
        part: The sentence.
        reading: The message.
    """
    others = [other for other in reading.parts if other is not part and not other.text.rstrip().endswith("?")]
    return may_protest(part.text) and any(other.has(*REQUESTS, "reject", "seen", "clarify") for other in others)


def may_protest(text: str) -> bool:
    """Tell whether a sentence with the sign of a question may be but a protest: "zombies? for a child?".

    >>> may_protest("Heat on a first date?"), may_protest("Is Heat long?"), may_protest("What has it to do with Heat?")
    (True, False, True)
    """
    return _TO_DO_WITH.search(text) is not None or (text.rstrip().endswith("?") and _ASKS.search(text) is None)


_TO_DO_WITH = re.compile(r"\bwhat (?:has|have|does|do|is)\b[^.?!]*\b(?:to )?do(?:ing)? with\b", re.IGNORECASE)
_ASKS = re.compile(
    r"\b(?:wh(?:o|os|ose|at|ats|en|ens|ere|eres|ich|y)|how|hows|is|are|was|were|does|do|did|has|have|had|can|could|"
    r"would|will|should|shall|may|might|any\w*|some|about|more|or|year(?!s?[- ]old)|director|cast|length|plot|rating|"
    r"runtime|right|no|yes|ok|okay|please|maybe|else|like|\w+n['’]?t)\b",
    re.IGNORECASE,
)


def remarking(reading: Reading, people: Collection[str], has: Callable[[FacetValue], bool]) -> Reading:
    """Return a reading that asks for nobody who is only remarked on, "yesss gene wilder!", and nothing that is quoted.

    Args:
        reading: As it was read.
        people: Fields that hold people.
        has: Whether what was offered last has a value.
    """
    values = tuple(
        replace(read, role="incidental")
        if _quoted(reading.text[: read.start])
        or (read.role in ("want", "like") and _remarked(reading, read, people, has))
        else read
        for read in reading.values
    )
    return reading if values == reading.values else replace(reading, values=values)


def _quoted(before: str) -> bool:
    """Tell whether words right before something say that an offer is said to be so: "that says heavy and Polish"."""
    return _SAYS.search(before) is not None


_SAYS = re.compile(r"\b(?:that|this|it) (?:says?|said|reads)\b[^.?!,;]*$", re.IGNORECASE)


def _remarked(reading: Reading, read: ReadValue, people: Collection[str], has: Callable[[FacetValue], bool]) -> bool:
    """Tell whether somebody of what was offered is named without a word that asks for them."""
    if not (isinstance(read.value, FacetValue) and is_of(read.value, *people) and has(read.value)):
        return False
    before = reading.text[: read.start]
    told = re.search(r"[^.?!]*$", before)
    clause = told.group() if told else ""
    led = _DELIGHT.search(before) is not None or _SEEN.search(clause) is not None
    return led and _FOR_MORE.search(clause) is None


_DELIGHT = re.compile(
    r"(?:^|[.!?,;]\s*)(?:ye+s+|ya+s+|ha(?:ha)*|lol|omg|o+h+|aw+|wow|love(?: me)?(?: (?:a bit of|some))?|good old|"
    r"mm+|nice)[\s,!]+(?:(?:it['’]?s|its|i love|love|the)\s+)?$",
    re.IGNORECASE,
)
_SEEN = re.compile(r"\b(?:seen|saw|watched|know|knew|got) (?:it|that|this|them)\b", re.IGNORECASE)
_FOR_MORE = re.compile(
    r"\b(?:more|another|other|else|want|some|something|anything|any|one|with|by|starring|from|like)\b[^.?!]{0,15}$",
    re.IGNORECASE,
)
