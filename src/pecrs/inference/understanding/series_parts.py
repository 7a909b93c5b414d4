"""Parts of a series by their place in it: "the second Alien film", "the latest Rambo".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pecrs.inference.understanding.pointing import NOUNS
from pecrs.linking.facets import Facets, value_key
from pecrs.linking.lexicon import frequency
from pecrs.linking.spans import meets

_SERIES = "series"
_PLACES = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4, "5th": 4,
    "sixth": 5, "6th": 5, "last": -1, "latest": -1, "newest": -1,
}  # fmt: skip
_WORD = r"\w[\w'’&-]*"
_PART = re.compile(
    rf"\bthe (?:very )?(?P<place>{'|'.join(_PLACES)})\s+(?P<words>{_WORD}(?:\s+{_WORD}){{0,4}})", re.IGNORECASE
)
_SIGNS = ("", "", "2|ii|two", "3|iii|three", "4|iv|four", "5|v|five", "6|vi|six")
_KNOWN = 3
"""Of so many parts the newest one is likely known."""

_ITEM = re.compile(rf"\s+(?:{NOUNS}|part|instal?lment)\b", re.IGNORECASE)
_EVERYDAY = 4.4
"""Frequency from which one word behind "the first" names a series only before "film": "the first Friday"."""


def parts_by_place(text: str, named: Sequence[tuple[int, int]], facets: Facets) -> list[tuple[int, int, str]]:
    """Return where a message names a part of a series by its place, with the item.

    Args:
        text: The message.
        named: Spans that name items; one that holds the word for the place is a title: "The Last Jedi".
        facets: Of the catalogue.
    """
    found = []
    for match in _PART.finditer(text):
        if meets(match.span("place"), named):
            continue
        words = [match.start("words") + word.end() for word in re.finditer(_WORD, match["words"])]
        for end in reversed(words):
            name = text[match.start("words") : end]
            parts = _parts(facets, name)
            behind = _ITEM.match(text, end)
            plain = " " not in name and frequency(name.lower()) >= _EVERYDAY and not name[:1].isupper()
            if len(parts) < 2 or (plain and behind is None):
                continue
            place = _PLACES[match["place"].lower()]
            numbered = _numbered(facets, name, place + 1, parts)
            if numbered or 0 <= place < len(parts) or (place < 0 and len(parts) >= _KNOWN):
                item = numbered or parts[place]
                found.append((match.start(), behind.end() if behind else end, item))
            break
    return found


def _numbered(facets: Facets, name: str, number: int, parts: Sequence[str]) -> str:
    """Return the item that is titled by a name and a number, and made by people of the series: "Terminator 2"."""
    if not 1 < number < len(_SIGNS):
        return ""
    sign = rf"(?:the )?{re.escape(value_key(name))} (?:(?:part|volume|vol|chapter) )?(?:{_SIGNS[number]})(?: .*)?"
    makers = {maker for item in parts for maker in _makers(facets, item)}
    theirs = [facets.having([*facets.people], maker) for maker in map(value_key, makers)]
    likely = sorted({*map(facets.catalogue.index, parts), *(int(place) for places in theirs for place in places)})
    items = (facets.catalogue.items[place] for place in likely)
    return next((item.id for item in items if re.fullmatch(sign, value_key(item.title))), "")


def _makers(facets: Facets, item: str) -> set[str]:
    return {value for name in facets.people for value in facets.catalogue[item].values(name)}


def _parts(facets: Facets, name: str) -> list[str]:
    """Return the items of a series, the oldest first; of none that is not known."""
    keys = [value_key(name), value_key(f"the {name}")]
    known = next((key for key in keys if facets.count([_SERIES], key) > 1), "")
    items = [facets.catalogue.items[place] for place in facets.having([_SERIES], known)] if known else []
    return [item.id for item in sorted(items, key=lambda item: item.year or 0) if item.year]
