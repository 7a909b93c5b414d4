"""What to do next: from what was read and what is known to one move. A pure function.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pecrs.data.acts import FACTS, QUESTIONS, REQUESTS
from pecrs.inference.at_hand import asked_about, named_again, taken_up
from pecrs.inference.comparing import compared
from pecrs.inference.moves import Move, MoveKind, Situation, together
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.asked_items import asks_about_item, asks_of_missing
from pecrs.inference.understanding.complaints import complains
from pecrs.inference.understanding.content_questions import on_condition
from pecrs.inference.understanding.exclaiming import protesting
from pecrs.inference.understanding.likening import ALIKE, SHARED, asked_likeness
from pecrs.inference.understanding.named_beside import likened, named_in, wants_beside
from pecrs.inference.understanding.own_choice import asks_for_others, own_choice
from pecrs.inference.understanding.pointing import IT, THEY, wants_all
from pecrs.inference.understanding.questions import about_people, asked_facts, asks_how_much, left_out
from pecrs.inference.understanding.reading import Reading, ReadItem, asks_for_items, further_from
from pecrs.inference.understanding.settling import settled_item, takes
from pecrs.inference.understanding.superlatives import superlative
from pecrs.inference.understanding.topics import topic
from pecrs.inference.understanding.ungrasped import describes_item, tells_story
from pecrs.inference.understanding.works import set_against
from pecrs.linking.lexicon import OPENING
from pecrs.linking.quantities import Quantity
from pecrs.linking.values import FacetValue

LONGEST_LIST = 20
"""Most items that one reply lists."""

A_FEW = 5
"""How many items "a list" has where no number is given."""


@dataclass(frozen=True)
class _Case:
    reading: Reading
    state: DialogueState
    situation: Situation
    request: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "request", self.reading.has(*REQUESTS))


def decide_alone(probability: float, threshold: float, *, paper: bool) -> Move:
    """Return the move of a model that reads no messages: to recommend or not.

    Args:
        probability: The model's probability that the next turn recommends.
        threshold: From which it recommends.
        paper: Whether the words decide instead.
    """
    if paper:
        return Move(MoveKind.RECOMMEND, tentative=True)
    return Move(MoveKind.RECOMMEND if probability >= threshold else MoveKind.CHAT)


def asked_for(move: Move, recommend: bool | None) -> Move:
    """Return a move with the caller's word on recommending: forced, forbidden, or as decided."""
    recommends = move.kind in _RECOMMENDS
    if recommend is None:
        return move
    if recommend:
        return replace(move, tentative=False) if recommends else Move(MoveKind.RECOMMEND)
    if not recommends:
        return move
    return replace(move.first[-1], first=move.first[:-1]) if move.first else Move(MoveKind.CHAT)


def decide(reading: Reading, state: DialogueState, situation: Situation) -> Move:
    """Return the next move.

    Args:
        reading: The latest message.
        state: What is known, that message included.
        situation: The rest of the dialogue.
    """
    case = _Case(reading, state, situation)
    if _only_missing(case):
        return Move(MoveKind.ASK, after="missing", missing=reading.unknown)
    move = _questions(case) or _requests(case) or _manners(case)
    return _presenting(replace(_taking(_with_answers(move, case), case), missing=reading.unknown), reading)


def _presenting(move: Move, reading: Reading) -> Move:
    """Return a move that says who the program is beside the items that are asked for, where both were asked."""
    asked = topic(reading.text, named=False) == "who_are_you" and not reading.items
    if move.kind not in (*_RECOMMENDS, MoveKind.ASK) or not asked:
        return move
    return replace(move, first=(Move(MoveKind.CHAT, after="who_am_i"), *move.first))


def _taking(move: Move, case: _Case) -> Move:
    """Return a move that recommends for later with a word on the item that was settled on for now."""
    text = case.reading.text
    start = further_from(case.reading)
    settled = case.reading.has("accept") and not case.reading.has("reject")
    if start is None or move.kind not in _RECOMMENDS or move.first or not settled:
        return move
    before = text[:start]
    named = tuple(entry.item for entry in case.reading.items if entry.end <= start)
    taken = (named or case.situation.offered)[:1] if takes(before) or settled_item(case.reading) in named else ()
    return replace(move, first=(Move(MoveKind.ACKNOWLEDGE, taken),)) if taken else move


