"""The interface every evaluated recommender has, and the trivial ones that a model must beat.

Source: design section 5.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, permutations
from typing import Protocol, Self

import numpy as np

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue
from pecrs.data.protocol import Instance, Ranking, label_counts
from pecrs.errors import DataError


class ConversationalRecommender(Protocol):
    """Ranks the whole catalogue at points of dialogues; models and baselines are evaluated through this alone."""

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance, in order.

        Args:
            instances: The points; only the turns before an instance's own may be looked at, never its labels.
            depth: How many items of the full ranking to return; all of a smaller catalogue.
        """
        ...


class Popularity:
    """Ranks by how often an item was the right answer in training; ties keep catalogue order.

    What is counted is said in :func:`pecrs.data.protocol.label_counts`.

    Args:
        dialogues: Training dialogues, one turn a message.
        catalogue: What to rank; items never recommended in training come last.
    """

    def __init__(self, dialogues: Sequence[Dialogue], catalogue: Catalogue) -> None:
        """Count once."""
        self.ranking = _by_count(label_counts(dialogues), catalogue)

    @classmethod
    def of_counts(cls, counts: Mapping[str, int], catalogue: Catalogue) -> Self:
        """Return the ranking by counts that are known already; items without one come last."""
        made = cls((), catalogue)
        made.ranking = _by_count(Counter(counts), catalogue)
        return made

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield the same ranking for each instance; see :class:`ConversationalRecommender`."""
        top = Ranking(self.ranking.items[:depth], self.ranking.scores[:depth])
        return (top for _ in instances)


def _by_count(counts: Counter[str], catalogue: Catalogue) -> Ranking:
    ranked = sorted((item.id for item in catalogue), key=lambda item: -counts[item])
    return Ranking(tuple(ranked), tuple(float(counts[item]) for item in ranked))


class LatestMentionThenPopularity:
    """Ranks the items that were mentioned earlier in the dialogue, the latest first, then the others by popularity.

    Args:
        popularity: The order of the items that were not mentioned.
    """

    def __init__(self, popularity: Popularity) -> None:
        """Keep the popularity ranking."""
        self._popularity = popularity.ranking

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance; see :class:`ConversationalRecommender`."""
        known = frozenset(self._popularity.items)
        for instance in instances:
            earlier = instance.dialogue.turns[: instance.turn]
            latest = [item for turn in reversed(earlier) for item in reversed(turn.items) if item in known]
            yield first_then(list(dict.fromkeys(latest)), self._popularity, depth)


def first_then(first: Sequence[str], ranking: Ranking, depth: int) -> Ranking:
    """Return a ranking with some items put before all others.

    Args:
        first: What comes first, in order, each once.
        ranking: The order of the others, not empty.
        depth: Items of the result.
    """
    first, skipped = first[:depth], frozenset(first)
    others = ((i, s) for i, s in zip(ranking.items, ranking.scores, strict=True) if i not in skipped)
    rest = list(islice(others, depth - len(first)))
    above = ranking.scores[0] + len(first)
    return Ranking(
        (*first, *(item for item, _ in rest)),
        (*(above - rank for rank in range(len(first))), *(score for _, score in rest)),
    )


class Neighbours:
    """Ranks items by the company they keep: item-item collaborative filtering over who was named with whom.

    An item's score is the sum, over the items named so far, of the number of training dialogues that name both, divided
    by the root of the product of the numbers that name each. Ties, and dialogues that name nothing, go by popularity.

    Source: Sarwar et al., "Item-based collaborative filtering recommendation algorithms", WWW 2001 (cosine).
    """

    def __init__(self, dialogues: Sequence[Dialogue], popularity: Popularity) -> None:
        """Count pairs.

        Args:
            dialogues: Training dialogues.
            popularity: The order of items that are alike in all else.

        Raises:
            DataError: If there is no dialogue to count in.
        """
        if not dialogues:
            raise DataError("neighbours are counted in train dialogues, and there are none", field="train")
        self._popularity = popularity.ranking
        self._index = {item: place for place, item in enumerate(self._popularity.items)}
        named = [
            sorted({self._index[item] for turn in dialogue.turns for item in turn.items if item in self._index})
            for dialogue in dialogues
        ]
        counts = Counter(item for items in named for item in items)
        pairs = Counter(pair for items in named for pair in permutations(items, 2))
        beside: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        for (one, other), count in pairs.items():
            beside[one].append((other, count / math.sqrt(counts[one] * counts[other])))
        self._beside = {
            item: tuple(np.array(column) for column in zip(*near, strict=True)) for item, near in beside.items()
        }

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance; see :class:`ConversationalRecommender`."""
        prior = -np.arange(len(self._index)) * 1e-9
        for instance in instances:
            scores = prior.copy()
            for item in instance.mentioned:
                places, values = self._beside.get(self._index.get(item, -1), (np.zeros(0, int), np.zeros(0)))
                scores[places] += values
            best = np.argsort(-scores, kind="stable")[:depth]
            yield Ranking(tuple(self._popularity.items[i] for i in best), tuple(scores[best].tolist()))
