"""Words by which somebody leaves, and titles with such words.

Source: design section 4.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

from pecrs.inference.understanding.reading import Reading, likeliest
from pecrs.linking.spans import meets, spans_of, without_spans

_OBLIGED = (
    r"(?:(?:much|most|greatly|very|so|truly) (?:obliged|grateful|appreciated)|obliged to you|"
    r"(?:i |we )?(?:really |do |much )*appreciate (?:it|that|this|(?:the|your|all) \w+))"
)
"""Words of thanks that are no "thanks"."""

_OBLIGED_ALONE = re.compile(rf"\b{_OBLIGED}(?![\w’'])", re.IGNORECASE)

_GIVES_UP = re.compile(
    r"\b(?:(?<!when )(?<!once )(?<!until )i['’]?m (?:off|out|leaving|gone|done(?: here)?)|i give up|"
    r"over and out|gotta go|got to go|ciao|cya|peace out)\W*$|"
    r"(?:^|[\s.,!?;])(?:b+y+e+(?:\W*bye+)*|bubye|see (?:you|ya)|good ?night|cheerio|adios|ta ta)\W*$|"
    r"(?:^|[.,!?;])\s*(?:later|laters|night|peace|so long|done|all done)\W*$",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\bthat(?:['’]?s| is| was|['’]?ll be| will be| would be| should be)(?: quite| about| really)? "
    r"(?:(?:all|everything|enough)(?: (?:for|from) [\w’' ]{2,20})?|(?:it|that) for (?:now|today|tonight|me|us))"
    r"(?:[\s,;.!–-]+(?:and )?(?:i am |i['’]?m |we are |we['’]?re )?(?:(?:most|very|much|so|many|really) )*"
    rf"(?:{_OBLIGED}|thank\w*|thx|ta|cheers)\b[^?]*)?[^\w?]*$",
    re.IGNORECASE,
)
"""What somebody says who needs nothing further: "much obliged, that will be all for today"."""

_TAKEN = re.compile(
    r"\b(?:going with|go(?:ing)? for|go|take|taking|watch(?:ing)?|tonight|it is|"
    r"stick(?:ing)? with|settled?|then|done)\b",
    re.IGNORECASE,
)


_NOTHING = re.compile(
    r"\b(?:forget it|never ?mind|no,? thanks?|give up|useless|hopeless|waste of time|nothing (?:then|for me))\b",
    re.IGNORECASE,
)
"""Words of who leaves with nothing."""


def leaving(reading: Reading) -> Reading:
    """Return a reading in which who says so at the end leaves, and wants nothing further.

    >>> leaving(Reading("A western? This is hopeless, I'm off.", {"reject": 1.0})).acts
    {'reject': 0.0, 'goodbye': 1.0}
    >>> leaving(Reading("no, who made it? bye", {"ask_fact": 1.0})).acts
    {'ask_fact': 1.0}
    """
    alone = not (reading.items or reading.values)
    match = _GIVES_UP.search(reading.text) or (_DONE.search(reading.text) if alone else None)
    if match is None and alone and _OBLIGED_ALONE.search(reading.text):
        return replace(reading, acts={**reading.acts, "thanks": 1.0, "reject": 0.0})
    if match is None or "?" in match.group() or reading.text[: match.start()].rstrip().endswith("?"):
        return reading
    if meets(match.span(), spans_of(reading.items)):
        return reading  # "I loved The Long Kiss Goodnight"
    takes = bool(reading.roles("want", "like", "incidental", "ask")) and _TAKEN.search(reading.text) is not None
    takes = (takes or reading.has("accept")) and not _NOTHING.search(reading.text)
    acts = {**dict.fromkeys(reading.acts, 0.0), "goodbye": 1.0} | ({"accept": 1.0} if takes else {})
    return replace(reading, acts=acts, values=())


_OF_ITSELF = re.compile(
    r"(?:^|[.!?,]\s*|\b(?:so|and|hi|hey+|hello|ok|but|well|lol|are|r)\s+)(?:you|u|ya) "
    r"(?:guys |really |actually )?any good\b"
    r"(?! (?:films?|movies?|ones?|books?))|"
    r"\bhow (?:does|do) (?:this|it|you|u)(?: (?:thing|bot|chat|app|site))? work\b|"
    r"\bwhat (?:can|do) (?:you|u) do\b(?! for\b)|"
    r"\bnever (?:used|tried|talked to|chatted (?:to|with)) (?:one of )?(?:these|this|you|a (?:chat)?bot)\b"
    r"(?! (?:film|movie|book|one))|\bfirst time (?:here|using|trying|talking)\b",
    re.IGNORECASE,
)
"""What somebody says who does not know the program: "u any good?", "never used one of these"."""

_OF_ITEMS = re.compile(
    r"\b(?:films?|movies?|books?|watch|recommend|suggest|want|looking|something|anything|one with|find me)\b",
    re.IGNORECASE,
)


def asking_itself(reading: Reading) -> Reading:
    """Return a reading that asks what the program can do, where its words leave no doubt, and for nothing else.

    >>> asking_itself(Reading("hey, never used one of these. u any good?", {"ask_recommendation": 0.9})).acts
    {'ask_recommendation': 0.0, 'ask_help': 1.0}
    """
    named = reading.items or reading.values or reading.unknown
    if named or not _OF_ITSELF.search(reading.text) or _OF_ITEMS.search(reading.text):
        return reading
    return replace(reading, acts={**dict.fromkeys(reading.acts, 0.0), "ask_help": 1.0})


_MANNERS = MappingProxyType(
    {
        "thanks": re.compile(r"\bth(?:ank|x)|\bcheers\b", re.IGNORECASE),
        "greeting": re.compile(r"\b(?:hello|hi|hey|good (?:morning|evening|afternoon|day))\b", re.IGNORECASE),
        "goodbye": re.compile(r"\b(?:good ?bye|bye|good ?night|see you|farewell)\b", re.IGNORECASE),
    }
)


def without_titles_manners(reading: Reading, *, offered: bool = False) -> Reading:
    """Return a reading that neither thanks, greets nor takes its leave where only a title has such words.

    Nor does a title alone take anything where nothing was offered. What is left is a taste, or what is likeliest then.

    >>> from pecrs.inference.understanding.reading import ReadItem
    >>> title = (ReadItem("x", "like", 6, 29),)
    >>> without_titles_manners(Reading("I saw The Long Kiss Goodnight", {"goodbye": 0.9}, title)).has("goodbye")
    False

    Args:
        reading: The message.
        offered: Whether something was offered before.
    """
    spans = spans_of(reading.items)
    if not spans:
        return reading
    inside, outside = " ".join(reading.text[a:b] for a, b in spans), without_spans(reading.text, spans)
    alone = not re.search(r"\w", outside)
    false = [act for act, words in _MANNERS.items() if words.search(inside) and not words.search(outside)]
    false += ["accept"] if alone and not offered else []
    if not reading.has(*false):
        return reading
    acts = {**reading.acts, **dict.fromkeys(false, 0.0)}
    if reading.roles("like", "dislike", "want"):
        return replace(reading, acts=acts | {"give_preference": 1.0, "small_talk": 0.0})
    return replace(reading, acts=likeliest(acts, reading.thresholds))
