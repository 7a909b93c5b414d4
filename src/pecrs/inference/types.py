"""What goes into a reply and what comes out of it, as values."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
    def restrict(self) -> bool:
        """Whether any item is kept out, mentions aside."""
        return bool(self.exclude or self.genres or self.years)

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
        turns: All turns so far; titles in the seeker's words are linked first.
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
        now: Whether the last message itself asks for something, so that silence would not do.
        done: Whether the last message takes leave or thanks for what was recommended, and asks for nothing.
    """

    genres: frozenset[str] = frozenset()
    every: bool = True
    avoided: frozenset[str] = frozenset()
    years: tuple[int, int] | None = None
    now: bool = False
    done: bool = False

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
        recommends: Whether the reply recommends; then its text names ``items[0]``.
        probability: The model's probability of recommending at this point.
        turn: The reply in canonical form, to be appended to the dialogue.
        timings: Seconds by step: ``link``, ``decide``, ``retrieve``, ``rerank``, ``generate``, as far as taken. A step
            that several replies take together is divided among them equally.
        constraints: What the ranked items were chosen for.
        tokens: Number of tokens that the model wrote, its end of turn included.
    """

    text: str
    items: tuple[ScoredItem, ...]
    recommends: bool
    probability: float
    turn: Turn
    timings: Mapping[str, float] = field(default_factory=dict)
    constraints: Constraints = field(default_factory=Constraints)
    tokens: int = 0


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
