"""What a person wants, over HTTP: returned with each answer, read by itself, and removed part by part."""

import pytest
from live import listening

from pecrs import Recommender
from pecrs.server.app import create_app
from pecrs.server.client import Client, Part, ServiceError, State
from pecrs.server.settings import ServerSettings
from pecrs.server.states import EXAMPLE, StateBody, keys_of

REQUEST = "I want a comedy without Adam Sandler, from the 90s, please"


def begin(client):
    return client.post("/v1/sessions", json={}).json()["id"]


def say(client, session, text):
    answer = client.post(f"/v1/sessions/{session}/messages", json={"text": text})
    assert answer.status_code == 200, answer.text
    return answer.json()["recommender"]["reply"]


def state(client, session):
    answer = client.get(f"/v1/sessions/{session}/state")
    assert answer.status_code == 200, answer.text
    return answer.json()


def remove(client, session, *keys, status=200, **body):
    answer = client.patch(f"/v1/sessions/{session}/state", json={"remove": keys, **body})
    assert answer.status_code == status, answer.text
    return answer.json()


def keys(record, name):
    return [part["key"] for part in record[name]]


def test_an_answer_comes_with_the_state_in_parts(start, database):
    client = start(database)
    session = begin(client)
    reply = say(client, session, REQUEST)
    comedy, nineties = reply["state"]["wanted"]
    assert (comedy["key"], comedy["label"], comedy["facet"], comedy["soft"]) == ("want:comedy", "comedy", "kind", False)
    assert comedy["values"] == [
        {
            "label": "comedy",
            "kind": "category",
            "fields": ["genres"],
            "low": None,
            "high": None,
            "strict": False,
            "outer": "",
        }
    ]
    assert (nineties["key"], nineties["facet"]) == ("want:1990-1999", "year")
    assert nineties["values"] == [
        {
            "label": "1990-1999",
            "kind": "number",
            "fields": ["year"],
            "low": 1990,
            "high": 1999,
            "strict": False,
            "outer": "",
        }
    ]
    assert keys(reply["state"], "avoided") == ["avoid:Adam Sandler"]
    assert "actors" in reply["state"]["avoided"][0]["values"][0]["fields"]
    assert reply["constraints"] == "comedy, 1990-1999, not Adam Sandler"
    assert state(client, session) == reply["state"]
    whole = client.get(f"/v1/sessions/{session}").json()
    assert whole["turns"][1]["reply"]["state"] == reply["state"]


def test_items_are_parts_of_the_state(start):
    client = start()
    session = begin(client)
    alien = client.get("/v1/items", params={"query": "Alien 1979", "limit": 1}).json()["data"][0]
    reply = say(client, session, "I loved Alien (1979). Show me three films like it.")
    liked = {"key": f"like:{alien['id']}", "label": "Alien (1979)", "item": alien["id"]}
    assert reply["state"]["liked"] == [liked]
    assert reply["state"]["count"] == {"key": "count", "label": "3 items", "value": 3}
    left = remove(client, session, liked["key"], "count")["state"]
    assert (left["liked"], left["count"]) == ([], None)


def test_a_removed_part_stays_away_until_it_is_asked_for_again(start, database):
    client = start(database)
    session = begin(client)
    say(client, session, REQUEST)
    now = remove(client, session, "want:comedy", k=5)
    assert keys(now["state"], "wanted") == ["want:1990-1999"]
    assert len(now["items"]) == 5
    assert state(client, session) == now["state"]
    assert state(start(database), session) == now["state"]  # after a restart
    reply = say(client, session, "What else is there?")
    assert keys(reply["state"], "wanted") == ["want:1990-1999"]
    assert keys(say(client, session, "Please make it a comedy")["state"], "wanted") == ["want:1990-1999", "want:comedy"]
    assert keys(remove(client, session, "want:comedy")["state"], "wanted") == ["want:1990-1999"]


def test_a_ranking_follows_what_was_removed(start):
    client = start()
    session = begin(client)
    say(client, session, "I want a western")

    def genres(answer):
        return [entry["item"]["fields"]["genres"] for entry in answer["items"]]

    before = client.post("/v1/recommend", json={"session_id": session}).json()
    assert all("western" in own for own in genres(before))
    removed = remove(client, session, "want:western")
    assert not all("western" in own for own in genres(removed))
    after = client.post("/v1/recommend", json={"session_id": session}).json()
    assert after["items"] == removed["items"]
    assert after["state"] == removed["state"]
    then = client.post("/v1/recommend", json={"session_id": session, "position": 1}).json()
    assert all("western" in own for own in genres(then))
    assert keys(then["state"], "wanted") == ["want:western"]


