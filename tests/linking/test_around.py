"""Titles that stand alone before a question, in a list or as an example; parts of longer titles; year-like titles."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking import Linker

ITEMS = (
    Item("spot", "Spotlight", 2015),
    Item("moon", "Moon", 2009),
    Item("heat", "Heat", 1995),
    Item("others", "The Others", 2001, {"actors": ("Nicole Kidman", "Fionnula Flanagan")}),
    Item("glad", "Gladiator", 2000, {"keywords": ("gladiator",)}),
    Item("chef", "Chef", 2014, {"keywords": ("chef",)}),
    Item("julie", "Julie & Julia", 2009),
    Item("doom", "Doom", 2005),
    Item("colors", "Colors", 1988),
    Item("alien", "Alien", 1979),
    Item("odyssey", "2001: A Space Odyssey", 1968),
    Item("up", "Up", 2009),
    Item("it", "It", 2017),
    Item("why", "Why?", 1987),
    Item("sigh", "Sigh", 2000),
    Item("perfect", "Perfect", 1985),
    Item("buried", "Buried", 2010, {"actors": ("Ryan Reynolds",)}),
    Item("mafia", "Mafia!", 1998),
    Item("anchor", "Anchorman", None, {"aliases": ("Anchorman: The Legend of Ron Burgundy",)}),
    Item("burgundy", "Anchorman: The Legend of Ron Burgundy", 2004),
    *(Item(f"mob{n}", f"Mob Story {n}", 1990 + n, {"keywords": ("mafia",)}) for n in range(9)),
)
LINKER = Linker(Catalogue(ITEMS, ("title",)), {"up": 50, "others": 20, "anchor": 40})


def linked(text):
    return [mention.item for mention in LINKER.link(text)]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Spotlight, do you have that?", ["spot"]),
        ("That has nothing to do with it. Spotlight, do you have that?", ["spot"]),
        ("Moon, have you got that?", ["moon"]),
        ("Heat. Do you have it?", ["heat"]),
        ("Heat, is that in there?", ["heat"]),
        ("Alien, don't you have that one?", ["alien"]),
        ("Up, do you have that?", ["up"]),
        ("Do you have Moon or Heat?", ["moon", "heat"]),
        ("Gladiator, for example. Something like that.", ["glad"]),
        ("Moon, such things", ["moon"]),
        ("Chef, Julie & Julia, such things.", ["chef", "julie"]),
        ("sigh. buried? with ryan reynolds", ["buried"]),
        ("Anchorman?", ["burgundy"]),
        ("what about the others, who directed it", ["others"]),
        ("what about the others who directed it", ["others"]),
        ("the others with nicole kidman, like that one", ["others"]),
        ("something more thoughtful, like 2001", ["odyssey"]),
        ("similar to 2001", ["odyssey"]),
        ("as in 2001", ["odyssey"]),
        ("anything like Alien or 2001?", ["alien", "odyssey"]),
    ],
)
def test_words_beside_it_make_a_span_a_title(text, items):
    assert linked(text) == items


@pytest.mark.parametrize(
    "text",
    [
        "That's anime. I mean The Sword of Doom.",
        "I loved Temple of Doom",
        "Who directed Three Colors: Red?",
        "Do you know Three Colors: White and Three Colors: Red?",
        "Alien: Romulus is new",
        "films from 2001",
        "from like 2001 or so",
        "haven't seen it, what is it about?",
        "i can see why! did you like those?",
        "never seen it, is it good?",
        "perfect! how long is it?",
        "Why? Is it bad?",
        "sigh. next",
        "hm. sigh. whatever",
        "wtf no. mafia. more of that",
        "more like mafia families",
        "I grew up with that (2009)",
        "how long is it, and what about the others",
    ],
)
def test_words_beside_it_make_a_span_no_title(text):
    assert linked(text) == []


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("who's in heat?", ["heat"]),
        ("how long is moon and who made it", ["moon"]),
        ("when was alien released?", ["alien"]),
        ("who directed spotlight", ["spot"]),
        ("who plays the lead in alien?", ["alien"]),
        ("do you have gladiator?", ["glad"]),
        ("have you got spotlight", ["spot"]),
        ("do you have the others in stock?", []),
        ("do you have up?", []),
        ("who's in it?", []),
        ("how long is that?", []),
        ("heat it is", ["heat"]),
        ("ok moon it is, thanks", ["moon"]),
        ("that is what it is", []),
        ("heat or alien, which one is better?", ["heat", "alien"]),
    ],
)
def test_who_asks_for_a_fact_or_settles_names_a_title(text, items):
    assert linked(text) == items


@pytest.mark.parametrize("text", ["Moon of the Wolf?", "do you have Heat for the Cold", "Chef in Paris?"])
def test_a_title_that_goes_on_is_another_one(text):
    assert linked(text) == []
