"""What a message tells of the person's life around a request: "I moved to Leeds last week. Got a comedy for me?".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pecrs.inference.renewal import is_outgrown
from pecrs.inference.understanding.pointing import pronoun
from pecrs.inference.understanding.reading import Reading, ReadValue
from pecrs.inference.understanding.sentences import sentences
from pecrs.linking.makers import PEOPLE
from pecrs.linking.tones import TONE
from pecrs.linking.value_words import FOR_WHOM
from pecrs.linking.values import FacetValue, is_of

_ASKS = (
    r"(?:can|could|would|will) (?:you|u|ya)\b|(?:give|show|find|get|recommend|suggest|name|list|tell) (?:me|us)\b|"
    r"(?:i|we)(?:['’]?d| would)? (?:really |just |also )?(?:like|love|want|need|fancy|prefer)\b|"
    r"(?:i|we)(?:['’]?m|['’]?re| am| are) (?:looking|searching|after|in the mood|up for)\b|(?:looking|searching) for\b|"
    r"(?:make|switch|change|swap) (?:it|that|this|them|to)\b|let['’]?s (?:have|do|go|make|try|see|say)\b|"
    r"(?:is|are) there\b|have you(?: got)?\b|do (?:you|u) have\b|(?:how|what) about\b"
)
_REQUEST = rf"(?:{_ASKS}|(?:got|know|need|want|any|recommend|suggest|what|which|an?|some|one|something|anything)\b)"
_SO = r"(?:so|anyways?|now|therefore|hence|then|please|pls)"
_TURNS = re.compile(rf"\W+(?=(?:and )?{_SO},? {_REQUEST}|(?:and )?(?:{_ASKS}))", re.IGNORECASE)
_OPENS = re.compile(rf"\W*(?:(?:{_SO}|and|well)\W+)*{_REQUEST}", re.IGNORECASE)
_TELLS = re.compile(
    r"\b(?:(?:i|we|he|she|they|it|you)(?:['’]?(?:s|re|m|ve|d|ll))?|(?:my|our|the|his|her|their|some|every|half) "
    r"[\w'’-]+(?: [\w'’-]+){0,2}?) (?:(?:just|also|always|never|still|only|both|all|ever|really|once|finally|nearly|"
    r"almost|recently|have|has|had|was|were|is|are|am|been|got|will|would|used to|keeps?|ended up|went|go|goes) )*"
    r"[\w'’-]+|"
    r"^\W*(?:(?:and|then|so|well|oh|hi|hello|hey)\W+)*(?:grand(?:pa|ma|dad|mum|mom)|mum|mom|dad|nan|gran) [\w'’-]+|"
    r"^\W*(?:just|finally|back|been|got|went|had|spent|moved|came|home|stuck|dumped|lost|broke)\b|"
    r"\b(?:yesterday|last (?:week|night|month|year|weekend|summer|winter|autumn|spring|time)|(?:this|every) "
    r"(?:morning|week|month|december|year|summer|winter|evening)|\w+ ago)\b",
    re.IGNORECASE,
)
_TASTE = re.compile(
    r"\b(?:(?:lov|lik|ador|enjoy|crav|want(?!s? to be\b)|need|prefer|wish|fanc|hat|dislik|fascinat|celebrat|watch|"
    r"think|ask|interest)\w*|favou?rites?|fans?|fond|keen|into|obsessed|crazy|mad about|mood|rather|stand|avoid|sick|"
    r"tired of|enough of|(?:is|are|['’]s) (?:coming|approaching|near|nearly|almost|next|soon|around the corner)|"
    r"except|without|nothing|not|no|never|(?:do|does|did|ca|wo|could|would)n['’]?t|should|must|ideally|maybe|"
    r"perhaps|curious|something|anything|films?|movies?|flicks?|books?|stories|seen|saw|reads?|reading|set in|themed?|"
    r"would)\b",
    re.IGNORECASE,
)
"""Words of what somebody likes, refuses, asks for or looks forward to; a sentence that has one is no mere story."""


def without_surroundings(reading: Reading) -> Reading:
    """Return a reading that wants nothing of what is told around a request that says itself what is wanted.

    Args:
        reading: Of a message.
    """
    told, values = told_spans(reading), reading.values
    meant = [r for r in values if is_of(r.value, *PEOPLE) and pronoun(reading.text[r.value.end :]) is not None]
    values = tuple(
        replace(r, role="incidental") if _within(r, told) and _is_matter(r) and r not in meant else r for r in values
    )
    gone = [r for r in values if _serves(r) and is_outgrown(reading.text, r.value.start)]
    return replace(reading, values=tuple(replace(r, role="incidental") if r in gone else r for r in values))


def told_spans(reading: Reading) -> list[tuple[int, int]]:
    """Return where a message tells of the person's life; nothing where no other words say what is wanted.

    Args:
        reading: Of a message.
    """
    spans = list(_clauses(reading.text, [(r.value.start, r.value.end) for r in reading.values]))
    told = [span for span in spans if _is_told(reading.text[slice(*span)])]
    return told if any(_asks(reading, span) for span in spans if span not in told) else []


def _clauses(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a message, each cut where it turns to a request."""
    for start, end in sentences(text, taken):
        turn = _TURNS.search(text, start, end)
        first = turn.end() if turn is not None and _is_told(text[start : turn.start()]) else start
        if first > start:
            yield start, first
        yield first, end


_LEAST = 4
"""From so many words on a clause tells something; fewer are an answer."""


def _is_told(clause: str, least: int = _LEAST) -> bool:
    """Tell whether a clause tells of somebody's life, and neither asks for anything nor says what anybody likes."""
    if clause.rstrip().endswith("?") or _OPENS.match(clause) or _TASTE.search(clause):
        return False
    return _TELLS.search(clause) is not None and len(clause.split()) >= least


def tells_at(reading: Reading, place: int) -> bool:
    """Tell whether the few words around a place tell of somebody's life: "I'm a bus driver and ...".

    Args:
        reading: Of a message.
        place: Of a character.
    """
    first = max((match.end() for match in _CLAUSE.finditer(reading.text, 0, place)), default=0)
    cut = _CLAUSE.search(reading.text, place)
    return _is_told(reading.text[first : cut.start() if cut else None], least=1)


_CLAUSE = re.compile(r"[.,;:!?()\n–—]+|\s(?:and|but|so|because|cause|cos|cuz|as|since|then)\s", re.IGNORECASE)
"""What parts a text into the fewest words that say something."""


def _asks(reading: Reading, span: tuple[int, int]) -> bool:
    """Tell whether a clause says by itself what is wanted, or refused."""
    return any(
        read.role not in ("ask", "incidental") and _within(read, [span]) and not _serves(read)
        for read in reading.values
    )


def _within(read: ReadValue, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= read.value.start < end for start, end in spans)


def _serves(read: ReadValue) -> bool:
    """Tell whether a value says for whom something is wanted."""
    return isinstance(read.value, FacetValue) and read.value.key in FOR_WHOM


def _is_matter(read: ReadValue) -> bool:
    """Tell whether a value says what an item is about, or who made it: of those only what is asked for counts."""
    value = read.value
    if not isinstance(value, FacetValue):
        return value.kind == "year"
    return not _serves(read) and value.fields[0] not in (TONE, "language", "country", "rating")
