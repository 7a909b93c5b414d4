"""Finding items in text: titles with or without a year, case, accents, articles, and with small misspellings.

A title is matched through its *key*: its words, folded and joined without spaces, so that "Spider-Man", "spider man"
and "SpiderMan" are one. Every span of the text whose key is a title's is a candidate; how much further *evidence* a
candidate needs (capitals, quotes, a year, a word like "watched" before it) depends on how ordinary its words are.
What is left is compared with similar keys.

Candidates of one title (remakes) are told apart by an explicit year, else by people, years and other facts named in the
sentence, else by what was mentioned before (the latest first), else by how well known the catalogue says they are, by
whether more than a name is known of them, by popularity, by how much is known, the later year and catalogue order. A
bracketed year that no candidate has, give or take one, links nothing: the text means another work. So does the number
of a sequel the catalogue lacks.

Source: design section 4, step 1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.linking.around import begins_as_name, of_several, said_again
from pecrs.linking.as_written import as_written, offer_taken_up, owner, stands_alone, words_in
from pecrs.linking.dated import YEAR, dated_entries, of_year
from pecrs.linking.evidence import CERTAIN, any_such, followed_by_people, indefinite, listed, only_titles, strength
from pecrs.linking.hints import means_work
from pecrs.linking.lexicon import POSSESSIVES, spaced
from pecrs.linking.meaning import named_otherwise, otherwise_meant, within_longer
from pecrs.linking.names import (
    UNMARKED,
    WITHOUT_ARTICLE,
    WITHOUT_SUBTITLE,
    Name,
    best_tier,
    longest_keys,
    same_words,
    without_article,
    written_forms,
)
from pecrs.linking.namesakes import PEOPLE, Namesakes
from pecrs.linking.recalled import RECALLED, Recalled, apart, telling_words
from pecrs.linking.renown import MOST_KNOWN, Renown
from pecrs.linking.spelling import LONGEST_KEY, Spelling
from pecrs.linking.text import Text
from pecrs.linking.vocabulary import Vocabulary

_PREFIX = 4
_WELL_KNOWN = 0.05
"""The share of a catalogue, most popular first, that people are taken to know by name."""
_AT_HAND = 8
"""So many items that were spoken of last are at hand."""
_TOLD = 3
"""Of which fewer kinds of facts are known is hardly what people mean where a title has another entry."""
REMEMBERED = 4096
"""Texts whose mentions are remembered: some clients send the earlier turns of a dialogue with every message."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Tokens ``first`` to ``last`` (exclusive), read as one of some items; ``errors`` are misspelt characters."""

    first: int
    last: int
    names: tuple[Name, ...]
    errors: int = 0

    @property
    def need(self) -> int:
        """How much evidence the words need, read as the nearest of the items' names."""
        return min(name.need for name in best_tier(self.names))


