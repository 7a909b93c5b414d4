"""Agreement of a reading with words that leave no doubt: what was refused, liked, asked about.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from pecrs.data.acts import QUESTIONS, REQUESTS
from pecrs.inference.understanding.asked_items import asks_about_item
from pecrs.inference.understanding.corrections import not_called
from pecrs.inference.understanding.examples import role_of_named
from pecrs.inference.understanding.judging import IS, OF_IT, judged_role
from pecrs.inference.understanding.plain_acts import plain_acts
from pecrs.inference.understanding.pointing import points_back, pronoun
from pecrs.inference.understanding.question_requests import asks_for_such
from pecrs.inference.understanding.questions import asks_what_it_does, asks_whether_needed
from pecrs.inference.understanding.reading import OTHER, Reading, ReadItem, ReadValue, is_question
from pecrs.inference.understanding.refusals import (
    EASILY,
    FORBIDDEN,
    NEGATED_VERB,
    REFUSING,
    ill_liked,
    is_compared,
    of_vexing,
    refused,
    set_apart,
)
from pecrs.inference.understanding.removals import takes_back
from pecrs.inference.understanding.ruled_out import watched
from pecrs.inference.understanding.settling import is_picked
from pecrs.inference.understanding.superlatives import superlative
from pecrs.inference.understanding.tastes_told import as_listed, fronted_as_seen, listed_from, seen_and_liked
from pecrs.inference.understanding.wanted_beside import (
    asks_more_of,
    dates_it,
    exclaimed,
    told_by_the_way,
    too_much_for,
    wanted_beside,
)
from pecrs.linking.age_ratings import is_rating_limit
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS, YEAR
from pecrs.linking.hints import judgement
from pecrs.linking.makers import PEOPLE
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import spans_of, without_spans
from pecrs.linking.tones import CONTENT, TONE, is_occasion, told_fields
from pecrs.linking.value_words import FOR_WHOM, UNWANTED
from pecrs.linking.values import FacetValue, described, is_of

_BOUNDED = re.compile(r"not?\b|at (?:least|most)\b", re.IGNORECASE)
_REFUSING = re.compile(rf"\b(?:{REFUSING})\b|{NEGATED_VERB}\b", re.IGNORECASE)
_TOO = re.compile(r"\btoo\b", re.IGNORECASE)
_AGAINST = ("avoid", "dislike")


def grounded(reading: Reading, people: Collection[str] = ()) -> Reading:
    """Return a reading whose roles agree with its acts and with words that leave no doubt.

    Nothing is asked about where no question was read; whose works "has she done comedies?" asks for is wanted;
    "not too long" and "too old" refuse what is long and old. A person asked about, where no item is, is one whose
    items are asked for.

    Args:
        reading: As the model read it.
        people: Fields that hold people.
    """
    reading = _plainly(reading)
    if asks_about_item(reading):
        return reading.asking("give_preference", "small_talk")
    question, request = reading.has(*QUESTIONS), reading.has(*REQUESTS)
    such = asks_for_such(reading) or any(_is_series(reading, read.value) for read in reading.values)
    doubtless = refused(reading.text, spans_of(reading.values))
    values: list[ReadValue] = []
    for read, refusal in zip(reading.values, doubtless, strict=True):
        role, value = read.role, read.value
        person = is_of(value, *people)
        works = (person and not reading.items and _WORKS.search(reading.text)) or _is_series(reading, value)
        more = asks_more_of(reading.text[: read.start]) or OTHER.search(reading.text)
        others = person and not reading.items and more
        named_so = request and works and pronoun(reading.text) is not None  # "has she done comedies too?"
        if (role == "ask" and (not question or such or works or others)) or (role == "incidental" and named_so):
            role = "incidental" if OF_IT.search(reading.text[: value.start]) else "want"
        if role == "want" and not isinstance(value, Quantity) and value.scaled and _compares(reading, value):
            role = "ask"
        if isinstance(value, Quantity):
            role = _role_of_number(reading, value, role, question=question)
        else:
            role = _own_refusal(reading, value, role, refusal) or _agreeing(reading, value, role, refusal)
            role = _asked_if(reading, value, role)
        values.append(read.as_said(role))
    pairs = list(zip(values, reading.values, strict=True))
    if any(new.role == "ask" != old.role and _is_content(new.value) for new, old in pairs):
        reading = replace(reading, acts={**reading.acts, **dict.fromkeys(REQUESTS, 0.0), "ask_fact": 1.0})
    changed = any(new.role == "want" and old.role == "ask" for new, old in pairs)
    acts = dict(reading.acts)
    if question and (changed or (such and not reading.values)):
        acts |= {"ask_fact": 0.0, _asked_act(reading, such=such): 1.0}
    acts |= _asked_anyhow(reading, values, people, question=question)
    return replace(reading, values=tuple(values), acts=acts)


def _asked_anyhow(
    reading: Reading, values: Sequence[ReadValue], people: Collection[str], *, question: bool
) -> dict[str, float]:
    """Return the acts of what asks for items in words that are read as talk."""
    settled = question or reading.has("accept", "thanks", "goodbye")
    if not settled and any(map(_is_occasion, values)):
        return {"small_talk": 0.0, "ask_recommendation": 1.0}
    if reading.has("off_topic") and any(_is_surely_wanted(read, people) for read in values):
        return {"off_topic": 0.0, "ask_recommendation": 1.0}  # "which Wes Anderson would you bring on a date?"
    if not settled and reading.has("small_talk") and any(map(_is_time, values)):
        return {"small_talk": 0.0, "ask_recommendation": 1.0}  # "I only have an hour and a half"
    return {}


_ASKED_IF = re.compile(
    r"\b(?:i (?:just )?(?:mean|meant|asked|wonder(?:ed)?|was asking)|if|whether|contains?|has)\b[^.!?;]*$",
    re.IGNORECASE,
)
"""Before what a question put once more is about: "I mean swearing or nudity"."""


def _asked_if(reading: Reading, value: FacetValue, role: str) -> str:
    """Return the role of what some would rather not see: asked about, not wanted, where a question is put once more."""
    again = role == "want" and _is_content(value) and _ASKED_IF.search(reading.text[: value.start]) is not None
    return "ask" if again else role


def _is_content(value: FacetValue | Quantity) -> bool:
    """Tell whether a value is a tone of what some would rather not see."""
    return is_of(value, TONE) and told_fields(value.label) == (CONTENT,)


def _is_surely_wanted(read: ReadValue, people: Collection[str]) -> bool:
    """Tell whether somebody's works, or a kind, are so surely wanted that a message has to do with items."""
    meant = isinstance(read.value, FacetValue) and (read.value.scaled or is_of(read.value, *people, *KIND_FIELDS))
    return meant and read.role == "want" and read.chance >= _SURE


