"""Conditions on fields: what holds is worked out from the rows; what cannot be told is refused with what is near."""

import numpy as np
import pytest

from films import film_catalogue
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.loaders.synthetic_shop import shop_catalogue
from pecrs.errors import DataError
from pecrs.linking.conditions import Condition, check, find_field, holding
from pecrs.linking.facets import Facets
from shop import row

SHOP = Facets(shop_catalogue())
ROWS = [row(item) for item in SHOP.catalogue]


def held(facets, *texts):
    conditions = [Condition.parse(text) for text in texts]
    check(facets, conditions)
    return np.logical_and.reduce([holding(facets, condition) for condition in conditions]).tolist()


HOLDING = [
    ("category=tents", lambda r: r["kind"] == "tents"),
    ("category = Tent | BACKPACKS", lambda r: r["kind"] in ("tents", "backpacks")),
    ("brand=Fenwick & Vale", lambda r: r["brand"] == "Fenwick & Vale"),
    ("brand!=Galdor|Nordhavn", lambda r: r["brand"] not in ("Galdor", "Nordhavn")),
    ("colours=red|blue", lambda r: r["colours"] & {"red", "blue"}),
    ("colours!=black", lambda r: "black" not in r["colours"]),
    ("price<=50", lambda r: r["price"] <= 50),
    ("price<50", lambda r: r["price"] < 50),
    ("price>=49.95 EUR", lambda r: r["price"] >= 49.95),
    ("price>49.95", lambda r: r["price"] > 49.95),
    ("price=20..30", lambda r: 20 <= r["price"] <= 30),
    ("price=..20|500..", lambda r: r["price"] <= 20 or r["price"] >= 500),
    ("price!=20..30", lambda r: not 20 <= r["price"] <= 30),
    ("weight<1.2kg", lambda r: r["grams"] is not None and r["grams"] < 1200),
    ("weight<=0.57 kg", lambda r: r["grams"] is not None and r["grams"] <= 570),
    ("persons=2|4", lambda r: r["persons"] in (2, 4)),
    ("persons!=2", lambda r: r["persons"] != 2),
    ("battery>=1 days", lambda r: r["battery"] is not None and r["battery"] >= 24),
    ("year=2020..", lambda r: r["year"] >= 2020),
    ("waterproof=yes", lambda r: r["waterproof"] is True),
    ("waterproof=FALSE", lambda r: r["waterproof"] is False),
    ("waterproof!=yes", lambda r: not r["waterproof"]),
    ("stock>0", lambda r: r["stock"] > 0),
    ("description=WITH A HOOD", lambda r: "with a hood" in r["text"].lower()),
]


@pytest.mark.parametrize(("text", "expected"), HOLDING, ids=[text for text, _ in HOLDING])
def test_what_holds_is_what_the_rows_say(text, expected):
    wanted = [bool(expected(own)) for own in ROWS]
    assert 0 < sum(wanted) < len(wanted)
    assert held(SHOP, text) == wanted


def test_all_conditions_hold_together():
    found = held(SHOP, "colours=red", "colours=blue", "price<100", "price>50")
    assert found == [{"red", "blue"} <= own["colours"] and 50 < own["price"] < 100 for own in ROWS]


def test_parts_of_one_condition_hold_together():
    condition = Condition("price", none_of=("60..70",), at_least="50", less_than="100")
    check(SHOP, [condition])
    expected = [50 <= own["price"] < 100 and not 60 <= own["price"] <= 70 for own in ROWS]
    assert holding(SHOP, condition).tolist() == expected


def test_bare_numbers_are_in_the_unit_that_the_field_is_shown_in():
    items = (Item("a", "A", None, {"weight": ("1.2 kg",)}), Item("b", "B", None, {"weight": ("850 g",)}))
    facets = Facets(Catalogue(items, ("title", "weight")))
    assert held(facets, "weight<900") == held(facets, "weight<900g") == [False, True]


def test_a_field_is_found_without_case_and_unit():
    items = tuple(Item(str(n), "A", None, {"price_eur": (str(n),), "Battery_Life_h": ("3",)}) for n in (10, 20))
    facets = Facets(Catalogue(items, ("title",)))
    assert held(facets, "price<15") == held(facets, "PRICE_EUR<15") == [True, False]
    assert find_field(facets, "battery life").name == "Battery_Life_h"


def test_a_value_may_hold_the_sign_between_values():
    items = (Item("a", "A", None, {"brand": ("A|B",)}), Item("b", "B", None, {"brand": ("C",)}))
    facets = Facets(Catalogue(items, ("title", "brand")))
    assert held(facets, r"brand=A\|B") == [True, False]
    assert Condition.parse(r"brand=A\|B|C").any_of == ("A|B", "C")


def test_several_numbers_of_an_item_count_each():
    items = (Item("a", "A", None, {"size": ("38", "42")}), Item("b", "B", None, {"size": ("40",)}))
    facets = Facets(Catalogue(items, ("title",)))
    assert held(facets, "size=42") == [True, False]
    assert held(facets, "size!=42") == [False, True]


REFUSED = [
    ("price", "'price' is no condition; price<=50, "),
    ("=5", "is no condition"),
    ("brand=", "is no condition"),
    ("brand=Galdor||Nordhavn", "has an empty value"),
    ("pirce<=50", "there is no field 'pirce'; did you mean 'price'?"),
    ("cost<=50", "there is no field 'cost'; did you mean 'price'?"),
    ("zzz=1", "there is no field 'zzz'; there are year, category, "),
    ("brand=Galdoor", "'brand' has no value 'Galdoor'; did you mean 'Galdor'?"),
    ("brand!=Galdoor", "did you mean 'Galdor'?"),
    ("brand=zzz", r"'brand' has no value 'zzz'; it has '.*' and 8 others"),
    ("colours=re", "did you mean 'red'"),
    ("brand>=3", "'brand' is no field of numbers; there are year, price, "),
    ("price<=cheap", "'price' is a number in EUR; 50, or a range, 10..50, is expected, not 'cheap'"),
    ("price<=3 kg", "not '3 kg'"),
    ("weight<2 stones", "not '2 stones'"),
    ("price=50..10", "not '50..10'"),
    ("price=..", "not '..'"),
    ("year<=nan", "not 'nan'"),
    ("waterproof=maybe", "'waterproof' is yes or no, not 'maybe'"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_cannot_be_told_is_refused_with_what_is_near(text, reason):
    with pytest.raises(DataError, match=reason.replace("|", r"\|").replace("?", r"\?")) as caught:
        held(SHOP, text)
    assert caught.value.field == "filters"


@pytest.mark.parametrize(
    ("condition", "sort", "reason"),
    [
        (Condition("price"), "", "the condition on 'price' sets nothing"),
        (Condition("price", at_least="50", at_most="10"), "", "no 'price' lies within 50 and 10"),
        (Condition("price", more_than="50", less_than="50"), "", "no 'price' lies within"),
        (None, "brand", "'brand' is no field of numbers"),
        (None, "-prise", "there is no field 'prise'; did you mean 'price'"),
    ],
)
def test_wrong_bounds_and_orders_are_refused(condition, sort, reason):
    with pytest.raises(DataError, match=reason):
        check(SHOP, [] if condition is None else [condition], sort)


def test_what_a_catalogue_has_lost_is_held_by_none():
    facets = Facets(film_catalogue())
    for text in ("brand=Acme", "genres=none such", "price<=50", "genres>=2", "runtime=long"):
        assert not holding(facets, Condition.parse(text)).any(), text
    assert holding(facets, Condition.parse("brand!=Acme")).all()
