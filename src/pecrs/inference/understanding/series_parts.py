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


_NUMBERS = {sign: number for number, signs in enumerate(("1|i|one", *_SIGNS[2:]), start=1) for sign in signs.split("|")}
_SIGN = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_PART_NUMBER = re.compile(
    rf"\b(?:(?P<part>part|episode|chapter|vol(?:ume)?)\.? |(?:number|no\.|nr\.?) ?)(?P<sign>{_SIGN})\b"
    r"(?! (?:of|on|in) (?:my|our|the (?:list|day|evening|night))\b)|"
    rf"\bthe (?:very )?(?P<place>{'|'.join(list(_PLACES)[:-3])}) (?:one|film|movie|instal?lment|in the series)\b",
    re.IGNORECASE,
)
"""A part by its number alone: "is Part III worth it", "how long is number two", "and the third one?"."""

_COUNTED = 3
"""Up to so many parts the number is the order in which they came out, whatever their titles say."""

_NEAR = 4
"""Of so many items that were spoken of last one may be of the series that a "part two" belongs to."""


def parts_at_hand(
    text: str, named: Sequence[tuple[int, int]], facets: Facets, spoken: Sequence[str], many: int
) -> list[tuple[int, int, str]]:
    """Return where a message names a part of the series at hand by its number alone, with the item.

    Args:
        text: The message.
        named: Spans that name items.
        facets: Of the catalogue.
        spoken: Items that were spoken of, the latest last.
        many: How many items are listed; "the second one" is one of them where there are so many.
    """
    found = []
    for match in _PART_NUMBER.finditer(text):
        number = _PLACES[match["place"].lower()] + 1 if match["place"] else _NUMBERS[match["sign"].lower()]
        if meets(match.span(), named) or (not match["part"] and (number <= many or (match["sign"] and number < 2))):
            continue
        item = _of_series_at_hand(number, facets, [*reversed(spoken)][: _NEAR if match["part"] else 1])
        if item:
            found.append((*match.span(), item))
    return found


def _of_series_at_hand(number: int, facets: Facets, latest: Sequence[str]) -> str:
    """Return the part of a number of the first series that some items belong to; empty where there is none."""
    for item in (facets.catalogue[key] for key in latest if key in facets.catalogue):
        for name in item.values(_SERIES):
            parts = _parts(facets, name)
            if len(parts) > 1:
                by_year = parts[number - 1] if number <= min(len(parts), _COUNTED) else ""
                return _numbered(facets, name, number, parts) or by_year
    return ""


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
    ordered = sorted((item for item in items if item.year), key=lambda item: item.year or 0)
    return list({value_key(item.name): item.id for item in reversed(ordered)}.values())[::-1]
