"""What training dialogues tell of items by counting: how often, with which others, after which, and again or not.

Source: design section 10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, Speaker
from pecrs.data.protocol import standard_instances
from pecrs.ranking.sparse import Floats, Indices, SparseRows
from pecrs.ranking.words import SaidWords

_VECTORS, _MATRICES = ("labels", "named", "again", "chances"), ("together", "next")
_PARTS = ("starts", "columns", "values")
_SAID = "said."


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts over training dialogues, by index of a catalogue of N items.

    Attributes:
        labels: (N,) how often each item was recommended.
        named: (N,) dialogues that name each item.
        again: (N,) how often each item was recommended after the dialogue had named it.
        chances: (N,) recommendations in dialogues that had named the item already.
        together: (N, N) dialogues that name both items; symmetric, without a diagonal.
        next: (N, N) how often a recommender named the column's item next after the row's.
        said: Messages that have each word.
    """

    labels: Floats
    named: Floats
    again: Floats
    chances: Floats
    together: SparseRows
    next: SparseRows
    said: SaidWords

    @classmethod
    def of(cls, dialogues: Sequence[Dialogue], catalogue: Catalogue) -> Self:
        """Count.

        Args:
            dialogues: One turn a message.
            catalogue: The items; others are passed over.
        """
        size = len(catalogue)
        labels, named, again, chances = np.zeros((4, size), dtype=np.float32)
        pairs: Counter[tuple[int, int]] = Counter()
        steps: Counter[tuple[int, int]] = Counter()
        for dialogue in dialogues:
            items = {catalogue.index(item) for turn in dialogue.turns for item in turn.items if item in catalogue}
            named[list(items)] += 1
            pairs.update(permutations(sorted(items), 2))
            steps.update(_steps(dialogue, catalogue))
        for instance in standard_instances(dialogues):
            before = [catalogue.index(item) for item in instance.mentioned if item in catalogue]
            chances[before] += 1
            for item in (catalogue.index(label) for label in instance.labels if label in catalogue):
                labels[item] += 1
                again[item] += item in before
        together, after = (SparseRows.of_counts(counts, (size, size)) for counts in (pairs, steps))
        said = SaidWords.of(turn.text for dialogue in dialogues for turn in dialogue.turns)
        return cls(labels, named, again, chances, together, after, said)

    def elsewhere(self, catalogue: Catalogue) -> Self:
        """Return the counts for a catalogue that nobody has talked about: 0 of all items, words as they were said."""
        return replace(self.of((), catalogue), said=self.said)

    def cosines(self) -> SparseRows:
        """Return (N, N) dialogues that name both items over the root of the product of those that name each."""
        root = 1 / np.sqrt(np.maximum(self.named, 1))
        pairs = self.together
        return pairs.with_values((pairs.values * root[pairs.owners] * root[pairs.columns]).astype(np.float32))

    def rates(self, smoothing: float) -> SparseRows:
        """Return (N, N) how often the column's item came next after the row's, of all that came next.

        Args:
            smoothing: Added to the number of all.
        """
        steps, rows = self.next, self.next.owners
        sums = np.bincount(rows, weights=steps.values, minlength=len(self.named)) + smoothing
        return steps.with_values((steps.values / sums[rows]).astype(np.float32))

    def moved(self, places: Indices) -> Self:
        """Return the counts by index of another catalogue.

        Args:
            places: (N',) index here of each of its items, -1 for one that was never counted.
        """
        known = places >= 0
        there = np.full(len(self.named), -1)
        there[places[known]] = np.flatnonzero(known)
        moved: dict[str, Any] = {}
        moved |= {name: np.where(known, getattr(self, name)[places], np.float32(0)) for name in _VECTORS}
        moved |= {name: getattr(self, name).moved(there, len(places)) for name in _MATRICES}
        return replace(self, **moved)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as plain arrays by name, small whole numbers as such."""
        found = {name: _whole(getattr(self, name)) for name in _VECTORS}
        for name in _MATRICES:
            found |= {f"{name}.{part}": getattr(getattr(self, name), part) for part in _PARTS}
            found[f"{name}.values"] = _whole(found[f"{name}.values"])
        return found | {f"{_SAID}{name}": array for name, array in self.said.arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make counts of what :meth:`arrays` returned."""
        size = len(arrays["labels"])
        parts: dict[str, Any] = {name: arrays[name].astype(np.float32) for name in _VECTORS}
        for name in _MATRICES:
            starts, columns, values = (arrays[f"{name}.{part}"] for part in _PARTS)
            parts[name] = SparseRows(starts, columns, values.astype(np.float32), size)
        said = {name.removeprefix(_SAID): array for name, array in arrays.items() if name.startswith(_SAID)}
        return cls(**parts, said=SaidWords.from_arrays(said))


def _whole(numbers: Floats) -> NDArray[Any]:
    """Return numbers in half the bytes where they are small and whole."""
    small: NDArray[Any] = numbers.astype(np.uint16)
    return small if np.array_equal(small, numbers) else numbers


def _steps(dialogue: Dialogue, catalogue: Catalogue) -> list[tuple[int, int]]:
    """Return each item that a recommender named, with the one named last before it by whomever."""
    found: list[tuple[int, int]] = []
    latest = -1
    for turn in dialogue.turns:
        for item in (catalogue.index(item) for item in turn.items if item in catalogue):
            if turn.speaker is Speaker.RECOMMENDER and latest >= 0 and item != latest:
                found.append((latest, item))
            latest = item
    return found
