"""What is kept, replaced, taken back and allowed again over several messages."""

import pytest
from test_state import after, reading

from inference_readings import FACETS, FINDER
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.inference.renewal import starts_over
from pecrs.inference.understanding.everyday import is_meant
from pecrs.inference.understanding.people import people_meant
from pecrs.inference.understanding.refusals import refused
from pecrs.inference.understanding.removals import Removals
from pecrs.inference.understanding.wanted_beside import asks_more_of, dates_it, told_by_the_way
from pecrs.inference.understanding.works import asks_works
from pecrs.linking.first_names import called, is_womans
from pecrs.linking.quantities import read_quantities

HANKS = Turn(Speaker.SEEKER, "something with Tom Hanks and Meg Ryan")
HEAT = Turn(Speaker.RECOMMENDER, "How about Heat (1995)?", (Mention(10, 21, "heat"),), ("heat",))


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("horror instead", True),
        ("horror instead, same decade", False),
        ("still horror, but the nineties now", False),
        ("with Tom Hanks instead", False),
        ("from the nineties instead", False),
    ],
)
def test_a_change_of_mind_starts_over_only_where_it_names_another_kind(text, over):
    assert starts_over(reading(text, "change_mind")) is over


def test_other_years_leave_kind_and_people_as_they_were():
    state = after(reading("a comedy with Tom Hanks from 1994"), reading("from 1998 instead", "change_mind"))
    assert str(state) == "comedy, Tom Hanks, 1998"


def test_what_is_fine_again_may_be_asked_for_in_the_same_breath():
    no = reading("no Tom Hanks", "refine", "avoid")
    fine = reading("Tom Hanks is allowed again, one with Tom Hanks", "refine", "want", "incidental")
    assert str(after(no, fine)) == "Tom Hanks"
    assert str(after(no, reading("Tom Hanks is welcome after all", "refine"))) == ""


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("A romance with Hugh Grant", (2, 9), False),
        ("rather Italian than Spanish", (20, 27), True),
        ("nuffin scary", (7, 12), True),
        ("none of that Santa stuff", (13, 18), True),
        ("Matt can go", (0, 4), True),
        ("with or without Grant", (16, 21), None),
    ],
)
def test_refusals(text, span, expected):
    assert refused(text, [span]) == [expected]


def test_what_takes_the_place_of_something_is_not_refused_with_it():
    assert refused("instead of Bogart maybe Cagney", [(11, 17), (24, 30)]) == [True, False]


def test_years_that_others_take_the_place_of_ask_for_nothing():
    text = "the 90s instead of the 80s"
    new, old = read_quantities(text, 2020)
    assert dates_it(text, new)
    assert not told_by_the_way(text, new)
    assert told_by_the_way(text, old)


@pytest.mark.parametrize(
    "text",
    [
        "the decade doesn't matter any more",
        "neither the decade nor the year matters",
        "forget the year",
        "the year and the decade are no object",
        "nor does the decade",
    ],
)
def test_columns_are_taken_back(text):
    assert Removals(FINDER.fields).read(text, ())[0] == ("year",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("another one with him", "Tom Hanks"),
        ("another one with her", "Meg Ryan"),
        ("without him, please", "Tom Hanks"),
        ("not her, somebody else", "Meg Ryan"),
    ],
)
def test_a_pronoun_means_whom_it_suits(text, name):
    assert [value.label for value in people_meant(text, [], [HANKS], FINDER, FACETS)] == [name]


def test_the_same_man_is_who_was_asked_for():
    asked = Turn(Speaker.SEEKER, "something with Al Pacino")
    assert [v.label for v in people_meant("the same man, but older", [], [asked, HEAT], FINDER, FACETS)] == [
        "Al Pacino"
    ]


def test_names():
    assert called("no more carrey", [], ["jim carrey"]) == [(8, 14, "jim carrey")]
    assert is_womans("cate blanchett")
    assert not is_womans("brad pitt")


def test_one_of_his_keeps_what_else_is_wanted():
    assert not asks_works("one of his, please")
    assert asks_works("what has he directed?")
    assert asks_more_of("do you have more films with ")
    assert not asks_more_of("the one with ")


@pytest.mark.parametrize(
    ("text", "word", "meant"),
    [
        ("we're both too old for it", "old", False),
        ("it is too old", "old", True),
        ("lmao classic but seen it", "classic", False),
        ("a classic please", "classic", True),
    ],
)
def test_what_is_said_of_somebody_or_of_an_offer_asks_for_nothing(text, word, meant):
    [value] = [v for v in FINDER.find(text) if text[v.start : v.end] in (word, f"too {word}")]
    assert is_meant(text, value, FACETS.people) is meant
