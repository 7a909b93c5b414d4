"""Grounded replies: every fact stands in the catalogue, every item is a mention in its place."""

import re

import pytest

from films import film_catalogue
from inference_readings import after, reading
from pecrs.inference.policy import Move, MoveKind
from pecrs.inference.selection import select
from pecrs.inference.state import DialogueState
from pecrs.inference.words import Situation, compose
from pecrs.linking.facets import Facets

FILMS = film_catalogue()
FACETS = Facets(FILMS)


def said(move, state=None, chosen=(), number=0):
    """Return the reply's text, after checking that its mentions are its titles."""
    state = state or DialogueState()
    selection = select(FACETS, state, FACETS.numbers("year") > 0) if chosen is not None else None
    situation = Situation(FILMS, state, tuple(FILMS[item] for item in chosen or ()), selection, number)
    turn = compose(move, situation)
    for mention in turn.mentions:
        assert turn.text[mention.start : mention.end] == FILMS[mention.item].name
    assert "{" not in turn.text
    return turn.text


def test_a_recommendation_says_what_it_is_that_was_asked_for():
    text = said(Move(MoveKind.RECOMMEND), after(reading("a comedy with Tom Hanks")), ["big"])
    assert text == "How about Big (1988)? It is a comedy fantasy film with Tom Hanks."


def test_a_recommendation_says_what_it_shares_with_a_liked_item():
    state = DialogueState(liked=("heat",))
    assert said(Move(MoveKind.RECOMMEND), state, ["coll"]) == (
        "How about Collateral (2004)? It is also directed by Michael Mann, like Heat (1995)."
    )


def test_what_was_given_up_is_said():
    state = after(reading("a horror film with Tom Hanks"))
    text = said(Move(MoveKind.RECOMMEND), state, ["big"])
    assert "I have no horror with Tom Hanks" in text
    assert "Big (1988)" in text


def test_what_cannot_be_checked_is_said():
    assert "I can't check for up to $20" in said(Move(MoveKind.RECOMMEND), after(reading("under $20")), ["big"])


def test_a_list_is_numbered_in_order():
    text = said(Move(MoveKind.LIST, count=3), after(reading("comedy")), ["big", "mail", "sleep"])
    assert re.findall(r"^(\d)\. (.+? \(\d{4}\))", text, re.M) == [
        ("1", "Big (1988)"), ("2", "You've Got Mail (1998)"), ("3", "Sleepless (1993)"),
    ]  # fmt: skip


FACTS = {
    ("heat", "director"): "Heat (1995) was directed by Michael Mann.",
    ("heat", "cast"): "Heat (1995) stars Al Pacino and Robert De Niro.",
    ("heat", "year"): "Heat (1995) came out in 1995.",
    ("heat", "runtime"): "Heat (1995) runs 170 minutes.",
    (
        "heat",
        "plot",
    ): "Heat (1995) in a few words: A detective hunts a crew of thieves in Los Angeles. Both pay for it.",
    ("heat", "genre"): "Heat (1995) is listed as crime and drama.",
    ("heat", "writer"): "Heat (1995) is here, but I don't know who wrote it.",
    ("heat", "streaming"): "Heat (1995) is here, but I don't know where it can be watched.",
    ("shin", "scary"): "The Shining (1980) is listed as horror.",
    ("toy2", "series"): "Toy Story 2 (1999) belongs to the series Toy Story.",
}


@pytest.mark.parametrize(("item", "kind"), FACTS)
def test_facts_come_from_the_catalogue_or_are_said_not_to_be_known(item, kind):
    assert said(Move(MoveKind.FACT, (item,), (kind,))) == FACTS[item, kind]


def test_two_items_are_compared_by_their_facts():
    text = said(Move(MoveKind.COMPARE, ("heat", "coll")))
    assert "Heat (1995) is listed as crime and drama" in text
    assert "Collateral (2004) is listed as crime and thriller" in text
    assert text.endswith("Both are crime and directed by Michael Mann.")


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
