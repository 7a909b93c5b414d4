"""What a message points at without a name: "the second one", "both", "it", "another one with him".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_PRONOUN = re.compile(
    r"\b(?:with|by|from|of|like)\s+(?P<object>him|her)\b|"
    r"\b(?P<owner>his|her)\s+(?:other|best|newest|latest|first|last|early|movies?|films?|books?|works?|songs?)\b|"
    r"\b(?:has|have|did|does|was|is)\s+(?P<subject>he|she)\b",
    re.IGNORECASE,
)


def pronoun(text: str) -> tuple[int, int] | None:
    """Return where a message means a person named before: "anything else by him"; None where it does not.

    >>> pronoun("what else has she made?"), pronoun("she likes comedies")
    ((14, 17), None)
    """
    match = _PRONOUN.search(text)
    return match.span(match.lastgroup or 0) if match else None


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = re.compile(
    rf"\b(?:(?:number|no\.?|option|#)\s*(?P<number>\d{{1,2}})|(?:the\s+)?(?:(?P<word>{'|'.join(_ORDINALS)})|(?P<short>\d{{1,2}})(?:st|nd|rd|th))"
    r"(?:\s+(?:one|movie|film|book|title|option|item|choice|suggestion|of (?:these|those|them)))|"
    r"the (?P<last>last|latter) (?:one|option|movie|film|of (?:these|those|them))|"
    r"(?:^|\bthe\s+)(?P<alone>first|second|third|fourth|fifth|last)(?: one)?\W*$|"
    r"\bthe (?P<start>first|second|third|fourth|fifth)(?: one)?(?=,| is\b| then\b| please\b| sounds\b| looks\b))",
    re.IGNORECASE,
)
_THEM = re.compile(
    r"\b(?:all of (?:them|these|those)|(?:any|either|neither|none|which) of (?:them|these|those|the two)|"
    r"which one(?= is\b| has\b| was\b)|the two|them both|both)\b",
    re.IGNORECASE,
)
_NOUNS = "movie|film|book|one|title|product|album|song"
_IT = re.compile(rf"\b(?:it|this|that|this one|that one|(?:the|this|that) (?:{_NOUNS}))\b", re.IGNORECASE)


def references(text: str, offered: Sequence[str], listed: Sequence[str] = ()) -> tuple[tuple[int, int, str], ...]:
    """Return the spans of a message that point at items of the last list, with these items.

    >>> references("who is in the second one?", ["a", "b"])
    ((10, 24, 'b'),)

    Args:
        text: The message.
        offered: Items of the latest reply that named any, in its order.
        listed: Items of the latest reply that named several, which may have been before that one.
    """
    found: list[tuple[int, int, str]] = []
    if not offered:
        return ()
    listed = listed or offered
    for match in _ORDINAL.finditer(text):
        place = _place(match, len(listed))
        if 0 <= place < len(listed):
            found.append((match.start(), match.end(), listed[place]))
    if not found and len(offered) > 1:
        found = [(m.start(), m.end(), item) for m in list(_THEM.finditer(text))[:1] for item in offered]
    return tuple(found)


def points_back(text: str) -> bool:
    """Tell whether a message speaks of "it" or "that one"."""
    return _IT.search(text) is not None


def _place(match: re.Match[str], count: int) -> int:
    said = (match["word"] or match["alone"] or match["start"] or "").lower()
    if match["last"] or said == "last":
        return count - 1
    if said:
        return _ORDINALS.index(said)
    return int(match["number"] or match["short"]) - 1
