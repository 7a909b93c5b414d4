"""What was offered, said again in disbelief: "A cartoon about a goldfish? He's 80", "Pretty Woman?! No".

Such a sentence wants nothing of what it names; it turns the offer down, unless what follows takes it. Source: design
section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.understanding.corrections import SAID
from pecrs.inference.understanding.exclaiming import exclaims
from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue, asks_for_items, is_question
from pecrs.linking.lexicon import OPENING
from pecrs.linking.spans import inside, spans_of, without_spans
from pecrs.linking.values import FacetValue, is_of

_ASKS = (
    r"who(?:s|m|se)?|what(?:s|['’]s)?|when|where|which|why|how|is|are|was|were|am|do|does|did|can|could|will|would|"
    r"should|shall|has|have|had|may|might|got|any|anything|some|something|someone|maybe|perhaps|or|like|one|another|"
    r"else|also|with|w|by|from|starring|think|want|give|show|find|suggest|recommend|really|seriously|i|we|you|u|"
    r"(?:is|are|was|were|do|does|did|has|have|ca|wo|would|could)n['’]?t"
)
_ECHO = re.compile(rf"^\W*(?>{OPENING})(?!(?:{_ASKS})\b)[^?]{{3,90}}\?[?!]*\W*$", re.IGNORECASE)
_TRAILING = re.compile(rf"^\W*(?>{OPENING})(?!(?:{_ASKS.replace('|with|w|by|from', '')})\b)[^?]{{3,90}}\.\.+\W*$", re.I)
_FOR_SOMEBODY = re.compile(r"\W*(?:for|to|with)\b[^?.]{3,40}\?[?!]*\W*", re.IGNORECASE)
_FLAT = re.compile(rf"^\W*(?>{OPENING})an? [^?.!]{{3,60}}[.!]+\W*$", re.IGNORECASE)
_DISBELIEF = re.compile(
    rf"^\W*(?>{OPENING})(?!(?:{_ASKS})\b)[^?]{{3,70}},? (?:really|seriously|for real)\s*\?[?!]*\W*$", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"\b(?:i|we|you|u|he|she|they|it|let['’]?s|got|any|something|anything|give|want|need|looking|please|pls|maybe|"
    r"perhaps|about (?:it|that)|one|ones)\b",
    re.IGNORECASE,
)
"""Words of more than a noun phrase, or of a request."""

_LOUD = re.compile(r"\?[?!]+|!\?")
_WELCOME = re.compile(
    r"\W*(?:(?:that|it)(?:['’]?s| is| would be| will do| sounds)?|sounds?|i['’]?m|yes|yeah|ok|okay|oh|ooh|hm+)?\s*"
    r"(?:(?:all|so|very|totally|perfectly|quite)\s+)?(?:fine|ok|okay|good|great|nice|cool|perfect|lovely|love|sweet|"
    r"no problem|no worries|why not|(?:\w+ ){1,2}(?:wo|do|does)n['’]?t (?:mind|matter|bother)|all right|alright|"
    r"interesting|excellent|exactly|works|sold|yes|yeah)\b",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    rf"\W*(?:(?:lol|haha|omg|oh|ew+|ugh|what|wtf|come on|no|nope|nah|seriously|really|but|dude|man|bruh)\b\W*)*"
    rf"(?:(?:that|it|this|thats|its)(?:['’]?s)?\b|why\b|{SAID}|"
    r"(?:i['’]?m|i am|we['’]?re) (?:happy|fine|good|going|staying) with\b|"
    r"(?:lol|omg|ew+|ugh|wtf|no|nope|nah)\b)",
    re.IGNORECASE,
)


def without_echoes(
    whole: Reading,
    parts: Sequence[Reading],
    offered: Sequence[str],
    has: Callable[[FacetValue], bool],
    people: Collection[str] = (),
) -> tuple[Reading, list[Reading]]:
    """Return a message's reading, and those of its sentences, without what only says again what was offered.

    Args:
        whole: The message, as it was read.
        parts: Its sentences.
        offered: Items of the latest reply that named any.
        has: Whether what was offered last has a value.
        people: Fields that hold people; who is named so may be asked about.
    """
    if not offered:
        return whole, list(parts)
    kept: list[Reading] = []
    for place, part in enumerate(parts):
        behind = " ".join(other.text for other in parts[place + 1 :])
        if (behind and _settles_name(part, people, has)) or _remarks(
            part, lambda value: has(value) and not is_of(value, *people)
        ):
            whole = _said_again(whole, part, offered, has, welcome=True)
            if not any(asks_for_items(other) for other in parts if other is not part):
                whole = replace(whole, acts={**whole.acts, **dict.fromkeys(REQUESTS, 0.0), "praise": 1.0})
        elif behind and _says_again(part, behind, offered, lambda value: has(value) and not is_of(value, *people)):
            welcome = _WELCOME.match(behind) is not None
            whole = _said_again(whole, part, offered, has, welcome=welcome)
        else:
            kept.append(part)
    if len(kept) < len(parts):
        kept = [part for part in kept if not exclaims(part.text)]
        answered = {} if any(is_question(part.text) and part.has("ask_fact") for part in kept) else {"ask_fact": 0.0}
        whole = replace(whole, acts={**whole.acts, **answered})
    return whole, kept


def _remarks(part: Reading, has: Callable[[FacetValue], bool]) -> bool:
    """Tell whether a sentence praises an offer for what it has: "Great, harmless then", "an old lady, I like it"."""
    values = [read.value for read in part.values if isinstance(read.value, FacetValue)]
    praised = _PRAISES.match(part.text) or _LIKES_IT.search(part.text)
    return bool(values) and praised is not None and not _ASKING.search(part.text) and any(map(has, values))


def _settles_name(part: Reading, people: Collection[str], has: Callable[[FacetValue], bool]) -> bool:
    """Tell whether a sentence takes in who somebody of the offer is: "Kim Novak then."."""
    named = bool(part.values) and all(is_of(read.value, *people) and has(read.value) for read in part.values)
    left = without_spans(part.text, spans_of(part.values))
    return named and re.fullmatch(r"\W*(?:(?:ah|oh|ok|okay|so)\W+)*then\W*", left, re.IGNORECASE) is not None


_PRAISES = re.compile(
    r"^\W*(?:(?:oh|ooh|ah|well|mm+|yes|yeah)\W+)*(?:great|good|nice|lovely|perfect|cool|sweet|excellent|fantastic)\b",
    re.IGNORECASE,
)
_LIKES_IT = re.compile(
    r"[,;–-]\s*(?:(?:and|so|yes|oh)\W+)*(?:i (?:do |really )?(?:like|love) (?:it|that|this)|love it|"
    r"sounds (?:good|great|nice|lovely|perfect|fun)|lovely|perfect|nice|great)\W*$",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\?|\b(?:but|something|anything|another|one|ones|films?|movies?|more|want|need|give|show|find|"
    r"(?:i['’]?m|am|we['’]?re|are) looking|looking for (?:an?|some\w*)|"
    r"like (?!it|that|this))\b|"
    r"\b(?:not|no|less|without)\b|n['’]t\b",
    re.IGNORECASE,
)


def _says_again(part: Reading, behind: str, offered: Sequence[str], has: Callable[[FacetValue], bool]) -> bool:
    """Tell whether a sentence is what was offered, said again, by its form and by what follows it."""
    named = [entry for entry in part.items if entry.item in offered]
    rest = part.text[: named[0].start] + part.text[named[0].end :] if named else part.text
    if not _LED_IN.sub("", rest).strip(" ?!.,\"'"):
        loud = _LOUD.search(part.text) is not None
        return loud or (part.text.endswith("?") and _COMPLAINT.match(behind) is not None)
    if _DISBELIEF.match(part.text) or (named and _LOUD.search(part.text) and _FOR_SOMEBODY.fullmatch(rest)):
        return True
    values = [read.value for read in part.values if isinstance(read.value, FacetValue)]
    told = any(map(has, values))
    if _TRAILING.match(part.text) or _FLAT.match(part.text):
        return re.match(rf"\W*{SAID}", behind, re.IGNORECASE) is not None
    plain = _ECHO.match(part.text) is not None and not _CLAUSE.search(part.text)
    return plain and told


_LED_IN = re.compile(r"^\W*(?:(?:ha|haha|oh|ah|um+|hm+|wait|seriously|really|lol|omg|the|what)\b\W*)+", re.IGNORECASE)
"""Before the title of an offer that is said again: "ha, the Holiday Special?"."""


def _said_again(
    whole: Reading, part: Reading, offered: Sequence[str], has: Callable[[FacetValue], bool], *, welcome: bool
) -> Reading:
    start = whole.text.find(part.text)
    clause = [(start, start + len(part.text))] if start >= 0 else []

    def turned(read: ReadValue) -> ReadValue:
        if inside((read.start, read.end), clause) is None:
            return read
        against = not welcome and isinstance(read.value, FacetValue) and has(read.value)
        return replace(read, role="avoid" if against else "incidental")

    def named(entry: ReadItem) -> ReadItem:
        own = entry.item in offered and inside((entry.start, entry.end), clause) is not None
        return replace(entry, role="incidental" if welcome else "avoid") if own else entry

    acts: Mapping[str, float] = {**whole.acts, "ask_why": 0.0}
    if not welcome:
        acts = {**acts, "accept": 0.0, "praise": 0.0, "small_talk": 0.0, "reject": 1.0, "refine": 1.0}
    return replace(whole, acts=acts, values=tuple(map(turned, whole.values)), items=tuple(map(named, whole.items)))
