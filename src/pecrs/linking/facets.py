"""What a catalogue's fields hold, as something that can be asked: which items have a value, or a number in a range.

Nothing here knows what the items are. A field is a *category* (genres, people, brands: its values are looked up in
free text), a *number* (a runtime, a price: it is compared with bounds) or a *text* (a description: its words are
searched). Source: design section 4.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal, Self
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from pecrs.data.catalogue import Catalogue
from pecrs.linking.descriptions import SOURCE, kinds, series, sources
from pecrs.linking.lexicon import fold, words_of
from pecrs.linking.tones import TONE, tones

FieldKind = Literal["category", "number", "text"]
Indices = NDArray[np.int64]

KIND_FIELDS = frozenset({"genre", "genres", "category", "categories", "type", "types", "style", "styles"})
"""Fields that say what kind of thing an item is."""

THEME_FIELDS = frozenset({"keyword", "keywords", "theme", "themes", "tag", "tags", "subject", "subjects", "text"})
"""Fields that say what an item is about; ``text`` stands for all its words."""

YEAR = "year"
"""The field of an item's year, which every catalogue has."""

TEXT = "text"
"""Stands for all words of an item, where a theme is searched that no category names."""

DESCRIBED = "described"
"""Stands for the kinds that an item's description begins with, beside those of its fields."""

_TEXT_WORDS = 6
"""A field whose values have more words than this on average is a text."""

