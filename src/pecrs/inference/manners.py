"""Thanks, greetings and goodbyes: those that are none, and those that close what was agreed on.

The reader goes by words as much as by what surrounds them, so "The Long Kiss Goodnight" reads as a goodbye to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from pecrs.inference.reading import Reading, likeliest

_WORDS = MappingProxyType(
    {
        "thanks": re.compile(r"\b(?:thank(?:s| you| u)?|thx|cheers)\b", re.IGNORECASE),
        "greeting": re.compile(r"\b(?:hello|hi|hey|good (?:morning|evening|afternoon))\b", re.IGNORECASE),
        "goodbye": re.compile(r"\b(?:good ?bye|bye|good ?night|see (?:you|ya|u)|farewell)\b", re.IGNORECASE),
    }
)
_PHRASE = re.compile(r"thanks\s+to\s+(?!you\b|u\b|all\b)|thank\s+(?:god|goodness|heavens?)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[.,;:!?\n]")
_BESIDE_GOODBYE = frozenset(
    "ok okay well alright then so thanks thank thx you u very much a lot for the your help now all everyone guys folks "
    "friend my dear and have has nice good great lovely day night evening weekend one time i im am off got gotta to go "
    "going must need bed later soon tomorrow around again next take care it was cheers i'll i'm that's thats will be "
    "back hope can today tonight say want wanna just said".split()
)
_MORE = re.compile(r"\b(?:something|anything|what) (?:else|different)\b|\banother\b", re.IGNORECASE)
_AGREED = re.compile(
    r"\b(?:perfect|just right|just the thing|sounds (?:good|great|perfect|lovely)|will do|that works|"
    r"i['’]?ll (?:watch|take|go with|try|see|get))\b",
    re.IGNORECASE,
)
_PARTING = re.compile(r"\b(?:thank(?:s| you| u)?|thx|cheers|bye|good ?night)\b[^.!?,]*[.!]*\s*$", re.IGNORECASE)
_GOING_ON = re.compile(r"\?|\b(?:now|also|another|else|more|instead|but|next|first|then)\b", re.IGNORECASE)
_TASTES = ("like", "dislike", "want", "avoid")


def closed(reading: Reading) -> Reading:
    """Return a reading in which who agrees and says thanks at the end wants nothing further.

    >>> closed(Reading("80 minutes, perfect. Thanks!", {"ask_recommendation": 1.0})).acts
    {'ask_recommendation': 0.0, 'accept': 1.0}
    """
    text = reading.text
    if not (_AGREED.search(text) and _PARTING.search(text)) or _GOING_ON.search(text):
        return reading
    kept = {name: chance if name in ("thanks", "goodbye") else 0.0 for name, chance in reading.acts.items()}
    return replace(reading, acts={**kept, "accept": 1.0}, values=())


_GIVES_UP = re.compile(
    r"\b(?:(?<!when )(?<!once )(?<!until )i['’]?m (?:off|out|leaving|gone|done(?: here)?)|i give up|"
    r"over and out|gotta go|got to go|ciao|cya|peace out)\W*$|"
    r"(?:^|[\s.,!?;])(?:b+y+e+(?:\W*bye+)*|bubye|see (?:you|ya)|good ?night|cheerio|adios|ta ta)\W*$|"
    r"(?:^|[.,!?;])\s*(?:later|laters|night|peace|so long|done|all done)\W*$",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:going with|go(?:ing)? for|go|take|taking|watch(?:ing)?|tonight|it is|"
    r"stick(?:ing)? with|settled?|then|done)\b",
    re.IGNORECASE,
)


def leaving(reading: Reading) -> Reading:
    """Return a reading in which who says so at the end leaves, and wants nothing further.

    >>> leaving(Reading("A western? This is hopeless, I'm off.", {"reject": 1.0})).acts
    {'reject': 0.0, 'goodbye': 1.0}
    >>> leaving(Reading("no, who made it? bye", {"ask_fact": 1.0})).acts
    {'ask_fact': 1.0}
    """
    match = _GIVES_UP.search(reading.text)
    if match is None or "?" in match.group() or reading.text[: match.start()].rstrip().endswith("?"):
        return reading
    if any(match.start() < entry.end and entry.start < match.end() for entry in reading.items):
        return reading  # "I loved The Long Kiss Goodnight"
    takes = bool(reading.roles("want", "like", "incidental", "ask")) and _TAKEN.search(reading.text) is not None
    takes = takes or reading.has("accept")
    acts = {**dict.fromkeys(reading.acts, 0.0), "goodbye": 1.0} | ({"accept": 1.0} if takes else {})
    return replace(reading, acts=acts, values=())


def without_false_manners(reading: Reading) -> Reading:
    """Return a reading that neither thanks, greets nor takes its leave where only a title or a phrase has such words.

    What is left of "thanks to my brother I love horror" is what the person likes.

    >>> without_false_manners(Reading("thanks to Ann I love it", {"thanks": 0.9, "give_preference": 0.3})).has("thanks")
    False
    """
    if reading.has("thanks") and _MORE.search(reading.text):  # "no thanks, something else"
        reading = replace(reading, acts={**reading.acts, "ask_more": 1.0})
    spans = [(entry.start, entry.end) for entry in reading.items]
    false = [act for act in _WORDS if reading.has(act) and _is_false(act, reading.text, spans)]
    if not false:
        return reading
    acts = {**reading.acts, **dict.fromkeys(false, 0.0)}
    roles = [*(entry.role for entry in reading.items), *(read.role for read in reading.values)]
    if not set(_TASTES).isdisjoint(roles):
        acts["give_preference"] = 1.0
    return replace(reading, acts=likeliest(acts, reading.thresholds))


def _is_false(act: str, text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a text has the words of an act, but nowhere for that act."""
    found = list(_WORDS[act].finditer(text))
    said = [match for match in found if not any(match.start() < end and start < match.end() for start, end in spans)]
    if act == "thanks":
        said = [match for match in said if not _PHRASE.match(text, match.start())]
    elif act == "goodbye":
        said = [match for match in said if _takes_leave(text, match)]
    return bool(found) and not said


def _takes_leave(text: str, match: re.Match[str]) -> bool:
    """Tell whether nothing but a goodbye is said between two signs of punctuation."""
    before = _CLAUSE_END.split(text[: match.start()])[-1]
    after = _CLAUSE_END.split(text[match.end() :])[0]
    return _BESIDE_GOODBYE.issuperset(re.findall(r"[^\W_]+(?:['’][^\W_]+)?", f"{before} {after}".lower()))
