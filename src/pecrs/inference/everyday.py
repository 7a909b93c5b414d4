"""Words that are values of a catalogue and seldom meant so: "my friend", "did it win an Oscar?", "my English".

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.linking.values import FacetValue

_AWARD = re.compile(r"\b(?:win|won|wins|get|got|nominated|award)\b", re.IGNORECASE)
_OWN = re.compile(r"\b(?:my|your|ur|the|good)\s*$", re.IGNORECASE)
_WORDS = frozenset({"friend", "friends", "list", "grief", "lord", "god", "heaven"})


def is_meant(text: str, value: FacetValue) -> bool:
    """Tell whether a value that was found in a text is likely to be meant.

    Args:
        text: A message.
        value: Found in it.
    """
    said, before = text[value.start : value.end].lower(), text[: value.start]
    if len(said) == 1:
        return "rat" in before.lower() and "rating" in value.fields  # "e.g." is no rating
    if said in ("oscar", "oscars"):
        return _AWARD.search(text) is None
    if "language" in value.fields and _OWN.search(before):
        return not re.search(r"\b(?:my|your|ur)\s*$", before, re.IGNORECASE)
    return said not in _WORDS or _OWN.search(before) is None
