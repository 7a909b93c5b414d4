"""Questions about the place of an item in its series: what must be known before it, and how its sequel is.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue
from pecrs.linking.facets import Facets, value_key
from pecrs.linking.values import FacetValue

_SERIES = "series"
_WE = r"(?:i|we|you|one|he|she|they|my \w+)"
_SEE = r"(?:see|seen|watch|watched|read|know|saw)"
_FIRST = (
    r"(?:first|before(?:hand)?|in advance|previous(?:ly)?|old(?:er)? ones?|others?|rest|earlier|originals?|prequels?)"
)
_UNSEEN = (
    r"without (?:(?:having )?(?:seen|seeing|knowing|watched|watching|reading|read)|"
    r"(?:the|any)(?: of the)? (?:first|others?|rest|old\w*|prequels?))"
)
PLACE = re.compile(
    rf"\b(?:(?:do|does|would|did) {_WE} (?:really |first )?(?:need|have|got|ought) to|(?:should|must) {_WE}) (?:have )?"
    rf"{_SEE}\b"
    rf"(?! (?:it|this|that) (?:first|before)\b)[^.?!]*\b{_FIRST}\b|"
    rf"\b(?:do|does|would) {_WE} (?:really )?need (?:the|any|some|its)\b[^.?!]*\b{_FIRST}\b|"
    rf"\b(?:can|could|should|may|might) {_WE} (?:just |also |directly |really )?(?:start|begin|jump|go|watch|see|read|"
    rf"follow|understand|enjoy)\b[^.?!]*\b(?:{_UNSEEN}|straight|directly)\b|"
    rf"\b(?:can|could|should|may) {_WE} (?:just |also )?(?:start|begin) with\b|"
    r"\b(?:is|was|does|do|can|will|would)(?:n['’]?t)?(?! there\b)[^.?!]*\b(?:stand[- ]?alones?|direct sequel|"
    r"self[- ]contained|(?:stands?|works?) (?:alone|on its own|by itself))\b|"
    r"\bthe (?:first|second|third|fourth|fifth)\b[^.?!,]*, (?:isn['’]?t (?:it|that|this)|right|no|innit)\W*$|"
    rf"\b(?:is|would) (?:it|that|this) (?:be )?(?:ok|okay|fine|possible|clear)\b[^.?!]*\b{_UNSEEN}\b",
    re.IGNORECASE,
)
"""Whether other parts must be known before an item."""

_PART = r"(?:sequels?|follow[- ]?ups?|(?:second|next) part|part (?:two|2|ii))"
SEQUEL = re.compile(
    rf"\b(?:is|was|are|were)(?:n['’]?t)? (?:the|its|that|any of the|their) {_PART}(?: (?:to|of) [^.?!,]{{1,40}}?)?"
    r"(?: (?:just|also|any|really|at least|even|much|actually|still|half))* "
    r"(?:as good|good|better|worse|bad|worth (?:it|watching|seeing|reading|a (?:watch|look)))\b",
    re.IGNORECASE,
)
"""Whether the next part is as good."""

PARTS = re.compile(
    r"\b(?:what|which)(?:['’]?s| is| comes| came)? (?:one )?(?:\w+ )?(?:after|next|before) (?:that|it|this)\b|"
    r"\b(?:need|have) to (?:have )?(?:see|seen|watch|watched) the (?:others?|first|previous|rest)\b|"
    r"\b(?:is|are|was|were) there (?:(?:a|any|more|other|some|another) )*"
    r"(?:sequels?|prequels?|parts?|follow[- ]?ups?)\b|"
    r"\b(?:next|following|previous) (?!one\b|time\b|to\b)[\w'’ -]{2,30}? (?:after|before) "
    r"\w+ (?:\d+|[ivx]+|part)\b|"
    r"\b(?:sequels?|prequels?|follow[- ]?ups?)(?: (?:to|of|for)\b[^.!?]*)?\?|"
    r"\b(?:what|which|right|correct|best|watch(?:ing)?|viewing|release|chronological|want the) order\b|"
    r"\b(?:watch|see) (?:them|these|it all) in order\b|\bwhole series\b|"
    r"\bhow many (?:of (?:them|those)|parts|sequels|(?:[\w'’-]+ ){1,4}?(?:films|movies|books|parts)) "
    r"(?:are there|did they|were there|have they|(?:do |have )?(?:you|u|ya)(?:['’]ve)? (?:got|have|know))\b|"
    r"\b(?:is|was) there (?:a|another) (?:second|third|newer|later|earlier)\b"
    r"(?! (?:\w+ )?(?:that|which|with|like|about|who|where)\b)|"
    r"\bmake (?:a|any) (?:sequels?|prequels?)\b|\b(?:which|what)(?: one)? (?:comes|came|goes) first\b|"
    r"\bis there (?:one|another|another one|a (?:film|movie|book|part)|anything) (?:before|after)\b|"
    r"\b(?:does|did|do) (?:it|that|this|#+) (?:have|get) (?:(?:any|more|other|further) )*"
    r"(?:sequels|prequels|parts|follow[- ]?ups)\b|"
    r"\b(?:have|has|got|get|was|were) (?:it )?(?:a|any) (?:sequels?|prequels?|follow[- ]?ups?)\b|"
    r"\bthe (?:one|film|movie|book|part) (?:after|before|following) (?:that|it|this)\b|"
    r"\bnext (?:one |film |movie |part |book )?in the (?:series|trilogy|saga|franchise)\b",
    re.IGNORECASE,
)
"""What parts there are, and in which order."""

_BESIDE_PARTS = re.compile(
    r"\b(?:besides?|apart from|aside from|other than|except(?: for)?|not counting|but (?:not|no))"
    r" (?:for )?(?:(?:the|its|any|more|all the|their|other) )*"
    r"(?:sequels?|prequels?|parts|follow[- ]?ups?|series|franchise|saga)\b|"
    r"\bnot (?:one )?(?:from|of|in|part of) (?:the|that|this|its) (?:same )?(?:series|franchise|saga)\b|"
    r"(?<!there )(?<!there['’]s )\b(?:no|not (?:a|the|another|one of (?:the|its))) "
    r"(?:sequels?|prequels?|follow[- ]?ups?)\b",
    re.IGNORECASE,
)


def refuses_parts(text: str) -> bool:
    """Tell whether a message asks for an item that is no part of the series spoken of."""
    return _BESIDE_PARTS.search(text) is not None


def beside_parts(reading: Reading, facets: Facets, offered: Sequence[str]) -> Reading:
    """Return a reading that asks for an item of no series spoken of: "what next, besides the sequels?".

    Args:
        reading: As it was read.
        facets: Of the catalogue.
        offered: Items of the latest reply.
    """
    match = _BESIDE_PARTS.search(reading.text)
    if match is None:
        return reading
    spoken = [item for item in (*(entry.item for entry in reading.items), *offered[:1]) if item in facets.catalogue]
    series = dict.fromkeys(name for item in spoken for name in facets.catalogue[item].values(_SERIES))
    if not series:
        return reading
    refused = (FacetValue(*match.span(), (_SERIES,), value_key(name), name) for name in series)
    acts = {**reading.acts, "ask_fact": 0.0, "small_talk": 0.0, "ask_more": 1.0}
    items = tuple(_as_example(entry) for entry in reading.items)
    values = (*reading.values, *(ReadValue(value, "avoid") for value in refused))
    return replace(reading, acts=acts, items=items, values=values, facts=())


def _as_example(entry: ReadItem) -> ReadItem:
    return replace(entry, role="like") if entry.role in ("ask", "want", "incidental") else entry
