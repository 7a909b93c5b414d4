"""Messages that say what is wanted, though they read as if they asked about an item, or settled on it.

What is asked of an item belongs to it, or is pointed at; who says a kind, a person or a number that does not belong to it
asks for another one: "ooh, and Hugh Grant from the 90s?". Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.plain_requests import request_words
from pecrs.inference.pointing import points_back
from pecrs.inference.reading import Reading, ReadValue
from pecrs.inference.settling import takes
from pecrs.inference.superlatives import superlative
from pecrs.inference.weighing import asks_known
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS
from pecrs.linking.lexicon import CHATTER, FUNCTION, OPENING, fold, words_of
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import meets, spans_of
from pecrs.linking.values import FacetValue, is_of

_NO_REQUEST = ("ask_fact", "compare", "small_talk", "accept", "clarify", "inform", "ask_why", "not_seen", "goodbye")
_ASKS_OF_IT = re.compile(
    rf"^\W*{OPENING}(?:who|when|where|why|how(?! about)|is(?! there)|are(?! there)|was|were|does|did|has|"
    r"do(?! (?:you|u)\b)|have(?! (?:you|u)\b)|(?:what|which)(?! about))(?:s|['’]s)?\b",
    re.IGNORECASE,
)
_A_WORK = re.compile(r"\b(?:ones?|films?|movies?|flicks?|books?|more|another|other|any|some|something|anything)\b", re.I)
_BESIDE = frozenset(map(fold, "ooh oooh vibe vibes style thing things stuff esque typa feel w uh yo maybe thingy aw".split()))
_WHICH_OF_WHOSE = re.compile(
    r"\b(?:which|what)(?: ones?)? (?:of|from|by) (?:(?P<whose>(?:his|hers|her|theirs)\b(?! (?:two|three|four|five)\b))?)",
    re.IGNORECASE,
)
_WITH_PRONOUN = re.compile(r"\b(?:(?:with|of|by|from|starring|featuring) (?:him|his|hers?)|his|hers)\b", re.IGNORECASE)
_BUT = re.compile(
    r"\b(?:but|though|although|only|except|however|just)\b[^.?!]*$|"
    r"\b(?:gotta|has (?:got )?to|have (?:got )?to|must|needs? to|should|make (?:it|that)|ought to)\b[^.?!]*$",
    re.IGNORECASE,
)


def wishing(reading: Reading, people: Collection[str], at_hand: Callable[[FacetValue], bool]) -> Reading:
    """Return a reading in which what a message says of items in general is wanted, whatever acts were read.

    Args:
        reading: As it was read.
        people: Fields that hold people.
        at_hand: Tells whether the item spoken of last has a value.
    """
    reading = _counting(reading)
    reading = _of_whom(reading, people)
    if _is_wish(reading, people, at_hand) or _asks_which_of(reading):
        acts = {**reading.acts, **dict.fromkeys(_NO_REQUEST, 0.0), "ask_recommendation": 1.0}
        reading = replace(reading, acts=acts, values=tuple(map(_wanted, reading.values)))
    return _not_accepting(reading)


def _counting(reading: Reading) -> Reading:
    """Return a reading that asks for a list where it says how many items are wanted: "gimme 4 with him"."""
    counts = [r for r in reading.values if isinstance(r.value, Quantity) and r.value.kind == "count" and r.value.low != 1]
    if not counts or reading.roles("ask", "want") or _ASKS_OF_IT.match(reading.text) or reading.has("compare"):
        return reading
    acts = {**reading.acts, **dict.fromkeys(("ask_fact", "accept", "small_talk", "goodbye"), 0.0), "ask_list": 1.0}
    return replace(reading, acts=acts, values=tuple(_wanted(r) if r in counts else r for r in reading.values))


def _of_whom(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading that wants the person whom a request means by "him": "he loves Eastwood, list 3 of his"."""
    persons = [read for read in reading.values if is_of(read.value, *people)]
    last = persons[-1] if persons else None
    if last is None or last.role not in ("incidental", "like", "ask") or not reading.has(*REQUESTS):
        return reading
    if _WITH_PRONOUN.search(reading.text, last.end) is None:
        return reading
    return replace(reading, values=tuple(replace(r, role="want") if r is last else r for r in reading.values))


def _is_wish(reading: Reading, people: Collection[str], at_hand: Callable[[FacetValue], bool]) -> bool:
    """Tell whether a message is values and the words of any request, and not all are what the item at hand is."""
    text = reading.text
    own = [read.value for read in reading.values if _is_own(read, people) and read.role not in ("avoid", "dislike")]
    if not own or reading.items or points_back(text) or _ASKS_OF_IT.match(text):
        return False
    general = _A_WORK.search(text) is not None or any(isinstance(read.value, Quantity) for read in reading.values)
    if not general and all(at_hand(value) for value in own):
        return False
    spans = spans_of(reading.values)
    rest = (fold(match.group()) for match in words_of(text) if not meets(match.span(), spans))
    return all(word in request_words("request") | FUNCTION | CHATTER | _BESIDE or word.isdigit() for word in rest)


def _is_own(read: ReadValue, people: Collection[str]) -> bool:
    """Tell whether a value says which items are meant: who made them, and what kind they are."""
    return is_of(read.value, *people, *KIND_FIELDS, *THEME_FIELDS, "series") and not getattr(read.value, "near", False)


def _asks_which_of(reading: Reading) -> bool:
    """Tell whether is asked which of somebody's items to choose: "which of his would suit her?"."""
    match = _WHICH_OF_WHOSE.search(reading.text)
    if match is None or reading.items or superlative(reading.text) is not None or asks_known(reading.text):
        return False
    return match["whose"] is not None or any(
        isinstance(read.value, FacetValue) and read.start == match.end() for read in reading.values
    )


def _not_accepting(reading: Reading) -> Reading:
    """Return a reading that settles on nothing where it sets a condition, or names only what was seen or refused."""
    if not reading.has("accept") or takes(reading.text):
        return reading
    bounds = [read for read in reading.values if read.role != "ask" and _BUT.search(reading.text[: read.start])]
    bounds = [read for read in bounds if not (isinstance(read.value, Quantity) and read.value.kind == "count")]
    if bounds and not reading.items:
        values = tuple(_wanted(read) if read in bounds else read for read in reading.values)
        return replace(reading, acts={**reading.acts, "accept": 0.0, "refine": 1.0}, values=values)
    known = [entry for entry in reading.items if entry.start < entry.end]
    if known and all(entry.role in ("seen", "avoid", "dislike") for entry in known):
        act = "seen" if any(entry.role == "seen" for entry in known) else "reject"
        return replace(reading, acts={**reading.acts, "accept": 0.0, act: 1.0})
    return reading


def _wanted(read: ReadValue) -> ReadValue:
    return replace(read, role="want") if read.role in ("ask", "incidental") else read
