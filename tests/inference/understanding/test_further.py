"""Requests beside words that settle, thank or praise, and complaints of what is offered again and again."""

import pytest

from inference_readings import reading
from pecrs.inference.state import DialogueState, update
from pecrs.inference.understanding.complaints import complaining
from pecrs.inference.understanding.further import further_start
from pecrs.inference.understanding.reading import asking_further

FURTHER = [
    "nice. ok ill watch that tonight. n one for tomorrow?",
    "Wonderful, I'll put it on. And one for tomorrow evening, perhaps with Cary Grant?",
    "Oh wait, you never gave me the one for tomorrow!",
    "awesome. and something for sunday with my mum?",
    "Thanks. And not Hitchcock but similar, from the 60s?",
    "casino it is, though it's 3 hours isn't it? anything shorter?",
    "show me more",
    "another for later",
    "thx but whats for tomorrow?",
    "cool, will do. now something lighter",
    "lovely. also need one for my gran",
    "great choice! and for my dad a war movie?",
    "lovely, thanks. what about saturday?",
    "Brilliant. Do you have anything for a rainy sunday?",
]
NOT_FURTHER = [
    "that is one for my gran",
    "I'll take that one, thanks",
    "the second one please",
    "ok that one then",
    "something like that, thanks",
    "i'll watch the first one tomorrow",
    "Great, that's the one for tonight!",
    "is there anything scary in it?",
    "sounds good, one of my favourites",
    "Great, a good choice for the kids",
]


@pytest.mark.parametrize("text", FURTHER)
def test_one_more_item_is_asked_for(text):
    assert further_start(text) is not None


@pytest.mark.parametrize("text", NOT_FURTHER)
def test_words_that_settle_ask_for_nothing_further(text):
    assert further_start(text) is None


def test_who_settles_and_asks_for_one_more_wants_what_it_names():
    read = asking_further(reading("I'll take it. And one for sunday with Tom Hanks?", "accept goodbye", "incidental"))
    assert read.has("accept")
    assert read.has("ask_recommendation")
    assert not read.has("goodbye")
    assert [entry.role for entry in read.values if getattr(entry.value, "label", "") == "Tom Hanks"] == ["want"]


def test_a_question_before_it_is_still_asked():
    assert asking_further(reading("thanks, who is in it? and one for later", "thanks ask_fact")).has("ask_fact")
    assert not asking_further(reading("thanks, and one for later?", "thanks ask_fact")).has("ask_fact")


@pytest.mark.parametrize(
    "text",
    [
        "WHY do u keep giving me crime films??",
        "lol why the crime stuff",
        "why all the crime?",
        "you keep suggesting crime films",
        "stop recommending crime",
        "what's with all the crime movies?",
        "I said no crime!",
    ],
)
def test_what_is_complained_of_is_refused(text):
    read = complaining(reading(text, "ask_why"))
    assert read.has("reject")
    assert [entry.role for entry in read.values] == ["avoid"]
    assert str(update(DialogueState(), read, ("heat",))) == "not crime"


@pytest.mark.parametrize("text", ["why this crime film?", "why did you pick a crime film?"])
def test_who_asks_why_complains_of_nothing(text):
    assert complaining(reading(text, "ask_why")).has("ask_why")
