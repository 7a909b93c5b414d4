"""Words at a message's end by which somebody leaves.

Source: design section 4.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pecrs.inference.reading import Reading, likeliest
from pecrs.inference.settling import without_spans

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


def named_only(reading: Reading, *, offered: bool = False) -> Reading:
    """Return a reading in which a message that is nothing but titles neither greets, thanks nor takes its leave.

    Nor does it take anything where nothing was offered.

    >>> from pecrs.inference.reading import ReadItem
    >>> named_only(Reading("Heat", {"goodbye": 0.9}, (ReadItem("heat", "like", 0, 4),))).has("goodbye")
    False

    Args:
        reading: The message.
        offered: Whether something was offered before.
    """
    spans = [(entry.start, entry.end) for entry in reading.items]
    others = ("thanks", "goodbye", "greeting") if offered else ("thanks", "goodbye", "greeting", "accept")
    if not spans or re.search(r"\w", without_spans(reading.text, spans)):
        return reading
    acts = {**reading.acts, **dict.fromkeys(others, 0.0)}
    return replace(reading, acts=likeliest(acts, reading.thresholds))
