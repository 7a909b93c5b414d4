"""What is said against an offer: "it has no dragons", "that's a cartoon", "300 is not a period drama".

What the item is said to lack is wanted, and what it is said to be is not. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.reading import Reading, ReadItem, ReadValue, is_question, key_of
from pecrs.linking.quantities import Quantity

_NOT = r"n['’]?t\b|\bnot\b|\bno\b|\bnothing\b|\bnever\b|\bhardly\b|\bwithout\b|\blacks?\b|\bopposite\b|\bnone\b"
_VERB = (
    r"\s*(?:\(\d{4}\))?[\s,]*(?:['’]s|is|isn['’]?t|was|wasn['’]?t|are|aren['’]?t|were|has|hasn['’]?t|had|have|"
    r"looks?|seems?|sounds?|feels?|does(?:n['’]?t| not)|do(?:n['’]?t| not)|did(?:n['’]?t| not)|lacks?|"
    r"takes? place|plays?|stars?|features?)\b"
)
_LEAD = (
    r"^\W*(?:(?:no|but|and|well|hm+|hey|ugh|lol|haha|ok|okay|sorry|so|wait|oh|eh|um+|come on|wtf|nah|nope|yeah|yes|"
    r"again|sure|i know|i think|except|obviously|actually)\W+)*"
)
_THAT = re.compile(
    rf"{_LEAD}(?:(?:that|this|it)(?: one| film| movie| book)?(?={_VERB})|thats|its)|"
    rf"^\W*(?:[\w'’]+\W+){{0,3}}?(?:that(?={_VERB})|thats)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(rf"(?:{_THAT.pattern})(?:{_VERB})?|^.*?{_VERB}", re.IGNORECASE)
_PRAISES = re.compile(
    r"\b(?:love[ds]?|lovely|like[ds]?|great|good|nice|perfect|cool|favou?rites?|best|amazing|awesome|fun|enjoy(?:ed)?|"
    r"right|fine|classic|what i (?:want|meant?|need)|wonderful|excellent|fantastic|sweet|exactly)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"^(?:\s|,|'s|’s|\b(?:a|an|the|really|too|so|very|extremely|just|for|about|by|with|in|from|of|any|all|even|bit|way|quite|"
    r"kind|sort|more|only|far|super|pretty|clearly|obviously|actually|to|do|be|made|directed|written|set|like|much|"
    r"based|one|such|proper|exactly|particularly|especially|and|or|nor|that|it|what|i|asked|got|have|has|had|there|"
    r"films?|movies?|books?|opposite|place|takes?|either|at|on|rated)\b)*$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;:!?]+|\bbut\b|\bthough\b", re.IGNORECASE)


def objecting(reading: Reading, offered: Mapping[str, str], people: Collection[str] = ()) -> Reading:
    """Return a reading in which what is said against an offer turns it down and says what is wanted instead.

    Args:
        reading: As it was read.
        offered: Items of the latest reply that named any, with their titles.
        people: Fields that hold people.
    """
    if not offered or reading.has("accept", "thanks"):
        return reading
    found = [clause for clause in _clauses(reading.text) if _objects(reading, clause, offered)]
    if not found:
        return reading
    subjects = [_subject(reading, clause, offered) for clause in found]
    values = tuple(
        replace(read, role="incidental")
        if (read.value.start, read.value.end) in subjects
        else _turned(reading, read, found, people)
        for read in reading.values
    )
    if not any(_within(read, found) for read in values if (read.value.start, read.value.end) not in subjects):
        return reading
    items = tuple(
        replace(entry, role="incidental") if _item_of(entry, found) and entry.item in offered else entry
        for entry in reading.items
    )
    others = dict.fromkeys(
        ("small_talk", "praise", "give_preference", "inform", "ask_fact", "seen", "change_mind"), 0.0
    )
    if any(is_question(reading.text[start:end]) for start, end in _clauses(reading.text)):
        others.pop("ask_fact")
    acts = {**reading.acts, **others, "reject": 1.0, "refine": 1.0}
    return replace(reading, acts=acts, values=values, items=items)


def _clauses(text: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for match in _CLAUSE.finditer(text):
        end = match.end() if match.group()[0] in ".;:!?" else match.start()
        found.append((start, end))
        start = match.end()
    return [*found, (start, len(text))]


def _objects(reading: Reading, clause: tuple[int, int], offered: Mapping[str, str]) -> bool:
    """Tell whether a clause says of what was offered what it is or is not, and does not praise it."""
    start, end = clause
    words = reading.text[start:end]
    if words.rstrip().endswith("?") or _PRAISES.search(words):
        return False
    return _THAT.match(words) is not None or _subject(reading, clause, offered) is not None


def _subject(reading: Reading, clause: tuple[int, int], offered: Mapping[str, str]) -> tuple[int, int] | None:
    """Return where a clause names what was offered as what it is about."""
    titles = {title.lower() for title in offered.values()}
    named = [(entry.start, entry.end) for entry in reading.items if entry.item in offered]
    spans = [(read.value.start, read.value.end) for read in reading.values]
    named += [span for span in spans if reading.text[slice(*span)].lower() in titles]
    for start, end in named:
        if clause[0] <= start < end <= clause[1]:
            led = re.fullmatch(rf"{_LEAD}(?:the )?", reading.text[clause[0] : start], re.IGNORECASE)
            if led and re.match(_VERB, reading.text[end : clause[1]], re.IGNORECASE):
                return start, end
    return None


def _within(read: ReadValue, clauses: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    return next((own for own in clauses if own[0] <= read.value.start and read.value.end <= own[1]), None)


def _item_of(entry: ReadItem, clauses: Sequence[tuple[int, int]]) -> bool:
    return any(start <= entry.start and entry.end <= end for start, end in clauses)


def _turned(
    reading: Reading, read: ReadValue, clauses: Sequence[tuple[int, int]], people: Collection[str]
) -> ReadValue:
    """Return a value with the role that an objection gives it."""
    own = _within(read, clauses)
    if own is None:
        return read
    before = re.sub(_LEAD, "", _before(reading, read, own), count=1, flags=re.IGNORECASE)
    negated = re.search(_NOT, before, re.IGNORECASE)
    subject = _SUBJECT.match(before)
    between = re.sub(_NOT, " ", before[subject.end() if subject else 0 :], flags=re.IGNORECASE)
    if not _BETWEEN.match(between) and not re.fullmatch(r"\s*an? (?:[\w-]+ ){1,2}\s*", between, re.IGNORECASE):
        return replace(read, role="incidental")
    if negated:
        return replace(read, role="want")
    named = isinstance(read.value, Quantity) or read.value.fields[0] in people
    return replace(read, role="incidental" if named else "avoid")


def _before(reading: Reading, read: ReadValue, clause: tuple[int, int]) -> str:
    """Return the words of a clause before a value, without other values."""
    text, start = "", clause[0]
    for other in reading.values:
        if clause[0] <= other.value.start and other.value.end <= read.value.start:
            text += reading.text[start : other.value.start] + " "
            start = other.value.end
    return text + reading.text[start : read.value.start]


_ASKS = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay|well)\W+)*(?:wh(?:o|os|ose|at|ats|en|ere|ich|y)|how|is|are|was|were|does|do|did|has|have|"
    r"can|could|would|will|any|tell|know)\b",
    re.IGNORECASE,
)
_WONDERS = re.compile(r"\?+\W*$|\b(?:lol|lmao|haha+|rofl|seriously|really)\W*$", re.IGNORECASE)
_REFUSES = re.compile(r"^\W*(?:(?:god|hell|oh|ew+|ugh|please)\W+)*(?:no|nope|nah|never|stop|not that)\b", re.IGNORECASE)
_MOST_WORDS = 8


def echoed(parts: Sequence[Reading], of_offer: Callable[[ReadItem | ReadValue], bool]) -> int:
    """Return how many first sentences of a message only repeat an offer in wonder: "a dog film for kids? no. A thriller".

    Args:
        parts: The sentences of a message.
        of_offer: Tells whether what a sentence names is what was offered, or is true of it.
    """
    count = 0
    while count < len(parts) - 1 and _is_echo(parts[count], parts[count + 1], of_offer):
        count += 1
    rest = parts[count:]
    asks = any(_ASKS.match(part.text) and part.text.rstrip().endswith("?") for part in rest)
    turns = any(part.has("reject", "negate", *REQUESTS) or part.values or part.items for part in rest)
    return count if turns and not asks else 0


def _is_echo(part: Reading, following: Reading, of_offer: Callable[[ReadItem | ReadValue], bool]) -> bool:
    named = [*part.items, *part.values]
    enough = any if _REFUSES.match(following.text) else all
    short = len(part.text.split()) <= _MOST_WORDS
    wonders = _WONDERS.search(part.text) is not None and _ASKS.match(part.text) is None
    return short and wonders and bool(named) and enough(map(of_offer, named))


def without_echo(reading: Reading, echo: Sequence[Reading], rest: Sequence[Reading]) -> Reading:
    """Return a message's reading in which what was repeated in wonder turns the offer down and is not asked for."""
    again = {read.value for part in rest for read in part.values}
    keys = {key_of(value) for value in again}
    gone = {key_of(read.value) for part in echo for read in part.values} - keys
    items = {entry.item for part in echo for entry in part.items} - {e.item for part in rest for e in part.items}
    values = tuple(replace(r, role="incidental") if key_of(r.value) in gone else r for r in reading.values)
    named = tuple(replace(e, role="incidental") if e.item in items else e for e in reading.items)
    acts = {**reading.acts, **dict.fromkeys(("ask_fact", "small_talk", "seen"), 0.0), "reject": 1.0}
    return replace(reading, acts=acts, values=values, items=named, withdrawn=tuple(gone))


