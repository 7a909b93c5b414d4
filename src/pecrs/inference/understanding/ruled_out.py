"""Items that a message names only to rule them out: "Frozen is done to death", "they did Heat, so neither of those".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue
from pecrs.inference.understanding.refusals import refused
from pecrs.linking.lexicon import OPENING
from pecrs.linking.spans import spans_of
from pecrs.linking.values import is_of

_NEITHER = re.compile(
    r"\b(?:neither|none|not (?:either|any)) of (?:them|those|these|the two)\b|\bneither\W*$|"
    r"\bnot (?:those|these|them)(?: two| ones)?\b(?! \w+ (?:but|only))|\bno to (?:both|all|those)\b|"
    r"\bboth (?:are )?(?:out|off the table)\b",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"\b(?:leave|leaving|count|keep|rule) (?:that|this|it|them|those|these|both)(?: one| ones)? out\b|"
    r"\b(?:skip|skipping|drop|exclude|avoid|omit) (?:that|this|it|them|those|both)\b|"
    r"\bso (?:please |maybe )?not (?:that|this|it)(?: one)?(?: again)?\b",
    re.IGNORECASE,
)
_WORN = re.compile(
    r"\b(?:done|watched|seen|played|flogged|quoted) to death\b|\bworn (?:it |them )?out\b|\bover and over\b|"
    r"\bad nauseam\b|^ already\b(?=\W*(?:$|,))|"
    r"\b(?:about |like |some )?(?:\d+|a (?:dozen|hundred|thousand|million|zillion)|(?:so|too) many|"
    r"dozens of|hundreds of) times\b|\bon (?:repeat|loop|a loop)\b|\bknows? (?:it|that|them) by heart\b",
    re.IGNORECASE,
)
_TOO = re.compile(rf"\W*{OPENING}(?:and |n )?\W*(?:too|also|as well|same|ditto|likewise)\b\W*", re.IGNORECASE)
_SAME = re.compile(r"[^.?!]*\b(?:same (?:with|for|goes for)|ditto(?: for)?|so has|so is)\s+", re.IGNORECASE)
_SENTENCE = re.compile(r"[.?!;]")
_OPEN = ("want", "like", "incidental")
_REFUSED = ("avoid", "dislike")


def ruling_out(reading: Reading) -> Reading:
    """Return a reading in which items that are named only to be ruled out are seen.

    Args:
        reading: As it was read.
    """
    if not reading.items or reading.has("ask_fact", "compare", "ask_why"):
        return reading
    items = tuple(_ruled_out(reading, reading.items))
    if items == reading.items and not (_WORN.search(reading.text) and reading.roles("seen")):
        return reading
    acts = {**reading.acts, "accept": 0.0, "small_talk": 0.0, "praise": 0.0, "seen": 1.0}
    return replace(reading, acts=acts, items=items)


def not_ruled_out(reading: Reading) -> Reading:
    """Return a reading that turns no item down that a sentence of it wants, unless words rule it out.

    Args:
        reading: With its sentences.
    """
    own = {entry.item: entry.role for part in reading.parts for entry in part.items}
    doubtless = refused(reading.text, spans_of(reading.items))
    items = tuple(
        replace(entry, role=own[entry.item])
        if entry.role in _REFUSED
        and own.get(entry.item) in ("want", "like")
        and not no
        and not (_NEITHER.search(reading.text, entry.end) or _LEFT.search(reading.text, entry.end))
        else entry
        for entry, no in zip(reading.items, doubtless, strict=True)
    )
    return replace(reading, items=items)


def _ruled_out(reading: Reading, items: tuple[ReadItem, ...]) -> list[ReadItem]:
    text = reading.text
    found: list[ReadItem] = []
    for entry in items:
        neither = _NEITHER.search(text, entry.end) or _LEFT.search(text, entry.end)
        worn = _WORN.search(_clause(text, entry.end))
        too = neither or (_WORN.search(text) and _likewise(text, found[-1], entry)) if found else None
        again = too and found[-1].role == "seen" and entry.role != "ask"
        said = entry.role in ((*_OPEN, *_REFUSED) if worn else _OPEN if neither else ()) and entry.start < entry.end
        found.append(replace(entry, role="seen") if said or again else entry)
    return found


def _likewise(text: str, before: ReadItem, entry: ReadItem) -> bool:
    """Tell whether what is said of an item is said of the next one, too: "moana too", "same with clueless"."""
    joined = _SAME.fullmatch(text, before.end, entry.start) if before.end <= entry.start else None
    return joined is not None or _TOO.fullmatch(_alone(text, entry)) is not None


def _clause(text: str, start: int) -> str:
    """Return what follows a place in its sentence."""
    return _SENTENCE.split(text[start:])[0]


def _alone(text: str, entry: ReadItem) -> str:
    """Return the sentence of an item without it."""
    before = _SENTENCE.split(text[: entry.start])[-1]
    return before + _clause(text, entry.end)


def watched(text: str, values: Sequence[ReadValue]) -> tuple[ReadValue, ...]:
    """Return values of which a series that was watched is seen, and the "trilogy" behind it means nothing more."""
    found: list[ReadValue] = []
    for read in values:
        if is_of(read.value, "series") and _WATCHED.search(text[: read.value.start]):
            found.append(replace(read, role="seen"))
        elif found and found[-1].role == "seen" and not text[found[-1].value.end : read.value.start].strip():
            found.append(replace(read, role="incidental"))
        else:
            found.append(read)
    return tuple(found)


_WATCHED = re.compile(
    r"(?<!n't )(?<!not )(?<!never )\b(?:finished|(?:re)?[- ]?watched|seen|binged|been through)"
    r"(?: (?:watching|with|all|both|of|every|each|whole|entire|the))*\s*$",
    re.IGNORECASE,
)
