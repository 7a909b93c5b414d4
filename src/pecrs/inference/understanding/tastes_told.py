"""What a message says of the titles that it lists or puts first: "I love: A, B and C", "Psycho I've seen".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pecrs.inference.understanding.reading import ReadItem

_JOINED = re.compile(
    r"\s*(?:\(\d{4}\))?\s*(?:,\s*(?:and|or|n|also)?|\band\b|\bor\b|\bn\b|&|\+|/)\s*(?:the\s+)?[\"“]?", re.IGNORECASE
)
_FRONTED = re.compile(
    r"[\"”]?\s*(?:\(\d{4}\))?\s*,?\s*(?:(?:i|we|he|she|they)(?:['’]?ve|['’]s| have| has)?"
    r"(?: (?:already|just|also|both|all|obviously|of course|definitely))* (?:seen|saw|watched)\b(?! (?:him|her|it)\b)|"
    r"(?:i|we)(?: (?:already|almost))? know (?:it )?(?:by heart|inside out|too well)|"
    r"(?:already )?(?:seen|watched) (?:too|already|as well|twice|it)\b)",
    re.IGNORECASE,
)
"""Behind a title at the beginning of its sentence: it was seen."""

_LOVED_LIST = re.compile(
    r"\b(?:love[ds]?|like[ds]?|enjoy(?:ed)?|adore[ds]?|favou?rites?|taste)\b[^.?!:]{0,25}:\s*[\"“]?$", re.IGNORECASE
)
"""Before a list of what somebody loves: "films I love: "."""

_OPENS = re.compile(
    r"(?:^|[.!?;:]\s+|\b(?:and|but|no|ok|well|ah|oh|hm+|sorry|yes|yeah|nah)[,\s]\s*|[,–-]\s+)(?:the )?[\"“]?$", re.I
)


def listed_from(text: str, items: Sequence[ReadItem], entry: ReadItem) -> int:
    """Return where the list of titles begins that a title stands in: what is said before it counts for all.

    >>> listed_from("I love Heat, Ronin and Her", [ReadItem("a", "like", 7, 11), ReadItem("b", "like", 13, 18)],
    ...     ReadItem("c", "want", 23, 26))
    7

    Args:
        text: The message.
        items: What it names, in order.
        entry: One of them.
    """
    start = entry.start
    for other in reversed([item for item in items if item.start < item.end <= entry.start]):
        if _JOINED.fullmatch(text[other.end : start]) is None:
            break
        start = other.start
    return start


def as_listed(text: str, items: Sequence[ReadItem]) -> tuple[ReadItem, ...]:
    """Return items of which what is said by the way in a list of titles counts as the first of them does.

    Args:
        text: The message.
        items: What it names, in order.
    """
    loved = {entry.start for entry in items if _LOVED_LIST.search(text[: entry.start])}
    roles = {entry.start: "like" if entry.start in loved else entry.role for entry in items}
    first = [listed_from(text, items, entry) for entry in items]
    return tuple(
        replace(entry, role=roles[start])
        if roles[start] in ("like", "want") and (entry.role == "incidental" or start in loved)
        else entry
        for entry, start in zip(items, first, strict=True)
    )


def fronted_as_seen(text: str, entry: ReadItem) -> bool:
    """Tell whether a title opens its sentence and is said to have been seen.

    >>> fronted_as_seen("Psycho I've seen.", ReadItem("a", "want", 0, 6))
    True

    Args:
        text: The message.
        entry: The title.
    """
    if entry.start >= entry.end or _FRONTED.match(text, entry.end) is None:
        return False
    return _OPENS.search(text[: entry.start]) is not None


def seen_and_liked(text: str, items: Sequence[ReadItem]) -> tuple[ReadItem, ...]:
    """Return items with those that were seen and are praised for it liked as well: "we saw Heat, loved it".

    Args:
        text: The message.
        items: What it names, in order.
    """
    found: list[ReadItem] = []
    for entry in items:
        praised = entry.role == "seen" and entry.start < entry.end and _LOVED_IT.match(text, entry.end) is not None
        found += [entry, replace(entry, role="like")] if praised else [entry]
    return tuple(found)


_LOVED_IT = re.compile(
    r"[^.?!;]{0,40}?(?:\b(?:and|but|which)\b|[,–-])\s*(?:(?:i|we|have|really|absolutely|totally|just|both|also) )*"
    r"(?:(?:loved|adored|enjoyed|liked)\b(?! (?:how|to|when))|"
    r"(?:it )?was (?:great|amazing|brilliant|fantastic|wonderful|lovely|good)\b)",
    re.IGNORECASE,
)
