"""Filters of a shop's fields through the service: set, kept, refused, and heeding what changes while it runs."""

import pytest
from live import listening

from pecrs.data.catalogue import Catalogue, Item
from pecrs.server.app import create_app
from pecrs.server.client import Client, ServiceError
from pecrs.server.filters import FiltersBody
from pecrs.server.settings import ServerSettings

ROWS = (
    ("t1", "Lark Tent", "tents", "Acme", "120 EUR", "3", "yes"),
    ("t2", "Rook Tent", "tents", "Nord", "80 EUR", "1", "no"),
    ("t3", "Wren Tent", "tents", "Nord", "240 EUR", "0", "yes"),
    ("b1", "Lark Boot", "boots", "Acme", "60 EUR", "5", "yes"),
    ("b2", "Rook Boot", "boots", "Sud", "95.50 EUR", "2", "no"),
    ("s1", "Lark Stove", "stoves", "Sud", "40 EUR", "9", "no"),
)
ASKED = [{"role": "user", "content": "something for a trip, please"}]


def good(identity, title, category, brand, price, stock, waterproof):
    facts = {"category": category, "brand": brand, "price": price, "stock": stock, "waterproof": waterproof}
    return Item(identity, title, None, {name: (value,) for name, value in facts.items()})


@pytest.fixture(scope="module")
def shop(recommender):
    items = tuple(good(*row) for row in ROWS)
    return recommender.with_catalogue(Catalogue(items, ("title", "category", "brand")))


def ranked(client, *where, **filters):
    """Return the ids that are ranked, best first."""
    body = {"messages": ASKED, "filters": {"where": where, **filters}}
    answer = client.post("/v1/recommend", json=body)
    assert answer.status_code == 200, answer.text
    return [entry["item"]["id"] for entry in answer.json()["items"]]


RANKED = [
    (("category=tents",), {"t1", "t2"}),  # the third is sold out
    (("brand=Acme|Sud", "category!=stoves"), {"t1", "b1", "b2"}),
    (("price<=95.5",), {"t2", "b1", "b2", "s1"}),
    (({"field": "price", "at_least": 60, "less_than": "95.50 EUR"},), {"t2", "b1"}),
    (({"field": "brand", "any_of": ["Nord"], "none_of": ["Acme"]}, "waterproof=no"), {"t2"}),
    (("stock>0", "waterproof=yes"), {"t1", "b1"}),
]


@pytest.mark.parametrize(("where", "expected"), RANKED)
def test_conditions_narrow_a_ranking_in_either_form(start, shop, where, expected):
    assert set(ranked(start(model=shop), *where)) == expected


def test_an_order_is_over_all_that_passes(start, shop):
    client = start(model=shop)
    assert ranked(client, sort="price") == ["s1", "b1", "t2", "b2", "t1", "t3"]
    assert ranked(client, "category=tents", sort="-price") == ["t3", "t1", "t2"]


def test_conditions_of_a_conversation_are_kept_and_come_back_as_parts(start, shop):
    client = start(model=shop)
    filters = {"where": ["price<=100", {"field": "brand", "any_of": ["Nord", "Sud"]}], "sort": "-price"}
    made = client.post("/v1/sessions", json={"filters": filters}).json()
    kept = made["filters"]
    assert [(entry["field"], entry["any_of"], entry["at_most"]) for entry in kept["where"]] == [
        ("price", [], "100"),
        ("brand", ["Nord", "Sud"], None),
    ]
    said = client.post(f"/v1/sessions/{made['id']}/messages", json={"text": ASKED[0]["content"], "recommend": True})
    items = said.json()["recommender"]["reply"]["items"]
    assert [entry["item"]["id"] for entry in items] == ["b2", "t2", "s1"]
    again = client.patch(f"/v1/sessions/{made['id']}", json={"filters": kept}).json()["filters"]
    assert again == kept


REFUSED = [
    ({"where": ["colour=red"]}, "there is no field 'colour'; there are year, category, brand, price, stock"),
    ({"where": ["prize<3"]}, "there is no field 'prize'; did you mean 'price'?"),
    ({"where": ["brand=Acmee"]}, "'brand' has no value 'Acmee'; did you mean 'Acme'?"),
    ({"where": [{"field": "price", "at_most": "3 kg"}]}, "'price' is a number in EUR"),
    ({"where": ["price"]}, "filters.where[0]: 'price' is no condition"),
    ({"sort": "brand"}, "'brand' is no field of numbers; there are year, price, stock"),
]


