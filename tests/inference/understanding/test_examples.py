"""Which items a message gives as examples, and whom it names only to say which item is meant."""

import pytest

from inference_readings import FILMS, after, reading
from pecrs.inference.understanding.examples import enjoyed, for_somebody_else, named_examples, naming, role_of_named
from pecrs.inference.understanding.reading import Reading, ReadItem

PEOPLE = frozenset({"actors", "directors"})


def has(item, value):
    return any(value.label in FILMS[item].values(name) for name in PEOPLE)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("no I meant like Heat", "like"),
        ("more like Heat please", "like"),
        ("a thriller like Heat", "like"),
        ("just give me smth like Heat", "like"),
        ("what about Heat, is it any good?", "ask"),
        ("is Heat any good", "ask"),
        ("why do you suggest Heat?", "ask"),
        ("would I like Heat?", "ask"),
        ("nothing like Heat", ""),
        ("I don't like Heat", ""),
        ("that is too similar to Heat", ""),
        ("Heat", ""),
    ],
)
def test_words_around_a_title_say_what_it_is_named_for(text, role):
    start = text.index("Heat")
    assert role_of_named(text, ReadItem("heat", "dislike", start, start + 4)) == role


@pytest.mark.parametrize(
    ("text", "roles", "item"),
    [
        ("I mean Michael Mann's Heat with Al Pacino and Robert De Niro", ["incidental"] * 3, "like"),
        ("Al Pacino in Heat, that type", ["incidental"], "like"),
        ("something like Heat with Al Pacino and Robert De Niro", ["incidental"] * 2, "like"),
        ("something like Heat with Al Pacino", ["want"], "like"),
        ("something like Heat with Tom Hanks", ["want"], "like"),
        ("who is Tom Hanks", ["incidental"], ""),
    ],
)
def test_who_says_which_item_is_meant_is_no_constraint(text, roles, item):
    start = text.find("Heat")
    items = (ReadItem("heat", "incidental" if "type" in text else "like", start, start + 4),) if start >= 0 else ()
    read = reading(text)
    found = naming(Reading(text, read.acts, items, read.values), PEOPLE, has)
    assert [value.role for value in found.values] == roles
    assert [entry.role for entry in found.items] == [item] * len(items)


def test_what_is_only_asked_about_is_no_example():
    text = "loved it. anything similar? what about Heat, is it good"
    read = Reading(text, {"ask_more": 1.0}, (ReadItem("heat", "ask", text.index("Heat"), text.index("Heat") + 4),))
    assert named_examples(read, ("big",)) == ("big",)
    assert named_examples(Reading("would I like it?", {}, (ReadItem("heat", "incidental", 0, 4),)), ("big",)) == ()


def test_what_somebody_else_likes_replaces_the_examples():
    liked = Reading("I like Heat", {"give_preference": 1.0}, (ReadItem("heat", "like", 7, 11),))
    assert after(liked).examples == ("heat",)
    for_mum = reading("a comedy for my mum", "ask_recommendation refine")
    assert for_somebody_else(for_mum)
    assert after(liked, for_mum).examples == ()
    assert not for_somebody_else(reading("a comedy for tonight"))


@pytest.mark.parametrize(("text", "liked"), [("seen it, loved it", True), ("seen it, it was meh", False)])
def test_only_praise_says_that_something_seen_was_liked(text, liked):
    assert enjoyed(text) is liked


@pytest.mark.parametrize("text", ["lets start over", "forget all that", "forget what I said", "a clean slate please"])
def test_starting_over_forgets(text):
    before = [reading("a comedy with Tom Hanks"), reading("no horror", "refine", "avoid")]
    state = after(*before, reading(text, "change_mind"))
    assert not state.wanted
    assert not state.avoided


def test_the_later_word_of_a_message_holds():
    read = reading("no Tom Hanks? no. a comedy with Tom Hanks", "refine", "avoid", "want", "want")
    assert [str(entry) for entry in after(read).wanted] == ["comedy", "Tom Hanks"]
    assert not after(read).avoided
