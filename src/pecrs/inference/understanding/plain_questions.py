"""Questions whose words alone tell the fact asked for: "who directed it", "Bull Durham came out when".

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.linking.lexicon import OPENING

_ENDS = r"(?=\W*(?:$|[?.!,;]|(?:again|tho|though|btw|lol|please|pls|anyway|exactly|then|and|n)\b))"
_IN_PLACE = {
    "year": r"\bwhat(?:['’]?s| is| was) the (?:\w+ ){1,6}(?:called|named)\b|"
    r"\b(?:came|come|comes|made|released|is from|was from|was) (?:out )?"
    rf"(?:when|(?:in )?(?:what|which) (?:year|yr)|from when){_ENDS}",
    "runtime": r"\b(?:runs?|lasts?|goes|is|was|takes?) (?:on )?(?:for )?"
    rf"how (?:long|many (?:minutes|mins|hours|hrs)){_ENDS}",
    "director": rf"\b(?:made|directed|done|shot|is|was) by whom?{_ENDS}",
    "writer": rf"\bwritten by whom?{_ENDS}",
    "cast": rf"\b(?:stars?|starring|starred|with) whom?{_ENDS}",
    "plot": rf"\b(?:is|was)? ?about what{_ENDS}",
}
"""A question word in the place of the answer."""

_WHO = {
    "director": r"\bwho(?:['’]?s)? (?:directed|directs|made|helmed)\b|\bwho (?:is|was) (?:it )?(?:directed|made) by\b",
    "writer": r"\bwho (?:wrote|penned)\b",
    "cast": r"\bwho(?:['’]?s| is| was| all is| else is| all was)? (?:stars?|starred|in)\b",
}
_PLACED = {fact: re.compile(pattern, re.IGNORECASE) for fact, pattern in _IN_PLACE.items()}
_ASKED = {fact: re.compile(pattern, re.IGNORECASE) for fact, pattern in _WHO.items()}


def asked_in_place(text: str) -> tuple[str, ...]:
    """Return the fact that a message asks for by a question word in the place of the answer.

    >>> asked_in_place("bull durham came out when"), asked_in_place("when it came out I was ten")
    (('year',), ())

    Args:
        text: The message.
    """
    return tuple(fact for fact, pattern in _PLACED.items() if pattern.search(text))[:1]


def asked_plainly(text: str) -> tuple[str, ...]:
    """Return the facts about makers and cast, or asked for in place, that words of a message ask for.

    >>> asked_plainly("I bet you don't know who directed Casablanca")
    ('director',)

    Args:
        text: The message.
    """
    return asked_in_place(text) or tuple(fact for fact, pattern in _ASKED.items() if pattern.search(text))


_CLAUSE_BEFORE = rf"(?:[,;:.?!–-]\s*|\b(?:and|n|but)\s+|^\W*{OPENING})"
_OF_IT = re.compile(
    rf"{_CLAUSE_BEFORE}(?:(?:what|which) (?:year|yr|rating|genre)|when(?:['’]?s)?|"
    r"how (?:long|old|scary|good)(?:['’]?s)?|"
    r"who(?:['’]?s)?(?: (?:directed|made|wrote|stars?|starred|was|is|plays))?(?: in)?|what(?:['’]?s)?)\s+"
    r"(?:(?:is|was|did|does|are)\s+)?(?:it|that|this)(?: one)?"
    r"(?: (?:made|come out|released|out|shot|from|about|run|last))?"
    r"\W*$",
    re.IGNORECASE,
)


def asks_of_it(text: str) -> bool:
    """Tell whether a message ends in a plain question about "it": "the old Batman, what yr was that".

    Args:
        text: The message.
    """
    return _OF_IT.search(text) is not None


_WHO_DID = re.compile(
    r"(?:^|[^\w\s]\s*|\b(?:know|tell me|wonder|remember|recall|forget|forgot|idea|sure|guess|and|n|or|so|ok|okay|wait|"
    r"btw)\s+)who(?:['’]?s)? (?:directed|made|wrote|shot)\s+(?:the )?$",
    re.IGNORECASE,
)


def asks_who_made(text: str, start: int) -> bool:
    """Tell whether words before an item ask who made it, whatever leads to them: "I bet you don't know who made Heat".

    Args:
        text: The message.
        start: First character of the item.
    """
    return _WHO_DID.search(text[:start]) is not None
