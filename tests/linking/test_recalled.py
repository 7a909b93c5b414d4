"""An item that was spoken of is named by a part of its title, and by common words."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking import Linker

SPOKEN = {
    "rope": Item("rope", "Rope", 1948, {"directors": ("Alfred Hitchcock",)}),
    "kiki": Item("kiki", "Kiki's Delivery Service", 1989),
    "nemo": Item("nemo", "Finding Nemo", 2003),
    "totoro": Item("totoro", "My Neighbor Totoro", 1988),
    "boys": Item("boys", "The Lost Boys", 1987),
    "seattle": Item("seattle", "Sleepless in Seattle", 1993),
    "hotel": Item("hotel", "The Grand Budapest Hotel", 2014),
    "fury": Item("fury", "Mad Max: Fury Road", 2015, {"series": ("Mad Max",)}),
    "sun": Item("sun", "Eternal Sunshine of the Spotless Mind", 2004),
    "gump": Item("gump", "Forrest Gump", 1994),
    "bourne": Item("bourne", "The Bourne Identity", 2002),
    "paris": Item("paris", "Midnight in Paris", 2011),
    "big": Item("big", "Big", 1988),
    "katwe": Item("katwe", "Queen of Katwe", 2016, {"keywords": ("paris", "queen")}),
}
OTHERS = (Item("sleepless", "Sleepless", 2017), Item("delivery", "Delivery", 2013))
LINKER = Linker(Catalogue((*SPOKEN.values(), *OTHERS), ("title",)))

NAMED = [
    ("Rope, 80 minutes, perfect", "rope", "Rope"),
    ("Rope it is", "rope", "Rope"),
    ("I'd take Rope", "rope", "Rope"),
    ("Kiki it is", "kiki", "Kiki"),
    ("how long is kiki", "kiki", "kiki"),
    ("so no Nemo. Something about animals on land?", "nemo", "Nemo"),
    ("totoro is the opposite of dark", "totoro", "totoro"),
    ("lol lost boys is colour", "boys", "lost boys"),
    ("sleepless was nice, who's in it", "seattle", "sleepless"),
    ("the grand budapest please", "hotel", "grand budapest"),
    ("Fury Road then", "fury", "Fury Road"),
    ("eternal sunshine sounds good", "sun", "eternal sunshine"),
    ("Spotless Mind, yes", "sun", "Spotless Mind"),
    ("who directed Gump?", "gump", "Gump"),
    ("Big sounds good", "big", "Big"),
    ("ok, Katwe then", "katwe", "Katwe"),
]


@pytest.mark.parametrize(("text", "item", "words"), NAMED)
def test_a_part_of_a_title_names_what_was_spoken_of(text, item, words):
    assert [(text[m.start : m.end], m.item) for m in LINKER.link(text, [item])] == [(words, item)]


WHOLE = ("Rope", "lost boys", "sleepless", "Big", "Fury Road")
"""Titles, subtitles and other titles, which name an item anyway."""


@pytest.mark.parametrize(("text", "item", "words"), [case for case in NAMED if case[2] not in WHOLE])
def test_a_part_of_a_title_names_nothing_before(text, item, words):
    assert LINKER.link(text) == ()


def test_several_words_that_are_a_title_are_no_part_of_its_sequel():
    linker = Linker(Catalogue((Item("one", "Bad Santa", 2003), Item("two", "Bad Santa 2", 2016)), ("title",)))
    text = "is bad santa 2 as funny as the original, bad santa?"
    assert [mention.item for mention in linker.link(text, ["two"])] == ["two", "one"]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Big fan of that one!", "big"),
        ("a big one please", "big"),
        ("I live in Seattle", "seattle"),
        ("a film set in Budapest", "hotel"),
        ("a story about Paris", "paris"),
        ("boys will be boys", "boys"),
        ("never mind", "sun"),
        ("more Bourne movies", "bourne"),
        ("I saw all the bourne films", "bourne"),
        ("a film about a queen", "katwe"),
        ("too much rope", "rope"),
    ],
)
def test_words_of_talk_and_of_other_things_are_no_part_of_a_title(text, item):
    assert LINKER.link(text, [item]) == ()


def test_a_rare_word_tells_a_well_known_title_from_all_others():
    items = (
        Item("totoro", "My Neighbor Totoro", 1988, {"fame": ("5",)}),
        Item("kwai", "The Bridge on the River Kwazuli", 1957, {"fame": ("2",)}),
        Item("et", "E.T. the Extra-Terrestrial", 1982, {"fame": ("5",)}),
        *(Item(f"o{n}", f"Story {n} of a Neighbor", 1990 + n) for n in range(30)),
    )
    linker = Linker(Catalogue(items, ("title",)))
    for text, found in (
        ("totoro is so cute, more like that", ["totoro"]),
        ("who directed totoro", ["totoro"]),
        ("I loved kwazuli", []),
        ("what year was E.T. and who played the kid", ["et"]),
        ("my neighbor is loud", []),
    ):
        assert [mention.item for mention in linker.link(text)] == found, text
