from dataclasses import replace

import pytest

from inference_readings import reading
from pecrs.inference.understanding.manners import leaving, without_titles_manners
from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue
from pecrs.linking.values import FacetValue


def test_a_title_says_nothing_to_whom_it_is_told():
    title = Reading("Good Night, and Good Luck.", {"goodbye": 0.9, "inform": 0.4}, (ReadItem("x", "seen", 0, 25),))
    assert not without_titles_manners(title).has("goodbye")
    assert without_titles_manners(title).has("inform")
    liked = replace(title, items=(replace(title.items[0], role="like"),))
    assert without_titles_manners(liked).has("give_preference")
    assert without_titles_manners(replace(title, text=title.text + " bye!")).has("goodbye")


def test_a_title_alone_takes_only_what_was_offered():
    title = Reading("Heat", {"accept": 0.9}, (ReadItem("heat", "want", 0, 4),))
    assert without_titles_manners(title, offered=True).has("accept")
    assert not without_titles_manners(title).has("accept")


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("no thanks, I'm done", True),
        ("I'm done here.", True),
        ("Much obliged, that will be all for today.", True),
        ("That would be everything, I am most grateful.", True),
        ("that's enough for tonight, thanks", True),
        ("I'm done with horror", False),
        ("is that all?", False),
        ("That is all I watch.", False),
        ("something short for when I'm done", False),
    ],
)
def test_who_is_done_leaves(text, leaves):
    assert leaving(Reading(text, {"reject": 0.9})).has("goodbye") is leaves


@pytest.mark.parametrize(
    "text",
    [
        "u forgot what i want. bye",
        "this goes nowhere, byeee",
        "forget it, the other one. later",
        "I'll go. Good night!",
    ],
)
def test_who_takes_leave_at_the_end_wants_nothing_more(text):
    found = leaving(reading(text, "refine reject"))
    assert found.has("goodbye")
    assert not found.has("refine", "reject", "accept")


@pytest.mark.parametrize(
    "text", ["one from later", "who made it? bye", "good night, sleep well?", "a comedy for later please"]
)
def test_words_of_leave_that_mean_none_change_nothing(text):
    given = reading(text, "refine")
    assert leaving(given) == given


def test_who_takes_an_item_and_leaves_has_accepted_it():
    taken = replace(reading("Pale Rider tonight. Done.", "refine"), items=(ReadItem("rider", "like", 0, 10),))
    assert leaving(taken).has("accept", "goodbye")
    assert not leaving(taken).has("refine")
    inside = replace(reading("I loved the long goodbye", "praise"), items=(ReadItem("long", "like", 8, 24),))
    assert leaving(inside) == inside


def test_who_says_what_is_wanted_and_no_more_does_not_leave():
    value = FacetValue(2, 10, ("genres",), "thriller", "thriller", exact=True)
    wish = Reading("a thriller, that's all", {"ask_recommendation": 1.0}, values=(ReadValue(value, "want"),))
    assert leaving(wish) == wish
