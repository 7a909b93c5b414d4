"""Which of several items is the longest, the newest: what is asked, and which one it is.

Source: design section 4.
"""

from __future__ import annotations

import re

_WORDS = {
    ("runtime", "most"): r"longest|longer",
    ("runtime", "least"): r"shortest|shorter|quickest",
    ("year", "most"): r"newest|newer|latest|later|most recent|more recent|last made",
    ("year", "least"): r"oldest|older|earliest|earlier|first made|"
    r"(?:made|came out|released|came|was|is) first",
    ("price", "most"): r"most expensive|dearest|dearer|more expensive",
    ("price", "least"): r"cheapest|cheaper|least expensive",
}
_NOT_ASKED = (
    r"(?!(?: one| ones| films?| movies?| books?| version)? "
    r"(?:about|called|rated|like|written|directed|made by)\b)"
)
_THESE = r"of (?:them|those|these|the (?:two|three|four|five|lot|bunch))"
_ASKED = {
    key: re.compile(
        rf"\b(?:which|what)\b[^.?!]*\b(?:{words})\b{_NOT_ASKED}|\bwho(?:['’]?s| is| was) (?:the )?(?:{words})\b|"
        rf"^\W*(?:[\w’']+\W+){{0,4}}?(?:{words})(?: (?:one|film|movie|book))? {_THESE}\b|"
        rf"^\W*(?:[\w’']+\W+){{0,4}}?(?:{words})(?: (?:one|film|movie|book))? (?:out of|among|amongst|between)\b|"
        rf"\b(?:which|what) (?:one|ones)(?:['’]?s)? (?:the )?(?:{words})\b",
        re.IGNORECASE,
    )
    for key, words in _WORDS.items()
}
_ALONE = {
    ("runtime", "most"): "longer",
    ("runtime", "least"): "shorter",
    ("year", "most"): "newer",
    ("year", "least"): "older",
}
"""What is asked of an item beside the one spoken of before, without a "than"."""

_IN_TIME = {"least": r"before|earlier than", "most": r"after|later than"}
_BESIDE = {
    (fact, most): re.compile(
        rf"\b(?:is|was|are|were)(?:n['’]?t)? [^.?!]{{1,60}}?\b(?:{words}) than\b"
        + (
            rf"|\b(?:is|was|did)(?:n['’]?t)? [^.?!]{{1,60}}?\b(?:made|released|shot|filmed|come out|out) "
            rf"(?:{_IN_TIME[most]})\b"
            if fact == "year"
            else ""
        )
        + (
            rf"|^\W*(?:(?:and|n|so|ok|but|wait)\W+)*(?:is|was)(?:n['’]?t)? (?!it\b|this\b|that\b)[^.?!,]{{1,50}}? "
            rf"(?:the )?{_ALONE[fact, most]}(?: one)?\W*$"
            if (fact, most) in _ALONE
            else ""
        ),
        re.IGNORECASE,
    )
    for (fact, most), words in _WORDS.items()
}
"""Questions that set one item beside another one: "is Heat longer than Ronin?"."""


_AMONG = {key: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for key, words in _WORDS.items()} | {
    ("runtime", "most"): re.compile(rf"\b(?:{_WORDS['runtime', 'most']}|more long|most long)\b", re.IGNORECASE),
    ("year", "most"): re.compile(
        rf"\b(?:{_WORDS['year', 'most']}|(?:came|comes|come|was|were|made|released)(?: out)? last)\b", re.IGNORECASE
    ),
}


def among(text: str) -> tuple[str, str] | None:
    """Return which fact is compared of items that are set beside each other, in whatever words.

    >>> among("Heat vs Ronin, longer one?"), among("Heat or Ronin, which is better")
    (('runtime', 'most'), None)

    Args:
        text: A message that compares items, without their titles.
    """
    return next((key for key, pattern in _AMONG.items() if pattern.search(text)), None)


def superlative(text: str, *, named: bool = True) -> tuple[str, str] | None:
    """Return which fact is compared, and whether the most or the least of it is asked for; None where nothing is.

    >>> superlative("which of these is the shortest?"), superlative("something shorter")
    (('runtime', 'least'), None)
    >>> superlative("is Heat longer than Ronin?"), superlative("who wrote the newer one?")
    (('runtime', 'most'), None)

    Args:
        text: A message.
        named: Whether it names or points at items, which may be set beside each other.
    """
    asked = next((key for key, pattern in _ASKED.items() if pattern.search(text)), None)
    beside = next((key for key, pattern in _BESIDE.items() if pattern.search(text)), None)
    return asked or (beside if named else None)
