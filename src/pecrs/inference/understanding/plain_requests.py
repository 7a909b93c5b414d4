"""What plain words say of a shop's goods, whatever the model reads: it learned to read from talk about films.

A message whose words are values of the catalogue, numbers, and the words of any request *is* a request, and "not",
"without" and "except" say what is refused. A question that names a column is about that column. Source: design
section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

import yaml

from pecrs.inference.constraints import order_of, slot_of
from pecrs.inference.understanding.pointing import THEY, points_back
from pecrs.inference.understanding.reading import Reading, ReadValue
from pecrs.inference.understanding.removals import takes_back
from pecrs.linking.facets import KIND_FIELDS
from pecrs.linking.fields import FieldNames
from pecrs.linking.lexicon import ARTICLES, CUES, FUNCTION, GREETINGS, OPENING, fold, words_of
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import meets, spans_of
from pecrs.linking.values import FacetValue

MANNERS = (
    "thanks",
    "goodbye",
    "greeting",
    "affirm",
    "negate",
    "accept",
    "reject",
    "seen",
    "praise",
    "ask_why",
    "compare",
)
_LIST = re.compile(
    r"\b(?:list|all (?:the|your|of)|show me (?:your|the|some|all)|(?:which|what)\s+(?:\S+\s+){0,5}(?:do|have|are|is)|"
    r"options|choices|a few|some|several|range of)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\b(?:not|no|nor|neither|without|except(?: for)?|but not|other than|anything but|excluding|apart from|besides|"
    r"(?:any|anything|everything|all)(?:\s+\w+)? but|minus|avoid|hate|dislike|never|nothing|"
    r"(?:do|does|is|are|ca|wo|would|should|did)nt)\b|n['’]t\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:\s|,|/|\b(?:a|an|the|any|or|nor|and|by|from|in|of|with|brand|colou?r|made|like|want|be|too|very|that|so|one|ones|"
    r"really|is|it|have|to|please)\b)*",
    re.IGNORECASE,
)
_OPEN = re.compile(rf"^\W*{OPENING}(?:what|which|how|who|when|where)\b", re.IGNORECASE)
_CLOSED = re.compile(
    rf"^\W*{OPENING}(?:is|are|was|does|do|has|have|can|will)\s+"
    r"(?:it|they|this|that|these|those|the|you\s+have\s+(?:it|them|that|this)|there\s+any\s+left)\b",
    re.IGNORECASE,
)


def grounded_in_columns(
    reading: Reading,
    fields: FieldNames,
    offered: Sequence[str],
    unlisted: Callable[[Reading], tuple[tuple[str, ...], Sequence[ReadValue]]],
) -> Reading:
    """Return a reading that agrees with what its plain words say about the catalogue's columns.

    Args:
        reading: As the model read it.
        fields: What the catalogue's columns are called.
        offered: Items of the latest reply that named any.
        unlisted: Says which kinds of things are asked for and missing, and what else than the values found is meant.
    """
    question = _question(reading, fields, offered)
    if question is not None:
        return question
    missing, more = unlisted(reading)
    if more:
        reading = replace(reading, values=tuple(sorted((*reading.values, *more), key=lambda read: read.value.start)))
    if missing or more or reading.dropped or _asks_plainly(reading):
        return replace(_request(reading), missing=missing)
    return reading


def asking_own_columns(reading: Reading, fields: FieldNames, offered: Sequence[str], known: Iterable[str]) -> Reading:
    """Return a reading that asks about the catalogue's own columns where it has none of the facts as films have them.

    Args:
        reading: As the model read it: "which album is it on?" asks for a fact of another kind.
        fields: What the catalogue's columns are called.
        offered: Items of the latest reply that named any.
        known: The kinds of facts that some column of the catalogue tells.
    """
    if not reading.has("ask_fact") or not set(reading.facts).isdisjoint(known):
        return reading
    return _question(reading, fields, offered) or reading


def acting_as(reading: Reading, plain: Reading) -> Reading:
    """Return a reading with the acts of another one of the same words, but what it turns down stays turned down.

    Args:
        reading: As the model read it.
        plain: As its plain words say.
    """
    return replace(plain, values=reading.values, acts={**plain.acts, "reject": reading.acts.get("reject", 0.0)})


@cache
def request_words(name: str) -> frozenset[str]:
    """Return a list of ``request_words.yaml``, folded; the words of any request come with those of all sentences."""
    text = (resources.files("pecrs.inference.understanding") / "request_words.yaml").read_text(encoding="utf-8")
    words = frozenset(map(fold, yaml.safe_load(text)[name].split()))
    return words | ARTICLES if name == "lead" else words | FUNCTION | GREETINGS | CUES if name == "request" else words


def _question(reading: Reading, fields: FieldNames, offered: Sequence[str]) -> Reading | None:
    """Return a reading of a question about an item; None where it is none."""
    text = reading.text
    if _SELLS.match(text) and not reading.values:
        return replace(reading, acts={**dict.fromkeys(reading.acts, 0.0), "ask_help": 1.0})
    if not (offered or reading.items) or any(is_kind(read.value) for read in reading.values):
        return None
    stock = fields.of("stock") or fields.facets.number_field("money")
    if reading.items and stock and _CARRIED.match(text):
        return _as_question(reading, (stock,), ())
    asked = tuple(fields.asked(text))
    named = bool(reading.items) or points_back(text) or THEY.search(text)
    closed = _CLOSED.match(text) and named and (asked or reading.values)
    if not closed and not (_OPEN.match(text) and asked and (named or len(text.split()) < 6)):
        return None
    values = tuple(ReadValue(read.value, "ask") for read in reading.values) if closed else ()
    values = tuple(read for read in values if not (isinstance(read.value, FacetValue) and read.value.scaled))
    return _as_question(reading, asked or reading.facts, values)


def _as_question(reading: Reading, facts: tuple[str, ...], values: tuple[ReadValue, ...]) -> Reading:
    return replace(reading.asking(*_OFF, "compare", "ask_why"), facts=facts, values=values)


_SELLS = re.compile(
    rf"^\W*{OPENING}what (?:do|can|kinds? of (?:things?|goods|products?) do) (?:you|u|ya) "
    r"(?:have|sell|carry|offer|stock)\W*$",
    re.IGNORECASE,
)
_CARRIED = re.compile(
    rf"^\W*{OPENING}(?:do you (?:still )?(?:have|sell|carry|stock)|"
    r"have you (?:still )?got|is there)\b",
    re.IGNORECASE,
)
_OFF = ("off_topic", "small_talk", "ask_help", "foreign", "accept", "inform", "clarify", "not_seen", "no_preference")


def _asks_plainly(reading: Reading) -> bool:
    """Tell whether a message's words are values, numbers and those of any request, nothing else."""
    if not reading.values:
        return False
    spans = spans_of([*reading.values, *reading.items])
    others = (fold(match.group()) for match in words_of(reading.text) if not meets(match.span(), spans))
    return all(word in request_words("request") or word.isdigit() for word in others)


