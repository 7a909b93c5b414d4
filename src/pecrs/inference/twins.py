"""Items that a catalogue has more than once: what was named under one entry is not recommended under another.

Source: design section 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.facets import value_key
from pecrs.linking.names import ALIASES

_UNDATED = "undated"
_COMPARED = 3
"""So many people of a cast make two entries the same, beside year and maker."""


def twins_of(catalogue: Catalogue) -> Sequence[frozenset[int]]:
    """Return for each item the places of all entries of the same thing, its own included.

    Two entries are one thing where title and year agree, another title of one of them included, or where makers and the
    first of the cast agree and year or title do; where an entry has no year, a title without its subtitle is enough.

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


def nameless(catalogue: Catalogue, twins: Sequence[frozenset[int]]) -> Sequence[int]:
    """Return the places of entries that are not offered, since a better one is there.

    These have no year, and either another entry of the same thing has one, or their title is only the name of a series
    whose parts have years.

    Args:
        catalogue: The items.
        twins: Of :func:`twins_of`.
    """
    dated = {value_key(name) for item in catalogue if item.year is not None for name in item.values("series")}
    return [
        place
        for place, item in enumerate(catalogue)
        if item.year is None
        and (
            value_key(item.title) in dated
            or any(catalogue.items[twin].year is not None for twin in twins[place] - {place})
        )
    ]


def _keys(item: Item) -> Iterable[tuple[object, ...]]:
    yield value_key(item.title), item.year
    for alias in item.values(ALIASES) if item.year is not None else ():
        yield value_key(alias), item.year
    makers, cast = item.values("directors"), item.values("actors")[:_COMPARED]
    if makers and len(cast) == _COMPARED and item.year is not None:
        yield item.year, makers, cast
        yield value_key(item.title), makers, cast
    titles = [item.title, *(item.values(ALIASES) if item.year is None else ())]
    for title in dict.fromkeys(value_key(title.partition(":")[0]) for title in titles):
        yield _UNDATED, title, makers, cast
