"""What a message wants an item to be like, where nothing in the catalogue says that: "something gripping".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pecrs.inference.plain_requests import request_words
from pecrs.inference.reading import Reading
from pecrs.linking.lexicon import CHATTER, FUNCTION, fold, words_of

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
        "see watch read suggest recommend say do".split(),
    )
)


def ungrasped(reading: Reading) -> tuple[str, ...]:
    """Return the words of a message that say what an item should be like and stand for no value of the catalogue.

    >>> ungrasped(Reading("something gripping and smart, please"))
    ('gripping', 'smart')

    Args:
        reading: The message, with the values found in it.
    """
    taken = [(read.value.start, read.value.end) for read in reading.values]
    taken += [(entry.start, entry.end) for entry in reading.items]
    taken += [(name.start, name.end) for name in reading.unknown]
    asked = [
        *_asked(reading.text),
        *((match.start(), match.group().lower()) for match in _RATED.finditer(reading.text)),
    ]
    found = [word for start, word in asked if _is_free(start, start + len(word), taken)]
    known = FUNCTION | CHATTER | request_words("request") | _JUDGES
    return tuple(dict.fromkeys(word for word in found if fold(word) not in known))


def describes_item(reading: Reading) -> bool:
    """Tell whether a request says what an item should be like, whether or not the catalogue has a value for it.

    >>> describes_item(Reading("a film where a man hears a voice")), describes_item(Reading("can you suggest a movie?"))
    (True, False)
    """
    known = FUNCTION | CHATTER | request_words("request") | _JUDGES | _WORKS
    said = [match["what"] for match in _DESCRIBES.finditer(reading.text)]
    return any(fold(match.group()) not in known for what in said for match in words_of(what))


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


def _is_free(start: int, end: int, taken: Sequence[tuple[int, int]]) -> bool:
    return not any(start < other and first < end for first, other in taken)
