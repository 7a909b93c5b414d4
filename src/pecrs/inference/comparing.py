"""Items beside each other: which are compared, and by what.

Source: design section 4.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.moves import Move, MoveKind, Situation
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.likening import ALIKE
from pecrs.inference.understanding.questions import MEASURED, asks_how_much
from pecrs.inference.understanding.reading import Reading, ReadValue, further_from
from pecrs.inference.understanding.refusals import NOT
from pecrs.inference.understanding.superlatives import among, superlative
from pecrs.inference.understanding.weighing import (
    BETTER,
    CLOSEST,
    FIRST,
    MORE,
    asks_closest,
    begins,
    leaves_choice,
    wants_newer,
    weighed_by,
)
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import spans_of, without_spans
from pecrs.linking.values import FacetValue


def compared(reading: Reading, state: DialogueState, situation: Situation) -> Move | None:
    """Return the move that sets items beside each other; None where no comparison is asked for.

    Args:
        reading: The latest message.
        state: What is known, that message included.
        situation: The rest of the dialogue.
    """
    if _beside_number(reading):
        return None
    request = reading.has(*REQUESTS)
    ordered = state.order is not None and request  # the most of all that fits, not of what was named
    lacking = bool(reading.unknown) and len(reading.items) < 2
    found = _closest(reading, state, situation) or _weighed(reading, state, situation, lacking=lacking)
    skipped = found is not None or (ordered and not _OF_THESE.search(reading.text))
    extreme = None if skipped else superlative(_without_told_apart(reading), named=bool(reading.items))
    if extreme is None and not (skipped or request) and reading.has("compare"):
        extreme = _measure(reading)
    if extreme is not None and _is_one_sided(reading):
        return Move(
            MoveKind.ASK, after="which_other", first=(Move(MoveKind.FACT, (reading.items[0].item,), extreme[:1]),)
        )
    if extreme is not None and not any(read.role == "want" and _says_kind(read) for read in reading.values):
        several = _several(reading, situation)
        if lacking or len(several) > 1:
            return _MISSING if lacking else Move(MoveKind.COMPARE, several, extreme[:1], after=extreme[1])
    if found is None and reading.has("compare"):
        return _MISSING if lacking else _side_by_side(reading, situation, request=request)
    return found


def _closest(reading: Reading, state: DialogueState, situation: Situation) -> Move | None:
    """Say which of some items, named here or before, is most like another: "which of yours is closest to Heat?"."""
    place = asks_closest(reading.text)
    target = next((entry.item for entry in reading.items if place is not None and entry.start >= place), "")
    refused = {target, *state.disliked, *state.rejected}
    named = [*(entry.item for entry in reading.items if entry.item not in state.disliked), *situation.beside]
    said = tuple(dict.fromkeys(item for item in named if item != target))
    before = tuple(dict.fromkeys(item for item in reversed(situation.named) if item not in refused))
    if target and len(said) == 1:
        return Move(MoveKind.COMPARE, (said[0], target), after=ALIKE)
    others = said if len(said) > 1 else before[:_NAMED_BEFORE]
    return Move(MoveKind.COMPARE, (target, *others), after=CLOSEST) if target and len(others) > 1 else None


_NAMED_BEFORE = 12
"""So many items that were named before may be meant."""


def _without_told_apart(reading: Reading) -> str:
    """Return a message without the words that tell an item from its namesakes: "who wrote the newer True Grit?"."""
    text = reading.text
    for entry in sorted(reading.items, key=lambda entry: -entry.start):
        text = _TELLING_APART.sub("the ", text[: entry.start]) + text[entry.start :]
    return text


def _measure(reading: Reading) -> tuple[str, str] | None:
    """Return by what a message compares; "the newer one" may only tell an item from its namesakes."""
    titles = (e for e in reading.items if e.start < e.end and among(reading.text[e.start : e.end]) is None)
    left = without_spans(reading.text, spans_of(titles))
    return among(_TOLD_APART.sub("", left)) or among(left)


_NEWER = r"\bthe (?:newer|older|later|latest|earlier|oldest|newest|more recent)\s+"
_TOLD_APART = re.compile(rf"{_NEWER}one\b", re.IGNORECASE)
_TELLING_APART = re.compile(rf"{_NEWER}$", re.IGNORECASE)
"""Words that tell an item from its namesakes, alone and before its title."""


def set_beside(reading: Reading) -> Reading:
    """Return a reading that compares the items that it sets beside each other by a measure: "Heat vs Ronin, longer?".

    Args:
        reading: As it was read.
    """
    named = [entry for entry in reading.items if entry.start < entry.end]
    if _WATCH_NEXT.search(reading.text):
        return replace(reading, acts={**reading.acts, "compare": 0.0, "ask_fact": 0.0, "ask_more": 1.0})
    several = len({entry.item for entry in named}) > 1
    if not several and reading.has("compare") and _SECOND.search(reading.text) and further_from(reading) is not None:
        values = tuple(replace(r, role="want") if r.role in ("ask", "incidental") else r for r in reading.values)
        return replace(reading, acts={**reading.acts, "compare": 0.0, "ask_more": 1.0}, values=values)
    if not several or _measure(reading) is None:
        return reading
    before, between = reading.text[: named[0].start], reading.text[named[0].end : named[-1].start]
    rest = reading.text[named[-1].end :]
    both = _AND.search(between) and _WHICH.search(rest)
    if not (_OR.search(between) or _OUT_OF.search(before) or both) or _LIKE.search(before):
        return reading
    acts = {**reading.acts, **dict.fromkeys((*REQUESTS, "ask_fact", "seen", "reject"), 0.0), "compare": 1.0}
    items = tuple(replace(entry, role="ask") for entry in reading.items)
    values = tuple(replace(r, role="ask") if _is_scaled(r) else r for r in reading.values)
    return replace(reading, acts=acts, items=items, values=values)


_WATCH_NEXT = re.compile(
    r"\b(?:which|what)(?: one| film| movie| book)? (?:should|shall|can|could|do) (?:i|we) (?:watch|see|read|take) "
    r"(?:second|third|next|after(?:wards)?|then|after (?:that|it|this))\b",
    re.IGNORECASE,
)
"""What asks for one more item to go on with."""

_SECOND = re.compile(r"\b(?:an?|one) (?:second|third|fourth|further|other|more)\b|\banother\b", re.IGNORECASE)
"""One more item, which is set beside none."""

_OR = re.compile(r"\b(?:or|vs|versus|v)\b", re.IGNORECASE)
_AND = re.compile(r",|&|\b(?:and|n)\b", re.IGNORECASE)
_WHICH = re.compile(r"\b(?:which|what|who)\b", re.IGNORECASE)
_OUT_OF = re.compile(r"\b(?:out of|between|among|of)\s+(?:the\s+)?$", re.IGNORECASE)
_LIKE = re.compile(r"\b(?:like|similar to|than)\s+(?:the\s+)?$", re.IGNORECASE)


def _is_scaled(read: ReadValue) -> bool:
    return isinstance(read.value, FacetValue) and read.value.scaled


_MISSING = Move(MoveKind.ASK, after="missing")


def _side_by_side(reading: Reading, situation: Situation, *, request: bool) -> Move | None:
    pair = _pair(reading, situation)
    if len(pair) == 2 and _HURRIED.search(reading.text):
        return Move(MoveKind.COMPARE, pair, ("runtime",), after="least")
    if len(pair) == 2 and weighed_by(reading)[0] == BETTER:
        return Move(MoveKind.COMPARE, pair, after=BETTER)
    if len(pair) == 2:
        return Move(MoveKind.COMPARE, pair, reading.facts if reading.has("ask_fact") else ())
    return None if request else Move(MoveKind.ASK, after="which")


def _weighed(reading: Reading, state: DialogueState, situation: Situation, *, lacking: bool) -> Move | None:
    """Give a verdict on items where one is asked for: which is less scary, which of them to choose."""
    offered = situation.offered
    how_much = asks_how_much(reading.text) and _COMPARED_TO.search(reading.text) is not None
    several = len(offered) == 2 and set(offered).isdisjoint(state.liked)  # both are meant, none is but an example
    asked = reading.has(*REQUESTS) and any(read.role == "want" and _says_kind(read) for read in reading.values)
    choice = (_is_either(reading) or (not reading.items and several)) and leaves_choice(reading.text) and not asked
    items = _several(reading, situation)
    if lacking or len(items) < 2 or not (choice or how_much or reading.has("compare")):
        return None
    if wants_newer(reading.text):
        return Move(MoveKind.COMPARE, items, ("year",), after="most")
    if superlative(reading.text) is not None or _HURRIED.search(reading.text) is not None:
        return None
    after, values = weighed_by(reading)
    after = MORE if how_much and values else after
    after = FIRST if leaves_choice(reading.text) and begins(reading.text) and not values else after
    return Move(MoveKind.COMPARE, items, values=values, after=after) if after else None


def _is_either(reading: Reading) -> bool:
    """Tell whether a message names items to choose from, none of them an example: "which one, Heat or Ronin?"."""
    named = [entry for entry in reading.items if entry.start < entry.end]
    several = len({entry.item for entry in named}) > 1 and _OR.search(reading.text) is not None
    return several and not reading.has(*REQUESTS) and _LIKE.search(reading.text[: named[0].start]) is None


def _beside_number(reading: Reading) -> bool:
    """Tell whether an item is compared with a number, and with no other item: "is it longer than two hours?"."""
    numbers = [read.value for read in reading.values if isinstance(read.value, Quantity)]
    return reading.has("ask_fact") and any(_THAN.search(reading.text[: number.end]) for number in numbers)


def _is_one_sided(reading: Reading) -> bool:
    """Tell whether what stands behind "than" is no item that is known, and points at none."""
    than = re.search(r"\bthan\s+", reading.text, re.IGNORECASE)
    if than is None or any(entry.start >= than.end() for entry in reading.items):
        return False
    return bool(reading.items) and _POINTS.match(reading.text, than.end()) is None


_POINTS = re.compile(r"(?:it|that|this|those|these|them|the\b[^?]*\b(?:one|other|film|movie|book))\b", re.IGNORECASE)

_THAN = re.compile(r"\bthan\b\W*(?:[\w.]+\W*){0,3}$", re.IGNORECASE)

_COMPARED_TO = re.compile(r"\b(?:compared? (?:to|with)|next to|relative to|versus|vs\.?)(?!\w)", re.IGNORECASE)

_HURRIED = re.compile(
    r"\b(?:only|just) (?:have|got|have got)\b[^.?!]*\b(?:hours?|hrs?|h|minutes|mins?|time|evening)\b|"
    rf"{NOT} (?:have |got )?(?:much|a lot of|enough|all that much|that much) time\b|"
    r"\bshort o[fn] time\b",
    re.IGNORECASE,
)
"""Words of who has little time, which settles between two items."""

_OF_THESE = re.compile(r"\bof (?:these|those|them|the (?:two|three|four|five))\b", re.IGNORECASE)


def _several(reading: Reading, situation: Situation) -> tuple[str, ...]:
    """Return the items that a comparison is about: those named or pointed at, the last list, else the last two."""
    said = tuple(dict.fromkeys(entry.item for entry in reading.items))
    if len(said) > 1:
        return said
    if said:
        return tuple(dict.fromkeys([*said, *situation.offered[:1]]))
    if len(situation.offered) > 1:
        return situation.offered
    return tuple(dict.fromkeys(reversed(situation.named)))[:2]


def _pair(reading: Reading, situation: Situation) -> tuple[str, ...]:
    said = tuple(dict.fromkeys(entry.item for entry in reading.items))
    if len(said) >= 2:
        return said[:2]
    latest = tuple(dict.fromkeys([*said, *situation.offered, *reversed(situation.named)]))
    return latest[:2]


def _says_kind(read: ReadValue) -> bool:
    return isinstance(read.value, FacetValue) and read.value.fields[0] not in MEASURED
