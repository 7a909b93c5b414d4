"""Questions whether an item is too much so for somebody: "too scary for a 7 year old?", "too long for small children?".

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.inference.understanding.reading import Reading
from pecrs.linking.quantities import Quantity
from pecrs.linking.tones import TONE
from pecrs.linking.values import FacetValue, is_of

TOO_MUCH, TOO_LONG = ("too_much",), ("too_long",)
"""Facts that such questions ask for."""

_LONG = re.compile(r"\btoo (?:long|lengthy) for\b", re.IGNORECASE)
_TOO = re.compile(r"\btoo \w+(?: (?:and|or) \w+)? for\b", re.IGNORECASE)


def too_much(reading: Reading) -> tuple[tuple[str, ...], tuple[FacetValue | Quantity, ...]] | tuple[()]:
    """Return what is asked where a message asks whether an item is too much so for whom it names.

    Args:
        reading: A message that asks about an item.
    """
    tones = [read.value for read in reading.values if isinstance(read.value, FacetValue) and is_of(read.value, TONE)]
    whom = tuple(value for value in tones if value.label.startswith("for "))
    if not whom:
        return ()
    if _LONG.search(reading.text):
        return TOO_LONG, whom[:1]
    what = tuple(value for value in tones if value not in whom)
    return (TOO_MUCH, (*what, *whom[:1])) if what and _TOO.search(reading.text) else ()
