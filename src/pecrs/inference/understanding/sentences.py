"""The sentences of a message, where it has several: each may ask or want something of its own.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pecrs.linking.spans import meets

_ASKING = (
    r"(?:(?:who|what|when|where|how)(?:s|['’]s)?|which|why|is|are|was|were|does|do|did|can|could|has|have|will|would|"
    r"(?:one|something|anything|another)(?: \w+)? (?:for|with|by|from|in|like)|what about|how about)\b"
)
_OF_IT = r"(?:(?:is|does|was|has) (?:it|that)|any|how long is it|who(?:['’]?s| is) in it|who (?:made|directed) it)\b"
_END = re.compile(
    rf"(?<=[.?!])\s+|,\s+(?={_OF_IT})|,?\s+(?=(?:and|n|but|or|plus|also)\s+{_ASKING})|,?\s+(?=[&+]\s*{_ASKING})",
    re.IGNORECASE,
)
"""Between two sentences, and before a question or a request that goes on with "and"."""

_GOES_ON = re.compile(r"(?:with|by|from|starring|in|at|about|preferably|if|or|for)\b", re.IGNORECASE)
"""The beginning of words that belong to the sentence before: "One more? With Gene Hackman if possible."."""

_OF_ITS = re.compile(_OF_IT, re.IGNORECASE)
_ASKED = re.compile(r"\W*(?:\w+\W+){0,3}?(?:what(?:['’]?s|s| is)?|who(?:['’]?s|s| is)?|tell me about)\b", re.IGNORECASE)
"""The beginning of a question that goes on with another one: "What's Blue Jay, is it sad?"."""

_OWED = re.compile(r"\W*(?:who|when) (?:wrote|directed|made|stars|starred|produced)\W*", re.IGNORECASE)
"""A question whose item the next one names: "who wrote and who directed Heat?"."""

_ABBREVIATED = re.compile(r"(?:\b(?:mr|mrs|ms|dr|st|vs|jr|sr|no|vol|pt|[a-z])\.)$", re.IGNORECASE)


def sentences(text: str, spans: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """Return where the sentences of a message begin and end; what has no words is left out.

    >>> sentences("Good one. Who's in it, and how long is it?")
    [(0, 9), (10, 21), (23, 42)]

    Args:
        text: A message.
        spans: Names in it, which are never cut.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        cut = meets(match.span(), spans)
        goes_on = match.group().startswith(",") and _OF_ITS.match(text, match.end()) is not None
        cut = cut or (goes_on and _ASKED.match(text, start) is None)
        cut = cut or _OWED.fullmatch(text[start : match.start()]) is not None
        if not cut and not _ABBREVIATED.search(text[start : match.start()]):
            found.append((start, match.start()))
            start = match.end()
    found.append((start, len(text)))
    whole: list[tuple[int, int]] = []
    for first, end in found:
        if whole and _GOES_ON.match(text, first):
            whole[-1] = (whole[-1][0], end)
        elif any(map(str.isalnum, text[first:end])):
            whole.append((first, end))
    return whole
