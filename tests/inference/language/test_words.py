"""Grounded replies: every fact stands in the catalogue, every item is a mention in its place."""

import re
from dataclasses import replace

import pytest

from films import film_catalogue
from inference_readings import after, reading
from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.constraints import Constraint, Option
from pecrs.inference.language.lexicon import awards, summary
from pecrs.inference.language.reasons import describe, phrase
from pecrs.inference.language.wording import Situation
from pecrs.inference.language.words import compose
from pecrs.inference.moves import Move, MoveKind
from pecrs.inference.selection import select
from pecrs.inference.state import DialogueState
from pecrs.linking.facets import Facets
from pecrs.linking.unknown import UnknownName

FILMS = film_catalogue()
FACETS = Facets(FILMS)


def said(move, state=None, chosen=(), number=0):
    """Return the reply's text, after checking that its mentions are its titles."""
    state = state or DialogueState()
    selection = select(FACETS, state, FACETS.numbers("year") > 0) if chosen is not None else None
    situation = Situation(FILMS, state, tuple(FILMS[item] for item in chosen or ()), selection, number)
    turn = compose(move, situation)
    for mention in turn.mentions:
        assert turn.text[mention.start : mention.end] in (FILMS[mention.item].name, FILMS[mention.item].title)
    assert "{" not in turn.text
    return turn.text


def test_a_recommendation_says_what_it_is_that_was_asked_for():
    text = said(Move(MoveKind.RECOMMEND), after(reading("a comedy with Tom Hanks")), ["big"])
    assert text == "How about Big (1988)? It is a fantasy comedy with Tom Hanks."


def test_a_recommendation_says_what_it_shares_with_a_liked_item():
    state = DialogueState(liked=("heat",))
    assert said(Move(MoveKind.RECOMMEND), state, ["coll"]) == (
        "How about Collateral (2004)? It is also directed by Michael Mann, like Heat (1995)."
    )


def test_what_was_given_up_is_said():
    state = after(reading("a horror film with Tom Hanks"))
    text = said(Move(MoveKind.RECOMMEND), state, ["shin"])
    assert "I have no horror film with Tom Hanks, so here is a horror film instead." in text
    assert "The Shining (1980)" in text


def test_what_the_offer_has_is_not_said_to_be_given_up():
    state = after(reading("a horror film with Tom Hanks"))
    assert said(Move(MoveKind.RECOMMEND), state, ["big"]).startswith("How about Big (1988)?")


def test_what_cannot_be_checked_is_said():
    assert "I can't check for under $20" in said(Move(MoveKind.RECOMMEND), after(reading("under $20")), ["big"])


def test_a_list_is_numbered_in_order():
    text = said(Move(MoveKind.LIST, count=3), after(reading("comedy")), ["big", "mail", "sleep"])
    assert re.findall(r"^(\d)\. (.+? \(\d{4}\))", text, re.M) == [
        ("1", "Big (1988)"), ("2", "You've Got Mail (1998)"), ("3", "Sleepless (1993)"),
    ]  # fmt: skip


FACTS = {
    ("heat", "director"): "Heat (1995) was directed by Michael Mann.",
    ("heat", "cast"): "Heat (1995) stars Al Pacino and Robert De Niro.",
    ("heat", "year"): "Heat came out in 1995.",
    ("heat", "runtime"): "Heat (1995) runs 170 minutes.",
    ("heat", "plot"): "Heat (1995): A detective hunts a crew of thieves in Los Angeles. Both pay for it.",
    ("heat", "genre"): "Heat (1995) is listed as crime and drama.",
    ("heat", "writer"): "I don't know who wrote Heat (1995).",
    ("heat", "streaming"): "I don't know where Heat (1995) is available.",
    ("shin", "scary"): "The Shining (1980) is listed as horror, so it may well be.",
    ("big", "scary"): "Probably not: Big (1988) is listed as comedy and fantasy.",
    ("toy2", "series"): "Toy Story 2 (1999) belongs to the series Toy Story. "
    "In order, I have Toy Story (1995) and Toy Story 2 (1999).",
}


