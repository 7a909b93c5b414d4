"""Finding items in text: titles with or without a year, case, accents, articles, and with small misspellings.

A title is matched through its *key*: its words, folded and joined without spaces, so that "Spider-Man", "spider man"
and "SpiderMan" are one. Every span of the text whose key is a title's is a candidate; how much further *evidence* a
candidate needs (capitals, quotes, a year, a word like "watched" before it) depends on how ordinary its words are.
What is left is compared with similar keys, but only where it holds a word that nobody knows.

Source: design section 4, step 1.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.linking.lexicon import (
    ARTICLES,
    CHATTER,
    CUES,
    FUNCTION,
    GREETINGS,
    KINDS,
    NAMING,
    TASTES,
    WORD,
    fold,
)
from pecrs.linking.names import BREAK, Name, best_tier, same_words, written_forms
from pecrs.linking.text import Text

COMMON_FROM = 3
"""A word is ordinary once the catalogue's texts use it so often without a capital, or in so many people's names."""

_YEAR = re.compile(r"[\"”’']?\s*(?:\((\d{4})\)|\[(\d{4})\]|,?\s(\d{4})\b)")
_MAX_KEY = 90
_MIN_FUZZY = 6
_FUZZY_WORDS = 6


@dataclass(frozen=True, slots=True)
class _Span:
    """Tokens ``first`` to ``last`` (exclusive), read as one of some items; ``errors`` are misspelt characters."""

    first: int
    last: int
    names: tuple[Name, ...]
    errors: int = 0


class _Vocabulary:
    """Which words and phrases are ordinary, told from the texts of the catalogue itself."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._uses: Counter[str] = Counter()
        self._phrases: set[tuple[str, str]] = set()
        self._people: set[tuple[str, str]] = set()
        known: set[str] = set()
        for item in catalogue:
            for text in (item.title, *(value for values in item.facts.values() for value in values)):
                words = [match.group() for match in WORD.finditer(text)]
                keys = [fold(word) for word in words]
                known.update(keys)
                lower = [word[0].islower() for word in words]
                self._uses.update(key for key, is_lower in zip(keys, lower, strict=True) if is_lower)
                if 2 <= len(words) <= 4 and not any(lower) and text != item.title:
                    self._uses.update(keys)
                    self._people.update(pairwise(keys))
                self._phrases.update(pair for pair, low in zip(pairwise(keys), lower[1:], strict=False) if low)
        self._known = known | FUNCTION | CHATTER | CUES

    def knows(self, word: str) -> bool:
        return word in self._known

    def person(self, first: str, last: str) -> bool:
        return (first, last) in self._people

    def ordinary(self, words: Sequence[str]) -> bool:
        """Tell whether people use the words without meaning a title."""
        if all(word in FUNCTION or word in CHATTER or word.isdigit() for word in words):
            return True
        if len(words) > 1:
            return len(words) < 4 and all(pair in self._phrases or pair in self._people for pair in pairwise(words))
        return self._uses[words[0]] >= COMMON_FROM


