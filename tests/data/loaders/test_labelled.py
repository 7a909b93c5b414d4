import json
from collections import Counter

import pytest

from pecrs.data.acts import ACTS, LabelledSpan
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.loaders.labelled import fingerprint, is_held_out, load_labelled
from pecrs.errors import DataError

LABELS = {"acts": ["praise"], "spans": [[0, 4, "title", "like"]], "facts": []}
TURNS = (
    Turn(Speaker.RECOMMENDER, "Hi"),
    Turn(Speaker.SEEKER, "hello"),
    Turn(Speaker.RECOMMENDER, "Seen Heat?"),
    Turn(Speaker.RECOMMENDER, "Or Ran?"),
    Turn(Speaker.SEEKER, "Heat is great"),
)
TRAINED = next(name for name in map(str, range(99)) if not is_held_out("redial", name))
HELD_OUT = next(name for name in map(str, range(99)) if is_held_out("redial", name))


def redial(dialogue=TRAINED, **others):
    said = {"context": [["recommender", "Seen Heat?"]], "text": "Heat is great"}
    return {"source": "redial", "dialogue": dialogue, "message": 1, **said, **LABELS, **others}


def inspired(turns=TURNS, dialogue="2"):
    return {"source": "inspired", "dialogue": dialogue, "message": 4, "fingerprint": fingerprint(turns), **LABELS}


@pytest.fixture
def write(tmp_path):
    path = tmp_path / "labelled.jsonl"

    def write(*records):
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    return write


def test_the_shipped_messages():
    messages = load_labelled()
    held_out = load_labelled(held_out=True)
    assert len(messages) + len(held_out) == 1600
    assert 0.15 < len(held_out) / 1600 < 0.25
    assert all(message.known == set(ACTS) and message.facts_known and message.acts for message in messages)
    roles = Counter(span.role for message in messages for span in message.spans)
    assert roles.most_common(1)[0][0] == "like"
    changed = next(message for message in messages + held_out if message.text.startswith("How about an action film"))
    assert changed.acts == {"ask_recommendation", "change_mind"}
    assert changed.context[-1] == (Speaker.RECOMMENDER, "Pocahontas is a great one!")
    assert [(changed.text[s.start : s.end], s.kind, s.role) for s in changed.spans] == [
        ("action", "genre", "want"),
        ("Black Panther", "title", "like"),
    ]


def test_messages_without_text_are_joined_to_the_dialogues(write):
    path = write(redial(), inspired())
    dialogue = Dialogue("a", TURNS)
    parts = [message for part in (False, True) for message in load_labelled([dialogue], held_out=part, path=path)]
    message = next(message for message in parts if message.source == "labelled_inspired")
    assert message.text == "Heat is great"
    assert [text for _, text in message.context] == ["hello", "Seen Heat?", "Or Ran?"]
    assert message.spans == (LabelledSpan(0, 4, "title", "like"),)
    alone = [message for part in (False, True) for message in load_labelled(held_out=part, path=path)]
    assert [message.source for message in alone] == ["labelled_redial"]


def test_the_text_before_tells_equal_messages_apart(write):
    other = (Turn(Speaker.RECOMMENDER, "Or Ali?"), TURNS[-1])
    with pytest.raises(DataError, match="none of the labelled messages"):
        load_labelled([Dialogue("a", other)], path=write(redial(), inspired()))


def test_a_part_holds_its_dialogues_alone(write):
    path = write(redial(TRAINED), redial(HELD_OUT, text="Heat is bad"))
    assert [message.text for message in load_labelled(path=path)] == ["Heat is great"]
    assert [message.text for message in load_labelled(path=path, held_out=True)] == ["Heat is bad"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"source": None}, "source"),
        ({"text": 1}, "text"),
        ({"context": [["system", "hi"]]}, "context[0]"),
        ({"acts": ["sing"]}, "acts"),
        ({"acts": "praise"}, "acts"),
        ({"spans": [[0, 4, "title"]]}, "spans[0]"),
        ({"spans": [[0, 40, "title", "like"]]}, "spans"),
        ({"facts": ["cast"]}, "facts"),
    ],
)
def test_wrong_lines_are_named(write, changed, field):
    with pytest.raises(DataError) as error:
        load_labelled(path=write(redial(), {**redial(), **changed}))
    assert (error.value.line, error.value.field) == (2, field)
