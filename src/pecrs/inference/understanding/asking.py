"""Messages that say what is wanted, though they read as if they asked about an item, or settled on it.

What is asked of an item belongs to it, or is pointed at; who says a kind, a person or a number that does not belong
to it asks for another one: "ooh, and Hugh Grant from the 90s?". Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.plain_requests import request_words
from pecrs.inference.understanding.pointing import points_back
from pecrs.inference.understanding.reading import Reading, ReadValue
from pecrs.inference.understanding.refusals import NOT
from pecrs.inference.understanding.removals import takes_back
from pecrs.inference.understanding.settling import takes
from pecrs.inference.understanding.superlatives import superlative
from pecrs.inference.understanding.weighing import asks_known
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
_A_WORK = re.compile(
    r"\b(?:ones?|films?|movies?|flicks?|books?|more|another|other|any|some|something|anything|stuff|"
    r"thing|style|vibes?|type|flavou?r|territory)\b",
    re.IGNORECASE,
)
_BESIDE = frozenset(map(fold, "ooh oooh vibe vibes style territory flavour esque typa feel w uh yo thingy aw".split()))
_WHICH_OF_WHOSE = re.compile(
    r"\b(?:which|what)(?: ones?)? (?:of|from|by) "
    r"(?:(?P<whose>(?:his|hers|her|theirs)\b(?! (?:two|three|four|five)\b))?)",
    re.IGNORECASE,
)
_WITH_PRONOUN = re.compile(r"\b(?:(?:with|of|by|from|starring|featuring) (?:him|his|hers?)|his|hers)\b", re.IGNORECASE)
_BUT = re.compile(
    r"\b(?:but|though|although|only|except|however|just)\b[^.?!]*$|"
    r"\b(?:gotta|has (?:got )?to|have (?:got )?to|must|needs? to|should|make (?:it|that)|ought to)\b[^.?!]*$",
    re.IGNORECASE,
)


_MUST = re.compile(
    r"(?:\b(?:gotta|(?:has|have|need|needs|ought|had better|supposed) (?:got )?to|must|should|needs)|['’]s got to)"
    r"(?: (?:really|definitely|absolutely|at least|also|all|both|still|please|just))*"
    r"(?: (?:be|run|last|come|have|star|feature|stay|remain|keep))?"
    r"(?: (?:really|definitely|in|from|out|a|an|the|by|with|made|set|proper|actual|of|also))*\s*$",
    re.IGNORECASE,
)
_NEED_NOT = re.compile(
    rf"(?:{NOT}|\bnever|\bnor|\bno longer|\bwhy|\bwho|\bnobody|\bno one|\bnothing) (?:\w+ )?$", re.IGNORECASE
)


def obliging(reading: Reading) -> Reading:
    """Return a reading in which what an item has to be is wanted: "it should really be in French".

    Args:
        reading: As it was read, objections to what was offered included.
    """
    values = tuple(
        replace(read, role="want") if read.role not in ("want", "like") and _is_must(reading, read) else read
        for read in reading.values
    )
    if values == reading.values:
        return reading
    return replace(reading, values=values, acts={**reading.acts, "refine": 1.0})


def _is_must(reading: Reading, read: ReadValue) -> bool:
    match = _MUST.search(reading.text[: read.start])
    negated = match is not None and _NEED_NOT.search(reading.text[: match.start()]) is not None
    return match is not None and not negated and not takes_back(reading.text, read.value)


def asking_for_items(reading: Reading, people: Collection[str], at_hand: Callable[[FacetValue], bool]) -> Reading:
    """Return a reading in which what a message says of items in general is wanted, whatever acts were read.

    Args:
        reading: As it was read.
        people: Fields that hold people.
        at_hand: Tells whether the item spoken of last has a value.
    """
    if _ends_as_question(reading):
        return reading.asking("small_talk", "accept", "compare", "seen", "inform")
    reading = _counting(reading, people)
    reading = _of_whom(reading, people)
    if _is_request(reading, people, at_hand) or _asks_which_of(reading):
        acts = {**reading.acts, **dict.fromkeys(_NO_REQUEST, 0.0), "ask_recommendation": 1.0}
        values = (r.as_wanted() if is_of(r.value, *people) or not _is_told(r) else r for r in reading.values)
        reading = replace(reading, acts=acts, values=tuple(values))
    return _not_accepting(reading)


_ENDS_ASKING = re.compile(
    r"\b(?:when|who(?:m)?|how long|where|(?:what|which) year)\W*"
    r"(?:(?:tho|though|again|btw|then|please|pls|was it|is it)\W*)?$",
    re.IGNORECASE,
)


def _ends_as_question(reading: Reading) -> bool:
    """Tell whether a message names an item and ends with what is asked of it: "Heat came out when"."""
    match = _ENDS_ASKING.search(reading.text)
    return match is not None and any(0 < entry.end <= match.start() for entry in reading.items)


def _counting(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading that asks for a list where it says how many items are wanted: "gimme 4 with him"."""
    counts = [read for read in reading.values if is_count(read)]
    if not counts or reading.roles("ask", "want") or _ASKS_OF_IT.match(reading.text) or reading.has("compare"):
        return reading
    acts = {**reading.acts, **dict.fromkeys(("ask_fact", "accept", "small_talk", "goodbye"), 0.0), "ask_list": 1.0}
    values = (r.as_wanted() if r in counts or is_of(r.value, *people, *KIND_FIELDS) else r for r in reading.values)
    return replace(reading, acts=acts, values=tuple(values))


