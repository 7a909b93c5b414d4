"""What items are weighed by: "which one is less scary?", "which should we watch?", "I can't decide between the two".

Source: design section 4.
"""

from __future__ import annotations

import re
from dataclasses import replace

from pecrs.inference.understanding.reading import Reading
from pecrs.linking.facets import KIND_FIELDS, value_key
from pecrs.linking.lexicon import OPENING
from pecrs.linking.tones import TONE, words_beside
from pecrs.linking.values import FacetValue

MORE, LESS, BETTER, KNOWN, CLOSEST, FIRST = "more", "less", "better", "known", "closest", "first"
"""Which of several items is asked for: the one that is more so, less so, better, better known, most like another, or
the one to begin with."""


def weighed_by(reading: Reading) -> tuple[str, tuple[FacetValue, ...]]:
    """Return which item of several is asked for, and by what it is weighed; nothing where no verdict is asked for.

    Args:
        reading: A message that compares items, or leaves the choice between them to another.
    """
    text, values = reading.text, weighty(reading)
    if asks_known(text):
        return KNOWN, ()
    if _BETTER.search(text) or leaves_choice(text):
        return BETTER, tuple(
            sorted(values, key=lambda value: not value.label.startswith("for "))
        )  # whom it is for first
    if not values:
        return "", ()
    return (LESS if any(_LESS.search(text[: value.start]) for value in values) else MORE), values


def weighty(reading: Reading) -> tuple[FacetValue, ...]:
    """Return what a message says that items can be more or less of: what they are like and their kinds, each once."""
    found = [_toned(read.value, reading.text) for read in reading.values if isinstance(read.value, FacetValue)]
    found = [value for value in found if value.fields[0] == TONE or not KIND_FIELDS.isdisjoint(value.fields)]
    toned = {value.start for value in found if value.fields[0] == TONE}
    once = {value.key: value for value in found if value.fields[0] == TONE or value.start not in toned}
    return tuple(once.values())


def _toned(value: FacetValue, text: str) -> FacetValue:
    """Return a value as what an item is like, where its words say that beside a kind: "scarier"."""
    tone = words_beside().get(value_key(text[value.start : value.end]))
    return value if tone is None else replace(value, fields=(TONE,), key=value_key(tone), label=tone)


def leaves_choice(text: str) -> bool:
    """Tell whether a message leaves it to another which of several items it is to be."""
    return _CHOICE.search(text) is not None or _WHICH_ALONE.search(text) is not None


def wants_newer(text: str) -> bool:
    """Tell whether what speaks against items, where one is chosen, is their age: "she finds the older ones boring"."""
    return leaves_choice(text) and _AGED.search(text) is not None


def begins(text: str) -> bool:
    """Tell whether a choice is for who has seen none of the items: "which one, if we're new to it?"."""
    return _NEWCOMER.search(text) is not None


_NEWCOMER = re.compile(
    r"\b(?:never|not|n['’]?t)\s+(?:yet )?(?:seen|watched|read) (?:either|any|both|them|one|it|anything)\b|"
    r"\bnew to (?:it|them|this|these|the (?:series|films|books|saga))\b|\bseen neither\b|"
    r"\bfor (?:a|the) (?:first[- ]timer|newcomer|beginner)\b|\bto (?:start|begin) with\b|\b(?:start|begin) with\b",
    re.IGNORECASE,
)


def asks_which(text: str) -> bool:
    """Tell whether a question asks which of some items is more so: "well, which one is less scary"."""
    return _WHICH_IS.search(text) is not None


def asks_closest(text: str) -> int | None:
    """Return where a question names what one of several items is to be most like: "which is closest to Heat?".

    Args:
        text: A message.
    """
    match = _CLOSEST.search(text)
    return None if match is None else match.end()


_CLOSEST = re.compile(
    r"\b(?:which|what)\b[^.?!]*\b(?:closest|closer|nearest|(?:most|more) (?:like|similar|alike))\b(?: (?:to|with))?\s+",
    re.IGNORECASE,
)


