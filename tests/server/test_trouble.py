"""What goes wrong around a service, and what its clients see of it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from pecrs.data.dialogue import Speaker, Turn
from pecrs.server.database import open_database
from pecrs.server.store import Store

SCARY = {"text": "I love scary films like Annabelle. What should I watch?"}


def begin(client):
    return client.post("/v1/sessions", json={}).json()["id"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "localhost:8000:x"]
)
def test_without_keys_only_this_machines_names_are_answered_to(start, host):
    client = start(hosts=("localhost", "[::1]"))
    answer = client.get("/v1/models", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.json()["error"]["message"]
    for name in ("localhost", "localhost:8000", "LOCALHOST:1", "[::1]:8000"):
        assert client.get("/v1/models", headers={"Host": name}).status_code == 200


NOT_READABLE = {
    "nested deep": b'{"messages":' + b"[" * 100_000,
    "nested deep and closed": b'{"messages":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a number of 5,000 digits": b'{"messages":[{"role":"user","content":"a"}],"k":' + b"9" * 5000 + b"}",
    "no number": b'{"messages":[{"role":"user","content":"a"}],"k":NaN}',
    "beyond all numbers": b'{"messages":[{"role":"user","content":"a"}],"k":1e999}',
    "no UTF-8": b'{"messages":[{"role":"user","content":"\xff"}]}',
    "no JSON": b"messages",
}


@pytest.mark.parametrize("name", NOT_READABLE)
def test_what_cannot_be_read_is_refused(start, name):
    client = start()
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/recommend", content=NOT_READABLE[name], headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_foreign_form_can_send_is_refused(start, kind):
    client = start()
    assert client.post("/v1/sessions", content="{}", headers={"Content-Type": kind}).status_code in (400, 422)
    assert client.get("/v1/sessions").json()["data"] == []


def test_made_up_methods_and_paths_do_not_fill_the_metrics(start):
    client = start()
    for number in range(3):
        assert client.request(f"MADEUP{number}", f"/nowhere/{number}").status_code == 404
    shown = client.get("/metrics").text
    assert 'pecrs_requests_total{method="other",route="none",status="404"}' in shown
    assert "MADEUP" not in shown
    assert "nowhere" not in shown


def test_a_database_that_is_away_is_said_and_waited_for(start, postgres, caplog):
    address = postgres()
    client = start(address)
    session = begin(client)
    url = make_url(address).set(drivername="postgresql+psycopg")
    door = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with door.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": url.database}
        )
        caplog.set_level(logging.ERROR)
        for answer in (
            client.get("/readyz"),
            client.get(f"/v1/sessions/{session}"),
            client.post(f"/v1/sessions/{session}/messages", json=SCARY),
        ):
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert "not currently accepting" not in answer.text
        assert client.get("/healthz").status_code == 200
        assert "Annabelle" not in caplog.text
        assert session not in caplog.text
        connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true"))
    door.dispose()
    assert client.get("/readyz").status_code == 200
    assert client.post(f"/v1/sessions/{session}/messages", json=SCARY).status_code == 200
    assert len(client.get(f"/v1/sessions/{session}").json()["turns"]) == 2


def test_two_replicas_answer_one_message_alike_and_once(start, database):
    replicas = start(database), start(database)
    session = begin(replicas[0])

    def say(client):
        return client.post(f"/v1/sessions/{session}/messages", json=SCARY, headers={"Idempotency-Key": "once"})

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(say, replicas * 2))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 1
    assert len(replicas[1].get(f"/v1/sessions/{session}").json()["turns"]) == 2


def test_who_waits_too_long_for_a_conversation_is_told(start, recommender):
    let_go = threading.Event()
    let_go.set()

    class Held(type(recommender)):
        def respond_many(self, requests, caches=None):
            assert let_go.wait(20)
            return super().respond_many(requests, caches)

    client = start(model=Held(recommender.model), deadline=1.0)
    session = begin(client)
    let_go.clear()
    with ThreadPoolExecutor(2) as pool:
        said = [pool.submit(client.post, f"/v1/sessions/{session}/messages", json=SCARY) for _ in range(2)]
        until = time.monotonic() + 15
        while not any(answer.done() for answer in said) and time.monotonic() < until:
            time.sleep(0.05)
        let_go.set()
        statuses = sorted(answer.result().status_code for answer in said)
    assert statuses == [200, 503]
    assert len(client.get(f"/v1/sessions/{session}").json()["turns"]) == 2


def test_changes_of_items_are_read_one_by_one(start, few_films):
    client = start(model=few_films)
    live, store = client.app.state.service.live, client.app.state.service.store
    record = {"title": "The Lighthouse Murders", "year": 1999, "fields": {"genres": ["mystery"]}}
    for name in ("n0", "n1", "n2"):
        store.put_item(name, record)
    assert live.current().catalogue["n1"].title == record["title"]
    assert client.delete("/v1/items/n1").status_code == 204
    assert client.put("/v1/items/n2", json={"title": "Another"}).status_code == 200
    present = live.current()
    assert present is live.current()
    fresh = start(model=few_films).app.state.service.live.current()
    assert {item.id for item in present.catalogue} == {item.id for item in fresh.catalogue}
    for name in ("n0", "n2"):
        kept, anew = (r.index.vectors[r.catalogue.index(name)] for r in (present, fresh))
        assert kept.tolist() == pytest.approx(anew.tolist(), abs=1e-5)
    assert present.catalogue["n2"].title == "Another"
    assert len(present.catalogue) == len(few_films.catalogue) + 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_was_accepted_is_answered_and_kept_before_it_stops(tmp_path, quick_python):
    address = f"sqlite:///{tmp_path / 'pecrs.db'}"
    port = str(_free_port())
    command = [quick_python, "-m", "pecrs.cli", "serve", "--no-auth", "--port", port, "--database", address]
    with subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"}) as service:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                _wait_until_ready(client, service)
                sessions = [begin(client) for _ in range(6)]
                with ThreadPoolExecutor(6) as pool:
                    said = [pool.submit(client.post, f"/v1/sessions/{name}/messages", json=SCARY) for name in sessions]
                    while "pecrs_queue 0.0" in client.get("/metrics").text and not any(each.done() for each in said):
                        time.sleep(0.005)
                    service.send_signal(signal.SIGTERM)
                    answers = [each.result() for each in said]
            assert service.wait(30) in (0, -signal.SIGTERM)
        finally:
            service.kill()
    assert [answer.status_code for answer in answers] == [200] * 6
    with Store(open_database(address)) as store:
        kept = [store.transcript("local", name) for name in sessions]
    assert [[stored.turn.text for stored in each.turns] for each in kept] == [
        [answer.json()["seeker"]["text"], answer.json()["recommender"]["text"]] for answer in answers
    ]


def _free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def _wait_until_ready(client, service):
    until = time.monotonic() + 180
    while True:
        try:
            assert client.get("/readyz").status_code == 200
            return
        except httpx.TransportError:
            assert service.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)


def test_a_dialogue_may_not_be_too_long_to_be_read_for_one_among_many(start):
    client = start(longest_dialogue=60)
    long = [{"role": "user", "content": "x" * 31}] * 2
    for path, more in (("recommend", {}), ("chat/completions", {"model": "pecrs"})):
        answer = client.post(f"/v1/{path}", json={"messages": long, **more})
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "messages")
        assert client.post(f"/v1/{path}", json={"messages": long[:1], **more}).status_code == 200
    session = begin(client)
    answers = [client.post(f"/v1/sessions/{session}/messages", json={"text": "hi" * 14}) for _ in range(3)]
    assert [answer.status_code for answer in answers][::2] == [200, 400]
    assert "60 characters" in answers[-1].json()["error"]["message"]


def test_a_long_dialogue_is_explained_by_its_latest_turns(start):
    client = start()
    messages = [{"role": ("user", "assistant")[n % 2], "content": f"I love horror, {n}"} for n in range(21)]
    answer = client.post("/v1/recommend", json={"messages": messages, "k": 2, "explain": True})
    assert [why["turn"] for why in answer.json()["items"][0]["why"]] == list(range(13, 21))


def test_what_was_linked_is_not_linked_again(recommender):
    hits = recommender.linker._remembered.cache_info
    turns = [Turn(Speaker.SEEKER, f"I liked Alien (1979) and nothing else {n}") for n in range(3)]
    first, before = recommender.linked(turns), hits()
    again = recommender.linked(turns)
    assert again == first
    assert [len(turn.items) for turn in again] == [1, 1, 1]
    assert (hits().hits - before.hits, hits().misses) == (3, before.misses)