def _with_answers(move: Move, case: _Case) -> Move:
    """Return a move that answers each sentence that asks something, before the items that another one asks for."""
    answers = _answers(case)
    own = own_choice(case.reading, case.situation.offered)
    if _takes_again(case) and not answers:
        return Move(MoveKind.ACKNOWLEDGE, (case.state.taken,))
    if own and move.after != "sorry" and move.kind in (*_RECOMMENDS, *_TELLS, MoveKind.ACKNOWLEDGE):
        return _of_own(own, answers, move, case)
    more = any(asks_for_items(part) and not part.has("reject") for part in _others(case.reading))
    turned = any(part.has("reject", "seen") for part in _others(case.reading))
    if not answers and more and move.kind is MoveKind.FACT:
        return _requests(case) or move
    if not answers or move.kind not in (*_RECOMMENDS, *_TELLS, MoveKind.ACKNOWLEDGE, MoveKind.ASK, MoveKind.DECLINE):
        return move
    if move.kind is MoveKind.COMPARE and move.after and (move.after not in (ALIKE, SHARED) or len(answers) < 2):
        return move
    if move.kind in _TELLS and (more or (turned and case.request)):
        move = _requests(case) or move
    named = any(answer.after in ("here", "about") for answer in answers)  # who names an item wants no other one now
    if move.kind in _RECOMMENDS and (more or (turned and (case.request or not named))):
        return replace(move, first=tuple(answers))
    return replace(answers[-1], first=tuple(answers[:-1]))


def _takes_again(case: _Case) -> bool:
    """Tell whether a message goes back to the item that was settled on: "no, Heat! not that one"."""
    named = case.state.taken in case.reading.roles("want", "like", "incidental")
    against = case.reading.has("reject", "change_mind", "clarify") or _BACK.match(case.reading.text) is not None
    return bool(case.state.taken) and named and against and not asks_for_others(case.reading)


_BACK = re.compile(rf"^\W*{OPENING}(?:wait|no|nope|nah)\b", re.IGNORECASE)


def _of_own(item: str, answers: Sequence[Move], move: Move, case: _Case) -> Move:
    """Answer who asks about an item of their own, or takes it: no other one is wanted."""
    taken = case.reading.has("accept") or takes(case.reading.text)
    if not answers and move.kind in _TELLS:
        return move
    if taken and all(answer.kind is MoveKind.WHY for answer in answers):
        return Move(MoveKind.ACKNOWLEDGE, (item,), first=tuple(answers))
    if answers:
        return replace(answers[-1], first=tuple(answers[:-1]))
    return Move(MoveKind.FACT, (item,), ("plot",), after="about")


_RECOMMENDS = (MoveKind.RECOMMEND, MoveKind.LIST)
_TELLS = (MoveKind.FACT, MoveKind.WHY, MoveKind.COMPARE)


def _others(reading: Reading) -> list[Reading]:
    return [part for part in reading.parts if part not in reading.questions]


def _answers(case: _Case) -> list[Move]:
    """Return what answers the sentences that ask; what "it" means there was named last."""
    found: list[Move] = []
    situation, named = case.situation, ""
    for part in case.reading.parts:
        if part in case.reading.questions and not (protesting(part, case.reading) or asks_of_missing(part)):
            move = likened(part, named, case.situation) or _questions(
                _Case(_pointing(part, named), case.state, situation)
            )
            if move is not None and (move.kind in _TELLS or move.after == "of_people"):
                found.append(move)
            if move is not None and move.kind is MoveKind.COMPARE and len(move.items) == _PAIR:
                named = move.items[0]
                situation = replace(situation, offered=move.items, named=(*situation.named, *reversed(move.items)))
                continue
        items = named_in(part, case.reading)
        if items:
            named = items[-1]
            situation = replace(situation, offered=(named,), named=(*situation.named, *items), beside=items)
    return together(found)


_PAIR = 2
"""Of so many items that were compared, the next sentence speaks."""


def _pointing(part: Reading, named: str) -> Reading:
    """Return a sentence whose "it" is the item that the sentence before named."""
    match = IT.search(part.text)
    if not named or part.items or match is None:
        return part
    return replace(part, items=(ReadItem(named, "ask", match.start(), match.end()),))


