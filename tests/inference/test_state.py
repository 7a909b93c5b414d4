"""The state of a dialogue is a pure function of what was read, message by message."""

from dataclasses import replace

import pytest

from inference_readings import FACETS, FILMS, YEARS, after, reading
from pecrs.inference.reading import Reading, references
from pecrs.inference.selection import select
from pecrs.inference.state import DialogueState, update


def fitting(state):
    """Return the ids of the films that fit a state, and what was given up."""
    chosen = select(FACETS, state, FACETS.numbers("year") > 0)
    ids = [item.id for item, fits in zip(FILMS, chosen.allowed, strict=True) if fits]
    return ids, [str(entry) for entry in chosen.given_up]


CASES = [
    (["a comedy with Tom Hanks from the 90s"], "comedy, Tom Hanks, 1990-1999"),
    (["a comedy", "from the nineties", "make it the 80s"], "comedy, 1980-1989"),
    (["a comedy", "a horror film"], "horror"),
    (["comedy or horror"], "comedy or horror"),
    (["comedy and romance"], "comedy, romance"),
    (["under two hours"], "up to 120 minutes"),
    (["something obscure"], "little known"),
    (["newer films"], "recent"),
]


@pytest.mark.parametrize(("texts", "shown"), CASES)
def test_the_newest_value_of_a_kind_replaces_the_old_one(texts, shown):
    assert str(after(*map(reading, texts))) == shown


def test_a_refusal_holds_until_it_is_asked_for():
    refused = reading("no horror", "give_preference", "avoid")
    state = after(refused, reading("a comedy"))
    assert str(state) == "comedy, not horror"
    assert str(update(state, reading("horror after all"), (), YEARS)) == "horror"
    assert str(after(reading("horror"), refused)) == "not horror"


def test_questions_and_small_talk_change_nothing():
    state = after(reading("a comedy"))
    for acts in ("ask_fact", "small_talk", "off_topic", "ask_why", "compare", "thanks"):
        assert update(state, reading("is there horror in it?", acts), (), YEARS) == state
    assert update(state, reading("third date", "small_talk", "incidental"), (), YEARS) == state


def test_a_change_of_mind_starts_over_but_keeps_refusals():
    state = after(reading("a comedy with Tom Hanks"), reading("nothing with Meg Ryan", "refine", "avoid"))
    assert str(update(state, reading("horror instead", "change_mind"), (), YEARS)) == "horror, not Meg Ryan"
    assert str(update(state, reading("whatever you like", "no_preference"), (), YEARS)) == "not Meg Ryan"


def test_bare_answers_are_about_what_was_offered():
    seen = after(Reading("seen it", {"seen": 1.0}), offered=("heat",))
    assert (seen.seen, seen.rejected) == (("heat",), ())
    no = after(Reading("nah", {"reject": 1.0}), offered=("heat", "coll"))
    assert no.rejected == ("heat", "coll")
    loved = after(Reading("seen it, loved it", {"seen": 1.0, "praise": 1.0}), offered=("heat",))
    assert loved.liked == ("heat",)


def test_likes_and_dislikes_of_items_replace_one_another():
    state = after(reading("Heat!", "give_preference", items=[("heat", "like")]))
    assert state.liked == ("heat",)
    state = update(state, reading("no, Heat is bad", "give_preference", items=[("heat", "dislike")]), (), YEARS)
    assert (state.liked, state.disliked) == ((), ("heat",))


def test_each_part_can_be_removed():
    state = after(reading("an obscure comedy with Tom Hanks"), reading("no horror", "refine", "avoid"))
    assert [words for _, words in state.parts()] == ["comedy", "Tom Hanks", "not horror", "little known"]
    keys = [key for key, _ in state.parts()]
    assert str(state.without(keys[0])) == "Tom Hanks, not horror, little known"
    assert str(state.without(keys[2])) == "comedy, Tom Hanks, little known"
    assert str(state.without(keys[3])) == "comedy, Tom Hanks, not horror"
    assert keys == ["want:comedy", "want:Tom Hanks", "avoid:horror", "popularity"]
    assert state.without("want:horror") == state
    assert state.without("nonsense") == state


def test_items_and_the_count_can_be_removed():
    state = DialogueState(liked=("a", "b:c"), disliked=("d",), seen=("e",), rejected=("f",), count=3)
    assert state.without("like:b:c") == replace(state, liked=("a",))
    assert state.without("dislike:d") == replace(state, disliked=())
    assert state.without("seen:e") == replace(state, seen=())
    assert state.without("reject:f") == replace(state, rejected=())
    assert state.without("count") == replace(state, count=None)
    assert state.without("like:d") == state


def test_items_fit_what_is_wanted_and_not_what_is_avoided():
    state = after(reading("a comedy with Tom Hanks"), reading("no romance", "refine", "avoid"))
    assert fitting(state) == (["big"], [])
    assert fitting(after(reading("from the 80s")))[0] == ["top", "big", "shin"]
    assert fitting(after(reading("nothing older than 2000", "refine", "avoid")))[0] == ["coll", "date", "dunk", "ince"]
    assert fitting(replace(state, rejected=("big",)))[0] != ["big"]


def test_what_nothing_fulfils_is_given_up_the_oldest_and_the_softest_first():
    assert fitting(after(reading("a horror film"), reading("with Tom Hanks", "refine"))) == (
        ["big", "sleep", "mail", "toy1", "toy2"],
        ["horror"],
    )
    taste = reading("I like horror", "give_preference", "like")
    assert fitting(after(reading("with Tom Hanks"), taste))[1] == ["horror"]
    assert fitting(after(reading("a western by Michael Mann")))[0] == ["heat", "coll"]


def test_a_constraint_that_no_field_can_tell_is_unknown_not_given_up():
    chosen = select(FACETS, after(reading("under $20")), FACETS.numbers("year") > 0)
    assert chosen.allowed.all()
    assert [str(entry) for entry in chosen.unknown] == ["up to $20"]


POINTED = {
    "who is in the second one?": ["b"],
    "the first": ["a"],
    "number 3 please": ["c"],
    "the last one": ["c"],
    "I've seen both": ["a", "b", "c"],
    "my first date": [],
    "the 2nd one sounds good": ["b"],
    "the tenth one": [],
}


@pytest.mark.parametrize("text", POINTED)
def test_a_message_can_point_at_the_last_list(text):
    assert [item for _, _, item in references(text, ["a", "b", "c"])] == POINTED[text]
