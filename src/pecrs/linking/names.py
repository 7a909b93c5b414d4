"""The ways in which people write the title of an item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pecrs.data.catalogue import Item
from pecrs.data.loaders.titles import article_first
from pecrs.linking.lexicon import ARTICLES, LAST_NUMERALS, folded, visible

ALIASES = "aliases"
"""The fact that holds further titles of an item."""

BREAK = re.compile(r"[,;?，；？。、！]")
"""Punctuation that a span may hold only where the title has such, too: no "Home Alone" in "at home, alone"."""

_FINAL_BRACKET = re.compile(r"\s*[(\[（]([^()\[\]（）]+)[)\]）]\s*$")
_ALIAS_MARKER = re.compile(r"^\s*(?:a\.?\s?k\.?\s?a\.?|also known as|originally|original title:?)\s+", re.IGNORECASE)
_SERIES = re.compile(
    r"^(.*?)[\s,]*(?:#\s*(?P<number>\d+|[ivx]+)?|\b(?:book|bk|volume|vol|part|no|number)\b\.?\s*#?\s*(?P<part>\d+|[ivx]+\b))"
    r"\S*$|^.*\b(?:series|saga|trilogy|edition)$",
    re.IGNORECASE,
)
_PARTS = re.compile(r":\s+|\s+[-–—]\s+|[;,]\s+or,?\s+")
_OR = re.compile(r",?\s+or$", re.IGNORECASE)
"""Before a second title: "Dr. Strangelove or: How I Learned to Stop Worrying"."""

_WITHOUT_BRACKET, WITHOUT_ARTICLE, _OTHER_TITLE, WITHOUT_SUBTITLE = 1, 2, 3, 5
UNMARKED = 7
"""The tier of what brackets hold where nothing says that it is another title, of series with their number, and of
subtitles alone."""

_JOINED = re.compile(
    r"(?P<head>(?!(?:The|A|An|One|My|In|On|Of)\b)[\w'’-]+ [\w'’-]+) (?:and|of|for|in|to|with|from|"
    r"at|I)\b(?: an?\b| the\b)? \w"
)
"""A title that is known by the two words before a small one: "Four Weddings", "Eternal Sunshine"."""

_ADVENTURE = re.compile(r"[A-Z][\w'’-]+ [A-Z][\w'’-]+ and the (?P<tail>\w[\w'’-]*(?: [\w'’-]+)+)(?=$|:| [-–—] )")
"""A title of whom a series is about, which is known by what stands behind: "Temple of Doom"."""

_INITIALS = re.compile(r"(?P<head>(?:[A-Z]\.){2,}) the \w")
"""A title that explains its initials: "E.T. the Extra-Terrestrial"."""

_NUMBERED = re.compile(r"[A-Z]+-?\d+$")
"""What stands before a subtitle and names nothing else, however short it is: "K-19"."""

_SHORTEST_HEAD = 5


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write an item's title.

    Attributes:
        index: The item's position in the catalogue.
        words: The folded words.
        tier: 0 for the title as it stands, the higher the further from it.
        need: How much evidence the words need before they name the item.
    """

    index: int
    words: tuple[str, ...]
    tier: int
    need: int


def written_forms(item: Item) -> Iterable[tuple[tuple[str, ...], int]]:
    """Yield (words, tier) of the ways to write an item's title.

    These are the title as it stands; without what its final brackets hold, which is a series or another title; another
    title; what stands before a colon; two words before a small one; the series with its number; and each of
    them without its article.

    >>> list(written_forms(Item("a", "The Ring (a.k.a. Circle)")))[2:]
    [(('the', 'ring'), 1), (('ring',), 2), (('circle',), 3)]

    Args:
        item: Its title has no year; "Ring, The" is read as "The Ring". Its aliases are titles, too.
    """
    for text, tier in _titles(item):
        words = tuple(folded(visible(article_first(text))[0]))
        forms = [(words, tier)]
        if len(words) > 1 and words[-1] in LAST_NUMERALS:
            forms.append(((*words[:-1], LAST_NUMERALS[words[-1]]), tier))
        if "v" in words[1:-1]:
            forms.append((tuple("versus" if word == "v" else word for word in words), tier))
        if len(words) > 1 and words[0] in ARTICLES:
            forms += [(form[1:], without_article(tier)) for form, tier in forms]
        for form, form_tier in forms:
            if any(form):  # a word of marks alone is folded to nothing
                yield form, form_tier


def _titles(item: Item) -> Iterable[tuple[str, int]]:
    yield item.title, 0
    title = item.title
    while (match := _FINAL_BRACKET.search(title)) and match.start():
        title = title[: match.start()]
        yield title, _WITHOUT_BRACKET
        yield from _bracketed(match[1])
    for alias in item.facts.get(ALIASES, ()):
        yield alias, _OTHER_TITLE
    tail = _ADVENTURE.match(title)
    if tail is not None:
        yield tail["tail"], UNMARKED
    begun = _JOINED.match(title)
    if begun is not None:
        yield begun["head"], UNMARKED
    initials = _INITIALS.match(title)
    if initials is not None:
        yield initials["head"], WITHOUT_SUBTITLE
    head, *tails = _PARTS.split(title)
    if tails and (len(head) >= _SHORTEST_HEAD or head.isdigit() or _NUMBERED.match(head)):  # "2001"
        yield _OR.sub("", head), WITHOUT_SUBTITLE
    for place in range(len(tails)):
        if len(" ".join(tails[place:]).split()) > 1:
            yield " ".join(tails[place:]), UNMARKED


def _bracketed(text: str) -> Iterable[tuple[str, int]]:
    alias = _ALIAS_MARKER.sub("", text)
    series = _SERIES.match(text)
    if alias != text:
        yield alias, _OTHER_TITLE
    elif series is None:
        yield text, UNMARKED
    elif series[1] and (number := series["number"] or series["part"]) and text.rstrip().endswith(number):
        yield f"{series[1]} {number}", UNMARKED
        yield f"{series[1]} book {number}", UNMARKED


def without_article(tier: int) -> int:
    """Return the tier of a name that lacks its article, from that of the whole name."""
    return max(tier + 1, WITHOUT_ARTICLE)


def best_tier(names: Sequence[Name]) -> tuple[Name, ...]:
    """Return the names closest to the titles as they stand."""
    best = min(name.tier for name in names)
    return tuple(name for name in names if name.tier == best)


def same_words(title_words: int, text_words: int, length: int) -> bool:
    """Allow words to be joined ("xmen") or split ("spider man") only where the key is long enough to be no accident."""
    if text_words == title_words:
        return True
    return length >= 4 if text_words < title_words else length >= 8


def longest_keys(keys: Iterable[str], begin: int) -> dict[str, int]:
    """Return the length of the longest key of each beginning of so many characters."""
    found: dict[str, int] = {}
    for key in keys:
        found[key[:begin]] = max(len(key), found.get(key[:begin], 0))
    return found
