"""What is wanted of another maker: "something like that, but by someone else".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from pecrs.inference.understanding.reading import Reading, ReadValue, key_of
from pecrs.linking.facets import Facets, value_key
from pecrs.linking.makers import makers_of
from pecrs.linking.values import FacetValue, is_of

_WHO = r"(?:director|film-?maker|author|writer|artist|band|brand|maker)"
_ELSE = re.compile(
    r"\b(?:by|from) (?P<who>(?:some|any)(?:one|body) else|"
    rf"(?:an?other|some other|a different|different|other) {_WHO}s?(?! than\b))\b(?! (?:than|but)\b)",
    re.IGNORECASE,
)


def by_others(reading: Reading, facets: Facets, offered: Sequence[str]) -> Reading:
    """Return a reading that refuses who made what it speaks of, where another maker is asked for.

    Args:
        reading: As it was read.
        facets: Of the catalogue.
        offered: Items of the latest reply that named any.
    """
    match = _ELSE.search(reading.text)
    fields = makers_of(facets)
    if match is None or not fields or reading.has("ask_fact"):
        return reading
    people = [read.value for read in reading.values if is_of(read.value, *facets.people)]
    named = {value.key for value in people if facets.count(fields, value.key)}
    makers = [] if named else list(_makers(reading, facets, fields[0], offered))
    values = [replace(read, role="avoid") if key_of(read.value) in named else read for read in reading.values]
    found = [ReadValue(FacetValue(*match.span("who"), fields[:1], value_key(name), name), "avoid") for name in makers]
    order = sorted([*values, *found], key=lambda read: read.value.start)
    return replace(reading, acts={**reading.acts, "refine": 1.0}, values=tuple(order))


def _makers(reading: Reading, facets: Facets, field: str, offered: Sequence[str]) -> Iterator[str]:
    """Yield who made the items that a message names, or else the one at hand."""
    items: Collection[str] = dict.fromkeys(entry.item for entry in reading.items) or list(offered[:1])
    for item in items:
        yield from facets.catalogue[item].values(field) if item in facets.catalogue else ()
