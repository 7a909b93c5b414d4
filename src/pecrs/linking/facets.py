"""What a catalogue's fields hold, as something that can be asked: which items have a value, or a number in a range.

Nothing here knows what the items are. A field is a *category* (genres, people, brands: its values are looked up in
free text), a *number* (a runtime, a price, perhaps with a unit: it is compared with bounds), a *flag* (yes or no) or a
*text* (a description: its words are searched). Source: design section 4.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Literal, Self
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.descriptions import SOURCE, STUDIO, kinds, series, sources, studios
from pecrs.linking.lexicon import folded
from pecrs.linking.roles import tells_roles
from pecrs.linking.tones import BLEND, ORIGIN, TONE, blends, of_origin, tones
from pecrs.linking.units import UNITS, Measure, Unit, parse_measure, shown

FieldKind = Literal["category", "number", "flag", "text"]
Indices = NDArray[np.int64]

KIND_FIELDS = frozenset({"genre", "genres", "category", "categories", "type", "types", "style", "styles", BLEND})
"""Fields that say what kind of thing an item is."""

GUESSED = frozenset({SOURCE, STUDIO, TONE, BLEND, ORIGIN})
"""Fields that no catalogue declares: what descriptions and kinds let one guess."""

THEME_FIELDS = frozenset(
    {"keyword", "keywords", "theme", "themes", "tag", "tags", "subject", "subjects", "setting", "period", "text"}
)
"""Fields that say what an item is about; ``text`` stands for all its words."""

YEAR = "year"
"""The field of an item's year, which every catalogue has."""

TEXT = "text"
"""Stands for all words of an item, where a theme is searched that no category names."""

DESCRIBED = "described"
"""Stands for the kinds that an item's description begins with, beside those of its fields."""

_TEXT_WORDS = 6
"""A field whose values have more words than this on average is a text."""

YES, NO = "yes", "no"
"""The folded values of a flag."""

_YES, _NO = frozenset({"yes", "true", "y"}), frozenset({"no", "false", "n"})
_UNKNOWN = frozenset({"", "n/a", "na", "none", "null", "unknown", "-", "?", "tbd"})
"""Written in columns of numbers and flags where nothing is known."""

_MINUTES = ("runtime", "duration", "length", "minutes")
_MONEY = ("price", "prices", "cost")
_NO_UNIT = frozenset({"min", "in", "s"})
"""Last words of a column's name that are seldom units: ``price_min``."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a catalogue.

    Attributes:
        name: As the catalogue declares it.
        kind: How it can be asked.
        people: Whether most of its values look like names of people.
        units: Units of its numbers, all of one dimension; empty where they have none.
    """

    name: str
    kind: FieldKind
    people: bool = False
    units: tuple[Unit, ...] = ()

    @property
    def unit(self) -> Unit | None:
        """The unit that its numbers are given in where no text says it: the base unit, or the first one."""
        return next((unit for unit in self.units if unit.factor == 1), self.units[0] if self.units else None)

    @property
    def dimension(self) -> str:
        """What its numbers measure; empty where they have no unit."""
        return self.units[0].dimension if self.units else ""

    def number(self, value: str) -> float | None:
        """Return the number that a value says, in the base unit of its dimension; None where it says none."""
        measure = parse_measure(value)
        return None if measure is None else _in_base(measure, self.units)

    def shown(self, number: float) -> str:
        """Return a number of the base unit as the catalogue would write it."""
        return shown(number, self.units)


