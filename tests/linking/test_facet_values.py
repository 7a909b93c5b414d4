"""A catalogue's own values in free text, and which items have them."""

import numpy as np
import pytest

from films import film_catalogue
from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.facets import TEXT, YEAR, Facets, value_key
from pecrs.linking.value_words import POPULARITY
from pecrs.linking.values import ValueFinder

FILMS = film_catalogue()
FACETS = Facets(FILMS)
FINDER = ValueFinder(FACETS)


def read(text, taken=()):
    """Return the spans, first fields and keys of a text's values."""
    return [(text[v.start : v.end], v.fields[0], v.key) for v in FINDER.find(text, taken)]


def test_fields_are_told_apart_by_what_they_hold():
    kinds = {name: (field.kind, field.people) for name, field in FACETS.fields.items()}
    assert kinds["actors"] == kinds["directors"] == ("category", True)
    assert kinds["genres"] == kinds["keywords"] == ("category", False)
    assert kinds["runtime"] == kinds["year"] == ("number", False)
    assert kinds["description"][0] == "text"


CASES = {
    "I want a comedy without Adam Sandler": [
        ("comedy", "genres", "comedy"),
        ("Adam Sandler", "actors", "adam sandler"),
    ],
    "some COMEDIES please": [("COMEDIES", "genres", "comedy")],
    "something funny or scary": [
        ("funny", "genres", "comedy"),
        ("scary", "genres", "horror"),
        ("scary", "tone", "frightening"),
    ],
    "science fiction": [("science fiction", "genres", "sci fi")],
    "scifi!": [("scifi", "genres", "sci fi")],
    "anything with leonardo dicapro?": [("leonardo dicapro", "actors", "leonardo dicaprio")],
    "directed by Nolan": [("Nolan", "directors", "christopher nolan")],
    "I met Nolan yesterday": [],
    "heist movies": [("heist", "keywords", "heist")],
    "something obscure": [("obscure", POPULARITY, "obscure")],
    "a hidden gem, please": [("hidden gem", POPULARITY, "obscure")],
    "newer ones": [("newer", YEAR, "new")],
    "set on a submarine": [("submarine", TEXT, "submarine")],
    "hello there": [],
    "I watched it with my mom": [],
}


@pytest.mark.parametrize("text", CASES)
def test_values_are_found_where_they_stand(text):
    assert read(text) == CASES[text]


def test_a_last_name_means_the_person_of_several_films_and_nobody_else():
    assert read("a hanks movie") == [("hanks", "actors", "tom hanks"[:-1])]
    assert read("more of cruise") == []  # two films only, and a word


def test_what_is_a_title_is_no_value():
    text = "I loved Toy Story"
    assert read(text) == [("Toy Story", "series", "toy story")]
    assert read(text, [(8, 17)]) == []


def test_items_have_values_numbers_and_words():
    ids = [item.id for item in FILMS]
    assert [ids[i] for i in FACETS.having(["actors"], value_key("Tom Hanks"))] == [
        "big",
        "sleep",
        "mail",
        "toy1",
        "toy2",
    ]
    assert [ids[i] for i in FACETS.having([TEXT], "submarine")] == ["top"]
    assert [ids[i] for i in FACETS.within("runtime", None, 100)] == ["toy1", "toy2", "date"]
    assert [ids[i] for i in FACETS.within("year", 2010, None)] == ["dunk", "ince"]
    assert FACETS.number_field("minutes") == "runtime"
    assert FACETS.number_field("money") is None


def test_any_shop_has_facets_without_a_change_of_code():
    lamps = Catalogue(
        tuple(
            Item(f"l{n}", f"Lamp {n}", None, {"brand": (brand,), "colour": (colour,), "price": (price,)})
            for n, (brand, colour, price) in enumerate(
                [("Lumo", "black", "$49.90"), ("Lumo", "white", "$89"), ("Brite & Co", "teal", "1,200 USD")]
            )
        ),
        ("title", "brand"),
    )
    facets = Facets(lamps)
    finder = ValueFinder(facets)
    assert facets.number_field("money") == "price"
    np.testing.assert_allclose(facets.numbers("price"), [49.9, 89, 1200])
    assert [(v.fields, v.label) for v in finder.find("a teal one by brite & co")] == [
        (("colour",), "teal"),
        (("brand",), "Brite & Co"),
    ]


def test_what_is_new_is_no_news():
    catalogue = Catalogue((Item("a", "A", 1990, {"genres": ("news", "comedy")}),), ("title", "genres"))
    finder = ValueFinder(Facets(catalogue))
    assert [(value.fields[0], value.key) for value in finder.find("something new")] == [(YEAR, "new")]
    assert [(value.fields[0], value.key) for value in finder.find("the news")] == [("genres", "news")]


def test_other_titles_are_no_values_that_people_ask_for():
    catalogue = Catalogue(
        (Item("a", "A", 1990, {"aliases": ("Friends",), "genres": ("comedy",)}),), ("title", "genres")
    )
    assert ValueFinder(Facets(catalogue)).find("my friend likes it") == ()


def test_what_is_set_at_a_time_is_a_theme_even_of_everyday_words():
    catalogue = Catalogue((Item("a", "A", 1990, {"keywords": ("christmas",)}),), ("title", "keywords"))
    finder = ValueFinder(Facets(catalogue))
    assert [value.key for value in finder.find("set at christmas")] == ["christma"]
    assert finder.find("see you after christmas") == ()


def test_a_childs_age_asks_for_what_is_made_for_families():
    catalogue = Catalogue((Item("a", "A", 1990, {"genres": ("family",)}),), ("title", "genres"))
    finder = ValueFinder(Facets(catalogue))
    for text in ("for my 5 year old", "with children aged 6 and 9", "my nephew is 8", "a six-year-old girl"):
        assert [value.key for value in finder.find(text)] == ["family"], text
    for text in ("for my 15 year old", "a 5 year old film", "I am 40 years old"):
        assert finder.find(text) == (), text


def test_directed_by_is_said_of_who_stands_behind_it():
    found = FINDER.find("with Tom Hanks directed by Penny Marshall")
    assert [(value.fields[0], value.key) for value in found] == [
        ("actors", "tom hank"),
        ("directors", "penny marshall"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my aunt just passed", False),
        ("r u serious", False),
        ("rated r please", True),
        ("no r rated stuff", True),
        ("R is fine", True),
    ],
)
def test_letters_and_words_are_ratings_only_where_something_says_so(text, found):
    items = [Item(str(n), f"T{n}", 2000, {"rating": (own,)}) for n, own in enumerate(("R", "Passed", "PG", "R"))]
    values = ValueFinder(Facets.of(Catalogue(tuple(items), ("title", "rating")))).find(text)
    assert bool(values) is found