_NUMBER = re.compile(r"\D{0,2}(\d[\d,]*(?:\.\d+)?)\s*[\w$€£%]{0,8}")
_MINUTES = frozenset({"runtime", "duration", "length", "minutes"})
_MONEY = frozenset({"price", "cost", "prices"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a catalogue.

    Attributes:
        name: As the catalogue declares it.
        kind: How it can be asked.
        people: Whether most of its values look like names of people.
    """

    name: str
    kind: FieldKind
    people: bool = False


class Facets:
    """A catalogue's fields, turned round: from values, numbers and words to items.

    Attributes:
        catalogue: The items; indices are positions in it.
        fields: By name; titles are no field, the year is one, and so is ``part`` of the items that are not the first
            of their ``series``, ``source`` of those that are based on something and
            ``tone`` of those whose fields let one guess it.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        """Look at every value once.

        Args:
            catalogue: The items.
        """
        self.catalogue = catalogue
        values: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for index, item in enumerate(catalogue):
            for name, given in item.facts.items():
                values[name].extend((index, value) for value in given if value.strip())
        values["part"].extend((index, "sequel") for index in _sequels(catalogue))
        values[SOURCE].extend((index, what) for index, item in enumerate(catalogue) for what in sources(item))
        values[TONE].extend((index, tone) for index, item in enumerate(catalogue) for tone in tones(item))
        self.fields: Mapping[str, Field] = MappingProxyType(
            {YEAR: Field(YEAR, "number")}
            | {name: _field(name, [v for _, v in own]) for name, own in values.items() if own}
        )
        self._holders: dict[str, dict[str, list[int]]] = {}
        self._spelling: dict[str, dict[str, str]] = {}
        for name, own in values.items():
            if own and self.fields[name].kind == "category":
                holders: defaultdict[str, list[int]] = defaultdict(list)
                spelling: dict[str, str] = {}
                for index, value in own:
                    key = value_key(value)
                    if key:
                        holders[key].append(index)
                        spelling.setdefault(key, value)
                self._holders[name], self._spelling[name] = dict(holders), spelling
        self._add_described_series()

    def _add_described_series(self) -> None:
        holders = self._holders.get("series", {})
        for index, item in enumerate(self.catalogue):
            for key in series(item, holders):
                if index not in holders[key]:
                    holders[key].append(index)

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Return the facets of a catalogue, made once for all who look at it."""
        facets = _SHARED.get(id(catalogue))  # facets hold their catalogue, so its number is its own while they live
        if not isinstance(facets, cls):
            facets = _SHARED[id(catalogue)] = cls(catalogue)
        return facets

    def keys(self, name: str) -> Iterable[str]:
        """Return the folded values of a category."""
        return self._holders.get(name, {})

    def spelling(self, name: str, key: str) -> str:
        """Return a value as the catalogue writes it."""
        return self._spelling[name][key]

    def having(self, names: Sequence[str], key: str) -> Indices:
        """Return the items that have a value in one of some categories, or the words of a theme.

        Args:
            names: Fields; :data:`TEXT` searches all words, :data:`DESCRIBED` the kinds that descriptions begin with.
            key: A folded value, see :func:`value_key`.
        """
        found: set[int] = set()
        for name in names:
            if name == TEXT:
                found.update(self._containing(key))
            else:
                held = self._described if name == DESCRIBED else self._holders.get(name, {})
                found.update(held.get(key, ()))
        return np.fromiter(sorted(found), dtype=np.int64, count=len(found))

    def count(self, names: Sequence[str], key: str) -> int:
        """Return how many items have a value."""
        return len(self.having(names, key))

    def within(self, name: str, low: float | None, high: float | None) -> Indices:
        """Return the items whose number lies in a range, both ends included; items without a number do not.

        Args:
            name: A field of numbers.
            low: Least number, or None.
            high: Largest number, or None.
        """
        numbers = self.numbers(name)
        inside = ~np.isnan(numbers)
        if low is not None:
            inside &= numbers >= low
        if high is not None:
            inside &= numbers <= high
        return np.flatnonzero(inside)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a number for each item, NaN where it has none."""
        if name not in self._numbers:
            own = [item.year if name == YEAR else first_number(item.values(name)) for item in self.catalogue]
            self._numbers[name] = np.array([np.nan if value is None else value for value in own], dtype=np.float64)
        return self._numbers[name]

    def number_field(self, kind: str) -> str | None:
        """Return the field that a quantity is about: ``year``, ``minutes`` or ``money``; None where there is none."""
        wanted = {"year": {YEAR}, "minutes": _MINUTES, "money": _MONEY}.get(kind, frozenset())
        return next((name for name, field in self.fields.items() if field.kind == "number" and name in wanted), None)

    @cached_property
    def _numbers(self) -> dict[str, NDArray[np.float64]]:
        return {}

    @cached_property
    def _words(self) -> Mapping[str, frozenset[int]]:
        holders: defaultdict[str, set[int]] = defaultdict(set)
        for index, item in enumerate(self.catalogue):
            texts = [item.title, *(value for values in item.facts.values() for value in values)]
            for word in {stem(fold(match.group())) for text in texts for match in words_of(text)}:
                holders[word].add(index)
        return {word: frozenset(items) for word, items in holders.items()}

    @cached_property
    def _described(self) -> Mapping[str, Sequence[int]]:
        known = {key for name in KIND_FIELDS for key in self.keys(name)}
        holders: defaultdict[str, list[int]] = defaultdict(list)
        for index, item in enumerate(self.catalogue):
            for key in kinds(item, known):
                holders[key].append(index)
        return holders

    def _containing(self, key: str) -> frozenset[int]:
        sets = [self._words.get(stem(word), frozenset()) for word in key.split()]
        return frozenset.intersection(*sets) if sets else frozenset()


_SHARED: WeakValueDictionary[int, Facets] = WeakValueDictionary()


def value_key(value: str) -> str:
    """Return the folded words of a value, endings of plurals dropped, with single spaces between them.

    >>> value_key("Sci-Fi"), value_key("Romantic Comedies"), value_key("Adam Sandler")
    ('sci fi', 'romantic comedy', 'adam sandler')
    """
    words = [fold(match.group()) for match in words_of(value)]
    return " ".join([*words[:-1], stem(words[-1])]) if words and words[-1] else " ".join(filter(None, words))


def stem(word: str) -> str:
    """Drop the ending of a plural.

    >>> [stem(word) for word in ("comedies", "thrillers", "witches", "boss", "series", "heroes")]
    ['comedy', 'thriller', 'witch', 'boss', 'series', 'hero']
    """
    if len(word) < 4 or word in ("series", "species", "movies") or word.endswith(("ss", "us", "is")):
        return "movie" if word == "movies" else word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "oes")):
        return word[:-2]
    return word.removesuffix("s")


def _sequels(catalogue: Catalogue) -> Iterable[int]:
    """Yield the items of a series that came out after another one of it."""
    firsts: dict[str, int] = {}
    for item in catalogue:
        for name in item.values("series"):
            if item.year is not None:
                firsts[name] = min(item.year, firsts.get(name, item.year))
    for index, item in enumerate(catalogue):
        if item.year is not None and any(item.year > firsts[name] for name in item.values("series")):
            yield index


def _field(name: str, values: Sequence[str]) -> Field:
    if all(_NUMBER.fullmatch(value) for value in values):
        return Field(name, "number")
    words = [len(value.split()) for value in values]
    if sum(words) > _TEXT_WORDS * len(words):
        return Field(name, "text")
    named = sum(_is_name(value.split()) for value in values)
    return Field(name, "category", named > 0.7 * len(values) and len(set(values)) > 0.1 * len(values))


def _is_name(words: Sequence[str]) -> bool:
    return 2 <= len(words) <= 4 and words[0][0].isupper() and words[-1][0].isupper()


def first_number(values: Sequence[str]) -> float | None:
    """Return the number that the first of some values says, None where it says none."""
    match = _NUMBER.fullmatch(values[0]) if values else None
    return float(match.group(1).replace(",", "")) if match else None
