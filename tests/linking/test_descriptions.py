"""What descriptions say that fields leave out, and what items are like as far as fields let one guess."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.descriptions import kinds, series, sources
from pecrs.linking.facets import DESCRIBED, Facets
from pecrs.linking.tones import tones
from pecrs.linking.values import ValueFinder

BASED = {
    "It is based on the 1973 novel of the same name by William Goldman.": ("based on a book",),
    "A film adapted from a short story by King.": ("based on a book",),
    "Based on the comic book series by Mark Millar.": ("based on a comic",),
    "It is inspired by true events.": ("based on a true story",),
    "It tells the true story of a boxer.": ("based on a true story",),
    "Based on the video game Doom.": ("based on a video game",),
    "A writer loses his book. It is true that he finds it.": (),
    "A man is based in London and reads novels.": (),
}


@pytest.mark.parametrize("text", BASED)
def test_what_an_item_is_based_on_stands_in_its_description(text):
    assert sources(Item("x", "X", 2000, {"description": (text,)})) == BASED[text]


def test_a_description_begins_with_kinds():
    item = Item(
        "x", "X", 2016, {"description": ("X is a 2016 American romantic musical film by A. It is no horror film.",)}
    )
    assert set(kinds(item, ["musical", "romance", "horror", "comedy"])) == {"musical", "romance"}
    facets = Facets(Catalogue((item, Item("y", "Y", 1, {"genres": ("musical", "romance")})), ("title",)))
    assert facets.having(["genres", DESCRIBED], "romance").tolist() == [0, 1]
    assert facets.having(["genres"], "romance").tolist() == [1]


def test_a_description_names_the_series():
    item = Item("x", "Moonraker", 1979, {"description": ("It is the eleventh in the James Bond series.",)})
    assert list(series(item, {"james bond"})) == ["james bond"]
    parody = Item("x", "Spy Hard", 1996, {"description": ("It is a parody of the James Bond series.",)})
    assert list(series(parody, {"james bond"})) == []


def test_what_an_item_is_like_is_guessed_from_kinds_and_rating():
    def guessed(*genres, **others):
        return set(tones(Item("x", "X", 1, {"genres": genres, **others})))

    assert guessed("comedy", "romance", rating=("PG",)) == {
        "light", "feel-good", "with a happy ending", "gentle", "inoffensive", "for teenagers", "live action",
    }  # fmt: skip
    assert guessed("crime", "drama", rating=("R",)) == {
        "heavy", "serious", "dark", "violent", "gory", "explicit", "foul-mouthed", "crude", "grown up", "live action",
    }  # fmt: skip
    assert guessed("action") == {"violent", "live action"}
    assert guessed("action", rating=("PG-13",)) == {"for teenagers", "live action"}
    assert guessed("animation", "action", rating=("PG",)) == {
        "light", "feel-good", "with a happy ending", "inoffensive", "for teenagers",
    }  # fmt: skip
    assert tones(Item("x", "X", 1, {"brand": ("Acme",)})) == ()


def _films():
    many = [("Denzel Washington", "Arnold Schwarzenegger")[i % 2] for i in range(20)]
    items = [
        Item(str(i), f"F{i}", 2000, {"actors": (name,), "directors": (f"Dir Nr{i}",)}) for i, name in enumerate(many)
    ]
    items += [Item(f"t{i}", f"T{i}", 2000, {"actors": ("Tom Arnold",)}) for i in range(3)]
    bond = {"series": ("James Bond",), "genres": ("action",), "language": ("French",), "keywords": ("french",)}
    items += [Item(f"b{i}", f"B{i}", 2000, {**bond, "actors": ("Ward Bond",) if i < 3 else ("A B",)}) for i in range(8)]
    items += [Item("d", "D", 2000, {"actors": ("Clint Eastwood",), "directors": ("Clint Eastwood",)})]
    return ValueFinder(Facets(Catalogue(tuple(items), ("title",))))


FILMS = _films()
SHORT = {
    "something with denzel": [("denzel washington", "actors")],
    "not Arnold either": [("arnold schwarzenegger", "actors")],
    "i fancy a bond film": [("james bond", "series")],
    "directed by clint eastwood": [("clint eastwood", "directors")],
    "something by clint eastwood": [("clint eastwood", "directors")],
    "with clint eastwood": [("clint eastwood", "actors")],
    "french films": [("french", "language")],
    "my 6 year old is here": [],
}


@pytest.mark.parametrize("text", SHORT)
def test_short_names_mean_who_has_most_items_and_cues_say_what_somebody_did(text):
    assert [(value.key, value.fields[0]) for value in FILMS.find(text)] == SHORT[text]
