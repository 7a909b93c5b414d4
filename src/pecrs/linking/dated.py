"""Years beside titles: which of several items of a name is of the year that follows it.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pecrs.data.catalogue import Catalogue
from pecrs.linking.names import ALIASES, Name, best_tier

YEAR = re.compile(r"[\"”’'》」』]?\s*(?:[(（](\d{4})[)）]|\[(\d{4})\]|,?\s(\d{4})\b)")
"""A year behind a title, in brackets or without."""


def of_year(catalogue: Catalogue, names: Sequence[Name], match: re.Match[str]) -> list[Name]:
    """Return the names of the year that follows, give or take one if in brackets, else those of unknown year."""
    bracketed = match.group(3) is None
    year = int(match.group(1) or match.group(2) or match.group(3))
    years = [catalogue.items[name.index].year for name in names]
    for slack in (0, 1) if bracketed else (0,):
        fitting = [n for n, known in zip(names, years, strict=True) if known and abs(known - year) <= slack]
        if fitting:
            return fitting
    return [n for n, known in zip(names, years, strict=True) if known is None and bracketed]


def dated_entries(catalogue: Catalogue, names: Sequence[Name], level: Callable[[int], int]) -> Sequence[Name]:
    """Return the entry with a year for one without that has its title as another one: both are one work.

    Others of that very title are meant where they are as well known.

    Args:
        catalogue: The items.
        names: What some words may be.
        level: Returns how well known an item is.
    """
    nearest = best_tier(names)
    items = {name: catalogue.items[name.index] for name in names}
    undated = [name for name in nearest if items[name].year is None]
    titles = {title for name in undated for title in items[name].values(ALIASES)}
    twins = [name for name in names if items[name].year and items[name].title in titles]
    known = max((level(name.index) for name in undated), default=0)
    return [*twins, *(n for n in nearest if items[n].year and level(n.index) >= known)] if twins else names
