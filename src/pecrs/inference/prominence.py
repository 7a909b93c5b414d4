"""How much an item is what was asked for: a theme may be its heart or a detail, a person the lead or one of many.

Catalogues name first what matters most, and a story tells what an item is about. Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from pecrs.data.catalogue import Item
from pecrs.inference.constraints import Constraint, Option
from pecrs.linking.descriptions import STORY
from pecrs.linking.facets import TEXT, THEME_FIELDS, Facets, stems, value_key

_LEADS = 5
"""From this place in a list on, one is as good as another."""

_LEAST = 0.4
"""What the least prominent counts beside the most prominent."""

_NEAR = 0.7
"""What a theme counts that is but near to what was said."""


def prominence(facets: Facets, entry: Constraint, places: Iterable[int]) -> NDArray[np.float64]:
    """Return (N,) how prominent what is asked for is in some items, up to 1; 0 for all other items.

    Args:
        facets: The catalogue's.
        entry: A theme or a person, or several of which one is enough.
        places: Items that have it.
    """
    found = np.zeros(len(facets.catalogue))
    for place in places:
        found[place] = max(_of(facets.catalogue.items[place], option) for option in entry.options)
    return found


def _of(item: Item, option: Option) -> float:
    told = [_place(item.values(name), option.key) for name in option.fields if name in item.told]
    parts = [max((max(0.0, 1 - place / _LEADS) for place in told if place is not None), default=0.0)]
    if option.fields[0] in THEME_FIELDS or TEXT in option.fields:
        words = stems(option.key)
        parts.append(float(words <= stems(" ".join([item.title, *item.values(STORY)]))))
    found = _LEAST + (1 - _LEAST) * float(np.mean(parts))
    return _NEAR * found if option.near else found


def _place(values: Sequence[str], key: str) -> int | None:
    if len(values) > 1 and list(values) == sorted(values):
        return None  # such an order says nothing
    return next((place for place, value in enumerate(values) if value_key(value) == key), None)
