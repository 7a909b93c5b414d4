"""Which items fit what is wanted, and what has to be given up where none does.

Source: design section 4, "Ranking follows the state".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pecrs.inference.confidence import DOUBTFUL, TOLD
from pecrs.inference.constraints import Constraint, Option, Order, slot_of
from pecrs.inference.language.lexicon import sells_kinds
from pecrs.inference.prominence import prominence
from pecrs.inference.state import DialogueState
from pecrs.linking.conditions import Mask, find_field
from pecrs.linking.facets import DESCRIBED, KIND_FIELDS, TEXT, THEME_FIELDS, Facets
from pecrs.linking.fields import LOW, FieldNames, field_label
from pecrs.linking.makers import PEOPLE
from pecrs.linking.tones import ORIGIN, TONE, kinds_of
from pecrs.linking.value_words import FOR_WHOM

_ZERO: NDArray[np.float64] = np.zeros(1)

_TOLD_BY = {"country": ("country",), "language": ("language",), TONE: ("genres", "rating")}
"""By kind of constraint, the fields without which an item may be what is refused, so that it is left out."""

_EARLIER = 0.5
"""What a theme counts that was asked for before the newest one."""

_MOST = 10
"""How many constraints at most are tried in all combinations."""

_FIRST, _VALUE, _NUMBER, _TONED = 3.0, 2.0, 1.0, 0.25
"""How much is missed where what holds longest, another value, a number, or a tone is given up."""

_OLD = 0.3
"""What is left of it where newer messages ask for something else: an old value goes before a plain new number."""

_FOR_CHILDREN = 100.0
"""How much it would be missed that an item suits the children it is for."""

_RARE = 10
"""A theme that fewer items are marked with is also looked for in what is said of the items."""


@dataclass(frozen=True, eq=False)
class Selection:
    """What may be recommended.

    Attributes:
        allowed: (N,) True for the items that fit.
        given_up: Constraints that no item fulfils beside the others, in the order in which they were given up.
        unknown: Constraints that cannot be checked, since no item says anything of the kind.
        exhausted: Whether something was given up only because all that fits was named, seen or turned down.
        refused: Whether something was given up only because all that has it has what is avoided.
        key: (N,) What comes first has the least of it, NaN where an item has no place; None leaves the order to the
            model.
        themed: (N,) which items have a theme that is asked for; None where none is.
        leaning: (N,) how much of the themes and people that are asked for an item has; None where none is.
        again: Whether only what was named before is all that is asked for.
    """

    allowed: Mask
    given_up: tuple[Constraint, ...] = ()
    unknown: tuple[Constraint, ...] = ()
    exhausted: bool = False
    refused: bool = False
    key: NDArray[np.float64] | None = None
    themed: Mask | None = None
    leaning: NDArray[np.float64] | None = None
    again: bool = False

    def first(self, count: int) -> Mask:
        """Return (N,) the items that come first: so many, and those that share the place of the last one."""
        if self.key is None:
            return self.allowed
        ranked = np.sort(self.key[self.allowed & ~np.isnan(self.key)])
        return self.allowed & (self.key <= ranked[min(count, len(ranked)) - 1]) if len(ranked) else self.allowed


def fits(facets: Facets, constraint: Constraint) -> Mask:
    """Return (N,) which items fulfil a constraint: at least one of its options."""
    allowed = np.zeros(len(facets.catalogue), dtype=np.bool_)
    for option in constraint.options:
        allowed[_holders(facets, option)] = True
    return allowed


def select(facets: Facets, state: DialogueState, allowed: Mask) -> Selection:
    """Narrow a catalogue to what a person wants.

    Items that were turned down, seen or disliked are left out, and so is what is avoided. Wanted constraints that leave
    nothing are given up: tastes before requests, old ones before new ones, numbers before other values. Kinds hold
    longest where nothing was ever all of it; people do where what was is used up, since there are more of theirs.

    Args:
        facets: The catalogue's.
        state: What is known.
        allowed: (N,) what may be recommended anyway.
    """
    unknown = tuple(entry for entry in (*state.wanted, *state.avoided) if not _checkable(facets, entry))
    allowed = allowed.copy()
    gone = [*state.rejected, *state.seen, *state.disliked]
    allowed[[facets.catalogue.index(item) for item in gone if item in facets.catalogue]] = False
    wanted = [entry for entry in state.wanted if entry not in unknown]
    plain = allowed.copy()
    for entry in wanted:
        if not _outer(entry):
            plain &= fits(facets, entry)
    masks = {entry: _quarter(facets, entry, plain) if _outer(entry) else fits(facets, entry) for entry in wanted}
    ruled_out = _ruled_out(facets, [entry for entry in state.avoided if entry not in unknown], wanted, plain)
    allowed &= ~ruled_out
    goods = sells_kinds(facets.catalogue)
    themes = [] if goods else [entry for entry in wanted if entry.slot == "theme"]
    others = [entry for entry in wanted if entry not in themes]
    used_up = not goods and bool(np.logical_and.reduce([masks[entry] for entry in others] or [plain]).any())
    ways = _relaxed(others, PEOPLE if used_up else frozenset({"kind"}), always=goods)
    kept, narrowed = _kept(ways, others, themes, masks, allowed)
    newest = max((entry.asked for entry in themes), default=0)
    themed, absent = _themed([entry for entry in themes if entry.asked == newest], masks, narrowed)
    leading = [*themes, *(entry for entry in kept if _of_people(facets, entry))]
    sure = any(entry.confidence >= DOUBTFUL for entry in wanted)
    leading = [entry for entry in leading if entry.confidence > TOLD or not sure]
    weights = [_EARLIER if entry in themes and entry.asked < newest else entry.confidence for entry in leading]
    weights = [w * _telling(masks[e]) if e in themes else w for w, e in zip(weights, leading, strict=True)]
    found = (w * prominence(facets, e, np.flatnonzero(masks[e])) for w, e in zip(weights, leading, strict=True))
    leaning = sum(found, _ZERO) if leading else None
    given_up = tuple(entry for entry in wanted if entry not in (*kept, *themes) or entry in absent)
    held = np.logical_and.reduce(list(masks.values())) if given_up else ruled_out
    had = bool(given_up) and bool((held & ~ruled_out).any())
    kept_out = bool(given_up) and not had and bool(held.any())
    key = _key(facets, state, given_up)
    narrowed = narrowed if key is not None else _in_stock(facets, state, narrowed)
    if key is not None and themed is not None and (narrowed & themed).any():
        narrowed = narrowed & themed  # the newest of those that have the theme
    return Selection(narrowed, given_up, unknown, had, kept_out, key, themed, leaning)


def _telling(mask: Mask) -> float:
    """Return how much a theme tells: one of a hundred items counts 1, a rarer one more, "friendship" less."""
    share = max(1, int(mask.sum())) / max(1, len(mask))
    return float(np.clip(np.log(share) / np.log(_USUAL), 0.5, 1.6))


_USUAL = 0.01
"""The share of items that have a usual theme."""


def _ruled_out(facets: Facets, avoided: Iterable[Constraint], wanted: Sequence[Constraint], plain: Mask) -> Mask:
    """Return (N,) what is avoided, and what may be for all that is known."""
    found = np.zeros_like(plain)
    for entry in avoided:
        found |= _quarter(facets, entry, plain) if _outer(entry) else fits(facets, _widened(facets, entry, wanted))
        if entry.slot in _TOLD_BY:
            found |= ~np.logical_or.reduce([facets.filled(name) for name in _TOLD_BY[entry.slot]])
    return found


def _kept(
    ways: Iterable[Sequence[Constraint]],
    wanted: Sequence[Constraint],
    themes: Sequence[Constraint],
    masks: Mapping[Constraint, Mask],
    allowed: Mask,
) -> tuple[Sequence[Constraint], Mask]:
    """Return the constraints that leave something, and what they leave; older ones give way to the newest themes."""
    newest = max((entry.asked for entry in themes), default=0)
    themes = [entry for entry in themes if entry.confidence >= DOUBTFUL]
    new = [masks[entry] for entry in themes if entry.asked == newest]
    themed = np.logical_and.reduce(new) & allowed if new else np.zeros_like(allowed)
    if new and not themed.any():
        themed = np.logical_or.reduce(new)
    found: tuple[Sequence[Constraint], Mask] | None = None
    for kept in ways:
        narrowed = allowed.copy()
        for entry in kept:
            narrowed &= masks[entry]
        if not (narrowed.any() or not kept):
            continue
        found = found or (kept, narrowed)
        givable = all(_gives_way(entry, newest) for entry in wanted if entry not in kept)
        if not themes:
            return kept, narrowed
        if givable and (narrowed & themed).any():
            return kept, narrowed if len(kept) == len(wanted) else narrowed & themed
    assert found is not None  # without constraints everything is kept
    return found


def _gives_way(entry: Constraint, newest: int) -> bool:
    """Tell whether a constraint is given up rather than a theme: tastes, what was said before it, numbers and tones.

    So is where an item is to be from, if that was not said later: who asks for a German submarine means the submarine.
    """
    if entry.slot in _FROM and entry.asked <= newest:
        return True
    looser = not entry.options[0].key or entry.slot == TONE
    doubtful = entry.soft or entry.confidence < DOUBTFUL
    return doubtful or entry.asked < newest or (looser and entry.asked == newest)


def _themed(
    themes: Sequence[Constraint], masks: Mapping[Constraint, Mask], allowed: Mask
) -> tuple[Mask | None, Sequence[Constraint]]:
    """Return which items have any of some themes, and the theme that is asked for alone and that nothing allowed has.

    Fields name but some of what items are about: themes say what comes first, not what may come at all.
    """
    if not themes:
        return None, ()
    themed = np.logical_or.reduce([masks[entry] for entry in themes])
    return themed, themes if len(themes) == 1 and not themed[allowed].any() else ()


_FROM = frozenset({"language", "country", ORIGIN})
"""Slots of where an item is from."""

_HOME = 1.25
"""How much more is missed where an item is from than of what kind it is."""


def _of_people(facets: Facets, entry: Constraint) -> bool:
    return facets.people.issuperset(entry.options[0].fields)


def order_by(facets: Facets, sort: str) -> Order | None:
    """Return the order that a field of numbers gives items; None where there is no such field.

    Args:
        facets: The catalogue's.
        sort: The field, with a minus for the largest first; empty for no order.
    """
    field, down = find_field(facets, sort.removeprefix("-")), sort.startswith("-")
    if field is None or field.kind != "number":
        return None
    return Order(field.name, down, f"{field_label(field.name)}, {'highest' if down else 'lowest'} first")


def _in_stock(facets: Facets, state: DialogueState, allowed: Mask) -> Mask:
    """Return what is in stock among what fits; all of it where that is too little, or where the stock is spoken of."""
    fields = FieldNames.shared(facets)
    said = {name for entry in state.wanted for option in entry.options for name in option.fields}
    stocked = allowed & ~fields.sold_out
    return stocked if stocked.sum() >= (state.count or 1) and fields.of("stock") not in said else allowed


def _outer(entry: Constraint) -> bool:
    return bool(entry.options[0].outer)


def _quarter(facets: Facets, entry: Constraint, among: Mask) -> Mask:
    """Return (N,) which items have a number in the outer quarter of some items' numbers."""
    option, field = entry.options[0], facets.number_field(entry.options[0].fields[0])
    numbers: NDArray[np.float64] = facets.numbers(field) if field else np.full(len(among), np.nan)
    known = numbers[among & ~np.isnan(numbers)]
    if not len(known):
        return np.zeros(len(among), dtype=np.bool_)
    quarter: Mask = numbers <= np.quantile(known, 0.25) if option.outer == LOW else numbers >= np.quantile(known, 0.75)
    return quarter


