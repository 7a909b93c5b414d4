"""The next move is a pure function of what was read and what is known."""

from dataclasses import replace

import pytest

from inference_readings import after, reading
from pecrs.inference.moves import Move, MoveKind, Situation
from pecrs.inference.policy import LONGEST_LIST, asked_for, decide
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.grounding import grounded
from pecrs.inference.understanding.parts import with_parts
from pecrs.inference.understanding.reading import Reading, ReadItem
from pecrs.linking.unknown import UnknownName

EMPTY = DialogueState()
TASTE = DialogueState(liked=("heat",))
OFFERED = Situation(offered=("heat", "coll"), named=("top", "coll", "heat"))

TABLE = [
    # acts, items with roles, state, situation, move
    ("ask_recommendation", [], EMPTY, Situation(), Move(MoveKind.ASK)),
    ("ask_recommendation", [], EMPTY, Situation(asked=True), Move(MoveKind.RECOMMEND)),
    ("no_preference", [], EMPTY, Situation(), Move(MoveKind.RECOMMEND)),
    ("ask_recommendation", [], TASTE, Situation(), Move(MoveKind.RECOMMEND)),
    ("ask_more", [], EMPTY, OFFERED, Move(MoveKind.RECOMMEND)),
    ("ask_list ask_recommendation", [], TASTE, Situation(), Move(MoveKind.LIST, count=5)),
    ("ask_recommendation", [], DialogueState(count=3), Situation(), Move(MoveKind.LIST, count=3)),
    ("ask_recommendation", [], DialogueState(count=500), Situation(), Move(MoveKind.LIST, count=LONGEST_LIST)),
    ("reject", [], EMPTY, OFFERED, Move(MoveKind.RECOMMEND, after="rejected")),
    ("seen", [], EMPTY, OFFERED, Move(MoveKind.RECOMMEND, after="seen")),
    ("seen", [("top", "seen")], EMPTY, Situation(), Move(MoveKind.CHAT)),
    ("give_preference", [("heat", "like")], TASTE, Situation(), Move(MoveKind.RECOMMEND)),
    ("ask_fact", [], EMPTY, OFFERED, Move(MoveKind.FACT, ("heat",), ("director",))),
    ("ask_fact", [("top", "ask")], EMPTY, OFFERED, Move(MoveKind.FACT, ("top",), ("director",))),
    ("ask_fact", [], EMPTY, Situation(), Move(MoveKind.ASK, after="which")),
    ("ask_why", [], EMPTY, OFFERED, Move(MoveKind.WHY, ("heat",))),
    ("ask_why", [], EMPTY, Situation(), Move(MoveKind.ASK)),
    ("compare", [("top", "ask"), ("coll", "ask")], EMPTY, OFFERED, Move(MoveKind.COMPARE, ("top", "coll"))),
    ("compare", [], EMPTY, OFFERED, Move(MoveKind.COMPARE, ("heat", "coll"))),
    ("compare", [("top", "ask")], EMPTY, OFFERED, Move(MoveKind.COMPARE, ("top", "heat"))),
    ("not_seen", [], EMPTY, OFFERED, Move(MoveKind.FACT, ("heat",), ("plot",))),
    ("accept", [], EMPTY, OFFERED, Move(MoveKind.ACKNOWLEDGE, ("heat",))),
    ("accept thanks", [], EMPTY, OFFERED, Move(MoveKind.ACKNOWLEDGE, ("heat",))),
    ("accept ask_more", [], EMPTY, OFFERED, Move(MoveKind.RECOMMEND)),
    ("thanks", [], EMPTY, OFFERED, Move(MoveKind.CLOSE, ("heat",))),
    ("goodbye thanks", [], EMPTY, OFFERED, Move(MoveKind.CLOSE, ("heat",), after="bye")),
    ("thanks ask_recommendation", [], TASTE, OFFERED, Move(MoveKind.RECOMMEND)),
    ("greeting", [], EMPTY, Situation(), Move(MoveKind.GREET)),
    ("greeting ask_recommendation", [], TASTE, Situation(), Move(MoveKind.RECOMMEND)),
    ("off_topic", [], EMPTY, Situation(), Move(MoveKind.DECLINE)),
    ("foreign", [], EMPTY, Situation(), Move(MoveKind.FOREIGN)),
    ("ask_help", [], EMPTY, Situation(), Move(MoveKind.HELP)),
    ("small_talk", [], EMPTY, Situation(), Move(MoveKind.CHAT, after="small_talk")),
    ("small_talk", [], TASTE, Situation(probability=0.9), Move(MoveKind.CHAT, after="small_talk")),
    ("negate", [], EMPTY, Situation(asked=True), Move(MoveKind.RECOMMEND)),
    ("inform", [], TASTE, Situation(probability=0.9), Move(MoveKind.RECOMMEND)),
    ("inform", [], TASTE, Situation(probability=0.1), Move(MoveKind.CHAT)),
    ("inform", [], EMPTY, Situation(probability=0.9), Move(MoveKind.CHAT)),
]


