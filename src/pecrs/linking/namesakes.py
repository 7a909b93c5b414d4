"""Choosing among items of one title by what the text says beside it: people, years, "the old one", kinds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.lexicon import CHATTER, FUNCTION, folded, frequency, visible
from pecrs.linking.makers import DIRECTORS
from pecrs.linking.names import ALIASES
from pecrs.linking.renown import FAME
from pecrs.linking.text import Text, Token

_LONGEST, _MOST_WORDS = 80, 4
_SHARED, _FEW = 0.02, 10
"""A value that more items have, as a share and a number, is a kind and not a person."""
_STEM = 6
_SURNAME_BELOW = 4.3
_EARLIEST = frozenset("original originals oldest first".split())
_LATEST = frozenset("remake reboot remade newest latest".split())
_OLD, _NEW = frozenset({"old", "older", "classic"}), frozenset({"new", "newer", "recent", "modern"})
_VERSION = frozenset("1 ones version movie film book adaptation edition".split())
_BEFORE_NAMES = frozenset("with by starring featuring directed".split())
_DECADE = re.compile(r"^(?:(19|20)?(\d)0s|(twent|thirt|fort|fift|sixt|sevent|eight|ninet)ies)$")
_TENS = ("twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet")

PEOPLE = 2
"""Marks from which what is said is about this item: a surname counts 2, a full name 3, a director's 4, a year 4."""


@dataclass(frozen=True, slots=True)
class _Said:
    """The words around a title: all of them, how they begin, in a line, those that may be names, and the title."""

    words: frozenset[str]
    stems: frozenset[str]
    line: str
    names: frozenset[str]
    title: str


class Namesakes:
    """What texts say about items beside their titles."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Take the catalogue whose facts are looked for."""
        self._items = catalogue.items
        self._holders = Counter(
            value
            for item in catalogue
            for name, values in item.told.items()
            if name != ALIASES
            for value in set(values)
        )
        self._values = lru_cache(maxsize=65536)(self._read_values)

    def facts_beside(
        self, parsed: Text, first: int, last: int, indices: Sequence[int], everywhere: bool = False
    ) -> list[int]:
        """Return for each of some items how much of its facts the sentence of a title names.

        Args:
            parsed: The text.
            first: Position of the title's first token.
            last: Position after its last token.
            indices: Positions of the items in the catalogue.
            everywhere: Whether to read all of the text.
        """
        start, end = (0, len(parsed.tokens)) if everywhere else parsed.sentence(first)
        around = (*parsed.tokens[start:first], *parsed.tokens[last:end])
        denied = _denied(around)
        if denied:
            against = self._told(parsed, first, last, indices, denied)
            around = tuple(token for token in around if token not in denied)
            told = self._told(parsed, first, last, indices, around)
            return [for_it - against_it for for_it, against_it in zip(told, against, strict=True)]
        return self._told(parsed, first, last, indices, around)

    def _told(self, parsed: Text, first: int, last: int, indices: Sequence[int], around: Sequence[Token]) -> list[int]:
        """Return for each of some items how much of its facts some words around a title name."""
        if not around:
            return [0] * len(indices)
        words = [token.key for token in around]
        said = _Said(
            frozenset(words),
            frozenset(word[:_STEM] for word in words),
            f" {' '.join(words)} ",
            frozenset(token.key for token in around if token.capital)
            | {name for before, name in pairwise(words) if before in _BEFORE_NAMES},
            "".join(token.key for token in parsed.tokens[first:last]),
        )
        return [self._facts(index, said) + _years(self._items[index], said.words) for index in indices]

    def marks(self, parsed: Text, first: int, last: int, indices: Sequence[int]) -> list[int]:
        """Return for each of some items of one title how much the text speaks for it, their order in time included.

        Args:
            parsed: The text.
            first: Position of the title's first token.
            last: Position after its last token.
            indices: Positions of the items in the catalogue.
        """
        facts = self.facts_beside(parsed, first, last, indices)
        order = self._order(parsed, first, last, indices)
        if not any(facts) and not any(order):
            return self.facts_beside(parsed, first, last, indices, everywhere=True)
        return [fact + mark for fact, mark in zip(facts, order, strict=True)]

    def _facts(self, index: int, said: _Said) -> int:
        best = full = 0
        for words, distinct, directs in self._values(index):
            if "".join(words) == said.title:
                continue  # the title, said again within a longer one
            surname = words[-1] if words[-1] in said.words else f"{words[-1]}s" if f"{words[-1]}s" in said.words else ""
            if len(words) > 1 and surname and distinct:
                if f" {' '.join(words[:-1])} {surname} " in said.line:
                    full = max(full, 3 + directs)
                    continue
                rare = surname in said.names or frequency(surname) < _SURNAME_BELOW
                if len(surname) > 2 and rare and surname not in FUNCTION and surname not in CHATTER:
                    best = PEOPLE
            elif surname or (len(words[0]) >= _STEM and words[0][:_STEM] in said.stems):
                best = max(best, 1)
        return max(best, full)

    def _read_values(self, index: int) -> tuple[tuple[tuple[str, ...], bool, bool], ...]:
        """Return the words of an item's short values, whether few other items have them, and whether they direct it."""
        item = self._items[index]
        found: dict[tuple[str, ...], bool] = {}
        most = max(len(self._items) * _SHARED, _FEW)
        for name, values in item.told.items():
            for value in values if name not in (ALIASES, FAME) else ():
                words = tuple(folded(visible(value[:_LONGEST])[0]))
                if 0 < len(words) <= _MOST_WORDS and len(value) <= _LONGEST:
                    found[words] = self._holders[value] <= most
        directing = {tuple(folded(visible(value)[0])) for name in DIRECTORS for value in item.values(name)}
        return tuple((words, distinct, words in directing) for words, distinct in found.items())

    def asks_order(self, parsed: Text, first: int, last: int, indices: Sequence[int]) -> bool:
        """Tell whether the text speaks of "the original" or "the new version" where items differ by their years."""
        years = {self._items[index].year for index in indices} - {None}
        return len(years) > 1 and _order_asked(parsed, first, last, adjacent=False) != 0

    def _order(self, parsed: Text, first: int, last: int, indices: Sequence[int]) -> list[int]:
        """Return 2 for the oldest or the newest of some items, where the text asks for it, and else 0."""
        years = [self._items[index].year for index in indices]
        known = [year for year in years if year is not None]
        wanted = _order_asked(parsed, first, last)
        if not wanted or len(set(known)) < 2:
            return [0] * len(indices)
        extreme = min(known) if wanted < 0 else max(known)
        return [2 if year == extreme else 0 for year in years]


