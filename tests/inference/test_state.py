"""The state of a dialogue is a pure function of what was read, message by message."""

from dataclasses import replace

import numpy as np
import pytest

from inference_readings import FACETS, FILMS, SCALES, after, reading
from pecrs.inference.constraints import Constraint, Option
from pecrs.inference.selection import select
from pecrs.inference.state import DialogueState, update
from pecrs.inference.understanding.grounding import grounded
from pecrs.inference.understanding.message import Message
from pecrs.inference.understanding.parts import with_parts
from pecrs.inference.understanding.pointing import pronoun, references
from pecrs.inference.understanding.reading import Reading, ReadItem, likeliest
from pecrs.linking.unknown import UnknownName


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
    (["under two hours"], "under 120 minutes"),
    (["something obscure"], "little known"),
    (["newer films"], "recent"),
    (["something short, at most 90 minutes"], "up to 90 minutes"),
    (["from the 80s or 90s"], "1980-1989 or 1990-1999"),
]


@pytest.mark.parametrize(("texts", "shown"), CASES)
def test_the_newest_value_of_a_kind_replaces_the_old_one(texts, shown):
    assert str(after(*map(reading, texts))) == shown


def test_a_refusal_holds_until_it_is_asked_for():
    refused = reading("no horror", "give_preference", "avoid")
    state = after(refused, reading("a comedy"))
    assert str(state) == "comedy, not horror"
    assert str(update(state, reading("horror after all"), (), SCALES)) == "horror"
    assert str(after(reading("horror"), refused)) == "not horror"


def test_questions_and_small_talk_change_nothing():
    state = after(reading("a comedy"))
    for acts in ("ask_fact", "small_talk", "off_topic", "ask_why", "compare", "thanks"):
        assert update(state, reading("is there horror in it?", acts), (), SCALES) == state
    assert update(state, reading("third date", "small_talk", "incidental"), (), SCALES) == state


def test_a_change_of_mind_starts_over_but_keeps_refusals():
    state = after(reading("a comedy with Tom Hanks"), reading("nothing with Meg Ryan", "refine", "avoid"))
    assert str(update(state, reading("horror instead", "change_mind"), (), SCALES)) == "horror, not Meg Ryan"
    assert str(update(state, reading("whatever you like", "no_preference"), (), SCALES)) == "not Meg Ryan"


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
    state = update(state, reading("no, Heat is bad", "give_preference", items=[("heat", "dislike")]), (), SCALES)
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
    assert replace(state, examples=("b:c", "a")).without("like:b:c") == replace(state, liked=("a",), examples=("a",))
    assert state.without("dislike:d") == replace(state, disliked=())
    assert state.without("seen:e") == replace(state, seen=())
    assert state.without("reject:f") == replace(state, rejected=())
    assert state.without("count") == replace(state, count=None)
    assert state.without("like:d") == state


def test_items_fit_what_is_wanted_and_not_what_is_avoided():
    state = after(reading("a comedy with Tom Hanks"), reading("no romance", "refine", "avoid"))
    assert fitting(state) == (["big"], [])
    assert fitting(after(reading("from the 80s")))[0] == ["top", "big", "shin"]
    assert fitting(after(reading("nothing older than 2000", "refine")))[0] == ["coll", "date", "dunk", "ince"]
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
    assert [str(entry) for entry in chosen.unknown] == ["under $20"]


POINTED = {
    "who is in the second one?": ["b"],
    "the first": ["a"],
    "number 3 please": ["c"],
    "the last one": ["c"],
    "I've seen both": ["a", "b", "c"],
    "which of them is longer?": ["a", "b", "c"],
    "my first date": [],
    "the 2nd one sounds good": ["b"],
    "the tenth one": [],
    "who is in the third?": ["c"],
    "the first one, is it long?": ["a"],
}


@pytest.mark.parametrize("text", POINTED)
def test_a_message_can_point_at_the_last_list(text):
    assert [item for _, _, item in references(text, ["a", "b", "c"])] == POINTED[text]


RELATIVE = [
    ("something newer", ("want",), {"year": 1995.0}, "2007 or later"),
    ("something older", ("want",), {"year": 1995.0}, "up to 1994"),
    ("a new film", ("want",), {"year": 1995.0}, "recent"),
    ("too old", ("avoid",), {"year": 1995.0}, "not up to 1995"),
    ("shorter", ("want",), {"minutes": 104.0}, "under 104 minutes"),
    ("too long", ("avoid",), {"minutes": 104.0}, "not at least 104 minutes"),
    ("something short", ("want",), {}, "short"),
]


