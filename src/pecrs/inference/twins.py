"""Items that a catalogue has more than once: what was named under one entry is not recommended under another.

Source: design section 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.facets import value_key

_UNDATED = "undated"
_COMPARED = 3
"""So many people of a cast make two entries the same, beside year and maker."""


def twins_of(catalogue: Catalogue) -> Sequence[frozenset[int]]:
    """Return for each item the places of all entries of the same thing, its own included.

    Two entries are one thing where title and year agree, or year, makers and the first of the cast do; where an entry
    has no year, a title without its subtitle is enough.

    Args:
        catalogue: The items.
    """
    groups: defaultdict[tuple[object, ...], set[int]] = defaultdict(set)
    for place, item in enumerate(catalogue):
        for key in _keys(item):
            groups[key].add(place)
    found = [frozenset({place}) for place in range(len(catalogue))]
    for key, group in groups.items():
        if key[0] == _UNDATED and all(catalogue.items[place].year is not None for place in group):
            continue
        for place in group:
            found[place] |= group
    return found


def _keys(item: Item) -> Iterable[tuple[object, ...]]:
    yield value_key(item.title), item.year
    makers, cast = item.values("directors"), item.values("actors")[:_COMPARED]
    if makers and len(cast) == _COMPARED and item.year is not None:
        yield item.year, makers, cast
    yield _UNDATED, value_key(item.title.partition(":")[0]), makers, cast