@pytest.mark.parametrize(("filters", "reason"), REFUSED)
def test_what_the_catalogue_cannot_tell_is_refused_wherever_filters_are_set(start, shop, filters, reason):
    client = start(model=shop)
    session = client.post("/v1/sessions", json={}).json()["id"]
    answers = [
        client.post("/v1/sessions", json={"filters": filters}),
        client.patch(f"/v1/sessions/{session}", json={"filters": filters}),
        client.post("/v1/recommend", json={"messages": ASKED, "filters": filters}),
        client.post("/v1/chat/completions", json={"model": "pecrs", "messages": ASKED, "pecrs": {"filters": filters}}),
    ]
    for answer in answers:
        error = answer.json()["error"]
        assert answer.status_code in (400, 422)
        assert reason in error["message"].replace("pecrs.filters", "filters")
        assert "filters" in error["param"]
    assert client.get(f"/v1/sessions/{session}").json()["filters"]["where"] == []


def test_price_and_stock_count_from_the_change_on(start, shop):
    client = start(model=shop)

    def cheapest():
        session = client.post("/v1/sessions", json={"filters": {"where": ["stock>0"]}}).json()["id"]
        text = {"text": "the cheapest tent, please", "recommend": True}
        reply = client.post(f"/v1/sessions/{session}/messages", json=text).json()["recommender"]["reply"]
        return reply["items"][0]["item"]["id"]

    assert ranked(client, "category=tents", sort="price") == ["t2", "t1", "t3"]
    assert cheapest() == "t2"
    assert client.patch("/v1/items/t3", json={"fields": {"price": ["19 EUR"]}}).status_code == 200
    assert ranked(client, "category=tents", sort="price") == ["t3", "t2", "t1"]
    assert ranked(client, "price<20") == ["t3"]
    assert cheapest() == "t2"  # the other one is sold out
    client.patch("/v1/items/t3", json={"fields": {"stock": ["4"]}})
    assert cheapest() == "t3"
    client.patch("/v1/items/t2", json={"fields": {"stock": ["0"]}})
    assert set(ranked(client, "category=tents", "stock>0")) == {"t1", "t3"}
    client.put("/v1/items/t4", json={"title": "Crow Tent", "fields": {"category": ["tents"], "price": ["9 EUR"]}})
    assert ranked(client, "category=tents", sort="price")[0] == "t4"


def test_a_kept_filter_whose_value_is_gone_finds_nothing_and_is_no_failure(start, shop):
    client = start(model=shop)
    session = client.post("/v1/sessions", json={"filters": {"where": ["brand=Acme"]}}).json()["id"]
    for item in ("t1", "b1"):
        assert client.delete(f"/v1/items/{item}").status_code == 204
    said = client.post(f"/v1/sessions/{session}/messages", json={"text": "a tent", "recommend": True})
    assert (said.status_code, said.json()["recommender"]["reply"]["items"]) == (200, [])
    assert client.post("/v1/recommend", json={"session_id": session}).json()["items"] == []
    refused = client.post("/v1/sessions", json={"filters": {"where": ["brand=Acme"]}})
    assert "'brand' has no value 'Acme'" in refused.json()["error"]["message"]


def test_filters_of_earlier_versions_are_read_as_conditions():
    earlier = {"genres": ["comedy", "drama"], "years": [1980, 1989], "exclude": ["a"], "exclude_mentioned": False}
    new = {"where": ["genres=comedy|drama", {"field": "year", "at_least": 1980, "at_most": 1989}]}
    body = FiltersBody.model_validate(earlier)
    assert body.value() == FiltersBody.model_validate({**new, "exclude": ["a"], "exclude_mentioned": False}).value()
    assert FiltersBody.model_validate({"genres": [], "years": None}) == FiltersBody()


def test_the_client_sets_filters(shop, tmp_path):
    settings = ServerSettings(database=f"sqlite:///{tmp_path / 'a.db'}", authenticate=False)
    with listening(create_app(shop, settings)) as address, Client(address) as client:
        found = client.recommend(["something for a trip"], where=["price<=80", "brand!=Sud"], sort="price")
        assert [item.id for item in found] == ["b1", "t2"]
        answer = client.start(where=["category=boots"], sort="-price").say("hi, what do you have?", recommend=True)
        assert [item.id for item in answer.items] == ["b2", "b1"]
        with pytest.raises(ServiceError, match="did you mean 'Acme'") as caught:
            client.start(where=["brand=Acmee"])
        assert caught.value.status == 400


def test_the_api_describes_conditions_with_examples(start):
    schemas = start().get("/openapi.json").json()["components"]["schemas"]
    where = next(body for name, body in schemas.items() if name.startswith("FiltersBody"))["properties"]["where"]
    assert ["genres=comedy|romance", "year=1990..1999"] in where["examples"]
    assert {"type": "string"}.items() <= where["items"]["anyOf"][1].items()