@pytest.mark.parametrize(("item", "kind"), FACTS)
def test_facts_come_from_the_catalogue_or_are_said_not_to_be_known(item, kind):
    assert said(Move(MoveKind.FACT, (item,), (kind,))) == FACTS[item, kind]


def test_two_items_are_compared_by_their_facts():
    text = said(Move(MoveKind.COMPARE, ("heat", "coll")))
    assert "Heat (1995) is listed as crime and drama" in text
    assert "Collateral (2004) is listed as crime and thriller" in text
    assert text.endswith("Both are directed by Michael Mann and crime.")


def test_why_tells_the_true_reasons():
    state = after(reading("a comedy with Tom Hanks"))
    assert (
        said(Move(MoveKind.WHY, ("big",)), state) == "I named Big (1988) because you asked for a comedy with Tom Hanks."
    )
    liked = DialogueState(liked=("heat",))
    assert said(Move(MoveKind.WHY, ("coll",)), liked) == (
        "I named Collateral (2004) because it is also directed by Michael Mann, like Heat (1995)."
    )


@pytest.mark.parametrize("kind", list(MoveKind))
@pytest.mark.parametrize("number", range(4))
def test_every_move_has_words_in_every_turn(kind, number):
    items = {MoveKind.FACT: ("heat",), MoveKind.COMPARE: ("heat", "coll"), MoveKind.WHY: ("heat",)}.get(kind, ())
    assert said(Move(kind, items, ("plot",), count=2), chosen=["big", "mail"], number=number).strip()


def test_nothing_left_is_said_with_what_was_wanted():
    text = said(Move(MoveKind.RECOMMEND), after(reading("a comedy")), [])
    assert "comedy" in text


WHETHER = {
    ("heat", "is Al Pacino in it?"): "Yes, Heat (1995) stars Al Pacino.",
    ("heat", "does it have Tom Hanks?"): "Not as far as I know: Heat (1995) stars Al Pacino and Robert De Niro.",
    ("heat", "is it a comedy?"): "Heat (1995) isn't listed as comedy: it is listed as crime and drama.",
    ("heat", "is it by Michael Mann?"): "Yes, Heat (1995) was directed by Michael Mann.",
    ("heat", "is it from the 90s?"): "Yes, Heat (1995) came out in 1995.",
    ("heat", "is it under two hours?"): "Not as far as I know: Heat (1995) runs 170 minutes.",
    ("heat", "is it about a heist?"): 'Yes, Heat (1995) is tagged "heist".',
    ("coll", "is it about a heist?"): "What I know of Collateral (2004) doesn't say.",
}


@pytest.mark.parametrize(("item", "question"), WHETHER)
def test_a_question_whether_something_holds_is_answered_by_yes_or_no(item, question):
    values = tuple(read.value for read in reading(question, "ask_fact", "ask").values)
    assert said(Move(MoveKind.FACT, (item,), ("other",), values)) == WHETHER[item, question]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("is it by Michael Mann?", "Yes, Heat (1995) was directed by Michael Mann."),
        ("is it by Tom Hanks?", "No, Heat (1995) was directed by Michael Mann."),
    ],
)
def test_whose_work_it_is_is_known(question, words):
    values = tuple(read.value for read in reading(question, "ask_fact", "ask").values)
    assert said(Move(MoveKind.FACT, ("heat",), ("director", "writer"), values)) == words


def test_two_items_are_compared_by_what_is_asked():
    text = said(Move(MoveKind.COMPARE, ("heat", "coll"), ("runtime",)))
    assert text == "Heat (1995) runs 170 minutes. Collateral (2004) runs 120 minutes."


def test_constraints_are_one_phrase():
    state = after(reading("a sci-fi comedy with Tom Hanks and Meg Ryan under two hours"))
    assert phrase(state.wanted, "film") == "sci-fi comedy with Tom Hanks and Meg Ryan of under 120 minutes"
    assert phrase(after(reading("something about heists")).wanted, "film") == 'film tagged "heist"'
    state = after(reading("horror"), reading("no comedy", "refine", "avoid"))
    assert phrase(state.wanted, "film", state.avoided) == "horror film without comedy"


