"""How ordinary the words of titles are, told from a list of English words and from the texts of the catalogue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import TypeVar

from pecrs.data.catalogue import Catalogue
from pecrs.linking.descriptions import STORY
from pecrs.linking.lexicon import (
    ARTICLES,
    CHATTER,
    COUNTED,
    CUES,
    FUNCTION,
    INDEFINITE,
    PARTS,
    POINTING,
    fold,
    frequency,
    spaced,
    visible,
    words_of,
)
from pecrs.linking.tones import TOLD_BY

Key = TypeVar("Key")

COMMON_FROM = 3
"""A word is ordinary once the catalogue's texts use it so often without a capital, or in so many people's names."""

EVERYDAY, FAMILIAR, CONSTANT = 4.0, 3.2, 5.8
"""Frequencies from which a word is used daily, is known to most, and says nothing in a phrase."""

_COUNT = re.compile(r"\d+(?:st|nd|rd|th|s)?$")
COMPOUND, TOGETHER, POINTED = 4.2, 9.0, 4.4
"""Words that may be said without a title in mind: a pair, each and together at least so frequent ("date night"), and
one from so frequent on that is pointed at ("the game")."""


_UNREAD = frozenset({"series", "aliases", "themes", STORY, *TOLD_BY})
"""Fields that say nothing of how words are used: names of items, and notes on them."""


_ALWAYS = FUNCTION | CHATTER | CUES


class Vocabulary:
    """Which words and phrases people use without meaning a title.

    All is counted, so that the vocabulary of a changed catalogue is made from what changed.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        """Read the texts of the catalogue."""
        self._uses: Counter[str] = Counter()
        self._phrases: Counter[tuple[str, str]] = Counter()
        self._people: Counter[tuple[str, str]] = Counter()
        self._named: Counter[str] = Counter()
        self._names: Counter[tuple[str, ...]] = Counter()
        self._known: Counter[str] = Counter()
        self._titles: Counter[str] = Counter()
        self._said: Counter[str] = Counter()
        self._read(catalogue)

    def of(self, catalogue: Catalogue) -> Vocabulary:
        """Return the vocabulary of a catalogue that differs in a few items, as if it were read as a whole."""
        changed = copy(self)
        vars(changed).update({name: counts.copy() for name, counts in vars(self).items()})
        changed._read(catalogue)
        return changed

    def _read(self, catalogue: Catalogue) -> None:
        titles, said = Counter([item.title for item in catalogue]), Counter[str]()
        self._full: set[tuple[str, ...]] = set()
        for item in catalogue:
            values = [v for name, own in item.told.items() if name not in _UNREAD for v in own]
            said.update([value for value in values if value not in titles])
            self._full.update(tuple(map(fold, value.split())) for value in values if value in titles)
        for title, times in _changes(self._titles, titles):
            self._count_title(title, times)
        for text, times in _changes(self._said, said):
            self._count(text, times)
        self._titles, self._said = titles, said
        self._last_names: dict[str, int] = {}
        for words, count in self._names.items():
            self._last_names[words[-1]] = max(count, self._last_names.get(words[-1], 0))

    def _count_title(self, title: str, times: int) -> None:
        """Count the words alone: a title in small letters is no phrase, and one in capitals nobody's name."""
        folded = _folded(title)
        _add(self._known, [key for key, _ in folded], times)
        _add(self._uses, [key for key, low in folded if low], times)

    def _count(self, text: str, times: int) -> None:
        """Count the words, phrases and names of a text that so many facts say more than before."""
        folded = _folded(text)
        keys = [key for key, _ in folded]
        _add(self._known, keys, times)
        _add(self._uses, [key for key, low in folded if low], times)
        if any(low for _, low in folded):
            pairs = zip(pairwise(keys), folded[1:], strict=True)
            _add(self._phrases, [pair for pair, (_, low) in pairs if low], times)
        elif 2 <= len(keys) <= 4:
            self._names[tuple(keys)] += times
            _add(self._named, keys, times)
            _add(self._people, pairwise(keys), times)

    def knows(self, word: str) -> bool:
        """Tell whether the catalogue or English has the word."""
        return word in _ALWAYS or self._known[word] > 0 or frequency(word) > 0

    def uses(self, word: str) -> int:
        """Return how often the catalogue's texts have the word without a capital."""
        return self._uses[word]

    def person(self, first: str, last: str) -> bool:
        """Tell whether two words follow one another in a name among the catalogue's facts."""
        return self._people[first, last] > 0

    def names_people(self, word: str) -> bool:
        """Tell whether the word is part of several names among the catalogue's facts, as first names are."""
        return self._named[word] >= COMMON_FROM

    def full_name(self, words: Sequence[str]) -> bool:
        """Tell whether the words are a name among the catalogue's facts."""
        return tuple(words) in self._full or self._names[tuple(words)] > 0

    def works_of(self, last_name: str) -> int:
        """Return how many items the best known bearer of a last name has."""
        return self._last_names.get(last_name, 0)

    def plural(self, word: str) -> bool:
        """Tell whether the word looks like the plural of an ordinary one."""
        return word.endswith("s") and not word.endswith("ss") and frequency(word[:-1]) >= FAMILIAR

    def foreign(self, words: Sequence[str]) -> bool:
        """Tell whether several words are mostly none that English often uses: "kaze no tani no naushika"."""
        heard = [word for word in words if word in FUNCTION or frequency(word) >= FAMILIAR]
        return len(words) > 1 and 2 * len(heard) < len(words)

    def need(self, words: Sequence[str]) -> int:
        """Return how much evidence a text must give before the words name an item; see :mod:`pecrs.linking.evidence`.

        Args:
            words: Folded, one or more.

        Returns:
            0 where nobody uses the words otherwise, 1 for familiar words and phrases, 2 for everyday ones, and 3 for
            words that hold sentences together.
        """
        if not all(map(spaced, words)):
            return 3 if len(words) == 1 else 0
        if len(words) == 1:
            return self._need_of_word(words[0])
        content = [word for word in words if not self._empty(word)]
        if not content:
            return 3 if words[0] in ARTICLES | INDEFINITE and len(words) == 2 else 2
        if len(content) == 1:
            return 3 if words[0] in INDEFINITE and len(words) == 2 else self._need_of_phrase(words, content[0])
        return int(self._compound(words, content))

    def _empty(self, word: str) -> bool:
        return word in FUNCTION or word.isdigit() or frequency(word) >= CONSTANT

    def _need_of_word(self, word: str) -> int:
        if word in FUNCTION or _COUNT.match(word) or (len(word) == 1 and word.isalpha()):
            return 3
        everyday = EVERYDAY if not self.plural(word) else EVERYDAY - 0.2
        if word in CHATTER or frequency(word) >= everyday or self._uses[word] >= COMMON_FROM:
            return 2
        return int(frequency(word) >= FAMILIAR or self.names_people(word))

    def _need_of_phrase(self, words: Sequence[str], content: str) -> int:
        common = frequency(content)
        if any(word.isdigit() for word in words):
            return (
                2
                if content in COUNTED | PARTS
                else int(common >= EVERYDAY and not any(len(w) > 1 for w in words if w.isdigit()))
            )
        if words[0] not in POINTING or len(words) > 3:
            return int(common >= EVERYDAY)
        if common >= POINTED or content in CHATTER:
            return 2
        return int(common >= FAMILIAR or self._uses[content] >= COMMON_FROM)

    def _compound(self, words: Sequence[str], content: Sequence[str]) -> bool:
        """Tell whether people may put the words together without a title in mind: "date night", "an epic movie"."""
        if any(word.isdigit() for word in words) and not any(word in COUNTED for word in words):
            return False
        if len(words) < 4 and all(self._phrases[p] > 0 or self._people[p] > 0 for p in pairwise(words)):
            return True
        if content[-1] in CHATTER and frequency(content[0]) >= FAMILIAR and len(content) == 2:
            return True
        least = COMPOUND if len(content) == 2 else COMPOUND + 0.5
        heard = [frequency(word) for word in content]
        together = TOGETHER + (len(words) > 3) + least * (len(content) - 2)
        return len(content) < 4 and min(heard) >= least and sum(heard) >= together


def _add(counts: Counter[Key], keys: Iterable[Key], times: int) -> None:
    if times == 1:
        counts.update(keys)
    else:
        for key in keys:
            counts[key] += times


def _folded(text: str) -> list[tuple[str, bool]]:
    """Return the words of a text: each folded, and whether it begins with a small letter."""
    words = [match.group() for match in words_of(visible(text)[0])]
    return [(fold(word), word[0].islower()) for word in words]


def _changes(before: Counter[str], now: Counter[str]) -> Iterator[tuple[str, int]]:
    """Yield the texts that are said more or less often than before, and by how much."""
    yield from (now - before).items()
    yield from ((text, -times) for text, times in (before - now).items())
