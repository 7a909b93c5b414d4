"""Finding a catalogue's values in free text: people, genres, keywords, series and whatever else its fields declare.

Spans only; what a person means by them (wants, refuses, asks) is read by the model. Source: design section 4.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TypeGuard

from pecrs.linking.age_ratings import rating_limits
from pecrs.linking.compounds import NATIONAL, Compounds
from pecrs.linking.cues import by_cue
from pecrs.linking.descriptions import STUDIO
from pecrs.linking.facets import GUESSED, KIND_FIELDS, TEXT, THEME_FIELDS, YEAR, YES, Facets, stem, value_key
from pecrs.linking.fields import FieldNames, field_label, scale_words
from pecrs.linking.goods import Goods, heads_of
from pecrs.linking.lexicon import CHATTER, CUES, FUNCTION, fold, folded, frequency, words_of
from pecrs.linking.makers import makers_of
from pecrs.linking.misspelt import misspelt_last_names, misspelt_people, misspelt_words, nearest_name
from pecrs.linking.nationalities import demonyms
from pecrs.linking.quantities import Quantity
from pecrs.linking.respelling import Respelling
from pecrs.linking.short_names import LastNames, is_character, nicknames, short_names
from pecrs.linking.spans import meets, spans_of
from pecrs.linking.theme_words import theme_phrases
from pecrs.linking.themes import AGE, Theme, ages, themes
from pecrs.linking.tones import TONE, told_words, words_beside
from pecrs.linking.unsaid import unsaid
from pecrs.linking.value_words import (
    ACCLAIMED,
    ADJECTIVES,
    AUDIENCE,
    DAILY,
    DESCRIBED,
    DESCRIBING,
    IDLE,
    adjoin,
    asked_whether,
    audience,
    evident,
    expects_name,
    folded_phrases,
    is_whole,
    likelier_first,
    never,
    objected,
    plain_words,
    praised,
    scaled_phrases,
    spoken_of,
    synonyms,
)

_LESS_LIKELY = frozenset({"writers", "writer", "country", "keywords", "themes", "setting", "period"})
"""Fields that people mean less often where another one has the value too."""

_SAYS = re.compile(
    r"\s+(?:wants?|wanted|likes?|liked|loves?|loved|hates?|hated|prefers?|says?|said|thinks?|thought|is|was|needs?|asked|told)\b",
    re.IGNORECASE,
)
"""Behind a first name of somebody whom the person knows."""

_MANY = 40
"""A theme of so many items is meant by an everyday word that is refused."""

_UNIT = re.compile(r"\d\s$")
"""Before a unit, which is nobody's name: "500 watts"."""

_POSSESSIVE = re.compile(r"['’]s$")
_COMMON = 4.6
"""Frequency from which a word is no name on its own."""


@dataclass(frozen=True, slots=True, order=True)
class FacetValue:
    """A span of a text that says a value of the catalogue.

    Attributes:
        start: First character.
        end: One past the last character.
        fields: The fields that have the value, most items first; :data:`TEXT` for a theme, :data:`POPULARITY` or
            ``year`` for words such as "obscure" and "newer".
        key: The folded value.
        label: As the catalogue, or the person, writes it.
        exact: Whether the text says the value itself, not another word for it.
        scaled: Whether it is a word for a place on a scale, "new" or "cheapest", not a value.
        near: Whether it is not what the text says but near to it.
        also: Fields that must have the value as well.
        without: Fields that must not have it: somebody directs and is not in it.
    """

    start: int
    end: int
    fields: tuple[str, ...]
    key: str
    label: str
    exact: bool = True
    scaled: bool = False
    near: bool = False
    also: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def is_of(value: FacetValue | Quantity, *fields: str) -> TypeGuard[FacetValue]:
    """Tell whether something is a value of one of some fields: of all that have it, the first counts."""
    return isinstance(value, FacetValue) and value.fields[0] in fields


