"""A message's reading beside those of its sentences: what a question of it asks for, the message asks for.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.reading import SWALLOWING, Reading, ReadItem, ReadValue, asks_for_items, key_of
from pecrs.inference.understanding.refusals import refused as refused_in
from pecrs.linking.facets import KIND_FIELDS
from pecrs.linking.spans import inside, spans_of
from pecrs.linking.tones import BLEND
from pecrs.linking.values import is_of


def with_parts(reading: Reading, parts: Sequence[Reading]) -> Reading:
    """Return a message's reading with its sentences: what their questions ask for, the message asks for.

    Args:
        reading: The whole message.
        parts: Its sentences.
    """
    reading = _with_refused_series(replace(reading, parts=tuple(parts)), parts)
    others = [part for part in parts if part not in reading.questions and asks_for_items(part)]
    by_role = _roles_of_parts(parts, reading.questions, others)
    sure = {key_of(read.value): read.chance for part in parts for read in part.values}
    doubtless = refused_in(reading.text, [(read.start, read.end) for read in reading.values])
    values = tuple(
        read if no and read.role in ("avoid", "dislike") else _changed(read, by_role.get(read.role, {}), sure)
        for read, no in zip(reading.values, doubtless, strict=True)
    )
    values = _refused_throughout(reading.text, values, doubtless)
    facts = tuple(dict.fromkeys(fact for part in reading.questions if part.has("ask_fact") for fact in part.facts))
    overheard = bool(others) and reading.has(*SWALLOWING, "ask_fact") and not reading.has(*REQUESTS, *_AGAINST)
    acts = {**reading.acts, "ask_more": 1.0} if overheard else reading.acts
    items = _with_items_of(reading, parts, others)
    return replace(reading, acts=acts, facts=facts or reading.facts, values=values, items=items)


def _with_refused_series(reading: Reading, parts: Sequence[Reading]) -> Reading:
    """Return a reading that refuses the series that a sentence of it refuses, though the whole names an item there."""
    asked = {key_of(read.value) for part in parts if part in reading.questions for read in part.values}
    reading = replace(reading, values=tuple(r for r in reading.values if not _is_of_question(reading, r, asked)))
    known = {key_of(read.value) for read in reading.values}
    found: list[ReadValue] = []
    for part in parts:
        start = reading.text.find(part.text)
        for read in part.values if start >= 0 else ():
            if read.role == "avoid" and is_of(read.value, "series") and key_of(read.value) not in known:
                value = replace(read.value, start=start + read.start, end=start + read.end)
                found.append(replace(read, value=value))
    if not found:
        return reading
    items = tuple(e for e in reading.items if e.start >= e.end or inside((e.start, e.end), spans_of(found)) is None)
    values = tuple(sorted((*reading.values, *found), key=lambda read: read.start))
    return replace(reading, items=items, values=values)


def _is_of_question(reading: Reading, read: ReadValue, asked: Collection[object]) -> bool:
    """Tell whether a series seems refused only where a question names an item of it."""
    if read.role != "avoid" or not is_of(read.value, "series") or key_of(read.value) in asked:
        return False
    spans = [(reading.text.find(part.text), part.text) for part in reading.questions]
    return inside((read.start, read.end), [(at, at + len(text)) for at, text in spans if at >= 0]) is not None


def _roles_of_parts(
    parts: Sequence[Reading], questions: Sequence[Reading], others: Sequence[Reading]
) -> Mapping[str, Mapping[object, str]]:
    """Return by the role that a value has in the whole message the roles that sentences give such values instead.

    Args:
        parts: The sentences.
        questions: Those of them that ask about items.
        others: Those that ask for items.
    """
    told = [part for part in parts if part not in questions]
    named = [part for part in told if part.items and part.has("reject") and part not in others]
    asked, judged = _roles(others, "want"), _roles(parts, *_AVERSE)
    meant = {key_of(r.value) for part in told for r in part.values if r.role not in _AVERSE}
    questioned = {key: role for key, role in _roles(questions, "ask").items() if key not in meant}
    refused = {key: role for key, role in questioned.items() if key not in judged}
    plainly = dict.fromkeys(_unopposed(others) - judged.keys(), "want")
    apart = {key: role for key, role in _roles(told, *_AVERSE).items() if key not in questioned}
    opposed = {key: role for key, role in _roles(named, "avoid").items() if key not in asked}
    kinds = {key_of(r.value) for part in told for r in part.values if is_of(r.value, BLEND, *KIND_FIELDS)}
    liked_kinds = {key: role for key, role in _roles(told, "like").items() if key in kinds}
    return {
        "want": {**questioned, **opposed},
        "like": questioned,
        "avoid": {**plainly, **refused},
        "dislike": plainly,
        "ask": {**asked, **apart},
        "incidental": {**liked_kinds, **asked, **judged},
    }


_AVERSE = ("avoid", "dislike")


def _roles(parts: Iterable[Reading], *roles: str) -> dict[object, str]:
    """Return by value the role that sentences give it, of those given."""
    return {key_of(read.value): read.role for part in parts for read in part.values if read.role in roles}


def _refused_throughout(
    text: str, values: Sequence[ReadValue], doubtless: Sequence[bool | None]
) -> tuple[ReadValue, ...]:
    """Return values of which what a sentence plainly refuses is wanted by no other that only goes on about it."""
    refused = {key_of(read.value) for read, no in zip(values, doubtless, strict=True) if no and read.role == "avoid"}
    return tuple(
        replace(read, role="avoid")
        if read.role in ("want", "like") and key_of(read.value) in refused and not _wants(text, read.start)
        else read
        for read in values
    )


def _wants(text: str, place: int) -> bool:
    """Tell whether a sentence asks for something before a place in it, or sets it against what was said."""
    return _WANTING.search(re.split(r"[.!?;]", text[:place])[-1]) is not None


_WANTING = re.compile(
    r"\b(?:wants?|like|love|give|show|find|recommend|suggest|prefer|rather|need|but|except|unless|instead|another|some|"
    r"something|anything|one with|ok|fine|any)\b",
    re.IGNORECASE,
)


def _unopposed(parts: Iterable[Reading]) -> set[object]:
    """Return what sentences want that have no word against it."""
    wanted = ((part.text, read) for part in parts for read in part.values if read.role == "want")
    return {key_of(read.value) for text, read in wanted if refused_in(text, [(read.start, read.end)]) == [False]}


def _changed(read: ReadValue, roles: Mapping[object, str], sure: Mapping[object, float]) -> ReadValue:
    """Return a value in the role, and as surely meant, as its sentence has it, where that counts more."""
    key = key_of(read.value)
    return replace(read, role=roles[key], chance=sure.get(key, read.chance)) if key in roles else read


def _with_items_of(reading: Reading, parts: Sequence[Reading], others: Sequence[Reading]) -> tuple[ReadItem, ...]:
    """Return a message's items: examples of a sentence that asks stay examples, and what one is against is disliked."""
    examples = {
        entry.item
        for part in others
        for entry in part.items
        if entry.role == "like" and _EXAMPLE.search(part.text[: entry.start])
    }
    against = {e.item for part in parts if not part.has("compare") for e in part.items if e.role == "dislike"}
    return tuple(
        replace(e, role="like")
        if e.item in examples and e.role in ("avoid", "dislike")
        else replace(e, role="dislike")
        if e.item in against - examples and e.role in ("like", "incidental")
        else e
        for e in reading.items
    )


_EXAMPLE = re.compile(r"\b(?:something|anything|one|more|films?|movies?|books?) (?:like|similar to)\b", re.IGNORECASE)
"""Before an example that a sentence gives, whatever the others are against."""

_AGAINST = ("reject", "seen", "off_topic", "foreign")
