"""Statements that end as questions: "Heat is over two hours, isn't it?", "it's rather a revenge story, no?".

Source: design section 4.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.reading import Reading
from pecrs.linking.lexicon import OPENING
from pecrs.linking.spans import masked, spans_of

TAG = re.compile(
    r",? (?:is|are|was|does|did|has|do|have)n['’]?t (?:it|that|this|he|she|they)\W*$|"
    r",? (?:right|innit|correct)\W*$|, (?:no|yes|yeah|huh|eh)\?\W*$| no\?\W*$",
    re.IGNORECASE,
)
"""An end that asks whether what was said is so."""

_SAYS = re.compile(
    rf"^\W*{OPENING}(?:(?:but|and|so|i think|i thought|i guess) )?"
    r"(?:(?:it|that|this|the film|the movie|that one|this one)"
    r"(?:['’]?s| is| was| has| had| runs| lasts| stars| came| got)|"
    r"#+(?:['’]s| is| was| has| had| runs| lasts| stars?| came| got))\b",
    re.IGNORECASE,
)
"""A beginning that says something of an item; titles stand as signs."""


def tagging(reading: Reading) -> Reading:
    """Return a reading in which a statement about an item that ends as a question asks whether it is so.

    Args:
        reading: As it was read.
    """
    text = masked(reading.text, spans_of(entry for entry in reading.items if entry.start < entry.end))
    if not reading.values or TAG.search(text) is None or _SAYS.match(text) is None:
        return reading
    against = ("reject", "accept", "seen", "compare", "small_talk", "give_preference", "inform")
    asked = reading.asking(*against, *REQUESTS)
    return replace(asked, values=tuple(replace(read, role="ask") for read in reading.values))
