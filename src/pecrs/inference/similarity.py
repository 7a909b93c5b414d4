"""How alike items are to examples that a person names: "something like Heat".

Source: design section 4, "Ranking follows the state".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from pecrs.data.catalogue import Catalogue
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS, Facets
from pecrs.ranking.alike import alike_rows
from pecrs.ranking.features import SharedValues, shared_fields
from pecrs.ranking.sparse import Floats, Indices, SparseRows

NEAREST = 60
"""How many items are like examples; the model orders none beyond them."""

_KINDS, _OTHERS, _VECTOR, _FAME, _LISTED = 1.0, 0.4, 1.0, 0.1, 4.0
"""Weights of kinds, themes and moods that items share, of series and people, of the cosine of vectors, of popularity,
and of being listed as alike."""


@dataclass(frozen=True, eq=False)
class Similarity:
    """Compares items of one catalogue.

    Attributes:
        catalogue: N items.
        vectors: (N, d) their vectors.
        fame: (N,) logarithm of how often each is named in training, plus one.
    """

    catalogue: Catalogue
    vectors: Tensor
    fame: Tensor

    @cached_property
    def _fields(self) -> Sequence[tuple[float, SharedValues]]:
        facets = Facets.of(self.catalogue)
        weights = {name: _weight(facets, name) for name in shared_fields(facets)}
        return [(weight, SharedValues.of(facets, name)) for name, weight in weights.items() if weight]

    @cached_property
    def _listed(self) -> SparseRows:
        return alike_rows(self.catalogue)

    @cached_property
    def _directions(self) -> Tensor:
        return F.normalize(self.vectors.float(), dim=1)

    def __call__(self, examples: Sequence[str], places: Indices) -> Floats:
        """Return (n,) how alike some items are to examples: values that are rare count more, vectors beside them.

        Args:
            examples: Identifiers; those that the catalogue lacks do not count.
            places: (n,) the items.
        """
        known = np.array([self.catalogue.index(item) for item in examples if item in self.catalogue], dtype=np.int64)
        alike = _FAME * self.fame.cpu().numpy().astype(np.float32)[places]
        if not len(known):
            return alike
        share = np.full(len(known), 1 / len(known), dtype=np.float32)
        for weight, field in self._fields:
            alike += weight * field.values.products(places, field.values.sum(known, share))
        alike += _LISTED * self._listed.sum(known, share)[places]
        cosines = (self._directions[places] @ self._directions[known].T).max(1).values.cpu().numpy()
        found: Floats = alike + _VECTOR * cosines.astype(np.float32)
        return found

    def nearest(self, examples: Sequence[str], allowed: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Indices:
        """Return the allowed items that are most alike.

        Args:
            examples: Identifiers.
            allowed: (N,) what may be recommended.
        """
        places = np.flatnonzero(allowed)
        return places[np.argsort(-self(examples, places), kind="stable")[:NEAREST]]


def _weight(facets: Facets, name: str) -> float:
    if name in KIND_FIELDS | THEME_FIELDS | {"mood"}:
        return _KINDS
    return _OTHERS if name in facets.people or name == "series" else 0.0
