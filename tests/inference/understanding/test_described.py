import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.understanding.described import chosen_item, described_references

CATALOGUE = Catalogue(
    (
        Item("dogs", "White Dogs", 1982, {"actors": ("Ann Lee",), "plot": ("A man hunts in the snow.",)}),
        Item("heat", "Heat", 1995, {"actors": ("Al Pacino",), "genres": ("crime",), "plot": ("A robbery in town.",)}),
        Item("moon", "Moon", 2009, {"actors": ("Sam Rockwell",), "genres": ("sci-fi",), "plot": ("A lunar base.",)}),
    ),
    ("title", "actors", "genres", "plot"),
)
SPOKEN = ("dogs", "heat", "moon")
PEOPLE = ("actors",)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("ok, the one with Pacino", "heat"),
        ("who is in the snow one?", "dogs"),
        ("the lunar one then", "moon"),
        ("pacino it is", "heat"),
        ("and the other one?", "heat"),
        ("is the robbery film long?", "heat"),
    ],
)
def test_items_that_were_spoken_of_are_meant_by_what_they_are(text, item):
    assert [found for *_, found in described_references(text, SPOKEN, CATALOGUE, PEOPLE)] == [item]


@pytest.mark.parametrize("text", ["the first one", "the good one", "the one with Meryl Streep", "is it long?", "then"])
def test_words_that_tell_none_of_them_apart_mean_none(text):
    assert described_references(text, SPOKEN, CATALOGUE, PEOPLE) == ()


def test_what_is_named_or_alone_is_not_described():
    assert described_references("the heat one", SPOKEN, CATALOGUE, PEOPLE, [(4, 8)]) == ()
    assert described_references("the snow one", ("dogs",), CATALOGUE, PEOPLE) == ()


def test_who_settles_names_one_of_the_people_or_the_title():
    assert chosen_item("pacino wins, night", SPOKEN, CATALOGUE, PEOPLE) == "heat"
    assert chosen_item("dogs. done", SPOKEN, CATALOGUE, PEOPLE) == "dogs"
    assert chosen_item("perfect, thanks", SPOKEN, CATALOGUE, PEOPLE) == ""
    assert chosen_item("thank you, happy moon festival!", SPOKEN, CATALOGUE, PEOPLE) == ""
    assert chosen_item("fine, going to sleep until the moon rises", SPOKEN, CATALOGUE, PEOPLE) == ""
