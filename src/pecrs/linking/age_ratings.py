"""Bounds of ratings by age: "nothing above PG", "PG-13 max".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MILDEST_FIRST = ("g", "pg", "pg 13", "r", "nc 17")
"""Ratings of the Motion Picture Association, folded as catalogue values are."""

_NAME = r"(?:rated )?(?P<{0}>g|pg[- ]?13|pg|r|nc[- ]?17)(?:[- ]rated)?\b"
_LIMIT = re.compile(
    r"\b(?:(?:no|not|nothing|never|none)(?: \w+)? (?:above|over|beyond|past|higher than|more than|worse than)|up to|"
    r"at most|max(?:imum)?(?: is| of)?|no (?:higher|more) than|not (?:above|over))\s+(?:a )?"
    + _NAME.format("behind")
    + r"|\b"
    + _NAME.format("before")
    + r"(?: rating)?(?: is)?(?: the)? (?:max(?:imum)?|at most|tops|limit|"
    r"or (?:lower|below|less|under|milder|better)|and (?:below|under|lower))\b",
    re.IGNORECASE,
)


def rating_limits(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield where a rating is the highest that is allowed, with the ratings up to it.

    >>> [keys for *_, keys in rating_limits("nothing above PG, well, pg13 max")]
    [('g', 'pg'), ('g', 'pg', 'pg 13')]

    Args:
        text: A message.
    """
    for match in _LIMIT.finditer(text):
        said = re.sub(r"[- ]?(1[37])$", r" \1", (match["behind"] or match["before"]).lower())
        yield match.start(), match.end(), MILDEST_FIRST[: MILDEST_FIRST.index(said) + 1]


def is_rating_limit(words: str) -> bool:
    """Tell whether words say which rating is the highest that is allowed."""
    return _LIMIT.fullmatch(words) is not None
