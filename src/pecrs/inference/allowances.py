"""What a message allows, says need not be, or adds to what was wanted before. Source: design section 4."""

from __future__ import annotations

import re
from collections.abc import Callable

from pecrs.inference.reading import Reading
from pecrs.inference.removals import forgets
from pecrs.linking.makers import PEOPLE
from pecrs.linking.values import FacetValue


def allowed(reading: Reading) -> set[str]:
    """Return the keys of values of which a message says that they may be so: "gore is fine"."""
    return _said_so(reading, _is_fine)


def unneeded_of(reading: Reading) -> set[str]:
    """Return the keys of values of which a message says that they need not be so: "it needn't be Italian"."""
    return _said_so(reading, _need_not_be)


_FINE = re.compile(
    r"\s*(?:(?:is|are|would be|['’]s) )?(?:all |totally |also )?(?:fine|ok|okay|allowed|no problem|alright)\b",
    re.IGNORECASE,
)
_NEED_NOT = re.compile(
    r"\b(?:(?:does|do)(?:n['’]?t| not) (?:have|need) to be|need(?:n['’]?t| not) be|no need for(?: it to be)?)"
    r"(?: (?:in|a|an|all|so|very|from|set in))*\s*$",
    re.IGNORECASE,
)
_NOT_NEEDED = re.compile(
    r"\s*(?:is|are)(?:(?:n['’]?t| not) (?:required|necessary|needed|a must|important|essential|mandatory)| optional)\b|"
    r"\s*(?:does|do)(?:n['’]?t| not) matter\b",
    re.IGNORECASE,
)


_ALSO = re.compile(r"\b(?:also|as well|in addition)\b|\btoo\W*$|\btoo[,.!?]", re.IGNORECASE)
_FURTHER = re.compile(r"^\W*(?:(?:and|but|ok|okay|maybe|ideally)\W+)*(?:with|set in|set on|and|also)\b", re.IGNORECASE)


def added_to(text: str) -> set[str]:
    """Return the kinds of constraint that a message adds to and does not replace: "with Tom Hanks too", "with dogs"."""
    return {*PEOPLE, "theme"} if _ALSO.search(text) else {"theme"} if _FURTHER.match(text) else set()


def _said_so(reading: Reading, holds: Callable[[str, int, int], bool]) -> set[str]:
    """Return the values of a message of which the words around them say something."""
    values = [read.value for read in reading.values if isinstance(read.value, FacetValue)]
    return {value.key for value in values if holds(reading.text, value.start, value.end)}


def _is_fine(text: str, start: int, end: int) -> bool:
    """Tell whether words say of a value that it may be so: "gore is fine"."""
    return _FINE.match(text, end) is not None


def _need_not_be(text: str, start: int, end: int) -> bool:
    """Tell whether words say of a value that it need not be so: "it needn't be Italian"."""
    return _NOT_NEEDED.match(text, end) is not None or bool(_NEED_NOT.search(text[:start])) or forgets(text, start)