class Facets:
    """A catalogue's fields, turned round: from values, numbers and words to items.

    Attributes:
        catalogue: The items; indices are positions in it.
        fields: By name; titles are no field, the year is one, and so is ``part`` of the items that are not the first
            of their ``series``, ``source`` of those that are based on something,
            ``studio`` of those whose makers a description names, ``tone`` of those whose fields let one guess it,
            ``blend`` of those that are several kinds with a name of their own, and ``origin`` of those from abroad.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        """Look at every value once.

        Args:
            catalogue: The items.
        """
        self.catalogue = catalogue
        values: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for index, item in enumerate(catalogue):
            for name, given in item.told.items():
                values[name].extend((index, value) for value in given if value.strip())
        values["part"].extend((index, "sequel") for index in _sequels(catalogue))
        values[STUDIO].extend((index, name) for index, item in enumerate(catalogue) for name in studios(item))
        values[SOURCE].extend((index, what) for index, item in enumerate(catalogue) for what in sources(item))
        values[TONE].extend((index, tone) for index, item in enumerate(catalogue) for tone in tones(item))
        mixed = [(index, kind) for index, item in enumerate(catalogue) for kind in blends(item)]
        values[BLEND].extend(entry for entry in mixed if not of_origin(entry[1]))
        values[ORIGIN].extend(entry for entry in mixed if of_origin(entry[1]))
        self.fields: Mapping[str, Field] = MappingProxyType(
            {YEAR: Field(YEAR, "number")}
            | {name: _field(name, [v for _, v in own]) for name, own in values.items() if own}
        )
        self._holders: dict[str, dict[str, list[int]]] = {}
        self._described_series: defaultdict[str, list[int]] = defaultdict(list)
        self._spelling: dict[str, dict[str, str]] = {}
        for name, own in values.items():
            if own and self.fields[name].kind in ("category", "flag"):
                flag = self.fields[name].kind == "flag"
                holders: defaultdict[str, list[int]] = defaultdict(list)
                spelling: dict[str, str] = {}
                for index, value in own:
                    key = (YES if is_yes(value) else NO) if flag else value_key(value)
                    if key:
                        if holders[key][-1:] != [index]:
                            holders[key].append(index)
                        spelling.setdefault(key, value)
                self._holders[name], self._spelling[name] = dict(holders), spelling
        for index, item in enumerate(catalogue):
            for key in series(item, self._holders.get("series", {})):
                self._described_series[key].append(index)

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Return the facets of a catalogue, made once for all who look at it."""
        facets = _SHARED.get(id(catalogue))  # facets hold their catalogue, so its number is its own while they live
        if not isinstance(facets, cls):
            facets = _SHARED[id(catalogue)] = cls(catalogue)
        return facets

    @cached_property
    def people(self) -> frozenset[str]:
        """Fields that hold people."""
        return frozenset(name for name, field in self.fields.items() if field.people)

    def keys(self, name: str) -> Collection[str]:
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
        found = self._having(names, key)
        return np.fromiter(sorted(found), dtype=np.int64, count=len(found))

    def _having(self, names: Sequence[str], key: str) -> set[int]:
        found: set[int] = set()
        for name in names:
            if name == TEXT:
                found.update(self._containing(key))
            else:
                held = self._described if name == DESCRIBED else self._holders.get(name, {})
                found.update(held.get(key, ()))
                found.update(self._described_series.get(key, ()) if name == "series" else ())
        return found

    def stated(self, name: str, key: str) -> Indices:
        """Return the items whose field itself has a value, whatever descriptions say."""
        return np.array(self._holders.get(name, {}).get(key, ()), dtype=np.int64)

    def count(self, names: Sequence[str], key: str) -> int:
        """Return how many items have a value."""
        if len(names) == 1 and names[0] in self._holders and names[0] != "series":
            return len(self._holders[names[0]].get(key, ()))
        return len(self._having(names, key))

    def filled(self, name: str) -> NDArray[np.bool_]:
        """Return (N,) which items have any value in a category."""
        filled = np.zeros(len(self.catalogue), dtype=np.bool_)
        for key in self.keys(name):
            filled[self.having([name], key)] = True
        return filled

    def within(self, name: str, low: float | None, high: float | None) -> Indices:
        """Return the items whose number lies in a range, both ends included; items without a number do not.

        Args:
            name: A field of numbers.
            low: Least number, or None.
            high: Largest number, or None.
        """
        places, numbers = self._measured(name)
        inside = np.ones(len(numbers), dtype=np.bool_)
        if low is not None:
            inside &= numbers >= low
        if high is not None:
            inside &= numbers <= high
        return np.unique(places[inside])

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a number for each item, the first of several, NaN where it has none; in the base unit."""
        places, numbers = self._measured(name)
        found = np.full(len(self.catalogue), np.nan)
        found[places[::-1]] = numbers[::-1]
        return found

    def number_field(self, kind: str) -> str | None:
        """Return the field that a quantity is about; None where there is none.

        Args:
            kind: ``year``, ``minutes`` or ``money``, which are told by names and units, or a field's own name.
        """
        numbers = {name: field for name, field in self.fields.items() if field.kind == "number"}
        if kind == "money":
            named = [name for name in _MONEY if name in numbers]
            return next(iter([*named, *self._of_dimension("money")]), None)
        if kind == "minutes":
            named = [name for name in _MINUTES if name in numbers and numbers[name].dimension in ("", "time")]
            timed = self._of_dimension("time")
            return next(iter(named), timed[0] if len(timed) == 1 else None)
        return kind if kind in numbers else None

    def _of_dimension(self, dimension: str) -> list[str]:
        return [name for name, field in self.fields.items() if field.dimension == dimension]

    def _measured(self, name: str) -> tuple[Indices, NDArray[np.float64]]:
        """Return the items that have numbers, and the numbers: several of an item stand one after another."""
        if name not in self._numbers:
            field, pairs = self.fields[name], []
            for index, item in enumerate(self.catalogue):
                own = [item.year] if name == YEAR else [field.number(value) for value in item.values(name)]
                pairs += [(index, float(number)) for number in own if number is not None]
            places = np.array([place for place, _ in pairs], dtype=np.int64)
            self._numbers[name] = places, np.array([number for _, number in pairs], dtype=np.float64)
        return self._numbers[name]

    @cached_property
    def _numbers(self) -> dict[str, tuple[Indices, NDArray[np.float64]]]:
        return {}

    @cached_property
    def _words(self) -> Mapping[str, frozenset[int]]:
        holders: defaultdict[str, set[int]] = defaultdict(set)
        for index, item in enumerate(self.catalogue):
            for word in stems_told(item):
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


@lru_cache(maxsize=65536)  # values return: with every item that has them, and with every change of a catalogue
def value_key(value: str) -> str:
    """Return the folded words of a value, endings of plurals dropped, with single spaces between them.

    >>> value_key("Sci-Fi"), value_key("Romantic Comedies"), value_key("Adam Sandler")
    ('sci fi', 'romantic comedy', 'adam sandler')
    """
    words = folded(value)
    return " ".join([*words[:-1], stem(words[-1])]) if words and words[-1] else " ".join(filter(None, words))


def stems(text: str) -> set[str]:
    """Return the folded words of a text, endings of plurals dropped."""
    return set(map(stem, folded(text)))


def stems_told(item: Item) -> set[str]:
    """Return the stems of all words that are told of an item."""
    return stems(item.title).union(*(stems(value) for values in item.told.values() for value in values))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Drop the ending of a plural.

    >>> [stem(word) for word in ("comedies", "thrillers", "witches", "boss", "series", "heroes", "shoes")]
    ['comedy', 'thriller', 'witch', 'boss', 'series', 'hero', 'shoe']
    """
    if len(word) < 4 or word in ("series", "species", "news", "movies") or word.endswith(("ss", "us", "is")):
        return "movie" if word == "movies" else word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "oes")) and not word.endswith(("shoes", "canoes", "toes")):
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
    distinct = Counter(values)
    folded = {value.lower() for value in distinct} - _UNKNOWN
    if folded and (folded <= _YES | _NO or (folded <= {"0", "1"} and name.lower().startswith(("is_", "has_")))):
        return Field(name, "flag")
    measures = _measures(value for value in distinct if value.lower() not in _UNKNOWN)
    if measures:
        units = {measure.unit: None for measure in measures if measure.unit is not None}
        if len({unit.dimension for unit in units}) <= 1:
            return Field(name, "number", units=tuple(units) or _unit_in_name(name))
    if tells_roles(distinct):
        return Field(name, "text")
    words = {value: value.split() for value in distinct}
    if sum(len(words[value]) * times for value, times in distinct.items()) > _TEXT_WORDS * len(values):
        return Field(name, "text")
    named = sum(times for value, times in distinct.items() if _is_name(words[value]))
    return Field(name, "category", named > 0.7 * len(values) and len(distinct) > 0.1 * len(values))


def _measures(values: Iterable[str]) -> list[Measure]:
    """Return the numbers that values say; none where one of them says no number."""
    found: list[Measure] = []
    for value in values:
        measure = parse_measure(value)
        if measure is None:
            return []
        found.append(measure)
    return found


def _unit_in_name(name: str) -> tuple[Unit, ...]:
    """Return the unit that a column's name ends in: ``weight_kg``, ``Price (EUR)``."""
    words = [word for word in re.split(r"[\W_]+", name.lower()) if word]
    known = len(words) > 1 and words[-1] in UNITS and words[-1] not in _NO_UNIT
    return (UNITS[words[-1]],) if known else ()


def is_yes(value: str) -> bool:
    """Tell whether a flag's value says yes."""
    return value.lower() in _YES or value == "1"


def is_no(value: str) -> bool:
    """Tell whether a flag's value says no."""
    return value.lower() in _NO or value == "0"


def _in_base(measure: Measure, units: Sequence[Unit]) -> float:
    unit = measure.unit or (units[0] if units else None)
    return measure.number * unit.factor if unit is not None else measure.number


def _is_name(words: Sequence[str]) -> bool:
    return 2 <= len(words) <= 4 and words[0][0].isupper() and words[-1][0].isupper()