def is_meant_by_pronoun(text: str, end: int) -> bool:
    """Tell whether a message goes on with "with him" behind somebody's name.

    Args:
        text: The message.
        end: One past the last character of the name.
    """
    return _WITH_PRONOUN.search(text, end) is not None


def _of_whom(reading: Reading, people: Collection[str]) -> Reading:
    """Return a reading that wants the person whom a request means by "him": "he loves Eastwood, list 3 of his"."""
    persons = [read for read in reading.values if is_of(read.value, *people)]
    last = persons[-1] if persons else None
    if last is None or last.role not in ("incidental", "like", "ask") or not reading.has(*REQUESTS):
        return reading
    if not is_meant_by_pronoun(reading.text, last.end):
        return reading
    return replace(reading, values=tuple(replace(r, role="want") if r is last else r for r in reading.values))


_THAT_HAS = re.compile(r"\b(?:ones?|something|anything|films?|movies?|books?) that\b", re.IGNORECASE)
"""What is said of an item of some kind, and not of the one at hand."""


def _is_request(reading: Reading, people: Collection[str], at_hand: Callable[[FacetValue], bool]) -> bool:
    """Tell whether a message is values and the words of any request, and not all are what the item at hand is."""
    text = reading.text
    said = [read for read in reading.values if _is_own(read, people) and read.role not in _AGAINST]
    own = [read.value for read in said if isinstance(read.value, FacetValue) and not read.value.near]
    if not own or reading.items or points_back(_THAT_HAS.sub("", text)) or _ASKS_OF_IT.match(text):
        return False
    general = _A_WORK.search(text) is not None or any(isinstance(read.value, Quantity) for read in reading.values)
    if not general and all(at_hand(value) for value in own):
        return False
    spans = spans_of(reading.values)
    rest = (fold(match.group()) for match in words_of(text) if not meets(match.span(), spans))
    return all(word in request_words("request") | FUNCTION | CHATTER | _BESIDE or word.isdigit() for word in rest)


def _is_own(read: ReadValue, people: Collection[str]) -> bool:
    """Tell whether a value says which items are meant: who made them, and what kind they are."""
    return is_of(read.value, *people, *KIND_FIELDS, *THEME_FIELDS, "series")


def _is_told(read: ReadValue) -> bool:
    """Tell whether a theme may be told by the way: "a colleague praised him, which of his is short?"."""
    return read.role == "incidental" and is_of(read.value, *THEME_FIELDS)


_LEFT = re.compile(
    r"\b(?:what|which|who)(?:['’]?s| is| are| else is)? (?:still )?left\b(?! (?:out|behind|for dead))", re.I
)


def _asks_which_of(reading: Reading) -> bool:
    """Tell whether is asked which of somebody's items to choose: "which of his would suit her?"."""
    if _LEFT.search(reading.text) and not reading.roles("ask", "want"):
        return True
    match = _WHICH_OF_WHOSE.search(reading.text)
    if match is None or reading.items or superlative(reading.text) is not None or asks_known(reading.text):
        return False
    return match["whose"] is not None or any(
        isinstance(read.value, FacetValue) and read.start == match.end() for read in reading.values
    )


_AGAINST = ("avoid", "dislike")


def _not_accepting(reading: Reading) -> Reading:
    """Return a reading that settles on nothing where it sets a condition, or names only what was seen or refused."""
    if not reading.has("accept") or takes(reading.text):
        return reading
    bounds = [read for read in reading.values if read.role != "ask" and _BUT.search(reading.text[: read.start])]
    bounds = [read for read in bounds if not is_count(read)]
    if bounds and not reading.items:
        values = tuple(read.as_wanted() if read in bounds else read for read in reading.values)
        return replace(reading, acts={**reading.acts, "accept": 0.0, "refine": 1.0}, values=values)
    known = [entry for entry in reading.items if entry.start < entry.end]
    if known and all(entry.role in ("seen", *_AGAINST) for entry in known):
        act = "seen" if any(entry.role == "seen" for entry in known) else "reject"
        return replace(reading, acts={**reading.acts, "accept": 0.0, act: 1.0})
    return reading


def is_count(read: ReadValue) -> bool:
    """Tell whether a value says that several items are asked for."""
    return isinstance(read.value, Quantity) and read.value.kind == "count" and read.value.low != 1
