"""An item that a person names of their own accord and asks about, proposes or takes: no other one is wanted beside it.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pecrs.inference.understanding.further import further_start
from pecrs.inference.understanding.judging import IS
from pecrs.inference.understanding.pointing import points_back
from pecrs.inference.understanding.questions import asks_whether_needed
from pecrs.inference.understanding.reading import OTHER, Reading, ReadItem, is_question
from pecrs.inference.understanding.sentences import sentences
from pecrs.inference.understanding.settling import is_set_beside, settled_item, takes, takes_back_choice
from pecrs.inference.understanding.superlatives import superlative
from pecrs.linking.facets import KIND_FIELDS
from pecrs.linking.lexicon import OPENING
from pecrs.linking.spans import spans_of, without_spans
from pecrs.linking.values import FacetValue, is_of


def own_choice(reading: Reading, offered: Sequence[str]) -> str:
    """Return the item of their own that a person asks about, proposes or takes; nothing where others are wanted.

    Args:
        reading: A message.
        offered: Items of the latest reply that named any; what is said against them is a request for others.
    """
    spans, said = _said(reading)
    if (
        not spans
        or takes_back_choice(reading.text)
        or asks_for_others(reading)
        or superlative(reading.text) is not None
    ):
        return ""
    if reading.has("accept") or takes(reading.text):
        return settled_item(reading)
    against = reading.has("reject") and any(read.role in ("want", "avoid", "dislike") for read in reading.values)
    for place, (start, end) in enumerate(said):
        named = [entry for entry in reading.items if start <= entry.start < entry.end <= end]
        own = next((entry for entry in named if _may_be_meant(reading, entry, offered, against=against)), None)
        if own is not None and _is_at_issue(reading.text, said, place):
            return own.item
    return ""


def asks_for_others(reading: Reading) -> bool:
    """Tell whether a sentence of a message asks for an item that it does not name."""
    return any(_asks_for_others(reading, start, end) for start, end in _said(reading)[1])


def _said(reading: Reading) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return where a message names items, and where its sentences are."""
    spans = spans_of(entry for entry in reading.items if entry.start < entry.end)
    return spans, sentences(reading.text, spans)


def _may_be_meant(reading: Reading, entry: ReadItem, offered: Sequence[str], *, against: bool) -> bool:
    """Tell whether an item may be one that the person would see: no example, not turned down, not complained of."""
    before = reading.text[: entry.start]
    turned = entry.role in ("dislike", "avoid", "seen") or (against and entry.item in offered)
    return not (
        turned or entry.item in reading.unmeant or is_set_beside(reading.text, entry.start) or _WHY.search(before)
    )


def _is_at_issue(text: str, said: Sequence[tuple[int, int]], place: int) -> bool:
    """Tell whether a sentence asks about what it names, or the one behind it asks about "it"."""
    start, end = said[place]
    if is_question(text[start:end]) or _PROPOSES.search(text[start:end]):
        return True
    behind = text[slice(*said[place + 1])] if place + 1 < len(said) else ""
    return is_question(behind) and (points_back(behind) or _OF_IT.match(behind) is not None)


def _asks_for_others(reading: Reading, start: int, end: int) -> bool:
    """Tell whether a sentence asks for an item that is not named yet."""
    named = [entry for entry in reading.items if start <= entry.start < entry.end <= end]
    text = without_spans(reading.text[:end], spans_of(named))[start:]
    if asks_whether_needed(text):
        return False
    if named and _STATES.match(reading.text, named[0].end, end):
        return False
    if further_start(text) is not None or _REQUEST.search(text):
        return True
    if _SUGGEST.search(text) and reading.roles("like") and not (reading.has("compare") or reading.roles("ask")):
        return True
    if is_question(text) and (points_back(text) or _INSIDE.search(text)):
        return False
    wants = any(
        read.role == "want" and isinstance(read.value, FacetValue) and start <= read.value.start < end
        for read in reading.values
    )
    if named and _asks_for_kind_behind(reading, start, end):
        return True
    own = reading.text[start:end]
    asked = any(part.text == own and part.has("ask_recommendation") for part in reading.parts)
    phrase = (asked or _PHRASE.match(text) is not None) and not named
    return (wants and phrase) or (OTHER.search(text) is not None and not _INSTEAD.search(text))


