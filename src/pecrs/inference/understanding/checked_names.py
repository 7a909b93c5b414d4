"""Who is asked to be in an item that was just named: "Sunshine.. Danny Boyle?", "The Others, that's Kidman right?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.reading import Reading, is_question
from pecrs.linking.lexicon import OPENING
from pecrs.linking.makers import PERFORMERS
from pecrs.linking.spans import spans_of, without_spans
from pecrs.linking.values import is_of

_BESIDE = re.compile(
    rf"\W*{OPENING}(?:\W|\b(?:that|this|it|thats|its|s|is|was|the one|with|by|from|of|isn['’]?t|right|correct|yes|no|"
    r"and|also|too|the|film|movie|one)\b)*",
    re.IGNORECASE,
)


def checking_names(whole: Reading, parts: Sequence[Reading], people: Collection[str]) -> tuple[Reading, list[Reading]]:
    """Return a message's reading, and those of its sentences, in which a name behind a title with "?" is asked about.

    Args:
        whole: The message, as it was read.
        parts: Its sentences.
        people: Fields that hold people.
    """
    found: list[Reading] = []
    asked: set[str] = set()
    for place, part in enumerate(parts):
        named = any(entry.start < entry.end for other in parts[: place + 1] for entry in other.items)
        if named and _is_checked(part, people):
            asked |= {read.value.key for read in part.values if is_of(read.value, *people)}
            values = tuple(replace(read, role="ask") for read in part.values)
            acting = any(is_of(read.value, *PERFORMERS) for read in values)
            asking = part.asking("accept", "small_talk", "praise", "affirm")
            found.append(replace(asking, values=values, facts=("cast" if acting else "director",)))
        else:
            found.append(part)
    if not asked:
        return whole, found
    values = tuple(
        replace(read, role="ask") if is_of(read.value, *people) and read.value.key in asked else read
        for read in whole.values
    )
    others = [part for part in found if not (part.has("ask_fact") and is_question(part.text))]
    none = {} if any(part.has(*REQUESTS) for part in others) else dict.fromkeys(REQUESTS, 0.0)
    return replace(whole, acts={**whole.acts, **none, "ask_fact": 1.0}, values=values), found


def _is_checked(part: Reading, people: Collection[str]) -> bool:
    """Tell whether a sentence is nothing but a name, perhaps behind a title, and a question mark."""
    names = [read for read in part.values if is_of(read.value, *people)]
    if not names or len(names) < len(part.values) or not part.text.rstrip().endswith("?"):
        return False
    return _BESIDE.fullmatch(without_spans(part.text, [*spans_of(names), *spans_of(part.items)])) is not None
