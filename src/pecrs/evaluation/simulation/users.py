"""Who the simulated users are: tastes of real dialogues, or facets of the catalogue, patience and habits of typing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker
from pecrs.data.templates.noise import draw_style
from pecrs.data.templates.values import Values
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.simulation.facets import DECADE, Facet, facets_of

Goal = Literal["target", "free"]
GOALS: tuple[str, ...] = ("target", "free")
"""``target``: the user has one item in mind. ``free``: any item that fits and is new will do."""

_TOLD_MOST = {"genre": 2, "keyword": 1, "director": 1, "actor": 2, "writer": 1, "person": 1, DECADE: 1}
_TOLD_LEAST = 4
_WANTED = (2, 3)
_CHOICE = 3
_PATIENCE = (3, 9)
_SEEN_SHARE = 0.15
_REFUSING = 0.5
_EAGER, _CURIOUS = 0.5, 0.3
_LIKED = 2
_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Profile:
    """A user.

    Attributes:
        id: Number, from 1.
        target: The item in mind, or None where any that fits will do.
        wants: What is wanted and refused, in the order in which it is told.
        liked: Items of the past that the user names.
        seen: Items that are known to have been seen.
        patience: How many rounds without success it takes; annoying ones count twice.
        seen_share: Share of the other items that have been seen.
        style: Habit of typing; see :data:`pecrs.data.templates.noise.STYLES`.
        eager: Probability of telling two things at once.
        curious: Probability of asking for a fact before saying yes or no.
        seed: Of all that the user draws.
        source: The dialogue that the taste is of; empty where it was drawn from the catalogue.
    """

    id: int
    target: str | None
    wants: tuple[Facet, ...]
    liked: tuple[str, ...] = ()
    seen: frozenset[str] = frozenset()
    patience: int = 6
    seen_share: float = 0.0
    style: str = "neat"
    eager: float = 0.0
    curious: float = 0.0
    seed: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Taste:
    item: Item
    liked: tuple[str, ...] = ()
    seen: frozenset[str] = frozenset()
    source: str = ""


def draw_users(
    catalogue: Catalogue, goal: Goal, count: int, seed: int, dialogues: Sequence[Dialogue] = ()
) -> tuple[Profile, ...]:
    """Draw users; the same arguments give the same ones.

    Args:
        catalogue: The items.
        goal: See :data:`GOALS`.
        count: How many.
        seed: Of the draw.
        dialogues: Whose tastes they have; none draws them from the catalogue.

    Raises:
        ConfigError: If the goal is unknown or the count not positive.
        DataError: If no item is described well enough to be asked for.
    """
    if goal not in GOALS:
        raise ConfigError(f"goal: one of {', '.join(GOALS)} is expected, not {goal!r}")
    if count < 1:
        raise ConfigError(f"count: at least one user is needed, not {count}")
    lot = Random(seed)
    draw = _real_tastes(catalogue, dialogues, lot) if dialogues else _drawn_tastes(catalogue, lot)
    genres = Counter(f for item in catalogue for f in facets_of(item).get("genre", ()))
    common = [facet for facet, _ in genres.most_common(10)]
    return tuple(_user(number, draw, goal, catalogue, common, seed) for number in range(1, count + 1))


def _user(
    number: int, draw: Callable[[], _Taste], goal: Goal, catalogue: Catalogue, common: Sequence[Facet], seed: int
) -> Profile:
    lot = Random(f"{seed} {number}")
    for _ in range(_DRAWS):
        taste = draw()
        wants = _told(taste.item, lot)
        if len(wants) >= _TOLD_LEAST:
            break
    else:
        raise DataError(f"no item has {_TOLD_LEAST} facts that a user could ask for")
    if goal == "free":
        wants = _satisfiable(wants[: lot.choice(_WANTED)], catalogue)
    others = [facet for facet in common if not facet.holds(taste.item)]
    if others and lot.random() < _REFUSING:
        other = lot.choice(others)
        wants = (*wants, Facet(other.slot, other.value, refused=True))
    return Profile(
        number,
        taste.item.id if goal == "target" else None,
        wants,
        taste.liked if goal == "free" else (),
        taste.seen - {taste.item.id},
        lot.randint(*_PATIENCE),
        _SEEN_SHARE,
        draw_style(lot),
        _EAGER * lot.random(),
        _CURIOUS * 2 * lot.random(),
        lot.getrandbits(32),
        taste.source,
    )


def _told(item: Item, lot: Random) -> tuple[Facet, ...]:
    """Return what is told of an item: a kind first, then the rest as it comes to mind."""
    known = facets_of(item)
    chosen = [facet for slot, facets in known.items() for facet in facets[: _TOLD_MOST[slot]]]
    lot.shuffle(chosen)
    return tuple(sorted(chosen, key=lambda facet: facet.slot != "genre" or facet.value != _first(chosen)))


def _first(chosen: Sequence[Facet]) -> str:
    return next((facet.value for facet in chosen if facet.slot == "genre"), "")


def _satisfiable(wants: tuple[Facet, ...], catalogue: Catalogue) -> tuple[Facet, ...]:
    """Leave out the last wants until enough items fulfil the rest."""
    while len(wants) > 1 and sum(all(f.holds(item) for f in wants) for item in catalogue) < _CHOICE:
        wants = wants[:-1]
    return wants


def _drawn_tastes(catalogue: Catalogue, lot: Random) -> Callable[[], _Taste]:
    values = Values(catalogue)
    if not values.items:
        raise DataError("no item has a title", field="title")
    return lambda: _Taste(values.item(lot))


def _real_tastes(catalogue: Catalogue, dialogues: Sequence[Dialogue], lot: Random) -> Callable[[], _Taste]:
    tastes = [taste for dialogue in dialogues for taste in _tastes(catalogue, dialogue)]
    if not tastes:
        raise DataError("in no dialogue an item is recommended that the seeker likes", field="dialogues")
    lot.shuffle(tastes)
    waiting: list[_Taste] = []

    def draw() -> _Taste:
        if not waiting:
            waiting.extend(tastes)
        return waiting.pop()

    return draw


def _tastes(catalogue: Catalogue, dialogue: Dialogue) -> list[_Taste]:
    """Return a taste for each item that was recommended and not disliked, with what the seeker named and has seen."""
    named = {
        speaker: tuple(dict.fromkeys(i for t in dialogue.turns if t.speaker is speaker for i in t.items))
        for speaker in Speaker
    }
    labels = dialogue.labels
    own, offered = named[Speaker.SEEKER], named[Speaker.RECOMMENDER]
    liked = [i for i in own if i not in labels or labels[i].liked is not False]
    seen = frozenset({*own, *(item for item, label in labels.items() if label.seen)})
    wanted = [i for i in offered if i not in own and (i not in labels or labels[i].liked) and catalogue[i].title]
    return [_Taste(catalogue[i], tuple(liked[:_LIKED]), seen, dialogue.id) for i in wanted]
