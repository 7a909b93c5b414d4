"""What is said of an offer without asking for it: repeated in wonder, "a dog film? no", or "oh, with Brando!".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.reading import Reading, ReadItem, ReadValue, key_of, opens_question
from pecrs.linking.quantities import Quantity

OfOffer = Callable[[ReadItem | ReadValue], bool]
"""Tells whether what a sentence names is what was offered, or is true of it."""

_OFFERS = re.compile(r"^\W*(?:can|could|would|will|any|know)\b", re.IGNORECASE)
_WONDERS = re.compile(r"\?+\W*$|\b(?:lol|lmao|haha+|rofl|seriously|really)\W*$", re.IGNORECASE)
_REFUSES = re.compile(r"^\W*(?:(?:god|hell|oh|ew+|ugh|please)\W+)*(?:no|nope|nah|never|stop|not that)\b", re.IGNORECASE)
_MOST_WORDS = 8


def echoed(parts: Sequence[Reading], of_offer: OfOffer) -> int:
    """Return how many first sentences of a message only repeat an offer in wonder: "a dog film? no. A thriller".

    Args:
        parts: The sentences of a message.
        of_offer: Tells whether what a sentence names is what was offered, or is true of it.
    """
    count = 0
    while count < len(parts) - 1 and _is_echo(parts[count], parts[count + 1], of_offer):
        count += 1
    rest = parts[count:]
    asks = any(_asks(part.text) and part.text.rstrip().endswith("?") for part in rest)
    turns = any(part.has("reject", "negate", *REQUESTS) or part.values or part.items for part in rest)
    return count if turns and not asks else 0


def _is_echo(part: Reading, following: Reading, of_offer: OfOffer) -> bool:
    named: list[ReadItem | ReadValue] = [*part.items, *part.values]
    refused = _REFUSES.match(following.text) is not None
    short = len(part.text.split()) <= _MOST_WORDS
    wonders = _WONDERS.search(part.text) is not None and not _asks(part.text)
    return short and wonders and bool(named) and (refused or all(of_offer(entry) for entry in named))


def _asks(text: str) -> bool:
    return opens_question(text) or _OFFERS.match(text) is not None


def begins_title(said: str, offered: str) -> bool:
    """Tell whether a title is another one or its beginning, as that of a series is.

    >>> begins_title("Scooby-Doo", "Scooby-Doo 2"), begins_title("It", "Italian for Beginners"), begins_title("", "It")
    (True, False, False)

    Args:
        said: Of an item that a message names.
        offered: Of an item that was offered.
    """
    return bool(said) and re.match(rf"{re.escape(said)}(?!\w)", offered) is not None


def without_echo(reading: Reading, echo: Sequence[Reading], rest: Sequence[Reading]) -> Reading:
    """Return a message's reading in which what was repeated in wonder turns the offer down and is not asked for."""
    again = {read.value for part in rest for read in part.values}
    keys = {key_of(value) for value in again}
    gone = {key_of(read.value) for part in echo for read in part.values} - keys
    words = {word for key in gone if isinstance(key, str) for word in key.split()} - {"movie", "film", "book"}
    items = {entry.item for part in echo for entry in part.items} - {e.item for part in rest for e in part.items}
    values = tuple(replace(r, role="incidental") if key_of(r.value) in gone else r for r in reading.values)
    named = tuple(replace(e, role="incidental") if e.item in items else e for e in reading.items)
    acts = {**reading.acts, **dict.fromkeys(("ask_fact", "small_talk", "seen"), 0.0), "reject": 1.0}
    return replace(reading, acts=acts, values=values, items=named, withdrawn=tuple(gone | (words - keys)))


_REMARK = re.compile(
    r"^\W*(?:oh|ah+|ooh+|wow|yes|yeah|perfect|great|nice|cool|lovely|good|fine|hm+|i (?:know|like|love|adore|"
    r"remember)|with|starring|is(?:n['’]t)? (?:that|it|this)|was(?:n['’]t)? (?:that|it)|who['’]?s|who)\b|"
    r"^[\w .'’-]+,? (?:fine|good|nice|great|cool|sure)\W*$",
    re.IGNORECASE,
)
_WHETHER = re.compile(r"\b(?:is|was|isn['’]?t|wasn['’]?t) (?:it|that|this)\b|\bin (?:it|that|this)\b", re.IGNORECASE)
_WANTS = re.compile(
    r"\b(?:more|another|something|anything|else|other|others|give|show|want|need|films|movies|"
    r"(?<!that )(?<!this )one)\b|\bplease\b",
    re.IGNORECASE,
)


def remarked(reading: Reading, people: Collection[str], of_offer: OfOffer) -> Reading:
    """Return a reading in which somebody of the item offered is remarked on, not asked for: "oh, with Kevin Bacon!".

    Args:
        reading: A sentence.
        people: Fields that hold people.
        of_offer: Tells whether a value is true of the item offered.
    """
    whether = _WHETHER.search(reading.text) is not None and "?" in reading.text
    if not (whether or _REMARK.search(reading.text)) or _WANTS.search(reading.text):
        return reading
    told = {
        read.value
        for read in reading.values
        if not isinstance(read.value, Quantity) and read.value.fields[0] in people and (whether or of_offer(read))
    }
    if not told or len(told) < len(reading.values):
        return reading
    plain = reading.has("seen", "reject", "accept", "thanks", "ask_why", "praise")
    role, acts = ("incidental", {}) if plain else ("ask", {"ask_fact": 1.0})
    values = tuple(replace(read, role=role) for read in reading.values)
    return replace(reading, acts={**reading.acts, **dict.fromkeys(REQUESTS, 0.0), **acts}, values=values)
