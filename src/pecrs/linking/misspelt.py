"""Values that are nearly written: people of whose two words one is known to nobody, and single words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rapidfuzz import fuzz, process

from pecrs.linking.lexicon import FUNCTION, frequency
from pecrs.linking.value_words import adjoin

SHORTEST = 6
"""Letters of the shortest word, or name, that is taken for a misspelt one."""

Words = Sequence[tuple[int, int, str]]
"""Words of a text: first character, one past the last, folded."""


def misspelt_people(
    text: str, words: Words, covered: set[int], known: Callable[[str], bool], likeliest: Callable[[str], str]
) -> Iterator[tuple[int, int, str]]:
    """Yield spans and the people that they nearly name; their words are covered then.

    Args:
        text: A message.
        words: Its words.
        covered: Places of words that mean something.
        known: Whether a word is known.
        likeliest: The person whose name is most like two words; empty where none is.
    """
    for first in range(len(words) - 1):
        pair = words[first : first + 2]
        if not covered.isdisjoint((first, first + 1)) or not adjoin(text, pair):
            continue
        odd = [word for _, _, word in pair if not known(word)]
        if odd and all(len(word) > 2 for _, _, word in pair):
            said = [word for _, _, word in pair]
            key = likeliest(" ".join(said))
            if key and all(word == own or word not in FUNCTION for word, own in zip(said, key.split(), strict=False)):
                covered.update((first, first + 1))
                yield pair[0][0], pair[1][1], key


def misspelt_last_names(
    text: str, words: Words, covered: set[int], known: Callable[[str], bool], nearest: Callable[[str], str]
) -> Iterator[tuple[int, int, str]]:
    """Yield spans of one word that nearly is a last name where one is expected, and whom it means: "by Speilberg".

    Args:
        text: A message.
        words: Its words.
        covered: Places of words that mean something.
        known: Whether a word is known.
        nearest: The person whose last name is most like a word; empty where none is.
    """
    for place, (start, end, word) in enumerate(words):
        if place in covered or len(word) < SHORTEST or frequency(word) or known(word):
            continue
        if _LED.search(text[:start]) and (key := nearest(word)):
            covered.add(place)
            yield start, end, key


_LED = re.compile(
    r"\b(?:by|with|without|starring|featuring|director|actor|actress|author|of|like|love|any|some|more|old|early|or|and)"
    r"\s+(?:\w+\s+(?:or|and)\s+)?$",
    re.IGNORECASE,
)


def misspelt_words(
    words: Words, covered: set[int], known: Callable[[str], bool], nearest: Callable[[str], str]
) -> Iterator[tuple[int, int, str]]:
    """Yield spans of one word that neither English nor the catalogue has, and the word that is meant.

    Args:
        words: Of a text.
        covered: Places of words that mean something.
        known: Whether the catalogue has a word.
        nearest: The word that is most like another one; empty where none is.
    """
    for place, (start, end, word) in enumerate(words):
        if place in covered or len(word) < SHORTEST or frequency(word) or known(word):
            continue
        best = nearest(word)
        if best:
            covered.add(place)
            yield start, end, best


def nearest_name(people: Sequence[str], said: str) -> str:
    """Return whose name is nearly written; its words begin as those that are said: "omg wait" is not Tom Waits."""
    best = process.extractOne(said, people, scorer=fuzz.ratio, score_cutoff=_FUZZY) if len(said) >= SHORTEST else None
    same = best is not None and [word[0] for word in said.split()] == [word[0] for word in best[0].split()]
    return str(best[0]) if best is not None and same else ""


_FUZZY = 86
