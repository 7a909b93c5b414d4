"""Finding a catalogue's values in free text: people, genres, keywords, series and whatever else its fields declare.

Spans only; what a person means by them (wants, refuses, asks) is read by the model. Source: design section 4.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from pecrs.linking.facets import KIND_FIELDS, TEXT, THEME_FIELDS, YEAR, YES, Facets, stem, value_key
from pecrs.linking.fields import FieldNames, field_label, scale_words
from pecrs.linking.goods import Goods, heads_of
from pecrs.linking.lexicon import CHATTER, CUES, FUNCTION, fold, frequency, words_of

POPULARITY = "popularity"
"""Stands for how well known an item is; its values are ``popular`` and ``obscure``."""

SCALED: Mapping[str, tuple[str, ...]] = {YEAR: ("new", "old"), "minutes": ("short", "long"), "money": ("cheap", "dear")}
"""Words for a place on a scale, by what :meth:`pecrs.linking.facets.Facets.number_field` knows the scale as."""

_ROLE_CUES: Mapping[str, tuple[str, ...]] = {
    "directors": ("directed by", "director", "directors", "directs", "from director"),
    "actors": ("starring", "actor", "actress", "actors", "with", "stars", "acted by", "featuring", "starred"),
    "writers": ("written by", "writer", "wrote", "screenplay by"),
    "authors": ("written by", "author", "by", "wrote"),
}
_LESS_LIKELY = frozenset({"writers", "writer", "country", "keywords"})
"""Fields that people mean less often where another one has the value too."""

_THEME = re.compile(
    r"\b(?:about|set (?:in|on|at|during)|involv(?:es|ing)|featuring|deals? with|revolv(?:es|ing) around|"
    r"where there(?:'s| is| are)|takes? place (?:in|on|at|during)|based on|related to|on the (?:topic|subject) of|"
    r"with (?:a )?(?:theme|themes|plot) (?:of|about))\s+(?P<theme>[^.,;:!?]+)"
)
_THEME_ENDS = frozenset(
    "but that which who with from and or not please instead for like starring directed by in though tonight "
    "today".split()
)
_FUZZY = 86
_MIN_FUZZY = 6
_DESCRIBING = frozenset("about with without involving featuring".split())
_DESCRIBED = frozenset("movie film flick story book novel song album one theme themed set show".split())
_DAILY = 4.3
"""Frequency from which a word names a theme only beside words that say so."""

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
    """

    start: int
    end: int
    fields: tuple[str, ...]
    key: str
    label: str
    exact: bool = True
    scaled: bool = False


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
        for name, field in facets.fields.items():
            if field.kind == "category":
                for key in facets.keys(name):
                    holders[key].append((name in _LESS_LIKELY, -facets.count([name], key), name))
        self._fields = {key: tuple(name for *_, name in sorted(own)) for key, own in holders.items()}
        self._phrases: dict[str, tuple[str, ...]] = {key: (key,) for key in self._fields}
        self._add_synonyms()
        kinds = [key for key, names in self._fields.items() if names[0] in KIND_FIELDS]
        self.goods = Goods(kinds)
        self._phrases = heads_of(kinds) | self.goods.same | self._phrases
        self._short = dict(self._unique_last_names()) | dict(self._unique_first_words())
        self._adjectives = {
            phrase: meaning
            for phrase, meaning in _ADJECTIVES.items()
            if meaning[0] == POPULARITY or facets.number_field(meaning[0])
        } | scale_words(self.fields, self._fields)
        self._flags = {said: name for said, name in self.fields.names.items() if facets.fields[name].kind == "flag"}
        known = (*self._phrases, *self._adjectives, *self._flags)
        self._longest = max(2, *(len(phrase.split()) for phrase in known))
        self._single = [phrase for phrase in known if " " not in phrase and len(phrase) > 4 and not self._names(phrase)]
        self._joined = {phrase.replace(" ", ""): phrase for phrase in known if " " in phrase}
        self._people = [key for key, names in self._fields.items() if facets.fields[names[0]].people and " " in key]
        known = (*known, *self._short, *self.fields.names, *self.goods.near)
        self._known = {word for key in known for word in (*key.split(), f"{key.split()[-1]}s")}
        self._likeliest = lru_cache(4096)(self._nearest)

    def find(self, text: str, taken: Sequence[tuple[int, int]] = ()) -> tuple[FacetValue, ...]:
        """Return the values of a text in order, without overlap; the longest come first.

        Args:
            text: One message.
            taken: Spans that are something else, titles and quantities.
        """
        words = [
            (match.start(), match.end(), fold(match.group()))
            for match in words_of(text)
            if not any(match.start() < end and start < match.end() for start, end in taken)
        ]
        found: list[FacetValue] = []
        covered: set[int] = set()
        for size in range(min(self._longest, len(words)), 0, -1):
            for first in range(len(words) - size + 1):
                places = range(first, first + size)
                if covered.isdisjoint(places) and _adjoin(text, words[first : first + size]):
                    own = words[first : first + size]
                    capital = any(text[start].isupper() for start, _, _ in own)
                    values = self._read([word for *_, word in own], _evident(words, first, size), capital)
                    if values:
                        covered.update(places)
                        start, end = words[first][0], words[first + size - 1][1]
                        found += [self._value(text, start, end, value) for value in values]
        found += self._misspelt(text, words, covered)
        found += self._misspelt_words(text, words, covered)
        found += _themes(text, [*taken, *((value.start, value.end) for value in found)])
        return tuple(sorted(found))

    def _plain_words(self, words: Sequence[str], said: str) -> bool:
        """Tell whether the words of a series' name are everyday ones, as in "a scary movie"."""
        series = self._fields.get(said, ("",))[0] == "series"
        return series and len(words) > 1 and all(frequency(word) >= _DAILY for word in words)

    def knows(self, word: str) -> bool:
        """Tell whether a folded word is part of a value, a name of one, or another word for one."""
        return word in self._known

    def _everyday(self, words: Sequence[str], said: str) -> bool:
        """Tell whether a single word is used daily and names no kind of item, as in "third date on Friday"."""
        fields = self._fields.get(said, ())
        name = bool(fields) and (fields[0] == "series" or self.facets.fields[fields[0]].people)
        theme = bool(fields) and fields[0] in THEME_FIELDS
        return len(words) == 1 and (theme or name) and frequency(words[0]) >= _DAILY

    def _read(self, words: Sequence[str], evident: bool, capital: bool) -> tuple[str, ...]:
        """Return the keys that some words say: a value, another word for one, or a person's last name.

        Args:
            words: Folded.
            evident: Whether the words beside them say that they describe an item.
            capital: Whether at least one has a capital.
        """
        joined = self._respaced(words)
        words = joined.split()
        if joined in self._adjectives or joined in self._flags:
            return (joined,)
        key = " ".join([*words[:-1], stem(words[-1])])
        for said in (joined, key):
            if said in self._phrases and not (len(words) == 1 and words[0] in _NEVER):
                if not capital and self._plain_words(words, said):
                    return ()
                return self._phrases[said] if evident or not self._everyday(words, said) else ()
        if len(words) == 1:
            return tuple(self._short[word] for word in (words[0], stem(words[0])) if word in self._short)[:1]
        return ()

    def _respaced(self, words: Sequence[str]) -> str:
        """Return words with the spaces of a known phrase: "head lamp" is "headlamp", "smartwatch" may be two words."""
        said, joined = " ".join(words), "".join(words)
        forms = (joined, stem(joined))
        if len(joined) < _MIN_FUZZY or len(words) > 2 or self._knows_phrase(said):
            return said
        if len(words) == 2:
            return next((form for form in forms if self._knows_phrase(form)), said)
        return next((self._joined[form] for form in forms if form in self._joined), said)

    def _knows_phrase(self, said: str) -> bool:
        return said in self._phrases or said in self._flags or value_key(said) in self._phrases

    def _value(self, text: str, start: int, end: int, key: str) -> FacetValue:
        if key in self._adjectives and key not in self._fields:
            field, value = self._adjectives[key]
            return FacetValue(start, end, (field,), value, value, scaled=True)
        if key in self._flags and key not in self._fields:
            return FacetValue(start, end, (self._flags[key],), YES, field_label(self._flags[key]))
        said = value_key(text[start:end])
        fields = _by_cue(text, start, end, self._fields[key])
        return FacetValue(start, end, fields, key, self.facets.spelling(fields[0], key), said == key)

    def _misspelt(self, text: str, words: Sequence[tuple[int, int, str]], covered: set[int]) -> Iterator[FacetValue]:
        """Yield people whose names are nearly written: one of two words is known to nobody."""
        for first in range(len(words) - 1):
            pair = words[first : first + 2]
            if not covered.isdisjoint((first, first + 1)) or not _adjoin(text, pair):
                continue
            odd = [word for _, _, word in pair if word not in self._known and word not in _ORDINARY]
            if odd and all(word not in FUNCTION and len(word) > 2 for _, _, word in pair):
                key = self._likeliest(" ".join(word for _, _, word in pair))
                if key:
                    covered.update((first, first + 1))
                    yield self._value(text, pair[0][0], pair[1][1], key)

    def _misspelt_words(
        self, text: str, words: Sequence[tuple[int, int, str]], covered: set[int]
    ) -> Iterator[FacetValue]:
        """Yield values of one word that are nearly written, where neither English nor the catalogue has the word."""
        for place, (start, end, word) in enumerate(words):
            if place in covered or len(word) < _MIN_FUZZY or frequency(word) or self.knows(word):
                continue
            best = process.extractOne(word, self._single, scorer=fuzz.ratio, score_cutoff=_FUZZY)
            if best is not None:
                covered.add(place)
                yield from (self._value(text, start, end, key) for key in self._read([best[0]], True, True))

    def _names(self, phrase: str) -> bool:
        """Tell whether a phrase is the name of a person or a series, or a theme, which many words are like."""
        fields = self._fields.get(phrase, ())
        return any(self.facets.fields[name].people or name in (*THEME_FIELDS, "series") for name in fields)

    def _nearest(self, said: str) -> str:
        if len(said) < _MIN_FUZZY:
            return ""
        best = process.extractOne(said, self._people, scorer=fuzz.ratio, score_cutoff=_FUZZY)
        return best[0] if best else ""

    def _add_synonyms(self) -> None:
        table = _table("synonyms")
        extra: defaultdict[str, list[str]] = defaultdict(list)
        for value, entry in table.items():
            spellings = [value_key(value), *map(value_key, entry["same"])]
            own = max((key for key in spellings if key in self._fields), key=self._items, default=None)
            if own is not None:
                for word in {*spellings, *map(value_key, entry["words"])}:
                    if word not in self._fields or (word in spellings and self._items(word) < self._items(own)):
                        extra[word].append(own)
        self._phrases |= {word: tuple(dict.fromkeys(keys)) for word, keys in extra.items()}

    def kind(self, key: str, start: int, end: int) -> FacetValue:
        """Return a kind of the catalogue as the value of a span that does not name it."""
        fields = self._fields[key]
        return FacetValue(start, end, fields, key, self.facets.spelling(fields[0], key), False)

    def _items(self, key: str) -> int:
        return self.facets.count(self._fields[key], key)

    def _unique_last_names(self) -> Iterator[tuple[str, str]]:
        """Yield last names that mean one person: nobody else of the name has half as many items."""
        people: defaultdict[str, list[str]] = defaultdict(list)
        for key, names in self._fields.items():
            if self.facets.fields[names[0]].people and 1 < len(key.split()) < 4:
                people[key.split()[-1]].append(key)
        for last, keys in people.items():
            counts = sorted(((self._items(key), key) for key in keys), reverse=True)
            rest = counts[1][0] if len(counts) > 1 else 0
            usable = len(last) > 3 and last not in FUNCTION | CHATTER | CUES and last not in self._phrases
            if usable and counts[0][0] >= max(3, 2 * rest) and frequency(last) < _COMMON:
                yield last, counts[0][1]

    def _unique_first_words(self) -> Iterator[tuple[str, str]]:
        """Yield first words that mean one long value, as "marvel" does of a series."""
        starts: defaultdict[str, list[str]] = defaultdict(list)
        for key, names in self._fields.items():
            if not self.facets.fields[names[0]].people and " " in key:
                starts[key.split()[0]].append(key)
        for first, keys in starts.items():
            best = max(keys, key=self._items)
            rest = sum(self._items(key) for key in keys if key != best)
            usable = len(first) > 4 and first not in self._phrases and frequency(first) < _COMMON
            if usable and self._items(best) >= max(5, 2 * rest):
                yield first, best


