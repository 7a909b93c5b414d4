"""What a message allows, says need not be, or adds to what was wanted before. Source: design section 4."""

from __future__ import annotations

import re
from dataclasses import replace

from pecrs.inference.understanding.asking import is_meant_by_pronoun
from pecrs.inference.understanding.reading import Reading, ReadValue
from pecrs.inference.understanding.refusals import NOT
from pecrs.inference.understanding.removals import SAID, takes_back
from pecrs.linking.facets import KIND_FIELDS
from pecrs.linking.makers import PEOPLE
from pecrs.linking.values import FacetValue, is_of


def allowed(reading: Reading) -> set[str]:
    """Return the keys of values of which a message says that they may be so: "gore is fine", "I don't mind gore"."""
    return {value.key for value in _values(reading) if _is_fine(reading.text, value)}


def unneeded_of(reading: Reading) -> set[str]:
    """Return the keys of values of which a message says that they need not be so: "it needn't be Italian"."""
    wanted = {
        r.value.key
        for r in reading.values
        if isinstance(r.value, FacetValue) and r.role in ("want", "like") and not takes_back(reading.text, r.value)
    }
    back = (value for value in _values(reading) if takes_back(reading.text, value))
    return {value.key for value in back if not is_meant_by_pronoun(reading.text, value.end)} - wanted


def _values(reading: Reading) -> list[FacetValue]:
    return [read.value for read in reading.values if isinstance(read.value, FacetValue)]


def _is_fine(text: str, value: FacetValue) -> bool:
    before = text[: value.start]
    back = _BROUGHT.search(before) is not None and _BACK.match(text, value.end) is not None
    fine = _FINE.match(text, value.end) or _BOTH_FINE.match(text, value.end)
    return back or fine is not None or _MINDS_NOT.search(before) is not None


def allowing(reading: Reading) -> Reading:
    """Return a reading that neither wants nor refuses what it says to be fine, unless it asks for it besides.

    "Gore is allowed again" asks for no gore; "Sandler is allowed again, a comedy with Adam" asks for him.

    Args:
        reading: A message.
    """
    fine = allowed(reading)
    return replace(reading, values=tuple(_allowing(reading.text, read, fine) for read in reading.values))


def granting(reading: Reading) -> Reading:
    """Return a reading that settles on nothing where it says what is fine again: "ok, cartoons are welcome now".

    Args:
        reading: As its plain words put it right.
    """
    if reading.items or not (reading.has("accept", "praise", "affirm") and allowed(reading)):
        return reading
    return replace(reading, acts={**reading.acts, "accept": 0.0, "praise": 0.0, "affirm": 0.0, "refine": 1.0})


def _allowing(text: str, read: ReadValue, fine: set[str]) -> ReadValue:
    if not isinstance(read.value, FacetValue) or read.value.key not in fine or read.role == "ask":
        return read
    if _is_fine(text, read.value):
        return replace(read, role="incidental")
    led = is_of(read.value, *PEOPLE) and _WITH.search(text[: read.value.start]) is not None
    return replace(read, role="want" if led else "incidental" if read.role in ("avoid", "dislike") else read.role)


_FINE = re.compile(
    r"(?: (?:films?|movies?|books?|ones?|stuff))?\s*(?:(?:is|are|would be|may be|can be|['’]s|['’]re|s) )?"
    r"(?:(?:all|totally|also|just|perfectly|now|then|actually|suddenly|quite|absolutely|after all|once more|again) )*"
    r"(?:(?:fine|ok|okay|allowed|no (?:problem|issue)|alright|all right|welcome|permitted|acceptable|forgiven|"
    r"back (?:on|in)|in again|no longer (?:out|off|banned|forbidden|a problem))\b|"
    r"(?:can|may|could) (?:be (?:included|in it|back)|come back|return|be there|appear)\b)",
    re.IGNORECASE,
)
_BOTH_FINE = re.compile(
    r"(?:\s+or\s+(?:[\w-]+\s*){1,3})?\W+(?:both|either|whichever)(?: (?:one|is|are|would be|works?))* "
    r"(?:fine|ok|okay|good|alright|all right|welcome|do|works?)\b",
    re.IGNORECASE,
)
"""Behind one of two things that are left open: "live action or cartoon, both fine"."""

_MINDS_NOT = re.compile(
    rf"(?:{NOT} (?:mind|object to|(?:have |got )?anything against)|\bno longer (?:mind|against)|"
    rf"\b(?:forget|ignore|scrap|drop|strike|disregard|(?:take|took|taking) back) {SAID} (?:about|against|on|of)|"
    r"\b(?:allow|forgive|readmit|unban|(?:get|got) over|changed (?:my|her|his|our|their) minds? (?:about|on)))"
    r"(?: (?:a|an|any|some|the|bit|of|no|films?|movies?|books?|with|more))*\s+$",
    re.IGNORECASE,
)
_WITH = re.compile(r"\b(?:with|by|starring|featuring|from|of|w/)\s+$", re.IGNORECASE)
_BROUGHT = re.compile(r"\b(?:let|allow)\s+(?:the )?$", re.IGNORECASE)
_BACK = re.compile(r" (?:back|again|in again|after all)\b", re.IGNORECASE)
"""Around what is let in again: "let Sandler back in"."""

_ALSO = re.compile(r"\b(?:also|as well|in addition)\b|\btoo\W*$|\btoo[,.!?]", re.IGNORECASE)
_FURTHER = re.compile(
    r"^\W*(?:(?:and|but|ok|okay|maybe|ideally)\W+)*(?:with|set in|set on|in|at|during|from|and|also)\b", re.IGNORECASE
)
_AND_SOMEBODY = re.compile(
    r"^\W*(?:and|plus)\s+(?:with\s+|also\s+)?(?!(?:something|anything|one|ones|an?|the|any|some|what|how|who|if|is|no|"
    r"not|then|now)\b)[\w'’.-]+(?:\s+[\w'’.-]+){0,2}(?:,? (?:too|please|pls|as well))?\W*$",
    re.IGNORECASE,
)
"""A message that is nothing but one more name: "and Ginger Rogers"."""


def added_to(reading: Reading) -> set[str]:
    """Return the kinds of constraint that a message adds to and does not replace: "with Tom Hanks too", "with dogs"."""
    also = _ALSO.search(reading.text) or _AND_SOMEBODY.match(reading.text)
    kinds = any(read.role == "want" and is_of(read.value, *KIND_FIELDS) for read in reading.values)
    wants = [read.value for read in reading.values if read.role == "want" and isinstance(read.value, FacetValue)]
    scaled = any(value.scaled for value in wants)  # "something older"
    narrows = scaled and not (kinds or reading.has("change_mind"))
    return {*PEOPLE, "theme"} if also else {"theme"} if narrows or _FURTHER.match(reading.text) else set()
