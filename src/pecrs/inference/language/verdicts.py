"""Verdicts: which of several items is more so or better, and which of two things one item is, from what is noted.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pecrs.data.catalogue import Item
from pecrs.inference.constraints import Constraint
from pecrs.inference.language.lexicon import fact_values, lexicon, listed
from pecrs.inference.language.likenesses import tell_alike
from pecrs.inference.language.noted import beside, noted, received
from pecrs.inference.language.reasons import common_ground
from pecrs.inference.language.wording import Situation, Text, fill
from pecrs.inference.moves import Move, MoveKind
from pecrs.inference.understanding.likening import ALIKE, SHARED
from pecrs.inference.understanding.weighing import BETTER, CLOSEST, FIRST, KNOWN, LESS
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS, value_key
from pecrs.linking.makers import PEOPLE
from pecrs.linking.quantities import Quantity
from pecrs.linking.tones import (
    CONTENT,
    RECEPTION,
    TONE,
    blended,
    guessed,
    likely,
    opposed,
    telling,
    told_fields,
    told_words,
)
from pecrs.linking.values import FacetValue


class _Weight(NamedTuple):
    """How much an item is so, and what says it, to be said behind its name."""

    much: float
    told: str


def verdict(text: Text, move: Move, situation: Situation) -> None:
    """Name the item that is more so, less so or better, and say what is noted of it and of the next one."""
    items = [situation.catalogue[item] for item in move.items]
    if move.after in (ALIKE, SHARED):
        return tell_alike(text, move, situation)
    if move.after == FIRST:
        return _tell_first(text, items, situation)
    if move.after == CLOSEST:
        return _tell_closest(text, items[0], items[1:], situation)
    weighed = _weights(move, situation)
    first = next(iter(weighed), [])
    if move.after == BETTER and move.values and _alike(first) and first[0].much > 0:
        text.add(lexicon()["verdict"]["both"])
    for weights in weighed:
        order = sorted(range(len(items)), key=lambda place: weights[place].much, reverse=move.after != LESS)
        one, other = order[:2]
        if weights[one].much != weights[other].much:
            return _tell(text, "more", [items[one], items[other]], [weights[one], weights[other]])
    if move.after == KNOWN and first[0].told:
        order = sorted(range(len(items)), key=lambda place: -first[place].much)
        return text.add(lexicon()["verdict"]["known_alike"], item=items[order[0]], other=items[order[1]])
    if move.after == BETTER:
        return text.add(lexicon()["verdict"]["even"], item=items[0], other=items[1])
    told = next((weights for weights in weighed if all(weight.told for weight in weights)), [])
    return _tell(text, "alike", items[:2], told[:2]) if told else text.add(lexicon()["verdict"]["unknown"])


def _tell_first(text: Text, items: Sequence[Item], situation: Situation) -> None:
    """Name the first of items of one series, with which to begin; of others the better one."""
    one, other = sorted(items, key=lambda item: item.year or 0)[:2]
    if not set(one.values("series")) & set(other.values("series")):
        return verdict(text, Move(MoveKind.COMPARE, tuple(item.id for item in items), after=BETTER), situation)
    return text.add(lexicon()["verdict"]["first"], item=one, other=other)


def _tell_closest(text: Text, target: Item, items: Sequence[Item], situation: Situation) -> None:
    """Name the one of some items that shares most with another, and what."""
    best = max(items, key=lambda item: _likeness(item, target))
    what = common_ground(best, target, situation.catalogue)
    text.add(fill(lexicon()["verdict"]["closest" if what else "far"], what=what), item=best, other=target)


def _likeness(item: Item, other: Item) -> int:
    """Return how much two items share: people and series most, then themes, then moods and kinds."""
    return sum(
        weight * len(set(item.values(name)) & set(other.values(name))) for names, weight in _SHARED for name in names
    )


_SHARED = (
    (tuple(sorted(PEOPLE | {"series"})), 3),
    (tuple(sorted(THEME_FIELDS)), 2),
    (("mood", *sorted(KIND_FIELDS)), 1),
)
"""Fields whose values are shared, and what each value counts."""


def is_even(move: Move, situation: Situation) -> bool:
    """Tell whether nothing but what they won sets items apart."""
    return all(map(_alike, _weights(move, situation, (_by_reception, _by_fame))))


def _alike(weights: Sequence[_Weight]) -> bool:
    return len({weight.much for weight in weights}) == 1


def _weights(move: Move, situation: Situation, merits: Sequence[Callable[[Item], _Weight]] = ()) -> list[list[_Weight]]:
    """Return by everything that items are weighed by, what matters most first, how much each item is so."""
    items = [situation.catalogue[item] for item in move.items]
    if move.after == KNOWN:
        return [[_by_fame(item) for item in items]]
    weighed = [[_weighed(item, value) for item in items] for value in move.values if isinstance(value, FacetValue)]
    if move.after == BETTER:
        weighed += [[_by_tone(item, entry.options[0].key) for item in items] for entry in _wanted(situation)]
        weighed += [[by(item) for item in items] for by in merits or (_by_reception, _by_awards, _by_fame)]
    return weighed


def _tell(text: Text, name: str, items: Sequence[Item], weights: Sequence[_Weight]) -> None:
    table = lexicon()["verdict"]
    told = [weight.told or str(table["nothing"]) for weight in weights]
    told[1] = str(table["less_famous"]) if told[0] == table["famous"] else told[1]
    text.add(fill(table[name], told=told[0], other_told=told[1]), item=items[0], other=items[1])


def either(text: Text, item: Item, values: Sequence[FacetValue | Quantity]) -> None:
    """Say which of two things an item rather is, from its kinds and moods."""
    said = [value for value in values if isinstance(value, FacetValue)]
    weights = [_weighed(item, value).much for value in said]
    best = max(weights, default=0)
    table, kinds = lexicon()["either"], {"genres": fact_values(item, "genre"), "mood": item.values("mood")}
    told = listed([noted({name: values}) for name, values in kinds.items() if values])
    most = [value.label for value, weight in zip(said, weights, strict=True) if weight == best]
    few = ("one", "not_one") if len(said) == 1 else ("both" if len(most) == len(said) else "more", "lacks")
    name = few[best <= 0] if told else "unknown"
    what = listed(most)
    what = what[:1].upper() + what[1:] if name == "one" else what
    text.add(fill(table[name], what=what, told=told), item=item)


def worth(item: Item) -> str:
    """Return whether an item is worth the time, as far as its reception tells."""
    reception = item.values(RECEPTION)[:1]
    words = lexicon()["worth"].get(reception[0]) if reception else None
    moods = [noted({"mood": item.values("mood")})] if item.values("mood") else []
    return "" if words is None else fill(words, told=listed([received(item), *moods]))


def _weighed(item: Item, value: FacetValue) -> _Weight:
    return _by_tone(item, value.key) if value.fields[0] == TONE else _by_kind(item, value.key)


def _by_tone(item: Item, key: str) -> _Weight:
    tone = _tone_of(key)
    if guessed(item, tone):
        kinds = fact_values(item, "genre")
        return _Weight(float(likely(item, tone)), noted({"genres": kinds}))
    found = telling(item, tone)
    guess = _LIKELY if likely(item, tone) else 0
    many = sum(map(len, found.values())) or (-1 if opposed(item, tone) else guess)
    bare = not found and not opposed(item, tone) and CONTENT in told_fields(tone)
    lacks = fill(lexicon()["verdict"]["lacks"], what=tone)
    return _Weight(many, lacks if bare else noted(found or beside(item, tone)))


def _tone_of(key: str) -> str:
    """Return the tone that a folded value is."""
    return next(tone for tone in told_words() if value_key(tone) == key)


def _by_kind(item: Item, key: str) -> _Weight:
    """Weigh an item by whether it is of a kind, and by the moods that go with that."""
    kinds = {value_key(kind) for kind in blended(key)} or {key}
    moods = {mood for kind, own in lexicon()["kind_moods"].items() if kind in kinds for mood in own}
    found: dict[str, Sequence[str]] = {
        "genres": [each for each in fact_values(item, "genre") if value_key(each) in kinds],
        "mood": [mood for mood in item.values("mood") if mood in moods],
    }
    told = [noted({name: values}) for name, values in found.items() if values]
    much = sum(map(len, found.values()))
    return _Weight(much, listed(told) or noted({"mood": item.values("mood")}))


def _by_reception(item: Item) -> _Weight:
    ranks = list(lexicon()["receptions"])
    own = [value for value in item.values(RECEPTION) if value in ranks]
    return _Weight(-ranks.index(own[0]), received(item)) if own else _Weight(-len(ranks), "")


def _by_awards(item: Item) -> _Weight:
    """Weigh an item by what it won, and by what it was nominated for."""
    values = item.values("awards")
    won = sum("nominated" not in value for value in values)
    if not values:
        return _Weight(0, received(item))
    prize = re.sub(r"\W*\b\d{4}\b.*", "", values[0])
    counted = f"{won or len(values)} {prize}{'s' if (won or len(values)) > 1 else ''}"
    return _Weight(won + 0.01 * (len(values) - won), f"won {counted}" if won else f"was nominated for {counted}")


def _by_fame(item: Item) -> _Weight:
    """Weigh an item by how well known it is, where a column tells that in numbers."""
    known = [float(value) for value in item.values(_FAME)[:1] if value.replace(".", "", 1).isdigit()]
    return _Weight(known[0], str(lexicon()["verdict"]["famous"])) if known else _Weight(0, "")


def _wanted(situation: Situation) -> list[Constraint]:
    return [entry for entry in situation.state.wanted if entry.slot == TONE]


_FAME = "fame"
_LIKELY = 0.5
"""What it counts that kinds let one guess a tone."""
