"""Which titles a span of a text can be, as its marks are written: commas, hyphens, possessives.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pecrs.linking.around import spelt_as
from pecrs.linking.names import BREAK, WITHOUT_SUBTITLE, Name
from pecrs.linking.text import Text

_CONTINUED = re.compile(r":\s*\w")
"""A subtitle; what stands before it alone names another work: "Three Colors: Red" is not "Three Colors: Blue"."""

_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_][*.]){2,}[^\W\d_]")
_JOINED_BEFORE, _JOINED_BEHIND = re.compile(r"[^\W\d][-*./]$"), re.compile(r"(?:[-*/]|\.(?!\s))\w")
"""Marks by which a letter or a number is a part of a word: "K-19", "M*A*S*H"."""


def owner(parsed: Text, last: int, key: str) -> str:
    """Return the key of whose the next word is, "hugo" in "Hugo's father"; empty where the span is no possessive.

    Args:
        parsed: The text.
        last: Where the span ends.
        key: The folded words of the span, without spaces.
    """
    token = parsed.tokens[last - 1]
    return key[:-1] if _POSSESSIVE.search(parsed.text[token.start : token.end]) else ""


def words_in(parsed: Text, first: int, last: int) -> int:
    """Return how many words a span has; letters with marks between are one: "M*A*S*H"."""
    written = parsed.text[parsed.tokens[first].start : parsed.tokens[last - 1].end]
    return 1 if _INITIALS.fullmatch(written) else last - first


def as_written(parsed: Text, first: int, last: int, names: Sequence[Name], title: Callable[[int], str]) -> list[Name]:
    """Return the names that a span can be.

    Args:
        parsed: The text.
        first: Where the span begins.
        last: Where it ends.
        names: Whose words are those of the span.
        title: Returns the title at a position of the catalogue.
    """
    found = [] if part_of_word(parsed, first, last) else list(names)
    if found and BREAK.search(parsed.text, parsed.tokens[first].end, parsed.tokens[last - 1].start):
        found = [name for name in found if BREAK.search(title(name.index))]
    if found and not spelt_as(parsed, first, last):
        found = [name for name in found if not all(len(word) == 1 for word in name.words)]
    if _CONTINUED.match(parsed.text, parsed.tokens[last - 1].end):
        found = [name for name in found if name.tier < WITHOUT_SUBTITLE]
    return found


def part_of_word(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a single letter or number is a part of a word that marks join: the "K" and the "19" of "K-19"."""
    token, before = parsed.tokens[first], parsed.text[: parsed.tokens[first].start]
    if last - first > 1 or not (token.key.isdigit() or len(token.key) == 1):
        return False
    behind = not token.key.isdigit() and _JOINED_BEHIND.match(parsed.text, token.end) is not None
    return behind or re.search(_JOINED_BEFORE, before[-2:]) is not None
