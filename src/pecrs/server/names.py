"""Items whose names are like a text."""

from __future__ import annotations

from rapidfuzz import fuzz, process, utils

from pecrs.data.catalogue import Catalogue, Item

_LEAST = 60
"""How alike a name must be to be found, of 100."""


def alike(catalogue: Catalogue, query: str, limit: int) -> list[Item]:
    """Return the items whose names are most like a query, the most alike first."""
    names = [item.name for item in catalogue]
    found = process.extract(
        query, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=_LEAST
    )
    return [catalogue.items[place] for _, _, place in found]
