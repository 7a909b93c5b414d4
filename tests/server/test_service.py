"""Conversations, rankings and items over HTTP, on SQLite and PostgreSQL."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from pecrs.inference.decoding import NOTHING_LEFT, NOTHING_PASSES
from pecrs.server.database import TurnRow

SCARY = "I love scary films like Annabelle. What should I watch?"


def begin(client, **body):
    answer = client.post("/v1/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def say(client, session, text=SCARY, status=200, headers=None, **body):
    answer = client.post(f"/v1/sessions/{session}/messages", json={"text": text, **body}, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def events(answer):
    return [json.loads(line[6:]) for line in answer.text.split("\n\n") if line.startswith("data: {")]


def test_a_conversation_is_kept_and_goes_on_after_a_restart(start, database):
    client = start(database)
    session = begin(client)
    first = say(client, session)
    assert first["seeker"]["mentions"] == [{"start": 24, "end": 33, "item": first["seeker"]["mentions"][0]["item"]}]
    reply = first["recommender"]["reply"]
    assert reply["recommends"]
    assert [entry["rank"] for entry in reply["items"]] == list(range(1, 11))
    best = reply["items"][0]["item"]
    assert f"{best['title']} ({best['year']})" in first["recommender"]["text"]
    again = start(database)
    second = say(again, session, "No, something funnier", k=3)
    assert second["recommender"]["position"] == 3
    assert second["recommender"]["reply"]["constraints"] == "horror, comedy"
    whole = again.get(f"/v1/sessions/{session}").json()
    assert [turn["position"] for turn in whole["turns"]] == [0, 1, 2, 3]
    assert whole["turns"][:2] == [first["seeker"], first["recommender"]]
    assert whole["title"] == SCARY
    assert best["id"] not in [entry["item"]["id"] for entry in second["recommender"]["reply"]["items"]]


def test_sessions_are_listed_by_page_changed_and_deleted(start, database):
    client = start(database)
    sessions = [begin(client) for _ in range(3)]
    say(client, sessions[0])
    page = client.get("/v1/sessions", params={"limit": 2}).json()
    assert page["data"][0]["id"] == sessions[0]
    assert page["has_more"]
    rest = client.get("/v1/sessions", params={"after": page["data"][-1]["id"]}).json()
    assert {entry["id"] for entry in page["data"] + rest["data"]} == set(sessions)
    assert not rest["has_more"]
    changed = client.patch(
        f"/v1/sessions/{sessions[0]}", json={"title": "Scary", "filters": {"where": ["year=1980..1989"]}}
    )
    assert (changed.json()["title"], changed.json()["filters"]["where"][0]["any_of"]) == ("Scary", ["1980..1989"])
    items = say(client, sessions[0], "What about another one?", recommend=True)["recommender"]["reply"]["items"]
    assert all(1980 <= entry["item"]["year"] <= 1989 for entry in items)
    assert client.delete(f"/v1/sessions/{sessions[0]}").status_code == 204
    for method in (client.get, client.delete):
        assert method(f"/v1/sessions/{sessions[0]}").status_code == 404
    assert len(client.get("/v1/sessions").json()["data"]) == 2


def test_a_repeated_message_is_answered_once(start, database):
    client = start(database)
    session = begin(client)
    retry = {"Idempotency-Key": "one"}
    first = say(client, session, headers=retry)
    assert say(client, session, headers=retry) == first
    assert len(client.get(f"/v1/sessions/{session}").json()["turns"]) == 2
    say(client, session, headers={"Idempotency-Key": "two"})
    assert len(client.get(f"/v1/sessions/{session}").json()["turns"]) == 4


def test_other_words_under_the_same_key_are_refused(start, database):
    client = start(database)
    session, retry = begin(client), {"Idempotency-Key": "one"}
    first = say(client, session, headers=retry)
    for stream in (False, True):
        refused = say(client, session, "Something funny", 422, retry, stream=stream)
        assert "Idempotency-Key: another message" in refused["error"]["message"]
    assert say(client, session, f" {SCARY} ", headers=retry) == first
    assert len(client.get(f"/v1/sessions/{session}").json()["turns"]) == 2
    other = begin(client)
    say(client, other, "Something funny", headers=retry)  # keys are a conversation's own


def test_messages_said_at_once_do_not_mix(start, database):
    client = start(database)
    session = begin(client)
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda n: say(client, session, f"I like horror, number {n}"), range(4)))
    turns = client.get(f"/v1/sessions/{session}").json()["turns"]
    assert [turn["speaker"] for turn in turns] == ["seeker", "recommender"] * 4
    for pair in said:
        place = pair["seeker"]["position"]
        assert turns[place : place + 2] == [pair["seeker"], pair["recommender"]]


def test_two_replicas_cannot_answer_the_same_turn(start, database):
    """Without a common lock, the second to write is refused and may try again."""
    from dataclasses import replace

    from pecrs.data.dialogue import Speaker, Turn
    from pecrs.server.store import ConflictError, StoredTurn

    client, other = start(database), start(database)
    session = begin(client)
    store = other.app.state.service.store
    pair = StoredTurn(0, Turn(Speaker.SEEKER, "a")), StoredTurn(1, Turn(Speaker.RECOMMENDER, "b"))
    store.add_exchange(session, *pair)
    with pytest.raises(ConflictError):
        store.add_exchange(session, *pair)
    with pytest.raises(ConflictError):  # nor half of it
        store.add_exchange(session, replace(pair[0], position=2), replace(pair[1], position=1))
    assert len(client.get(f"/v1/sessions/{session}").json()["turns"]) == 2


def test_what_was_on_the_screen_is_kept_as_it_was(start, database):
    """However many items a reply ranked or named, a conversation that is read again points at the same ones."""
    from pecrs.data.dialogue import Speaker, Turn
    from pecrs.server.store import StoredTurn

    client = start(database)
    session = begin(client)
    store = client.app.state.service.store
    answer = Turn(Speaker.RECOMMENDER, "Here are five.", shown=("1", "2", "3", "4", "5"))
    store.add_exchange(session, StoredTurn(0, Turn(Speaker.SEEKER, "a")), StoredTurn(1, answer, {"items": []}))
    kept = store.transcript("local", session)
    assert [turn.turn.shown for turn in kept.turns] == [(), answer.shown]


def test_a_stream_says_the_same_in_pieces(start):
    client = start()
    session = begin(client)
    answer = client.post(f"/v1/sessions/{session}/messages", json={"text": SCARY, "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    *deltas, done = events(answer)
    assert done["type"] == "done"
    assert "".join(delta["text"] for delta in deltas) == done["recommender"]["text"]
    assert client.get(f"/v1/sessions/{session}").json()["turns"] == [done["seeker"], done["recommender"]]


def test_feedback_changes_the_next_ranking(start, database):
    client = start(database)
    session = begin(client)
    say(client, session)
    before = client.post("/v1/recommend", json={"session_id": session, "k": 50}).json()["items"]
    seen, liked = before[1]["item"]["id"], before[2]["item"]["id"]

    def judge(item, value):
        body = {"session_id": session, "item_id": item, "value": value, "k": 50}
        answer = client.post("/v1/feedback", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    after = judge(seen, "seen")
    assert after["feedback"] == {seen: "seen"}
    assert seen in [entry["item"]["id"] for entry in before]
    assert seen not in [entry["item"]["id"] for entry in after["items"]]
    more = judge(liked, "like")
    assert more["feedback"] == {seen: "seen", liked: "like"}
    assert [entry["score"] for entry in more["items"]] != [entry["score"] for entry in after["items"]]
    assert judge(liked, "dislike")["feedback"][liked] == "dislike"
    assert judge(liked, None)["feedback"] == {seen: "seen"}
    assert judge(seen, None)["items"] == before
    judge(seen, "dislike")
    later = say(client, session, "another one please", k=100)["recommender"]["reply"]["items"]
    assert seen not in [entry["item"]["id"] for entry in later]


FOUR = ("Alien (1979)", "The Thing (1982)", "Airplane! (1980)", "Annabelle (2014)")
NONE_SUCH = {"where": ["genres=horror", "genres!=horror"]}


@pytest.fixture(scope="module")
def four(recommender):
    """The package's model with four films alone."""
    kept = {recommender.link(f'I watched "{name}"').items[0] for name in FOUR}
    assert len(kept) == len(FOUR)
    return recommender.with_items([], [item.id for item in recommender.catalogue if item.id not in kept])


