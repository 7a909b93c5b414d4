"""Identifiers of items as shops have them: addresses, names, anything but control characters."""

import pytest
from live import listening
from sqlalchemy import inspect, text

from pecrs.config import MAX_ITEM_ID
from pecrs.data.catalogue import Item
from pecrs.server.app import create_app
from pecrs.server.client import Client, ServiceError, _path
from pecrs.server.database import open_database
from pecrs.server.settings import ServerSettings
from pecrs.server.store import Store

IDS = [
    "http://shop.example/i/0",
    "https://shop.example/i?id=1&x=y#z",
    "50/50 (2011)",
    "100%",
    "%2F",
    "a+b c;d,e'\"\\",
    "日本/映画 é",
    "/first",
    "last/",
    "two//slashes",
    "..",
    ".",
    "a/../b",
    "items/x",
    "é" * MAX_ITEM_ID,
]


@pytest.fixture(scope="module")
def model(few_films):
    """The model of the package with some more items."""
    return few_films.with_items(
        [Item(name, f"Shop film {number}", 2020, {"genres": ("comedy",)}) for number, name in enumerate(IDS)]
    )


@pytest.fixture(scope="module")
def url(model, tmp_path_factory):
    settings = ServerSettings(
        database=f"sqlite:///{tmp_path_factory.mktemp('ids') / 'a.db'}", authenticate=False, requests_per_minute=0
    )
    with listening(create_app(model, settings)) as address:
        yield address


@pytest.mark.parametrize("name", IDS)
def test_any_id_is_read_judged_and_excluded(url, name):
    with Client(url) as client:
        item = client.call("GET", _path(name))
        assert (item["id"], item["title"]) == (name, f"Shop film {IDS.index(name)}")
        talk = client.start()
        answer = talk.say("A comedy, please.", 100, recommend=True)
        assert answer.items
        judged = client.call("POST", "/v1/feedback", {"session_id": talk.id, "item_id": name, "value": "seen"})
        assert judged["feedback"] == {name: "seen"}
        shop = {"where": ["genres=comedy", "year=2020"]}
        ranked = client.recommend(["A comedy, please."], 100, **shop)
        assert name in [entry.id for entry in ranked]
        left = client.recommend(["A comedy, please."], 100, **shop, exclude=[name])
        assert {entry.id for entry in ranked} - {entry.id for entry in left} == {name}
        assert client.call("GET", f"/v1/sessions/{talk.id}")["feedback"] == {name: "seen"}


def test_items_are_added_changed_and_removed_under_any_id(url):
    name = "http://shop.example/new/1 (2024)?x=50%"
    with Client(url) as client:
        client.put_item(name, "A New Comedy", 2024, {"price/night": ["10"]})
        assert client.call("PATCH", _path(name), {"year": 2025})["year"] == 2025
        assert client.call("GET", _path(name))["fields"] == {"price/night": ["10"]}
        client.remove_item(name)
        with pytest.raises(ServiceError, match="no such item"):
            client.call("GET", _path(name))


@pytest.mark.parametrize("name", ["x" * (MAX_ITEM_ID + 1), "a\nb", "a\x7fb"])
def test_what_no_catalogue_holds_is_refused_everywhere(url, name):
    with Client(url) as client:
        session = client.start().id
        for call in (
            lambda: client.put_item(name, "X"),
            lambda: client.call("GET", _path(name)),
            lambda: client.call("POST", "/v1/feedback", {"session_id": session, "item_id": name, "value": "seen"}),
            lambda: client.start(exclude=[name]),
        ):
            with pytest.raises(ServiceError) as refused:
                call()
            assert refused.value.status in (404, 422)


def test_an_older_database_gets_room_for_longer_ids(database):
    with Store(open_database(database)) as store:
        _migrate_to(store.engine, "0001")
        session = store.create_session("local", {}).id
        store.set_feedback(session, "old", "like", 0)
        store.put_item("old", None)
    with Store(open_database(database)) as store:
        columns = {column["name"]: column for column in inspect(store.engine).get_columns("feedback")}
        assert columns["item"]["type"].length == MAX_ITEM_ID
        store.set_feedback(session, "x" * MAX_ITEM_ID, "seen", 0)
        kept = store.transcript("local", session)
        assert {opinion.item: opinion.value for opinion in kept.feedback} == {"old": "like", "x" * MAX_ITEM_ID: "seen"}
        assert store.changed_items()[1] == {"old": None}
        assert store.delete_session("local", session)
        with store.engine.connect() as connection:  # what was thought goes with the conversation, as before
            assert connection.execute(text("SELECT count(*) FROM feedback")).scalar() == 0


def _migrate_to(engine, revision):
    from alembic import command
    from alembic.config import Config

    from pecrs.server.database import _MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
