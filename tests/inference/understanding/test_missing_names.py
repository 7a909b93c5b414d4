"""Values inside the name of a work that the catalogue lacks give way to it; those beside it stay."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.understanding.missing_names import MissingNames
from pecrs.linking.facets import Facets
from pecrs.linking.values import ValueFinder

PEOPLE = ("Jenna Fischer", "Alfred Hitchcock", "Drew Barrymore", "Tom Hanks", "Bobby Lee")
ITEMS = [
    Item(f"{name}{n}", f"Piece {n} by {name}", 1990 + n, {"directors": (name,), "keywords": ("sword", "mafia")})
    for name in PEOPLE
    for n in range(13)
]
ITEMS += [Item(f"x{n}", f"Single {n}", 1990, {"directors": (f"Ann Maker{n}",)}) for n in range(9)]
SERIES = [Item(f"s{n}", f"Three Colors {n}", 1993, {"series": ("Three Colors",)}) for n in range(3)]
FINDER = ValueFinder(Facets.of(Catalogue((*ITEMS, *SERIES), ("title", "directors"))))


def missing(text):
    return [name.name for name in MissingNames(FINDER).names(text, (), (), FINDER.find(text))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Do you have Searching for Bobby Fischer?", ["Searching for Bobby Fischer"]),
        ("Searching for Bobby Fischer, do you have that?", ["Searching for Bobby Fischer"]),
        ("Who directed The Sword of Doom?", ["The Sword of Doom"]),
        ("I mean Three Colors: Red", ["Three Colors: Red"]),
        ("have you got Sword Art Online?", ["Sword Art Online"]),
        ("Have you seen Mafia Tango?", ["Mafia Tango"]),
        ("Which Hitchcock films are under 100 minutes?", []),
        ("I also liked Barrymore in something", []),
        ("do you have anything with Tom Hanks in Space?", []),
        ("Looking for Hitchcock", []),
        ("what about Jenna Fischer", []),
        ("I loved Three Colors Such a great series", []),
        ("anything about the Mafia?", []),
    ],
)
def test_values_inside_a_longer_name_give_way_to_it(text, names):
    assert missing(text) == names