def test_who_has_named_everything_hears_that_nothing_is_left(start, database, four):
    client = start(database, model=four)
    session = begin(client)
    say(client, session, f"I love {FOUR[0]} and {FOUR[1]}. I have seen {FOUR[2]} and {FOUR[3]} too.")
    pair = say(client, session, "What else?", recommend=True)
    reply = pair["recommender"]["reply"]
    assert (reply["move"], reply["items"], reply["recommends"]) == ("nothing", [], False)
    assert pair["recommender"]["text"] == NOTHING_LEFT
    whole = client.get(f"/v1/sessions/{session}").json()
    assert whole["turns"][2:] == [pair["seeker"], pair["recommender"]]
    assert client.post("/v1/recommend", json={"session_id": session, "explain": True}).json()["items"] == []
    judged = {"session_id": session, "item_id": four.catalogue.items[0].id, "value": "seen"}
    assert client.post("/v1/feedback", json=judged).json()["items"] == []
    say(client, session, "Thanks, bye", recommend=False)


def test_filters_that_nothing_passes_are_said_and_can_be_lifted(start, database):
    client = start(database)
    session = begin(client, filters=NONE_SUCH)
    answer = client.post(f"/v1/sessions/{session}/messages", json={"text": SCARY, "stream": True})
    assert answer.status_code == 200
    *deltas, done = events(answer)
    assert "".join(delta["text"] for delta in deltas) == done["recommender"]["text"] == NOTHING_PASSES
    assert done["recommender"]["reply"]["move"] == "nothing"
    ranked = client.post("/v1/recommend", json={"session_id": session})
    assert (ranked.status_code, ranked.json()["items"]) == (200, [])
    client.patch(f"/v1/sessions/{session}", json={"filters": {}})
    reply = say(client, session, "And now?", recommend=True)["recommender"]["reply"]
    assert reply["move"] == "recommend"
    assert reply["items"]


