"""Which items fit what is wanted, and what has to be given up where none does.

Source: design section 4, "Ranking follows the state".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pecrs.inference.constraints import Constraint, Option, slot_of
from pecrs.inference.state import DialogueState
from pecrs.linking.facets import DESCRIBED, TEXT, Facets

Mask = NDArray[np.bool_]

_RARE = 10
"""A theme that fewer items are marked with is also looked for in what is said of the items."""


@dataclass(frozen=True, eq=False)
class Selection:
    """What may be recommended.

    Attributes:
        allowed: (N,) True for the items that fit.
        given_up: Constraints that no item fulfils beside the others, in the order in which they were given up.
        unknown: Constraints that cannot be checked, since no item says anything of the kind.
    """

    allowed: Mask
    given_up: tuple[Constraint, ...] = ()
    unknown: tuple[Constraint, ...] = ()


def fits(facets: Facets, constraint: Constraint) -> Mask:
    """Return (N,) which items fulfil a constraint: at least one of its options."""
    allowed = np.zeros(len(facets.catalogue), dtype=np.bool_)
    for option in constraint.options:
        allowed[_holders(facets, option)] = True
    return allowed


def select(facets: Facets, state: DialogueState, allowed: Mask) -> Selection:
    """Narrow a catalogue to what a person wants.

    Items that were turned down, seen or disliked are left out, and so is what is avoided. Wanted constraints that leave
    nothing are given up: tastes before requests, the oldest first, so that the newest request holds longest;
    of one message the numbers first, then themes and people, kinds last.

    Args:
        facets: The catalogue's.
        state: What is known.
        allowed: (N,) what may be recommended anyway.
    """
    unknown = tuple(entry for entry in (*state.wanted, *state.avoided) if not _checkable(facets, entry))
    allowed = allowed.copy()
    gone = [*state.rejected, *state.seen, *state.disliked]
    allowed[[facets.catalogue.index(item) for item in gone if item in facets.catalogue]] = False
    for entry in state.avoided:
        if entry not in unknown:
            allowed &= ~fits(facets, _widened(entry))
    wanted = [entry for entry in state.wanted if entry not in unknown]
    masks = {entry: fits(facets, entry) for entry in wanted}
    for kept in _relaxed(wanted):
        narrowed = allowed.copy()
        for entry in kept:
            narrowed &= masks[entry]
        if narrowed.any() or not kept:
            given_up = tuple(entry for entry in wanted if entry not in kept)
            return Selection(narrowed, given_up, unknown)
    raise AssertionError("without constraints everything is kept")


def _relaxed(wanted: Sequence[Constraint]) -> Iterator[list[Constraint]]:
    """Yield the constraints, then ever fewer of them: all ways to give up one, two, ... in order of preference."""
    ranked = sorted(wanted, key=_importance)  # most important first
    subsets = sorted(
        ([entry for place, entry in enumerate(ranked) if bits >> place & 1] for bits in range(2 ** len(ranked))),
        key=lambda kept: (-len(kept), [ranked.index(entry) for entry in kept]),
    )
    yield from subsets


def _importance(entry: Constraint) -> tuple[bool, int, int]:
    """Return what orders constraints: requests before tastes, the newest first, kinds before people and themes."""
    numbers = not entry.options[0].key
    rank = 0 if entry.slot == "kind" else 3 if numbers else 2 if entry.slot == "theme" else 1
    return entry.soft, -entry.asked, rank


def _widened(entry: Constraint) -> Constraint:
    """Return what is refused of a theme or a kind: also what is only told of items, as few fields name all of it."""
    told = {"theme": TEXT, "kind": DESCRIBED}.get(entry.slot)
    if told is None:
        return entry
    return replace(entry, options=tuple(replace(o, fields=(*o.fields, told)) for o in entry.options))


def _checkable(facets: Facets, constraint: Constraint) -> bool:
    return any(bool(_fields(facets, option)) for option in constraint.options)


def _fields(facets: Facets, option: Option) -> list[str]:
    if option.key:
        return list(option.fields)
    field = facets.number_field(option.fields[0])
    return [field] if field else []


def _holders(facets: Facets, option: Option) -> NDArray[np.int64]:
    fields = _fields(facets, option)
    if option.key:
        found = facets.having(fields, option.key)
        rare = slot_of(option.fields) == "theme" and " " not in option.key and len(found) < _RARE
        return facets.having([*fields, TEXT], option.key) if rare else found
    return facets.within(fields[0], option.low, option.high) if fields else np.empty(0, dtype=np.int64)