@pytest.mark.parametrize(("text", "roles", "beside", "shown"), RELATIVE)
def test_comparing_words_are_relative_to_what_was_offered(text, roles, beside, shown):
    assert str(after(reading(text, "refine", *roles), beside=beside)) == shown


def test_something_funnier_is_still_what_it_was():
    taxonomy = after(reading("a romance from the 90s"), reading("funnier", "refine"))
    assert str(taxonomy) == "romance, 1990-1999, comedy"
    assert str(after(reading("a romance"), reading("a comedy", "refine"))) == "comedy"


def test_what_is_wanted_and_refused_at_once_is_refused():
    state = after(reading("a horror comedy that is no horror", "ask_recommendation", "want", "want", "avoid"))
    assert str(state) == "comedy, not horror"


def test_all_of_somebody_seen_is_left_out():
    assert str(after(reading("I've seen all Tom Hanks films", "seen", "seen"))) == "not Tom Hanks"
    assert str(after(reading("I've seen most comedies", "seen", "seen"))) == ""


def test_of_one_message_the_kind_holds_longest():
    state = after(reading("a western comedy by Tony Scott from the 80s"))
    assert fitting(state) == (["big"], ["Tony Scott"])


def test_a_theme_that_few_are_marked_with_is_looked_for_in_descriptions():
    found = select(FACETS, after(reading("a film about submarines")), np.ones(len(FILMS), dtype=np.bool_))
    assert [item.id for item, has in zip(FILMS, found.leaning, strict=True) if has] == ["top"]
    assert not found.given_up  # it comes first, and others may follow
    assert "top" not in fitting(after(reading("nothing about submarines", "refine", "avoid")))[0]


def test_a_sequel_is_no_first_part():
    assert fitting(after(reading("a sequel")))[0] == ["toy2"]
    assert "toy2" not in fitting(after(reading("not another sequel", "refine", "avoid")))[0]


def test_roles_agree_with_acts_and_plain_words():
    def roles(text, acts, *given):
        return [read.role for read in grounded(reading(text, acts, *given), {"actors"}).values]

    assert roles("from 1995", "refine", "ask") == ["want"]
    assert roles("is it from 1995?", "ask_fact", "ask") == ["ask"]
    assert roles("he looks like Tom Hanks, any films?", "ask_recommendation", "incidental") == ["incidental"]
    assert roles("not too long please", "refine", "want") == ["avoid"]
    assert roles("a bit too old", "refine", "want") == ["avoid"]
    assert roles("nothing too long, but newer", "refine", "want", "want") == ["avoid", "want"]
    assert roles("dont want anything with Tom Hanks", "ask_recommendation", "want") == ["avoid"]
    assert roles("I want a comedy", "ask_recommendation", "want") == ["want"]
    assert roles("a comedy without Meg Ryan from the 90s", "ask_recommendation", "want", "avoid", "avoid") == [
        "want", "avoid", "want",
    ]  # fmt: skip
    assert roles("nothing from the 90s", "refine", "avoid") == ["avoid"]
    assert roles("make it the 80s", "ask_fact", "ask") == ["want"]
    assert roles("is there one about a hotel?", "ask_fact", "ask") == ["want"]
    assert roles("is there a taxi in it?", "ask_fact", "ask") == ["ask"]
    assert grounded(reading("have you got anything with Tom Hanks?", "ask_fact", "ask")).has("ask_recommendation")
    works = grounded(reading("what has Tom Hanks made?", "ask_fact", "ask"), {"actors"})
    assert works.has("ask_list")
    assert not works.has("ask_fact")


def test_taking_one_is_no_request():
    taken = grounded(reading("ok, I'll take the first one", "ask_recommendation", items=[("heat", "ask")]))
    assert taken.has("accept")
    assert not taken.has("ask_recommendation")
    assert grounded(reading("I'll watch a comedy", "ask_recommendation")).has("ask_recommendation")


def test_an_item_behind_a_no_is_refused():
    read = Reading("not Heat though", {"refine": 1.0}, (ReadItem("heat", "like", 4, 8),))
    assert grounded(read).roles("avoid") == ("heat",)


PRONOUNS = {
    "anything else by him?": "him",
    "his other films": "his",
    "has she been in anything": "she",
    "she likes comedies": "",
}


@pytest.mark.parametrize("text", PRONOUNS)
def test_a_pronoun_may_mean_somebody_named_before(text):
    start, end = pronoun(text) or (0, 0)
    assert text[start:end] == PRONOUNS[text]


