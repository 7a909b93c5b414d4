"""Questions whether two items are alike: "is that like Heat?", "will I like it if I loved Heat?".

Source: design section 4.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.moves import Move, MoveKind, Situation
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.questions import MADE_BY
from pecrs.inference.understanding.reading import Reading
from pecrs.linking.lexicon import OPENING
from pecrs.linking.spans import masked, spans_of

ALIKE, SHARED = "alike", "shared"
"""What is asked of two items: whether they are alike, and what they share."""

_IT = (
    r"(?:it|that|this|they|(?:this|that|the) (?:one|film|movie|book|first|second)(?: one)?|#+)(?: (?:film|movie|book))?"
)
_ASIDE = (
    r"(?: (?:anything|something|at all|a (?:bit|lot|little|film|movie|book)|much|more|really|rather|just|kind of|"
    r"kinda|sort of|in any way|very|quite|any|basically|similar|feel|look|seem|sound|be|even|actually|remotely))*"
)
_LIKE = r" (?:like|similar to|comparable (?:to|with)|close to)\s+(?:the )?"
_ASKS = r"(?:is|was|are|were|does|do|did|will|would|could)(?:n['’]?t)?"
_BEGINS = (
    rf"(?:^\W*{OPENING}|[.?!,;:–-]\s*(?:{OPENING})|#\W*\s|"
    r"\b(?:and|but|so|or|how(?: on earth| the hell| exactly)?)\s+)"
)
_THAT = r"\b(?:is it true|do you (?:think|reckon)|would you say|are you saying)(?: that)?"
_IS_LIKE = re.compile(
    rf"(?:{_BEGINS}{_ASKS} |{_THAT} )(?P<one>{_IT})(?: is| was| are)?{_ASIDE}(?:{_LIKE}|"
    r"(?: (?:by|from|with) the same \w+| the same| another| a re-?make of| a rip-?off of| a copy of)"
    r"(?: (?:film|movie|book|thing|story|kind of (?:film|thing)))?(?: as| of)?\s+)(?P<other>#+)|"
    rf"{_BEGINS}{_ASKS} (?P<again_one>{_IT}){_ASIDE} (?P<again>#+)(?: all)?(?: over)? again\b",
    re.IGNORECASE,
)
"""Whether an item is like another; titles stand as signs."""

_ARE_ALIKE = re.compile(
    r"\b(?:are|were|aren['’]?t) (?:they|these|those|the two|both|the (?:films|movies|books)|#+(?: and|,) #+)"
    r"(?: (?:two|films|movies|books|at all|in any way|really|very|much|even|pretty|quite))* "
    r"(?:alike|similar|comparable)\b|"
    r"\b(?:what|anything|something|much|a lot|how much)\b[^.?!]*\b(?:have|has|got|share) (?:\w+ )?in common\b|"
    r"\bhow (?:similar|alike) (?:are|is)\b",
    re.IGNORECASE,
)
_WHO = r"(?:i|we|he|she|they|you|someone|somebody|anyone|people|(?:my|a|our|the) \w+)"
_TASTE = r"(?:loved?s?|liked?s?|enjoy(?:ed|s)?|hate[ds]?|dislike[ds]?|(?:did|do|does)(?:n['’]?t| not) like)"
_SUITS = re.compile(
    rf"\b(?:will|would|might|could|should|['’]ll|do you think|think) {_WHO}"
    rf"(?: who(?:['’]?ve)? (?:really |absolutely )?{_TASTE} (?P<tested>#+))?(?: will| would|['’]?d|['’]?ll)?"
    rf"(?: (?:really|also|even|probably))? (?:like|enjoy|love|hate) (?P<whom>it|that|this(?: one)?|that one|#+)"
    rf"(?:[^.?!#]*\b{_TASTE} (?:the )?(?P<liked>#+))?",
    re.IGNORECASE,
)
"""Whether somebody will like an item, who liked or hated another one."""

_SAME_PEOPLE = re.compile(r"\b(?:by|from|with) the same \w+ as\b", re.IGNORECASE)
_WHAT = re.compile(r"\bwhy\b|\b(?:what|much|a lot)\b[^.?!]*\bin common\b", re.IGNORECASE)
_DIFFERS = re.compile(r"\bdifferen(?:ce|t)\b|\bdiffer\b|\bset (?:them|the two) apart\b", re.IGNORECASE)


def asking_likeness(reading: Reading) -> Reading:
    """Return a reading in which a question whether items are alike asks for none.

    Args:
        reading: As it was read.
    """
    text = masked(reading.text, spans_of(entry for entry in reading.items if entry.start < entry.end))
    match = _IS_LIKE.search(text) or _ARE_ALIKE.search(text)
    if match is None:
        return reading
    acts = {**reading.acts, **dict.fromkeys((*REQUESTS, "reject", "accept", "small_talk"), 0.0), "ask_fact": 1.0}
    items = (replace(e, role="ask") if match.start() <= e.start < match.end() else e for e in reading.items)
    return replace(reading, acts=acts, items=tuple(items))


def asked_likeness(reading: Reading, state: DialogueState, situation: Situation) -> Move | None:
    """Return the move that tells whether two items are alike; None where no such thing is asked.

    Args:
        reading: The latest message, or a sentence of it.
        state: What is known, that message included.
        situation: The rest of the dialogue.
    """
    pair = alike_pair(reading, state, situation)
    facts = MADE_BY if _SAME_PEOPLE.search(reading.text) else ()
    after = SHARED if _WHAT.search(reading.text) else ALIKE
    return Move(MoveKind.COMPARE, pair, facts, after=after) if pair else None


def alike_pair(reading: Reading, state: DialogueState, situation: Situation) -> tuple[str, ...]:
    """Return the two items of which a message asks whether they are alike; nothing where it asks no such thing.

    Args:
        reading: The latest message, or a sentence of it.
        state: What is known, that message included.
        situation: The rest of the dialogue.
    """
    text = masked(reading.text, spans_of(entry for entry in reading.items if entry.start < entry.end))
    if _DIFFERS.search(text):
        return ()
    likeness = _IS_LIKE.search(text)
    if likeness is not None:
        name = "again" if likeness["again"] else "other"
        one = _at(reading, situation, likeness.start("again_one" if likeness["again"] else "one"))
        return _both(one, _at(reading, situation, likeness.start(name)))
    if _ARE_ALIKE.search(text):
        return _named(reading, situation)
    suits = _SUITS.search(text)
    if suits is None:
        return ()
    known = next((suits.start(name) for name in ("tested", "liked") if suits[name]), -1)
    one = _meant(reading, situation) if suits["whom"][0] != "#" else _at(reading, situation, suits.start("whom"))
    if known >= 0:
        return _both(one, _at(reading, situation, known))
    judged = reading.roles("dislike", "like") if "#" not in suits["whom"] else ()
    told = [item for item in judged if item != one and item in (*state.disliked, *state.liked)]
    return _both(one, told[0]) if told else ()


def _both(one: str, other: str) -> tuple[str, ...]:
    return (one, other) if one and other and one != other else ()


def _at(reading: Reading, situation: Situation, place: int) -> str:
    """Return the item that stands at a place of a message: by its title, else by "it"."""
    for entry in reading.items:
        if entry.start <= place < entry.end:
            return entry.item
    before = [entry.item for entry in reading.items if entry.end <= place]
    return before[-1] if before else next(iter((*situation.offered[:1], *situation.named[-1:])), "")


def _meant(reading: Reading, situation: Situation) -> str:
    """Return the item whose liking is asked about: one that is not judged yet, else the offer."""
    known = reading.roles("dislike", "seen")
    told = [entry.item for entry in reading.items if entry.item not in known and not _judged(reading, entry.start)]
    return next(iter((*told, *situation.offered[:1], *situation.named[-1:])), "")


def _judged(reading: Reading, start: int) -> bool:
    return _JUDGES.search(reading.text[:start]) is not None


_JUDGES = re.compile(rf"\b{_TASTE}(?: (?:the|both))?\s+$", re.IGNORECASE)


def _named(reading: Reading, situation: Situation) -> tuple[str, ...]:
    said = [entry.item for entry in reading.items]
    found = tuple(dict.fromkeys([*said, *situation.offered[: 2 - len(said)], *reversed(situation.named)]))
    return found[:2] if len(found) > 1 else ()
