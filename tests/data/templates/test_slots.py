from random import Random

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.templates.slots import Slots, UnavailableError
from pecrs.data.templates.values import Values
from small_catalogues import FILMS


def test_values_of_one_slot_differ():
    slots = Slots(Values(FILMS), Random(0))
    assert len({slots(name)[0].text for name in ("actor", "actor2", "director", "person")}) == 4
    offered = slots("offer")[0].text[-4:]
    star = slots("star")[0].text
    item = next(item for item in FILMS if item.title.endswith(offered))
    assert (
        star in [name for field in ("actors", "directors", "writers") for name in item.values(field)] or " " not in star
    )
    early, late = (int(slots(name)[0].text) for name in ("year", "year2"))
    assert early < late
    alone = Slots(Values(Catalogue((Item("1", "Dune"),), ("title",))), Random(0))
    assert alone("title")[0].text == "Dune"
    with pytest.raises(UnavailableError):
        alone("title2")


def test_an_offer_stays_and_its_star_is_in_it():
    for seed in range(30):
        slots = Slots(Values(FILMS), Random(seed))
        star, offered = slots("star")[0].text, slots("offer")[0].text.removeprefix("The ")
        item = next(item for item in FILMS if item.title.removeprefix("The ").startswith(offered))
        assert star in {name for values in item.facts.values() for name in values} or offered.startswith("Film")


def test_what_was_asked_for_stays_the_same():
    slots = Slots(Values(FILMS), Random(4))
    person = slots("askedactor")[0].text.split()[-1]
    assert {slots("askedactor")[0].text.split()[-1] for _ in range(9)} == {person}
    assert slots("askedactor2")[0].text.split()[-1] != person
    slots("askedkind")
    assert slots.asked.keys() == {"actor", "actor2", "genre"}


def test_an_offer_has_its_own_kind_and_year():
    values = Values(FILMS)
    for seed in range(30):
        slots = Slots(values, Random(seed))
        year, kind, offered = (slots(name)[0].text for name in ("offeryear", "offergenre", "offer"))
        items = [item for item in FILMS if str(item.year) == year and offered.split()[-1] in item.title]
        assert kind in {form for genre in values.of(items)["genre"] for form in values.genre_forms(genre)[0]}


def test_kinds_say_the_noun_where_a_genre_needs_one():
    texts = {tuple(piece.text for piece in Slots(Values(FILMS), Random(seed))("kinds")) for seed in range(300)}
    assert ("comedies",) in texts
    assert ("horror", " movies") in texts
    assert not {("sci-fi",), ("horror",)} & texts