def _only_missing(case: _Case) -> bool:
    """Tell whether a message is about a name that the catalogue lacks, and about nothing else."""
    reading = case.reading
    wants = bool(reading.items) or wants_beside(reading)
    asked = any(name.asked for name in reading.unknown)
    if not reading.unknown or wants or reading.has("foreign") or (reading.has("off_topic") and not asked):
        return False
    return asked or (case.state.empty and not reading.has("seen"))


def _questions(case: _Case) -> Move | None:
    """Answer what is asked about items, and refuse what is no business of a recommender."""
    reading = case.reading
    if reading.has("foreign"):
        return Move(MoveKind.FOREIGN)
    if about_people(reading) and reading.has("ask_fact", "small_talk", "off_topic"):
        return Move(MoveKind.DECLINE, after="of_people")
    if reading.has("ask_help") and not case.request:
        return Move(MoveKind.HELP)
    alike = asked_likeness(reading, case.state, case.situation)
    if alike is not None:
        return alike
    if reading.has("ask_why") and superlative(reading.text) is None:
        return _why(case)
    move = _about_items(case)
    if move is not None:
        return move
    if reading.has("off_topic") and not case.request and not reading.items:
        return Move(MoveKind.DECLINE)
    return None


def _why(case: _Case) -> Move:
    """Say why an item was named; of one that it is set against, what it is; what was known is no offer at all."""
    reading, situation = case.reading, case.situation
    if situation.offered and _WHY_AGE.match(reading.text):
        return Move(MoveKind.FACT, situation.offered[:1], ("suits",))
    if named_again(reading, case.state):
        return Move(MoveKind.RECOMMEND, after="sorry")
    other = set_against(reading)
    about = tuple(item for item in reading.roles("ask", "like", "want", "incidental") if item != other)[:1]
    about = about or situation.offered[:1]
    if other:
        first = tuple(Move(MoveKind.WHY, (item,)) for item in about)
        return Move(MoveKind.FACT, (other,), ("plot",), after="about", first=first)
    if about and any(read.role in ("avoid", "dislike") for read in reading.values) and not complains(reading.text):
        return Move(MoveKind.RECOMMEND, after="rejected", first=(Move(MoveKind.WHY, about),))
    return Move(MoveKind.WHY, about) if about else Move(MoveKind.ASK)


_WHY_AGE = re.compile(
    rf"\W*{OPENING}why (?:only |just |from |over |above |about |at least )*"
    r"(?:\d+|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|that age|what age)\b",
    re.IGNORECASE,
)


def _about_items(case: _Case) -> Move | None:
    """Compare two items, tell facts, or tell of an item that is not known yet what it is about."""
    reading, situation = case.reading, case.situation
    named = asks_about_item(reading) if set(reading.facts) <= set(FACTS) else ""  # a column is asked about otherwise
    if named:
        items = tuple(dict.fromkeys(entry.item for entry in reading.items))
        return Move(MoveKind.FACT, items, ("plot",), after=named)
    beside = compared(reading, case.state, situation)
    if beside is not None:
        return beside
    if reading.has("ask_fact") and not (_asks_for_items(case) or asks_of_missing(reading)):
        about = asked_about(reading, situation)
        if reading.about and about:
            return Move(MoveKind.FACT, about[:1], ("plot",), after="about")
        facts, values = asked_facts(reading)
        how_much = asks_how_much(reading.text) or on_condition(reading.text)
        left, after = left_out(reading), "degree" if how_much else ""
        values = tuple(value for value in values if not isinstance(value, FacetValue) or value.key not in left)
        if len(about) > 1 and (values or len(reading.items) > 1 or THEY.search(reading.text)):
            return Move(MoveKind.FACT, about[:A_FEW], facts, values)
        if about:
            return Move(MoveKind.FACT, about[:1], facts, values, after=after, beside=left)
        if not case.request:
            return Move(MoveKind.ASK, after="which")
    if (
        reading.has("not_seen")
        and situation.offered
        and not case.request
        and not reading.has("reject", "accept", "seen", "no_preference")
    ):
        return Move(MoveKind.FACT, (reading.roles("incidental", "want", "ask") or situation.offered)[:1], ("plot",))
    return None


