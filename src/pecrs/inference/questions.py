"""Which facts a question asks for, where its words leave no doubt, and what is asked whether an item has it.

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.inference.reading import Reading
from pecrs.linking.quantities import Quantity
from pecrs.linking.tones import TONE
from pecrs.linking.values import FacetValue


def asked_facts(reading: Reading) -> tuple[tuple[str, ...], tuple[FacetValue | Quantity, ...]]:
    """Return the kinds of facts asked for, and the values of which is asked whether an item has them."""
    values = [read.value for read in reading.values if read.role in ("ask", "want")]
    scaled = [MEASURED[v.fields[0]] for v in values if isinstance(v, FacetValue) and v.fields[0] in MEASURED]
    plain = next((kind for kind, pattern in _PLAINLY.items() if pattern.search(reading.text)), "")
    facts = ((plain,) if plain else ()) or tuple(dict.fromkeys(scaled)) or reading.facts or ("plot",)
    if plain:
        return facts, ()
    if values and WHICH_OF.search(reading.text):
        return facts, tuple(values)
    tones = tuple(value for value in values if isinstance(value, FacetValue) and value.fields[0] == TONE)
    if tones and facts[0] == "scary":
        return facts, tones
    if scaled or facts[0] == "scary" or (not _WHETHER.match(reading.text) and _OPEN.search(reading.text)):
        return facts, ()
    return facts, tuple(v for v in values if not isinstance(v, Quantity) or v.kind != "count")


WHICH_OF = re.compile(
    r"\b(?:which|what)(?: one)? of (?:the others?|those|these|them|the (?:two|three|four|five|other \w+))"
    r"(?: (?:films|movies|books|ones|two|three|four|five))?\b",
    re.IGNORECASE,
)
"""Words that ask which of several items is such."""

_PLAINLY = {
    "score": re.compile(
        r"\b(?:imdb|rotten tomatoes|metacritic|critics?['’]?s?|user|audience)\W*(?:rating|score|review)s?\b|"
        r"\b(?:rated|rating) (?:higher|highest|better|best|on imdb)\b|"
        r"\bhow (?:highly|well) (?:is|was) (?:it|that) rated\b|"
        r"\b(?:better|best|highest|higher) (?:rated|rating)\b",
        re.IGNORECASE,
    ),
    "streaming": re.compile(
        r"\bon (?:netflix|disney ?(?:\+|plus)|hulu|(?:amazon )?prime|hbo(?: max)?|apple tv|youtube|tubi|peacock)(?!\w)|"
        r"\bwhere can (?:i|we) (?:watch|see|stream|find) (?:it|that|this)\b|\bstream(?:ing|able)?\b",
        re.IGNORECASE,
    ),
    "rating": re.compile(
        r"\b(?:suitable|appropriate|okay|ok|fine|safe|alright) for (?:\w+ ){0,2}(?:kids?|child(?:ren)?|ones|toddlers?|"
        r"family|teens?|teenagers?|\d+)|\bage rating\b|\bwhat(?:['’]s| is) it rated\b",
        re.IGNORECASE,
    ),
    "year": re.compile(r"^\W*(?:(?:and|so|ok|oh)\W+)*when(?:['’]s| is| was| were| did)\b", re.IGNORECASE),
    "quality": re.compile(
        r"\b(?:would|will|might|could|think|reckon) (?:i|we|he|she|they|you|my \w+)(?:['’]d| would| will|['’]ll)? "
        r"(?:like|enjoy|love)\b|"
        r"\bworth (?:watching|seeing|reading|it)\b",
        re.IGNORECASE,
    ),
    "other": re.compile(
        r"\b(?:compos\w+|soundtrack|the score|music by|did the music|narrat\w+|produced by|producers?|budget|"
        r"box office|how much did it (?:make|earn|cost)|cinematograph\w+|edited by|where was it (?:shot|filmed))\b",
        re.IGNORECASE,
    ),
    "series": re.compile(
        r"\b(?:what|which)(?:['’]?s| is| comes| came)? (?:one )?(?:\w+ )?(?:after|next|before) (?:that|it|this)\b|"
        r"\b(?:need|have) to (?:have )?(?:see|seen|watch|watched) the (?:others?|first|previous|rest)\b|"
        r"\b(?:is|are|was|were) there (?:(?:a|any|more|other|some|another) )*"
        r"(?:sequels?|prequels?|parts?|follow[- ]?ups?)\b|"
        r"\b(?:sequels?|prequels?|follow[- ]?ups?)(?: (?:to|of|for)\b[^.!?]*)?\?|"
        r"\b(?:what|which|right|correct|best|watch(?:ing)?|viewing|release|chronological|want the) order\b|"
        r"\b(?:watch|see) (?:them|these|it all) in order\b|\bwhole series\b|"
        r"\bhow many (?:of (?:them|those)|parts|sequels|(?:[\w'’-]+ ){1,4}?(?:films|movies|books|parts)) "
        r"(?:are there|did they|were there|have they)\b|"
        r"\b(?:is|was) there (?:a|another) (?:second|third|newer|later|earlier)\b|"
        r"\bmake (?:a|any) (?:sequels?|prequels?)\b|\b(?:which|what)(?: one)? (?:comes|came|goes) first\b|"
        r"\bis there (?:one|another|another one|a (?:film|movie|book|part)|anything) (?:before|after)\b|"
        r"\b(?:have|has|got|get|was|were) (?:it )?(?:a|any) (?:sequels?|prequels?|follow[- ]?ups?)\b|"
        r"\bthe (?:one|film|movie|book|part) (?:after|before|following) (?:that|it|this)\b|"
        r"\bnext (?:one |film |movie |part |book )?in the (?:series|trilogy|saga|franchise)\b",
        re.IGNORECASE,
    ),
}
"""Questions that plain words tell, by the fact that they ask for."""

MEASURED = {"year": "year", "minutes": "runtime", "money": "price"}
"""From the kind of a number to the fact that tells it."""

_OF_PEOPLE = re.compile(
    r"\b(?!(?:i|we|me)\b)\w+ (?:was |is |were )?born\b(?<!i was born)(?<!am born)|"
    r"\bhow old (?:is|was|are) (?:he|she|the|they)\b|"
    r"\b(?:still alive|net worth|nationality|married to|dating)\b|\bwhere (?:is|was) (?:he|she) from\b",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\b(?:who|what|when|where|which|how|tell|cast|plot)\b", re.IGNORECASE)
_WHETHER = re.compile(
    r"(?:(?:and|but|so|ok|okay|hm+|oh|well|wait)\W+)*"
    r"(?:(?:is|are|was|were|does|do|did|has|have)\b|(?:is|does|was|has|did)n['’]?t\b)",
    re.IGNORECASE,
)


def asks_parts(text: str) -> bool:
    """Tell whether a message asks what belongs to a series, or in which order."""
    return _PLAINLY["series"].search(text) is not None


def about_people(text: str) -> bool:
    """Tell whether a message asks of somebody's life, which no catalogue of works tells."""
    return _OF_PEOPLE.search(text) is not None
