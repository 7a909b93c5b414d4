"""What goes into a reply and what comes out of it, as values."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pecrs.data.catalogue import Item
from pecrs.data.dialogue import Turn
from pecrs.inference.edits import Edit
from pecrs.inference.moves import MoveKind
from pecrs.inference.state import DialogueState
from pecrs.linking.conditions import Condition

SHOWN = 3
"""So many of the ranked items are seen beside the words of a reply that recommends one."""


@dataclass(frozen=True)
class Filters:
    """What may be recommended, beside what the person says.

    Attributes:
        exclude: Item ids to leave out.
        exclude_mentioned: Leave out what the dialogue has already named.
        where: What the fields of an item must hold, all of it; see :meth:`of` for their text form.
        sort: A field of numbers, of which the least comes first, with a minus the largest, over all that passes; items
            without a number are left out while others have one. Empty leaves the order to the model. An order that the
            person asks for in words goes before it.
    """

    exclude: frozenset[str] = frozenset()
    exclude_mentioned: bool = True
    where: tuple[Condition, ...] = ()
    sort: str = ""

    @classmethod
    def of(cls, *where: str, sort: str = "", exclude: Iterable[str] = (), exclude_mentioned: bool = True) -> Filters:
        """Read conditions in their text form.

        >>> [price, brand] = Filters.of("price<=50", "brand=Acme|Nord", sort="price").where
        >>> price.at_most, brand.any_of
        ('50', ('Acme', 'Nord'))

        Args:
            where: Such as ``price<=50``, ``weight<2 kg``, ``year=1990..1999``, ``genres!=horror``, ``waterproof=yes``.
            sort: Such as ``price``, or ``-year`` for the newest first.
            exclude: Item ids to leave out.
            exclude_mentioned: Leave out what the dialogue has already named.

        Raises:
            DataError: If a text is no condition. Whether the catalogue has such fields and values is checked where the
                filters are used.
        """
        return cls(frozenset(exclude), exclude_mentioned, tuple(map(Condition.parse, where)), sort)


@dataclass(frozen=True)
class Request:
    """A dialogue that waits for an answer.

    Attributes:
        turns: All turns so far, titles linked; see :meth:`pecrs.Recommender.link`.
        filters: What may be recommended.
        recommend: Force or forbid a recommendation; None lets the model decide.
        count: Number of ranked items in the reply.
        seed: Seed of sampling; None draws one.
        edits: What the person has changed of the state by hand.
    """

    turns: tuple[Turn, ...]
    filters: Filters = field(default_factory=Filters)
    recommend: bool | None = None
    count: int = 10
    seed: int | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class ScoredItem:
    """An item in a ranking.

    Attributes:
        item: The item.
        rank: 1 is best.
        score: The score it is ranked by; higher is better.
        retrieval: Its retrieval score.
        rerank: Its re-ranking score, or None outside the shortlist or without a re-ranker.
    """

    item: Item
    rank: int
    score: float
    retrieval: float
    rerank: float | None


@dataclass(frozen=True)
class Reply:
    """An answer.

    Attributes:
        text: What to show, titles filled in.
        items: The ranked items, best first; empty when the reply does not recommend.
        move: What the reply does. Where it recommends, its text names ``items[0]``.
        probability: The model's probability of recommending at this point.
        turn: The reply in canonical form, to be appended to the dialogue.
        timings: Seconds by step: ``understand``, ``decide``, ``retrieve``, ``rerank``, ``generate``, as far as taken. A
            step that several replies take together is divided among them equally.
        state: What the person wants so far, as it was read; None where the model reads no messages.
        tokens: Number of tokens that the model wrote, its end of turn included.
    """

    text: str
    items: tuple[ScoredItem, ...]
    move: MoveKind
    probability: float
    turn: Turn
    timings: Mapping[str, float] = field(default_factory=dict)
    state: DialogueState | None = None
    tokens: int = 0

    @property
    def recommends(self) -> bool:
        """Whether the reply recommends."""
        return self.move in (MoveKind.RECOMMEND, MoveKind.LIST)


@dataclass(frozen=True)
class TurnEffect:
    """How an item's retrieval score depends on one turn of the dialogue.

    Attributes:
        turn: Index of the turn.
        change: Score with the whole dialogue minus score without this turn, relative to the mean over the catalogue.
    """

    turn: int
    change: float


class Stopwatch:
    """Seconds by step, divided among those who take it."""

    def __init__(self) -> None:
        """Start."""
        self._last = time.perf_counter()

    def lap(self, name: str, takers: Sequence[dict[str, float]]) -> None:
        """Add to each taker's seconds its share of what has passed since the last step."""
        now = time.perf_counter()
        for seconds in takers:
            seconds[name] = seconds.get(name, 0.0) + (now - self._last) / len(takers)
        self._last = now
