"""What two items share, in words, and whether that makes them alike.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.language.lexicon import beside, fact_values, lexicon, listed
from pecrs.inference.language.noted import noted
from pecrs.inference.language.wording import Situation, Text, fill
from pecrs.inference.moves import Move
from pecrs.inference.understanding.likening import SHARED
from pecrs.linking.facets import THEME_FIELDS, Facets, value_key
from pecrs.linking.makers import PERFORMERS

_PEOPLE = ("director", "cast", "writer", "artist")
"""Facts about people, what is shared of them first."""

_MUCH, _PARTLY = 5, 3
"""From so much in common two items are alike, and alike in part."""

_LEADING = 4
"""So many of a cast count."""

_RARE = 300
"""A theme of more items says little."""


def tell_alike(text: Text, move: Move, situation: Situation) -> None:
    """Say whether two items are alike, and what they share: people first, then kinds, moods and themes."""
    table = lexicon()["likeness"]
    item, other = (situation.catalogue[key] for key in move.items)
    much, told = _likeness(item, other, situation.catalogue)
    if move.facts:  # only the people count
        told = shared_people(item, other)
        much = _MUCH if told else 0
    name = "much" if much >= _MUCH else "partly" if much >= _PARTLY else "little" if told else "nothing"
    if move.after == SHARED and told:
        return text.add(fill(table["shared"], told=listed(told)), item=item, other=other)
    against = other.id in situation.state.disliked and item.id not in situation.state.disliked
    name = f"{name}_against" if against else name
    text.add(fill(table[name], told=listed(told)), item=item, other=other)
    if name in ("little", "nothing") and not move.facts:
        each = [noted({"genres": fact_values(own, "genre"), "mood": own.values("mood")}) for own in (item, other)]
        if all(each):
            text.add(fill(table["apart"], told=each[0], other_told=each[1]), item=item, other=other)
    return None


def common_values(left: Item, right: Item) -> str:
    """Return what two items have in common, in words, who made both first; empty where it is nothing."""
    told: dict[str, str] = {}
    for name, entry in sorted(lexicon()["people"].items(), key=lambda entry: entry[0] in PERFORMERS):
        common = [value for value in left.values(name) if entry["shared"] and value in right.values(name)]
        for value in common:
            told.setdefault(value, beside(name, value))
    people = [words for value, words in told.items() if value not in (left.title, right.title)]
    return listed([*people[:_SAID], *shared(left, right, "genre")])


_SAID = 3
"""So many people that both have are said."""


def _likeness(item: Item, other: Item, catalogue: Catalogue) -> tuple[int, list[str]]:
    """Return how much two items share, and what, each to be said behind their names."""
    table = lexicon()["likeness"]
    people, kinds = shared_people(item, other), shared(item, other, "genre")
    themes = [f'"{theme}"' for theme in _themes(item, other, catalogue)[:2]]
    moods = [mood for mood in item.values("mood") if mood in other.values("mood")][:3]
    much = 3 * len(people) + min(len(kinds), 3) + len(themes) + min(len(moods), 2)
    said = {"kinds": kinds, "moods": moods, "themes": themes}
    told = [*people, *(fill(table[name], values=listed(values)) for name, values in said.items() if values)]
    return (much if people or kinds else min(much, _PARTLY - 1)), told


def shared(item: Item, other: Item, kind: str, most: int | None = None) -> list[str]:
    """Return the values of a fact that two items share, of the first so many."""
    own = fact_values(other, kind)[:most]
    return [value for value in fact_values(item, kind)[:most] if value in own]


def shared_people(item: Item, other: Item) -> list[str]:
    """Return what people two items share, each to be said behind "both"."""
    said: set[str] = set()
    told = []
    for kind in _PEOPLE:
        names = [name for name in shared(item, other, kind, _LEADING) if kind == "cast" or name not in said]
        said.update(names)
        tell = lexicon()["facts"][kind]["tell"]
        told += [fill(lexicon()["likeness"]["verbs"].get(kind, tell), values=listed(names))] if names else []
    return told


def _themes(item: Item, other: Item, catalogue: Catalogue) -> Sequence[str]:
    """Return the themes that two items share, the rarest first, without what their kinds say."""
    facets = Facets.of(catalogue)
    names = [name for name in facets.fields if name in THEME_FIELDS]
    own = {value_key(value): value for name in names for value in item.values(name)}
    common = own.keys() & {value_key(value) for name in names for value in other.values(name)}
    common -= {value_key(kind) for kind in fact_values(item, "genre")}
    counted = sorted((len(facets.having(names, key)), key) for key in common)
    return [own[key] for number, key in counted if number <= _RARE]
