"""How ordinary the words of titles are, told from a list of English words and from the texts of the catalogue."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from pecrs.data.catalogue import Catalogue
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

COMMON_FROM = 3
"""A word is ordinary once the catalogue's texts use it so often without a capital, or in so many people's names."""

EVERYDAY, FAMILIAR, CONSTANT = 4.0, 3.2, 5.8
"""Frequencies from which a word is used daily, is known to most, and says nothing in a phrase."""

_COUNT = re.compile(r"\d+(?:st|nd|rd|th|s)?$")
COMPOUND, TOGETHER, POINTED = 4.2, 9.0, 4.4
"""Words that may be said without a title in mind: a pair, each and together at least so frequent ("date night"), and
one from so frequent on that is pointed at ("the game")."""


_OF_TITLES = frozenset({"series", "aliases"})
"""Fields whose values are names of items rather than of people."""


class Vocabulary:
    """Which words and phrases people use without meaning a title."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Read the texts of the catalogue."""
        self._uses: Counter[str] = Counter()
        self._phrases: set[tuple[str, str]] = set()
        self._people: set[tuple[str, str]] = set()
        self._named: Counter[str] = Counter()
        self._names: Counter[tuple[str, ...]] = Counter()
        self._full: set[tuple[str, ...]] = set()
        self._known: set[str] = set(FUNCTION | CHATTER | CUES)
        titles = {item.title for item in catalogue}
        for item in catalogue:
            self._read(item.title, of_title=True)
            values = [v for name, own in item.facts.items() if name not in _OF_TITLES for v in own]
            self._read_all(value for value in values if value not in titles)
            self._full.update(tuple(map(fold, value.split())) for value in titles.intersection(values))
        self._last_names: dict[str, int] = {}
        for words, count in self._names.items():
            self._last_names[words[-1]] = max(count, self._last_names.get(words[-1], 0))

    def _read_all(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._read(text)

    def _read(self, text: str, of_title: bool = False) -> None:
        words = [match.group() for match in words_of(visible(text)[0])]
        keys = [fold(word) for word in words]
        lower = [word[0].islower() for word in words]
        self._known.update(keys)
        self._uses.update(key for key, is_lower in zip(keys, lower, strict=True) if is_lower)
        if 2 <= len(words) <= 4 and not any(lower) and not of_title:
            self._named.update(keys)
            self._people.update(pairwise(keys))
            self._names[tuple(keys)] += 1
        if not of_title:  # a title in small letters is no phrase for that
            self._phrases.update(pair for pair, low in zip(pairwise(keys), lower[1:], strict=False) if low)

    def knows(self, word: str) -> bool:
        """Tell whether the catalogue or English has the word."""
        return word in self._known or frequency(word) > 0

    def uses(self, word: str) -> int:
        """Return how often the catalogue's texts have the word without a capital."""
        return self._uses[word]

    def person(self, first: str, last: str) -> bool:
        """Tell whether two words follow one another in a name among the catalogue's facts."""
        return (first, last) in self._people

    def names_people(self, word: str) -> bool:
        """Tell whether the word is part of several names among the catalogue's facts, as first names are."""
        return self._named[word] >= COMMON_FROM

    def full_name(self, words: Sequence[str]) -> bool:
        """Tell whether the words are a name among the catalogue's facts."""
        return tuple(words) in self._full or tuple(words) in self._names

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
        if len(words) < 4 and all(p in self._phrases or p in self._people for p in pairwise(words)):
            return True
        if content[-1] in CHATTER and frequency(content[0]) >= FAMILIAR and len(content) == 2:
            return True
        least = COMPOUND if len(content) == 2 else COMPOUND + 0.5
        heard = [frequency(word) for word in content]
        together = TOGETHER + (len(words) > 3) + least * (len(content) - 2)
        return len(content) < 4 and min(heard) >= least and sum(heard) >= together