class ValueFinder:
    """Finds values of one catalogue in text."""

    def __init__(self, facets: Facets) -> None:
        """Index the values of all categories, last names of people, and other words for values.

        Args:
            facets: The catalogue's.
        """
        self.facets = facets
        self.fields = FieldNames.shared(facets)
        holders: defaultdict[str, list[tuple[bool, int, str]]] = defaultdict(list)
        spoken = {name: {value_key(value) for value in values} for name, values in unsaid(facets)}
        for name in (name for name, field in facets.fields.items() if field.kind == "category"):
            for key in (key for key in facets.keys(name) if key not in spoken.get(name, ())):
                holders[key].append((name in _LESS_LIKELY, -facets.count([name], key), name))
        self._fields = {key: likelier_first(own) for key, own in holders.items()}
        self._phrases: dict[str, tuple[str, ...]] = {key: (key,) for key in self._fields if not _said_apart(self, key)}
        self._phrases |= synonyms(self._fields, self._items) | demonyms(self._fields, self._items)
        told = {value_key(name): said for name, said in told_words().items() if value_key(name) in self._fields}
        self._phrases |= {key: (name,) for name, said in told.items() for key in folded_phrases(said)}
        for word, tone in words_beside().items():
            if word in self._phrases and value_key(tone) in self._fields:
                self._phrases[word] = (*self._phrases[word], value_key(tone))
        kinds = [key for key, names in self._fields.items() if names[0] in KIND_FIELDS]
        self.goods = Goods(kinds)
        known_for = {key: self._items(key) for key in self._fields if self._is_person(key)}
        self._phrases = heads_of(kinds) | self.goods.same | self._phrases | nicknames(known_for)
        other, known = theme_phrases(self._is_theme), tuple(self._phrases)
        own = {key: (*self._phrases.get(key, (key,)), *meant) for key, meant in other.items() if self._is_theme(key)}
        own = {key: tuple(dict.fromkeys(meant)) for key, meant in own.items()}
        self._phrases = {**other, **self._phrases, **own}
        people = {key for key in self._fields if self._is_person(key)}
        others = {key: own[0] for key, own in self._fields.items() if key not in people and " " in key}
        names = {key: field == "series" for key, field in others.items() if field != TONE}  # "cruel" is no tone
        self._short, self._first_names = short_names(people, names, self._items, self._names_by)
        self._adjectives = scaled_phrases(facets) | scale_words(self.fields, self._fields)
        self._flags = {said: name for said, name in self.fields.names.items() if facets.fields[name].kind == "flag"}
        studios = {word: self._short[word] for word in facets.keys(STUDIO) if word in self._short}
        self._phrases |= {word: (own, word) for word, own in studios.items() if not self._is_theme(own)}
        made = partial(facets.count, makers_of(facets))
        self._last_names = LastNames(known_for, partial(_spelt_last, self), made, self._names_by)
        self._compounds = Compounds(self._phrases, self._fields)
        self._longest = max(2, *map(len, map(str.split, (*self._phrases, *self._adjectives, *self._flags))))
        known = (*known, *self._adjectives, *self._flags)
        self._respelling = Respelling(known, [phrase for phrase in known if not self._is_name(phrase)])
        self._people = [key for key, names in self._fields.items() if names[0] in facets.people and " " in key]
        known = (*known, *self._short, *self._first_names, *self.fields.names, *self.goods.near)
        self._known = {word for key in known for word in (*key.split(), f"{key.split()[-1]}s")}
        self._nearest = lru_cache(4096)(partial(nearest_name, self._people))

    def find(
        self, text: str, taken: Sequence[tuple[int, int]] = (), near: Collection[str] = ()
    ) -> tuple[FacetValue, ...]:
        """Return the values of a text in order, without overlap; the longest come first.

        Args:
            text: One message.
            taken: Spans that are something else, titles and quantities.
            near: Folded names of the people of items that were spoken of, whom a last name means first.
        """
        taken = [*taken, *(match.span() for kind in (AGE, IDLE) for match in kind.finditer(text))]
        found = _limited(self, text)
        taken += spans_of(found)
        words = [
            (match.start(), match.end(), fold(match.group()))
            for match in words_of(text)
            if not meets(match.span(), taken)
        ]
        covered: set[int] = set()
        for size in range(min(self._longest, len(words)), 0, -1):
            if size == 1:  # "Merryl Streep" before "Streep"
                wrong = misspelt_people(text, words, covered, self._ordinary, self._nearest)
                found += [self.value(text, *span) for span in wrong]
            for first in range(len(words) - size + 1):
                places = range(first, first + size)
                if covered.isdisjoint(places) and adjoin(text, words[first : first + size]):
                    own, keys = words[first : first + size], [word for *_, word in words[first : first + size]]
                    capital = any(text[start].isupper() for start, _, _ in own)
                    names = (capital or expects_name(words, first)) and not _SAYS.match(text, own[-1][1])
                    told = (
                        is_whole(words, first, size)
                        or evident(text, words, first, size, self._kind)
                        or _objected(self, text, own)
                    )
                    values = self._read(keys, told, capital, names)
                    if size == 1 and values and self._is_theme(values[0]):
                        values = self._last_names.rather(text, own[0], self._items(values[0])) or values
                    if size == 1 and (keys[0] not in self._phrases or spoken_of(text, own[0], near)):
                        meant = next((key for key in values if key not in self._first_names.values()), "")
                        values = self._last_names.bearer(text, words[first], names, near, meant=meant) or values
                        nobody = _UNIT.search(text[: own[0][0]]) or is_character(text, own[0])
                        values = values if not nobody or values[:1] == (stem(keys[0]),) else ()
                    if values:
                        covered.update(places)
                        found += self._said(text, own, values)
        found += [*_aged(self, text, found), *_nearly(self, text, words, covered)]
        found += [value for theme in themes(text, [*taken, *spans_of(found)]) for value in _themed(self, text, theme)]
        return tuple(sorted(found, key=lambda value: (value.start, value.end, value.near, value)))

    def _said(self, text: str, words: Sequence[tuple[int, int, str]], keys: Sequence[str]) -> Iterator[FacetValue]:
        """Yield the values of some words; what they say together may be kinds that stand side by side."""
        if self._compounds.is_length(text, words, keys):
            yield FacetValue(*words[0][:2], ("minutes",), "short", "short", scaled=True)
            return
        together, apart = self._compounds.apart(text, words, keys)
        yield from (self.value(text, *value) for value in apart)
        if together:
            yield from self._alternatives(text, words[0][0], words[together - 1][1], keys)

    def _alternatives(self, text: str, start: int, end: int, keys: Sequence[str]) -> list[FacetValue]:
        """Return the values that a span means; themes behind the first one are near to it."""
        if self._fields.get(keys[0], ("",))[0] in NATIONAL:  # "British" is no theme
            keys = [key for key in keys if self._fields[key][0] in NATIONAL]
        found = [self.value(text, start, end, key) for key in keys]
        first = found[0].fields[0] if found else ""
        near = THEME_FIELDS if first in _LEADING else NATIONAL if first in NATIONAL else ()
        return [*found[:1], *(replace(value, near=value.fields[0] in near) for value in found[1:])]

    def _is_theme(self, key: str) -> bool:
        """Tell whether a folded value is a theme and nothing that people mean rather."""
        return self._fields.get(key, ("",))[0] in THEME_FIELDS

    def knows(self, word: str) -> bool:
        """Tell whether a folded word is part of a value, a name of one, or another word for one."""
        return word in self._known

    def _everyday(self, words: Sequence[str], said: str) -> bool:
        """Tell whether a single word is used daily and names no kind of item, as in "third date on Friday"."""
        fields = self._fields.get(self._phrases.get(said, (said,))[0], ())
        name = bool(fields) and (fields[0] == "series" or fields[0] in self.facets.people)
        theme = bool(fields) and fields[0] in THEME_FIELDS and said not in self.facets.keys(STUDIO)
        theme = theme and NATIONAL.isdisjoint(fields)
        return len(words) == 1 and (theme or name) and frequency(words[0]) >= DAILY

    def _read(self, words: Sequence[str], evident: bool, capital: bool, names: bool) -> tuple[str, ...]:
        """Return the keys that some words say: a value, another word for one, or a person's last name.

        Args:
            words: Folded.
            evident: Whether the words beside them say that they describe an item.
            capital: Whether at least one has a capital.
            names: Whether a capital or the word before lets one expect a name.
        """
        joined = self._respelling.respaced(words)
        words = joined.split()
        if joined in self._adjectives or joined in self._flags:
            return (joined,)
        forms = dict.fromkeys((words[-1], stem(words[-1]), words[-1].removesuffix("s")))  # "Polanski's"
        for said in (" ".join([*words[:-1], form]) for form in forms):
            if said in self._phrases and not (
                never(words, self._fields.get(said, ("",))[0])
                or _is_no_plural(self, said, joined)
                or (not capital and _is_everyday_name(self, said, led=names))
            ):
                if not (capital or evident) and plain_words(words, self._fields.get(said, ("",))[0]):
                    return ()
                return self._phrases[said] if evident or not self._everyday(words, said) else ()
        if len(words) == 1:
            short = self._short | self._first_names if names or evident else self._short
            found = (short[word] for word in forms if word in short)
            return tuple(key for key in found if words[-1] in short or self._is_person(key))[:1]
        return ()

    def value(self, text: str, start: int, end: int, key: str) -> FacetValue:
        """Return a span as the value of a key, whether it names it or not."""
        if key in self._adjectives and self._fields.get(key, (TEXT,))[0] in THEME_FIELDS:
            field, value = self._adjectives[key]
            return FacetValue(start, end, (field,), value, value, scaled=True)
        if key in self._flags and key not in self._fields:
            return FacetValue(start, end, (self._flags[key],), YES, field_label(self._flags[key]))
        fields = by_cue(text, start, end, self._fields[key], lambda name: self.facets.count([name], key))
        exact = key in (value_key(text[start:end]), value_key(_POSSESSIVE.sub("", text[start:end])))
        return FacetValue(start, end, fields, key, self.facets.spelling(fields[0], key), exact)

    def _kind(self, word: str) -> bool:
        """Tell whether a folded word is a kind of item, and no theme beside."""
        key = next((key for said in (word, stem(word)) for key in self._phrases.get(said, ())), "")
        return self._fields.get(key, ("",))[0] in KIND_FIELDS

    def _ordinary(self, word: str) -> bool:
        return word in self._known or word in _ORDINARY

    def _items(self, key: str) -> int:
        return self.facets.count(self._fields[key], key)

    def _names_by(self, word: str) -> bool:
        """Tell whether a word is rare enough to name something on its own."""
        common = word in FUNCTION | CHATTER | CUES or frequency(word) >= _COMMON
        other = word in self._phrases and word not in self.facets.keys(STUDIO)
        return len(word) > 3 and not common and not other

    def _is_name(self, phrase: str) -> bool:
        """Tell whether a phrase is the name of a person or a series, or a theme, which many words are like."""
        fields = self._fields.get(phrase, ())
        return not self.facets.people.isdisjoint(fields) or any(name in (*THEME_FIELDS, "series") for name in fields)

    def _is_person(self, key: str) -> bool:
        return self._fields[key][0] in self.facets.people


