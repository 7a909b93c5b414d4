"""Which items of a catalogue may be recommended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Turn
from pecrs.inference.types import Constraints, Filters

RULES = 64
"""Filters and constraints whose items are remembered: from turn to turn of a dialogue they change little."""


class Candidates:
    """Applies filters and constraints to one catalogue."""

    def __init__(self, catalogue: Catalogue, device: torch.device) -> None:
        """Keep the parts.

        Args:
            catalogue: N items.
            device: Where answers go.
        """
        self._catalogue, self._device = catalogue, device
        self._passing = lru_cache(RULES)(self._which_pass)

    def allowed(self, filters: Filters, turns: Sequence[Turn]) -> Tensor:
        """Return (N,) which items pass the filters.

        Args:
            filters: What may be recommended.
            turns: The dialogue, without items that the catalogue lacks.
        """
        allowed = torch.ones(len(self._catalogue), dtype=torch.bool, device=self._device)
        if filters.restrict:
            allowed = self._passing(filters).clone()
        if filters.exclude_mentioned:
            mentioned = {item for turn in turns for item in turn.items}
            allowed[[self._catalogue.index(item) for item in mentioned]] = False
        return allowed

    def narrowed(self, allowed: Tensor, constraints: Constraints) -> Tensor:
        """Return (N,) which items were asked for; a constraint that no item fulfils is given up step by step.

        Args:
            allowed: (N,) which items pass the filters.
            constraints: What was asked for.
        """
        either = replace(constraints, every=False)
        steps = (constraints, either, replace(either, years=None), Constraints(avoided=constraints.avoided))
        for constraint in steps if constraints.restrict else ():
            narrowed = allowed & self._passing(constraint)
            if narrowed.any():
                return narrowed
        return allowed

    def _which_pass(self, rule: Filters | Constraints) -> Tensor:
        return torch.tensor([rule.allows(item) for item in self._catalogue], device=self._device)
