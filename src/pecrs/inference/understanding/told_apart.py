"""Items of one title: several of them named at once, and what is said only to tell which one is meant.

"Which King Kong is longer, 1933 or 2005?" names two, "The Thing, there are two" all of a title; the year and the
people of "True Grit, the old one with John Wayne" say which one is meant, and are not asked about. Source: design
section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.examples import role_of_named
from pecrs.inference.understanding.plain_questions import asked_plainly
from pecrs.inference.understanding.pointing import NOUNS
from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue
from pecrs.linking.facets import YEAR
from pecrs.linking.makers import PEOPLE
from pecrs.linking.quantities import Quantity
from pecrs.linking.tones import TONE
from pecrs.linking.unknown import UnknownName
from pecrs.linking.values import FacetValue, is_of

Named = tuple[int, int, str]

_YEARS = re.compile(r"(?<![\d(])(?:1[89]|20)\d\d(?!\d)")
_COUNTED_BEFORE = re.compile(
    r"\b(?:the )?(?:two|both|three|2|3)(?: of)?(?: different| separate| other)?(?: the)?\s+$", re.IGNORECASE
)
_COUNTED_BEHIND = re.compile(
    rf"(?:\s+(?:{NOUNS})s)?\W*(?:but |and |in |cos |because |as |since )?"
    r"(?:(?:there(?:['’]?s| is| are| were)|i know(?: there are)?|you have|you['’]?ve got|are there(?: not)?|"
    r"aren['’]?t there|isn['’]?t there|i think|i believe) (?:at least |like |actually )?(?:two|three|2|3)\b(?! \w+s of)"
    r"|(?:both|the two|all three)(?: of (?:them|those))?(?: please)?\W*$|both (?:versions|of them|films|movies)\b)",
    re.IGNORECASE,
)
_MOST = 4
"""At most so many items of one title are set beside each other."""

_APPOSED = re.compile(
    r"(?P<no>\bnot )?\bthe (?!\w+est\b|most\b|best\b|other\b)"
    rf"(?:[\w.'’-]+ ){{0,5}}?(?:{NOUNS}|version|remake|original)\b"
    r"(?: (?:with|from|by|of|starring|in|directed by)\b[^,.?!]*)?",
    re.IGNORECASE,
)
_WANTS = re.compile(
    r"\b(?:give|want|show|find|need|fancy|prefer|recommend|suggest|like|looking)\b[^,.?!]*$", re.IGNORECASE
)


_WORK_BEFORE = re.compile(r"\b(?:films?|movies?|books?|called|seen|watched)\s+[\"“'‘]?$|[\"“]$", re.IGNORECASE)
_WORK_BEHIND = re.compile(rf"\s*(?:\(\d|[\"”]|\b(?:the )?(?:{NOUNS})\b)", re.IGNORECASE)


def titled(text: str, start: int, end: int) -> bool:
    """Tell whether words beside a name say that a work is meant, not who is called so: "the film Keanu"."""
    return _WORK_BEFORE.search(text[:start]) is not None or _WORK_BEHIND.match(text, end) is not None


def of_one_title(
    text: str, named: Sequence[Named], entitled: Callable[[str], Sequence[tuple[int, str]]]
) -> list[Named]:
    """Return further items of the titles that a message names, where it names several of one title.

    Args:
        text: The message.
        named: Spans of the items that it names.
        entitled: Returns the items of the title of an item, each with its year.
    """
    found: list[Named] = []
    for start, end, item in dict.fromkeys(named):
        here = {other for *_, other in named}
        told = {year for year, other in entitled(item) if other in here}
        alike = [(year, other) for year, other in entitled(item) if other not in here and year not in told]
        if not alike:
            continue
        years = [match for match in _YEARS.finditer(text) if not (start <= match.start() < end)]
        own = dict(alike)
        dated = [(*match.span(), own[int(match.group())]) for match in years if int(match.group()) in own]
        if dated and len(years) > 1:
            found += dated
        elif _COUNTED_BEFORE.search(text[:start]) or _COUNTED_BEHIND.match(text, end):
            found += [(start, end, other) for _, other in alike[: _MOST - 1]]
    return found


_OF_YEAR = re.compile(r"\s*,?\s*(?:the one )?(?:from|of|made in|released in)\s+(?P<year>(?:1[89]|20)\d\d)\b")
_SLACK = 3
"""By so many years people misremember."""


def another_year(
    text: str, named: Sequence[Named], entitled: Callable[[str], Sequence[tuple[int, str]]]
) -> list[UnknownName]:
    """Return titles that a message dates in a year of which there is none: "Dune from 2021".

    Args:
        text: The message.
        named: Spans of the items that it names.
        entitled: Returns the items of the title of an item, each with its year.
    """
    found = []
    for start, end, item in named:
        match = _OF_YEAR.match(text, end)
        years = [year for year, _ in entitled(item)]
        if match and years and min(abs(year - int(match["year"])) for year in years) > _SLACK:
            found.append(UnknownName(start, match.end(), text[start : match.end()]))
    return found


def counted(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span of a title with the number of its items before it, or behind it."""
    before, behind = _COUNTED_BEFORE.search(text[:start]), _COUNTED_BEHIND.match(text, end)
    return (before.start() if before else start), (behind.end() if behind else end)


