"""From what the model retrieves to the final order: candidates, their features, boosted trees.

Items that a dialogue has named are scored by trees of their own kind: whether to name one again is another question
than what is new to the person (the repeat gate), and whoever leaves out what was named asks only the other.

Source: design section 10.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Turn
from pecrs.ranking.counts import Counts
from pecrs.ranking.features import Features, Query
from pecrs.ranking.meaning import ItemMeanings, Meaning, Read
from pecrs.ranking.sparse import Floats, Indices
from pecrs.ranking.trees import Trees

POOL = 250
"""The model's best items that are looked at."""

MORE = (60, 40, 60, 60, 60, 60)
"""Items that are looked at beside them: by co-occurrence, by transitions, by words, by what is alike, by meaning and by
values of categories."""

Score = Callable[[Indices], Floats]
"""Indices (n,) in rising order -> the model's scores of these items."""


@dataclass(frozen=True, eq=False)
class Weights:
    """What was fitted.

    Attributes:
        names: The features, in the order of the trees' columns.
        new: Scores items that the dialogue has not named: log-odds of being the right answer.
        named: Scores those that it has.
    """

    names: tuple[str, ...]
    new: Trees
    named: Trees

    def __call__(self, table: Floats, named: NDArray[np.bool_]) -> Floats:
        """Return scores (n,).

        Args:
            table: (n, F) features.
            named: (n,) whether the dialogue has named the item.
        """
        scores = np.empty(len(table), dtype=np.float32)
        scores[~named], scores[named] = self.new(table[~named]), self.named(table[named])
        return scores


@dataclass(frozen=True, eq=False)
class Examined:
    """The candidates of one turn.

    Attributes:
        items: (n,) indices in rising order.
        table: (n, F) their features.
        named: (n,) whether the dialogue has named them.
    """

    items: Indices
    table: Floats
    named: NDArray[np.bool_]


class Examiner:
    """Finds candidates and computes their features."""

    def __init__(
        self,
        catalogue: Catalogue,
        counts: Counts,
        names: Sequence[str] | None = None,
        meaning: Meaning | None = None,
    ) -> None:
        """Prepare a catalogue.

        Args:
            catalogue: N items.
            counts: Of the training dialogues, by index of this catalogue.
            names: The features wanted, those that the catalogue lacks being 0; None takes all it has.
            meaning: Compares messages with its items; None leaves that out.
        """
        self._features = Features(catalogue, counts, meaning)
        self.names = self._features.names if names is None else tuple(names)
        places = {name: place for place, name in enumerate(self._features.names)}
        self._columns = np.array([places.get(name, -1) for name in self.names], dtype=np.int64)

    def read_ahead(self, dialogues: Sequence[Sequence[Turn]]) -> None:
        """See :meth:`Features.read_ahead`."""
        self._features.read_ahead(dialogues)

    def examine(
        self, turns: Sequence[Turn], best: Indices, score: Score, allowed: NDArray[np.bool_] | None = None
    ) -> Examined:
        """Look at the candidates of a turn.

        Args:
            turns: The dialogue so far.
            best: The model's best items, which are allowed.
            score: The model's scores.
            allowed: (N,) what may be recommended; None allows all.
        """
        query = Query.of(turns, self._features.catalogue)
        items = self._features.candidates(query, best[:POOL], MORE)
        if allowed is not None:
            items = items[allowed[items]]
        table = self._features.table(query, items, score(items))
        chosen = np.where(self._columns >= 0, table[:, self._columns], np.float32(0))
        return Examined(items, chosen, np.isin(items, query.items))


@dataclass(frozen=True, eq=False)
class Reordering:
    """What a model folder holds of this, by the index of the model's own catalogue.

    Attributes:
        weights: What was fitted.
        counts: Of the training dialogues.
        meanings: What the items mean to the language model; None where messages are not compared with them.
    """

    weights: Weights
    counts: Counts
    meanings: ItemMeanings | None = None

    def uncounted(self, own: Catalogue, catalogue: Catalogue, read: Read) -> Self:
        """Return the same weights for a catalogue that nobody has talked about; features that it lacks are 0.

        Args:
            own: The catalogue of the counts.
            catalogue: Of any domain: features mean the same in all.
            read: Reads what its items are about, where messages are compared with them.
        """
        meanings = None if self.meanings is None else self.meanings.moved(own, catalogue, read)
        return replace(self, counts=self.counts.elsewhere(catalogue), meanings=meanings)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything but the names of the features as arrays by name."""
        parts = {
            "counts": self.counts.arrays(), "new": self.weights.new.arrays(), "named": self.weights.named.arrays()
        }  # fmt: skip
        parts |= {} if self.meanings is None else {"meanings": self.meanings.arrays()}
        return {f"{part}.{name}": array for part, whole in parts.items() for name, array in whole.items()}

    @classmethod
    def from_arrays(cls, names: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make it of names and what :meth:`arrays` returned.

        Raises:
            ValueError: If the arrays do not fit each other.
            KeyError: If one is missing.
        """
        parts: dict[str, dict[str, NDArray[Any]]] = {"counts": {}, "new": {}, "named": {}, "meanings": {}}
        for name, array in arrays.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = array
        new, named = (Trees.from_arrays(parts[part], len(names)) for part in ("new", "named"))
        meanings = ItemMeanings.from_arrays(parts["meanings"]) if parts["meanings"] else None
        return cls(Weights(tuple(names), new, named), Counts.from_arrays(parts["counts"]), meanings)


class Reorderer:
    """Orders what is retrieved from one catalogue."""

    def __init__(self, reordering: Reordering, own: Catalogue, catalogue: Catalogue, read: Read | None = None) -> None:
        """Keep the parts; texts are read when an order is asked for.

        Args:
            reordering: What was fitted.
            own: The catalogue of the counts.
            catalogue: N items, the same or others; what is new has never been counted.
            read: Reads messages and new items; without it they are not compared.
        """
        self._reordering, self._own, self._catalogue, self._read = reordering, own, catalogue, read

    @cached_property
    def _examiner(self) -> Examiner:
        own, catalogue, counts = self._own, self._catalogue, self._reordering.counts
        if catalogue is not own:
            places = [own.index(item.id) if item.id in own else -1 for item in catalogue]
            counts = counts.moved(np.array(places, dtype=np.int64))
        return Examiner(catalogue, counts, self._reordering.weights.names, self._meaning())

    def _meaning(self) -> Meaning | None:
        meanings, read = self._reordering.meanings, self._read
        if meanings is None or read is None:
            return None
        moved = meanings if self._catalogue is self._own else meanings.moved(self._own, self._catalogue, read)
        return Meaning(moved, read)

    def read_ahead(self, dialogues: Sequence[Sequence[Turn]]) -> None:
        """See :meth:`Features.read_ahead`."""
        self._examiner.read_ahead(dialogues)

    def order(
        self, turns: Sequence[Turn], best: Indices, score: Score, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[Indices, Floats]:
        """Return candidates, best first, and their scores; arguments are those of :meth:`Examiner.examine`."""
        examined = self._examiner.examine(turns, best, score, allowed)
        scores = self._reordering.weights(examined.table, examined.named)
        order = np.argsort(-scores, kind="stable")
        return examined.items[order], scores[order]
