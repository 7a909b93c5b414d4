"""What a message says of, or asks about, the items at hand. Source: design section 4."""

from __future__ import annotations

import re

from pecrs.inference.moves import Situation
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.complaints import complains
from pecrs.inference.understanding.pointing import THEY, points_back
from pecrs.inference.understanding.questions import asks_parts, asks_whether_needed
from pecrs.inference.understanding.reading import Reading
from pecrs.inference.understanding.refusals import BAD, NEGATED_VERB, REFUSING


def asked_about(reading: Reading, situation: Situation) -> tuple[str, ...]:
    """Return the items that a question is about: those named, unless they are only set beside the one at hand.

    Args:
        reading: The message.
        situation: What was offered and named before it.
    """
    said = reading.roles("ask") or tuple(entry.item for entry in reading.items)
    if said and situation.offered and asks_whether_needed(reading.text):  # "the first one" is what may be needed
        others = {e.item for e in reading.items if _OTHER_PART.fullmatch(reading.text[e.start : e.end])}
        said = tuple(item for item in said if item not in others) or situation.offered[:1]
    if said and not (situation.offered and _is_beside(reading) and not asks_parts(reading.text)):
        return tuple(dict.fromkeys(said))
    if len(situation.offered) > 1 and THEY.search(reading.text):
        return situation.offered
    if situation.offered and (points_back(reading.text) or situation.offered[0] in situation.named):
        return situation.offered[:1]
    return situation.named[-1:]


def _is_beside(reading: Reading) -> bool:
    """Tell whether the items named are only what the one at hand is set beside: "is it like Heat?"."""
    first = min(entry.start for entry in reading.items)
    return _OF_IT.search(reading.text[:first]) is not None


_OTHER_PART = re.compile(
    r"(?:the )?(?:first|second|third|last|other|old|original|previous|earlier)"
    r"(?: (?:ones?|films?|movies?|parts?|books?))?",
    re.IGNORECASE,
)

_OF_IT = re.compile(
    r"\b(?:is|was|does|has|did|isn['’]?t|wasn['’]?t|are|were|will|would)\s+(?:it|that|this|they)\b",
    re.IGNORECASE,
)


def named_again(reading: Reading, state: DialogueState) -> bool:
    """Tell whether somebody wonders why what is known already was offered.

    Args:
        reading: The message.
        state: What is known.
    """
    known = (*state.liked, *state.seen, *state.disliked)
    return _IN_LIST.search(reading.text) is not None and any(entry.item in known for entry in reading.items)


_IN_LIST = re.compile(
    r"\b(?:in|on) (?:the|your|that|this) (?:list|suggestions|selection)\b|"
    r"\bwhy (?:do|did|are|would) (?:you|u) (?:\w+ )?(?:suggest|recommend|list|show|offer|name|include)",
    re.IGNORECASE,
)


def taken_up(reading: Reading, state: DialogueState, situation: Situation) -> str:
    """Return what a reply takes up first: what the message said of the offer, where its words do say it.

    Args:
        reading: The message.
        state: What is known, that message included.
        situation: What was offered and named before it.
    """
    offered = situation.offered
    if offered and (complains(reading.text) or named_again(reading, state)):
        return "sorry"
    if reading.has("seen") and offered and _SAYS_SEEN.search(reading.text):
        return "seen"
    if reading.has("reject") and offered and _REFUSES.search(reading.text):
        return "rejected"
    disliked = reading.roles("dislike", "avoid") or reading.has("reject")
    return "liked" if reading.has("praise") and state.liked and not disliked else ""


_SAYS_SEEN = re.compile(
    r"\b(?:seen|saw|watch(?:ed)?|read|know|knew|knows|familiar|heard|finished|already|before|rewatch\w*)\b",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    rf"\b(?:{REFUSING}|{BAD}|nah|nope|none|dislik\w+|pass|instead|else|another|others?|different|rather|ugh|yuck|stop|"
    rf"next|but|predictable|cannot|hm+|sorry|drop|wrong)\b|{NEGATED_VERB}\b|!",
    re.IGNORECASE,
)
"""Words of a refusal; without any a message asks for something new."""