def telling_apart(reading: Reading, key: Callable[[str], str], has: Callable[[str, ReadValue], bool]) -> Reading:
    """Return a reading that sets items of one title beside each other, and asks of none what only says which is meant.

    Args:
        reading: As it was read.
        key: Returns the folded title of an item.
        has: Tells whether an item has a value.
    """
    reading = _side_by_side(reading, key)
    items = [entry for entry in reading.items if entry.start < entry.end]
    if not items:
        return reading
    before = {entry: read for entry in items for read in reading.values if _stands_before(reading, entry, read, has)}
    values = tuple(
        replace(read, role="incidental") if read in before.values() or _only_tells(reading, read, items, has) else read
        for read in reading.values
    )
    if values == reading.values:
        return reading
    led = {entry: role_of_named(reading.text, replace(entry, start=read.start)) for entry, read in before.items()}
    named = tuple(replace(entry, role=led.get(entry) or entry.role) for entry in reading.items)
    return replace(reading, values=values, items=named)


def _stands_before(reading: Reading, entry: ReadItem, read: ReadValue, has: Callable[[str, ReadValue], bool]) -> bool:
    """Tell whether a value stands right before the title of an item that has it: "the John Carpenter Halloween"."""
    text = reading.text
    if _DESCRIBED.search(text[read.start : read.end]):
        return False  # "by the guy who made Heat"
    determined = _DETERMINED.search(text[: read.start]) is not None or is_of(read.value, *PEOPLE)
    between = _OWNS.fullmatch(text, read.end, entry.start) if read.end <= entry.start else None
    return determined and between is not None and has(entry.item, read)


_DESCRIBED = re.compile(r"\b(?:who|that|behind|of|as|director|writer|star|him|her|he|she|his)\b", re.IGNORECASE)
_DETERMINED = re.compile(r"\b(?:the|that|this)\s+$", re.IGNORECASE)
_OWNS = re.compile(r"(?:['’]s?)?\s+(?:version of )?[\"“]?(?:the )?", re.IGNORECASE)


def _side_by_side(reading: Reading, key: Callable[[str], str]) -> Reading:
    """Take two items of one title as compared, where nothing else is asked of them."""
    alike = {entry.item for entry in reading.items if any(_twins(entry, other, key) for other in reading.items)}
    if len(alike) < 2:
        return reading
    years = tuple(read for read in reading.values if not (isinstance(read.value, Quantity) and read.value.kind == YEAR))
    if asked_plainly(reading.text) or reading.has("seen", "reject", "accept"):
        return replace(reading, values=years)
    acts = {**reading.acts, **dict.fromkeys((*REQUESTS, "ask_fact", "small_talk", "greeting"), 0.0), "compare": 1.0}
    return replace(reading, acts=acts, values=years, facts=("other",))


def _twins(one: ReadItem, other: ReadItem, key: Callable[[str], str]) -> bool:
    return one.item != other.item and key(one.item) == key(other.item) != ""


def _only_tells(
    reading: Reading, read: ReadValue, items: Sequence[ReadItem], has: Callable[[str, ReadValue], bool]
) -> bool:
    """Tell whether a value stands in words that say which item is meant: "the old one with him"."""
    text, first = reading.text, min(entry.end for entry in items)
    for match in _APPOSED.finditer(text, first):
        if not match.start() <= read.start < match.end() or _WANTS.search(text[first : match.start()]):
            continue
        how = is_of(read.value, TONE) or (isinstance(read.value, FacetValue) and read.value.scaled)
        return bool(match["no"]) or how or any(has(entry.item, read) for entry in items)
    return False
