"""Entries of one and the same item."""

import torch

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Speaker, Turn
from pecrs.inference.candidates import Candidates
from pecrs.inference.twins import twins_of
from pecrs.inference.types import Filters, ScoredItem

CAST = {"actors": ("A B", "C D", "E F"), "directors": ("G H",)}
ITEMS = Catalogue(
    (
        Item("a1", "Pets", 2016, CAST),
        Item("a2", "The Secret Life of Pets", 2016, CAST),
        Item("b1", "Lethal Weapon", 1987),
        Item("b2", "Lethal Weapon", 1987),
        Item("b3", "Lethal Weapon", 1992),
    ),
    ("title",),
)


def test_what_was_named_is_not_recommended_under_another_entry():
    candidates = Candidates(ITEMS, torch.device("cpu"))
    turn = Turn(Speaker.RECOMMENDER, "", items=("a1", "b2"))
    assert candidates.allowed(Filters(), [turn]).tolist() == [False, False, False, False, True]


def test_further_entries_of_what_came_before_come_last():
    candidates = Candidates(ITEMS, torch.device("cpu"))
    ranked = [ScoredItem(ITEMS[key], rank, -rank, 0.0, None) for rank, key in enumerate(("b1", "b2", "a2", "a1", "b3"))]
    assert [entry.item.id for entry in candidates.once(ranked)] == ["b1", "a2", "b3"]


def test_another_title_and_another_year_of_the_same_people_are_the_same_thing():
    catalogue = Catalogue(
        (
            Item("long", "Production of War", 2018, {"aliases": ("War",)}),
            Item("short", "War", 2018),
            Item("remake", "War", 1990),
            Item("first", "Taken", 2008, CAST),
            Item("abroad", "Taken", 2009, CAST),
            Item("other", "Taken", 2014, {"actors": ("X Y", "C D", "E F"), "directors": ("G H",)}),
        ),
        ("title",),
    )
    assert [sorted(catalogue.items[place].id for place in group) for group in twins_of(catalogue)] == [
        ["long", "short"], ["long", "short"], ["remake"], ["abroad", "first"], ["abroad", "first"], ["other"],
    ]  # fmt: skip
