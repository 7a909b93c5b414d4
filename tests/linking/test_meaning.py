"""A last name, a nickname and a theme are not a little-known title of the same words."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking import Linker

MADE = tuple(
    Item(f"h{n}", f"Thriller {n}", 1940 + n, {"directors": ("Alfred Hitchcock",), "actors": ("Dee Lincoln",)})
    for n in range(12)
)
ITEMS = (
    *MADE,
    Item("hitch", "Hitchcock", 2012),
    Item("rock", "The Rock", 1996),
    Item("toon", "Tooth Fairy", 2010, {"actors": ("The Rock",)}),
    Item("linc", "Lincoln", 2012),
)
LINKER = Linker(Catalogue(ITEMS, ("title",)), {"linc": 30, "rock": 9})


def linked(text):
    return [mention.item for mention in LINKER.link(text)]


@pytest.mark.parametrize(
    "text",
    [
        "How about Hitchcock or something black-and-white?",
        "Hitchcock. Alfred Hitchcock. Anything by him.",
        "Which Hitchcock films are under 100 minutes?",
        "What about Hitchcock?",
        "I love Hitchcock",
        "hitchcock",
        "something like Hitchcock",
        "more Hitchcock please",
        "no The Rock, I can't stand him",
        "The Rock? he is so bad",
    ],
)
def test_a_person_of_many_items_is_meant_rather_than_a_little_known_title(text):
    assert linked(text) == []


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("I watched Hitchcock yesterday", "hitch"),
        ("the film Hitchcock", "hitch"),
        ("Hitchcock (2012)", "hitch"),
        ('have you heard of "Hitchcock"', "hitch"),
        ("I loved Hitchcock", "hitch"),
        ("What about Lincoln?", "linc"),
        ("I love Lincoln", "linc"),
        ("no, The Rock again", "rock"),
        ("I liked The Rock", "rock"),
    ],
)
def test_a_work_is_meant_where_the_text_says_so_or_everybody_knows_it(text, item):
    assert linked(text) == [item]