def asks_better(text: str) -> bool:
    """Tell whether a question asks which of some items is better: "which got better reviews?"."""
    return _WHICH_BETTER.search(text) is not None or _WHICH_ALONE.search(text) is not None


_WHICH_ALONE = re.compile(
    r"^\W*(?:(?:so|then|ok|okay|well|and|hm+|but)\W+)+which(?: one| film| movie| book)?(?: for [\w ]{2,20}?)?"
    r"(?: then| now| tonight)*\W*$|"
    r"\bwhich(?: one)?(?: of (?:them|those|these|(?:the )?(?:other )?two))(?: for [\w ]{2,20}?)?"
    r"(?: then| now| tonight)*\W*$",
    re.IGNORECASE,
)
"""A choice between items spoken of, in no more words."""


_WHICH_BETTER = re.compile(
    r"\bwhich(?: one| film| movie| book)?(?: of (?:them|those|these|the two))? (?:is|was|got|had|has|gets)(?: the)? "
    r"(?:better|best)\b",
    re.IGNORECASE,
)


def asks_known(text: str) -> bool:
    """Tell whether a question asks which of some items is best known: "which of these is her most famous?"."""
    return asks_which(text) and _KNOWN.search(text) is not None


_KNOWN = re.compile(
    r"\b(?:(?:best|better|most)[- ]known|(?:more|most) (?:famous|popular)|biggest hit)\b", re.IGNORECASE
)
_WHICH_IS = re.compile(
    r"\b(?:which|what)(?: one)?(?: of (?:them|(?:those|these|the)(?: other)?(?: two| three| four| five)?))?"
    r"(?: (?:film|movie|book)s?)?"
    r"(?:['’]s| is| was| would be| looks| feels)(?: the| his| her| their)? "
    r"(?:(?:a bit|much|any|slightly) )?(?:more|less|most|least|\w+er|\w+est)\b",
    re.IGNORECASE,
)
_LESS = re.compile(r"(?:\b(?:less|least|not (?:as|so|too))|n['’]?t (?:as|so|too|that))\s+$", re.IGNORECASE)
_BETTER = re.compile(r"\b(?:better|best|preferable|as good as)\b", re.IGNORECASE)
YOUR_CHOICE = r"(?:(?:you|u|ya) (?:choose|pick|decide)|your (?:choice|pick|call))"
"""What leaves a choice to another."""

_CHOICE = re.compile(
    rf"\b{YOUR_CHOICE}\b|\b(?:pick|choose|decide)(?: one)? for (?:me|us)\b|\bpick one\b|"
    r"\bchoose one\b|"
    r"\bwhich(?: one)?(?: of (?:them|those|these|the \w+))?(?: (?:film|movie|book))? "
    r"(?:should|shall|would|do|did|will|must|can) (?:i|we|you|u)\b(?! (?:have|know|like better|mean))|"
    r"\b(?:ca(?:n['’]?t|nnot|n not)|could(?:n['’]?t| not)|hard to) (?:decide|choose|pick)\b|"
    r"\bshould (?:i|we) (?:watch|see|read|get|try|go for|pick|choose)\b[^.?!]*\bor\b|"
    rf"^\W*{OPENING}which(?: one)?(?: then| now)?\W*$|"
    r"\b(?:torn|undecided|dithering|hesitating) between\b|\b(?:not sure|unsure|don['’]?t know) which\b",
    re.IGNORECASE,
)
_AGED = re.compile(
    r"\bold(?:er)?\b[^.?!,]*\b(?:boring|dull|slow|bores?|bored|tedious)\b|"
    r"\b(?:hates?|dislikes?|bored (?:by|with)|not into|can['’]?t stand|(?:does|do)(?:n['’]?t| not) like|nothing)"
    r" (?:the |any |too |these )?old(?:er)?\b",
    re.IGNORECASE,
)
