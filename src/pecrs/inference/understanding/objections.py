"""What is said against an offer: "it has no dragons", "that's a cartoon", "300 is not a period drama".

What the item is said to lack is wanted, and what it is said to be is not. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from pecrs.inference.understanding.corrections import SAID
from pecrs.inference.understanding.exclaiming import remarking
from pecrs.inference.understanding.reading import Reading, ReadValue, is_question
from pecrs.inference.understanding.refusals import NOT, ill_liked
from pecrs.linking.facets import THEME_FIELDS
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import inside, spans_of, without_spans
from pecrs.linking.values import FacetValue, is_of

_NOT = rf"{NOT}\b|\bno\b|\bnothing\b|\bnever\b|\bhardly\b|\bwithout\b|\blacks?\b|\bopposite\b|\bnone\b"
_VERB = (
    r"\s*(?:\(\d{4}\))?[\s,]*(?:['’]s|is|isn['’]?t|was|wasn['’]?t|are|aren['’]?t|were|has|hasn['’]?t|had|have|"
    r"looks?|seems?|sounds?|feels?|does(?:n['’]?t| not)|do(?:n['’]?t| not)|did(?:n['’]?t| not)|lacks?|"
    r"takes? place|plays?|stars?|features?)\b"
)
_LEAD = (
    r"^\W*(?:(?:not (?:that|this)(?: one)?|no|but|and|well|hm+|hey|ugh|lol|haha|ok|okay|sorry|so|wait|oh|eh|um+|"
    r"come on|wtf|nah|nope|yeah|yes|omg|oh my god|gosh|ew+|yuck|wow|dude|man|are you (?:serious|kidding)|"
    r"again|sure|i know|i think|except|obviously|actually)\W+)*"
)
_NO_RELATIVE = "".join(f"(?<!{end} )" for end in ("one", "ones", "thing", "film", "films", "movie", "movies", "book"))
"""Before a "that" which is the offer: "anything that isn't sad" speaks of no offer."""

_THAT = re.compile(
    rf"{_LEAD}(?:(?:that|this|it|those|these|they)(?: ones?| films?| movies?| books?)?(?={_VERB})|thats|its)|"
    rf"^\W*(?:[\w'’]+\W+){{0,3}}?{_NO_RELATIVE}(?:that(?={_VERB})|thats)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(rf"(?:{_THAT.pattern})(?:{_VERB})?|^.*?{_VERB}", re.IGNORECASE)
_PRAISES = re.compile(
    r"\b(?:love[ds]?|lovely|liked|likes|(?:i|we|they|he|she|really|do|would|['’]d) like|"
    r"great|good|nice|perfect|cool|favou?rites?|best|amazing|awesome|fun|enjoy(?:ed)?|"
    r"right|fine|classic|what i (?:want|meant?|need)|wonderful|excellent|fantastic|sweet|exactly)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"^(?:\s|,|'s|’s|\b(?:a|an|the|really|too|so|very|extremely|just|for|about|by|with|in|from|of|any|all|even|bit|"
    r"way|quite|terribly|awfully|horribly|incredibly|"
    r"kind|sort|more|only|far|super|pretty|clearly|obviously|actually|to|do|be|made|directed|written|set|like|much|"
    r"based|one|such|proper|exactly|particularly|especially|and|or|nor|that|it|what|i|asked|got|have|has|had|there|"
    r"another|yet|again|also|still|always|all|than|basically|literally|totally|films?|movies?|books?|opposite|place|takes?|either|at|on|rated)\b)*$",
    re.IGNORECASE,
)
_TAG = re.compile(r",\s*(?:no|right|isn['’]?t (?:it|that|he|she)|is it|yes|or (?:not|is it))\s*\?+\W*$", re.IGNORECASE)
"""The end of a statement that has a question mark: "a bit of a comedy, no?"."""

_ECHO = re.compile(rf"{_LEAD}(?:an?|another|more)\b[^?]*\?+\s*$", re.IGNORECASE)
_NO_BEHIND = re.compile(r"\W*(?:no|nope|nah|seriously|really|come on|ugh|are you (?:kidding|serious)|wtf|huh)\b", re.I)
"""What says, behind an offer said again, that it is none: "A cartoon without Bill Murray? No."."""

_ISNT = re.compile(
    rf"{_LEAD}(?:isn['’]?t|wasn['’]?t|aren['’]?t) (?:it|that|this|they|those)(?: (?:one|film|movie|book))?\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    rf"{NOT}\b.*\b(?:please|pls|plz)\b|{_LEAD}(?:it|that|this|one)(?:['’]?s)? ?"
    r"(?:(?:still |just |only |really )?(?:has|have|got|needs?|ought) to|gotta|must|should|may|might|can|could) "
    r"(?:be|have|come|run|star|last)\b(?! been)",
    re.IGNORECASE,
)
"""A statement that is a request: "and it's not about ghosts, please", "it has to be a comedy"."""

_WHO_WATCHES = re.compile(
    rf"{_LEAD}(?:these|they|those|we)(?: are|['’]re) (?:(?:my|our|only|just|all|still|both|the) )*"
    r"(?:(?!for |about |with )\w+ )?"
    r"(?:child(?:ren)?|kids|boys|girls|toddlers|teens|teenagers|adults|grown-?ups|\d+)\b",
    re.IGNORECASE,
)
"""What is said of those who are to see something: "these are children of 10 and 12"."""

_OF_KIND = re.compile(
    rf"{_LEAD}an? [^.?!]{{2,60}}?\b(?:film|movie|book|story|one)\b[^.?!]{{0,40}}?\b(?:is|was)(?:n['’]?t| not)\b",
    re.IGNORECASE,
)
"""What an offer is, and is not: "a dog film isn't a pirate film"."""

_CLAUSE = re.compile(
    r"[.;:!?]+|\bbut\b|\bthough\b|"
    r"(?<=\bone),?\s+(?=(?:what else|is there|do you have|rather|something|anything|one|it should)\b)",
    re.IGNORECASE,
)
"""Between the clauses of a message, also where no sign says so: "that's not the one what else is there"."""


def objecting(
    reading: Reading,
    offered: Mapping[str, str],
    people: Collection[str] = (),
    has: Callable[[FacetValue], bool] = lambda value: False,
) -> Reading:
    """Return a reading in which what is said against an offer turns it down and says what is wanted instead.

    Args:
        reading: As it was read.
        offered: Items of the latest reply that named any, with their titles.
        people: Fields that hold people.
        has: Whether what was offered last has a value.
    """
    reading = remarking(reading, people, has)
    if not offered or reading.has("accept", "thanks"):
        return reading
    return _restated(_turning_down(reading, offered, people, has))


def _turning_down(
    reading: Reading, offered: Mapping[str, str], people: Collection[str], has: Callable[[FacetValue], bool]
) -> Reading:
    found = [clause for clause in _clauses(reading.text) if _objects(reading, clause, offered)]
    if not found:
        return reading
    subjects = [_subject(reading, clause, offered) for clause in found]
    values = tuple(
        replace(read, role="incidental")
        if (read.start, read.end) in subjects
        else _turned(reading, read, found, people, has)
        for read in reading.values
    )
    if not any(inside(span, found) for span in spans_of(values) if span not in subjects):
        return reading
    items = tuple(
        replace(entry, role="incidental") if entry.item in offered and inside(span, found) else entry
        for entry, span in zip(reading.items, spans_of(reading.items), strict=True)
    )
    others = dict.fromkeys(
        ("small_talk", "praise", "give_preference", "inform", "ask_fact", "seen", "change_mind"), 0.0
    )
    asking = [clause for clause in _clauses(reading.text) if clause not in found]
    if any(is_question(reading.text[start:end]) for start, end in asking):
        others.pop("ask_fact")
    acts = {**reading.acts, **others, "reject": 1.0, "refine": 1.0}
    return replace(reading, acts=acts, values=values, items=items)


def _restated(reading: Reading) -> Reading:
    """Return a reading in which what somebody says to have asked for counts once more: "1994? I said not too old"."""
    if not reading.has("reject"):
        return reading
    match = _SAID.search(reading.text)
    if match is None:
        return reading
    end = _CLAUSE.search(reading.text, match.end())
    last = len(reading.text) if end is None else end.start()
    values = tuple(
        replace(read, role="avoid" if re.search(_NOT, reading.text[match.end() : read.value.start], re.I) else "want")
        if read.role == "incidental" and match.end() <= read.value.start < last
        else read
        for read in reading.values
    )
    return replace(reading, values=values)


_SAID = re.compile(rf"{SAID}|\b(?:i|we) mean (?=an?\b|the\b|something\b)", re.IGNORECASE)


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
    if _ECHO.match(words) and _NO_BEHIND.match(reading.text[end:]):
        return True
    turned_down = reading.has("reject") or _NO_BEHIND.match(reading.text[end:])
    if _ISNT.match(words) and turned_down and not _PRAISES.search(words):
        return True
    if _REQUEST.search(words) or _WHO_WATCHES.match(words):
        return False
    if (words.rstrip().endswith("?") and not _TAG.search(words)) or _PRAISES.search(words):
        return False
    return (
        _TAG.search(words) is not None
        or _THAT.match(words) is not None
        or _OF_KIND.match(words) is not None
        or _subject(reading, clause, offered) is not None
    )


def _subject(reading: Reading, clause: tuple[int, int], offered: Mapping[str, str]) -> tuple[int, int] | None:
    """Return where a clause names what was offered as what it is about."""
    titles = {title.lower() for title in offered.values()}
    named = spans_of(entry for entry in reading.items if entry.item in offered)
    named += [span for span in spans_of(reading.values) if reading.text[slice(*span)].lower() in titles]
    short = _SHORT_TITLE.match(reading.text, clause[0], clause[1])
    if short is not None and any(title.startswith(f"{short['title'].lower()} ") for title in titles):
        named.append(short.span("title"))
    for start, end in named:
        if clause[0] <= start < end <= clause[1]:
            led = re.fullmatch(rf"{_LEAD}(?:the )?", reading.text[clause[0] : start], re.IGNORECASE)
            if led and re.match(_VERB, reading.text[end : clause[1]], re.IGNORECASE):
                return start, end
    return None


_SHORT_TITLE = re.compile(
    r"\W*(?P<title>(?:[A-Z][\w'’]*|\d+)(?: [\w'’]+){0,3}?)(?=(?:['’]s| is(?:n['’]t)?| was(?:n['’]t)?| has) )"
)
"""The first words of what was offered, at the beginning of a clause: "No Country isn't a western"."""


def _turned(
    reading: Reading,
    read: ReadValue,
    clauses: Sequence[tuple[int, int]],
    people: Collection[str],
    has: Callable[[FacetValue], bool],
) -> ReadValue:
    """Return a value with the role that an objection gives it."""
    own = inside((read.start, read.end), clauses)
    if own is None or ill_liked(reading.text, read.value.start, read.value.end):
        return read
    others = [(start, end) for start, end in spans_of(reading.values) if own[0] <= start and end <= read.start]
    said = without_spans(reading.text[: read.start], others, " ")[own[0] :]
    kind = _OF_KIND.match(reading.text[slice(*own)])
    if kind is not None and read.value.end <= own[0] + kind.end():
        return replace(read, role="incidental")
    if _ISNT.match(said):  # "isn't that a cartoon?" says that it is one
        said = _ISNT.sub("it is", said, count=1)
    before = re.sub(_LEAD, "", said, count=1, flags=re.IGNORECASE)
    negated = re.search(_NOT, before, re.IGNORECASE)
    subject = _SUBJECT.match(before)
    between = re.sub(_NOT, " ", before[subject.end() if subject else 0 :], flags=re.IGNORECASE)
    if not _BETWEEN.match(between) and not re.fullmatch(r"\s*an? (?:[\w-]+ ){1,2}\s*", between, re.IGNORECASE):
        return replace(read, role="incidental")
    theme = is_of(read.value, *THEME_FIELDS)
    if re.search(r"\bthan\b", between, re.IGNORECASE):  # "it is more of a war film than a comedy"
        return replace(read, role="want" if not theme else "incidental")
    told = [own[0] <= other.value.start < read.value.start for other in reading.values]
    if not negated and any(told) and re.search(r"\b(?:about|in|from|at|on|of)\b", between, re.IGNORECASE):
        return replace(read, role="incidental")  # of "a comedy about a family in France" only the comedy counts
    told_of = is_of(read.value, *THEME_FIELDS) or re.search(r"\bfor\b", reading.text[own[0] : read.value.end])
    if negated and kind is None and isinstance(read.value, FacetValue) and told_of and has(read.value):
        return replace(read, role="avoid")  # "it's not even Christmas", of a Christmas film; "it's not for kids"
    if negated:
        return replace(read, role="want")
    if is_of(read.value, *people) and not has(read.value) and _HAD.search(before):
        return replace(read, role="want")  # "it had Tom Cruise" is said of what is looked for
    named = isinstance(read.value, Quantity) or is_of(read.value, *people)
    return replace(read, role="incidental" if named else "avoid")


_HAD = re.compile(r"\bit (?:had|was|starred|featured)\b", re.IGNORECASE)