_SURE = 0.9


_LONGEST = 300
"""More minutes than anybody has for an item: "going to nap for 14 hours"."""


def _is_time(read: ReadValue) -> bool:
    """Tell whether a value says how much time there is."""
    value = read.value
    if read.role != "want" or not isinstance(value, Quantity) or value.kind != "minutes":
        return False
    return value.low is None and (value.high or _LONGEST) < _LONGEST


def _is_occasion(read: ReadValue) -> bool:
    return is_of(read.value, TONE) and read.role == "want" and is_occasion(read.value.label)


_JUDGED = re.compile(r"(?:\s+(?:is|was))?\s+(?:(?:way|much|a bit|just)\s+)?too\b", re.IGNORECASE)
_APPEARS = re.compile(
    r"\b(?:in|on|appears?|there|shows? up|seen|around|screen)\b[^.?!]*\bfor(?: only| just| about| like)?\s*$",
    re.IGNORECASE,
)
_THAN = re.compile(r"\s+than\b", re.IGNORECASE)


def _compares(reading: Reading, value: FacetValue) -> bool:
    """Tell whether a word such as "longer" asks which of some items is so, and not for such an item."""
    than = _THAN.match(reading.text, value.end) is not None and is_question(reading.text)
    return bool(reading.items) and (than or superlative(reading.text) is not None)


def _asked_act(reading: Reading, *, such: bool) -> str:
    return "ask_recommendation" if such else "ask_more" if OTHER.search(reading.text) else "ask_list"


def _is_series(reading: Reading, value: FacetValue | Quantity) -> bool:
    """Tell whether a series is asked about where no item of it was named: "tell me about the Rocky films"."""
    return is_of(value, "series") and not reading.items and not points_back(reading.text)


_TELLS_OF = re.compile(r"\b(?:about|who|whose|where|set|in which|his|(?<!for )her|their)\b[^.!?;]*$", re.IGNORECASE)
"""Before what happens in an item: "about a first date gone wrong" is no occasion."""


