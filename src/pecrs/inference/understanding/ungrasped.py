"""What a message wants an item to be like, where nothing in the catalogue says that: "something gripping".

Source: design section 4.
"""

from __future__ import annotations

import re

from pecrs.data.acts import QUESTIONS
from pecrs.inference.understanding.plain_requests import request_words
from pecrs.inference.understanding.reading import Reading
from pecrs.inference.understanding.refusals import NOT
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS
from pecrs.linking.lexicon import CHATTER, FUNCTION, fold, folded
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import meets, spans_of, without_spans
from pecrs.linking.values import FacetValue

_DEGREE = r"(?:(?:really|very|a bit|a little|bit|more|much|so|too|quite|pretty|truly|kinda|kind of|properly|just)\s+)*"
_END = r"(?=\s*(?:$|[.,;:!?]|\b(?:and|or|but|please|pls|plz|for|tonight|instead|then|though|maybe|this time|now)\b))"
_WORD = r"[a-z]+(?:-[a-z]+)?"
_ASKED = re.compile(
    rf"\b(?:something|anything|somethin|sumthin|sth|smth)\s+{_DEGREE}(?P<word>{_WORD}){_END}"
    rf"(?:,?\s+and\s+(?P<second>{_WORD}){_END})?|"
    r"(?:\b(?:one|another|but)|,)\s+(?:a bit |a little |much )?"
    r"(?P<more>[a-z]+ier|smarter|calmer|slower|faster|deeper)\b",
    re.IGNORECASE,
)
_RATED = re.compile(
    r"\b(?:(?:high(?:est|ly)?|top|best|well|better|good)[- ](?:rated|reviewed)|critically acclaimed|"
    r"(?:award|oscar|academy award)[- ]winning|acclaimed)\b",
    re.IGNORECASE,
)
"""What others thought of an item, which no field tells unless it was found as a value."""

_JUDGES = frozenset(
    map(
        fold,
        "good great nice fun decent better best cool interesting worth special similar different watchable amazing "
        "awesome enjoyable entertaining fine okay perfect lovely brilliant excellent fantastic unusual random popular "
        "recent safe early late earlier later bad tired busy many few kid old young long short easier happier "
        "goes works see watch read suggest recommend say do surprise idea ideas help".split(),
    )
)


def ungrasped(reading: Reading) -> tuple[str, ...]:
    """Return the words of a message that say what an item should be like and stand for no value of the catalogue.

    >>> ungrasped(Reading("something gripping and smart, please"))
    ('gripping', 'smart')

    Args:
        reading: The message, with the values found in it.
    """
    taken = spans_of([*reading.values, *reading.items, *reading.unknown])
    asked = [
        *_asked(reading.text),
        *((match.start(), match.group().lower()) for match in _RATED.finditer(reading.text)),
    ]
    found = [word for start, word in asked if not meets((start, start + len(word)), taken)]
    known = FUNCTION | CHATTER | request_words("request") | _JUDGES
    return tuple(dict.fromkeys(word for word in found if fold(word) not in known))


def describes_item(reading: Reading) -> bool:
    """Tell whether a request says what an item should be like, whether or not the catalogue has a value for it.

    >>> describes_item(Reading("a film where a man hears a voice")), describes_item(Reading("can you suggest a movie?"))
    (True, False)
    """
    said = [match["what"] for match in _DESCRIBES.finditer(reading.text)]
    telling = len(telling_words(reading.text)) >= _SOME and reading.has("ask_recommendation")
    return telling or tells_story(reading) or any(telling_words(what) for what in said)


def telling_words(text: str) -> set[str]:
    """Return the words of a text that tell what is looked for, folded: none of "anything but horror" without the kind.

    Args:
        text: Of a message.
    """
    known = FUNCTION | CHATTER | request_words("request") | _JUDGES | _WORKS
    return set(folded(text)) - known


