"""What a person wants, over HTTP: returned with each answer, read by itself, and removed part by part."""

import pytest
from live import listening

from pecrs import Recommender
from pecrs.data.catalogue import Catalogue, Item
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
        assert talk.set_popularity(-1) == State((nineties,), popularity=-1) == talk.state()
        assert talk.set_popularity(0) == State((nineties,))
        with pytest.raises(ServiceError, match="-1, 0 or 1"):
            talk.set_popularity(2)


def ask_for(client, session, status=200, **body):
    answer = client.patch(f"/v1/sessions/{session}/state", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def fame(recommender, items):
    """Return how well known the items of a ranking are on average."""
    known, index = recommender.replies.preferences.similarity.fame, recommender.catalogue.index
    return sum(float(known[index(entry["item"]["id"])]) for entry in items) / len(items)


def test_how_well_known_items_are_is_set_by_hand_as_in_words(start, database, recommender):
    client = start(database)
    by_hand, in_words = begin(client), begin(client)
    say(client, by_hand, "Something scary, please")
    before = client.post("/v1/recommend", json={"session_id": by_hand}).json()["items"]
    little = ask_for(client, by_hand, popularity=-1)
    assert little["state"]["popularity"] == {"key": "popularity", "label": "little known", "value": -1}
    assert fame(recommender, little["items"]) < fame(recommender, before)
    assert ask_for(client, by_hand, popularity=-1) == little
    assert state(start(database), by_hand) == little["state"]  # after a restart
    assert say(client, by_hand, "Not too old")["state"]["popularity"]["value"] == -1
    well = say(client, by_hand, "Something more popular, please")["state"]  # what is said later counts
    assert well["popularity"]["value"] == 1
    say(client, in_words, "Something scary, please")
    said = say(client, in_words, "Something more obscure, please")["state"]
    assert said["popularity"] == little["state"]["popularity"]
    famous = ask_for(client, in_words, popularity=1)
    assert famous["state"]["popularity"]["label"] == "well known"
    assert fame(recommender, famous["items"]) > fame(recommender, little["items"])
    assert ask_for(client, in_words, popularity=0)["state"]["popularity"] is None
    ask_for(client, in_words, popularity=1)
    assert remove(client, in_words, "popularity")["state"]["popularity"] is None


def test_it_can_be_set_before_anything_is_said(start, recommender):
    client = start()
    session, plain = begin(client), begin(client)
    first = ask_for(client, session, popularity=-1)
    assert (first["items"], keys_of(first["state"])) == ([], {"popularity"})
    reply = say(client, session, "A comedy, please. What should I watch?")
    assert keys_of(reply["state"]) == {"popularity", "want:comedy"}
    other = say(client, plain, "A comedy, please. What should I watch?")
    assert fame(recommender, reply["items"]) < fame(recommender, other["items"])


def test_parts_go_with_it_in_one_change(start):
    client = start()
    session = begin(client)
    say(client, session, "An obscure comedy, please")
    both = ask_for(client, session, remove=["want:comedy", "popularity"], popularity=1)["state"]
    assert (both["wanted"], both["popularity"]["value"]) == ([], 1)
    error = ask_for(client, session, remove=["popularity=1"], status=400)["error"]
    assert error["param"] == "remove[0]"


def test_a_popularity_that_there_is_not_is_refused(start):
    client = start()
    session = begin(client)
    for wrong in (2, -2, 0.5, "1", "little known", [1], {}):
        error = ask_for(client, session, popularity=wrong, status=422)["error"]
        assert (error["param"], "-1, 0 or 1" in error["message"]) == ("popularity", True), wrong
    for nothing in ({}, {"remove": []}, {"popularity": None}, {"k": 5}):
        assert "`popularity`" in ask_for(client, session, **nothing, status=422)["error"]["message"]
    unknown = ask_for(client, session, popularity=1, remove=["want:horror"], status=400)["error"]
    assert unknown["param"] == "remove[0]"
    assert keys_of(state(client, session)) == set()


def test_without_a_measure_of_fame_it_cannot_be_set(start, recommender):
    unknown = [Item(f"s{number}", f"Shop film {number}", 2000, {"genres": ("comedy",)}) for number in range(3)]
    client = start(model=recommender.with_catalogue(Catalogue(unknown, ("title", "genres"))))
    assert client.get("/v1/facets").json()["fame"] is False
    session = begin(client)
    error = ask_for(client, session, popularity=1, status=400)["error"]
    assert error["param"] == "popularity"
    assert "nothing says how well known these items are" in error["message"]
    assert keys_of(state(client, session)) == set()


def test_without_a_reader_it_cannot_be_set(start, recommender):
    learned = Recommender(recommender.model, settings=recommender.settings.model_copy(update={"words": "learned"}))
    client = start(model=learned)
    assert client.get("/v1/facets").json()["fame"] is False
    assert ask_for(client, begin(client), popularity=1, status=400)["error"]["param"] == "popularity"


def test_the_documented_example_is_a_state(start):
    assert StateBody.model_validate(EXAMPLE).model_dump(exclude_none=True) == EXAMPLE
    described = start().get("/openapi.json").json()["components"]["schemas"]["StateBody"]
    assert described["examples"] == [EXAMPLE]
    assert set(described["properties"]) == set(EXAMPLE)
    read = State.of(EXAMPLE)
    assert (read.popularity, read.count) == (-1, 5)
    assert read.liked == (Part("like:tt0088763", "Back to the Future (1985)"),)
    assert State.of(None) is None
