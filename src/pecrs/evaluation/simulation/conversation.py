"""What simulated users and recommenders say to each other, and what is thought of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pecrs.data.dialogue import Turn
from pecrs.evaluation.simulation.facets import Facet


@dataclass(frozen=True, slots=True)
class Conversation:
    """A dialogue that waits for the recommender.

    Attributes:
        turns: All turns; the seeker's as they were typed, without links.
        seed: Of sampling.
    """

    turns: tuple[Turn, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class SystemReply:
    """What a recommender says.

    Attributes:
        turn: Its words, with the items that they name.
        items: The items that it recommends, best first; none where it asks, answers or chats.
    """

    turn: Turn
    items: tuple[str, ...] = ()


class System(Protocol):
    """Anything that answers conversations: a model, a service, a baseline."""

    def reply(self, conversation: Conversation) -> SystemReply:
        """Answer the latest message; nothing of the user is known but what was said."""
        ...


class Verdict(StrEnum):
    """What the user thinks of a reply."""

    ACCEPTED = "accepted"
    FITS = "fits what was said, but is not it"
    MISFIT = "lacks what was not said yet"
    SEEN = "known already"
    VIOLATES = "against what was said"
    REPEAT = "named before"
    ASKED = "recommends nothing"
    ANSWERED = "answers rightly"
    UNANSWERED = "does not answer"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is thought of one reply.

    Attributes:
        verdict: Of the reply: that of the item that is accepted, or of the first.
        item: The item that the verdict is about.
        facet: What it lacks.
        violations: How many of the recommended items are against what was said.
        repeats: How many of them were named before.
        leaked: Whether the user had said the title of the accepted item.
    """

    verdict: Verdict
    item: str | None = None
    facet: Facet | None = None
    violations: int = 0
    repeats: int = 0
    leaked: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What a user says.

    Attributes:
        text: As it is typed.
        disclosed: What it tells of the wants.
        liked: Items that it names as liked.
        asks: The fact that it asks for, of the item of the last reply.
        about: That item.
    """

    text: str
    disclosed: tuple[Facet, ...] = ()
    liked: tuple[str, ...] = ()
    asks: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message, its reply, and what is thought of that."""

    message: Message
    reply: SystemReply
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Played:
    """A conversation from beginning to end.

    Attributes:
        user: Number of the user.
        exchanges: In order.
        gave_up: Whether the user left without an item, out of patience.
        closing: The user's last words, which nobody answers; empty where there are none.
    """

    user: int
    exchanges: tuple[Exchange, ...]
    gave_up: bool
    closing: str = ""

    @property
    def accepted(self) -> int | None:
        """The round in which an item was accepted, from 1, or None."""
        rounds = enumerate(self.exchanges, start=1)
        return next((n for n, exchange in rounds if exchange.judgement.verdict is Verdict.ACCEPTED), None)

    @property
    def leaked(self) -> bool:
        """Whether the user had said the title of what was accepted."""
        return any(exchange.judgement.leaked for exchange in self.exchanges)

    @property
    def success(self) -> int | None:
        """The round of success, from 1: an item was accepted whose title the user had never said."""
        return None if self.leaked else self.accepted