@pytest.mark.parametrize(("acts", "items", "state", "situation", "move"), TABLE)
def test_table_of_moves(acts, items, state, situation, move):
    named = tuple(ReadItem(item, role) for item, role in items)
    facts = ("director",) if acts == "ask_fact" else ()
    text = "no, I have seen it" if acts in ("reject", "seen") else "who made it?"
    own = Reading(text, dict.fromkeys(acts.split(), 1.0), named, (), facts)
    assert decide(own, state, situation) == move


def test_an_act_holds_from_its_own_threshold_on():
    own = Reading("", {"thanks": 0.4, "goodbye": 0.6}, thresholds={"thanks": 0.3, "goodbye": 0.7})
    assert own.has("thanks")
    assert not own.has("goodbye")


def asked(text, acts, *roles, items=()):
    return decide(reading(text, acts, *roles, items=items), EMPTY, OFFERED)


def test_a_question_may_be_whether_an_item_has_something():
    move = asked("is Tom Hanks in it?", "ask_fact", "ask")
    assert (move.kind, move.items, [value.key for value in move.values]) == (MoveKind.FACT, ("heat",), ["tom hank"])
    assert asked("is it too long?", "ask_fact", "ask").facts == ("runtime",)
    assert asked("who is in it beside Tom Hanks?", "ask_fact", "ask").values == ()


def test_two_items_asked_about_are_compared_by_what_is_asked():
    move = asked("which of them is longer?", "ask_fact", "ask", items=[("heat", "ask"), ("coll", "ask")])
    assert move == Move(MoveKind.COMPARE, ("heat", "coll"), ("runtime",), after="most")


def test_to_accept_and_ask_for_something_is_to_ask():
    assert asked("ok, then a comedy", "accept").kind is MoveKind.RECOMMEND
    assert asked("ok, I like comedy", "accept", "like").kind is MoveKind.ACKNOWLEDGE


TOPICS = {
    "how are you?": "how_are_you",
    "are you a robot?": "who_are_you",
    "what's your favourite film?": "your_taste",
    "I had a long day": "remark",
}


@pytest.mark.parametrize("text", TOPICS)
def test_small_talk_has_topics(text):
    assert asked(text, "small_talk", *["incidental"] * 3).after == TOPICS[text]


def test_what_is_compared_with_an_unknown_work_is_not_compared_with_what_was_offered():
    lacking = (UnknownName(0, 5, "Tenet"),)
    one = (ReadItem("top", "ask"),)
    own = Reading("compare them", {"compare": 1.0}, one, unknown=lacking)
    assert decide(own, EMPTY, OFFERED) == Move(MoveKind.ASK, after="missing", missing=lacking)
    assert decide(Reading("compare them", {"compare": 1.0}, one), EMPTY, Situation()) == Move(
        MoveKind.ASK, after="which"
    )


def parts(text, *readings):
    return with_parts(
        replace(reading(text, " ".join(sorted({a for r in readings for a in r.acts}))), values=()), readings
    )