def test_an_act_holds_if_none_is_sure():
    assert Reading("", likeliest({"ask_fact": 0.4, "thanks": 0.3}, {})).has("ask_fact")
    assert not Reading("", likeliest({"ask_fact": 0.2}, {})).has("ask_fact")
    assert not Reading("", likeliest({"ask_fact": 0.4, "thanks": 0.6}, {})).has("ask_fact")


@pytest.mark.parametrize(
    ("text", "read", "meant"),
    [
        ("I love Alien and hate Cats", ("like", "like"), ("like", "dislike")),
        ("I hated Alien, loved Cats", ("dislike", "dislike"), ("dislike", "like")),
        ("I don't like Alien but I enjoyed Cats", ("like", "dislike"), ("dislike", "like")),
        ("Alien was so boring, Cats is great", ("like", "dislike"), ("dislike", "like")),
        ("I'm not a fan of Alien. Something like Cats?", ("like", "like"), ("dislike", "like")),
        ("Nothing like Alien, maybe Cats", ("avoid", "want"), ("avoid", "want")),
        ("have you seen Alien and Cats", ("seen", "ask"), ("seen", "ask")),
    ],
)
def test_verbs_beside_an_item_say_whether_it_was_liked(text, read, meant):
    places = [(name, text.index(name)) for name in ("Alien", "Cats")]
    items = tuple(
        ReadItem(name, role, start, start + len(name)) for (name, start), role in zip(places, read, strict=True)
    )
    assert tuple(entry.role for entry in grounded(Reading(text, items=items)).items) == meant


def test_what_is_wanted_already_and_holds_of_an_example_still_is():
    def update_with(text, held):
        found = update(
            after(reading("a comedy from the 1990s")),
            reading(text, "ask_recommendation", items=[("sleep", "like")]),
            has=lambda item, entry: str(entry) in held,
        )
        return str(found), found.examples

    assert update_with("something like that", {"comedy", "1990-1999"}) == ("comedy, 1990-1999", ("sleep",))
    assert update_with("something like that", {"comedy"}) == ("comedy", ("sleep",))
    assert update_with("something like that", set()) == ("", ("sleep",))


def test_an_item_that_was_offered_and_objected_to_is_turned_down():
    found = after(reading("that has no romance", "reject refine", items=[("heat", "incidental")]), offered=("heat",))
    assert found.rejected == ("heat",)
    assert found.disliked == ()


def test_starting_over_forgets_refusals_too():
    found = after(reading("no horror", "refine", "avoid"), reading("forget all that, a comedy"))
    assert (str(found), found.avoided) == ("comedy", ())


def test_what_is_fine_is_no_longer_refused():
    found = after(reading("no horror", "refine", "avoid"), reading("horror is fine then", "refine", "want"))
    assert (found.wanted, found.avoided) == ((), ())


def test_like_it_is_like_what_was_offered():
    assert after(reading("something like that", "ask_more"), offered=("heat", "coll")).examples == ("heat",)
    assert after(reading("something like it", items=[("big", "seen")]), offered=("heat",)).examples == ("big",)


def test_a_word_of_degree_tempers_what_is_wanted_and_refuses_nothing():
    state = after(reading("something funny"), reading("not too silly", "refine", "avoid"))
    assert str(state) == "comedy"
    assert str(after(reading("something funny"), reading("no comedy", "refine", "avoid"))) == "not comedy"
    assert str(after(reading("with Tom Hanks"), reading("not too silly", "refine", "avoid"))) == "Tom Hanks, not comedy"


def test_of_what_somebody_else_likes_one_is_enough():
    state = after(reading("my dad likes comedies and horror", "give_preference", "like", "want"))
    assert [str(entry) for entry in state.wanted] == ["comedy or horror"]
    both = after(reading("a comedy and horror"))
    assert len(both.wanted) == 2


def test_people_of_different_trades_may_stand_for_each_other():
    state = after(reading("something by Michael Mann or with Tom Hanks"))
    assert [len(entry.options) for entry in state.wanted] == [2]


def test_what_is_refused_in_one_sentence_counts_beside_a_question_in_the_next():
    refusal, question = (
        reading("I said no comedies!", "refine", "avoid"),
        reading("Why did you pick that one?", "ask_why"),
    )
    message = replace(
        reading("I said no comedies! Why did you pick that one?", "ask_why", "avoid"), parts=(refusal, question)
    )
    assert str(after(message)) == "not comedy"


def test_a_sentence_says_whether_what_it_names_is_disliked():
    part = reading("my wife hates comedies.", "give_preference", "dislike")
    whole = reading("my wife hates comedies. what can we watch?", "ask_recommendation", "incidental")
    assert [read.role for read in with_parts(whole, [part, reading("what can we watch?")]).values] == ["dislike"]


