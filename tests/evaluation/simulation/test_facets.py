"""What can be told of an item without its title, and when a title was said."""

import pytest

from films import film_catalogue
from pecrs.data.catalogue import Item
from pecrs.evaluation.simulation.facets import Facet, facets_of, title_said

FILMS = film_catalogue()


def test_facets_are_what_the_catalogue_knows_without_what_spells_the_title():
    found = facets_of(FILMS["toy1"])
    assert found["genre"] == (Facet("genre", "animation"),)
    assert found["actor"] == (Facet("actor", "Tom Hanks"),)
    assert found["director"] == (Facet("director", "John Lasseter"),)
    assert found["decade"] == (Facet("decade", "1990"),)
    assert "keyword" not in found  # "toy" stands in "Toy Story"


def test_a_person_is_known_by_the_first_slot_of_the_field():
    assert set(facets_of(Item("b", "Emma", None, {"authors": ("Jane Austen",)}))) == {"writer"}


@pytest.mark.parametrize(
    ("facet", "item", "holds", "breaks"),
    [
        (Facet("genre", "Comedy"), "big", True, False),
        (Facet("genre", "comedy"), "heat", False, True),
        (Facet("genre", "horror", refused=True), "shin", False, True),
        (Facet("genre", "horror", refused=True), "big", True, False),
        (Facet("decade", "1990"), "heat", True, False),
        (Facet("decade", "1990"), "big", False, True),
        (Facet("keyword", "toy"), "ince", False, False),  # it has no keywords: nothing is known
    ],
)
def test_what_is_unknown_is_neither_there_nor_broken(facet, item, holds, breaks):
    assert (facet.holds(FILMS[item]), facet.breaks(FILMS[item])) == (holds, breaks)


@pytest.mark.parametrize(
    ("title", "text", "said"),
    [
        ("The Shining", "have you got THE SHINING?", True),
        ("You've Got Mail", "is it youve got mail", True),
        ("Inception", "is it incepton?", True),
        ("Heat", "something with heat waves", True),
        ("Heat", "something heated", False),
        ("Top Gun", "the top of the guns", False),
        ("Inception", "a film", False),
    ],
)
def test_a_title_is_said_in_any_case_and_if_long_with_slips(title, text, said):
    assert title_said(title, [text]) is said


def test_facets_print_in_words():
    assert [str(f) for f in (Facet("genre", "horror", refused=True), Facet("decade", "1990"))] == [
        "not horror",
        "1990s",
    ]
