import json
import re

import pytest

from pecrs.data.acts import ACTS, FACTS
from pecrs.data.dialogue import Speaker
from pecrs.data.loaders.written import HELD_OUT_HANDS, load_conversations, written_messages
from pecrs.errors import DataError

CONVERSATION = {
    "hand": 1,
    "domain": "films",
    "about": "a test",
    "messages": [
        {"text": "like Heat", "acts": ["ask_recommendation"], "spans": [[5, 9, "title", "like"]], "reply": "Ronin?"},
        {"text": "who made it", "acts": ["ask_fact"], "facts": ["director"], "move": "fact Ronin (1998)"},
    ],
}


def test_messages_come_with_what_was_said_before(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps(CONVERSATION) + "\n")
    [(_, [first, second])] = load_conversations(path)
    assert [span.role for span in first.spans] == ["like"]
    assert second.context == ((Speaker.SEEKER, "like Heat"), (Speaker.RECOMMENDER, "Ronin?"))
    assert second.known == frozenset(ACTS)
    assert second.facts == frozenset({"director"})
    assert written_messages(path=path) == [first, second]
    assert written_messages(held_out=True, path=path) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"acts": ["sing"]}, "acts"),
        ({"acts": "ask_fact"}, "messages[0].acts"),
        ({"spans": [[5, 2, "title", "like"]]}, "spans"),
    ],
)
def test_wrong_labels_name_line_and_field(tmp_path, change, field):
    path = tmp_path / "c.jsonl"
    path.write_text(json.dumps(CONVERSATION | {"messages": [CONVERSATION["messages"][0] | change]}) + "\n")
    with pytest.raises(DataError, match=re.escape("c.jsonl:1:")) as caught:
        load_conversations(path)
    assert caught.value.field == field


def test_what_is_shipped_has_seventeen_hands_and_only_known_moves():
    conversations = load_conversations()
    assert {own.hand for own, _ in conversations} == set(range(1, 18))
    assert {own.domain for own, _ in conversations} == {"films", "books", "shop"}
    written = [own for own, _ in conversations if own.hand < 10]  # the others were held with the package's model
    moves = {move.split()[0] for own in written for message in own.messages for move in [message.move]}
    moves = {move.rstrip(",") for move in moves}
    assert moves <= set(
        "recommend list fact why compare here acknowledge ask chat greet help close decline nothing".split()
    )
    held_out = [own for own, _ in conversations if own.hand in HELD_OUT_HANDS]
    assert sum(len(own.messages) for own in held_out) == len(written_messages(held_out=True))


def test_facts_are_asked_for_only_by_questions():
    for _, messages in load_conversations():
        for message in messages:
            assert message.facts <= set(FACTS)
            assert not message.facts or "ask_fact" in message.acts