def test_a_completion_says_that_nothing_passes(start):
    client = start()
    body = {"model": "pecrs", "messages": [{"role": "user", "content": SCARY}], "pecrs": {"filters": NONE_SUCH}}
    whole = client.post("/v1/chat/completions", json=body)
    assert whole.status_code == 200
    assert whole.json()["choices"][0]["message"]["content"] == NOTHING_PASSES
    assert (whole.json()["pecrs"]["move"], whole.json()["pecrs"]["items"]) == ("nothing", [])
    *chunks, last = events(client.post("/v1/chat/completions", json={**body, "stream": True}))
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == NOTHING_PASSES
    assert last["pecrs"]["move"] == "nothing"


def test_an_answer_of_an_earlier_version_is_read(start, database):
    client = start(database)
    session = begin(client)
    say(client, session)
    store = client.app.state.service.store
    with Session(store.engine) as rows, rows.begin():
        row = rows.scalars(select(TurnRow).where(TurnRow.position == 1)).one()
        row.reply = {name: value for name, value in row.reply.items() if name != "move"}
    assert client.get(f"/v1/sessions/{session}").json()["turns"][1]["reply"]["move"] is None


def test_a_request_reads_the_items_once(start, recommender, monkeypatch):
    """Items that change while a message is on its way change neither its links nor its answer."""
    client = start()
    live, store = client.app.state.service.live, client.app.state.service.store
    gone, current, asked = recommender.link("I love Alien (1979).").items[0], live.current, []

    def changing():
        present = current()
        asked.append(present)
        store.put_item(gone, None)  # another replica removes an item right after
        return present

    session = begin(client)
    monkeypatch.setattr(live, "current", changing)
    pair = say(client, session, "I love Alien (1979). What should I watch?", recommend=True)
    assert len(asked) == 1
    assert [mention["item"] for mention in pair["seeker"]["mentions"]] == [gone]
    assert gone not in [entry["item"]["id"] for entry in pair["recommender"]["reply"]["items"]]
    monkeypatch.undo()
    assert gone not in live.current().catalogue


def test_a_ranking_says_what_moved_it(start):
    client = start()
    messages = [
        {"role": "user", "content": "I love Alien (1979)."},
        {"role": "assistant", "content": "Have you seen The Thing (1982)?"},
        {"role": "user", "content": [{"type": "text", "text": "Yes! More like that please"}]},
    ]
    answer = client.post("/v1/recommend", json={"messages": messages, "k": 3, "explain": True}).json()
    assert len(answer["items"]) == 3
    assert 0 < answer["probability"] < 1
    for entry in answer["items"]:
        assert [why["turn"] for why in entry["why"]] == [0, 1, 2]
        assert entry["why"][0]["text"] == "I love Alien (1979)."
        assert (entry["item"]["title"], entry["item"]["year"]) not in (("Alien", 1979), ("The Thing", 1982))
    assert max(entry["why"][0]["change"] for entry in answer["items"]) > 0


