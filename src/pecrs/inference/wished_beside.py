"""What words beside a value say of it, whatever role it seems to have: "with a Christmas flavour", "one from the 80s".

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.data.acts import REQUESTS
from pecrs.inference.reading import Reading
from pecrs.linking.facets import THEME_FIELDS, YEAR
from pecrs.linking.quantities import Quantity
from pecrs.linking.value_words import FOR_WHOM, placed
from pecrs.linking.values import FacetValue

_OPEN_TO = re.compile(
    r"\b(?:i|we)(?:['’]?m|['’]?re| am| are)? (?:also |still |quite |always |very |)(?:open to|up for|curious about|"
    r"interested in|happy with)\b[^.,;!?]*$",
    re.IGNORECASE,
)
_THIS_YEAR = re.compile(r"(?:this|last|next) year\b", re.IGNORECASE)
_OF_YEAR = re.compile(
    r"\b(?:from|of|in|released|out|since|before|after|made|new|newer|by|until)(?: (?:the|only|early|late))*\s*$",
    re.IGNORECASE,
)
_ONE_FROM = re.compile(r"\b(?:ones?|something|anything|films?|movies?|books?)\s+(?:from|of)\s*$", re.IGNORECASE)


def wished_beside(reading: Reading, value: FacetValue) -> bool:
    """Tell whether a request places what it asks for there, or somebody says to be open to it.

    Args:
        reading: A message.
        value: Found in it.
    """
    if _OPEN_TO.search(reading.text[: value.start]):
        return True
    if value.fields[0] == "language" and _SPOKEN.search(reading.text[: value.start]) and reading.has(*REQUESTS):
        return True
    return value.fields[0] in THEME_FIELDS and reading.has(*REQUESTS) and placed(reading.text, value.start, value.end)


_SPOKEN = re.compile(
    r"\b(?:ones?|something|anything|stuff|films?|movies?|books?|got|have|any)\s+(?:in|spoken in)\s+(?:the\s+)?$", re.I
)
"""Before the language that an item is asked for in: "have you something in French"."""


def too_much_for(text: str, value: FacetValue) -> bool:
    """Tell whether words say only for whom an offer is too much: "way too long for kids".

    Args:
        text: A message.
        value: Found in it.
    """
    return value.key in FOR_WHOM and _TOO_MUCH.search(text[: value.start]) is not None


_TOO_MUCH = re.compile(r"\btoo\s+\w+\s+(?:for\s+(?:the|my|our|any)?\s*)?$", re.IGNORECASE)


def is_of_years(value: FacetValue | Quantity) -> bool:
    """Tell whether something is a number of years."""
    return isinstance(value, Quantity) and value.kind == YEAR


def told_by_the_way(text: str, value: Quantity) -> bool:
    """Tell whether a year is when something happens to somebody: "this year I'd like to surprise them".

    Args:
        text: A message.
        value: Found in it.
    """
    this_year = value.kind == YEAR and _THIS_YEAR.match(text, value.start) is not None
    return this_year and _OF_YEAR.search(text[: value.start]) is None


def dates_it(text: str, value: Quantity) -> bool:
    """Tell whether years are those of what is asked for: "it may be an older one from the eighties".

    Args:
        text: A message.
        value: Found in it.
    """
    return _ONE_FROM.search(text[: value.start]) is not None
