"""The ways in which people write the title of an item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pecrs.linking.lexicon import ARTICLES, LAST_NUMERALS, WORD, fold

BREAK = re.compile(r"[,;?]")
"""Punctuation that a span may hold only where the title has such, too: no "Home Alone" in "at home, alone"."""


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write an item's title.

    Attributes:
        index: The item's position in the catalogue.
        words: How many words it has.
        tier: 0 for the title as it stands, more without article or subtitle.
    """

    index: int
    words: int
    tier: int


def written_forms(title: str) -> Iterable[tuple[str, int, int]]:
    """Yield (key, words, tier) of the ways to write a title: as it stands, without article, without subtitle.

    >>> list(written_forms("The Ring"))
    [('thering', 2, 0), ('ring', 1, 1)]

    Args:
        title: A title without its year; "Ring, The" is read as "The Ring".
    """
    for part, part_tier in _parts(title):
        words = [fold(match.group()) for match in WORD.finditer(part)]
        if len(words) > 1 and words[-1] in ARTICLES and re.search(r",\s*\w+\W*$", part):
            words = [words[-1], *words[:-1]]
        forms = [(words, part_tier)]
        if len(words) > 1 and words[-1] in LAST_NUMERALS:
            forms.append(([*words[:-1], LAST_NUMERALS[words[-1]]], part_tier))
        if len(words) > 1 and words[0] in ARTICLES:
            forms += [(form[1:], tier + 1) for form, tier in forms]
        for form, tier in forms:
            if any(form):  # a word of marks alone is folded to nothing
                yield "".join(form), len(form), tier


def _parts(title: str) -> Iterable[tuple[str, int]]:
    """Yield the title, and what stands before its colon or dash where that is long enough to be a name."""
    yield title, 0
    head, found, _ = re.sub(r"\s+[-–—]\s+", ": ", title).partition(": ")
    if found and len(head) >= 5:
        yield head, 2


def best_tier(names: Sequence[Name]) -> tuple[Name, ...]:
    """Return the names closest to the titles as they stand."""
    best = min(name.tier for name in names)
    return tuple(name for name in names if name.tier == best)


def same_words(title_words: int, text_words: int, length: int) -> bool:
    """Allow words to be joined ("xmen") or split ("spider man") only where the key is long enough to be no accident."""
    if text_words == title_words:
        return True
    return length >= 4 if text_words < title_words else length >= 8
