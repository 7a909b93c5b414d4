import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.templates import generate
from pecrs.data.templates.values import Values
from pecrs.errors import ConfigError
from small_catalogues import BARE, FILMS, SHOP


def test_the_domain_is_guessed_from_the_fields():
    assert Values(FILMS).domain == "film"
    assert Values(SHOP).domain == "product"
    assert Values(Catalogue((Item("1", "Dune", None, {"authors": ("Frank Herbert",)}),), ("title",))).domain == "book"
    assert Values(BARE).domain == "thing"
    assert Values(BARE, "book").domain == "book"
    with pytest.raises(ConfigError, match="domain: 'opera' is none of film"):
        next(generate(BARE, 1, seed=0, domain="opera"))


def test_genres_lose_the_suffix_of_their_domain():
    items = (
        Item("1", "Dune", None, {"authors": ("Herbert",), "genres": ("Crime Fiction", "Science Fiction", "Poetry")}),
    )
    assert Values(Catalogue(items, ("title",))).pools["genre"].values == ("crime", "science fiction", "poetry")


def test_slots_without_values_are_known():
    films, bare = Values(FILMS), Values(BARE)
    slots = ("title2", "actor", "kinds", "decade", "year2", "star", "noun", "theme", "day")
    assert all(films.has(slot) for slot in slots)
    assert [slot for slot in slots if bare.has(slot)] == ["title2", "noun", "day"]


@pytest.mark.parametrize(("year", "form"), [("1994", "nineties"), ("2007", "2000s"), ("1912", "1910s")])
def test_decades_are_said_in_several_ways(year, form):
    assert form in Values(FILMS).decade_forms(year)