_REMARK = re.compile(
    r"^\W*(?:oh|ah+|ooh+|wow|yes|yeah|perfect|great|nice|cool|lovely|good|fine|hm+|i (?:know|like|love|adore|remember)|with|"
    r"starring|is(?:n['’]t)? (?:that|it|this)|was(?:n['’]t)? (?:that|it)|who['’]?s|who)\b|"
    r"^[\w .'’-]+,? (?:fine|good|nice|great|cool|sure)\W*$",
    re.IGNORECASE,
)
_WHETHER = re.compile(r"\b(?:is|was|isn['’]?t|wasn['’]?t) (?:it|that|this)\b|\bin (?:it|that|this)\b", re.IGNORECASE)
_WANTS = re.compile(
    r"\b(?:more|another|something|anything|else|other|others|give|show|want|need|films|movies|(?<!that )(?<!this )one)\b|\bplease\b", re.IGNORECASE
)


def remarked(reading: Reading, people: Collection[str], of_offer: Callable[[ReadItem | ReadValue], bool]) -> Reading:
    """Return a reading in which somebody of the item offered is remarked on, not asked for: "oh, with Kevin Bacon!".

    Args:
        reading: A sentence.
        people: Fields that hold people.
        of_offer: Tells whether a value is true of the item offered.
    """
    about = _REMARK.search(reading.text) or (_WHETHER.search(reading.text) and "?" in reading.text)
    if not about or _WANTS.search(reading.text):
        return reading
    whether = _WHETHER.search(reading.text) is not None and "?" in reading.text
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
