"""What goes into a reply and what comes out of it, as values."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pecrs.data.catalogue import Item
from pecrs.data.dialogue import Turn


@dataclass(frozen=True)
class Filters:
    """What may be recommended.

    Attributes:
        exclude: Item ids to leave out.
        exclude_mentioned: Leave out what the dialogue has already named.
        genres: Keep items with at least one of these genres (any case); empty keeps all.
        years: Keep items released from the first to the last of two years, both included; None keeps all.
    """

    exclude: frozenset[str] = frozenset()
    exclude_mentioned: bool = True
    genres: frozenset[str] = frozenset()
    years: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Compare genres without regard to case."""
        object.__setattr__(self, "genres", frozenset(genre.lower() for genre in self.genres))

    @property
    def narrow(self) -> bool:
        """Whether only items of some kind are kept."""
        return bool(self.genres or self.years)

    @property
    def restrict(self) -> bool:
        """Whether any item is kept out, mentions aside."""
        return bool(self.exclude) or self.narrow

    def allows(self, item: Item) -> bool:
        """Tell whether an item passes, mentions aside."""
        if item.id in self.exclude:
            return False
        if self.genres and self.genres.isdisjoint(genre.lower() for genre in item.values("genres")):
            return False
        return self.years is None or (item.year is not None and self.years[0] <= item.year <= self.years[1])


@dataclass(frozen=True)
class Request:
    """A dialogue that waits for an answer.

    Attributes:
        turns: All turns so far, titles linked; see :meth:`pecrs.Recommender.link`.
        filters: What may be recommended.
        recommend: Force or forbid a recommendation; None lets the model decide.
        count: Number of ranked items in the reply.
        seed: Seed of sampling; None draws one.
    """

    turns: tuple[Turn, ...]
    filters: Filters = field(default_factory=Filters)
    recommend: bool | None = None
    count: int = 10
    seed: int | None = None


@dataclass(frozen=True)
class Constraints:
    """What the seeker has asked for in so many words.

    Attributes:
        genres: Wanted genres, in lower case.
        every: Whether an item should have all of them, or at least one.
        avoided: Genres to leave out.
        years: First and last wanted year, or None.
    """

    genres: frozenset[str] = frozenset()
    every: bool = True
    avoided: frozenset[str] = frozenset()
    years: tuple[int, int] | None = None

    @property
    def restrict(self) -> bool:
        """Whether any item is kept out."""
        return bool(self.genres or self.avoided or self.years)

    def allows(self, item: Item) -> bool:
        """Tell whether an item is what was asked for."""
        has = {genre.lower() for genre in item.values("genres")}
        if not self.avoided.isdisjoint(has):
            return False
        if self.genres and not (self.genres <= has if self.every else self.genres & has):
            return False
        return self.years is None or (item.year is not None and self.years[0] <= item.year <= self.years[1])

    def __str__(self) -> str:
        """Return the constraints in a few words; empty where there are none."""
        years = () if self.years is None else ("-".join(map(str, dict.fromkeys(self.years))),)
        kinds = (" and " if self.every else " or ").join(sorted(self.genres))
        return ", ".join(filter(None, (kinds, *years, *(f"no {genre}" for genre in sorted(self.avoided)))))


@dataclass(frozen=True)
class Fact:
    """What the catalogue says about an item.

    Attributes:
        item: The item.
        words: What is said of it, to be put after its name.
    """

    item: Item
    words: str


@dataclass(frozen=True)
class Understanding:
    """What a seeker's words were understood to mean.

    Attributes:
        constraints: What was asked for so far.
        asks: Whether the last message itself asks for something, so that silence would not do.
        closes: Whether the last message takes leave or thanks for what was recommended, and asks for nothing.
        fact: The answer to the last message, where it asks for a fact of the catalogue.
    """

    constraints: Constraints = field(default_factory=Constraints)
    asks: bool = False
    closes: bool = False
    fact: Fact | None = None


class MoveKind(StrEnum):
    """What a reply does."""

    RECOMMEND = "recommend"
    """Recommend the best items."""
    TELL = "tell"
    """Answer a question from the catalogue."""
    CHAT = "chat"
    """Say something without recommending."""
    NOTHING_LEFT = "nothing_left"
    """Say why nothing can be recommended."""


@dataclass(frozen=True)
class Move:
    """What is done next.

    Attributes:
        kind: What the reply does.
        words: What is said; empty leaves the words to the model.
        about: The item whose name the words follow, or None.
        tentative: Whether the model decides by its words: where they name no item, the move is to chat after all.
            Source: PECRS §3.6.
    """

    kind: MoveKind
    words: str = ""
    about: Item | None = None
    tentative: bool = False


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
        constraints: What the ranked items were chosen for.
        tokens: Number of tokens that the model wrote, its end of turn included.
    """

    text: str
    items: tuple[ScoredItem, ...]
    move: MoveKind
    probability: float
    turn: Turn
    timings: Mapping[str, float] = field(default_factory=dict)
    constraints: Constraints = field(default_factory=Constraints)
    tokens: int = 0

    @property
    def recommends(self) -> bool:
        """Whether the reply recommends."""
        return self.move is MoveKind.RECOMMEND


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
