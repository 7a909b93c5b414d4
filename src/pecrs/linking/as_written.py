"""Which titles a span of a text can be, as its marks are written: commas, hyphens, possessives.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pecrs.data.catalogue import Catalogue
from pecrs.linking.around import spelt_as
from pecrs.linking.lexicon import OPENING
from pecrs.linking.names import BREAK, WITHOUT_SUBTITLE, Name
from pecrs.linking.recalled import begins
from pecrs.linking.text import Text

_CONTINUED = re.compile(r":\s*\w")
"""A subtitle; what stands before it alone names another work: "Three Colors: Red" is not "Three Colors: Blue"."""

_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_][*.]){2,}[^\W\d_]")
_JOINED_BEFORE, _JOINED_BEHIND = re.compile(r"[^\W\d][-*./]$"), re.compile(r"(?:[-*/]|\.(?!\s))\w")
"""Marks by which a letter or a number is a part of a word: "K-19", "M*A*S*H"."""


_YEAR = 4
_OTHER_YEAR = re.compile(r"\b(?:1[89]|20)\d\ds?\s*(?:or|and|vs\.?|to|[-–/,])\s*(?:the\s+)?$", re.IGNORECASE)
"""Before a year that stands beside another one: "1940 or 1944"."""


def owner(parsed: Text, last: int, key: str) -> str:
    """Return the key of whose the next word is, "hugo" in "Hugo's father"; empty where the span is no possessive.

    Args:
        parsed: The text.
        last: Where the span ends.
        key: The folded words of the span, without spaces.
    """
    token = parsed.tokens[last - 1]
    return key[:-1] if _POSSESSIVE.search(parsed.text[token.start : token.end]) else ""


_TAKEN_UP = re.compile(rf"(?:^|[.!?,;])\W*{OPENING}(?:(?:why|really|not)\W+)?$", re.IGNORECASE)
_TAKING_UP = re.compile(
    r"\s*(?:$|[.!?,;)。，！？、]|(?:sounds|looks|seems|it is|then|please|lol|eh+|hm+|huh|meh|tho|though|ok|haha)\b)",
    re.IGNORECASE,
)


def offer_taken_up(catalogue: Catalogue, parsed: Text, first: int, last: int, context: Sequence[str]) -> str:
    """Return the item named last where a clause takes it up by what stands before its subtitle; empty where none does.

    "Why Thor?" is about Thor: Ragnarok where that was offered.

    Args:
        catalogue: The items.
        parsed: The text.
        first: Where the span begins.
        last: Where it ends.
        context: Items mentioned earlier in the dialogue, the latest last.
    """
    latest = context[-1] if context and context[-1] in catalogue else ""
    if not latest or begins(catalogue[latest].title) != tuple(token.key for token in parsed.tokens[first:last]):
        return ""
    before, behind = parsed.text[: parsed.tokens[first].start], parsed.tokens[last - 1].end
    taken_up = _TAKEN_UP.search(before) is not None and _TAKING_UP.match(parsed.text, behind) is not None
    return latest if taken_up else ""


def stands_alone(parsed: Text, first: int, last: int) -> bool:
    """Tell whether a sentence begins with a span, and pauses behind it: "sunshine.. is it new?", "kingpin eh"."""
    pauses = parsed.ends_clause(last) or _TAKING_UP.match(parsed.text, parsed.tokens[last - 1].end) is not None
    return parsed.tokens[first].opens and pauses


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
    """Tell whether a letter or number is a part of a word that marks join, "K" in "K-19", or one of several years."""
    token, before = parsed.tokens[first], parsed.text[: parsed.tokens[first].start]
    if last - first > 1 or not (token.key.isdigit() or len(token.key) == 1):
        return False
    if len(token.key) == _YEAR and token.key.isdigit() and _OTHER_YEAR.search(before):
        return True
    behind = not token.key.isdigit() and _JOINED_BEHIND.match(parsed.text, token.end) is not None
    return behind or re.search(_JOINED_BEFORE, before[-2:]) is not None