def _request(reading: Reading) -> Reading:
    """Return a reading as a request, with what its plain words refuse."""
    text, values = reading.text, []
    for place, read in enumerate(reading.values):
        refused = _refused(reading, place)
        again = isinstance(read.value, Quantity) and re.match(r"\s*(?:no|not)\b", text[read.value.start :], re.I)
        role = "incidental" if takes_back(text, read.value) else "avoid" if refused and not again else "want"
        values.append(read.as_said(role))
    values = _kept_kinds(values)
    acts = {**reading.acts, **dict.fromkeys((*_OFF, *MANNERS, "ask_fact", "give_preference", "ask_list"), 0.0)}
    kinds = any(is_kind(read.value) and read.role == "want" for read in values)
    acts["ask_recommendation" if kinds else "refine"] = 1.0
    acts["refine" if kinds else "ask_recommendation"] = 0.0
    counted = any(isinstance(read.value, Quantity) and read.value.kind == "count" for read in values)
    ordered = any(order_of(read, text) is not None for read in values)
    if counted or (_LIST.search(text) and not ordered):
        acts["ask_list"] = 1.0
    return replace(reading, acts=acts, values=tuple(values))


def _kept_kinds(values: Sequence[ReadValue]) -> list[ReadValue]:
    """Return values of which a kind that is refused with something before it is not: "no red jackets" are jackets."""
    wanted = any(is_kind(read.value) and read.role == "want" for read in values)
    kept, before = [], None
    for read in values:
        refined = before is not None and before.role == "avoid" and not is_kind(before.value)
        near = before is not None and 0 <= read.value.start - before.value.end <= 1
        if read.role == "avoid" and is_kind(read.value) and refined and near:
            read = replace(read, role="incidental" if wanted else "want")
        kept.append(read)
        before = read
    return kept


def _refused(reading: Reading, place: int) -> bool:
    """Tell whether a word of refusal reaches a value: only values of one list and small words stand between.

    Args:
        reading: The message.
        place: Of the value.
    """
    text, values = reading.text, [read.value for read in reading.values]
    for first in range(place, -1, -1):
        if place > first and not _one_list(text, values[first], values[first + 1]):
            return False
        before = values[first - 1].end if first else 0
        found = list(_NO.finditer(text, before, values[first].start))
        if found:
            return _GOES_ON.fullmatch(text, found[-1].end(), values[first].start) is not None
    return False


def _one_list(text: str, left: FacetValue | Quantity, right: FacetValue | Quantity) -> bool:
    """Tell whether two values belong to one list or noun: "red or blue", "a red tent", but not "red, a tent"."""
    gap = text[left.end : right.start]
    if _GOES_ON.fullmatch(gap) is None:
        return False
    return _slot(left) == _slot(right) or not re.search(r",|\band\b", gap)


def _slot(value: FacetValue | Quantity) -> str:
    return value.kind if isinstance(value, Quantity) else slot_of(value.fields)


def is_kind(value: FacetValue | Quantity) -> bool:
    """Tell whether a value says what kind of thing an item is."""
    return isinstance(value, FacetValue) and not value.scaled and value.fields[0] in KIND_FIELDS