class Linker:
    """Finds the items that a text names.

    Candidates of one title (remakes) are told apart by an explicit year, else by what was mentioned before (the latest
    first), else by popularity, else by the later year and catalogue order. A bracketed year that no candidate has, give
    or take one, links nothing: the text means another work. So does the number of a sequel the catalogue lacks.

    Args:
        catalogue: The items to find.
        popularity: A number by item id, higher is more popular; missing items count as 0.
    """

    def __init__(self, catalogue: Catalogue, popularity: Mapping[str, int] | None = None) -> None:
        """Index the titles and the words of the catalogue."""
        self._catalogue = catalogue
        self._popularity = dict(popularity or {})
        self._vocabulary = _Vocabulary(catalogue)
        names: defaultdict[str, dict[int, Name]] = defaultdict(dict)
        for index, item in enumerate(catalogue):
            for key, words, tier in written_forms(item.title):
                names[key].setdefault(index, Name(index, words, tier))
        self._names = {key: tuple(by_index.values()) for key, by_index in names.items() if len(key) <= _MAX_KEY}
        self._similar: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for key in self._names:
            self._similar[key[0], len(key)].append(key)

    def with_items(self, changed: Iterable[Item], removed: Iterable[str] = ()) -> Linker:
        """Return a linker that also knows new or changed items, and no longer the removed ones.

        Args:
            changed: As for :meth:`Catalogue.with_items`.
            removed: Identifiers to forget.

        Raises:
            DataError: If a removed identifier is unknown.
        """
        return Linker(self._catalogue.with_items(changed, removed), self._popularity)

    def link(self, text: str, context_items: Sequence[str] = ()) -> tuple[Mention, ...]:
        """Return the mentions of a text in order, without overlap.

        Args:
            text: One utterance; ``@id`` names an item directly.
            context_items: Items mentioned earlier in the dialogue, the latest last.
        """
        parsed = Text(text)
        mentions = [
            Mention(match.start(), match.start() + 1 + len(item_id), item_id)
            for match in parsed.direct
            if (item_id := self._direct(match.group(1))) is not None
        ]
        context = list(context_items)
        for span in self._choose(parsed):
            mention = self._resolve(parsed, span, context)
            if mention is not None:
                mentions.append(mention)
                context.append(mention.item)
        return _without_overlap(mentions)

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

    def _direct(self, reference: str) -> str | None:
        if reference in self._catalogue:
            return reference
        digits = "".join(takewhile(str.isdigit, reference))
        return digits if digits in self._catalogue else None

    def _choose(self, parsed: Text) -> list[_Span]:
        """Pick spans: longest first, those without evidence only where they continue a list.

        A span without evidence keeps shorter ones from its words: no "Blade" in "a blade runner".
        """
        taken = bytearray(len(parsed.tokens))
        read = bytearray(len(parsed.tokens))
        chosen: list[_Span] = []
        doubtful: list[_Span] = []
        for span in sorted(self._exact(parsed), key=lambda s: (-parsed.length(s.first, s.last), s.first)):
            if not any(read[span.first : span.last]):
                read[span.first : span.last] = b"\1" * (span.last - span.first)
                if self._evident(parsed, span):
                    _take(span, taken, chosen)
                else:
                    doubtful.append(span)
        for span in sorted(self._misspelt(parsed, taken), key=lambda s: (s.errors, -parsed.length(s.first, s.last))):
            if not any(taken[span.first : span.last]):
                _take(span, taken, chosen)
        for span in sorted(doubtful, key=lambda s: (s.first, -s.last)):
            if not any(taken[span.first : span.last]) and self._continues_list(parsed, span, taken):
                _take(span, taken, chosen)
        return sorted(chosen, key=lambda s: s.first)

    def _exact(self, parsed: Text) -> Iterable[_Span]:
        for first in range(len(parsed.tokens)):
            key = ""
            for last in range(first + 1, len(parsed.tokens) + 1):
                key += parsed.tokens[last - 1].key
                if len(key) > _MAX_KEY:
                    break
                names = [n for n in self._names.get(key, ()) if same_words(n.words, last - first, len(key))]
                if names and BREAK.search(parsed.text, parsed.tokens[first].end, parsed.tokens[last - 1].start):
                    names = [n for n in names if BREAK.search(self._catalogue.items[n.index].title)]
                if names:
                    yield _Span(first, last, best_tier(names))

    def _misspelt(self, parsed: Text, taken: bytearray) -> Iterable[_Span]:
        for position, token in enumerate(parsed.tokens):
            if taken[position] or self._vocabulary.knows(token.key) or len(token.key) < 3 or not token.key.isalpha():
                continue
            for first in range(max(0, position - _FUZZY_WORDS + 1), position + 1):
                for last in range(position + 1, min(first + _FUZZY_WORDS, len(parsed.tokens)) + 1):
                    if not any(taken[first:last]) and _announced(parsed, first, last):
                        yield from self._near(parsed, first, last)

    def _near(self, parsed: Text, first: int, last: int) -> Iterable[_Span]:
        key = "".join(token.key for token in parsed.tokens[first:last])
        if not _MIN_FUZZY <= len(key) <= _MAX_KEY or parsed.numbered(last):
            return
        allowed = 1 if len(key) < 10 else 2 if len(key) < 15 else 3
        lengths = range(max(len(key) - allowed, _MIN_FUZZY - 1), len(key) + allowed + 1)
        keys = [other for length in lengths for other in self._similar.get((key[0], length), ())]
        digits = re.sub(r"\D", "", key)
        found = [
            (int(errors), other)
            for other, errors, _ in process.extract(key, keys, scorer=OSA.distance, score_cutoff=allowed, limit=8)
            if re.sub(r"\D", "", other) == digits
        ]
        if found:
            fewest = min(errors for errors, _ in found)
            names = [name for errors, other in found if errors == fewest for name in self._names[other]]
            yield _Span(first, last, best_tier(names), fewest)

    def _evident(self, parsed: Text, span: _Span) -> bool:
        """Decide whether the text means a title here, by how ordinary the title's words are."""
        if parsed.quoted(span.first, span.last) or self._dated(parsed, span):
            return True
        words = [token.key for token in parsed.tokens[span.first : span.last]]
        if (len(words) == 1 and len(words[0]) == 1 and words[0].isalpha()) or parsed.numbered(span.last):
            return False
        if self._names_person(parsed, span):
            return False
        if len(words) == 1:
            return self._evident_word(parsed, span, words[0])
        if not self._vocabulary.ordinary(words):
            return True
        if parsed.written_as_title(span.first, span.last):
            return True
        if words[0] in ARTICLES and all(word in FUNCTION or word.isdigit() for word in words):
            cue = parsed.cue(span.first)
            return cue is not None and cue.key in NAMING
        return self._announced_title(parsed, span)

    def _evident_word(self, parsed: Text, span: _Span, word: str) -> bool:
        token, cue = parsed.tokens[span.first], parsed.cue(span.first)
        if parsed.part_of_name(span.first, span.last):
            return False
        if not self._vocabulary.ordinary([word]):
            return True
        capitals = parsed.written_as_title(span.first, span.last)
        if word in GREETINGS:
            return capitals and cue is not None
        if word.isdigit() and cue is not None and parsed.ends_clause(span.last):
            return True
        if word in FUNCTION or word.isdigit() or span.names[0].tier:
            emphasis = token.upper and (cue is None or cue.capital)
            return (capitals and not emphasis) or (cue is not None and cue.key in NAMING)
        return capitals or self._announced_title(parsed, span)

    def _announced_title(self, parsed: Text, span: _Span) -> bool:
        chatter = all(t.key in FUNCTION or t.key in CHATTER for t in parsed.tokens[span.first : span.last])
        if span.last - span.first == len(parsed.tokens):
            return not chatter
        cue = parsed.cue(span.first)
        return cue is not None and not (chatter and cue.key in TASTES) and not self._describes(parsed, span)

    def _describes(self, parsed: Text, span: _Span) -> bool:
        """Tell whether a word like "movies" makes the span a description: "I like war movies"."""
        after = parsed.follower(span.last)
        return after is not None and after.key in KINDS

    def _names_person(self, parsed: Text, span: _Span) -> bool:
        """Tell whether the span is, or is part of, the name of a person of the catalogue ("Jack" of "jack black")."""
        keys = [token.key for token in parsed.tokens[max(span.first - 1, 0) : span.last + 1]]
        return span.last - span.first <= 2 and any(
            self._vocabulary.person(*pair) and (span.last - span.first == 1 or len(keys) == 2 or position == 1)
            for position, pair in enumerate(pairwise(keys))
        )

    def _continues_list(self, parsed: Text, span: _Span, taken: bytearray) -> bool:
        """Tell whether the span goes on after a chosen one: "Frozen, Hulk and big"."""
        first = span.first
        words = [token.key for token in parsed.tokens[first : span.last]]
        if parsed.tokens[first].opens or span.names[0].tier or all(word in FUNCTION for word in words):
            return False
        if self._describes(parsed, span) or parsed.numbered(span.last) or self._names_person(parsed, span):
            return False
        joined = first > 0 and parsed.tokens[first - 1].key in ("and", "or")
        before = first - 2 if joined else first - 1
        return before >= 0 and bool(taken[before]) and (joined or "," in parsed.gap(first))

    def _dated(self, parsed: Text, span: _Span) -> bool:
        match = _YEAR.match(parsed.text, parsed.tokens[span.last - 1].end)
        return match is not None and bool(self._of_year(span.names, match))

    def _of_year(self, names: Sequence[Name], match: re.Match[str]) -> list[Name]:
        """Return the names of the year that follows, give or take one if in brackets, else those of unknown year."""
        bracketed = match.group(3) is None
        year = int(match.group(1) or match.group(2) or match.group(3))
        years = [self._catalogue.items[name.index].year for name in names]
        for slack in (0, 1) if bracketed else (0,):
            fitting = [n for n, known in zip(names, years, strict=True) if known and abs(known - year) <= slack]
            if fitting:
                return fitting
        return [n for n, known in zip(names, years, strict=True) if known is None and bracketed]

    def _resolve(self, parsed: Text, span: _Span, context: Sequence[str]) -> Mention | None:
        names: Sequence[Name] = span.names
        end = parsed.tokens[span.last - 1].end
        match = _YEAR.match(parsed.text, end)
        if match is not None:
            dated = self._of_year(names, match)
            if dated:
                names, end = dated, match.end()
            elif match.group(3) is None:
                return None
        items = [self._catalogue.items[name.index] for name in names]
        ids = {item.id for item in items}
        recent = next((item_id for item_id in reversed(context) if item_id in ids), None)
        chosen = recent or max(items, key=lambda item: (self._popularity.get(item.id, 0), item.year or 0)).id
        return Mention(parsed.tokens[span.first].start, end, chosen)


def _announced(parsed: Text, first: int, last: int) -> bool:
    if parsed.quoted(first, last) or parsed.cue(first) is not None:
        return True
    return parsed.written_as_title(first, last) and not parsed.part_of_name(first, last)


def _take(span: _Span, taken: bytearray, chosen: list[_Span]) -> None:
    taken[span.first : span.last] = b"\1" * (span.last - span.first)
    chosen.append(span)


def _without_overlap(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    kept: list[Mention] = []
    for mention in sorted(mentions):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return tuple(kept)
