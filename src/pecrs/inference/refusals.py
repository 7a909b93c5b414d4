"""Which of the things that a message names it refuses, where its words leave no doubt.

"No horror, gore or Tom Cruise" refuses all three; "boxing films but not Rocky" refuses no boxing. What is between these
is left to the model. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FILLERS = (
    "a|an|so|too|very|quite|really|any|another|anything|something|want|to|see|watch|read|with|by|from|starring|about|"
    "movies?|films?|books?|more|of|all|in|into|like|those|these|overly|super|stuff|kind|sort|part|instal?lment"
)
_APART = r"except(?: for)?|excluding|excl?|minus|other than|besides|apart from|aside from|anything but"
_CUES = (
    r"(?<!why )\bnot|less|nothing|never|nobody|no one|"
    rf"none of (?:them|those|these)|without|w/o|{_APART}|skip(?:ping)?|avoid(?:ing)?|leav(?:e|ing) out|no more|"
    r"(?:sick|tired|bored|enough|scared|afraid|terrified|frightened) of|(?:fed up|bored) with|"
    r"(?:seen|saw|watched|read) (?:all|everything|every)(?: of)?|rather than|instead of|drop|ditch|lose|"
    r"forget(?: about)?|hate[sd]?|dislike[sd]?|"
    r"detest|despise|loathe|(?:ca|can)(?:['’]?t|not) (?:stand|bear)|(?:done|finished) with"
)
_NEGATED_VERB = r"\b(?:do|does|is|did|was|are|ca|wo|could|should|would|has|have)n['’]?t"
_BEFORE = re.compile(
    rf"(?:(?:\b(?:{_CUES})|{_NEGATED_VERB})(?: (?:{_FILLERS}|that|the))*|\bno(?: (?:{_FILLERS}))*|\bnon-?)\s*[\"“]?$",
    re.IGNORECASE,
)
"""A word that refuses, right before; "no the newer one" corrects and refuses nothing."""

_APART_BEFORE = re.compile(rf"\b(?:{_APART})(?: (?:the|a|an|all))*\s*[\"“]?$", re.IGNORECASE)
_AFTER = re.compile(
    r"^\W*(?:movies?|films?|books?|stuff|things?)?\W*(?:"
    r"(?:is|are|was|were)(?:n['’]?t| not) (?:really )?(?:my|for me)\b|"
    r"(?:bores?|scares?|upsets?|annoys?|depresses|disgusts?) me\b|"
    r"(?:does|do)(?:n['’]?t| not) (?:do it|work|appeal)\b|no (?:thanks|thank you|way)\b|not so much\b|"
    r"(?:is|are) (?:a )?(?:no|no[- ]go|out|off)\b)",
    re.IGNORECASE,
)
_SOUNDS = re.compile(
    r"\b(?:too|(?:sounds?|looks?|seems?) (?:so|very|really|kinda|a bit|pretty|quite))\s*$",
    re.IGNORECASE,
)
_ALLOWED = re.compile(r"(?:n['’]?t|\bnot) (?:mind|against|bothered)\b|\bno (?:problem|issue)\b", re.IGNORECASE)
_ANY = re.compile(
    r"\b(?:no|not|nothing|never|without|except|minus|too|less|hate[sd]?|dislike[sd]?|avoid|sick|tired|stand|skip|bored?|"
    r"bores|boring|scares?|scared|upsets?|annoys?|enough|forget|nope|nah|besides|out|other than|anything but|instead|"
    r"rather than|awful|terrible|overrated|worst|bad|excluding|apart|nightmares?|hated|detest|despise|"
    r"loathe|neither|nor)\b|n['’]?t\b",
    re.IGNORECASE,
)
_JUDGED = re.compile(
    r"n['’]?t\b|\b(?:bores?|boring|scares?|upsets?|annoys?|awful|terrible|overrated|worst|bad|nah|nope|no thanks|out|"
    r"too|nightmares|(?:is|are|was|were) not)\b",
    re.IGNORECASE,
)
"""Words that judge what stands before them."""

_CLAUSE = re.compile(r"[.;:!?,—–]|\bbut\b|\bthough\b", re.IGNORECASE)
_WORD = r"(?!(?:something|but|love|like|want|prefer|maybe|please|just|give|show|i|with)\b)[\w'’-]+"
_UNKNOWN = rf"\s*,\s*{_WORD}(?:\s{_WORD})?(?=\s*,|\s+(?:and|or|nor)\b)"
_JOINED = re.compile(
    r"^(?:\s+(?:movies?|films?|books?|stuff|ones?))?"
    rf"(?P<joins>(?:{_UNKNOWN})*\s*(?:,\s*(?:and|or|nor)\b|,|/|&|\band\b|\bor\b|\bnor\b))"
    r"(?:\s+(?:any|no|not|a|an|the|more|other|all|also|even|too|by|about|movies?|films?|"
    r"(?:any|some|no)thing(?: (?:with|by|from|about|starring|like))?))*\s*$",
    re.IGNORECASE,
)
_DEGREE = re.compile(r"\b(?:too|so|very|that)\s*$", re.IGNORECASE)


def refused(text: str, spans: Sequence[tuple[int, int]]) -> list[bool | None]:
    """Tell of each span whether it is refused: True and False where words leave no doubt, else None.

    >>> refused("no horror, gore or clowns", [(3, 9), (11, 15), (19, 25)])
    [True, True, True]
    >>> refused("boxing films but not Rocky", [(0, 6), (21, 26)])
    [False, True]

    Args:
        text: A message.
        spans: What it names, in order.
    """
    found = [_alone(text, start, end) for start, end in spans]
    for first in range(len(spans)):
        if found[first]:
            for place in _listed(text, spans, first):
                found[place] = True
    return found


def affirmed(text: str) -> str:
    """Return a text without what it refuses, up to the end of a sentence or a "but": that is not to be looked for.

    >>> affirmed("a scary one, but no clowns. Gore I hate")
    'a scary one, Gore I'
    """
    parts = (_REFUSES.split(part, maxsplit=1)[0].strip() for part in _SENTENCE.split(text))
    return " ".join(filter(None, parts))


_SENTENCE = re.compile(r"(?<=[.;!?])\s|\b(?:but|though)\b", re.IGNORECASE)
_REFUSES = re.compile(rf"\b(?:{_CUES})\b|{_NEGATED_VERB}|\bno\b(?! (?:idea|one|preference))|\btoo\b", re.IGNORECASE)


def set_apart(text: str, start: int) -> bool:
    """Tell whether a span is taken out without being disliked: "other than Heat"."""
    return _APART_BEFORE.search(text[:start]) is not None


def _alone(text: str, start: int, end: int) -> bool | None:
    before, after = text[:start], text[end:]
    clause = _CLAUSE.split(before)[-1]
    if _ALLOWED.search(clause):
        return False
    if _BEFORE.search(before) or _AFTER.match(after) or _SOUNDS.search(before):
        return True
    return None if _ANY.search(clause) or _JUDGED.search(_CLAUSE.split(after.replace("?", " ", 1))[0]) else False


def _listed(text: str, spans: Sequence[tuple[int, int]], first: int) -> list[int]:
    """Return the spans that are named in one list with a refused one, behind it."""
    found: list[int] = []
    conjunction = 0
    for place in range(first + 1, len(spans)):
        match = _JOINED.match(text[spans[place - 1][1] : spans[place][0]])
        if match is None:
            break
        found.append(place)
        if re.search(r"and|or|nor|/|&", match["joins"], re.IGNORECASE):
            conjunction = len(found)
            if _DEGREE.search(text[: spans[first][0]]):
                return []  # "not too scary and funny"
    return found[:conjunction]