def _serves(reading: Reading, value: FacetValue, role: str) -> bool:
    """Tell whether a value says for whom or what occasion an item is asked for, whatever its role seems to be."""
    if _is_occasion(ReadValue(value, "want")):
        return _TELLS_OF.search(reading.text[: value.start]) is None
    return role == "incidental" and value.key in FOR_WHOM and reading.has(*REQUESTS)


def _own_refusal(reading: Reading, value: FacetValue, role: str, refusal: bool | None) -> str:
    """Return ``want`` where the words of a value refuse something else: "I don't do subtitles" asks for English."""
    asks = _ASKED_BEHIND.match(reading.text, value.end) is not None
    refuses = _NEGATED.search(reading.text[value.start : value.end]) is not None and not asks
    return "want" if refuses and not refusal and role in (*_AGAINST, "incidental", "seen") else ""


def _agreeing(reading: Reading, value: FacetValue, role: str, refusal: bool | None) -> str:
    """Return the role of a value that agrees with what is doubtless refused, and what is not."""
    if value.fields[0] == "rating" and is_rating_limit(reading.text[value.start : value.end]):
        return "want"
    taken_back = role == "incidental" and takes_back(reading.text, value)
    if (
        taken_back
        or exclaimed(reading.text, value)
        or of_vexing(reading.text, value.start, value.end)
        or too_much_for(reading.text, value)
    ):
        return "incidental"
    if role != "ask" and _said_of_disliked(reading, value):
        return "avoid"
    if value.key in UNWANTED and role in ("want", "like") and reading.has("reject"):
        return "avoid"  # "meh, mixed reviews" says what is wrong with the offer
    on_scale = value.scaled
    too = on_scale and _TOO.match(reading.text[value.start :][:4])
    if not refusal and (_serves(reading, value, role) or (role == "incidental" and wanted_beside(reading, value))):
        return "want"
    if refusal and role in ("ask", "incidental") and ill_liked(reading.text, value.start, value.end):
        return "dislike"
    if role == "incidental" and (meant := _meant_after_all(reading, value, refusal)):
        return meant
    if (refusal or too) and role in ("want", "like", *(("ask",) if on_scale else ())):
        return "avoid"
    said_of_it = on_scale or OF_IT.search(reading.text[: value.start])
    if refusal is False and role in _AGAINST and (not said_of_it or is_compared(reading.text, value.start)):
        theme = value.fields[0] in THEME_FIELDS
        named = not theme or described(reading.text, value) or wanted_beside(reading, value)
        return "want" if named else "incidental"
    return role


def _meant_after_all(reading: Reading, value: FacetValue, refusal: bool | None) -> str:
    """Return the role of what seems told by the way and is refused, or asked for again; empty for what is told."""
    kind = value.fields[0] in (*PEOPLE, *KIND_FIELDS, "language", "country")  # as no word of a story is
    if refusal and (
        kind or _NOT_ANOTHER.search(reading.text[: value.start]) or _EASILY.match(reading.text, value.start)
    ):
        return "avoid"
    return "want" if refusal is False and kind and _ONCE_MORE.match(reading.text, value.end) else ""


_ONCE_MORE = re.compile(r"(?: (?:ones?|films?|movies?|books?))? (?:again|back)\b(?!\W*[?!])", re.IGNORECASE)
"""Behind what is asked for after all: "French again, please", "you can put Sandler back"."""


def _said_of_disliked(reading: Reading, value: FacetValue) -> bool:
    """Tell whether a value is what an item is said to be that the person does not like: "Heat is weird"."""
    items = [entry for entry in reading.items if entry.role in _AGAINST and entry.start < entry.end <= value.start]
    return any(re.fullmatch(rf"{IS}(?: too)?\s+", reading.text[entry.end : value.start], re.I) for entry in items)


_ASKED_BEHIND = re.compile(r"[^.!?]*\?")
_NEGATED = re.compile(rf"{NEGATED_VERB}\b|\b(?:no|not|nothing|without)\b", re.IGNORECASE)
_EASILY = re.compile(EASILY, re.IGNORECASE)
_NOT_ANOTHER = re.compile(rf"(?:\b(?:not another|no more|no other)|{FORBIDDEN})\s+$", re.IGNORECASE)


def _refused(reading: Reading, number: Quantity) -> bool:
    """Tell whether a number is refused: a word between it and the value before it, or the clause's start, says so."""
    begin = max([read.value.end for read in reading.values if read.value.end <= number.start], default=0)
    clause = re.split(r"[,.;:!?]", reading.text[begin : number.start])[-1]
    return bool(_REFUSING.search(clause)) and not _BOUNDED.match(reading.text[number.start :])