class Linker:
    """Finds the items that a text names."""

    def __init__(
        self, catalogue: Catalogue, popularity: Mapping[str, int] | None = None, vocabulary: Vocabulary | None = None
    ) -> None:
        """Index the titles and the words of the catalogue.

        Args:
            catalogue: The items to find.
            popularity: A number by item id, higher is more popular; missing items count as 0.
            vocabulary: The catalogue's; None reads it.
        """
        self._catalogue = catalogue
        self._popularity = dict(popularity or {})
        self._renown = Renown(catalogue, self._popularity)
        self._fame = self._renown.counts
        self._known_from = max(sorted(self._fame)[int(len(self._fame) * (1 - _WELL_KNOWN))], 1)
        self._vocabulary = vocabulary or Vocabulary(catalogue)
        self._namesakes = Namesakes(catalogue)
        self._names = _index(catalogue, self._vocabulary)
        self._spelling = Spelling(self._names, self._vocabulary)
        self._names |= telling_words(catalogue, self._renown.heard_of(self._known_from), self._vocabulary, self._names)
        self._longest = longest_keys(self._names, _PREFIX)
        self._recalled = Recalled(catalogue, self._vocabulary)
        self._remembered = lru_cache(REMEMBERED)(self._mentions)

    def of(self, catalogue: Catalogue) -> Linker:
        """Return a linker of a catalogue that differs in a few items, in less time than a new one takes."""
        return Linker(catalogue, self._popularity, self._vocabulary.of(catalogue))

    def link(self, text: str, context_items: Sequence[str] = ()) -> tuple[Mention, ...]:
        """Return the mentions of a text in order, without overlap.

        Args:
            text: One utterance; ``@id`` names an item directly.
            context_items: Items mentioned earlier in the dialogue, the latest last.
        """
        return self._remembered(text, tuple(context_items))

    def link_turn(
        self, speaker: Speaker, text: str, context_items: Sequence[str] = (), messages: tuple[int, ...] = ()
    ) -> Turn:
        """Return the text as a turn with its mentions.

        Args:
            speaker: Who says it.
            text: One utterance.
            context_items: Items mentioned earlier in the dialogue, the latest last.
            messages: Position of the message in the conversation, where there is one.
        """
        return Turn(speaker, text, self.link(text, context_items), messages=messages)

    def _mentions(self, text: str, context_items: tuple[str, ...]) -> tuple[Mention, ...]:
        parsed = Text(text)
        mentions = [
            Mention(*parsed.given(match.start(), match.start() + 1 + len(item_id)), item_id)
            for match in parsed.direct
            if (item_id := _direct(self._catalogue, match.group(1))) is not None
        ]
        context = list(context_items)
        for span in self._choose(parsed, context_items):
            if (mention := self._resolve(parsed, span, context)) is not None:
                mentions.append(mention)
                context.append(mention.item)
        if apart := _named_beside(mentions, context_items):
            return self._mentions(text, tuple(item for item in context_items if item not in apart))
        return _without_overlap(mentions)

    def _choose(self, parsed: Text, context: Sequence[str]) -> list[_Span]:
        """Pick spans: longest first, those that lack evidence only where they stand in a list of titles.

        A span that lacks evidence keeps shorter ones from its words: no "Blade" in "a blade runner".
        """
        taken = bytearray(len(parsed.tokens))
        read = bytearray(len(parsed.tokens))
        chosen: list[_Span] = []
        doubtful: list[tuple[_Span, int]] = []
        exact = self._exact(parsed, context)
        for span in sorted(exact, key=lambda s: (-parsed.length(s.first, s.last), s.first)):
            if not any(read[span.first : span.last]):
                read[span.first : span.last] = b"\1" * (span.last - span.first)
                for reading in self._readings(span, context):
                    missing = self._missing(parsed, reading, context)
                    if missing <= 0:
                        _take(reading, taken, chosen)
                        break
                    if missing < CERTAIN:
                        doubtful.append((reading, missing))
        for span in _misspelt(parsed, self._spelling, self._vocabulary) if not all(taken) else ():
            within = [other for other in chosen if span.first < other.last and other.first < span.last]
            if all(_longer(span, other) for other in within):
                chosen = [other for other in chosen if other not in within]
                _take(span, taken, chosen)
        for span in _listed(parsed, doubtful, taken, read):
            _take(span, taken, chosen)
        return sorted(chosen, key=lambda s: s.first)

    def _exact(self, parsed: Text, context: Sequence[str]) -> Iterable[_Span]:
        recalled = self._recalled.names(context)
        for first in range(len(parsed.tokens)):
            key = ""
            for last in range(first + 1, len(parsed.tokens) + 1):
                key += parsed.tokens[last - 1].key
                bare = owner(parsed, last, key) if context else ""
                known = len(key) < _PREFIX or len(bare or key) <= self._longest.get(key[:_PREFIX], 0)
                if len(key) > LONGEST_KEY or not (known or any(name.startswith(key) for name in recalled)):
                    break
                said = words_in(parsed, first, last)
                names = [n for n in self._names.get(key, ()) if same_words(len(n.words), said, len(key))]
                names += recalled.get(key, ())
                names += (n for n in self._names.get(bare, ()) if self._catalogue.items[n.index].id in context)
                names = as_written(parsed, first, last, names, lambda index: self._catalogue.items[index].title)
                if names:
                    yield _Span(first, last, tuple(names))

    def _readings(self, span: _Span, context: Sequence[str]) -> Sequence[_Span]:
        """Return a span as a title and as a part of one spoken of; a little-known title of a word comes last."""
        titles, parts = apart(span.names)
        sure = [n for n in titles if self._fame[n.index] >= self._known_from or (len(n.words) > 1 and not n.tier)]
        here, known = ([self._catalogue.items[n.index].id in context for n in some] for some in (titles, parts))
        spoken = any(known) and not any(here) and all(self._fame[n.index] < self._known_from for n in titles)
        before = not spoken and (sure or any(here))
        return [replace(span, names=names) for names in ((titles, parts) if before else (parts, titles)) if names]

    def _missing(self, parsed: Text, span: _Span, context: Sequence[str]) -> int:
        """Return how much evidence the text lacks for a title; a lot where the span is part of something else."""
        need = span.need
        known = any(self._fame[name.index] >= self._known_from for name in span.names)
        found = strength(parsed, span.first, span.last, need, self._vocabulary, known)
        if _dated(self._catalogue, parsed, span) or (_shared(span) and of_several(parsed, span.first, span.last)):
            return 0
        here = any(self._catalogue.items[name.index].id in context for name in span.names)
        if _is_other(parsed, span, here=here):
            return CERTAIN
        indices = [name.index for name in span.names]
        fame = max(map(self._fame.__getitem__, indices))
        near = any(self._catalogue.items[index].id in context[-_AT_HAND:] for index in indices)
        level = MOST_KNOWN if known else max(map(self._renown.level, indices))
        sure = near and found >= CERTAIN
        meant = sure or means_work(parsed, span.first, span.last, need, self._vocabulary, near, level, fame)
        otherwise = not (known or meant) and otherwise_meant(parsed, span.first, span.last, self._vocabulary, fame)
        if otherwise or _somebodys(parsed, span):
            return CERTAIN
        if found >= need:
            return 0
        if found < 0 or need > 2:
            starring = found == 0 and followed_by_people(parsed, span.first, span.last)
            if starring and max(self._namesakes.facts_beside(parsed, span.first, span.last, indices)) > PEOPLE:
                return 0
            return CERTAIN if found < 0 else need - found
        if meant:
            return 0
        if here:
            alone = near and stands_alone(parsed, span.first, span.last)
            found += 1 + (alone or begins_as_name(parsed, span.first, span.last))
            found += span.names[0].tier != RECALLED and said_again(parsed, span.first, span.last)
        if found >= need or indefinite(parsed, span.first):
            return need - found
        told = max(self._namesakes.facts_beside(parsed, span.first, span.last, indices)) >= PEOPLE
        return need - found - 2 * (told or self._namesakes.asks_order(parsed, span.first, span.last, indices))

    def _resolve(self, parsed: Text, span: _Span, context: Sequence[str]) -> Mention | None:
        read = _as_dated(self._catalogue, parsed, span, self._renown.level)
        if read is None:
            return None
        names, end = read
        given = parsed.given(parsed.tokens[span.first].start, end)
        taken_up = offer_taken_up(self._catalogue, parsed, span.first, span.last, context)
        return Mention(*given, taken_up or self._best(parsed, span, names, context))

    def _best(self, parsed: Text, span: _Span, names: Sequence[Name], context: Sequence[str]) -> str:
        closest = self._renown.closest(names, context)
        indices = sorted({name.index for name in names})
        items = [self._catalogue.items[index] for index in indices]
        if len(items) == 1:
            return items[0].id
        marks = self._namesakes.marks(parsed, span.first, span.last, indices)
        usual = [mark if index in closest else 0 for index, mark in zip(indices, marks, strict=True)]
        if max(marks) >= PEOPLE and max(marks) > max(usual):
            usual = marks
        written = parsed.text[parsed.tokens[span.first].start : parsed.tokens[span.last - 1].end].casefold()
        latest = {item_id: place for place, item_id in enumerate(context)}

        def rank(place: int) -> tuple[int, ...]:
            item, mark = items[place], usual[place]
            return (
                mark if mark >= PEOPLE else 0,
                int(indices[place] in closest),
                latest.get(item.id, -1),
                self._renown.level(indices[place]) + mark,
                int(len(item.facts) >= _TOLD),
                self._fame[indices[place]],
                written == item.title.casefold(),
                len(item.facts),
                item.year or 0,
                -place,
            )

        return items[max(range(len(items)), key=rank)].id


