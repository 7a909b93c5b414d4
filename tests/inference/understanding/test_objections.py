"""What is said against an offer turns it down, and says what is wanted or not."""

from dataclasses import replace

import pytest

from inference_readings import FILMS, reading
from pecrs.inference.understanding.objections import objecting
from pecrs.inference.understanding.reading import ReadItem

PEOPLE = frozenset({"actors", "directors", "writers"})
OFFERED = {"heat": "Heat"}

CASES = [
    ("that's not a comedy", ["want"]),
    ("that's a horror film", ["avoid"]),
    ("no, it is a war film!", ["avoid"]),
    ("it has no romance", ["want"]),
    ("that has nothing to do with comedy", ["want"]),
    ("thats not really a war film tho", ["want"]),
    ("it's not from the 1990s", ["want"]),
    ("a bit of a comedy, no?", ["avoid"]),
    ("that's another war film though", ["avoid"]),
    ("it IS a comedy", ["avoid"]),
    ("that is more of a war film than a comedy", ["avoid", "want"]),
    ("that's a comedy about horror", ["avoid", "incidental"]),
    ("isn't that a war film? no", ["avoid"]),
    ("A horror film without Tom Hanks? No.", ["avoid", "want"]),
    ("that one stars Tom Hanks, not Meg Ryan", ["incidental", "want"]),
]


@pytest.mark.parametrize(("text", "roles"), CASES)
def test_what_it_lacks_is_wanted_and_what_it_is_is_not(text, roles):
    found = objecting(reading(text, "small_talk", *["like"] * len(roles)), OFFERED, PEOPLE)
    assert [read.role for read in found.values] == roles
    assert found.has("reject")
    assert not found.has("small_talk")


@pytest.mark.parametrize(
    "text", ["that's a great comedy", "is it a comedy?", "I like comedy", "it's for my wife who hates comedy"]
)
def test_praise_questions_and_what_is_told_of_others_are_no_objections(text):
    read = reading(text, "praise", "like")
    assert objecting(read, OFFERED, PEOPLE) == read or not any(
        new.role == "avoid" for new in objecting(read, OFFERED, PEOPLE).values
    )


def test_a_title_that_was_offered_is_what_is_spoken_of():
    text = "Heat isn't a comedy"
    read = replace(reading(text, "praise", "dislike"), items=(ReadItem("heat", "like", 0, 4),))
    found = objecting(read, OFFERED, PEOPLE)
    assert [value.role for value in found.values] == ["want"]
    assert found.items[0].role == "incidental"
    assert objecting(read, {}, PEOPLE) == read
    assert "heat" in FILMS


def test_a_theme_of_the_offer_that_is_denied_is_complained_of():
    read = reading("it's not even about toys", "small_talk", "like")
    assert [value.role for value in objecting(read, OFFERED, PEOPLE, lambda value: True).values] == ["avoid"]
    assert [value.role for value in objecting(read, OFFERED, PEOPLE).values] == ["want"]


@pytest.mark.parametrize(
    "text",
    [
        "thats not the one what else is there one starring Tom Hanks",
        "thats not the one what else one with Tom Hanks",
        "that is not the one it should have Tom Hanks in it",
    ],
)
def test_a_request_without_a_sign_before_it_is_no_objection(text):
    assert objecting(reading(text, "reject"), OFFERED, PEOPLE) == reading(text, "reject")
