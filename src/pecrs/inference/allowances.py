"""What a message allows, says need not be, or adds to what was wanted before. Source: design section 4."""

from __future__ import annotations

import re

from pecrs.inference.asking import is_meant_by_pronoun
from pecrs.inference.reading import Reading
from pecrs.inference.refusals import NOT
from pecrs.inference.removals import takes_back
from pecrs.linking.makers import PEOPLE
from pecrs.linking.values import FacetValue


def allowed(reading: Reading) -> set[str]:
    """Return the keys of values of which a message says that they may be so: "gore is fine", "I don't mind gore"."""
    fine = (value for value in _values(reading) if _is_fine(reading.text, value))
    return {value.key for value in fine if not is_meant_by_pronoun(reading.text, value.end)}


def unneeded_of(reading: Reading) -> set[str]:
    """Return the keys of values of which a message says that they need not be so: "it needn't be Italian"."""
    back = (value for value in _values(reading) if takes_back(reading.text, value))
    return {value.key for value in back if not is_meant_by_pronoun(reading.text, value.end)}


def _values(reading: Reading) -> list[FacetValue]:
    return [read.value for read in reading.values if isinstance(read.value, FacetValue)]


def _is_fine(text: str, value: FacetValue) -> bool:
    return _FINE.match(text, value.end) is not None or _MINDS_NOT.search(text[: value.start]) is not None


_FINE = re.compile(
    r"\s*(?:(?:is|are|would be|['’]s) )?(?:all |totally |also )?(?:fine|ok|okay|allowed|no problem|alright)\b",
    re.IGNORECASE,
)
_MINDS_NOT = re.compile(rf"{NOT} mind(?: (?:a|an|any|some|the|bit|of))*\s+$", re.IGNORECASE)
_ALSO = re.compile(r"\b(?:also|as well|in addition)\b|\btoo\W*$|\btoo[,.!?]", re.IGNORECASE)
_FURTHER = re.compile(r"^\W*(?:(?:and|but|ok|okay|maybe|ideally)\W+)*(?:with|set in|set on|and|also)\b", re.IGNORECASE)


def added_to(text: str) -> set[str]:
    """Return the kinds of constraint that a message adds to and does not replace: "with Tom Hanks too", "with dogs"."""
    return {*PEOPLE, "theme"} if _ALSO.search(text) else {"theme"} if _FURTHER.match(text) else set()