def _nearly(
    finder: ValueFinder, text: str, words: Sequence[tuple[int, int, str]], covered: set[int]
) -> list[FacetValue]:
    """Return what single words nearly name: last names where one is expected, and other values."""
    wrong = misspelt_last_names(text, words, covered, finder._ordinary, finder._last_names.nearest)
    found = [finder.value(text, *span) for span in wrong]
    for start, end, said in misspelt_words(words, covered, finder.knows, finder._respelling.nearest):
        found += [finder.value(text, start, end, key) for key in finder._read([said], True, True, False)]
    return found


def _themed(finder: ValueFinder, text: str, theme: Theme) -> Iterator[FacetValue]:
    """Yield the value that a theme is, or its words; what no item has together says too much to be looked up."""
    said = (value_key(theme.label), theme.key)
    known = next((key for key in said if not THEME_FIELDS.isdisjoint(finder._fields.get(key, ()))), "")
    if known:
        yield finder.value(text, *theme.span, known)
    elif " " not in theme.key or finder.facets.count([TEXT], theme.key):
        yield FacetValue(*theme.span, (TEXT,), theme.key, theme.label, False)


def _said_apart(finder: ValueFinder, key: str) -> bool:
    """Tell whether words are meant apart: "no romance" refuses it, "a haunted house" is rather a theme."""
    (first, _, rest), (head, _, noun) = key.partition(" "), key.rpartition(" ")
    if noun in ("movie", "film") and finder._fields[key][0] in THEME_FIELDS and head in finder._fields:
        return True  # "a submarine movie"
    known = finder._fields.get(rest, ("",))[0]
    if finder._fields[key][0] == "series" and first in ("a", "an", "the") and known in THEME_FIELDS:
        return finder._items(rest) > finder._items(key)
    old = ADJECTIVES.get(first) == (YEAR, "old") and known in KIND_FIELDS
    return finder._fields[key][0] in THEME_FIELDS and ((first == "no" and bool(known)) or old)


