"""Questions about an item's story: where and when it is set, what it is based on, how it ends, who plays whom.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue
from pecrs.linking.makers import PEOPLE
from pecrs.linking.quantities import Quantity
from pecrs.linking.renown import FAME
from pecrs.linking.roles import CHARACTERS, playing
from pecrs.linking.spans import masked, spans_of
from pecrs.linking.values import FacetValue, is_of

_IT = (
    r"(?:it|that|this|he|she|they|(?:that|this|the) (?:one|film|movie|book|story)|the (?:action|plot)|#+)"
    r"(?: (?:one|film|movie))?"
)
_SOMEBODY = (
    r"(?:he|she|they|anyone|anybody|everyone|everybody|somebody|someone|the (?:hero|main (?:guy|character)|girl|boy))"
)
_IS = r"(?:['’]?s|['’]re| is| was| are| does| did| do)?(?:n['’]t)?"
_SETTING = re.compile(
    rf"\b(?:where|when|where and when|when and where|(?:in )?(?:what|which) (?:city|town|"
    rf"country|place|state|year|decade|century|period|era|time))\b{_IS} {_IT} (?:\w+ )?"
    r"(?:set|take[sn]? place|plays?|happens?|located)\b|"
    rf"\b(?:is|was|does|did)(?:n['’]t)? {_IT} (?:\w+ )?(?:set|takes? place|happens?)\b(?! (?:up|off))|"
    r"\bwhat(?:['’]?s| is) the setting\b|\bset (?:where|when)\b",
    re.IGNORECASE,
)
_BASED_ON = re.compile(
    rf"\bwhat{_IS} {_IT} (?:all |actually )?(?:based on|adapted from|taken from)\b|"
    rf"\b(?:is|was|are)(?:n['’]t)? {_IT} (?:\w+ )?"
    r"(?:based (?:up)?on|adapted from|taken from|from an? (?:book|novel|play|comic))\b|"
    rf"\b(?:is|was)(?:n['’]t)? {_IT} (?:\w+ )?(?:an? )?(?:true|real|original)(?: life)? (?:story|events?)\b|"
    rf"\b(?:did|has) {_IT} (?:really|actually|truly) happen(?:ed)?\b|"
    rf"\bis there a (?:book|novel) (?:of|to|behind) {_IT}|"
    r"^\W*(?:and |so |ok )?(?:(?:is )?it['’]?s? )?(?:based on )?(?:a )?true story\W*\?",
    re.IGNORECASE,
)
_ENDING = re.compile(
    rf"\b(?:does|do|did|will) {_SOMEBODY} (?:\w+ )?(?:die|survive|live|make it|get killed|end up)\b|"
    r"(?:^|[.?!,]\s*)(?:and |but |so )?who dies\b|"
    r"\b(?:does|did|how(?: does| did|['’]?s)?) (?:it|that|this|the (?:film|movie|book|story)) (?:\w+ )?end\b|"
    r"\b(?:happy|sad|good|bad|unhappy|tragic) ending\b|\bend(?:s|ing)? (?:well|badly|happily|sadly|happy|sad)\b",
    re.IGNORECASE,
)
_PHOTOGRAPHY = re.compile(
    rf"\b(?:is|was)(?:n['’]t)? {_IT} (?:\w+ )?(?:in )?(?:colou?r|black[ -](?:and|&|n)[ -]white|b ?& ?w|monochrome)\b",
    re.IGNORECASE,
)
_WHO_PLAYS = re.compile(
    r"\bwho(?:['’]?s| is| was)? (?:it (?:who|that) )?(?:plays?|playing|played|voices?|voiced|voicing|acts? as)\s+"
    r"(?P<character>(?!(?:in|it|there|that|her|him|them|who|the (?:lead|main))\b)[^?.!,]+)",
    re.IGNORECASE,
)
_PLAYS_WHOM = re.compile(
    r"\b(?:who(?:m)?|what|which (?:part|role|character))(?: (?:part|role|character))?(?: does| did|['’]?s| is| do)"
    r" [^?.!,]+? (?:play(?:s|ing)?|voic(?:e|es|ing))\b|"
    r"\bwhat(?:['’]?s| is| was) (?:(?:his|her|their|[\w.'’-]+(?: [\w.'’-]+)?['’]s?|the) )?(?:part|role|character)\b|"
    r"\b(?:roles?|parts?|characters?) (?:of|in|called|named)\b|\bwho plays (?:who|whom|what|him|her|them)\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"\s+(?:in|of|on|from|there|then|again|btw|though|tho|anyway|please|pls)\b.*$|\s*#.*$", re.IGNORECASE
)
_ARTICLE = re.compile(r"^(?:the|a|an|his|her|their|that|this)\s+", re.IGNORECASE)


def story_facts(reading: Reading) -> tuple[tuple[str, ...], tuple[FacetValue | Quantity, ...]] | tuple[()]:
    """Return the kind of fact about a story that a message asks for, with what it asks whether an item has it.

    Args:
        reading: The message.
    """
    asked = tuple(read.value for read in reading.values if is_of(read.value, CHARACTERS))
    if asked:
        return ("character",), asked
    text = masked(reading.text, spans_of(reading.items))
    values = tuple(read.value for read in reading.values)
    plays = _WHO_PLAYS.search(text)
    people = tuple(value for value in values if is_of(value, *PEOPLE))
    if plays is not None:
        return ("character",), (_character(reading.text, *plays.span("character")),)
    if _PLAYS_WHOM.search(text):
        return ("character",), people[:1]
    for kind, pattern in _ASKED.items():
        found = pattern.search(text)
        if found is not None:
            return (kind,), tuple(value for value in values if value.start >= found.start() and value not in people)
    return ()


def asks_of_story(reading: Reading) -> bool:
    """Tell whether a message asks where an item is set, or what it is based on, whatever its acts seem to be."""
    text = masked(reading.text, spans_of(reading.items))
    return any(pattern.search(text) is not None for pattern in (_SETTING, _BASED_ON, _PHOTOGRAPHY))


_ASKED = {"based_on": _BASED_ON, "setting": _SETTING, "ending": _ENDING, "photography": _PHOTOGRAPHY}


def _character(text: str, start: int, end: int) -> FacetValue:
    """Return who is played as a value of the field of characters."""
    words = _BEHIND.sub("", text[start:end])
    label = _ARTICLE.sub("", words.strip()) or words.strip()
    return FacetValue(start, start + len(words), (CHARACTERS,), label.lower(), label)


_WHO_IS = re.compile(
    r"^\W*(?:(?:and|so|but|wait|ok|oh)\W+)*who(?:['’]?s| is| was)(?: (?:this|that))? "
    r"(?P<character>(?-i:[A-Z])[\w.'’-]*(?: [\w.'’-]+){0,3}?)(?: in (?:it|that|this)| again)?\W*$",
    re.IGNORECASE,
)


def asking_of_story(reading: Reading, catalogue: Catalogue, offered: Sequence[str]) -> Reading:
    """Return a reading that asks of a story what its words ask, and of the item that has a character if none is named.

    The item at hand is meant where it has a character of that name, else the best known item that has.

    Args:
        reading: As it was read.
        catalogue: Who plays whom.
        offered: Items of the latest reply that named any.
    """
    if (reading.items or offered) and not reading.has(*REQUESTS) and asks_of_story(reading):
        return reading.asking("small_talk", "inform", "give_preference", "praise", "accept", "off_topic")
    plays, who = _WHO_PLAYS.search(reading.text), _WHO_IS.match(reading.text)
    match = plays or who
    if match is None or reading.items:
        return reading
    asked = _character(reading.text, *match.span("character"))
    at_hand = [catalogue[item] for item in offered[:1] if item in catalogue]
    here = next(playing(at_hand, asked.label), None)
    if plays is None and here is None and " " not in asked.label:
        return reading
    named = here or (None if _PLAIN.match(asked.label) else _best_known(playing(catalogue, asked.label)))
    if named is None:
        return reading
    entry = ReadItem(named.id, "ask")
    values = tuple(replace(read, role="ask") for read in reading.values if read.value.end <= match.start())
    return replace(
        reading.asking("small_talk", "clarify", "off_topic"),
        items=(entry,),
        values=(*values, ReadValue(asked, "ask")),
        unknown=tuple(name for name in reading.unknown if name.end <= match.start()),
        facts=("character",),
    )


_PLAIN = re.compile(r"^[a-z]+(?: [a-z]+)?$")
"""Who is called by what they are, as "dad" and "bad guy", is of the item at hand."""


def _best_known(items: Iterable[Item]) -> Item | None:
    return max(items, key=lambda item: (item.values(FAME), item.year or 0), default=None)