def test_a_summary_tells_the_story_and_whole_sentences():
    text = "Heat is a film with Samuel L. Jackson. It won prizes. It follows a thief who meets J. Doe in L.A. today."
    assert summary(text, 60) == "It follows a thief who meets J. Doe in L.A. today."
    assert (
        summary("Heat is a film with Samuel L. Jackson. It won prizes.", 20) == "Heat is a film with Samuel L. Jackson."
    )


def test_a_value_of_two_fields_is_told_as_the_one_that_the_item_has():
    option = Option(("series", "keywords"), "Toy", "toy")
    state = DialogueState(wanted=(Constraint((option,)),))
    assert describe(FILMS["big"], FILMS, state) == 'a fantasy comedy tagged "Toy"'
    twice = DialogueState(wanted=(Constraint((option,)), Constraint((Option(("keywords",), "Toys", "toy"),))))
    assert describe(FILMS["big"], FILMS, twice) == 'a fantasy comedy tagged "Toy"'


def test_the_extreme_of_several_is_told():
    longest = Move(MoveKind.COMPARE, ("heat", "coll"), ("runtime",), after="most")
    assert said(longest) == "Heat (1995) is the longer one (170 minutes); Collateral (2004) is 120 minutes."
    oldest = Move(MoveKind.COMPARE, ("heat", "coll", "big"), ("year",), after="least")
    assert said(oldest) == "Big (1988) is the oldest of them (from 1988)."
    unknown = Move(MoveKind.COMPARE, ("heat", "coll"), ("price",), after="most")
    assert said(unknown) == "I don't know that of all of them."


def test_of_several_items_those_that_have_it_are_named():
    values = [read.value for read in reading("Tom Hanks").values]
    some = Move(MoveKind.FACT, ("heat", "big", "mail"), ("cast",), tuple(values))
    assert said(some) == "Yes: Big (1988) and You've Got Mail (1998)."
    assert said(Move(MoveKind.FACT, ("heat", "coll"), ("cast",), tuple(values))) == ("None of them, as far as I know.")


def test_what_is_there_and_what_is_missing_is_said():
    here = Move(MoveKind.FACT, ("coll",), ("plot",), after="here")
    assert said(here) == "Yes, I have Collateral (2004), a crime thriller directed by Michael Mann."
    missing = Move(MoveKind.ASK, after="missing", missing=(UnknownName(0, 4, "Dune"), UnknownName(5, 9, "A B", True)))
    assert said(missing).startswith("I don't have Dune here. I have no films by or with A B.")


def test_what_was_all_named_is_not_said_to_be_missing():
    state = replace(after(reading("a horror film")), seen=("shin",))
    assert said(Move(MoveKind.RECOMMEND), state, ["big"]).startswith("I have no other horror film left.")


def test_a_role_that_is_not_known_is_told_with_the_cast():
    assert said(Move(MoveKind.FACT, ("heat",), ("character",))) == (
        "I don't know the roles in Heat (1995); it stars Al Pacino and Robert De Niro."
    )


def test_awards_are_counted():
    assert awards(["Academy Award 1990, Music (nominated)"]) == "was nominated for the Academy Award: Music."
    assert awards(["Best book of the year"]) == "has this to its name: Best book of the year."


def test_a_list_leaves_room_for_its_names():
    many = [Item(str(i), "A" * 30, 2000 + i, {"genres": ("comedy",), "directors": ("B" * 40,)}) for i in range(8)]
    shown = Catalogue(tuple(many), ("title", "genres", "directors"))
    for count, note, left in ((3, "directed by", ""), (6, ": comedy", "directed by"), (8, "", "comedy")):
        situation = Situation(shown, DialogueState(), tuple(many[:count]))
        text = compose(Move(MoveKind.LIST, count=count), situation).text
        assert note in text
        assert not left or left not in text
        assert len(text) <= 400
