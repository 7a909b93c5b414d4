"""Sentences that have the sign of a question and ask nothing: surprise, anger, protest.

Source: design section 4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pecrs.data.acts import REQUESTS

if TYPE_CHECKING:
    from pecrs.inference.understanding.reading import Reading


def exclaims(text: str) -> bool:
    """Tell whether a sentence is nothing but surprise or anger, whatever its sign: "What?", "lol what"."""
    return _EXCLAIMS.match(text) is not None


_EXCLAIMS = re.compile(
    r"^\W*(?:(?:lol|lmao|omg|wtf|haha|what|huh|eh|um+|no|nope|seriously|really|come on|dude|man|bruh|excuse me|sorry|"
    r"are you (?:serious|kidding|joking)|r u (?:serious|kidding|joking))\b\W*)+$",
    re.IGNORECASE,
)


def protesting(part: Reading, reading: Reading) -> bool:
    """Tell whether a sentence of a message is but a protest, where another one asks for items or refuses some.

    Args:
        part: The sentence.
        reading: The message.
    """
    others = [other for other in reading.parts if other is not part and not other.text.rstrip().endswith("?")]
    return may_protest(part.text) and any(other.has(*REQUESTS, "reject", "seen", "clarify") for other in others)


def may_protest(text: str) -> bool:
    """Tell whether a sentence with the sign of a question may be but a protest: "zombies? for a child?".

    >>> may_protest("Heat on a first date?"), may_protest("Is Heat long?"), may_protest("What has it to do with Heat?")
    (True, False, True)
    """
    return _TO_DO_WITH.search(text) is not None or (text.rstrip().endswith("?") and _ASKS.search(text) is None)


_TO_DO_WITH = re.compile(r"\bwhat (?:has|have|does|do|is)\b[^.?!]*\b(?:to )?do(?:ing)? with\b", re.IGNORECASE)
_ASKS = re.compile(
    r"\b(?:wh(?:o|os|ose|at|ats|en|ens|ere|eres|ich|y)|how|hows|is|are|was|were|does|do|did|has|have|had|can|could|"
    r"would|will|should|shall|may|might|any\w*|some|about|more|or|year(?!s?[- ]old)|director|cast|length|plot|rating|"
    r"runtime|right|no|yes|ok|okay|please|maybe|else|like|\w+n['’]?t)\b",
    re.IGNORECASE,
)