def test_a_removal_may_be_sent_twice_and_a_wrong_one_removes_nothing(start):
    client = start()
    session = begin(client)
    say(client, session, REQUEST)
    first = remove(client, session, "want:comedy")
    assert remove(client, session, "want:comedy") == first
    error = remove(client, session, "want:1990-1999", "want:horror", status=400)["error"]
    assert (error["param"], "want:horror" in error["message"]) == ("remove[1]", True)
    assert state(client, session) == first["state"]
    for wrong in ([], [""], ["\x00"], "want:comedy", [1], ["want:comedy"] * 101):
        assert client.patch(f"/v1/sessions/{session}/state", json={"remove": wrong}).status_code == 422
    for path in ("none", "a%00b", "x" * 65):
        assert client.get(f"/v1/sessions/{path}/state").status_code == 404
        assert client.patch(f"/v1/sessions/{path}/state", json={"remove": ["count"]}).status_code == 404


def test_a_conversation_without_words_has_an_empty_state(start):
    client = start()
    empty = state(client, begin(client))
    assert keys_of(empty) == set()
    assert empty == StateBody().model_dump()


def test_a_like_is_part_of_the_state_and_taken_back_with_it(start, database):
    client = start(database)
    session = begin(client)
    item = say(client, session, "Something scary, please")["items"][3]["item"]["id"]

    def judge(value):
        body = {"session_id": session, "item_id": item, "value": value}
        return client.post("/v1/feedback", json=body).json()

    assert keys(judge("like")["state"], "liked") == [f"like:{item}"]
    now = remove(client, session, f"like:{item}")
    assert (keys(now["state"], "liked"), now["feedback"]) == ([], {})
    again = judge("like")  # what is said later counts, also before the next message
    assert (keys(again["state"], "liked"), again["feedback"]) == ([f"like:{item}"], {item: "like"})
    assert keys(say(client, session, "What else?")["state"], "liked") == [f"like:{item}"]


def test_openai_clients_get_the_state_as_an_extension(start):
    client = start()
    body = {"model": "pecrs", "messages": [{"role": "user", "content": REQUEST}]}
    extension = client.post("/v1/chat/completions", json=body).json()["pecrs"]
    assert extension["constraints"] == "comedy, 1990-1999, not Adam Sandler"
    assert keys_of(extension["state"]) == {"want:comedy", "want:1990-1999", "avoid:Adam Sandler"}


def test_without_a_reader_there_is_no_state(start, recommender):
    learned = Recommender(recommender.model, settings=recommender.settings.model_copy(update={"words": "learned"}))
    client = start(model=learned)
    session = begin(client)
    assert say(client, session, REQUEST)["state"] is None
    assert state(client, session) is None
    assert remove(client, session, "want:comedy", status=400)["error"]["param"] == "remove[0]"


def test_another_key_cannot_read_or_change_it(start, database, key):
    client = start(database, authenticate=True)
    mine, other = key(database, "chat"), key(database, "chat")
    session = client.post("/v1/sessions", json={}, headers=mine).json()["id"]
    path = f"/v1/sessions/{session}/state"
    assert client.get(path, headers=mine).status_code == 200
    assert client.get(path, headers=other).status_code == 404
    assert client.patch(path, json={"remove": ["count"]}, headers=other).status_code == 404
    assert client.get(path).status_code == 401


def test_our_client_reads_and_removes_parts(recommender, tmp_path):
    settings = ServerSettings(database=f"sqlite:///{tmp_path / 'a.db'}", authenticate=False)
    with listening(create_app(recommender, settings)) as address, Client(address) as client:
        talk = client.start()
        answer = talk.say(REQUEST)
        assert answer.state == talk.state()
        comedy, nineties = Part("want:comedy", "comedy"), Part("want:1990-1999", "1990-1999")
        assert answer.state == State((comedy, nineties), (Part("avoid:Adam Sandler", "Adam Sandler"),))
        assert talk.remove("want:comedy", "avoid:Adam Sandler") == State((nineties,)) == talk.state()
        with pytest.raises(ServiceError, match="no part 'want:horror'"):
            talk.remove("want:horror")


def test_the_documented_example_is_a_state(start):
    assert StateBody.model_validate(EXAMPLE).model_dump(exclude_none=True) == EXAMPLE
    described = start().get("/openapi.json").json()["components"]["schemas"]["StateBody"]
    assert described["examples"] == [EXAMPLE]
    assert set(described["properties"]) == set(EXAMPLE)
    read = State.of(EXAMPLE)
    assert (read.popularity, read.count) == (-1, 5)
    assert read.liked == (Part("like:tt0088763", "Back to the Future (1985)"),)
    assert State.of(None) is None
