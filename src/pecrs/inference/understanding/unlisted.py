"""Kinds of goods and features that no column of a catalogue names: "kayaks", "with a hood"; and words for known ones.

Source: design section 4.
"""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from pecrs.inference.language.lexicon import listed
from pecrs.inference.understanding.plain_requests import MANNERS, is_kind, request_words
from pecrs.inference.understanding.reading import Reading, ReadValue
from pecrs.linking.facets import TEXT, stem, stems
from pecrs.linking.lexicon import CHATTER, FUNCTION, fold, folded, words_of
from pecrs.linking.spans import meets, spans_of
from pecrs.linking.values import FacetValue, ValueFinder

_LEAD = request_words("lead")
_NO_THING = request_words("request") | request_words("no_thing") | CHATTER
_FRAME = re.compile(
    r"\b(?:(?:do|did|will|can) (?:you|u|ya)(?: guys)?(?: \w+)? (?:have|sell|carry|stock|offer|keep)|got|"
    r"have you(?: got)?|(?:i|we)(?: really| also| just)? (?:need|want|require)|"
    r"(?:look|looking|search|searching|shopping|hunting) for|after|"
    r"(?:show|find|get|give|sell|recommend|suggest)(?: me| us)?|i['’]?d (?:like|love)|(?:would|'d) like|buy|"
    r"(?:is|are) there|any)\s+(?P<rest>.*)",
    re.IGNORECASE,
)


def unlisted(reading: Reading, finder: ValueFinder) -> tuple[tuple[str, ...], list[ReadValue]]:
    """Return the kinds of things that are asked for and missing, and what else than the values found is meant.

    Args:
        reading: A message.
        finder: Finds the catalogue's values.
    """
    missing, near = _unknown_kind(reading, finder)
    return missing, [*near, *_features(reading, finder)]


def _unknown_kind(reading: Reading, finder: ValueFinder) -> tuple[tuple[str, ...], list[ReadValue]]:
    """Return the kind that is asked for and that the catalogue lacks, and what comes near.

    Where the words of items tell of it, these items are of the kind; else kinds of goods that are near it come near.
    """
    if any(is_kind(read.value) for read in reading.values) or reading.items:
        return (), []
    span = _asked_thing(reading)
    if span is None:
        return (), []
    said = reading.text[slice(*span)]
    words = list(map(stem, folded(said)))
    for known in (" ".join(words), words[-1]):
        if finder.facets.count([TEXT], known):
            return (), [ReadValue(FacetValue(*span, (TEXT,), known, said, False), "want")]
    return (said,), [ReadValue(finder.value(reading.text, *span, key), "want") for key in finder.goods.nearest(said)]


def _features(reading: Reading, finder: ValueFinder) -> list[ReadValue]:
    """Return what items should have and no column names, to be looked for in their words: "with a hood"."""
    found: list[ReadValue] = []
    spans = spans_of(reading.values)
    for match in _WITH.finditer(reading.text):
        span = match.span("thing")
        said, key = match["thing"], " ".join(map(stem, folded(match["thing"])))
        if not meets(span, spans) and key not in _NO_THING and said.lower() not in finder.fields.names:
            found.append(ReadValue(FacetValue(*span, (TEXT,), key, said, False), "want"))
    size = _SIZE.search(reading.text)
    if size is not None and "size" not in finder.fields.names:
        found.append(ReadValue(FacetValue(*size.span(), ("size",), size[1].lower(), size[0]), "want"))
    return found


_SIZE = re.compile(r"\bsize (\d{1,2}(?:[.,]5)?|x{0,3}[sl]|m)\b", re.IGNORECASE)
_WITH = re.compile(
    r"\b(?:with|without|that has|that have|having|featuring|including)\s+(?:(?:an?|the|any|some|no)\s+)?"
    r"(?P<thing>[a-z-]{3,})\b(?=\W*(?:$|[,.;!?]|and\b|or\b|for\b|under\b|from\b|in\b|but\b|please\b))",
    re.IGNORECASE,
)


def _asked_thing(reading: Reading) -> tuple[int, int] | None:
    """Return the span of the thing that a message asks for, where it is no value: "kayaks" of "do you have kayaks?"."""
    match = _FRAME.search(reading.text)
    if match is None and (len(reading.text.split()) > _BARE or reading.has(*MANNERS)):
        return None
    offset = match.start("rest") if match else 0
    spans = spans_of(reading.values)
    said: list[tuple[int, int]] = []
    for word in words_of(reading.text[offset:]):
        start, end = offset + word.start(), offset + word.end()
        inside, key = meets((start, end), spans), fold(word.group())
        between = reading.text[said[-1][1] : start].strip(" -'’") if said else ""
        if said and (inside or key in FUNCTION or between):
            break
        if not inside and key not in _LEAD:
            if key in _NO_THING or key.isdigit():
                break
            said.append((start, end))
    return (said[0][0], said[-1][1]) if said else None


_BARE = 3
"""A message of so few words may be the name of a thing and nothing else."""


def mapped_words(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return the words of a message that stand for a value of the catalogue that is written otherwise, with it."""
    found: dict[str, list[str]] = {}
    for read in reading.values:
        value = read.value
        said = reading.text[value.start : value.end]
        if isinstance(value, FacetValue) and not (value.exact or value.scaled or value.fields[0] == TEXT):
            if said in reading.missing:
                continue
            words = stems(said)
            own = stems(value.label)
            if (
                fuzz.ratio(said.lower(), value.label.lower()) < _ALIKE
                and not words & own
                and "".join(sorted(words)) not in "".join(sorted(own))
            ):
                found.setdefault(said, []).append(value.label)
    return tuple((said, listed(labels, "or")) for said, labels in found.items())


_ALIKE = 75
"""Words so alike are one word, spelt otherwise."""