def _denied(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Return the words that say which work is not meant: "not the Rob Zombie one"."""
    keys = [token.key for token in tokens]
    for place, (one, two) in enumerate(pairwise(keys)):
        ends = [at for at in range(place + 2, min(place + 8, len(keys))) if keys[at] in _VERSION | _LATEST]
        if one == "not" and two == "the" and ends:
            return tuple(tokens[place : ends[0] + 1])
    return ()


def _years(item: Item, keys: frozenset[str]) -> int:
    if item.year is None:
        return 0
    if str(item.year) in keys:
        return 4
    return PEOPLE if any(_decade(key) == item.year // 10 for key in keys) else 0


def _decade(key: str) -> int | None:
    """Return the decade that a word names, its first year divided by ten; two digits mean 1930 to 2029."""
    match = _DECADE.match(key)
    if match is None:
        return None
    tens = int(match[2]) if match[2] else 2 + _TENS.index(match[3])
    century = int(match[1]) if match[1] else 19 if tens > 2 else 20
    return century * 10 + tens


def _order_asked(parsed: Text, first: int, last: int, adjacent: bool = True) -> int:
    """Return -1 where the text asks for the oldest of some works, 1 for the newest, and 0 otherwise.

    With ``adjacent`` a word such as "old" before the title is enough; without, "the old one" must be said.
    """
    start, end = parsed.sentence(first)
    for place in range(start, end):
        key = parsed.tokens[place].key
        after = parsed.tokens[place + 1].key if place + 1 < end else ""
        near = (adjacent and place in (first - 1, first - 2)) or (place >= last and after in _VERSION)
        if not adjacent and (place == start or parsed.tokens[place - 1].key != "the"):
            continue
        sign = (
            -1 if key in _EARLIEST or (near and key in _OLD) else 1 if key in _LATEST or (near and key in _NEW) else 0
        )
        if sign and not first <= place < last and (key != "first" or near):
            negated = any(token.key in ("not", "isnt") for token in parsed.tokens[max(start, place - 2) : place])
            return -sign if negated else sign
    return 0
