"""What a person has seen, read by the service from a file of another one."""

import json

import pytest
from fastapi.testclient import TestClient
from live import listening

from pecrs.errors import DataError
from pecrs.server.app import create_app
from pecrs.server.client import Client, ServiceError
from pecrs.server.settings import ServerSettings

LETTERBOXD = """Date,Name,Year,Letterboxd URI,Rating
2020-01-01,Alien,1979,https://boxd.it/2awY,5
2020-01-02,Airplane!,1980,https://boxd.it/29hU,2
2020-01-03,No Such Film,1999,https://boxd.it/x,4
"""
ASKED = [{"role": "user", "content": "Something scary in space like Aliens"}]


@pytest.fixture(scope="module")
def app(recommender, tmp_path_factory):
    database = f"sqlite:///{tmp_path_factory.mktemp('seen') / 'a.db'}"
    return create_app(recommender, ServerSettings(database=database, authenticate=False))


@pytest.fixture(scope="module")
def client(app):
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def names(recommender, ids):
    return [recommender.catalogue[item].name for item in ids]


def test_what_is_found_liked_and_lacked_is_told(client, recommender):
    found = client.post("/v1/seen", json={"name": "ratings.csv", "text": LETTERBOXD}).json()
    assert (found["kind"], found["titles"], found["unknown"]) == ("Letterboxd", 3, ["No Such Film (1999)"])
    assert set(names(recommender, found["seen"])) == {"Alien (1979)", "Airplane! (1980)"}
    assert set(names(recommender, found["liked"])) == {"Alien (1979)"}
    assert found["lines"][0].startswith("Letterboxd: 2 of 3 titles found")
    all_liked = client.post("/v1/seen", json={"name": "ratings.csv", "text": LETTERBOXD, "liked_from": 4}).json()
    assert set(names(recommender, all_liked["liked"])) == {"Alien (1979)", "Airplane! (1980)"}


def test_what_was_seen_can_be_left_out(client, recommender):
    found = client.post("/v1/seen", json={"name": "ratings.csv", "text": LETTERBOXD}).json()
    everything, left = (
        {entry["item"]["id"] for entry in client.post("/v1/recommend", json=body).json()["items"]}
        for body in (
            {"messages": ASKED, "k": 50},
            {"messages": ASKED, "k": 50, "filters": {"exclude": found["seen"]}},
        )
    )
    assert everything & set(found["seen"])
    assert not left & set(found["seen"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("history.json", json.dumps([{"rating": 9, "movie": {"title": "Alien", "year": 1979}}])),
        ("films.tsv", "title\tyear\nAlien\t1979\n"),
        ("films.csv", "title\nAlien (1979)\n"),
        ("../../films", "title,year\nAlien,1979\n"),
        ("FILMS.CSV", "\ufeffTitle,Year\nAlien,1979\n"),
    ],
)
def test_every_kind_of_file_is_known_by_name_and_columns(client, recommender, name, text):
    found = client.post("/v1/seen", json={"name": name, "text": text}).json()
    assert set(names(recommender, found["seen"])) == {"Alien (1979)"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("mine.csv", "film,year\nAlien,1979\n", "mine.csv:1: field 'title': a column 'title' is expected"),
        ("mine.csv", "title,year\nAlien,1979\nJaws,soon\n", "mine.csv:3: field 'year': a year is expected, not 'soon'"),
        ("mine.csv", "", "mine.csv"),
        ("mine.json", "{", "mine.json"),
        ("mine.json", '[{"movie": {}}]', "a film or show with a title is expected"),
    ],
)
def test_what_is_wrong_is_told_by_file_line_and_field(client, name, text, told):
    answer = client.post("/v1/seen", json={"name": name, "text": text})
    assert answer.status_code == 400
    message = answer.json()["error"]["message"]
    assert told in message
    assert "/tmp" not in message


@pytest.mark.parametrize(
    "body", [{}, {"name": "a.csv"}, {"name": "", "text": "title\nAlien"}, {"name": "a", "text": 1}]
)
def test_bodies_of_another_form_are_refused(client, body):
    assert client.post("/v1/seen", json=body).status_code in (400, 422)


def test_our_client_reads_a_file(app, recommender, tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text(LETTERBOXD)
    with listening(app) as url, Client(url) as client:
        found = client.seen(path)
        assert set(names(recommender, found.liked)) == {"Alien (1979)"}
        ranked = client.recommend(["Something scary in space like Aliens"], 50, exclude=found.seen)
        assert not {entry.id for entry in ranked} & set(found.seen)
        path.write_text("nothing\n")
        with pytest.raises(ServiceError, match=r"ratings\.csv"):
            client.seen(path)
        path.write_bytes(b"title\n\xff\n")
        with pytest.raises(DataError, match="no UTF-8 text"):
            client.seen(path)
