from dataclasses import replace

import pytest

from inference_readings import reading
from pecrs.inference.manners import closed, leaving, without_false_manners
from pecrs.inference.reading import Reading, ReadItem, ReadValue
from pecrs.linking.values import FacetValue


def read(text, title="", value="", role="like", **acts):
    items = (ReadItem("1", role, text.index(title), text.index(title) + len(title)),) if title else ()
    place = text.index(value)
    values = (ReadValue(FacetValue(place, place + len(value), ("genres",), value, value), role),) if value else ()
    return without_false_manners(Reading(text, acts, items, values))


@pytest.mark.parametrize(
    "text",
    [
        "thanks to my brother I love horror",
        "I love horror, thanks to Ann",
        "thank god for horror",
        "THANKS TO ANN: horror",
    ],
)
def test_thanks_to_somebody_else_are_a_taste(text):
    reading = read(text, value="horror", thanks=0.99, small_talk=0.6)
    assert not reading.has("thanks")
    assert reading.has("give_preference")


@pytest.mark.parametrize(
    ("act", "text", "title"),
    [
        ("thanks", "thank you for smoking was great", "thank you for smoking"),
        ("goodbye", "The Long Kiss Goodnight", "The Long Kiss Goodnight"),
        ("greeting", "Good Morning, Vietnam is the best", "Good Morning, Vietnam"),
    ],
)
def test_a_title_says_nothing_to_whom_it_is_told(act, text, title):
    reading = read(text, title, **{act: 0.9})
    assert not reading.has(act)
    assert reading.has("give_preference")


@pytest.mark.parametrize(
    "text",
    [
        "bye bye birdie is a film I like",
        "Goodbye Lenin was good, something like it?",
        "good night and good luck was great",
        "see you yesterday was fun, more like that",
        "Farewell my concubine",
    ],
)
def test_titles_that_are_not_known_are_no_goodbye_either(text):
    assert not read(text, goodbye=0.9).has("goodbye")


@pytest.mark.parametrize(
    ("act", "text"),
    [
        ("goodbye", "goodbye"),
        ("goodbye", "ok bye, have a great evening"),
        ("goodbye", "well I'm off to bed, good night"),
        ("goodbye", "Bye for now! I'll watch it with my wife"),
        ("goodbye", "that is all I wanted to know"),
        ("thanks", "thanks, my brother will love it"),
        ("thanks", "thanks to you I like westerns now"),
        ("greeting", "hello, I'm Ann"),
    ],
)
def test_what_is_meant_so_stays(act, text):
    assert read(text, **{act: 0.9}).has(act)


def test_a_goodbye_beside_such_a_title_stays():
    assert read("Bye, I'll watch The Long Goodbye", "The Long Goodbye", goodbye=0.9).has("goodbye")
    assert read("thanks for The Long Goodbye", "The Long Goodbye", thanks=0.9).has("thanks")


def test_an_act_that_is_likely_takes_the_place_of_the_false_one():
    assert read("thank god for my sister", thanks=0.9, inform=0.4, affirm=0.2).has("inform")


@pytest.mark.parametrize("text", ["no thanks, something else", "thanks, what else?", "Another one please, thanks"])
def test_thanks_beside_a_request_for_more_are_one(text):
    assert read(text, thanks=0.9, negate=0.9).has("ask_more")


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("Rope, 80 minutes, perfect. Thanks!", True),
        ("an hour is just right. Thanks a lot, bye bye!", True),
        ("perfect, I'll watch it tonight with my wife, thank you so much", True),
        ("perfect, thank you. anything similar?", False),
        ("sounds good, thanks. now a comedy", False),
        ("a perfect comedy please", False),
    ],
)
def test_who_agrees_and_says_thanks_wants_nothing_further(text, closes):
    own = closed(Reading(text, {"ask_recommendation": 1.0, "thanks": 0.9}))
    assert (own.has("accept"), own.has("ask_recommendation")) == (closes, not closes)
    assert own.has("thanks")


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("no thanks, I'm done", True),
        ("I'm done here.", True),
        ("I'm done with horror", False),
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
