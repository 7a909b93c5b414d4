"""What UserSimCRS sends to a recommender: context with the message at its end, answered in plain text."""

import pytest
import requests
from live import listening

from pecrs.server.app import create_app
from pecrs.server.routes.simulators import messages_of
from pecrs.server.schemas import Utterances
from pecrs.server.settings import ServerSettings


@pytest.fixture(scope="module")
def address(recommender, tmp_path_factory):
    settings = ServerSettings(
        database=f"sqlite:///{tmp_path_factory.mktemp('simulators') / 's.db'}", authenticate=False
    )
    with listening(create_app(recommender, settings)) as url:
        yield f"{url}/v1/simulator"


def test_a_platform_finds_the_service_and_an_agent_gets_plain_text(address):
    assert requests.get(address, timeout=60).status_code == 200  # SimulationPlatform.start
    context = ["Any good comedies?"]
    for _ in range(2):  # iEvaLMAgent.receive_utterance: the history, this message included
        answer = requests.post(address, json={"context": context, "message": context[-1]}, timeout=60)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        context += [answer.text, "I have seen that one"]
    assert context[1] != context[3]
    assert "(" in context[3]  # another film with its year


def test_speakers_are_counted_back_from_the_message():
    said = messages_of(Utterances(context=["Hello!", "Hi", "What do you like?"], message="Comedies"))
    assert [(one.role, one.content) for one in said] == [
        ("assistant", "Hello!"),
        ("user", "Hi"),
        ("assistant", "What do you like?"),
        ("user", "Comedies"),
    ]
    assert len(messages_of(Utterances(context=[], message="Hi"))) == 1


def test_what_is_no_dialogue_is_refused(address):
    for body in ({}, {"message": ""}, {"message": "  "}, {"context": "Hi", "message": "Hi"}, {"message": "Hi", "x": 1}):
        assert 400 <= requests.post(address, json=body, timeout=60).status_code < 500, body