def test_each_sentence_that_asks_is_answered_before_what_another_asks_for():
    question = replace(reading("who is in it?", "ask_fact"), facts=("cast",))
    whole = parts("who is in it? another comedy please", question, reading("another comedy please", "ask_more"))
    move = decide(whole, after(whole), OFFERED)
    assert move.kind is MoveKind.RECOMMEND
    assert [(first.kind, first.facts) for first in move.first] == [(MoveKind.FACT, ("cast",))]
    assert asked_for(move, recommend=False).kind is MoveKind.FACT


def test_two_questions_about_one_item_are_answered_together():
    whole = parts(
        "who made it? how long is it?",
        replace(reading("who made it?", "ask_fact"), facts=("director",)),
        replace(reading("how long is it?", "ask_fact"), facts=("runtime",)),
    )
    move = decide(whole, EMPTY, OFFERED)
    assert (move.kind, move.facts, move.first) == (MoveKind.FACT, ("director", "runtime"), ())


def test_it_is_what_the_sentence_before_named():
    named = reading("Top Gun sounds fun.", "praise", items=[("top", "like")])
    question = replace(reading("Who is in it?", "ask_fact"), facts=("cast",))
    assert decide(parts("Top Gun sounds fun. Who is in it?", named, question), EMPTY, OFFERED).items == ("top",)


def test_what_is_not_understood_after_an_offer_is_asked_back():
    assert decide(Reading("flurb the wug"), EMPTY, OFFERED).after == "lost"
    assert decide(Reading("flurb the wug"), EMPTY, Situation()).after == ""


@pytest.mark.parametrize("act", ["small_talk", "praise"])
def test_a_remark_beside_an_offer_asks_for_nothing(act):
    assert decide(reading("my day was long", act), EMPTY, OFFERED) == Move(MoveKind.CHAT, after="remark")
    assert decide(reading("my day was long", act), EMPTY, Situation()).after == "small_talk"


def test_who_takes_an_offer_and_leaves_is_told_what_was_taken():
    acts = {"accept": 1.0, "goodbye": 1.0}
    assert decide(Reading("ok that one, bye", acts), EMPTY, OFFERED).kind is MoveKind.ACKNOWLEDGE
    assert decide(Reading("ok bye", acts), EMPTY, Situation()).kind is MoveKind.CLOSE


def test_it_is_what_was_offered_though_another_item_stands_beside_it():
    items = (ReadItem("top", "ask", 11, 18),)
    beside = Reading("is it like Top Gun?", {"ask_fact": 1.0}, items, facts=("other",))
    assert decide(beside, EMPTY, OFFERED).items == (*OFFERED.offered[:1], "top")


def test_who_says_again_what_was_meant_is_offered_something_else():
    state = after(reading("a comedy", "ask_recommendation"))
    assert decide(reading("I said comedy", "clarify", "incidental"), state, OFFERED).kind is MoveKind.RECOMMEND
    assert decide(Reading("what?", {"clarify": 1.0}), EMPTY, OFFERED).kind is MoveKind.CHAT


@pytest.mark.parametrize("text", ["a film where a man hears a voice", "something to switch my brain off"])
def test_a_request_in_free_words_is_followed_and_not_asked_back(text):
    assert decide(reading(text, "ask_recommendation"), EMPTY, Situation()).kind is MoveKind.RECOMMEND
    assert decide(reading("can you suggest a film?", "ask_recommendation"), EMPTY, Situation()).kind is MoveKind.ASK


def test_a_whole_list_is_as_long_as_lists_may_be():
    assert decide(reading("list them all", "ask_list"), TASTE, OFFERED).count == LONGEST_LIST


def test_what_is_settled_on_is_taken():
    text = "ok Heat it is, bye"
    read = grounded(replace(reading(text, "ask_recommendation"), items=(ReadItem("heat", "want", 3, 7),)))
    assert decide(read, EMPTY, OFFERED).kind is MoveKind.ACKNOWLEDGE
