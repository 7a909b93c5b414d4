"""Which items of a catalogue may be recommended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch import Tensor

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Turn
from pecrs.inference.twins import nameless, twins_of
from pecrs.inference.types import Filters, ScoredItem
from pecrs.linking.conditions import check, holding
from pecrs.linking.facets import Facets

RULES = 64
"""Filters whose items are remembered: from turn to turn of a dialogue they change little."""


class Candidates:
    """Applies filters to one catalogue.

    Attributes:
        twins: For each item the places of all its entries.
    """

    def __init__(self, catalogue: Catalogue, device: torch.device) -> None:
        """Keep the parts.

        Args:
            catalogue: N items.
            device: Where answers go.
        """
        self._catalogue, self._device = catalogue, device
        self.twins = twins_of(catalogue)
        self._nameless = nameless(catalogue, self.twins)
        self._passing = lru_cache(RULES)(self._which_pass)

    @cached_property
    def facets(self) -> Facets:
        """What the catalogue's fields hold."""
        return Facets.of(self._catalogue)

    def checked(self, filters: Filters | None) -> Filters:
        """Return filters that the catalogue can tell; None stands for no filter.

        Where filters are used they are not checked again: a value that the catalogue has lost is held by no item.

        Args:
            filters: What may be recommended.

        Raises:
            DataError: If a field or a value is unknown, naming the nearest ones.
        """
        filters = filters or Filters()
        if filters.where or filters.sort:
            check(self.facets, filters.where, filters.sort)
        return filters

    def allowed(self, filters: Filters, turns: Sequence[Turn]) -> Tensor:
        """Return (N,) which items pass the filters.

        Args:
            filters: What may be recommended.
            turns: The dialogue, without items that the catalogue lacks.
        """
        allowed = self._passing(filters).clone()
        if filters.exclude_mentioned:
            mentioned = {self._catalogue.index(item) for turn in turns for item in turn.items}
            allowed[[twin for place in mentioned for twin in self.twins[place]]] = False
        return allowed

    def entries(self, items: Iterable[str]) -> Tensor:
        """Return (N,) which entries are of some items."""
        found = torch.zeros(len(self._catalogue), dtype=torch.bool, device=self._device)
        places = [self._catalogue.index(item) for item in items if item in self._catalogue]
        found[[twin for place in places for twin in self.twins[place]]] = True
        return found

    def once(self, ranked: Sequence[ScoredItem]) -> list[ScoredItem]:
        """Return ranked items in order, without further entries of what came before.

        Args:
            ranked: The best items.
        """
        known: set[int] = set()
        once: list[ScoredItem] = []
        for entry in ranked:
            place = self._catalogue.index(entry.item.id)
            once += [] if place in known else [entry]
            known |= self.twins[place]
        return once

    def _which_pass(self, filters: Filters) -> Tensor:
        passing = np.ones(len(self._catalogue), dtype=np.bool_)
        for condition in filters.where:
            passing &= holding(self.facets, condition)
        passing[[self._catalogue.index(item) for item in filters.exclude if item in self._catalogue]] = False
        passing[self._nameless] = False
        return torch.from_numpy(passing).to(self._device)
