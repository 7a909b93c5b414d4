"""Parts of titles that name an item once it was spoken of: "Kiki", "no Nemo", "totoro".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.loaders.titles import article_first
from pecrs.linking.lexicon import CHATTER, FUNCTION, fold, folded, frequency, visible, words_of
from pecrs.linking.names import UNMARKED, Name
from pecrs.linking.vocabulary import EVERYDAY, Vocabulary

RECALLED = UNMARKED + 2
"""The tier of a part of a title."""

_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_LONGEST = 4
_SHORTEST = 5
"""Letters that a word has at least which tells one title from all others."""


class Recalled:
    """Knows the parts of titles of a catalogue's items.

    A single word must be the title's own: no everyday one, and none that the catalogue uses for something else.
    Several words must not be what people put together anyway. The name of a series means all of it.
    """

    def __init__(self, catalogue: Catalogue, vocabulary: Vocabulary) -> None:
        """Take the catalogue, and the vocabulary made from it."""
        self._catalogue, self._vocabulary = catalogue, vocabulary
        series = {value for item in catalogue for value in item.values("series")}
        self._series = {tuple(folded(value)) for value in series}
        self._names = lru_cache(maxsize=4096)(self._read)

    def names(self, items: Iterable[str]) -> Mapping[str, tuple[Name, ...]]:
        """Return parts of the titles of some items as names, by key.

        Args:
            items: Identifiers of the items that were spoken of; unknown ones are left out.
        """
        found: defaultdict[str, tuple[Name, ...]] = defaultdict(tuple)
        for item_id in dict.fromkeys(items):
            for name in self._names(item_id):
                found["".join(name.words)] += (name,)
        return found

    def _read(self, item_id: str) -> tuple[Name, ...]:
        if item_id not in self._catalogue:
            return ()
        index = self._catalogue.index(item_id)
        parts = [part for part in dict.fromkeys(_parts(self._catalogue.items[index])) if part not in self._series]
        needs = {words: self._vocabulary.need(words) for words in parts}
        return tuple(
            Name(index, words, RECALLED, need) for words, need in needs.items() if _own(words, need, self._vocabulary)
        )


def telling_words(
    catalogue: Catalogue, known: Iterable[int], vocabulary: Vocabulary, taken: Collection[str]
) -> dict[str, tuple[Name, ...]]:
    """Return the single words that tell well-known titles from all others, "shawshank" or "totoro", with their items.

    Such a word is rare in English, the catalogue uses it for nothing else, and no other title has it.

    Args:
        catalogue: The items.
        known: Positions of the items that many know.
        vocabulary: Of the catalogue.
        taken: Words that name items already.
    """
    bearers: defaultdict[str, set[str]] = defaultdict(set)
    for item in catalogue:
        title = folded(visible(item.title)[0])
        for word in title:
            bearers[word].add(" ".join(title))
    found: defaultdict[str, tuple[Name, ...]] = defaultdict(tuple)
    for index in known:
        for words in dict.fromkeys(_parts(catalogue.items[index])):
            word = words[0]
            alone = len(words) == 1 and len(bearers[word]) == 1 and word not in taken
            if alone and _telling(word, vocabulary):
                found[word] += (Name(index, words, RECALLED, 1),)
    return found


def _telling(word: str, vocabulary: Vocabulary) -> bool:
    if len(word) < _SHORTEST or frequency(word) or (word.endswith("s") and frequency(word[:-1])):
        return False  # "psychopaths"
    return vocabulary.uses(word) < 2 and not vocabulary.names_people(word)


def apart(names: Sequence[Name]) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """Return the names that are titles, and those that are parts of titles."""
    parts = tuple(name for name in names if name.tier == RECALLED)
    return tuple(name for name in names if name.tier != RECALLED), parts


def begins(title: str) -> tuple[str, ...]:
    """Return the words of a title before its subtitle; none where it has no subtitle.

    >>> begins("K-19: The Widowmaker"), begins("Heat")
    (('k', '19'), ())
    """
    head, colon, _ = visible(article_first(title))[0].partition(": ")
    return tuple(folded(head)) if colon else ()


def _parts(item: Item) -> Iterable[tuple[str, ...]]:
    """Yield the words of each part that neither begins nor ends with a small word, "Kiki's" as "kiki" as well."""
    title, head = visible(article_first(item.title))[0], begins(item.title)
    if 1 < len(head) <= _LONGEST:
        yield head  # "K-19", which ends with a number
    written = [match.group() for match in words_of(title)]
    keys = [fold(word) for word in written]
    bare = [fold(_POSSESSIVE.sub("", word)) for word in written]
    for first in range(len(keys)):
        for last in range(first + 1, min(first + _LONGEST, len(keys)) + 1):
            words = tuple(keys[first:last])
            if last - first < len(keys) and not _small(words[0]) and not _small(words[-1]):
                yield words
                if bare[last - 1] != keys[last - 1]:
                    yield (*words[:-1], bare[last - 1])


def _small(word: str) -> bool:
    return word in FUNCTION or word.isdigit()


def _own(words: Sequence[str], need: int, vocabulary: Vocabulary) -> bool:
    if len(words) > 1:
        return need < 2 and not vocabulary.person(words[0], words[1]) and not all(map(CHATTER.__contains__, words))
    common = frequency(words[0]) >= EVERYDAY or vocabulary.uses(words[0])
    return len(words[0]) > 2 and words[0] not in CHATTER and not (need and common)