def _key(facets: Facets, state: DialogueState, given_up: Sequence[Constraint]) -> NDArray[np.float64] | None:
    """Return what orders items: the order that is asked for, else how near they come to bounds that were given up."""
    if state.order is not None:
        field = facets.number_field(state.order.field)
        return None if field is None else facets.numbers(field) * (-1 if state.order.down else 1)
    missed = [miss for entry in given_up for miss in _misses(facets, entry)]
    return sum(missed[1:], missed[0]) if missed else None


def _misses(facets: Facets, entry: Constraint) -> Iterator[NDArray[np.float64]]:
    """Yield by how much, as a share of the bound, items miss a constraint of numbers."""
    option, field = entry.options[0], facets.number_field(entry.options[0].fields[0])
    if option.key or option.outer or field is None or len(entry.options) > 1:
        return
    numbers = facets.numbers(field)
    missed = np.zeros_like(numbers)
    if option.low is not None:
        missed += np.maximum(option.low - numbers, 0) / max(abs(option.low), 1e-9)
    if option.high is not None:
        missed += np.maximum(numbers - option.high, 0) / max(abs(option.high), 1e-9)
    yield missed


def _relaxed(wanted: Sequence[Constraint], longest: Collection[str], *, always: bool) -> Iterator[list[Constraint]]:
    """Yield the constraints, then all ways to give up some, what is missed least first.

    Of very many the least important ones are given up at once.

    Args:
        wanted: The constraints.
        longest: Slots that hold longest among equally new requests.
        always: Whether they do however new the others are: who asks for a tent wants no socks.
    """
    ranked = sorted(wanted, key=lambda e: (always and e.slot not in longest, *_importance(e, longest)))[:_MOST]
    newest = max((entry.asked for entry in ranked), default=0)
    another = any(entry.slot in PEOPLE and entry.asked < newest for entry in ranked)
    weights = {entry: _weight(entry, newest, longest, another=another) for entry in ranked}
    if always:
        weights |= {entry: _FIRST * len(ranked) for entry in ranked if entry.slot in longest}
    subsets = sorted(
        ([entry for place, entry in enumerate(ranked) if bits >> place & 1] for bits in range(2 ** len(ranked))),
        key=lambda kept: (-sum(weights[entry] for entry in kept), [ranked.index(entry) for entry in kept]),
    )
    yield from subsets