def _misspelt(parsed: Text, spelling: Spelling, vocabulary: Vocabulary) -> list[_Span]:
    """Return readings of misspelt words, the best first."""
    found = []
    for first, last, names, errors in spelling.near(parsed):
        span = _Span(first, last, best_tier(names), errors)
        if span.need <= int(last - first > 1) or strength(parsed, first, last, span.need, vocabulary) >= span.need:
            found.append(span)
    return sorted(found, key=lambda s: (s.errors, -parsed.length(s.first, s.last)))


def _direct(catalogue: Catalogue, reference: str) -> str | None:
    if reference in catalogue:
        return reference
    digits = "".join(takewhile(str.isdigit, reference))
    return digits if digits in catalogue else None


def _named_beside(mentions: Sequence[Mention], context: Sequence[str]) -> set[str]:
    """Return items spoken of that a text names by part of their name beside all of it: the part names another one."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for mention in mentions:
        lengths[mention.item].add(mention.end - mention.start)
    return {item for item, found in lengths.items() if len(found) > 1 and item in context}


def _is_other(parsed: Text, span: _Span, *, here: bool) -> bool:
    """Tell whether words mean other things than what they name: "a grandmaster", "the Bourne movies"."""
    tier, whole = span.names[0].tier, not within_longer(parsed, span.first, span.last)
    if not whole or (not here and any_such(parsed, span.first, span.last, articled=tier >= WITHOUT_ARTICLE)):
        return True
    return tier == RECALLED and named_otherwise(parsed, span.first, span.last)


def _shared(span: _Span) -> bool:
    """Tell whether several items have the very title."""
    return len({name.index for name in span.names if not name.tier}) > 1


def _dated(catalogue: Catalogue, parsed: Text, span: _Span) -> bool:
    match = YEAR.match(parsed.text, parsed.tokens[span.last - 1].end)
    return match is not None and bool(of_year(catalogue, span.names, match))


def _index(catalogue: Catalogue, vocabulary: Vocabulary) -> dict[str, tuple[Name, ...]]:
    """Return the names of all items by key; what several items have in brackets, such as an edition, names none."""
    names: defaultdict[str, dict[int, Name]] = defaultdict(dict)
    for index, item in enumerate(catalogue):
        for words, tier in written_forms(item):
            key, need = "".join(words), vocabulary.need(words)
            if len(key) > LONGEST_KEY or (tier >= UNMARKED and need > 1 and not words[0].isdigit()):
                continue
            if tier >= UNMARKED:
                need = 2 if any(map(spaced, words)) and not vocabulary.foreign(words) else need
            elif tier >= WITHOUT_SUBTITLE:
                need += need == 2
            if index not in names[key] or names[key][index].tier > tier:
                names[key][index] = Name(index, words, tier, need)
    found = {key: tuple(by_index.values()) for key, by_index in names.items()}
    return {
        key: names
        for key, names in found.items()
        if names and (len(names) == 1 or min(name.tier for name in names) < UNMARKED)
    }


def _as_dated(
    catalogue: Catalogue, parsed: Text, span: _Span, level: Callable[[int], int]
) -> tuple[Sequence[Name], int] | None:
    """Return what a span may name and where it ends, a year behind it included; None where that is of another work."""
    names, end = dated_entries(catalogue, span.names, level), parsed.tokens[span.last - 1].end
    match = YEAR.match(parsed.text, end)
    if match is None:
        return names, end
    dated = of_year(catalogue, names, match)
    if not dated:
        return None if match.group(3) is None else (names, end)
    return dated, match.end()


def _somebodys(parsed: Text, span: _Span) -> bool:
    """Tell whether small words after "his" or the like lack the title's article: "his cabin in the mountains"."""
    before = parsed.leader(span.first)
    lacking = all(name.tier == without_article(0) for name in span.names) and not parsed.tokens[span.first].capital
    return lacking and before is not None and before.key in POSSESSIVES


