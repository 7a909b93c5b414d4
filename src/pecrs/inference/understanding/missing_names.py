"""Names in a message that the catalogue lacks, told from the values that it has.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

from pecrs.data.acts import REQUESTS
from pecrs.data.dialogue import Turn
from pecrs.inference.understanding.pointing import points_back
from pecrs.inference.understanding.reading import OTHER, Reading, is_question
from pecrs.linking.asked_names import asked_names
from pecrs.linking.facets import KIND_FIELDS, TEXT, THEME_FIELDS
from pecrs.linking.lexicon import CALENDAR, CHATTER, CUES, FUNCTION, WORKS, fold, words_of
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import Span, inside, meets, spans_of
from pecrs.linking.tones import TONE
from pecrs.linking.unknown import UnknownName, among_titles, stands_as_title, title_runs, unknown_names, with_particles
from pecrs.linking.values import FacetValue, ValueFinder, is_of

_LITTLE_KNOWN = 12
"""Somebody of fewer items is not surely meant by a last name alone."""

_HARDLY_KNOWN = 1

_ASKING = frozenset("which whose does did such".split())

Value = FacetValue | Quantity


class MissingNames:
    """Finds names of works and people that a catalogue lacks."""

    def __init__(self, finder: ValueFinder) -> None:
        """Take what finds the catalogue's values."""
        self._finder = finder

    def names(
        self, text: str, taken: Sequence[Span], titles: Sequence[Span], values: Sequence[Value]
    ) -> tuple[UnknownName, ...]:
        """Return the names that the catalogue lacks.

        Args:
            text: A message.
            taken: Spans of items and quantities in it.
            titles: Those that name items.
            values: Found in it. A value inside a longer name gives way: "Fischer" in "Searching for Bobby Fischer".
        """
        clauses = [span for span in asked_names(text) if not meets(span, titles)]
        own = spans_of(values)
        clauses = [span for span in clauses if text[span[0]].isdigit() or _in_capitals(text, span) or span not in own]
        clauses += [span for span in _paired(text, values) if not meets(span, taken)]
        kinds = spans_of(v for v in values if _of_kind(v))
        clauses = [span for span in clauses if _capitals(text, span) or not meets(span, kinds)]
        runs = [run for run in title_runs(text) if _unexplained(text, run, values)] + clauses
        within = [v for v in values if inside((v.start, v.end), [run for run in runs if run != (v.start, v.end)])]
        loose = [v for v in within if not (self._full_name(v) or self._in_something(v, text))]
        doubted = [v for v in values if v in loose or self._doubtful(v) or self._titled(v, text)]
        doubtful = spans_of(v for v in doubted if v not in loose and not self._titled(v, text))
        held = [*taken, *spans_of(v for v in values if v not in doubted)]
        apart = partial(among_titles, text, titles=titles, held=[*held, *doubtful], known=self._finder.knows)
        rare = [span for span in spans_of(v for v in doubted if self._rare(v)) if apart(span)]
        doubtful = [span for span in doubtful if span not in rare]
        words = {fold(text[v.start : v.end]) for v in doubted}
        held = [span for span in held if not meets(span, clauses)] + clauses
        known = partial(self._knows_beside, words)
        others = unknown_names(text, held, known, doubtful, [*titles, *clauses])
        return (*(UnknownName(*span, text[slice(*span)]) for span in clauses), *others)

    def _knows_beside(self, words: Collection[str], word: str) -> bool:
        return word not in words and self._finder.knows(word)

    def begins_longer(self, text: str, span: Span, title: str) -> bool:
        """Tell whether linked words begin a longer name, "The Last" in "The Last Waltz", or are a part of somebody's.

        Args:
            text: A message.
            span: Words that were linked.
            title: Of the item that they were linked with.
        """
        if inside(span, [name for name in with_particles(text) if name != span]):
            return True
        exact = fold(text[slice(*span)]) == fold(title)
        end = max((stop for start, stop in title_runs(text) if start <= span[0] and span[1] < stop), default=span[1])
        rest = text[span[1] : end].strip()
        known = self._finder.find(rest, [])
        first = re.split(r"[\s'’]", rest)[0]
        if not (first[:1].isupper() and first[1:2].islower()):
            return False  # "Is The Iron Giant OK?"
        if exact:  # "The Enemy Below" is another one than "The Enemy"
            return not known and fold(first) not in CALENDAR
        return not any(" " in rest[value.start : value.end] for value in known)

    def _person(self, value: FacetValue) -> bool:
        return is_of(value, *self._finder.facets.people - {"series"})

    def _full_name(self, value: Value) -> bool:
        return isinstance(value, FacetValue) and self._person(value) and value.exact and " " in value.key

    def _in_something(self, value: Value, text: str) -> bool:
        return isinstance(value, FacetValue) and self._person(value) and text[value.end :].startswith(" in ")

    def _doubtful(self, value: Value) -> bool:
        """Tell whether a value may be another name: a last name of somebody little known, or words of any text."""
        if not isinstance(value, FacetValue) or value.exact:
            return False
        few = self._person(value) and self._finder.facets.count(value.fields, value.key) < _LITTLE_KNOWN
        return few or value.fields[0] == TEXT

    def _rare(self, value: Value) -> bool:
        """Tell whether a value is somebody of so few items that a title is likelier meant where it stands as one."""
        if not isinstance(value, FacetValue) or not self._person(value):
            return False
        return self._finder.facets.count(value.fields, value.key) <= _HARDLY_KNOWN

    def _titled(self, value: Value, text: str) -> bool:
        """Tell whether a theme stands where a title does: "I loved Parasite and ..."."""
        if not isinstance(value, FacetValue) or not THEME_FIELDS.issuperset(value.fields):
            return False
        few = self._finder.facets.count(value.fields, value.key) < _LITTLE_KNOWN
        capital = text[value.start].isupper() and value.key not in CALENDAR
        named = capital or (few and _DO_YOU_KNOW.search(text[: value.start]) is not None)
        return named and stands_as_title(text, value.start, value.end)


