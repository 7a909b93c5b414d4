"""Titles spelt nearly right: spans with a word that nobody knows, and phrases that differ in a known one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pecrs.linking.evidence import announced
from pecrs.linking.lexicon import ARTICLES, CHATTER, FUNCTION, KINDS, WORKS, frequency
from pecrs.linking.names import Name
from pecrs.linking.text import Text
from pecrs.linking.vocabulary import Vocabulary

LONGEST_KEY = 90
_SHORTEST = 6
_PLAIN_FROM, _WHOLE_FROM = 10, 8
_MOST_WORDS = 6
_ANCHOR_BELOW = 5.8
_ANCHORED_AT_MOST = 60
_CHATTER = tuple(sorted(word for word in CHATTER if len(word) > 4))
_KINDS = tuple(sorted(word for word in KINDS | WORKS if len(word) > 4))
_DOUBLED = re.compile(r"([^\W\d])\1+")


class Spelling:
    """Finds names of similar spelling.

    Args:
        names: The names of a catalogue by key; a key is a name's words joined.
        vocabulary: Of the same catalogue.
    """

    def __init__(self, names: Mapping[str, Sequence[Name]], vocabulary: Vocabulary) -> None:
        """Index the keys by first letter and length, and those of phrases by their rarer words."""
        self._names = names
        self._vocabulary = vocabulary
        self._similar: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        self._single: defaultdict[str, list[str]] = defaultdict(list)
        self._anchored: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for key, found in names.items():
            self._similar[key[0], len(key)].append(key)
            if (single := _singled(key)) != key:
                self._single[single].append(key)
            words = found[0].words
            if len(words) > 1 and found[0].need < 2 and len(key) >= _PLAIN_FROM:
                for place, word in enumerate(words):
                    if len(word) > 3 and word.isalpha() and frequency(word) < _ANCHOR_BELOW:
                        self._anchored[word].append((key, place))

    def near(self, parsed: Text) -> Iterable[tuple[int, int, Sequence[Name], int]]:
        """Yield (first token, past the last, names, misspelt characters) of spans.

        Args:
            parsed: The text; a title in it that is spelt right may be part of one that is not.
        """
        for position, token in enumerate(parsed.tokens):
            if len(token.key) < 3 or not token.key.isalpha():
                continue
            if not self._vocabulary.knows(token.key) and not _misspelt(token.key, _KINDS):
                yield from self._around_unknown(parsed, position)
            if token.key in self._anchored:
                yield from self._around_anchor(parsed, position)

    def _around_unknown(self, parsed: Text, position: int) -> Iterable[tuple[int, int, Sequence[Name], int]]:
        chatter = _misspelt(parsed.tokens[position].key, _CHATTER)
        for first in range(max(0, position - _MOST_WORDS + 1), position + 1):
            for last in range(position + 1, min(first + _MOST_WORDS, len(parsed.tokens)) + 1):
                expected = announced(parsed, first, last)
                if chatter and not (expected and _beside_chatter(parsed, first, last, position)):
                    continue
                if expected or _telling(parsed, first, last):
                    yield from self._similar_to(parsed, first, last)
                elif (first, last) == (0, len(parsed.tokens)):
                    yield from self._doubled(parsed, first, last)

    def _similar_to(self, parsed: Text, first: int, last: int) -> Iterable[tuple[int, int, Sequence[Name], int]]:
        key = "".join(token.key for token in parsed.tokens[first:last])
        if not _SHORTEST <= len(key) <= LONGEST_KEY or parsed.numbered(last):
            return
        allowed = _allowed(key)
        lengths = range(max(len(key) - allowed, _SHORTEST - 1), len(key) + allowed + 1)
        keys = [other for length in lengths for other in self._similar.get((key[0], length), ())]
        found = [
            (int(errors), other)
            for other, errors, _ in process.extract(key, keys, scorer=OSA.distance, score_cutoff=allowed, limit=8)
            if _same_digits(key, other)
        ]
        if found:
            fewest = min(errors for errors, _ in found)
            names = [n for errors, other in found if errors == fewest for n in self._names[other]]
            yield first, last, _same_initials(parsed, first, last, names), fewest
        else:
            yield from self._doubled(parsed, first, last)

    def _doubled(self, parsed: Text, first: int, last: int) -> Iterable[tuple[int, int, Sequence[Name], int]]:
        """Read letters that should be double: "alladin", "halowen"."""
        key = "".join(token.key for token in parsed.tokens[first:last])
        keys = self._single.get(_singled(key), ()) if len(key) >= _SHORTEST and not parsed.numbered(last) else ()
        if keys:
            yield first, last, [name for other in keys for name in self._names[other]], 1

    def _around_anchor(self, parsed: Text, position: int) -> Iterable[tuple[int, int, Sequence[Name], int]]:
        anchored = self._anchored[parsed.tokens[position].key]
        if len(anchored) > _ANCHORED_AT_MOST:
            return
        for key, place in anchored:
            words = self._names[key][0].words
            first, last = position - place, position - place + len(words)
            if first < 0 or last > len(parsed.tokens):
                continue
            written = [token.key for token in parsed.tokens[first:last]]
            if not all(map(_may_stand_for, written, words)) or parsed.numbered(last):
                continue
            text = "".join(written)
            if self._names[key][0].need and (written[-1] == f"{words[-1]}s" or not announced(parsed, first, last)):
                continue  # "scary movies" are no "Scary Movie"
            errors = OSA.distance(text, key, score_cutoff=_allowed(key) - 1)
            if 0 < errors < _allowed(key) and _same_digits(text, key):
                yield first, last, self._names[key], errors


def _singled(key: str) -> str:
    return _DOUBLED.sub(r"\1", key)


def _same_initials(parsed: Text, first: int, last: int, names: Sequence[Name]) -> Sequence[Name]:
    """Prefer names whose words begin as those of the text: "the shinning" is "The Shining", not "The Thinning"."""
    initials = [token.key[0] for token in parsed.tokens[first:last]]
    return [name for name in names if [word[:1] for word in name.words] == initials] or names


def _may_stand_for(written: str, meant: str) -> bool:
    """Tell whether a word can be another one misspelt: no small word, and the same at its beginning."""
    return written == meant or (
        written[:1] == meant[:1] and len(written) > 3 and written not in FUNCTION and written not in _OF_QUESTIONS
    )


_OF_QUESTIONS = frozenset("released directed rated called based being starring stars started about".split())
"""Words that are said beside titles and are no misspelt part of one: "when was the matrix released"."""


def _allowed(key: str) -> int:
    return 1 if len(key) < 10 else 2 if len(key) < 15 else 3


def _same_digits(one: str, other: str) -> bool:
    return re.sub(r"\D", "", one) == re.sub(r"\D", "", other)


def _telling(parsed: Text, first: int, last: int) -> bool:
    """Tell whether the span is long enough to be no accident: "jurrasic park", or "interstelar" alone."""
    whole = (first, last) == (0, len(parsed.tokens))
    words = [token.key for token in parsed.tokens[first:last] if token.key not in ARTICLES]
    ends = words[:1] + words[-1:] if whole else (parsed.tokens[first].key, parsed.tokens[last - 1].key)
    if any(key in FUNCTION and not key.isdigit() for key in ends):
        return False
    return parsed.length(first, last) >= (_WHOLE_FROM if whole else _PLAIN_FROM) and (whole or len(words) > 1)


def _beside_chatter(parsed: Text, first: int, last: int, position: int) -> bool:
    """Tell whether a span has a word of its own beside one that is nearly chatter: "montsers inc"."""
    return any(
        place != position and token.key not in FUNCTION | CHATTER | KINDS
        for place, token in enumerate(parsed.tokens[first:last], start=first)
    )


@lru_cache(maxsize=4096)
def _misspelt(word: str, common: Sequence[str]) -> bool:
    """Tell whether a word is nearly one of those that people use most: "comedxy", "moives"."""
    return process.extractOne(word, common, scorer=OSA.distance, score_cutoff=2 if len(word) > 5 else 1) is not None