def _objected(finder: ValueFinder, text: str, words: Sequence[tuple[int, int, str]]) -> bool:
    """Tell whether a common theme is refused or said of an offer: "no Christmas", "it IS Christmas"."""
    if len(words) > 1:
        return asked_whether(text, words[0][0], words[-1][1])
    key = finder._phrases.get(stem(words[-1][2]), ("",))[0]
    fields = finder._fields.get(key, ("",))
    common = fields[0] in THEME_FIELDS and finder.facets.count(fields, key) >= _MANY
    return common and objected(text, words[0][0], words[-1][1])


def _is_everyday_name(finder: ValueFinder, said: str, *, led: bool) -> bool:
    """Tell whether a single everyday word is somebody's whole name, "Rain", or a thing as well: "the game"."""
    word = said.removeprefix("the ") if not led else said
    return said in finder._fields and finder._is_person(said) and " " not in word and frequency(word) >= DAILY


def _is_no_plural(finder: ValueFinder, said: str, joined: str) -> bool:
    """Tell whether words are the plural of what has none: of a tone, of a series."""
    field = finder._fields.get(said, ("",))[0]
    if said == joined or field not in (TONE, "series"):
        return False
    return " ".join(folded_phrases([finder.facets.spelling(field, said)])) != joined


def _aged(finder: ValueFinder, text: str, found: Sequence[FacetValue]) -> list[FacetValue]:
    """Return for whom items are asked where ages say so, and what is asked for as the best, unless values say it."""
    told, said = AUDIENCE in finder.facets.fields, {value.key for value in found}
    meant = [(span, audience(age, told=told)) for span, age in ages(text, spans_of(found))]
    if not any(is_of(value, *finder.facets.people) for value in found):  # of somebody's works it is the likeliest
        meant += [(span, ACCLAIMED) for span in praised(text, spans_of(found))]
    return [finder.value(text, *span, key) for span, key in meant if key in finder._fields and key not in said]


def _spelt_last(finder: ValueFinder, key: str) -> str:
    return fold(finder.facets.spelling(finder._fields[key][0], key).split()[-1])


def _limited(finder: ValueFinder, text: str) -> list[FacetValue]:
    """Return the ratings that are allowed where the highest one is said."""
    known = finder.facets.keys("rating") if "rating" in finder.facets.fields else ()
    limits = rating_limits(text)
    return [finder.value(text, start, end, key) for start, end, keys in limits for key in keys if key in known]


def described(text: str, value: FacetValue) -> bool:
    """Tell whether the words beside a value say that it describes an item: "boxing films", "about boxing"."""
    before = folded(text[: value.start])[-1:]
    behind = list(map(stem, folded(text[value.end :])))[:1]
    return not DESCRIBING.isdisjoint(before) or not DESCRIBED.isdisjoint(behind)


_ORDINARY = CHATTER | CUES
_LEADING = THEME_FIELDS | GUESSED
