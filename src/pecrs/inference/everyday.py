"""Words that are values of a catalogue and seldom meant so: "my friend", "did it win an Oscar?", "my English".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from pecrs.linking.facets import KIND_FIELDS, YEAR
from pecrs.linking.spans import inside
from pecrs.linking.values import FacetValue, is_of

_AWARD = re.compile(r"\b(?:win|won|wins|get|got|nominated|award)\b", re.IGNORECASE)
_OWN = re.compile(r"\b(?:my|your|ur)\s*$", re.IGNORECASE)
_EXCLAIMED = re.compile(r"\bgood (?:grief|lord|god|heavens?)\b", re.IGNORECASE)
_SOMEWHAT = re.compile(
    r"\b(?:(?:some|any)thing|sth|smth|more|bit|very|really|too|kinda|kind of|sort of|quite|pretty|so|super)\s+$",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"\s+(?:(?!(?:film|movie|book|one|comedy|drama|thriller|western)s?\b)[\w'’-]+\s+)?(?:m[ae]n|wom[ae]n|lad(?:y|ies)|"
    r"couples?|guys?|people|person|folks?|friends?|boys?|girls?|professors?|teachers?|owners?|neighbou?rs?|jobs?|"
    r"house|town|city|school|life|world|flame|lovers?|enem(?:y|ies)|wi(?:fe|ves)|husbands?|car|dog|cat)\b",
    re.IGNORECASE,
)
"""Behind "old" and "new": what is told of, not how old an item is."""

_ABBREVIATED = re.compile(r"\b(?:[a-z]\.){2,}", re.IGNORECASE)


def is_meant(text: str, value: FacetValue, people: Collection[str]) -> bool:
    """Tell whether a value that was found in a text is likely to be meant.

    It is not inside an abbreviation ("e.g.") or an exclamation, where "Oscar" is the award, or where a single word that
    says no kind is somebody's own ("my friend"), nor said of somebody who is told of ("an old man").

    Args:
        text: A message.
        value: Found in it.
        people: Fields that hold people.
    """
    said = text[value.start : value.end]
    spans = [match.span() for pattern in (_ABBREVIATED, _EXCLAIMED) for match in pattern.finditer(text)]
    if inside((value.start, value.end), spans):
        return False
    if said.lower() in ("oscar", "oscars"):
        return _AWARD.search(text) is None
    if is_of(value, *people) and said.islower() and said.endswith("y") and _SOMEWHAT.search(text[: value.start]):
        return False  # "something spacey"
    if value.scaled and value.fields[0] == YEAR and _SOMEBODY.match(text, value.end):
        return False  # "an old man", "new owners"
    own = " " not in said and KIND_FIELDS.isdisjoint(value.fields) and not value.scaled
    return not (own and _OWN.search(text[: value.start]))
