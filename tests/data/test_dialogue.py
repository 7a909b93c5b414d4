import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecrs.data.dialogue import (
    Dialogue,
    ItemLabel,
    Mention,
    Speaker,
    Turn,
    check_items,
    dialogue_records,
    load_dialogues,
    merge_turns,
)
from pecrs.data.files import write_jsonl
from pecrs.errors import DataError

S, R = Speaker.SEEKER, Speaker.RECOMMENDER
ONE = Dialogue(
    "one",
    (
        Turn(S, "🎬 seen Alien?", (Mention(7, 12, "a"),), messages=(0,)),
        Turn(R, "Yes", (), ("b",), (1,)),
        Turn(R, "and Brazil, Alien", (Mention(4, 10, "b"), Mention(12, 17, "a")), ("b", "a", "c"), (3,)),
    ),
    {"a": ItemLabel(suggested=True, seen=None, liked=False)},
)
SHORT = Dialogue("short", (Turn(R, "hi", messages=(0,)),))
LONG = Dialogue("long", (Turn(S, "word " * 5000, messages=(0,)),))


def test_items_are_derived_from_mentions_once_each():
    turn = Turn(S, "A B A", (Mention(0, 1, "a"), Mention(2, 3, "b"), Mention(4, 5, "a")))
    assert turn.items == ("a", "b")


@pytest.mark.parametrize(
    "mentions",
    [
        (Mention(0, 9, "a"),),
        (Mention(2, 2, "a"),),
        (Mention(-1, 1, "a"),),
        (Mention(0, 2, "a"), Mention(1, 3, "b")),
        (Mention(2, 3, "a"), Mention(0, 1, "b")),
    ],
)
def test_spans_must_be_in_range_and_order(mentions):
    with pytest.raises(DataError) as caught:
        Turn(S, "text", mentions)
    assert caught.value.field == "mentions"


@pytest.mark.parametrize("items", [("b",), ("b", "a"), ("a", "a")])
def test_items_must_begin_with_the_mentioned_ones(items):
    with pytest.raises(DataError) as caught:
        Turn(S, "text", (Mention(0, 1, "a"),), items)
    assert caught.value.field == "items"


def test_mentioned_before():
    assert ONE.mentioned_before(0) == ()
    assert ONE.mentioned_before(2) == ("a", "b")
    assert ONE.mentioned_before(3) == ("a", "b", "c")


def test_merging_joins_texts_spans_items_and_numbers():
    merged = merge_turns(ONE)
    assert [turn.speaker for turn in merged.turns] == [S, R]
    turn = merged.turns[1]
    assert turn.text == "Yes and Brazil, Alien"
    assert [turn.text[m.start : m.end] for m in turn.mentions] == ["Brazil", "Alien"]
    assert turn.items == ("b", "a", "c")
    assert turn.messages == (1, 3)
    assert merged.labels == ONE.labels
    assert merge_turns(merged) == merged


def test_save_and_load_give_back_the_same(tmp_path):
    write_jsonl(tmp_path / "train.jsonl", dialogue_records([ONE, SHORT, LONG]))
    assert load_dialogues(tmp_path / "train.jsonl") == [ONE, SHORT, LONG]


texts = st.text(st.characters(exclude_categories=("Cs",)))


@given(st.lists(st.tuples(st.sampled_from(Speaker), texts), min_size=1), texts)
def test_any_text_survives_a_round_trip(tmp_path_factory, turns, identifier):
    dialogue = Dialogue(identifier, tuple(Turn(who, text, messages=(n,)) for n, (who, text) in enumerate(turns)))
    path = tmp_path_factory.mktemp("round") / "train.jsonl"
    write_jsonl(path, dialogue_records([dialogue]))
    assert load_dialogues(path) == [dialogue]


def test_unknown_items_are_named(tmp_path):
    check_items([ONE], ["a", "b", "c"])
    with pytest.raises(DataError, match="dialogue 'one', turn 2: item 'c'"):
        check_items([ONE], ["a", "b"], tmp_path)


TURN = {"speaker": "seeker", "text": "hello"}


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"turns": [TURN]}, "id"),
        ({"id": 1, "turns": [TURN]}, "id"),
        ({"id": "x"}, "turns"),
        ({"id": "x", "turns": []}, "turns"),
        ({"id": "x", "turns": {}}, "turns"),
        ({"id": "x", "turns": ["a"]}, "turns[0]"),
        ({"id": "x", "turns": [{"text": "a"}]}, "turns[0].speaker"),
        ({"id": "x", "turns": [TURN, {**TURN, "speaker": ["seeker"]}]}, "turns[1].speaker"),
        ({"id": "x", "turns": [{"speaker": "seeker"}]}, "turns[0].text"),
        ({"id": "x", "turns": [{**TURN, "mentions": {}}]}, "turns[0].mentions"),
        ({"id": "x", "turns": [{**TURN, "mentions": [[0, 1]]}]}, "turns[0].mentions[0][2]"),
        ({"id": "x", "turns": [{**TURN, "mentions": [[0, 1.5, "a"]]}]}, "turns[0].mentions[0][1]"),
        ({"id": "x", "turns": [{**TURN, "mentions": [[0, 1, 2]]}]}, "turns[0].mentions[0][2]"),
        ({"id": "x", "turns": [{**TURN, "mentions": [[0, 99, "a"]]}]}, "turns[0].mentions"),
        ({"id": "x", "turns": [{**TURN, "items": [1]}]}, "turns[0].items[0]"),
        ({"id": "x", "turns": [{**TURN, "items": None}]}, "turns[0].items"),
        ({"id": "x", "turns": [{**TURN, "messages": [1, 0]}]}, "turns[0].messages"),
        ({"id": "x", "turns": [{**TURN, "messages": ["0"]}]}, "turns[0].messages[0]"),
        ({"id": "x", "turns": [{**TURN, "messages": [0, 2]}, {**TURN, "messages": [2]}]}, "turns[1].messages"),
        ({"id": "x", "turns": [{**TURN, "messages": [1]}, TURN]}, "turns[1].messages"),
        ({"id": "x", "turns": [TURN], "labels": []}, "labels"),
        ({"id": "x", "turns": [TURN], "labels": {"a": [True]}}, "labels.a[1]"),
        ({"id": "x", "turns": [TURN], "labels": {"a": [1, 0, None]}}, "labels.a[0]"),
        ({"id": "good", "turns": [TURN]}, "id"),
    ],
)
def test_bad_records_name_line_and_field(tmp_path, record, field):
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps({"id": "good", "turns": [TURN]}) + "\n\n" + json.dumps(record) + "\n")
    with pytest.raises(DataError) as caught:
        load_dialogues(path)
    assert (str(caught.value.path), caught.value.line, caught.value.field) == (str(path), 3, field)


def test_message_numbers_default_to_the_position(tmp_path):
    (tmp_path / "train.jsonl").write_text(json.dumps({"id": "x", "turns": [TURN, TURN]}) + "\n")
    assert [turn.messages for turn in load_dialogues(tmp_path / "train.jsonl")[0].turns] == [(0,), (1,)]


@pytest.mark.parametrize("text", ["caf\udce9", "half a pair \ud83d"])
def test_text_that_utf_8_cannot_hold_is_refused(text):
    with pytest.raises(DataError, match="field 'text': it holds bytes that are not UTF-8"):
        Turn(Speaker.SEEKER, text)
