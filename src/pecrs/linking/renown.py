"""How well known items are: which of several that share a title people mean.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.names import Name, best_tier, without_article

FAME = "fame"
"""The field that says how well known an item is, from 1 to 5; few catalogues have it."""

MOST_KNOWN = 5
"""What that field says of items that everybody knows."""

WIDELY_KNOWN = 4
"""What it says of items that most people have heard of."""

_FAMED = 5
"""How many times as often an item was named that people mean though they leave out its article: "godfather"."""
_LEVELS = 2
"""So many steps of the field do the same."""


class Renown:
    """How well known the items of one catalogue are.

    Attributes:
        counts: How often each item was named by people.
    """

    def __init__(self, catalogue: Catalogue, popularity: Mapping[str, int]) -> None:
        """Look the items up.

        Args:
            catalogue: N items.
            popularity: How often an item was named, by id; missing ones never were.
        """
        self._items = catalogue.items
        self.counts = [popularity.get(item.id, 0) for item in catalogue]
        self._levels = [_level(item) for item in catalogue]

    def level(self, index: int) -> int:
        """Return what the catalogue says of how well known an item is; 0 where it says nothing."""
        return self._levels[index]

    def heard_of(self, named: int) -> list[int]:
        """Return the positions of the items that most people have heard of, or that were named so often."""
        return [i for i, level in enumerate(self._levels) if level >= WIDELY_KNOWN or self.counts[i] >= named]

    def closest(self, names: Sequence[Name], context: Collection[str]) -> set[int]:
        """Return the items whose titles are nearest to some words.

        Those are far better known ones, and ones that were spoken of, too, where the words lack only their article.

        Args:
            names: What the words may be.
            context: Identifiers of items that were spoken of.
        """
        nearest = best_tier(names)
        lacking = without_article(nearest[0].tier)
        return {
            name.index
            for name in names
            if name in nearest
            or (name.tier == lacking and (self._items[name.index].id in context or self._famed(name, nearest)))
        }

    def _famed(self, name: Name, nearest: Sequence[Name]) -> bool:
        steps = self.level(name.index) - max(self.level(other.index) for other in nearest)
        named = self.counts[name.index] > _FAMED * (max(self.counts[other.index] for other in nearest) + 1)
        return steps >= _LEVELS or (named and steps >= 0)


def _level(item: Item) -> int:
    said = item.values(FAME)
    return int(said[0]) if said and said[0].isdigit() else 0
