"""What words beside a value say of it, whatever role it seems to have: "with a Christmas flavour", "one from the 80s".

Source: design section 4.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.reading import Reading
from pecrs.inference.understanding.refusals import misses
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS, YEAR
from pecrs.linking.lexicon import folded
from pecrs.linking.makers import PEOPLE
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import spans_of, without_spans
from pecrs.linking.value_words import FOR_WHOM, placed
from pecrs.linking.values import FacetValue

_OPEN_TO = re.compile(
    r"\b(?:i|we)(?:['’]?m|['’]?re| am| are)? (?:also |still |quite |always |very |)(?:open to|up for|curious about|"
    r"interested in|happy with)\b[^.,;!?]*$",
    re.IGNORECASE,
)
_MORE_OF = re.compile(
    r"\b(?:more|another|others?|any|some|something|anything|(?<!that )(?<!the )ones?)(?: (?:of the|good|other|nice))?"
    r"(?: (?:films?|movies?|books?|stuff|ones?|things?))? (?:with|by|from|starring|featuring)\s+$",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"(?:^|[.!?;]\s)\W*(?:(?:and|but|ok|okay|also|then|now|maybe)\W+)*(?:with|by|starring|from)\s+$", re.I
)
_ADDED = re.compile(
    r"(?:,? (?:as well|too|also|again|then|please|pls|tho|though|instead))*\W*(?:$|[.!?]\s)", re.IGNORECASE
)
"""Around somebody who is all that a sentence names: "With John Wayne as well."."""

_SUCH_IN = re.compile(
    r"\b(?:something|anything|stuff|ones?|films?|movies?|books?) (?:spoken )?in (?:the )?$", re.IGNORECASE
)
_GOT_IN = re.compile(r"\b(?:got|have|any) (?:spoken )?in (?:the )?$", re.IGNORECASE)
"""Before the language that an item is asked for in: "something in French", "have you got any in Danish"."""

_BARE = re.compile(
    r"(?:^|[,.;:!?–—-]\s*|\b(?:so|then|and|but|rather|instead)\s+)(?:(?:so|then|now|maybe|please|just)\s+)*"
    r"(?:an?|another|some)\s+(?:[\w-]+\s+)?$",
    re.IGNORECASE,
)
_OF_BARE = re.compile(
    r"(?: (?:films?|movies?|books?|ones?))?,? (?:with|by|from|starring|featuring|in|set)\b", re.IGNORECASE
)
"""Around the kind of item in a clause that is nothing but what is asked for: "he may come back, a western with him"."""

_THIS_YEAR = re.compile(r"(?:this|last|next) year\b", re.IGNORECASE)
_OF_YEAR = re.compile(
    r"\b(?:from|of|in|released|out|since|before|after|made|new|newer|by|until)(?: (?:the|only|early|late))*\s*$",
    re.IGNORECASE,
)
_INSTEAD = r"(?:instead of|in place of|rather than|in lieu of|rather [^.;!?]{1,30} than)"
_REPLACED = re.compile(rf"\b{_INSTEAD}(?: (?:the|from|of|in|all|those|these|an?|only|just))*\s*$", re.IGNORECASE)
_REPLACES = re.compile(rf"(?: (?:now|then|please|lol))*,? {_INSTEAD}\b", re.IGNORECASE)
_SHOULD_BE = re.compile(
    r"\bit (?:should|must|has to|needs to|ought to) be (?:about|with|by|from|set (?:in|on|at))(?: (?:an?|the))?\s+$",
    re.I,
)
_FROM_ALONE = re.compile(
    r"(?:^|[.!?;,]\s*|\bwhat i want\s+)\W*(?:(?:and|but|or|maybe|preferably)\s+)*from(?: the)?\s*$", re.I
)
_ENDS = re.compile(r",?(?: (?:if (?:you|u) can|if possible|please|pls|plz|tonight|instead))*\W*(?:$|[.!?]\s)", re.I)
"""Around years that are all that a sentence says: "Not that one. From the 2010s if you can."."""

_ONE_FROM = re.compile(r"\b(?:ones?|something|anything|films?|movies?|books?)\s+(?:from|of)\s*$", re.IGNORECASE)


def wanted_beside(reading: Reading, value: FacetValue) -> bool:
    """Tell whether a request places what it asks for there, or somebody says to be open to it.

    Args:
        reading: A message.
        value: Found in it.
    """
    before = reading.text[: value.start]
    added = value.fields[0] in PEOPLE and _WITH.search(before) and _ADDED.match(reading.text, value.end)
    if value.fields[0] in (*PEOPLE, *KIND_FIELDS) and _WHAT_ABOUT.search(before):
        return True
    if (
        _OPEN_TO.search(before)
        or _STILL.search(before)
        or misses(reading.text, value.start)
        or _SHOULD_BE.search(before)
        or added
        or (value.fields[0] in PEOPLE and asks_more_of(before))
    ):
        return True
    if value.fields[0] in KIND_FIELDS and _BARE.search(before) and _OF_BARE.match(reading.text, value.end):
        return True
    if value.fields[0] == "language" and (
        _SUCH_IN.search(before) or (_GOT_IN.search(before) and reading.has(*REQUESTS))
    ):
        return True
    told = placed(reading.text, value.start, value.end) or _SOME_ABOUT.search(before) is not None
    return value.fields[0] in THEME_FIELDS and reading.has(*REQUESTS) and told


_STILL = re.compile(
    r"(?:^|[.,;:!?–-]|\bbut|\band)\s*(?:i |we )?(?:still|again)(?: want| need)?(?: (?:an?|the|some|about|with))*\s+$",
    re.I,
)
"""Before what somebody holds on to: "by another director, still mafia"."""

_SOME_ABOUT = re.compile(
    r"\b(?:films?|movies?|books?|comed(?:y|ies)|dramas?|thrillers?|westerns?|something|anything|ones?|stor(?:y|ies)|adults|"
    r"kids|flicks?|documentar(?:y|ies)) (?:that(?:['’]s| is) )?about (?:(?:an?|the|some|being|how) )?$",
    re.IGNORECASE,
)
"""Before what a film that is asked for is about: "a comedy for adults about a funeral"."""

_WHAT_ABOUT = re.compile(
    r"\b(?:what|how) (?:about|abt|bout)\s+(?:(?:something|anything|one|some|an?|more)\s+)?"
    r"(?:(?:with|by|from|starring)\s+)?$",
    re.IGNORECASE,
)
"""Before whom, or which kind, somebody turns to: "what about arnold, I like him"."""


def too_much_for(text: str, value: FacetValue) -> bool:
    """Tell whether words say only for whom an offer is too much: "way too long for kids".

    Args:
        text: A message.
        value: Found in it.
    """
    return value.key in FOR_WHOM and _TOO_MUCH.search(text[: value.start]) is not None


_TOO_MUCH = re.compile(r"\btoo\s+\w+\s+(?:for\s+(?:the|my|our|any|an?|his|her|their|such an?)?\s*)?$", re.IGNORECASE)


def exclaimed(text: str, value: FacetValue) -> bool:
    """Tell whether a value is a word of astonishment: "are you serious?", "Strange. It should be there".

    Args:
        text: A message.
        value: Found in it.
    """
    word, ends = text[value.start : value.end].lower(), _ENDS_SENTENCE.match(text, value.end) is not None
    alone = word in _ODD and _BEGINS.search(text[: value.start]) is not None
    return ends and (alone or (word in _IN_EARNEST and _ARE_YOU.search(text[: value.start]) is not None))


_ODD, _IN_EARNEST = ("strange", "weird", "odd"), ("serious", "mad", "crazy")
_ARE_YOU = re.compile(r"\b(?:are|r) (?:you|u)(?: being| actually)? $", re.IGNORECASE)
_BEGINS = re.compile(r"(?:^|[.!?])\W*(?:(?:that['’]?s|how|hm+|very|so) )?$", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[.!?]+(?:\s|$)")


def is_of_years(value: FacetValue | Quantity) -> bool:
    """Tell whether something is a number of years."""
    return isinstance(value, Quantity) and value.kind == YEAR


def asks_more_of(before: str) -> bool:
    """Tell whether words right before somebody ask for what else they made or are in: "you have more with", "one by".

    Args:
        before: The text before the name.
    """
    return _MORE_OF.search(before) is not None


def told_by_the_way(text: str, value: Quantity) -> bool:
    """Tell whether a number asks for nothing: "this year I'd like to surprise them", "instead of the eighties".

    Args:
        text: A message.
        value: Found in it.
    """
    told = _LASTS.search(text[: value.start]) is not None and not _ASKED.match(text, value.end)
    if told or _REPLACED.search(text[: value.start]):
        return True
    this_year = value.kind == YEAR and _THIS_YEAR.match(text, value.start) is not None
    return this_year and _OF_YEAR.search(text[: value.start]) is None


_LASTS = re.compile(
    r"(?:^|[.!?;,]\s*|\b(?:and|but|because|cos|since|though)\s+)"
    r"(?:it|that|this)(?:['’]s|s| is| was| runs| lasts| takes)"
    r"(?: (?:also|about|almost|nearly|like|way|even))*\s*$",
    re.IGNORECASE,
)
"""Before how long an item is: "seen it, and it's over three hours"."""


_ASKED = re.compile(r"[^.!?]*\?")


def dates_it(text: str, value: Quantity) -> bool:
    """Tell whether years are those of what is asked for: "one from the eighties", "the nineties instead of these".

    Args:
        text: A message.
        value: Found in it.
    """
    before = text[: value.start]
    alone = _FROM_ALONE.search(before) is not None and _ENDS.match(text, value.end) is not None
    return alone or _ONE_FROM.search(before) is not None or _REPLACES.match(text, value.end) is not None


def wanting_alone(reading: Reading) -> Reading:
    """Return a reading in which a message that is nothing but values wants them: "baseball", "the one with Pacino".

    Args:
        reading: Of a message.
    """
    values = [read for read in reading.values if isinstance(read.value, FacetValue) and not read.value.scaled]
    values += [read for read in reading.values if values and is_of_years(read.value)]
    roles = {read.role for read in values}
    asked = {"ask"} if _SET.match(reading.text) else set()
    if not values or len(values) < len(reading.values) or not roles <= {"incidental", "want"} | asked:
        return reading
    if roles == {"want"} and not reading.has("off_topic"):
        return reading
    left = without_spans(reading.text, spans_of(values))
    if reading.items or not _BESIDE_VALUES.issuperset(folded(left)):
        return reading
    acts = {**reading.acts, **dict.fromkeys(("off_topic", "small_talk", "reject", "ask_fact"), 0.0)}
    acts |= {"ask_recommendation": 1.0}
    return replace(reading, values=tuple(read.as_said("want") for read in values), acts=acts)


_SET = re.compile(r"\W*(?:(?:but|and|maybe|or|one|something|anything)\W+)*set (?:in|on|at|during)\b", re.IGNORECASE)
_BESIDE_VALUES = frozenset(
    folded(
        "a an the some set in on at and or with please films film movies movie vibe vibes style n that one ones by "
        "from of starring featuring maybe perhaps also then ok okay so just too"
    )
)
