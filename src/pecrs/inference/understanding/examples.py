"""Which items a message names as examples, which it only asks about, and who is named only to say which item is meant.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from pecrs.inference.understanding.reading import Reading, ReadItem
from pecrs.inference.understanding.refusals import BAD, NEGATED_VERB
from pecrs.linking.lexicon import DULL
from pecrs.linking.spans import spans_of, without_spans
from pecrs.linking.values import FacetValue, is_of

_LIKE = re.compile(
    r"(?P<before>(?:[\w'’-]+\W+){0,4})\b(?:like(?: in)?|similar to|along the lines of|"
    r"in the (?:vein|style|spirit) of)\s+(?:the (?:films?|movies?|books?)\s+|the\s+)?[\"“]?$",
    re.IGNORECASE,
)
_NO_EXAMPLE = re.compile(
    rf"(?:\b(?:not|nothing|never|less|neither|too|too much)|{NEGATED_VERB})\W+"
    r"(?:(?:anything|something|another|one|to be|be|too|so|really|a|"
    r"exactly|much)\W+)*$|\b(?:i|you|u|we|they|he|she|who|to|would|will|might|also|really|do|did|does|'d|looks?|"
    r"sounds?|feels?|is|was|are|were|it['’]?s|that['’]?s|thats|seems?)\W+$",
    re.IGNORECASE,
)
"""Before a "like" that is a verb, says what an offer is like, or is refused."""

_ASKS_BEFORE = re.compile(
    r"\b(?:why (?:do|did|are|were|would|have|not)(?: (?:you|u|ya))?(?: (?:keep|always|just))?(?: \w+)?|"
    r"(?:would|will|might|do you think) (?:i|we) (?:really |even )?(?:like|love|enjoy))"
    r"\s+(?:the )?$",
    re.IGNORECASE,
)
_ABOUT_BEFORE = re.compile(r"\b(?:(?:what|how) about|is|was|are|were|and)\s+(?:the )?$", re.IGNORECASE)
_ASKS_BEHIND = re.compile(
    r"\W*(?:\(\d{4}\))?\W*(?:(?:is|was) (?:it|that|this)\b|(?:is|was) any good|"
    r"would (?:i|we)\b|(?:any )?good\b|worth\b|"
    r"any better|do you|does it|did (?:you|it))",
    re.IGNORECASE,
)
_THAT_TYPE = re.compile(
    r"\b(?:that|this|the same) (?:type|kind|sort|style|vibe)\b|\blike (?:that|this)\b|\bthat sort of\b", re.IGNORECASE
)
_NAMES = re.compile(r"\b(?:mean|meant|talking about|the one|the original|said|saw|seen|watched|loved|liked)\b", re.I)
_BEHIND_TITLE = (
    r"\W*(?:(?:from|of|in)\s+)?(?:\(?(?:1[89]|20)\d\d\)?)?\W*(?:(?:with|by|starring|featuring)\s+|and\s+|&\s*|,\s*)*"
)
_WITH = re.compile(r"[\"”]?\s*(?:\(\d{4}\))?,?\s*(?:(?:the one )?(?:with|starring)|w/?)\s+", re.IGNORECASE)
"""Between a title and who is in it: "the other woman with Cameron Diaz"."""

_ABOUT_PERSON = re.compile(
    r"\b(?:how (?:old|tall|rich|big) (?:is|was|are)|who (?:is|was|the hell is)|who['’]?s|where (?:is|was)|"
    r"when (?:is|was)|what(?:ever)? happened to|never heard of|married to)\s+$",
    re.IGNORECASE,
)

_THINK = re.compile(
    r"(?:^|[.!?;,–-]\s*)(?:(?:more|just|but|so|no)\W+)*think(?: of| along the lines of)?\s+(?:the )?$", re.I
)
"""Before an example: "think Before Sunrise"."""

_FANS_OF = re.compile(
    r"\b(?:an? |any )?(?:fans?|lovers?|friends?|people|someone|somebody) (?:of|who (?:likes?|loves?|loved|liked))\s+$",
    re.I,
)
_WOULD_LIKE = re.compile(
    r"[\"”]?(?:\s*\(\d{4}\))?\s+(?:would |might |may |will |should |also |really )*(?:like|love|enjoy|watch|see)\b",
    re.I,
)

_VERB_LIKE = r"(?<!\bi )(?<!\bwe )(?<!\byou )(?<!\bto )(?<!\bdid )(?<!\bdo )(?<!['’]d )(?<!['’]t )(?<!\bnot )(?<!ally )"
_POINTS = re.compile(
    rf"{_VERB_LIKE}\b(?:like|similar to|as) (?:it|that|this|those|these|them)\b(?! (?:is|was)\b)|"
    r"\b(?:anything|something|sth|any|more|others?|one|ones|stuff|films?|movies?|books?) (?:else |pretty |quite )?"
    r"(?:similar|alike|comparable)\b(?! to)",
    re.IGNORECASE,
)
"""Words for being like what was named, or offered, before."""

_ALIKE = re.compile(r"\b(?:like|similar|such as|style|same vein|along the lines|reminds?|comparable)\b", re.IGNORECASE)

_WHO = (
    r"(?:mum|mom|mother|mam|dad|father|gran|grandma|granny|nan|grandpa|grandad|parents|wife|husband|girlfriend|"
    r"boyfriend|gf|bf|partner|sister|brother|son|daughter|kids?|children|friends?|mate|boss|aunt|uncle|cousin|"
    r"nephew|niece|flatmate|roommate|neighbou?r|in-laws)"
)
_FOR_OTHER = re.compile(
    rf"\b(?:for|with) (?:my|our|the|his|her) (?:\w+ )?{_WHO}\b|"
    r"\bi (?:myself|for my part) (?:would|['’]d|want|need|prefer|fancy)\b|"
    r"^\W*(?:and |but |now |then )*for (?:myself|me)\b",
    re.IGNORECASE,
)


def role_of_named(text: str, entry: ReadItem) -> str:
    """Return what words around an item say it is named for: ``like`` or ``ask``; empty where they leave it open.

    >>> role_of_named("no I meant like Her", ReadItem("a", "dislike", 16, 19))
    'like'
    >>> role_of_named("is Bright any good?", ReadItem("a", "like", 3, 9))
    'ask'

    Args:
        text: The message.
        entry: The item.
    """
    if entry.start >= entry.end:
        return ""
    before, behind = text[: entry.start], text[entry.end :]
    if _THINK.search(before) or asks_for_fans(text, entry):
        return "like"
    like = _LIKE.search(before)
    if like is not None and like["before"].strip() and not _NO_EXAMPLE.search(like["before"]):
        return "like" if not _ASKS_BEFORE.search(before) else "ask"
    if _ASKS_BEFORE.search(before) or (_ABOUT_BEFORE.search(before) and _ASKS_BEHIND.match(behind)):
        return "ask"
    return ""


def asks_for_fans(text: str, entry: ReadItem) -> bool:
    """Tell whether is asked what those who like an item would like: "what would a fan of Her enjoy?".

    Args:
        text: The message.
        entry: The item.
    """
    fans = _FANS_OF.search(text[: entry.start]) is not None
    return fans and (
        _WOULD_LIKE.match(text, entry.end) is not None or re.search(r"\bfor\b", text[: entry.start], re.I) is not None
    )


def naming(reading: Reading, people: Collection[str], has: Callable[[str, FacetValue], bool]) -> Reading:
    """Return a reading in which people who only say which item is meant, or are only spoken of, are not wanted.

    "Michael Mann's Heat with Al Pacino" names a film; "Frances McDormand in Fargo, that type" names an example.

    Args:
        reading: A message.
        people: Fields that hold people.
        has: Whether an item has a value.
    """
    values, items = list(reading.values), list(reading.items)
    for place, read in enumerate(values):
        value = read.value
        if not is_of(value, *people) or read.role not in ("want", "like"):
            continue
        if _ABOUT_PERSON.search(reading.text[: value.start]):
            values[place] = replace(read, role="incidental")
            continue
        for number, entry in enumerate(items):
            cast = [own for own in reading.values if is_of(own.value, *people) and has(entry.item, own.value)]
            named = _NAMES.search(reading.text[: entry.start]) is not None or len(cast) > 1
            named = named or (
                entry.role != "like" and _WITH.fullmatch(reading.text[entry.end : value.start]) is not None
            )
            if entry.start < entry.end and read in cast and _belongs(reading, entry, value, named=named):
                values[place] = replace(read, role="incidental")
                if entry.role == "incidental" and _THAT_TYPE.search(reading.text):
                    items[number] = replace(entry, role="like")
    if values == list(reading.values):
        return reading
    return replace(reading, values=tuple(values), items=tuple(items))


def _belongs(reading: Reading, entry: ReadItem, value: FacetValue, *, named: bool) -> bool:
    """Tell whether a person stands beside an item to say which one is meant; behind it, only where it is so named."""
    text = reading.text
    if value.end <= entry.start:
        between = text[value.end : entry.start]
        role_in = re.fullmatch(r"(?:['’]s (?:role|part|character|performance))?\s+in\s+(?:the )?[\"“]?", between, re.I)
        owned = re.search(r"['’]s?$", text[value.start : value.end]) is not None
        own = r"\s+[\"“]?" if owned else r"['’]s?\s+[\"“]?"
        return role_in is not None or re.fullmatch(own, between) is not None
    if not named:
        return False
    others = [(start, end) for start, end in spans_of(reading.values) if entry.end <= start and end <= value.start]
    between = without_spans(text[: value.start], others)[entry.end :]
    return re.fullmatch(_BEHIND_TITLE, between, re.I) is not None


def named_examples(reading: Reading, offered: Sequence[str]) -> tuple[str, ...]:
    """Return the items that a message wants others to be like; what is only asked about is none of them.

    Args:
        reading: The message.
        offered: Items of the latest reply that named any, which "like that" means.
    """
    point = _POINTS.search(reading.text)
    pointed = point is not None
    roles = ("like", *(("want",) if _ALIKE.search(reading.text) else ()))
    named = reading.roles(*roles) or (reading.roles("seen", "incidental") if pointed else ())
    before = [entry for entry in reading.items if point is not None and entry.start < point.start()]
    return named or (tuple(offered[:1]) if pointed and not before else ())


def enjoyed(text: str) -> bool:
    """Tell whether a message says of something seen that it was liked: "loved it", not "it was meh".

    Args:
        text: The message.
    """
    return _ENJOYED.search(text) is not None and _NOT_ENJOYED.search(text) is None


def is_dull(text: str) -> bool:
    """Tell whether a message finds something dull, and nothing good: "it was meh"."""
    return _DULL.search(text) is not None and not _LOVED.search(text)


_DULL = re.compile(rf"\b(?:{DULL})\b", re.IGNORECASE)
_LOVED = re.compile(r"\b(?:lov|ador|enjoy|great|good one|perfect|amazing|brilliant|favou?rit)\w*", re.IGNORECASE)
_ENJOYED = re.compile(r"\b(?:loved|liked|enjoyed|adored|was|favou?rites?)\b", re.IGNORECASE)
_NOT_ENJOYED = re.compile(
    rf"\b(?:{BAD}|bored|weak|too|not (?:great|good|that|my|for)|did(?:n['’]?t| not)|was(?:n['’]?t| not))\b",
    re.IGNORECASE,
)


def for_somebody_else(reading: Reading) -> bool:
    """Tell whether a message says what somebody else would like, whom the earlier examples say nothing of."""
    tastes = any(read.role in ("want", "like") for read in reading.values)
    return tastes and _FOR_OTHER.search(reading.text) is not None
