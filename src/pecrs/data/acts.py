"""What a seeker's message does: its dialogue acts, the roles of the values it names, and the facts it asks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from pecrs.data.dialogue import Speaker
from pecrs.errors import DataError

ACTS: tuple[str, ...] = (
    "ask_recommendation",
    "ask_more",
    "ask_list",
    "give_preference",
    "refine",
    "change_mind",
    "reject",
    "seen",
    "not_seen",
    "ask_fact",
    "ask_why",
    "compare",
    "accept",
    "praise",
    "affirm",
    "negate",
    "thanks",
    "goodbye",
    "greeting",
    "small_talk",
    "off_topic",
    "clarify",
    "inform",
    "no_preference",
    "ask_help",
    "foreign",
)
"""The acts of a message; several may hold. Their meaning is in ``docs/labelled_messages.md``."""

REQUESTS: tuple[str, ...] = ("ask_recommendation", "ask_more", "ask_list", "refine", "change_mind")
"""The acts that ask for items."""

QUESTIONS: tuple[str, ...] = ("ask_fact", "ask_why", "compare")
"""The acts that ask about items."""

ROLES: tuple[str, ...] = ("want", "avoid", "like", "dislike", "seen", "ask", "incidental")
"""What a span says: the item looked for has it or not, the seeker's tastes, a question, or nothing of these."""

KINDS: tuple[str, ...] = (
    "title",
    "person",
    "genre",
    "year",
    "keyword",
    "series",
    "character",
    "rating",
    "runtime",
    "price",
    "other",
)
"""What a span names; ``other`` covers countries, languages, companies and platforms."""

FACTS: tuple[str, ...] = (
    "cast",
    "director",
    "writer",
    "year",
    "plot",
    "genre",
    "runtime",
    "rating",
    "language",
    "country",
    "character",
    "series",
    "quality",
    "scary",
    "streaming",
    "price",
    "other",
)
"""The kinds of facts that a message with the act ``ask_fact`` may ask for."""


@dataclass(frozen=True, slots=True, order=True)
class LabelledSpan:
    """Words of a message that name something.

    Attributes:
        start: First character.
        end: One past the last character.
        kind: One of :data:`KINDS`.
        role: One of :data:`ROLES`, or None where it is not labelled.

    Raises:
        DataError: If kind or role is unknown, or the span is empty.
    """

    start: int
    end: int
    kind: str
    role: str | None = None

    def __post_init__(self) -> None:
        """Check the labels."""
        if not 0 <= self.start < self.end:
            raise DataError(f"{self.start}-{self.end} is no span", field="spans")
        _check([self.kind], KINDS, "kind")
        _check([] if self.role is None else [self.role], ROLES, "role")


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """One message of a seeker and what it does.

    Attributes:
        context: Speakers and texts of what was said before, oldest first; empty where it is not known.
        text: The message.
        acts: The acts that hold.
        known: The acts whose absence means "no"; an act outside that is absent is not labelled. Contains ``acts``.
        spans: In order and without overlap.
        facts: Kinds of facts asked for, of :data:`FACTS`.
        facts_known: Whether an absent kind of fact means "not asked for".
        source: Where the message comes from.

    Raises:
        DataError: If a label is unknown, or the spans are out of order or range.
    """

    context: tuple[tuple[Speaker, str], ...]
    text: str
    acts: frozenset[str]
    known: frozenset[str]
    spans: tuple[LabelledSpan, ...] = ()
    facts: frozenset[str] = field(default_factory=frozenset)
    facts_known: bool = False
    source: str = ""

    def __post_init__(self) -> None:
        """Check labels and spans."""
        _check(self.acts, ACTS, "acts")
        _check(self.known, ACTS, "known")
        _check(self.facts, FACTS, "facts")
        if not self.acts <= self.known:
            raise DataError("an act that holds must be known", field="known")
        if self.facts and "ask_fact" not in self.acts:
            raise DataError("facts are asked for without the act ask_fact", field="facts")
        end = 0
        for span in self.spans:
            if span.start < end or span.end > len(self.text):
                raise DataError(f"span {span.start}-{span.end} is out of order or range", field="spans")
            end = span.end


def _check(labels: Collection[str], allowed: Collection[str], field: str) -> None:
    unknown = sorted(set(labels) - set(allowed))
    if unknown:
        raise DataError(f"{unknown[0]!r} is none of {', '.join(allowed)}", field=field)
