"""Titles in small letters beside words that ask for them, and names that a catalogue lacks."""

import pytest

from bundled import bundled_recommender
from pecrs import Chat
from pecrs.linking.asked_names import asked_names
from pecrs.linking.unknown import unknown_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("maybe the umbrellas of cherbourg, do you have it?", ["the umbrellas of cherbourg"]),
        ("what about the young girls of rochefort, got it?", ["the young girls of rochefort"]),
        ("is tokyo story there?", ["tokyo story"]),
        ("45 Years?", ["45 Years"]),
        ("Is there Run Silent, Run Deep?", ["Run Silent, Run Deep"]),
        ("a film about dogs, do you have that?", []),
        ("horror films, do you have it?", []),
        ("it was fine, do you have it in french?", []),
        ("is something with bruce willis available?", []),
    ],
)
def test_a_clause_that_is_asked_for_is_a_name(text, names):
    assert [text[start:end] for start, end in asked_names(text)] == names


def test_words_that_open_a_question_are_no_name():
    assert unknown_names("Who directs?", [], lambda word: False) == ()
    assert [name.name for name in unknown_names("What Lies Beneath?", [], lambda word: False)] == ["What Lies Beneath"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("maybe the big sick, do you have it?", ["The Big Sick (2017)"]),
        ("thief, have you got it?", ["Thief (1981)"]),
        ("what about stardust, got it?", ["Stardust (2007)"]),
        ("is hell or high water there?", ["Hell or High Water (2016)"]),
        ("Do you have The Others with Nicole Kidman?", ["The Others (2001)"]),
        ("Heat - is there a lot of swearing in it?", ["Heat (1995)"]),
        ("is the piano available?", ["The Piano (1993)"]),
        ("which is better, mother or the host?", ["Mother! (2017)", "The Host (2013)"]),
    ],
)
def test_a_title_that_is_asked_for_is_linked_in_any_case(text, titles):
    recommender = bundled_recommender()
    chat = Chat(recommender)
    chat.say(text)
    assert [recommender.catalogue[mention.item].name for mention in chat.turns[0].mentions] == titles


def test_no_question_about_a_missing_title_is_answered_of_the_last_offer():
    chat = Chat(bundled_recommender())
    chat.say("a film with Meryl Streep and Clint Eastwood")
    assert "Heartburn" in chat.say("What about Heartburn? Isn't that with both of them?").text
    text = chat.say("See. Who directed it?").text
    assert "Heartburn" in text
    assert "directed by" not in text


def test_a_missing_and_a_known_title_are_both_answered():
    text = Chat(bundled_recommender()).say("what about booksmart or girls trip").text
    assert "booksmart" in text
    assert "Girls Trip (2017)" in text


def test_capitals_outweigh_a_value_inside_a_name():
    chat = Chat(bundled_recommender())
    chat.say("submarine films")
    assert "Run Silent, Run Deep" in chat.say("Is there Run Silent, Run Deep?").text