def _weight(entry: Constraint, newest: int, longest: Collection[str], *, another: bool) -> float:
    """Return how much a constraint would be missed: what holds longest most, a tone or a taste least, old ones less.

    Above all it must suit children who are to see it.

    What was likely never meant counts no more than a taste; but who is named last, if only as liked, counts before
    somebody who was named earlier.

    Args:
        entry: The constraint.
        newest: Which message asked for the newest ones.
        longest: Slots that hold longest.
        another: Whether an older one names somebody.
    """
    if entry.options[0].key in FOR_WHOM:
        return _FOR_CHILDREN
    doubtful = entry.soft or entry.slot == TONE or entry.confidence < DOUBTFUL
    if doubtful and not (another and entry.slot in PEOPLE and entry.asked == newest):
        return _TONED
    first = entry.slot in longest or entry.slot == "series" or entry.slot in _FROM
    weight = _FIRST if first else _VALUE if entry.options[0].key else _NUMBER
    weight *= _HOME if entry.slot in _FROM else 1
    return entry.confidence * (weight if entry.asked == newest else weight * _OLD)


def _importance(entry: Constraint, longest: Collection[str]) -> tuple[bool, bool, int, int]:
    """Return what orders constraints: requests before tastes and guesses, a series, the newest, what holds longest."""
    numbers = not entry.options[0].key
    theme = entry.slot in ("theme", TONE)
    named = entry.slot in PEOPLE or entry.slot == "kind"
    rank = 0 if entry.slot in longest or entry.slot in _FROM else 1 if named else 4 if numbers else 3 if theme else 2
    mood = entry.slot == TONE and entry.options[0].key not in FOR_WHOM
    return entry.soft or mood, entry.slot != "series", -entry.asked, rank


