"""A service whose replies an endpoint words; whatever the endpoint does, people get an answer."""

import time

import pytest
from fastapi.testclient import TestClient

from endpoint import chat_completions, says
from pecrs.cli import writing
from pecrs.cli.writing import rewording_of
from pecrs.server.app import create_app
from pecrs.server.settings import ServerSettings

REQUEST = "I want a western"


@pytest.fixture
def stub():
    with chat_completions(lambda body: says("")) as made:
        yield made


@pytest.fixture
def client(recommender, stub, tmp_path):
    settings = ServerSettings(database=f"sqlite:///{tmp_path / 'a.db'}", authenticate=False)
    rewording = rewording_of((stub.base, "m"), recommender)
    with TestClient(create_app(recommender, settings, rewording=rewording)) as made:
        yield made


def say(client, session):
    return client.post(f"/v1/sessions/{session}/messages", json={"text": REQUEST}).json()["recommender"]


def counted(client, outcome):
    lines = client.get("/metrics").text.splitlines()
    found = [line.split()[-1] for line in lines if line.startswith(f'pecrs_writer_total{{outcome="{outcome}"}}')]
    return float(found[0]) if found else 0.0


def test_words_are_the_writers_and_items_are_ours(client, stub):
    session = client.post("/v1/sessions", json={}).json()["id"]
    failed = counted(client, "another form")
    grounded = say(client, session)  # the endpoint says nothing
    assert counted(client, "another form") == failed + 1
    item = grounded["reply"]["items"][0]["item"]
    name = f"{item['title']} ({item['year']})"
    stub.answer = lambda body: says(f"You will like {name}!")
    other = client.post("/v1/sessions", json={}).json()["id"]
    used = counted(client, "used")
    worded = say(client, other)
    assert worded["text"] == f"You will like {name}!"
    assert worded["mentions"] == [{"start": 14, "end": 14 + len(name), "item": item["id"]}]
    assert worded["reply"]["mentions"] == worded["mentions"]
    assert worded["reply"]["items"] == grounded["reply"]["items"]
    assert counted(client, "used") == used + 1
    assert client.get(f"/v1/sessions/{other}").json()["turns"][1] == worded
    body = {"model": "pecrs", "messages": [{"role": "user", "content": REQUEST}]}
    whole = client.post("/v1/chat/completions", json=body).json()
    assert whole["choices"][0]["message"]["content"] == worded["text"]


def test_an_endpoint_that_breaks_costs_nothing_but_its_words(client, stub):
    failed = counted(client, "failed")
    for answer in ((500, {}), (401, {"error": {"message": "no"}}), (200, "no json"), (200, {"choices": []})):
        stub.answer = lambda body, answer=answer: answer
        session = client.post("/v1/sessions", json={}).json()["id"]
        turn = say(client, session)
        assert turn["reply"]["items"][0]["item"]["title"] in turn["text"]
    assert counted(client, "failed") == failed + 4


def test_an_endpoint_that_is_slow_is_not_waited_for(recommender, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "SECONDS", 0.2)
    with chat_completions(lambda body: time.sleep(2) or says("late")) as slow:
        settings = ServerSettings(database=f"sqlite:///{tmp_path / 'b.db'}", authenticate=False)
        rewording = rewording_of((slow.base, "m"), recommender)
        with TestClient(create_app(recommender, settings, rewording=rewording)) as client:
            failed = counted(client, "failed")
            session = client.post("/v1/sessions", json={}).json()["id"]
            assert "late" not in say(client, session)["text"]
            assert counted(client, "failed") == failed + 1