def tells_story(reading: Reading) -> bool:
    """Tell whether a message tells what happens in an item, as of one whose title was forgotten.

    >>> tells_story(Reading("the one where a weatherman lives the same day again")), tells_story(Reading("a comedy"))
    (True, False)
    """
    if reading.items or reading.has(*QUESTIONS, "accept", "thanks", "goodbye", "reject"):
        return False
    forgotten = _FORGOTTEN.search(reading.text) is not None
    if not forgotten and _ASKING_SOMEBODY.search(reading.text):
        return False
    values = [read.value for read in reading.values]
    others = [v for v in values if isinstance(v, Quantity) or THEME_FIELDS.isdisjoint(v.fields)]
    telling = telling_words(without_spans(reading.text, spans_of(others)))
    return len(telling) >= (_FEW if forgotten else _MANY)


def asks_beside(reading: Reading) -> bool:
    """Tell whether one of several sentences asks for a kind or within bounds, whatever the others tell."""
    return any(
        part.has("ask_recommendation", "ask_list", "ask_more", "refine", "change_mind")
        and _FORGOTTEN.search(part.text) is None
        and len(telling_words(without_spans(part.text, [(r.value.start, r.value.end) for r in part.values]))) < _MANY
        and any(read.role == "want" and _bounds(read.value) for read in part.values)
        for part in reading.parts
    )


def _bounds(value: FacetValue | Quantity) -> bool:
    return isinstance(value, Quantity) or not KIND_FIELDS.isdisjoint(value.fields)


def denies(text: str, start: int) -> bool:
    """Tell whether a story says of what begins at a place that it is not that: "not the one with Bill Murray"."""
    return _DENIES.search(text[:start]) is not None


_DENIES = re.compile(rf"{NOT}\s+(?:the|that)\b[^.,;:!?]*$", re.IGNORECASE)

_ASKING_SOMEBODY = re.compile(
    r"\b(?:i|i['’]m|i['’]d|me|my|we|us|our|you|films?|movies?|books?|(?:some|any)thing|any|recommend|suggest|no|not|nothing|"
    r"without|hate|\w+n['’]t|please|pls|for|wants?|ideally|preferably)\b",
    re.IGNORECASE,
)
"""Words of who asks for an item, or refuses some, rather than tells what happens in it."""


_FORGOTTEN = re.compile(
    r"\b(?:the|that|this) (?:\w+ )?(?:one|film|movie|flick|book),? (?:where|with|about|in which|when|who|whose)\b|"
    r"\b(?:which|what) (?:film|movie|book|one) (?:was|is) (?:that|it|the one)\b|"
    r"\b(?:trying to|help me|can you|could you) (?:remember|recall|find|identify|think of) (?:a|an|the|this|that) "
    r"(?:\w+ )?(?:film|movie|book)\b|"
    r"\bwhat(?:['’]?s| is| was)? (?:the |that )?(?:film|movie|book|one)\b.*\b(?:where|with|about|in which|when|who)\b|"
    r"\b(?:what(?:['’]?s| is| was) (?:it|that one) called|(?:can['’]?t|cannot|don['’]?t) remember (?:the|its|what)|"
    r"forg[eo]t(?:ten)? (?:the |its )?(?:title|name)|name of (?:the|that) (?:film|movie|book))\b|"
    r"\b(?:it['’]?s|its) (?:the|that) one\b",
    re.IGNORECASE,
)
_SOME, _FEW, _MANY = 2, 3, 5
"""From so many telling words on a request describes an item, and a message tells a story: where a title is looked for,
and elsewhere."""


_DESCRIBES = re.compile(
    r"\b(?:films?|movies?|books?|something|anything|somethin|somthing|sth|one|story|stories)\s+(?:[\w'’-]+\s+){0,3}?"
    r"(?:about|where|with|in which|that|which|to|like|for|set|of|who|whose|based)\b(?P<what>[^.?!]*)",
    re.IGNORECASE,
)
"""Where a request goes on to say what an item should be like."""

_WORKS = frozenset("film films movie movies book books".split())


def _asked(text: str) -> list[tuple[int, str]]:
    names = ("word", "second", "more")
    return [(m.start(name), m[name].lower()) for m in _ASKED.finditer(text) for name in names if m[name]]