def _plainly(reading: Reading) -> Reading:
    """Return a reading whose acts and verbs of taste agree with plain words."""
    doubtless = refused(reading.text, spans_of(reading.items))
    items = tuple(
        replace(entry, role=_role_of_item(reading, entry, refusal))
        for entry, refusal in zip(reading.items, doubtless, strict=True)
    )
    items = seen_and_liked(reading.text, as_listed(reading.text, items))
    values = tuple(
        replace(read, role=judged_role(reading.text, read.value.start, read.value.end, read.role))
        for read in reading.values
    )
    values = watched(reading.text, values)
    if asks_what_it_does(reading):
        values = tuple(replace(read, role="ask") if read.role != "incidental" else read for read in values)
    needed = asks_whether_needed(reading.text)
    if needed:
        values = tuple(replace(read, role="incidental") for read in values)
    facts = ("series",) if needed else reading.facts
    if any(fronted_as_seen(reading.text, entry) for entry in items):
        reading = replace(reading, acts={**reading.acts, "seen": 1.0, "accept": 0.0})
    if not_called(reading.text):  # what the offer is called was not meant, and names nothing now
        return replace(reading, acts=plain_acts(reading), items=(), values=values, unknown=())
    return replace(reading, acts=plain_acts(reading), items=items, values=values, facts=facts)


def _is_bound(value: Quantity) -> bool:
    """Tell whether a number bounds from one side, as only constraints do: "two hours at most"."""
    return value.kind != "count" and (value.low is None) != (value.high is None)


def _role_of_number(reading: Reading, value: Quantity, role: str, *, question: bool) -> str:
    """Return the role of a number: refused only by a word that refuses, and wanted where it is a bound."""
    if value.denied:
        return "want"
    if _JUDGED.match(reading.text, value.end) or (
        value.kind == "minutes" and _APPEARS.search(reading.text[: value.start])
    ):
        return "incidental"  # "195 minutes is too long", "he is only in it for five minutes"
    if told_by_the_way(reading.text, value):
        return "incidental"
    if role == "incidental" and not question and (_is_bound(value) or dates_it(reading.text, value)):
        return "want"
    if role in _AGAINST and not _refused(reading, value):
        return "incidental" if reading.has("reject") and not (value.kind == YEAR and _is_bound(value)) else "want"
    return role


def _role_of_item(reading: Reading, entry: ReadItem, refusal: bool | None) -> str:
    text, first = reading.text, listed_from(reading.text, reading.items, entry)
    if (refusal and set_apart(text, entry.start)) or fronted_as_seen(text, entry):
        return "seen"
    if is_picked(text, entry.start) and entry.start < entry.end:
        return "want"
    named = role_of_named(text, entry) or role_of_named(text, replace(entry, start=first))
    if named or judgement(text, entry.end) == "dislike":
        return named or "dislike"
    role = judged_role(text, entry.start, entry.end, entry.role)
    role = judged_role(text, first, entry.end, role) if first < entry.start else role
    if refusal and role in ("want", "like", "incidental"):
        return "avoid"
    if role in ("want", "like", "incidental") and _seen_beside(reading, entry):
        return "seen"
    turned_down = reading.has("reject")
    return "like" if refusal is False and role in _AGAINST and entry.end > entry.start and not turned_down else role


def _seen_beside(reading: Reading, entry: ReadItem) -> bool:
    """Tell whether an item stands in a list of what was seen, with no word of taste: "ive seen Heat and Ronin"."""
    spans = spans_of(other for other in reading.items if other.end <= entry.start)
    before = without_spans(reading.text[: entry.start], spans) if entry.start < entry.end else ""
    return _LISTED_SEEN.search(before) is not None and not _TASTED.search(reading.text)


_LISTED_SEEN = re.compile(
    r"(?<!n't )(?<!not )(?<!never )(?<!you )\b(?:seen|watched)\b"
    r"(?: (?:both|all|the|of|already|films?|movies?))*(?:\W|\b(?:and|or|both|all)\b)*$",
    re.IGNORECASE,
)
_TASTED = re.compile(r"\b(?:lov|lik|enjoy|ador|great|good|favou?rit|amazing|hat|bad|want)\w*", re.IGNORECASE)
_WORKS = re.compile(
    r"\b(?:made|make|done|do|did|directed|written|write|wrote|been in|acted|starred|known for|famous for|"
    r"who(?:'s| is| was)|movies|films|books|songs|works|products)\b",
    re.IGNORECASE,
)
