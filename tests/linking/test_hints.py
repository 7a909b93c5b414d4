"""Titles in small letters beside words that are said of works: famous ones, and those that were spoken of."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking import Linker

ITEMS = (
    Item("shining", "The Shining", 1980, {"fame": ("5",)}),
    Item("hard", "Die Hard", 1988, {"fame": ("5",)}),
    Item("woman", "Pretty Woman", 1990, {"fame": ("5",)}),
    Item("twins", "Twins", 1988, {"fame": ("3",), "keywords": ("twins",)}),
    Item("cop", "Kindergarten Cop", 1990, {"fame": ("4",)}),
    Item("goblet", "Harry Potter and the Goblet of Fire", 2005, {"fame": ("5",)}),
    Item("things", "10 Things I Hate About You", 1999, {"fame": ("4",)}),
    Item("rush", "Rush Hour", 1998, {"fame": ("5",)}),
    Item("robots", "Robots", 2005, {"fame": ("3",)}),
    *(Item(f"pair{n}", f"A Story of {n} Sisters", 1990 + n, {"keywords": ("twins",)}) for n in range(9)),
)
LINKER = Linker(Catalogue(ITEMS, ("title",)))


def linked(text, *context):
    return [mention.item for mention in LINKER.link(text, context)]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("whos the dude in the shining again", ["shining"]),
        ("wasnt he in die hard too?", ["hard"]),
        ("did she make pretty woman", ["woman"]),
        ("is it scarier than the shining", ["shining"]),
        ("skip die hard, we had rush hour last week", ["hard", "rush"]),
        ("pretty woman i know by heart", ["woman"]),
        ("neither die hard nor rush hour", ["hard", "rush"]),
        ("my sister keeps quoting pretty woman", ["woman"]),
        ("whats longer, die hard or the shining?", ["hard", "shining"]),
        ("and the shining, how long is that", ["shining"]),
        ("who plays his brother in twins?", ["twins"]),
        ("who directed goblet of fire", ["goblet"]),
        ("I liked Goblet of Fire", ["goblet"]),
        ("who's in 10 things", ["things"]),
        ("the shining wrecked me, more like it", ["shining"]),
        ("rush hour is so overrated", ["rush"]),
        ("what year did kindergarten cop come out", ["cop"]),
        ("kindergarten never gets old", []),
        ("rush hour killed me today", []),
        ("we sat an hour in rush hour", []),
        ("what a pretty woman she is", []),
        ("my sister has twins", []),
        ("no robots please", []),
        ("i have 10 things to do", []),
    ],
)
def test_words_said_of_works_name_famous_titles(text, items):
    assert linked(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("is kindergarten cop longer than twins", ["cop", "twins"]),
        ("not twins either", ["twins"]),
        ("twins i have seen", ["twins"]),
        ("something with twins in it", []),
        ("my nieces are twins", []),
    ],
)
def test_they_name_what_was_spoken_of_whatever_its_words(text, items):
    assert linked(text, "twins", "cop") == items
