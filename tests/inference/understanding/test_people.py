"""Whom a message means without a name."""

import pytest

from inference_readings import FACETS, FINDER
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.inference.understanding.people import people_meant


def offered(text, item):
    return Turn(Speaker.RECOMMENDER, text, (), (item,))


ASKED = Turn(Speaker.SEEKER, "anything with Tom Cruise?")
HEAT = Turn(Speaker.RECOMMENDER, "How about Heat (1995)?", (Mention(10, 21, "heat"),))
TOLD = offered("It was directed by Michael Mann.", "heat")
CAST = offered("It stars Al Pacino and Robert De Niro.", "heat")

ASKED_MAKER = Turn(Speaker.SEEKER, "who is the director?")

CASES = [
    ("something by the same director", [ASKED, HEAT], "directors", "Michael Mann"),
    ("the director of that one, what else has he made?", [HEAT], "directors", "Michael Mann"),
    ("what else did he direct?", [ASKED, HEAT], "directors", "Michael Mann"),
    ("anything else by him?", [Turn(Speaker.SEEKER, "who made it?"), TOLD], "directors", "Michael Mann"),
    ("one more by him", [Turn(Speaker.SEEKER, "who's in it?"), CAST], "directors", "Michael Mann"),
    ("another one with him", [ASKED, HEAT], "actors", "Tom Cruise"),
    ("something with that actor", [HEAT], "actors", "Al Pacino"),
    ("ok and is he in something romantic", [ASKED, HEAT, ASKED_MAKER, TOLD], "actors", "Tom Cruise"),
    ("another with him", [ASKED, HEAT, ASKED_MAKER, TOLD], "actors", "Tom Cruise"),
    ("has he starred in a comedy?", [ASKED, HEAT, ASKED_MAKER, TOLD], "actors", "Tom Cruise"),
    ("anything else by him", [ASKED, HEAT, ASKED_MAKER, TOLD], "directors", "Michael Mann"),
    ("what else did he make", [ASKED, HEAT, ASKED_MAKER, TOLD], "directors", "Michael Mann"),
    ("what else did he make", [HEAT], "directors", "Michael Mann"),
    ("what else did he do?", [HEAT], "directors", "Michael Mann"),
    ("has he ever made another?", [HEAT], "directors", "Michael Mann"),
    ("is there another with him and Meg Ryan?", [ASKED, HEAT], "actors", "Tom Cruise"),
]


@pytest.mark.parametrize(("text", "before", "field", "name"), CASES)
def test_a_pronoun_or_a_role_means_somebody_of_the_dialogue(text, before, field, name):
    [value] = people_meant(text, [], before, FINDER, FACETS)
    assert (value.fields[0], value.label) == (field, name)


def test_an_item_of_the_message_comes_before_those_offered():
    text = "I loved Inception. Something by the same director?"
    [value] = people_meant(text, [(8, 17, "ince")], [HEAT], FINDER, FACETS)
    assert value.label == "Christopher Nolan"


@pytest.mark.parametrize("text", ["does he win in the end?", "what happens to him?", "a comedy", "is she nice?"])
def test_a_pronoun_in_a_question_about_the_story_means_nobody_of_the_catalogue(text):
    assert list(people_meant(text, [], [ASKED, HEAT], FINDER, FACETS)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Oh she adores Tom Hanks! Thank you. One more with him?",
        "Tom Hanks. Anything with him?",
        "I like Nora Ephron, what else has she made?",
    ],
)
def test_somebody_named_in_the_message_is_whom_the_pronoun_means(text):
    found = people_meant(text, [], [ASKED, HEAT, TOLD], FINDER, FACETS)
    assert {value.label for value in found} <= {"Tom Hanks", "Nora Ephron"}


TWO = Turn(Speaker.SEEKER, "something with Tom Hanks and Meg Ryan")


@pytest.mark.parametrize("text", ["films without those two", "not with them", "another with both of them"])
def test_both_of_two_people_are_meant(text):
    found = list(people_meant(text, [], [TWO, HEAT], FINDER, FACETS))
    assert {value.label for value in found} == {"Tom Hanks", "Meg Ryan"}
    assert len({(value.start, value.end) for value in found}) == 1


def test_them_means_nobody_where_one_person_or_none_was_named():
    assert list(people_meant("not with them", [], [ASKED, HEAT], FINDER, FACETS)) == []
