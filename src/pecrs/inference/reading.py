"""What was read in one message: its acts, and what the things it names mean to the person.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pecrs.linking.quantities import Quantity
from pecrs.linking.values import FacetValue


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item that a message names, or points at ("the second one").

    Attributes:
        item: Its identifier.
        role: What the person says of it, of :data:`pecrs.data.acts.ROLES`.
        start: First character of the words.
        end: One past the last.
    """

    item: str
    role: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class ReadValue:
    """A catalogue value or a quantity that a message says.

    Attributes:
        value: What was found.
        role: What the person says of it.
    """

    value: FacetValue | Quantity
    role: str


@dataclass(frozen=True)
class Reading:
    """One message, read.

    Attributes:
        text: The message.
        acts: Probability of each act.
        items: Items named or pointed at, in order.
        values: Catalogue values and quantities, in order.
        facts: Kinds of facts asked for, the most likely first.
        thresholds: From which probability on an act is taken to hold; one half where it is not given.
    """

    text: str
    acts: Mapping[str, float] = field(default_factory=dict)
    items: tuple[ReadItem, ...] = ()
    values: tuple[ReadValue, ...] = ()
    facts: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def has(self, *acts: str) -> bool:
        """Tell whether at least one of some acts holds."""
        return any(self.acts.get(act, 0.0) >= self.thresholds.get(act, 0.5) for act in acts)

    def roles(self, *roles: str) -> tuple[str, ...]:
        """Return the items with one of some roles."""
        return tuple(entry.item for entry in self.items if entry.role in roles)


def answering_offer(reading: Reading) -> Reading:
    """Return what a message means right after an offer: a bare "no" turns it down, a bare "yes" takes it.

    >>> answering_offer(Reading("no", {"negate": 0.9})).has("reject")
    True
    """
    content = ("ask_recommendation", "ask_more", "ask_list", "refine", "change_mind", "ask_fact", "ask_why", "compare",
               "give_preference", "seen", "not_seen", "reject", "accept", "praise")  # fmt: skip
    if reading.has(*content):
        return reading
    meant = [answer for act, answer in (("negate", "reject"), ("affirm", "accept")) if reading.has(act)]
    return replace(reading, acts={**reading.acts, **dict.fromkeys(meant, 1.0)})


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = re.compile(
    rf"\b(?:(?:number|no\.?|option|#)\s*(?P<number>\d{{1,2}})|(?:the\s+)?(?:(?P<word>{'|'.join(_ORDINALS)})|(?P<short>\d{{1,2}})(?:st|nd|rd|th))"
    r"(?:\s+(?:one|movie|film|book|title|option|item|choice|suggestion|of (?:these|those|them)))|"
    r"the (?P<last>last|latter) (?:one|option|movie|film|of (?:these|those|them))|"
    r"^(?:the\s+)?(?P<alone>first|second|third|fourth|fifth|last)(?: one)?\W*$)",
    re.IGNORECASE,
)
_THEM = re.compile(
    r"\b(?:all of (?:them|these|those)|(?:any|either|neither|none) of (?:them|these|those)|them both|both)\b", re.I
)
_NOUNS = "movie|film|book|one|title|product|album|song"
_IT = re.compile(rf"\b(?:it|this|that|this one|that one|(?:the|this|that) (?:{_NOUNS}))\b", re.IGNORECASE)


def references(text: str, offered: Sequence[str]) -> tuple[tuple[int, int, str], ...]:
    """Return the spans of a message that point at items of the last list, with these items.

    >>> references("who is in the second one?", ["a", "b"])
    ((10, 24, 'b'),)

    Args:
        text: The message.
        offered: Items of the latest reply that named any, in its order.
    """
    found: list[tuple[int, int, str]] = []
    if not offered:
        return ()
    for match in _ORDINAL.finditer(text):
        place = _place(match, len(offered))
        if 0 <= place < len(offered):
            found.append((match.start(), match.end(), offered[place]))
    if not found and len(offered) > 1:
        found = [(m.start(), m.end(), item) for m in list(_THEM.finditer(text))[:1] for item in offered]
    return tuple(found)


def points_back(text: str) -> bool:
    """Tell whether a message speaks of "it" or "that one"."""
    return _IT.search(text) is not None


def _place(match: re.Match[str], count: int) -> int:
    said = (match["word"] or match["alone"] or "").lower()
    if match["last"] or said == "last":
        return count - 1
    if said:
        return _ORDINALS.index(said)
    return int(match["number"] or match["short"]) - 1