def _asks_for_kind_behind(reading: Reading, start: int, end: int) -> bool:
    """Tell whether a sentence praises what it names and then asks for a kind: "I loved Heat, got any comedies?"."""
    match = _GOT_ANY.search(reading.text, start, end)
    if match is None or points_back(reading.text[match.end() : end]):
        return False
    praised = all(entry.role == "like" and entry.end <= match.start() for entry in reading.items if entry.start < end)
    kinds = [read for read in reading.values if is_of(read.value, *KIND_FIELDS) and read.role in ("want", "like")]
    return praised and any(match.end() <= read.start < end for read in kinds)


_SUGGEST = re.compile(
    r"\bwhat (?:would|do|should|could|can) (?:you|u|i|we) (?:pick|choose|suggest|recommend|watch|see|read|try)\b"
    r"(?! (?:it|that|this|between|of|from)\b)|\bwhat (?:am|are) (?:i|we) missing\b|\bwhat(?:['’]?s| is)? next\b",
    re.IGNORECASE,
)
"""What asks for items behind some that were liked: "I liked Drive and Heat. what would you pick?"."""

_GOT_ANY = re.compile(
    r",?\s(?:(?:so|and|now)\s+)?(?:(?:have you |you )?got|do you (?:have|know)|(?:is|are) there|know)?\s*\bany\b",
    re.IGNORECASE,
)
_WHY = re.compile(r"\b(?:why|what['’]?s with|forget|not|no)\s+(?:on earth |the )?$", re.IGNORECASE)
"""Before what somebody wonders at, or will not have."""

_PROPOSES = re.compile(
    r"\b(?:maybe|perhaps|what about|how about|rather|i (?:asked|was asking|am asking) (?:about|for)|"
    r"(?:i['’]?d|we['’]?d|i would|we would) (?:happily |gladly |rather )?(?:watch|see|take|read))\b",
    re.IGNORECASE,
)
_OF_IT = re.compile(rf"^\W*{OPENING}(?:how|who|when|what|any|is|was|does)\w*\b", re.IGNORECASE)
_INSIDE = re.compile(r"\b(?:in|about|of|with|happens? in) (?:it|that|this)\b|\bthere (?:any|some)\b", re.IGNORECASE)
"""In questions about what happens in an item, whatever else they seem to ask for."""

_INSTEAD = re.compile(r"\b(?:anything|something|someone|somebody|anybody|anyone|what|who|nobody|nothing) else\b", re.I)
_REQUEST = re.compile(
    r"\b(?:like|similar to) (?:it|that|this|those|these|them)\b(?! (?:is|was)\b)|"
    r"\b(?:(?:recommend|suggest)\b|(?:give|show|find|get) (?:me|us)\b|(?:looking|searching) for\b|"
    r"(?:something|anything|smth|sth|somethin|films?|movies?|books?|ones?|others?) (?:like|similar|as|with|by|from|in|"
    r"for|under|over|older|newer|more|less|about|that|where)\b(?! (?:it|that|this) (?:is|was)\b)|"
    r"something (?!(?:bad|sad|happen|wrong|scary)\b)(?:\w+er|\w+y|\w+ing|\w+al|\w+ful)\b|"
    r"(?:i|we)(?:['’]?d)? (?:want|need|prefer|would like|would prefer|fancy|like) (?:a|an|some|something|another)\b|"
    r"what (?:should|shall|can|else) (?:i|we)\b|(?:another|an?other) (?:one|film|movie|book)\b|"
    r"^\W*(?:(?:so|ok|and|but|then)\W+)*what else(?: (?:is there|(?:do|have) you (?:have|got)))?\W*$|"
    r"(?:what|which|any|anything)(?: \w+)? (?:else|other)\b[^.?!]*\b(?:made?|make|do|done|did|direct|"
    r"directed|write|wrote|written|in)\b|or (?:something|sth|smth|anything) (?:similar|like))",
    re.IGNORECASE,
)
_STATES = re.compile(rf"{IS} (?:an?|the|not an?|only an?|also an?) [^,;:?]*$", re.IGNORECASE)
"""Behind a title, what an item is said to be: "Godzilla is an American film in English"."""

_PHRASE = re.compile(
    rf"^\W*{OPENING}(?:(?:maybe|perhaps|just|rather)\W+)*(?:an?other|an?|some|something|anything|one|more)\b", re.I
)