def test_items_change_for_the_next_request_of_every_replica_and_for_good(start, database, few_films):
    start = partial(start, database, model=few_films)
    client, other = start(), start()
    session = begin(client)
    say(client, session, "I love scary films about haunted dolls", recommend=True)
    record = {
        "title": "The Whispering Doll",
        "year": 2025,
        "fields": {"genres": ["horror"], "plot": ["A haunted doll scares a family."], "actors": ["A. Hart"]},
    }
    assert client.put("/v1/items/new-1", json=record).json() == {"id": "new-1", **record}
    assert other.get("/v1/items/new-1").json()["title"] == "The Whispering Doll"
    assert other.get("/v1/items", params={"query": "whispering dol"}).json()["data"][0]["id"] == "new-1"
    narrow = {"session_id": session, "filters": {"where": ["year=2025"]}}
    ranked = other.post("/v1/recommend", json=narrow).json()["items"]
    assert [entry["item"]["id"] for entry in ranked] == ["new-1"]
    named = say(other, session, "Have you heard of The Whispering Doll?")
    assert named["seeker"]["mentions"][0]["item"] == "new-1"
    changed = client.patch("/v1/items/new-1", json={"year": 2024, "fields": {"actors": []}}).json()
    assert (changed["year"], "actors" in changed["fields"], changed["fields"]["genres"]) == (2024, False, ["horror"])
    assert start().get("/v1/items/new-1").json() == changed
    assert other.delete("/v1/items/new-1").status_code == 204
    assert client.get("/v1/items/new-1").status_code == 404
    assert start().get("/v1/items/new-1").status_code == 404
    assert len(client.get(f"/v1/sessions/{session}").json()["turns"]) == 4  # what was said stays
    say(client, session, "Anything else?")


def test_a_removed_item_of_the_model_is_not_recommended(start, few_films):
    client = start(model=few_films)
    best = client.post("/v1/recommend", json={"messages": [{"role": "user", "content": SCARY}]}).json()["items"][0]
    assert client.delete(f"/v1/items/{best['item']['id']}").status_code == 204
    left = client.post("/v1/recommend", json={"messages": [{"role": "user", "content": SCARY}]}).json()["items"]
    assert best["item"]["id"] not in [entry["item"]["id"] for entry in left]
    assert best["item"]["id"] in few_films.catalogue


def test_items_are_read_by_page(start, recommender):
    client = start()
    page = client.get("/v1/items", params={"limit": 3}).json()
    more = client.get("/v1/items", params={"limit": 2, "after": page["data"][-1]["id"]}).json()
    assert [entry["id"] for entry in page["data"] + more["data"]] == [
        item.id for item in recommender.catalogue.items[:5]
    ]
    assert page["has_more"]
    last = recommender.catalogue.items[-1].id
    assert client.get("/v1/items", params={"after": last}).json() == {"data": [], "has_more": False}
    facets = {facet["field"]: facet for facet in client.get("/v1/facets").json()["facets"]}
    genres, year = facets["genres"], facets["year"]
    assert list(genres["common"].values()) == sorted(genres["common"].values(), reverse=True)
    assert (genres["kind"], genres["values"], "comedy" in genres["common"]) == ("category", len(genres["common"]), True)
    assert (year["kind"], year["low"] < 1950, year["declared"], facets["tone"]["declared"]) == (
        "number",
        True,
        True,
        False,
    )
    assert len(client.get("/v1/facets?common=2").json()["facets"][1]["common"]) == 2


def test_it_can_be_watched(start):
    client = start()
    assert client.get("/healthz").json() == client.get("/readyz").json() == {"status": "ok"}
    say(client, begin(client))
    shown = client.get("/metrics").text
    assert 'pecrs_requests_total{method="POST",route="/v1/sessions/{session}/messages",status="200"}' in shown
    assert "pecrs_batch_size_count" in shown
    assert client.get("/v1/me").json() == {"auth": False, "scopes": ["admin", "chat", "items"], "model": "pecrs"}


def test_a_database_that_is_gone_is_said_and_comes_back(start, tmp_path):
    client = start()
    session = begin(client)
    away = tmp_path / "away.db"
    engine = client.app.state.service.store.engine
    engine.dispose()
    for name in tmp_path.glob("pecrs.db*"):
        name.rename(away.with_suffix(name.suffix))
    (tmp_path / "pecrs.db").mkdir()
    assert client.get("/readyz").status_code == 503
    answer = client.post(f"/v1/sessions/{session}/messages", json={"text": "hello"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    (tmp_path / "pecrs.db").rmdir()
    for name in tmp_path.glob("away.db*"):
        name.rename(tmp_path / name.name.replace("away.db", "pecrs.db"))
    engine.dispose()
    assert client.get("/readyz").status_code == 200
    say(client, session)
