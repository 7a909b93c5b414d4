"""True reasons: what an item has of what was asked for, and what it shares with an item that the person likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.lexicon import fact_values, lexicon, listed, nouns, with_article
from pecrs.inference.state import Constraint, DialogueState, Option, slot_of
from pecrs.linking.facets import TEXT, YEAR, value_key

_MAKERS = ("directors", "director", "authors", "author", "artists", "artist", "brand", "actors", "cast")
_UNTOLD = ("from ", "about ", "recent", "older")
"""Years stand in the name already, and a theme that was found is in other words."""


@dataclass(frozen=True)
class Reasons:
    """Why an item may please.

    Attributes:
        fulfilled: What was asked for and holds.
        shared: An item that the person likes and what it shares, as "also directed by X"; or None.
    """

    fulfilled: tuple[Constraint, ...] = ()
    shared: tuple[Item, str] | None = None


def reasons(item: Item, catalogue: Catalogue, state: DialogueState) -> Reasons:
    """Return the reasons that stand in the catalogue.

    Args:
        item: The recommended item.
        catalogue: Where the liked items are.
        state: What the person wants and likes.
    """
    fulfilled = tuple(entry for entry in state.wanted if any(holds(item, option) for option in entry.options))
    return Reasons(fulfilled, _shared(item, catalogue, state))


def holds(item: Item, option: Option) -> bool:
    """Tell whether an item has a value or a number within bounds."""
    if not option.key:
        value = item.year if option.fields[0] == YEAR else None
        return value is not None and (option.low or value) <= value <= (option.high or value)
    return any(value_key(value) == option.key for name in option.fields for value in item.values(name))


def said(option: Option) -> str:
    """Return how a constraint's value is said beside a noun: ``with Tom Hanks``, ``from 1990-1999``."""
    name = option.fields[0]
    table = lexicon()["people"]
    if name in table:
        return str(table[name]["with"]).format(value=option.label)
    if name == YEAR and not option.key:
        return option.label if option.label[:1].isalpha() else f"from {option.label}"
    if name == TEXT or slot_of(option.fields) == "theme":
        return f"about {option.label}"
    return option.label


def phrase(wanted: Sequence[Constraint], noun: str) -> str:
    """Return what was asked for as one noun phrase: ``comedy with Tom Hanks from 1990-1999``."""
    kinds = [listed([option.label for option in entry.options], "or") for entry in wanted if entry.slot == "kind"]
    rest = [listed([said(option) for option in entry.options], "or") for entry in wanted if entry.slot != "kind"]
    head = " ".join(kinds) if kinds and not any(" or " in kind for kind in kinds) else noun
    if kinds and head == noun:
        head = f"{kinds[0]} {noun}"
    return " ".join([head, *rest])


def describe(item: Item, catalogue: Catalogue, state: DialogueState, *, article: bool = True) -> str:
    """Return what an item is: its kinds, and the person or series that was asked for, else who made it."""
    one, _ = nouns(catalogue)
    options = [option for entry in state.wanted for option in entry.options if holds(item, option)]
    wanted = {option.label.lower() for option in options}
    kinds = sorted(fact_values(item, "genre"), key=lambda kind: kind.lower() not in wanted)[:2]
    what = f"{' '.join(kinds)} {one}" if kinds else one
    asked = [said(option) for option in options if slot_of(option.fields) != "kind"]
    asked = [words for words in asked if not words.startswith(_UNTOLD)]
    made = [
        str(lexicon()["people"][name]["with"]).format(value=value) for name in _MAKERS for value in item.values(name)
    ]
    asked = asked or made[:1]
    if not kinds and not asked:
        return ""
    words = " ".join([what, *asked[:2]])
    return with_article(words) if article else words


def common_values(left: Item, right: Item, catalogue: Catalogue) -> str:
    """Return what two items have in common, in words; empty where it is nothing."""
    kinds = [kind for kind in fact_values(left, "genre") if kind in fact_values(right, "genre")]
    people = [
        str(entry["with"]).format(value=value)
        for name, entry in lexicon()["people"].items()
        if entry["shared"]
        for value in left.values(name)
        if value in right.values(name)
    ]
    return listed([*kinds[:2], *people[:2]])


def _shared(item: Item, catalogue: Catalogue, state: DialogueState) -> tuple[Item, str] | None:
    """Return the liked item that shares most with an item, the latest first; people and series before kinds."""
    table = lexicon()["people"]
    liked = [catalogue[other] for other in reversed(state.liked) if other in catalogue and other != item.id]
    for other in liked:
        for name, entry in table.items():
            common = [value for value in item.values(name) if value in other.values(name)]
            if common and entry["shared"]:
                return other, str(entry["shared"]).format(value=common[0])
    for other in liked:
        kinds = [kind for kind in fact_values(item, "genre") if kind in fact_values(other, "genre")]
        if kinds:
            one, _ = nouns(catalogue)
            return other, with_article(f"{' '.join(kinds[:2])} {one}")
    return None