def test_very_many_constraints_are_tried_only_in_part():
    many = [Constraint((Option(("genres",), f"kind {n}", f"kind {n}"),), asked=n) for n in range(40)]
    state = replace(DialogueState(), wanted=(*many, replace(after(reading("a comedy")).wanted[0], asked=99)))
    chosen = select(FACETS, state, FACETS.numbers("year") > 0)
    assert len(chosen.given_up) == 40
    assert chosen.allowed.any()


@pytest.mark.parametrize(
    "text", ["horror is not required", "it doesn't have to be horror", "horror isn't necessary", "horror is optional"]
)
def test_what_need_not_be_is_no_longer_wanted(text):
    found = after(reading("a horror film"), reading(text, "refine"))
    assert (found.wanted, found.avoided) == ((), ())


def test_examples_of_one_sentence_stay_examples_beside_a_refusal_in_another():
    refusal = reading("I said no comedies.", "reject", "avoid")
    example = replace(reading("Something like Heat", "refine"), items=(ReadItem("heat", "like", 15, 19),))
    whole = reading("I said no comedies. Something like Heat", "reject refine", "avoid", items=[("heat", "avoid")])
    assert [entry.role for entry in with_parts(whole, [refusal, example]).items] == ["like"]


def test_what_an_item_is_said_to_be_is_not_wanted():
    found = grounded(reading("Seen it, and it's a horror film. Something funny", "seen refine", "want", "want"))
    assert [read.role for read in found.values] == ["incidental", "want"]
    wanted = grounded(reading("It's a horror film that I want", "ask_recommendation", "want"))
    assert [read.role for read in wanted.values] == ["want"]


def test_what_is_added_replaces_nothing():
    both = after(reading("with Tom Hanks"), reading("with Meg Ryan too", "refine"))
    assert str(both) == "Tom Hanks, Meg Ryan"
    assert str(after(reading("with Tom Hanks"), reading("with Meg Ryan instead", "refine"))) == "Meg Ryan"
    themes = after(reading("a film about a heist"), reading("with toys", "refine"))
    assert str(themes) == "heist, toy"


def test_what_is_said_with_maybe_is_given_up_first():
    maybe = after(reading("something with Tom Hanks, maybe a comedy"))
    assert [entry.soft for entry in maybe.wanted] == [False, True]
    assert not after(reading("maybe a comedy?")).wanted[0].soft
    assert [entry.soft for entry in after(reading("with Tom Hanks, from 1998 if possible")).wanted] == [False, True]


def test_what_was_never_meant_leaves_no_trace():
    held = DialogueState(liked=("heat",), disliked=("heat",), seen=("heat",), rejected=("heat",), examples=("heat",))
    denied = replace(reading("I never said Heat", "reject"), unmeant=("heat",))
    assert update(replace(held, taken="heat"), denied) == DialogueState()
    assert update(replace(held, taken="big"), denied) == DialogueState(taken="big")


def test_a_name_that_the_catalogue_lacks_is_not_the_offer():
    said = reading("and I saw Zorblax, that was fun", "seen")
    named = replace(said, unknown=(UnknownName(10, 17, "Zorblax"),))
    liked = reading("I loved Heat.", "praise", items=[("heat", "like")])
    whole = replace(liked, acts={"seen": 1.0, "praise": 1.0})
    assert update(DialogueState(), replace(whole, parts=(liked, said)), ["coll"]).seen == ("coll",)
    assert update(DialogueState(), replace(whole, parts=(liked, named)), ["coll"]).seen == ()


def test_a_sentence_has_the_names_that_stand_in_it():
    text = "I loved Heat. I saw Zorblax, that was fun."
    message = Message((), text, ((8, 12, "heat"),), (), (UnknownName(20, 27, "Zorblax"),))
    assert [part.unknown for part in message.parts()] == [(), (UnknownName(6, 13, "Zorblax"),)]


def test_numbers_asked_for_end_what_was_said_against_others():
    assert str(after(reading("too old", "refine", "avoid"), reading("from the 60s"))) == "1960-1969"


def test_who_asks_for_something_british_wants_no_french_any_more():
    state = after(reading("in French"), reading("something from the United Kingdom", "refine"))
    assert "French" not in str(state)


def test_what_else_beside_another_request_leaves_what_is_wanted():
    first = reading("a comedy from the 80s")
    assert str(after(first, reading("what else? one with Tom Hanks", "refine"))) == "comedy, 1980-1989, Tom Hanks"
    assert str(after(first, reading("what else did Tom Hanks make?", "ask_more"))) == "Tom Hanks"