def _by_cue(text: str, start: int, end: int, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Keep the field that the words around a person name ("directed by"), where several have the value."""
    if len(fields) > 1:
        before, after = text[max(0, start - 24) : start].lower(), text[end : end + 16].lower()
        for name in fields:
            cues = [cue for cue in _ROLE_CUES.get(name, ()) if cue not in ("with", "by")]
            if any(re.search(rf"\b{cue}\W*$", before) or re.match(rf"\W*{cue}\b", after) for cue in cues):
                return (name,)
    return fields


def _themes(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[FacetValue]:
    """Yield what comes after "about" and its like, where no category has it but items' words do."""
    for match in _THEME.finditer(text.lower()):
        kept: list[tuple[int, int]] = []
        offset = match.start("theme")
        for word in words_of(text[offset : match.end("theme")]):
            first, last = offset + word.start(), offset + word.end()
            key = fold(word.group())
            inside = any(first < end and start < last for start, end in taken)
            if key in _THEME_ENDS or inside:
                break
            if key not in FUNCTION and key not in CHATTER:
                kept.append((first, last))
        if kept:
            label = " ".join(text[start:end] for start, end in kept)
            key = " ".join(stem(fold(text[start:end])) for start, end in kept)
            yield FacetValue(kept[0][0], kept[-1][1], (TEXT,), key, label, False)


def _evident(words: Sequence[tuple[int, int, str]], first: int, size: int) -> bool:
    """Tell whether a word before says that something is described, or a word behind what is."""
    before = words[first - 1][2] if first else ""
    behind = words[first + size][2] if first + size < len(words) else ""
    return before in _DESCRIBING or stem(behind) in _DESCRIBED


def _adjoin(text: str, words: Sequence[tuple[int, int, str]]) -> bool:
    """Tell whether only spaces, hyphens and dots stand between words."""
    gaps = (text[left[1] : right[0]] for left, right in pairwise(words))
    return all(re.fullmatch(r"[\s.\-–'’]*", gap) for gap in gaps)


def _table(name: str) -> dict[str, Any]:
    text = (resources.files("pecrs.linking") / f"{name}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def _keys(phrases: Iterable[str]) -> Iterator[str]:
    return (" ".join(fold(match.group()) for match in words_of(phrase)) for phrase in phrases)


def _adjectives() -> dict[str, tuple[str, str]]:
    table = _table("adjectives")
    fields = dict.fromkeys(("popular", "obscure"), POPULARITY)
    fields |= {name: field for field, names in SCALED.items() for name in names}
    return {key: (field, name) for name, field in fields.items() for key in _keys(table[name])}


_ADJECTIVES = _adjectives()
_NEVER = FUNCTION | frozenset("set movie film book show time day night good great best real life one".split())
_ORDINARY = CHATTER | CUES
