"""Parts of a series that no field tells, found by titles that begin alike.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.facets import Facets


def alike(item: Item, catalogue: Catalogue) -> list[Item]:
    """Return an item and its likely other parts; empty where there are none.

    Another part has the same words at the beginning of its title, then a number, a subtitle or a single word, and
    somebody in common.
    """
    head = _head(item.title)
    if len(head) < _SHORTEST_HEAD:
        return []
    going_on = re.compile(rf"{re.escape(head)}(?:(?:,? (?:part )?(?:\d+|[ivx]+)\b.*|: .*)|\W+\w+)?", re.IGNORECASE)
    people = Facets.of(catalogue).people
    others = [other for other in catalogue if other.title != item.title and going_on.fullmatch(other.title)]
    parts = {other.title: other for other in others if not _named(item, people).isdisjoint(_named(other, people))}
    return [item, *parts.values()] if parts else []


def _named(item: Item, fields: Iterable[str]) -> set[str]:
    return {name for field in fields for name in item.values(field)}


def _head(title: str) -> str:
    """Return the words of a title that parts of a series share: without a number, a subtitle or "Inc."."""
    return re.sub(r",? (?:Part )?(?:\d+|[IVX]+)$", "", re.split(r": |, Inc\.?$", title)[0])


_SHORTEST_HEAD = 4
"""Shorter beginnings of titles are shared by chance."""
