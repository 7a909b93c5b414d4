import json

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker
from pecrs.data.loaders.conversations import DialogueReader
from pecrs.errors import DataError

CATALOGUE = Catalogue((Item("b-1", "Trail Boot", 2020), Item("2", "Sandal")), ("title",))
S, R = Speaker.SEEKER, Speaker.RECOMMENDER


def user(content, **more):
    return {"role": "user", "content": content, **more}


def assistant(content, **more):
    return {"role": "assistant", "content": content, **more}


def read(tmp_path, *records):
    path = tmp_path / "dialogues.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    reader = DialogueReader(CATALOGUE)
    return reader.read(path), reader.remarks


def test_chat_logs_are_dialogues(tmp_path):
    messages = [
        {"role": "system", "content": "Sell boots."},
        user("I need boots"),
        assistant(None, tool_calls=[{"id": "c1", "type": "function", "function": {"name": "search"}}]),
        {"role": "tool", "tool_call_id": "c1", "content": "[]"},
        assistant([{"type": "text", "text": "Try the"}, {"type": "text", "text": "[[b-1]]!"}]),
        user([{"type": "image_url", "image_url": {"url": "data:"}}, {"type": "input_text", "text": "This?"}]),
        assistant("Or a sandal", items=["2"]),
    ]
    (first, second), remarks = read(tmp_path, {"messages": messages}, {"id": 7, "messages": [user("hi")], "model": "x"})
    assert (first.dialogue.id, second.dialogue.id, first.messages) == ("dialogues-1", "7", 5)
    assert [(turn.speaker, turn.text, turn.messages) for turn in first.dialogue.turns] == [
        (S, "I need boots", (1,)),
        (R, "Try the Trail Boot (2020)!", (4,)),
        (S, "This?", (5,)),
        (R, "Or a sandal", (6,)),
    ]
    assert first.dialogue.turns[1].mentions == (Mention(8, 25, "b-1"),)
    assert first.dialogue.turns[3].mentions == (Mention(5, 11, "2"),)
    assert remarks == [
        "dialogues.jsonl: 1 system messages skipped",
        "dialogues.jsonl: 1 tool messages skipped",
        "dialogues.jsonl: 1 content parts of type image_url skipped",
        "dialogues.jsonl: field 'messages.tool_calls' is not read, 1 times",
        "dialogues.jsonl: field 'model' is not read, 1 times",
    ]


def test_turns_without_an_id_are_known_by_their_line(tmp_path):
    turns = [{"speaker": "seeker", "text": "I need boots"}]
    readings, _ = read(tmp_path, {"turns": turns}, {"id": None, "turns": turns}, {"id": "x", "turns": turns})
    assert [reading.dialogue.id for reading in readings] == ["dialogues-1", "dialogues-2", "x"]


@pytest.mark.parametrize(
    ("record", "field", "message"),
    [
        ({"messages": {}}, "messages", "a list is expected"),
        (
            {"messages": [{"role": "bot", "content": "x"}]},
            "messages[0].role",
            "'tool' or 'function' is expected, not 'bot'",
        ),
        ({"messages": [{"speaker": "seeker", "text": "x"}]}, "messages[0].role", "is missing"),
        ({"messages": [user("x"), assistant(3)]}, "messages[1].content", "a string or a list of parts"),
        ({"messages": [assistant({"type": "text"})]}, "messages[0].content", "a string or a list of parts"),
        (
            {"messages": [assistant([{"type": "text", "text": 3}])]},
            "messages[0].content[0].text",
            "a string is expected, not 3",
        ),
        ({"messages": [assistant([3])]}, "messages[0].content[0]", "a mapping is expected, not 3"),
        (
            {"messages": [assistant("[[b-2]]")]},
            "messages[0].content",
            r"'b-2' is not in the catalogue; did you mean 'b-1'\?",
        ),
        ({"messages": [assistant("x", items=["3"])]}, "messages[0].items", "'3' is not in the catalogue$"),
        ({"messages": [assistant(None, items=["2"])]}, "messages[0].content", "needs a text"),
        ({"messages": [assistant([{"type": "text"}])]}, "messages[0].content[0]", "a text is expected"),
        ({"id": "", "messages": []}, "id", "a number or a string is expected"),
        ({"id": "1"}, "turns", "is missing"),
        ({"messages": [], "labels": {"2": {"loved": True}}}, "labels.2.loved", "unknown field"),
    ],
)
def test_bad_chat_logs_name_file_line_and_field(tmp_path, record, field, message):
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, {"messages": []}, record)
    assert (str(caught.value.path), caught.value.line, caught.value.field) == (
        str(tmp_path / "dialogues.jsonl"),
        2,
        field,
    )


def test_ids_that_come_twice_name_both_lines(tmp_path):
    with pytest.raises(DataError, match=r"dialogues\.jsonl:3: field 'id': dialogue '1' is in line 1 too"):
        read(tmp_path, {"id": 1, "turns": []}, {"id": 2, "turns": []}, {"id": 1.0, "turns": []})


def test_fields_that_are_not_known_are_counted_with_what_may_be_meant(tmp_path):
    turn = {"speaker": "seeker", "text": "x", "item": ["2"]}
    _, remarks = read(
        tmp_path, {"id": 1, "turns": [turn, turn], "label": {}}, {"id": 2, "turns": [turn], "messages": []}
    )
    assert remarks == [
        "dialogues.jsonl: field 'label' is not read, 1 times; did you mean 'labels'?",
        "dialogues.jsonl: field 'turns.item' is not read, 3 times; did you mean 'items'?",
        "dialogues.jsonl: field 'messages' is not read, 1 times",
    ]
