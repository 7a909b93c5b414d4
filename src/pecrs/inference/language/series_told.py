"""Items among the others of their series: in order, their place, and how the next one is.

Source: design section 4.
"""

from __future__ import annotations

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.language.lexicon import fact_values, lexicon, listed
from pecrs.inference.language.verdicts import worth
from pecrs.inference.language.wording import Text, fill
from pecrs.inference.understanding.parts_alike import alike

_SERIES = 12
"""A series of more items is a world of several."""

_LONGEST_SERIES = 8


def parts_of(item: Item, catalogue: Catalogue) -> list[Item]:
    """Return the items of an item's series by their years, that item included; empty where there is none."""
    all_series = [[other for other in catalogue if name in other.values("series")] for name in item.values("series")]
    own = max((some for some in all_series if 1 < len(some) <= _SERIES), key=len, default=[]) or alike(item, catalogue)
    dated = any(other.year is not None for other in own)
    own = [other for other in own if other.year is not None or not dated or other.name == item.name]
    return sorted({other.name: other for other in own}.values(), key=lambda other: other.year or 9999)


def tell_order(text: Text, item: Item, catalogue: Catalogue) -> None:
    """Name the items of an item's series by their years."""
    own = parts_of(item, catalogue)
    place = _place(item, own)
    first = max(0, min(place - _LONGEST_SERIES // 2, len(own) - _LONGEST_SERIES))
    own = [*own[: min(first, 1)], *own[first + min(first, 1) : first + _LONGEST_SERIES]]
    if len(own) < 2:
        told = fact_values(item, "series")
        text.add(lexicon()["no_parts" if told else "no_parts_of"], item=item)
    else:
        slots = {f"item{number}": other for number, other in enumerate(own)}
        text.add(fill(lexicon()["order"], items=listed([f"{{{name}}}" for name in slots])), **slots)


def tell_place(text: Text, item: Item, catalogue: Catalogue) -> None:
    """Say which part of its series an item is, and whether it can be begun with, as far as that tells."""
    own = parts_of(item, catalogue)
    place, table = _place(item, own), lexicon()["place"]
    if len(own) < 2:
        return text.add(table["alone"], item=item)
    if place == 0:
        return text.add(table["first"], item=item, other=own[1])
    before = own[max(0, place - _LONGEST_SERIES) : place]
    slots = {f"item{number}": other for number, other in enumerate(before)}
    names = listed([f"{{{name}}}" for name in slots])
    words = fill(table["one" if len(before) == 1 else "later"], items=names, number=str(place + 1))
    return text.add(words, item=item, **slots)


def tell_sequel(text: Text, item: Item, catalogue: Catalogue) -> None:
    """Say how the part behind an item was received; where there is none, or nothing is known, name the parts."""
    own = parts_of(item, catalogue)
    behind = own[_place(item, own) + 1 :][:1]
    told = worth(behind[0]) if behind else ""
    return text.add(told, item=behind[0]) if told else tell_order(text, item, catalogue)


def _place(item: Item, own: list[Item]) -> int:
    return next((number for number, other in enumerate(own) if other.name == item.name), 0)
