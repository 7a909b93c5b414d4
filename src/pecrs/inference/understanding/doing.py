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
_NO_MORE = re.compile(
    r"\b(?:forget|drop|scrap|never ?mind|ignore|not(?! only)|instead of|rather than|no longer|"
    r"enough of|leave)\b[^.,;!?]*?\b"
    r"(?:as (?:a |the )?director|direct(?:s|ed|ing)|behind the camera)\b",
    re.IGNORECASE,
)
"""What somebody did before, and is not to have done now: "forget him as a director"."""

_PLAYS = re.compile(
    rf"\bas (?:an? |the )?(?:actor|actress|performer|star|lead)\b|\bin front of the camera\b|"
    rf"\b(?:where|in which|that|when) (?:he|she)(?:['’]?s| is)?{_FILLERS} (?:{_ACT}|in it)\b|"
    r"\bhis acting\b|\bher acting\b|\bacting (?:role|part|work)\b",
    re.IGNORECASE,
)
_BOTH = re.compile(
    rf"\bboth (?:direct|act|star|play|sides|behind)\w*|\bnot only\b[^.?!]*\b{_DIRECT}\b|"
    rf"\b{_DIRECT}(?: by)?{_AND}{_ACT}\b|\b{_ACT}{_AND}{_DIRECT}\b|\bon both sides of the camera\b",
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
    told = _NO_MORE.sub("", text)
    directs = _DIRECTS.search(told) or any(_MAKING.match(text, value.end) for value in named)
    if len(persons) != 1 or not {_MADE, _IN_IT} <= set(people):
        return found
    if not directs and _PLAYS.search(told) and facets.count([_IN_IT], next(iter(persons))):
        return [replace(v, fields=(_IN_IT,)) if isinstance(v, FacetValue) and v in named else v for v in found]
    if not directs:
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
