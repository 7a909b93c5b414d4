"""A theme may be the heart of an item or a detail, a person the lead or one of many."""

import numpy as np
import pytest
import torch

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.constraints import Constraint, Option
from pecrs.inference.language.reasons import Reasons, reasons
from pecrs.inference.preferences import Preferences
from pecrs.inference.prominence import prominence
from pecrs.inference.selection import select
from pecrs.inference.similarity import Similarity
from pecrs.inference.state import DialogueState
from pecrs.inference.types import ScoredItem
from pecrs.linking.facets import Facets

PEOPLE = ("Zoe Star", "Ann Lee", "Bob May", "Cat Poe", "Dan Roe", "Eve Sun")
CATALOGUE = Catalogue(
    (
        Item("heart", "Express", 1990,
             {"themes": ("train", "murder"), "story": ("A murder on a train.",), "actors": PEOPLE}),
        Item("told", "Rails", 1991,
             {"themes": ("love", "snow", "paris", "art", "war", "train"), "story": ("They meet on a train.",)}),
        Item("detail", "Spies", 1992,
             {"themes": ("spy", "paris", "love", "art", "war", "train"), "story": ("A spy retires.",),
              "actors": (*PEOPLE[1:], PEOPLE[0])}),
        Item("near", "Steam", 1993, {"themes": ("steam engine", "art"), "reception": ("poorly received",)}),
        Item("sorted", "Lists", 1994, {"themes": ("art", "train", "war")}),
        Item("plane", "Wings", 1995, {"themes": ("airport",), "series": ("Express",)}),
    ),
    ("title", "themes", "actors"),
)  # fmt: skip
FACETS = Facets(CATALOGUE)
TRAIN = Option(("themes",), "train", "train")
STEAM = Option(("themes",), "steam engine", "steam engine", near=True)
THEME = Constraint((TRAIN, STEAM))
STAR = Constraint((Option(("actors",), "Zoe Star", "zoe star"),))
ALL = np.ones(len(CATALOGUE), dtype=np.bool_)


def test_what_is_named_first_and_told_in_the_story_is_most_prominent():
    found = prominence(FACETS, THEME, range(5))
    assert found == pytest.approx([1.0, 0.7, 0.4, 0.7 * 0.7, 0.4, 0.0])


def test_a_lead_is_more_prominent_than_a_small_part():
    assert prominence(FACETS, STAR, (0, 2)) == pytest.approx([1, 0, 0.4, 0, 0, 0])


def test_a_constraint_shows_what_was_said_and_not_what_is_near():
    assert str(THEME) == "train"


def test_themes_and_people_that_are_wanted_lead():
    chosen = select(FACETS, DialogueState(wanted=(THEME,)), ALL)
    assert chosen.allowed.all()
    assert chosen.themed.tolist() == [True, True, True, True, True, False]
    assert chosen.leaning.argmax() == 0
    alone = select(FACETS, DialogueState(wanted=(STAR,)), ALL)
    assert alone.themed is None
    assert alone.leaning[0] > alone.leaning[2] > 0
    assert select(FACETS, DialogueState(), ALL).leaning is None


def test_whoever_is_refused_is_refused_in_every_part():
    made = Catalogue((Item("x", "X", 1, {"actors": ("Ann Lee", "Bob May")}),
                      Item("y", "Y", 2, {"actors": ("Bob May", "Cat Poe"), "directors": ("Ann Lee",)})),
                     ("title", "actors", "directors"))  # fmt: skip
    refused = Constraint((Option(("directors",), "Ann Lee", "ann lee"),))
    assert not select(Facets(made), DialogueState(avoided=(refused,)), np.ones(2, dtype=np.bool_)).allowed.any()


def ordered(state, leaning=None, scores=(0.0,) * 6):
    """Return the identifiers of all items in the order of their scores and the state."""
    preferences = Preferences(Similarity(CATALOGUE, torch.ones(len(CATALOGUE), 3), torch.zeros(len(CATALOGUE))))
    ranked = [
        ScoredItem(item, place, score, score, None)
        for place, (item, score) in enumerate(zip(CATALOGUE, scores, strict=True), start=1)
    ]
    return [entry.item.id for entry in preferences.ordered(ranked, state, leaning)]


def test_what_was_poorly_received_comes_later_where_something_is_wanted():
    assert ordered(DialogueState(wanted=(STAR,)))[-1] == "near"
    assert ordered(DialogueState()) == [item.id for item in CATALOGUE]


def test_what_is_asked_for_beside_an_example_leads():
    leaning = prominence(FACETS, Constraint((Option(("themes",), "airport", "airport"),)), (5,))
    found = ordered(DialogueState(examples=("told",)), leaning)
    assert found[0] == "plane"
    assert ordered(DialogueState(examples=("told",)))[0] != "plane"


def test_parts_of_the_series_of_an_example_come_behind_others():
    series = Catalogue((Item("one", "Big", 1, {"series": ("Big",)}), Item("two", "Big 2", 2, {"series": ("Big",)}),
                        Item("other", "Small", 3)), ("title",))  # fmt: skip
    preferences = Preferences(Similarity(series, torch.ones(3, 3), torch.zeros(3)))
    ranked = [ScoredItem(item, place, 0.0, 0.0, None) for place, item in enumerate(series, start=1)]
    found = preferences.ordered(ranked[1:], DialogueState(examples=("one",)), None)
    assert [entry.item.id for entry in found] == ["other", "two"]


SHARED = Catalogue(
    (
        Item("liked", "Heist", 1, {"themes": ("robbery", "vault"), "mood": ("tense", "dry humour"),
                                   "genres": ("crime",), "actors": PEOPLE}),
        Item("matter", "Loot", 2, {"themes": ("vault",), "mood": ("dry humour", "tense"), "genres": ("crime",)}),
        Item("lead", "Star", 3, {"genres": ("crime",), "actors": ("Zoe Star",)}),
        Item("extra", "Crowd", 4, {"genres": ("crime",), "actors": ("X Y", "Z W", "U V", "Zoe Star")}),
    ),
    ("title", "genres", "actors", "themes"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("matter", 'a tense crime film tagged "vault"'),
        ("lead", "also with Zoe Star"),
        ("extra", "a crime film"),
    ],
)
def test_reasons_are_what_both_are_about_then_who_leads_in_both(item, words):
    found = reasons(SHARED[item], SHARED, DialogueState(liked=("liked",)))
    assert found == Reasons((), (SHARED["liked"], words))
