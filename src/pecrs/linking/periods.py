"""When stories happen, beside when items are from: "set in the 1920s" asks for a time, "from the 1920s" for years.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pecrs.linking.facets import YEAR, Facets, value_key
from pecrs.linking.quantities import Quantity
from pecrs.linking.values import FacetValue

PERIOD = "period"
"""The field of when an item's story happens."""

_SET_THEN = re.compile(
    r"\b(?:set|takes? place|taking place|happens?|happening|plays?|story|stories|life|living|lived|world) (?:back )?"
    r"(?:in|during|around|at)(?: the)?(?: time of)?(?: early| late| mid)?\W*$",
    re.IGNORECASE,
)


def when_set(text: str, values: Sequence[FacetValue | Quantity], facets: Facets) -> list[FacetValue | Quantity]:
    """Return what a message says, years in which something is set as values of the field of periods, if there is one.

    >>> from pecrs.data.catalogue import Catalogue, Item
    >>> facets = Facets(Catalogue([Item("1", "Heaven", 1999, {"period": ("1920s", "ancient Rome")})], ["title"]))
    >>> [found] = when_set("set in the 1920s", [Quantity(11, 16, "year", 1920, 1929)], facets)
    >>> found.fields, found.label
    (('period',), '1920s')

    Args:
        text: The message.
        values: What was found in it.
        facets: The catalogue's.
    """
    known = facets.keys(PERIOD)
    found: list[FacetValue | Quantity] = []
    for value in values:
        times = _times(value) if isinstance(value, Quantity) and known and _told_so(text, value) else ()
        own = [key for key in map(value_key, times) if key in known]
        found += [
            FacetValue(value.start, value.end, (PERIOD,), key, facets.spelling(PERIOD, key), near=number > 0)
            for number, key in enumerate(own)
        ] or [value]
    return found


def _told_so(text: str, value: Quantity) -> bool:
    whole = _SET_THEN.search(text[: value.start] + " ") is not None
    return value.kind == YEAR and (whole or _SET_THEN.search(text[: value.end].rsplit(" ", 1)[0] + " ") is not None)


def _times(value: Quantity) -> list[str]:
    """Return the periods that some years are called: their decades, and a single year."""
    if value.low is None or value.high is None or value.high - value.low > _LONGEST:
        return []
    low, high = int(value.low), int(value.high)
    decades = [f"{decade}s" for decade in range(low // 10 * 10, high + 1, 10)]
    century = [f"{high // 100 + 1}th century"] if high - low >= _LONGEST else []
    return [*([str(low)] if low == high else []), *century, *decades]


_LONGEST = 99
"""So many years are a century."""
