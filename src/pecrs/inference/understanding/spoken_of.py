"""The items that a dialogue spoke of: those of one title, those named together, and their people.

Source: design section 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from pecrs.data.catalogue import Catalogue
from pecrs.linking.facets import value_key


class SpokenOf:
    """What a catalogue says of items that were named."""

    def __init__(self, catalogue: Catalogue, people: Collection[str]) -> None:
        """Index the titles.

        Args:
            catalogue: The items.
            people: Fields that hold people.
        """
        self._catalogue, self._fields = catalogue, people
        self._alike: defaultdict[str, list[str]] = defaultdict(list)
        for item in catalogue:
            self._alike[value_key(item.title)].append(item.id)
        self._people = lru_cache(4096)(self._names)

    def families(self, turns: Sequence[Sequence[str]]) -> list[list[tuple[int, str]]]:
        """Return the items that years may tell apart, each with its year, the likeliest family first.

        These are the items of the title that was named last, items named together, then items of other titles, and
        all that was named.

        Args:
            turns: The items of each turn, the oldest first.
        """
        latest_first = [[item for item in reversed(items) if item in self._catalogue] for items in reversed(turns)]
        spoken = [item for items in latest_first for item in items]
        alike = [[item, *self._alike[value_key(self._catalogue[item].title)]] for item in spoken]
        together = [items for items in latest_first if len(set(items)) > 1]
        if latest_first and latest_first[0] in together:
            alike.insert(0, together.pop(0))
        families: list[list[str]] = [*alike[:1], *together, *alike[1:], spoken[:2], spoken]
        return [[(year, item) for item in items if (year := self._catalogue[item].year)] for items in families]

    def entitled(self, title: str) -> list[str]:
        """Return the items of a title."""
        return self._alike.get(value_key(title), [])

    def alike(self, item: str) -> list[tuple[int, str]]:
        """Return the items of the title of an item, each with its year."""
        title = self._catalogue[item].title if item in self._catalogue else ""
        return [(year, other) for other in self.entitled(title) if (year := self._catalogue[other].year)]

    def with_namesakes(self, items: Sequence[str]) -> tuple[str, ...]:
        """Return items that were spoken of, the latest last, and before it those that share its title."""
        latest = [item for item in items[-1:] if item in self._catalogue]
        alike = [other for item in latest for other in self.entitled(self._catalogue[item].title)]
        return (*items[:-1], *(other for other in alike if other not in items), *items[-1:])

    def people(self, turns: Iterable[Iterable[str]]) -> frozenset[str]:
        """Return the folded names of the people of the items of some turns."""
        return frozenset().union(*(self._people(item) for items in turns for item in items))

    def _names(self, item: str) -> frozenset[str]:
        if item not in self._catalogue:
            return frozenset()
        entry = self._catalogue[item]
        return frozenset(value_key(value) for name in self._fields for value in entry.values(name))
