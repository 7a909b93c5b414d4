"""What people call the columns of a catalogue: ``battery_life`` is "battery life", ``price_eur`` is "price" or "cost".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from importlib import resources
from typing import Any, Self
from weakref import WeakKeyDictionary

import numpy as np
import yaml
from numpy.typing import NDArray

from pecrs.linking.facets import NO, YEAR, Facets, stem
from pecrs.linking.lexicon import fold, folded, words_of
from pecrs.linking.units import UNITS


@cache
def field_table() -> Mapping[str, Mapping[str, Any]]:
    """Return the table of ``fields.yaml``."""
    text = (resources.files("pecrs.linking") / "fields.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def field_label(name: str) -> str:
    """Return a column's name as it is said: without underscores, without a unit.

    >>> field_label("battery_life_h"), field_label("price (EUR)"), field_label("brand"), field_label("isWaterproof")
    ('battery life', 'price', 'brand', 'waterproof')
    """
    words = re.split(r"[\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    words = [word for word in words if word]
    if len(words) > 1 and words[-1] in UNITS:
        words.pop()
    if len(words) > 1 and words[0] in ("is", "has"):
        words.pop(0)
    return " ".join(words)


class FieldNames:
    """The words for the columns of one catalogue.

    Attributes:
        names: From folded words to the column that they name.
        asks: From the folded beginnings of questions to the column that they ask about.
    """

    def __init__(self, facets: Facets) -> None:
        """Look each column up in the table.

        Args:
            facets: The catalogue's.
        """
        self.facets = facets
        self.names: dict[str, str] = {}
        self.asks: dict[str, str] = {}
        own = {name: _folded(field_label(name)) for name in facets.fields}
        self._groups = {group: self._column(group, entry, own) for group, entry in field_table().items()}
        for name, words in own.items():
            for said in (words, " ".join(map(stem, words.split()))):
                self.names.setdefault(said, name)
        for group, entry in field_table().items():
            column = self._groups[group]
            if column is not None:
                for words in map(_folded, entry["names"]):
                    if words not in entry.get("exact", ()) or own[column] in (words, stem(words)):
                        self.names.setdefault(words, column)
                for words in entry.get("asks", ()):
                    self.asks.setdefault(_folded(words), column)

    @classmethod
    def shared(cls, facets: Facets) -> Self:
        """Return the names of some facets, made once for all who look at them."""
        names = _SHARED.get(facets)
        if not isinstance(names, cls):
            names = _SHARED[facets] = cls(facets)
        return names

    @cached_property
    def sold_out(self) -> NDArray[np.bool_]:
        """(N,) True for items of which none is in stock; False where the catalogue does not say."""
        name, facets = self.of("stock"), self.facets
        if name is not None and facets.fields[name].kind == "number":
            return facets.numbers(name) <= 0
        gone = np.zeros(len(facets.catalogue), dtype=np.bool_)
        if name is not None and facets.fields[name].kind == "flag":
            gone[facets.having([name], NO)] = True
        return gone

    def of(self, group: str) -> str | None:
        """Return the column of a group of the table: ``weight``; None where the catalogue has none."""
        return self._groups.get(group)

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Return the spans of a text that name columns, with these; the longest come first.

        Args:
            text: One message.
        """
        words = [(match.start(), match.end(), fold(match.group())) for match in words_of(text)]
        found: list[tuple[int, int, str]] = []
        covered: set[int] = set()
        for size in range(min(4, len(words)), 0, -1):
            for first in range(len(words) - size + 1):
                places = range(first, first + size)
                said = " ".join(word for *_, word in words[first : first + size])
                name = self.names.get(said)
                if name is not None and covered.isdisjoint(places):
                    covered.update(places)
                    found.append((words[first][0], words[first + size - 1][1], name))
        return sorted(found)

    def asked(self, text: str) -> list[str]:
        """Return the columns that a question asks about, in order: "how heavy is it", "what colours are there"."""
        folded = f" {_folded(text)} "
        opened = [(folded.index(f" {words} "), name) for words, name in self.asks.items() if f" {words} " in folded]
        named = [(folded.index(f" {said} "), name) for said, name in self._said(text, folded)]
        return list(dict.fromkeys(name for _, name in sorted([*opened, *named])))

    def _said(self, text: str, folded: str) -> Iterator[tuple[str, str]]:
        for start, end, name in self.find(text):
            said = _folded(text[start:end])
            if f" {said} " in folded:
                yield said, name

    def _column(self, group: str, entry: Mapping[str, Any], own: Mapping[str, str]) -> str | None:
        if group == YEAR:
            return YEAR
        names = [_folded(words) for words in entry["names"]]
        named = [name for said in names for name, words in own.items() if words in (said, stem(said))]
        dimension = entry.get("dimension")
        measured = [name for name, field in self.facets.fields.items() if dimension and field.dimension == dimension]
        inside = [name for name in named if name in measured]
        ending = [name for name, words in own.items() if words.split()[-1:] and words.split()[-1] in names]
        single = measured if len(measured) == 1 else []
        return next(iter([*inside, *named, *ending, *single]), None)


LOW, HIGH = "low", "high"
"""Keys of words for a place on a scale: "light", "top rated", "fewest pages"."""

_MOST = "highest most greatest largest biggest longest maximum best".split()
_LEAST = "lowest least fewest smallest shortest minimum".split()


def scale_words(fields: FieldNames, values: Container[str]) -> dict[str, tuple[str, str]]:
    """Return words for low and high numbers of a catalogue's columns: from the word to the column and the key.

    Args:
        fields: The names of the columns.
        values: Folded values of the catalogue, which are no such words.
    """
    facets, found = fields.facets, dict[str, tuple[str, str]]()
    for group, entry in field_table().items():
        name = fields.of(group)
        if name is not None and facets.fields[name].kind == "number":
            for key in (LOW, HIGH):
                words = map(_folded, entry.get(key, ()))
                found |= {said: (name, key) for said in words if said not in values and said not in found}
    for said, name in fields.names.items():
        if facets.fields[name].kind == "number":
            found |= {f"{word} {said}": (name, HIGH) for word in _MOST}
            found |= {f"{word} {said}": (name, LOW) for word in _LEAST}
    return found


_SHARED: WeakKeyDictionary[Facets, FieldNames] = WeakKeyDictionary()


def _folded(words: str) -> str:
    return " ".join(folded(words))


def alternatives(phrases: Iterable[str]) -> str:
    """Return a regular expression for one of some folded phrases, the longest first."""
    return "|".join(re.escape(phrase).replace(r"\ ", r"[\s-]+") for phrase in longest_first(phrases))


def longest_first(phrases: Iterable[str]) -> Sequence[str]:
    """Return phrases in an order in which no earlier one is the beginning of a later one."""
    return sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