_PAIRED = re.compile(
    r"\b(?:like|to) (?P<name>(?:The )?[A-Z][a-z’']+ (?:and|&) (?:the )?[A-Z][a-z’']+)(?=(?:, (?:or )?| or )[A-Z])"
)


def _paired(text: str, values: Sequence[Value]) -> list[Span]:
    """Return where two themes with capitals are rather one of several titles: "like Bread and Tulips or Zorba"."""
    found = []
    for match in _PAIRED.finditer(text):
        own = [v for v in values if meets((v.start, v.end), [match.span("name")])]
        if own and all(isinstance(v, FacetValue) and THEME_FIELDS.issuperset(v.fields) for v in own):
            found.append(match.span("name"))
    return found


def is_rating(text: str, span: tuple[int, int, str], finder: ValueFinder) -> bool:
    """Tell whether what could be a title is a value behind a word that says so: "rated G"."""
    start, end, _ = span
    return _RATED.search(text[:start]) is not None and bool(finder.find(text[start:end]))


_RATED = re.compile(r"\brat(?:ed|ing)(?: of)?\s*$", re.IGNORECASE)
_DO_YOU_KNOW = re.compile(r"\b(?:do|don['’]?t) (?:you|u) know (?:the )?$", re.IGNORECASE)


def still_missing(reading: Reading, earlier: Reading, before: Sequence[Turn]) -> Reading:
    """Return a reading that asks on about the name that the message before asked for and the catalogue lacks.

    Args:
        reading: The latest message.
        earlier: The one before it.
        before: The turns before the latest one; a reply that named an item is what "it" means.
    """
    names = tuple(name for name in earlier.unknown if name.asked and not name.person)
    if not names or earlier.items or (before and before[-1].items) or reading.items or reading.unknown:
        return reading
    asks = any(is_question(part.text) and points_back(part.text) for part in reading.parts or (reading,))
    if not (asks and reading.has("ask_fact")) or reading.has(*REQUESTS) or OTHER.search(reading.text):
        return reading
    values = tuple(replace(read, role="incidental") for read in reading.values)
    return replace(reading, unknown=names, values=values)


_ADDRESS = frozenset("miss mr mister mrs ms sir dame dr monsieur madame".split())
"""Words before the last name of somebody who is known."""


def _unexplained(text: str, run: Span, values: Sequence[Value]) -> bool:
    """Tell whether words with capitals hold one that is neither a value nor, but for subtitles, a word of talk."""
    if run in with_particles(text):
        return True
    if text[slice(*run)].startswith("The ") and text[: run[0]].rstrip()[-1:] not in ("", ".", "!", "?"):
        return True  # a capital that no sentence gives it
    if _TITLE_PLACE.search(text[: run[0]]) and _may_be_title(text, run, values):
        return True
    plain = FUNCTION | _ASKING | _ADDRESS
    plain = plain if ":" in text[slice(*run)] else plain | CHATTER | CUES
    return any(
        word.group()[0].isupper()
        and fold(word.group()) not in plain
        and not any(v.start <= run[0] + word.start() < v.end for v in values)
        for word in words_of(text[slice(*run)])
    )


_TITLE_PLACE = re.compile(
    r"\b(?:got|have|has|know|is there(?: an?| the)?|called|or|maybe|perhaps|seen|watched)\s+$", re.IGNORECASE
)
"""Before what may be a title."""


def _may_be_title(text: str, run: Span, values: Sequence[Value]) -> bool:
    """Tell whether words with capitals are no kinds, places or people, but perhaps words of themes: "Tokyo Story"."""
    own = [value for value in values if run[0] <= value.start and value.end <= run[1]]
    themes = [v for v in own if isinstance(v, FacetValue) and THEME_FIELDS.issuperset(v.fields)]
    last = fold(text[slice(*run)].split()[-1])
    if last in WORKS or last.removesuffix("s") in WORKS:
        return False  # "do you have Slasher Films?"
    return _capitals(text, run) and len(themes) == len(own) and (run[0], run[1]) not in spans_of(own)


def _capitals(text: str, span: Span) -> bool:
    """Tell whether capitals say that words are a name, whatever kind they may tell: "Run Silent, Run Deep"."""
    return sum(word.group()[0].isupper() for word in words_of(text[slice(*span)])) > 1


def _in_capitals(text: str, span: Span) -> bool:
    """Tell whether a capital inside a sentence says that words are a name: "we saw Parasite, do you have it?"."""
    return text[span[0]].isupper() and re.search(r"\w\s+$", text[: span[0]]) is not None


def _of_kind(value: Value) -> bool:
    """Tell whether a value says what kind of thing is meant, which no title that is asked for does."""
    return is_of(value, TONE, *KIND_FIELDS) or (isinstance(value, FacetValue) and value.scaled)
