"""Questions which of several items is meant by what it is: "which of those has the dog in it?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from pecrs.data.acts import QUESTIONS
from pecrs.data.catalogue import Catalogue
from pecrs.inference.understanding.described import best_described
from pecrs.inference.understanding.questions import WHICH_OF
from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue
from pecrs.inference.understanding.superlatives import superlative
from pecrs.inference.understanding.weighing import asks_which
from pecrs.linking.spans import spans_of, without_spans


def which_of(
    reading: Reading, catalogue: Catalogue, people: Collection[str], has: Callable[[str, ReadValue], bool]
) -> Reading:
    """Return a reading that asks about the one of several items that its words fit; of all of them where none is.

    Args:
        reading: As it was read.
        catalogue: What is known of the items.
        people: Its fields that hold people.
        has: Tells whether an item has a value.
    """
    match = WHICH_OF.search(reading.text)
    if match is None or superlative(reading.text) is not None or asks_which(reading.text):
        return reading
    pointed = [entry for entry in reading.items if entry.start < match.end() and match.start() < entry.end]
    if not pointed:
        return reading
    words = re.split(r"[.?!]", reading.text[match.end() :])[0]
    own = [read for read in reading.values if match.end() <= read.value.start < match.end() + len(words)]
    having = [entry.item for entry in pointed if own and all(has(entry.item, read) for read in own)]
    items = [catalogue[entry.item] for entry in pointed]
    best = having[0] if len(having) == 1 < len(pointed) else "" if own else best_described(words, items, people)
    asked = reading.asking("small_talk", "compare")
    if best:
        entry = ReadItem(best, "ask", match.start(), match.end())
        others = tuple(read for read in reading.values if read not in own)
        return replace(asked, items=(entry,), values=others, facts=("plot",), about=True)
    if not own:
        return reading
    values = tuple(replace(read, role="ask") if read in own else read for read in reading.values)
    items_asked = tuple(replace(entry, role="ask") if entry in pointed else entry for entry in reading.items)
    return replace(asked, items=items_asked, values=values)


def pointing_alone(reading: Reading, spoken: Collection[str]) -> Reading:
    """Return a reading that asks about the item that is all a message names, where nothing says what of it is meant.

    Args:
        reading: As it was read: of "the space one", with the item of a list that is meant.
        spoken: Items that were named or shown before; others may stand for what they are about ("aliens").
    """
    if len(reading.items) != 1 or reading.values or reading.items[0].role not in ("incidental", "want", "ask"):
        return reading
    if reading.items[0].item not in spoken and not reading.text[reading.items[0].start].isupper():
        return reading
    if reading.has(*QUESTIONS, "accept", "reject", "seen", "thanks", "goodbye", "affirm", "praise"):
        return reading
    if not _POINTS.fullmatch(without_spans(reading.text, spans_of(reading.items))):
        return reading
    return replace(reading.asking("small_talk", "inform"), facts=("plot",), about=True)


_POINTS = re.compile(
    r"(?:\W|\b(?:the|that|this|one|ones|film|movie|book|version|with|about|ok|okay|then|and|so|no|i|mean|meant|maybe|"
    r"please)\b)*",
    re.IGNORECASE,
)
"""What may stand around an item that a message points at."""
