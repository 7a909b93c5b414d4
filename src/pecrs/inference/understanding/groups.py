"""Several items named at once: "both Kill Bills", "the Alien movies", and parts of a series that are not there.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.corrections import says_meant
from pecrs.inference.understanding.questions import asks_parts
from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue, is_question
from pecrs.inference.understanding.refusals import NOT
from pecrs.inference.understanding.tastes_told import fronted_as_seen
from pecrs.linking.facets import Facets, value_key
from pecrs.linking.lexicon import ARTICLES, CHATTER, fold, frequency
from pecrs.linking.spans import meets, spans_of
from pecrs.linking.unknown import UnknownName
from pecrs.linking.values import FacetValue

_SERIES = "series"
_WORD = r"[\w'’&.-]+"
_GROUP = re.compile(
    r"\b(?:both|all|every|each|the|any|those|how many)(?: of)?(?: the)?"
    r"(?: (?:whole|entire|other|rest of the|two|three|four|five|"
    rf"[2-9]|first two|first three))?\s+(?P<name>{_WORD}(?:\s+{_WORD}){{0,4}}?)\s+"
    r"(?:movies?|films?|books?|parts|ones|series|franchise|saga|trilogy|order)\b|"
    rf"\b(?:both|all|every)(?: of)?(?: the)?(?: (?:two|three|four|five|[2-9]))?\s+"
    rf"(?P<plural>{_WORD}(?:\s+{_WORD}){{0,3}}?s)\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    r"\b(?:no|not|any|another|more|other|of|the|hate|except|without|but)"
    r"(?: more)?(?: of)?(?: the)?(?: (?:old|new))?\s+"
    rf"(?P<plural>(?:{_WORD}\s+){{0,2}}?(?P<last>[\w'’]{{3,}}s))\b",
    re.IGNORECASE,
)
_NO_WORD = 2.0
"""Frequency under which a plural is none of an everyday word, and so that of a title: "no Rockys", not "no aliens"."""

_SEEN = re.compile(r"\b(?:seen|watched|saw|know|read)\b(?:[^.?!;]|[.!;] (?=(?:and|also|plus)\b))*$", re.IGNORECASE)
_UNSEEN = re.compile(rf"(?:{NOT}|\bnever)\b", re.IGNORECASE)
_ALL_SEEN = re.compile(
    r"[^.?!;]{0,30}?\b(?:seen|watched|saw|read|done) (?:all|both|every one|the (?:whole|entire|lot))"
    r"(?: (?:of|them|those|these|the|series|trilogy|franchise|saga|lot|parts|\d|two|three|four|five|six))*"
    r"\s*(?:$|[.,!?;])",
    re.IGNORECASE,
)
"""Behind an item of a series that was seen as a whole: "not toy story, seen all 3"."""

_NUMBER = r"(?:[2-9]|ii|iii|iv|vi?)"
_PART = re.compile(
    rf"(?P<name>{_WORD}(?:\s+{_WORD}){{0,4}}?)\s+(?:(?:part\s+)?{_NUMBER}|part (?:two|three|four))"
    rf"(?:\s*(?:,|and|&|or)\s*(?:part\s+)?{_NUMBER})*"
    r"(?=\s*(?:$|[.?!,;])|\s+(?:is|are|was|were|too|also|out|yet|there|here|exists?|and|or|then|as well)\b)",
    re.IGNORECASE,
)
_EVERYDAY = 4.8
"""Frequency from which a single word before a number is no title: "give me 2"."""


def groups_named(text: str, facets: Facets) -> tuple[FacetValue, ...]:
    """Return the series that a message names as several items: "both kill bills", "the alien movies".

    Args:
        text: The message.
        facets: Of the catalogue.
    """
    found = []
    for match in _GROUP.finditer(text):
        group = "name" if match["name"] else "plural"
        said = match[group]
        key = next((key for key in map(value_key, (said, f"the {said}")) if facets.count([_SERIES], key) > 1), None)
        if key is not None:
            start, end = match.span(group)
            found.append(FacetValue(start, end, (_SERIES,), key, facets.spelling(_SERIES, key)))
    held = spans_of(found)
    plurals = [match for match in _PLURAL.finditer(text) if not meets(match.span("plural"), held)]
    return (*found, *filter(None, (_of_plural(match, facets) for match in plurals)))


def _of_plural(match: re.Match[str], facets: Facets) -> FacetValue | None:
    """Return the series that a plural means which is no word: "no rockys"."""
    said, last = match["plural"], fold(match["last"])
    if frequency(last) >= _NO_WORD:
        return None
    single = re.sub(r"(?:['’]s|es|s)$", "", said) if last.endswith("xes") else re.sub(r"['’]?s$", "", said)
    key = next((key for key in map(value_key, (single, f"the {single}")) if facets.count([_SERIES], key) > 1), None)
    return None if key is None else FacetValue(*match.span("plural"), (_SERIES,), key, facets.spelling(_SERIES, key))


def missing_parts(
    text: str, taken: Sequence[tuple[int, int]], entitled: Callable[[str], Sequence[str]], facets: Facets
) -> Iterator[tuple[UnknownName, str]]:
    """Yield parts of series that the catalogue lacks, each with an item of the name: "infernal affairs 2 and 3".

    Args:
        text: The message.
        taken: Spans that name items.
        entitled: Returns the items of a title.
        facets: Of the catalogue.
    """
    for match in _PART.finditer(text):
        words = list(re.finditer(_WORD, match["name"]))
        for word in words:
            start = match.start("name") + word.start()
            name = text[start : match.end("name")]
            own = [key for key in map(fold, name.split()) if key not in ARTICLES]
            if len(own) < 2 and any(key in CHATTER or frequency(key) >= _EVERYDAY for key in own or ["the"]):
                continue
            titled, series = entitled(name) or entitled(f"the {name}"), _of_series(facets, value_key(name))
            items = [item for item in titled if item in series] or titled or series
            here = entitled(text[start : match.end()])  # not linked, yet not missing
            if items and not here and not meets((start, match.end()), taken):
                yield UnknownName(start, match.end(), text[start : match.end()]), items[0]
                break


def _of_series(facets: Facets, key: str) -> list[str]:
    """Return the items of a series, the oldest first."""
    items = [item for item in facets.catalogue if item.year is not None and key in map(value_key, item.values(_SERIES))]
    return [item.id for item in sorted(items, key=lambda item: item.year or 0)]


def with_groups(reading: Reading, facets: Facets, entitled: Callable[[str], Sequence[str]]) -> Reading:
    """Return a reading in which series that were seen are their items, and titles that mean a series are these.

    Where is asked what parts there are, or in which order, a series is its first item.

    Args:
        reading: As it was read.
        facets: Of the catalogue.
        entitled: Returns the items of a title.
    """
    lacking = [item for name in reading.unknown for _, item in missing_parts(name.name, (), entitled, facets)]
    asked = is_question(reading.text) or reading.has("ask_fact", "compare") or asks_parts(reading.text)
    if lacking and asked:
        return _asking_parts(reading, (ReadItem(lacking[0], "ask"),))
    parts = asks_parts(reading.text) and (is_question(reading.text) or reading.has("ask_fact"))
    reading = reading if parts else _as_series(reading, facets)
    kept: list[ReadValue] = []
    items = [*reading.items, *_all_seen(reading, facets)]
    for read in reading.values:
        value = read.value
        if not isinstance(value, FacetValue) or value.fields != (_SERIES,):
            kept.append(read)
        elif _is_seen(reading, value, read.role):
            items += [ReadItem(item, "seen", value.start, value.end) for item in _of_series(facets, value.key)]
        elif parts and not reading.items:
            items += [ReadItem(item, "ask", value.start, value.end) for item in _of_series(facets, value.key)[:1]]
        else:
            kept.append(read)
    acts = reading.acts
    if parts and items:
        return _asking_parts(reading, items)
    if len(items) > len(reading.items):
        acts = {**acts, "seen": 1.0}
    return replace(reading, acts=acts, items=tuple(items), values=tuple(kept))


def _all_seen(reading: Reading, facets: Facets) -> Iterator[ReadItem]:
    """Yield the other parts of series that were seen as a whole, where one part was named."""
    for entry in reading.items:
        if entry.item in facets.catalogue and _ALL_SEEN.match(reading.text, entry.end):
            for series in facets.catalogue[entry.item].values(_SERIES):
                for item in _of_series(facets, value_key(series)):
                    yield ReadItem(item, "seen", entry.start, entry.end)


def asks_missing(reading: Reading) -> bool:
    """Tell whether a message asks about parts of a series that the catalogue lacks, in whatever sentences.

    Args:
        reading: Of :func:`with_groups`.
    """
    return reading.facts == (_SERIES,) and any(_PART.fullmatch(name.name) for name in reading.unknown)


def _asking_parts(reading: Reading, items: Sequence[ReadItem]) -> Reading:
    return replace(reading.asking("reject", "compare"), items=tuple(items), values=(), facts=(_SERIES,))


def _is_seen(reading: Reading, value: FacetValue, role: str) -> bool:
    before = reading.text[: value.start]
    said = _SEEN.search(before)
    if fronted_as_seen(reading.text, ReadItem("", role, value.start, value.end)):
        return True
    return said is not None and not _UNSEEN.search(before[max(0, said.start() - 12) :]) and role != "ask"


_TOLD_OF = re.compile(r"\s+(?:is|was|has|had|looks|sounds|seems|isn['’]?t|wasn['’]?t)\b", re.IGNORECASE)


def _is_one_of_it(reading: Reading, entry: ReadItem, facets: Facets) -> bool:
    """Tell whether a title is told of, or named beside another part, and so not its series: "Alien or Aliens"."""
    if entry.role == "want" and _TOLD_OF.match(reading.text, entry.end):
        return True
    series = set(facets.catalogue[entry.item].values(_SERIES)) if entry.item in facets.catalogue else set()
    others = {other.item for other in reading.items if other.item != entry.item and other.item in facets.catalogue}
    return any(not series.isdisjoint(facets.catalogue[other].values(_SERIES)) for other in others)


def _as_series(reading: Reading, facets: Facets) -> Reading:
    """Take titles that are names of series as these where they are wanted or refused: "not another Batman"."""
    kept: list[ReadItem] = []
    series: list[ReadValue] = []
    for entry in reading.items:
        key = value_key(reading.text[entry.start : entry.end])
        alone = sum(entry.start == other.start for other in reading.items) == 1  # not two items of that title
        if (
            alone
            and entry.role in ("want", "avoid")
            and not says_meant(reading.text)
            and not reading.has("accept", "compare")
            and (reading.has(*REQUESTS) or not reading.has("ask_fact"))
            and facets.count([_SERIES], key) > 1
            and not _is_one_of_it(reading, entry, facets)
        ):
            label = facets.spelling(_SERIES, key)
            series.append(ReadValue(FacetValue(entry.start, entry.end, (_SERIES,), key, label), entry.role))
        else:
            kept.append(entry)
    values = sorted([*reading.values, *series], key=lambda read: read.value.start)
    return replace(reading, items=tuple(kept), values=tuple(values))