def _listed(parsed: Text, doubtful: Sequence[tuple[_Span, int]], taken: bytearray, read: bytearray) -> Iterable[_Span]:
    """Yield those of some spans that lack little evidence and stand in a list of titles."""
    left = [
        (span, missing)
        for span, missing in doubtful
        if (missing <= 2 or _year_like(parsed, span)) and not any(taken[span.first : span.last])
    ]
    alone = len(left) > 1 and any(span.need < 2 for span, _ in left)
    for span, _ in sorted(left, key=lambda pair: (pair[0].first, -pair[0].last)):
        if (alone and only_titles(parsed, span.first, read)) or listed(parsed, span.first, span.last, taken):
            yield span


def _year_like(parsed: Text, span: _Span) -> bool:
    """Tell whether a title is four digits: "Alien or 2001"."""
    return span.last - span.first == 1 and len(parsed.tokens[span.first].key) == 4 and span.need > 2


def _longer(span: _Span, other: _Span) -> bool:
    """Tell whether a misspelt title holds one that is spelt right and more: "Asasin's Creed" holds "Creed"."""
    more = span.last - span.first > other.last - other.first
    return not other.errors and more and span.first <= other.first and other.last <= span.last


def _take(span: _Span, taken: bytearray, chosen: list[_Span]) -> None:
    taken[span.first : span.last] = b"\1" * (span.last - span.first)
    chosen.append(span)


def _without_overlap(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    kept: list[Mention] = []
    for mention in sorted(mentions):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return tuple(kept)
