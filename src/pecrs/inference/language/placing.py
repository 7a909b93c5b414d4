"""Where and when a story happens, in words: "on a ship", "in the 1920s", "during the Cold War".

Source: design section 4.
"""

from __future__ import annotations

import re

PLACED = ("setting", "period")
"""Fields of where and of when an item's story happens."""

_ON = re.compile(
    r"\b(?:ship|island|train|plane|airplane|sea|ocean|farm|ranch|moon|mars|submarine|boat|spaceship|spacecraft|"
    r"starship|space station|beach|road|coast|campus|planet|mountain|riviera|plantation|border|reservation)\b",
    re.IGNORECASE,
)
_DURING = re.compile(r"\b(?:war|revolution|holocaust|depression|blitz|apocalypse|plague|crusades?)\b", re.IGNORECASE)
_THE = re.compile(
    r"(?:\b(?:era|age|ages|century|future|war|revolution|holocaust|past|period|middle ages)|\d0s)$", re.IGNORECASE
)


def where(place: str) -> str:
    """Return a place with its preposition.

    >>> where("a space station"), where("Vienna")
    ('on a space station', 'in Vienna')
    """
    return f"{'on' if _ON.search(place) else 'in'} {place}"


def when(time: str) -> str:
    """Return a time with its preposition.

    >>> when("1940s"), when("1963"), when("ancient Rome"), when("Vietnam War")
    ('in the 1940s', 'in 1963', 'in ancient Rome', 'during the Vietnam War')
    """
    article = "the " if _THE.search(time) and not time.lower().startswith(("the ", "ancient ", "a ")) else ""
    return f"{'during' if _DURING.search(time) else 'in'} {article}{time}"


def placed(label: str) -> str:
    """Return a place or a time as it is said behind a noun: "set in Vienna"."""
    return f"set {when(label) if _THE.search(label) or _DURING.search(label) or label[:4].isdigit() else where(label)}"
