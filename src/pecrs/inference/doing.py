"""What somebody is wanted to have done for an item: directed it, be in it, both, or one without the other.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from pecrs.linking.facets import Facets
from pecrs.linking.quantities import Quantity
from pecrs.linking.values import FacetValue

_MADE, _IN_IT = "directors", "actors"
_SUBJECT = r"(?:he|she|they|who)(?:['’]?s|['’]ve| has| have)?"
_FILLERS = r"(?: (?:also|only|just|actually|ever|both|either|himself|herself|has|have))*"
_ACT = r"(?:act|star|appear|play)(?:s|r?ed|r?ing)?"
_DIRECT = r"direct(?:s|ed|ing)"
_AND = r"(?: in)? (?:and|&|as well as) (?:also )?"
_BOTH = re.compile(
    rf"\bboth (?:direct|act|star|play|sides|behind)\w*|\bnot only\b[^.?!]*\b{_DIRECT}\b|\b{_DIRECT}{_AND}{_ACT}\b|"
    rf"\b{_ACT}{_AND}{_DIRECT}\b|\bon both sides of the camera\b",
    re.IGNORECASE,
)
_DIRECTS = re.compile(
    rf"\b{_SUBJECT}{_FILLERS} direct(?:s|ed)\b|\bas (?:a |the )?director\b|\bdirected by (?:him|her)\b|"
    rf"\bbehind the camera\b|\b(?:his|her) directing\b|{_BOTH.pattern}",
    re.IGNORECASE,
)
_MAKING = re.compile(rf"{_FILLERS} direct(?:s|ed)\b(?! by)", re.IGNORECASE)
_BEING = "(?: (?:actually|also|himself|herself|him|her|even|to|be|being|have|has))*"
_ABSENT = re.compile(
    rf"(?:\bnot(?! only\b)|\bnever|\w+n['’]?t|\bwithout){_BEING} (?:{_ACT}\b|in (?:it|them|front of)\b)|"
    rf"\b(?:only|just|merely) (?:behind the camera|direct(?:s|ed)\b)|\bdirect(?:s|ed) only\b",
    re.IGNORECASE,
)


def as_done(
    text: str, values: Iterable[FacetValue | Quantity], people: Collection[str], facets: Facets
) -> list[FacetValue | Quantity]:
    """Return values of which the one person named did what the words say: "that he directed but isn't acting in".

    Args:
        text: A message.
        values: Found in it.
        people: Fields that hold people.
        facets: Of the catalogue.
    """
    found = list(values)
    named = [value for value in found if isinstance(value, FacetValue) and value.fields[0] in people]
    persons = {value.key for value in named}
    directs = _DIRECTS.search(text) or any(_MAKING.match(text, value.end) for value in named)
    if len(persons) != 1 or not {_MADE, _IN_IT} <= set(people) or not directs:
        return found
    if not facets.count([_MADE], next(iter(persons))):
        return found
    absent = (_IN_IT,) if _ABSENT.search(text) else ()
    also = (_IN_IT,) if _BOTH.search(text) and not absent else ()
    return [
        replace(value, fields=(_MADE,), also=also, without=absent)
        if isinstance(value, FacetValue) and value.key in persons
        else value
        for value in found
    ]