def _requests(case: _Case) -> Move | None:
    """Recommend where it is asked for, where something was turned down, or where there is a taste to go by."""
    reading, state, situation = case.reading, case.state, case.situation
    if reading.missing and not any(read.role == "want" for read in reading.values):
        return Move(MoveKind.NOTHING, after="missing")
    after = taken_up(reading, state, situation)
    if reading.has("accept") and not case.request and (reading.items or not _says_what(reading)):
        return None
    turned_down = bool(situation.offered) and reading.has("reject", "seen")
    tastes = reading.has("no_preference") or (not state.empty and (reading.has("give_preference") or _likes(reading)))
    if not (case.request or turned_down or tastes or _wants(reading) or tells_story(reading)):
        return None
    several = LONGEST_LIST if wants_all(reading.text) else A_FEW if _asks_for_several(case) else 1
    count = min(LONGEST_LIST, state.count or several)
    if (
        state.empty
        and not state.seen
        and not (situation.asked or situation.offered or reading.has("no_preference") or describes_item(reading))
        and count == 1
    ):
        return Move(MoveKind.ASK)
    kind = MoveKind.LIST if count > 1 else MoveKind.RECOMMEND
    return Move(kind, count=count, after=after)


def _asks_for_several(case: _Case) -> bool:
    """Tell whether a list is asked for, or others than those of a list: "only ones with Clint Eastwood"."""
    again = len(case.situation.offered) > 1 and case.request and _ONES.search(case.reading.text) is not None
    complaint = case.reading.has("reject") and not _SOME.search(case.reading.text)  # "no more gangster films!"
    return (case.reading.has("ask_list") and not complaint) or again


_SOME = re.compile(r"\b(?:some|few|several|couple|list|more|others?|options|suggestions|ideas|titles)\b", re.IGNORECASE)


_ONES = re.compile(r"\b(?:ones|films|movies|books|titles)\b", re.IGNORECASE)


def _manners(case: _Case) -> Move:
    """Close, greet, take note or chat; silence about items is broken where the model itself would recommend."""
    reading, state, situation = case.reading, case.state, case.situation
    if reading.has("accept") and (not reading.has("goodbye") or _accepted(case)):
        return Move(MoveKind.ACKNOWLEDGE, _accepted(case))
    if reading.has("goodbye"):
        return Move(MoveKind.CLOSE, situation.offered[:1], after="bye")
    if reading.has("thanks"):
        return Move(MoveKind.CLOSE, situation.offered[:1])
    if reading.has("greeting") and not situation.named and topic(reading.text, named=False) != "how_are_you":
        return Move(MoveKind.GREET)
    if reading.has("affirm", "negate", "inform", "give_preference") and situation.asked:
        return Move(MoveKind.RECOMMEND)
    if reading.has("small_talk", "praise", "greeting"):
        about = reading.roles("ask", "incidental", "seen", "like")[:1]
        what = topic(reading.text, named=bool(about))
        return Move(MoveKind.CHAT, about, after="remark" if what == "small_talk" and situation.offered else what)
    if reading.has("clarify"):
        return Move(MoveKind.CHAT if state.empty else MoveKind.RECOMMEND)
    if situation.probability >= situation.threshold and not (state.empty and not situation.named):
        return Move(MoveKind.RECOMMEND, after=taken_up(reading, state, situation))
    return Move(MoveKind.CHAT, after="lost" if situation.offered else "")


def _likes(reading: Reading) -> bool:
    """Tell whether a remark praises what a choice could go by, and takes no leave."""
    liked = reading.roles("like")
    return reading.has("praise") and bool(liked) and not reading.has("thanks", "goodbye")


def _wants(reading: Reading) -> bool:
    """Tell whether a value or an item is asked for, whatever the acts are: "horror", "Nolan?"."""
    asks = reading.has(*QUESTIONS, "small_talk", "praise", "thanks", "goodbye")
    return not asks and any(read.role in ("want", "like", "avoid") for read in reading.values)


def _says_what(reading: Reading) -> bool:
    """Tell whether a message asks for something new by its values: "yes, and then a comedy"."""
    return any(read.role == "want" and not _is_one(read.value) for read in reading.values)


def _is_one(value: FacetValue | Quantity) -> bool:
    """Tell whether a value is the "one" of "the first one"."""
    return isinstance(value, Quantity) and value.kind == "count" and value.low == 1


def _asks_for_items(case: _Case) -> bool:
    """Tell whether what reads as a question, and as a request, is for items."""
    reading = case.reading
    return case.request and (not reading.facts or _says_what(reading))


def _accepted(case: _Case) -> tuple[str, ...]:
    named = settled_item(case.reading) or case.state.taken
    return (named,) if named else case.situation.offered[:1]
