"""Names in a message that the catalogue does not have: titles and people that somebody asks for or tells of.

A name is told by what stands before it ("have you got ...", "directed by ...") and by its words: a capital inside the
sentence, or words that everyday English does not have. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pecrs.linking.lexicon import CALENDAR, CHATTER, CUES, FUNCTION, fold, frequency, words_of

_HAVE = r"(?:have|has|had|hav|got|do|did|does|know)"
_ASKING = re.compile(
    rf"\b(?:{_HAVE} (?:you|u|ya|they)(?: guys)?(?: even| also| ever)? "
    r"(?:got|have|had|seen|heard of|know|know of|watched)|do you do|(?:ever|have you) (?:seen|heard of|watched)|"
    r"is there (?:the|a) (?:film|movie)|(?:film|movie|series) called|can i (?:watch|see))\s+",
    re.IGNORECASE,
)
"""Words that ask whether there is something, whatever it is called."""

_NAMING = re.compile(
    r"\b(?:(?:what|how|know|tell me|anything|something) about|looking for|search(?:ing)? for|want to (?:see|watch)|"
    r"who (?:directed|made|wrote|stars in|is in|plays in|acted in)|who['’]?s in|when (?:was|did)|"
    r"(?:(?:some|any)thing|(?:films?|movies?|one|ones|stuff|more)) (?:just )?like|similar to|remind(?:s|ed) me of|"
    r"compared? (?:it |that |this )?(?:to|with)|"
    r"(?:loved?|liked?|enjoyed?|hated?|watched|saw|seen|adored?)|as good as|better than)\s+",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"(?:some|any)thing|films?|movies?|ones?|stuff|more|similar|remind|compare|love|like|enjoy|hate|watched|saw|seen|adore|"
    r"as good|better",
    re.IGNORECASE,
)
"""What begins words after which a name is an example or a taste, not what is asked for."""

_PERSON = re.compile(
    r"\b(?:by|with|starring|featuring|(?:directed|written|made) by|directors?|actors?|actress|stars?|from)\s+",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"^\W*(?:(?:ok|okay|well|hm+|and|so|oh|ah|then|no|yes|fine|right|what about|how about)\W+)*(?=\w[^?]*\?\W*$)",
    re.IGNORECASE,
)
_END = re.compile(
    r"[.?!;,\n()]|\s[-–—]|\b(?:but|then|too|instead|please|though|tonight|at all|or|because|which|that|if|yet|already|"
    r"here|available|anywhere|in your|on|for|with|again|last|yesterday|is|was|are|were|has|have|released|made|come|out|"
    r"movies?|films?|series)\b",
    re.IGNORECASE,
)
_LONGEST = 7
_RARE, _ODD = 3.9, 3.0
"""Frequencies under which a word in lower case may be a name: after words that ask for one, and elsewhere."""

_SMALL = FUNCTION | frozenset("of the and a an in at to on for".split())
_PLAIN = CHATTER | CUES | CALENDAR


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name that the catalogue lacks.

    Attributes:
        start: First character.
        end: One past the last.
        name: As it is written.
        person: Whether somebody is meant, not a title.
        asked: Whether the message asks for it or about it, rather than tells of it.
    """

    start: int
    end: int
    name: str
    person: bool = False
    asked: bool = True


def unknown_names(
    text: str,
    taken: Sequence[tuple[int, int]],
    known: Callable[[str], bool],
    doubtful: Sequence[tuple[int, int]] = (),
) -> tuple[UnknownName, ...]:
    """Return the names that a message asks for or tells of and that the catalogue lacks, in order.

    >>> [found.name for found in unknown_names("have you got Oppenheimer?", [], lambda word: False)]
    ['Oppenheimer']

    Args:
        text: One message.
        taken: Spans that the catalogue has, and quantities.
        known: Tells whether a folded word is part of a value of the catalogue.
        doubtful: Spans that may be somebody of the catalogue, unless the message asks whether it has such a title.
    """
    found: list[UnknownName] = []
    for frame in (_ASKING, _NAMING, _PERSON, _ALONE):
        rare, person = (_ODD if frame in (_NAMING, _PERSON) else _RARE), frame is _PERSON
        for match in frame.finditer(text):
            span = _name(text, match.end(), rare, known, alone=frame is _ALONE, person=person)
            held = taken if frame is _ASKING else (*taken, *doubtful)
            if span is None or any(span[0] < end and start < span[1] for start, end in held):
                continue
            if all(span[1] <= other.start or other.end <= span[0] for other in found):
                asked = frame is not _NAMING or _TELLING.match(match.group()) is None
                found.append(UnknownName(*span, text[span[0] : span[1]], person, asked))
    return tuple(sorted(found, key=lambda entry: entry.start))


def _name(
    text: str, start: int, rare: float, known: Callable[[str], bool], *, alone: bool, person: bool
) -> tuple[int, int] | None:
    """Return the span of a name that begins at a place, None where what stands there is none."""
    stop = _END.search(text, start + 1)
    words = list(words_of(text[start : stop.start() if stop else len(text)]))
    while words and fold(words[-1].group()) in _SMALL:
        words.pop()
    if not words or len(words) > (3 if person else _LONGEST):
        return None
    keys = [fold(word.group()) for word in words]
    capitals = [
        place
        for place, (word, key) in enumerate(zip(words, keys, strict=True))
        if word.group()[0].isupper() and key not in CALENDAR and (key not in _SMALL or place)
    ]
    if alone and len(words) == 1:
        capitals = []  # a capital at the start of a message says nothing
    if person and len(capitals) < len(words) and any(frequency(key) >= rare for key in keys):
        return None
    named = [place for place in capitals if keys[place] not in _PLAIN and keys[place] not in FUNCTION]
    odd = [key for key in keys if len(key) > 3 and frequency(key) < rare and not known(key) and key not in _PLAIN]
    sure = len(capitals) > 1 and (named or len(capitals) == len(words))
    single = named and not known(keys[named[0]]) and frequency(keys[named[0]]) < _COMMON
    if not (sure or single or (odd and len(odd) == len([key for key in keys if key not in _SMALL]))):
        return None
    return start + words[0].start(), start + words[-1].end()


_COMMON = 4.8
"""Frequency from which a single word with a capital is none: "I like Pizza"."""
