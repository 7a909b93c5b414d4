"""Which items a catalogue says are alike: its field of items that are like each one.

Source: design section 10.
"""

from __future__ import annotations

import numpy as np

from pecrs.data.catalogue import SIMILAR, Catalogue
from pecrs.ranking.sparse import Floats, Indices, SparseRows


def alike_rows(catalogue: Catalogue) -> SparseRows:
    """Return (N, N) which items are alike by the word of either; items with many such count less for each.

    Args:
        catalogue: Identifiers that it lacks are passed over.
    """
    pairs: set[tuple[int, int]] = set()
    for place, item in enumerate(catalogue):
        for other in item.values(SIMILAR):
            if other in catalogue and catalogue.index(other) != place:
                pairs |= {(place, catalogue.index(other)), (catalogue.index(other), place)}
    found = SparseRows.of_counts(dict.fromkeys(pairs, 1), (len(catalogue), len(catalogue)))
    root = 1 / np.sqrt(1 + np.diff(found.starts))
    return found.with_values((found.values * root[found.owners] * root[found.columns]).astype(np.float32))


def further(rows: SparseRows, alike: Floats) -> Floats:
    """Return (N,) how alike items are to those that are alike.

    Args:
        rows: Of :func:`alike_rows`.
        alike: (N,) how alike items are in the first place.
    """
    places: Indices = np.flatnonzero(alike)
    return rows.sum(places, alike[places])
