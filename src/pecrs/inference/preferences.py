"""The order of what fits: what was disliked pushes its like down, well known or not, and lists that are not all alike.

Source: design section 4, "Ranking follows the state".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from pecrs.data.catalogue import Catalogue
from pecrs.inference.language.lexicon import sells_kinds
from pecrs.inference.similarity import Similarity
from pecrs.inference.state import DialogueState
from pecrs.inference.types import ScoredItem
from pecrs.linking.facets import KIND_FIELDS, Facets
from pecrs.linking.tones import RECEPTION
from pecrs.model.pecrs import PecrsModel
from pecrs.ranking.features import FAME

POOL = 300
"""How many of the best items are looked at where the state changes their order."""

_AVERSION, _ALIKE = 6.0, 0.2
"""Score taken from an item for each unit of cosine above this one to an item that was turned down; where something is
disliked, similarity to what is liked adds as much."""

_SIMILARITY = 6.0
"""Score for a unit of similarity to examples of what is asked for."""

_UNLIKE = 1.5
"""Score taken for a unit of similarity to what is disliked: who hated one musical is not offered another."""

_SEQUEL = 6.0
"""Score taken from what belongs to the series of an example: who likes one part knows of the others."""

_LEANING = 6.0
"""Score for each theme or person that is asked for and as prominent in an item as can be."""

_BESIDE = 3.0
"""How much more that counts beside examples: who asks for something "like Jaws but with bears" wants bears."""

_SHORT = "short"
"""The kind of films that last less than those that people mean by the word."""

_SHORTS, _BRIEF = 45, 4.0
"""So many minutes a short has at most, and the score taken from one."""

_RECEIVED = {"poorly received": -2.0, "mixed": -0.5, "well liked": 0.2, "acclaimed": 0.5}
"""Score for how an item was received."""

_TOLD_FAME, _LITTLE = 1.5, 2
"""A step of what a catalogue says of fame, in logarithms of numbers; up to which step an item is little known."""

_FAME = 1.5
"""Score for a unit of log popularity, where well-known or little-known items are asked for."""


@dataclass(frozen=True, eq=False)
class Preferences:
    """Orders ranked items by what the person said.

    Attributes:
        similarity: How alike the catalogue's items are, with their vectors and their fame.
    """

    similarity: Similarity

    @staticmethod
    def reorder(state: DialogueState) -> bool:
        """Tell whether a state changes the order of what fits."""
        return bool(state.popularity or state.disliked or state.rejected or state.examples or state.wanted)

    def near(self, state: DialogueState, allowed: Tensor) -> Tensor:
        """Return (N,) which allowed items are like the examples of what is asked for; all where there are none.

        Args:
            state: What the person wants.
            allowed: (N,) what fits.
        """
        if not any(item in self.similarity.catalogue for item in state.examples):
            return allowed
        found = torch.zeros_like(allowed)
        found[torch.from_numpy(self.similarity.nearest(state.examples, allowed.cpu().numpy()))] = True
        return found

    def ordered(
        self, ranked: Sequence[ScoredItem], state: DialogueState, leaning: NDArray[np.float64] | None = None
    ) -> list[ScoredItem]:
        """Return ranked items in the order of their scores with what the state adds to them.

        Args:
            ranked: The best items by the model.
            state: What the person wants.
            leaning: (N,) how much of the themes and people that are asked for each item has.
        """
        if not ranked or not (self.reorder(state) or leaning is not None):
            return list(ranked)
        places = torch.tensor([self.similarity.catalogue.index(entry.item.id) for entry in ranked])
        added = torch.zeros(len(ranked))
        added -= _AVERSION * self._alike(places, (*state.disliked, *state.rejected))
        if state.disliked:
            added += _AVERSION * self._alike(places, state.liked)
            of_kind = self.similarity(state.disliked, places.numpy()) - self.similarity((), places.numpy())
            added -= _UNLIKE * torch.from_numpy(of_kind)
        if state.examples:
            added -= _SEQUEL * self._of_same_series(ranked, state.examples)
            added += _SIMILARITY * torch.from_numpy(self.similarity(state.examples, places.numpy()))
        if leaning is not None:
            weight = _LEANING * (_BESIDE if state.examples else 1)
            added += weight * torch.from_numpy(leaning[places.numpy()]).float()
        added += torch.tensor([sum(_RECEIVED.get(v, 0.0) for v in entry.item.values(RECEPTION)) for entry in ranked])
        added -= _BRIEF * self._brief(places, state)
        if state.popularity:
            added += state.popularity * _FAME * self.similarity.fame[places].cpu().float()
        scores = torch.tensor([entry.score for entry in ranked]) + added
        order = torch.argsort(scores, descending=True, stable=True).tolist()
        return [replace(ranked[place], score=float(scores[place])) for place in order]

    def _brief(self, places: Tensor, state: DialogueState) -> Tensor:
        """Return (n,) 1 for shorts, where nothing is said of how long an item should be, 0 for all else."""
        facets = Facets.of(self.similarity.catalogue)
        asked = {option.fields[0] for entry in state.wanted for option in entry.options}
        if sells_kinds(facets.catalogue) or "minutes" in asked:
            return torch.zeros(len(places))
        if any(option.key == _SHORT for entry in state.wanted for option in entry.options):
            return torch.zeros(len(places))
        kinds = [name for name in facets.fields if name in KIND_FIELDS]
        minutes = facets.number_field("minutes")
        brief = facets.having(kinds, _SHORT)
        if minutes is not None:
            brief = np.union1d(brief, facets.within(minutes, None, _SHORTS))
        return torch.from_numpy(np.isin(places.numpy(), brief)).float()

    def _of_same_series(self, ranked: Sequence[ScoredItem], examples: Sequence[str]) -> Tensor:
        """Return (n,) 1 for what belongs to the series of an example or goes by its name, 0 for all else."""
        known = [self.similarity.catalogue[item] for item in examples if item in self.similarity.catalogue]
        series = {name for item in known for name in item.values("series")}
        titles = tuple(item.title for item in known if item.title)
        same = [
            not series.isdisjoint(entry.item.values("series")) or entry.item.title.startswith(titles)
            for entry in ranked
        ]
        return torch.tensor(same, dtype=torch.float32)

    def _alike(self, places: Tensor, others: Sequence[str]) -> Tensor:
        """Return (n,) by how much the cosine of each item to the nearest of some others exceeds the least."""
        known = [self.similarity.catalogue.index(item) for item in others if item in self.similarity.catalogue]
        if not known:
            return torch.zeros(len(places))
        theirs = F.normalize(self.similarity.vectors[known].float(), dim=1)
        alike = F.normalize(self.similarity.vectors[places].float(), dim=1) @ theirs.T
        return (alike.max(1).values.cpu() - _ALIKE).clamp_min(0)


def by_key(ranked: Sequence[ScoredItem], key: NDArray[np.float64], catalogue: Catalogue) -> list[ScoredItem]:
    """Return ranked items in rising order of a key, which becomes their score; equal ones stay in order.

    Args:
        ranked: The best items by the model.
        key: (N,) by place in the catalogue; items without a number come last.
        catalogue: N items.
    """
    keyed = [(float(key[catalogue.index(entry.item.id)]), entry) for entry in ranked]
    known = sorted((pair for pair in keyed if not np.isnan(pair[0])), key=lambda pair: pair[0])
    least = known[-1][0] if known else 0.0
    return [replace(entry, score=-own) for own, entry in known] + [
        replace(entry, score=-least) for own, entry in keyed if np.isnan(own)
    ]


def varied(ranked: Sequence[ScoredItem], count: int) -> list[ScoredItem]:
    """Return a list in which no series and no name comes twice while there is something else, the rest behind in order.

    Args:
        ranked: The best items.
        count: How many will be named.
    """
    seen: set[str] = set()
    first: list[ScoredItem] = []
    rest: list[ScoredItem] = []
    for entry in ranked:
        series = {*entry.item.values("series"), entry.item.name}
        if len(first) < count and series.isdisjoint(seen):
            first.append(entry)
            seen |= series
        else:
            rest.append(entry)
    return [*first, *rest]


def numbered(ranked: Sequence[ScoredItem], count: int) -> tuple[ScoredItem, ...]:
    """Return the first items, ranked from 1."""
    return tuple(replace(entry, rank=rank) for rank, entry in enumerate(ranked[:count], start=1))


def fame_of(model: PecrsModel, catalogue: Catalogue) -> Tensor:
    """Return (N,) how well known items are: as the catalogue says, else by how often training named them.

    The latter is the logarithm of the number, plus one, and zero for items that training did not know; the former, from
    1 to 5, is put on about the same scale, and what is little known is as little known as what nobody knows.

    Args:
        model: The model.
        catalogue: N items, its own or others.
    """
    own, known = model.catalogue, model.retriever.log_popularity.cpu()
    places = torch.tensor([own.index(item.id) if item.id in own else -1 for item in catalogue])
    counted = torch.where(places >= 0, known[places.clamp_min(0)], 0.0)
    facets = Facets.of(catalogue)
    if facets.number_field(FAME) is None:
        return counted
    told = torch.from_numpy(facets.numbers(FAME)).to(counted)
    return torch.where(told.isnan(), counted, _TOLD_FAME * (told.clamp_min(_LITTLE) - 1))