def _widened(facets: Facets, entry: Constraint, wanted: Iterable[Constraint]) -> Constraint:
    """Return all that is refused with a value.

    Of a person it is all that they made or are in; of a theme, series or kind also what is only told of items, as
    fields name not all; of what items are like also kinds of which many are so, unless they are wanted.
    """
    if entry.slot == TONE:
        asked = {option.key for other in wanted for option in other.options}
        kinds = {kind for option in entry.options for kind in kinds_of(option.label)} - asked
        fields = tuple(name for name in facets.fields if name in KIND_FIELDS)
        return replace(entry, options=(*entry.options, *(Option(fields, kind, kind) for kind in kinds if fields)))
    if _of_people(facets, entry):
        people = [name for name in facets.fields if name in facets.people]
        return replace(entry, options=tuple(replace(option, fields=tuple(people)) for option in entry.options))
    themed = entry.slot == "series" or any(not THEME_FIELDS.isdisjoint(option.fields) for option in entry.options)
    told = DESCRIBED if entry.slot == "kind" else TEXT if themed else None
    if told is None:
        return entry
    return replace(entry, options=tuple(replace(o, fields=(*o.fields, told)) for o in entry.options))


def _checkable(facets: Facets, constraint: Constraint) -> bool:
    known = {*facets.fields, TEXT, DESCRIBED}
    return any(not known.isdisjoint(_fields(facets, option)) for option in constraint.options)


def _fields(facets: Facets, option: Option) -> list[str]:
    if option.key:
        return list(option.fields)
    field = facets.number_field(option.fields[0])
    return [field] if field else []


def _holders(facets: Facets, option: Option) -> NDArray[np.int64]:
    fields = _fields(facets, option)
    if option.key:
        found = facets.having(fields, option.key)
        for name in option.also:
            found = np.intersect1d(found, facets.having([name], option.key))
        if option.without:
            found = np.setdiff1d(found, facets.having(option.without, option.key))
        rare = slot_of(option.fields) == "theme" and " " not in option.key and len(found) < _RARE
        return facets.having([*fields, TEXT], option.key) if rare else found
    return facets.within(fields[0], *option.bounds) if fields else np.empty(0, dtype=np.int64)
