"""Predictions files: what is written comes back, and every defect is named with file, line and field."""

from __future__ import annotations

import json

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.protocol import Instance, Ranking
from pecrs.errors import DataError
from pecrs.evaluation.predictions import DEPTH, key_of, read_predictions, write_predictions

SMALL = Catalogue(tuple(Item(name, name.upper()) for name in "abc"), ("title",))
LARGE = Catalogue(tuple(Item(str(n), f"Film {n}") for n in range(150)), ("title",))
TURNS = (
    Turn(Speaker.SEEKER, "hi", messages=(0,)),
    Turn(Speaker.RECOMMENDER, "a", items=("a",), messages=(1,)),
    Turn(Speaker.RECOMMENDER, "b and c", items=("b", "c"), messages=(2,)),
)
DIALOGUE = Dialogue("d", TURNS)
INSTANCES = (Instance(DIALOGUE, 1, ("a",)), Instance(DIALOGUE, 2, ("b",)), Instance(DIALOGUE, 2, ("c",)))
RANKING = Ranking(("c", "a", "b"), (2.5, 2.5, -1.0))


def line(message: int = 1, **changes: object) -> dict[str, object]:
    record = {"conversation_id": "d", "message_index": message, "ranking": ["c", "a", "b"], "scores": [3, 2.5, -1]}
    return {**record, **changes}


@pytest.fixture
def read(tmp_path):
    path = tmp_path / "predictions.jsonl"

    def read_lines(*records, catalogue=SMALL, instances=INSTANCES):
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return read_predictions(path, catalogue, instances)

    return read_lines


def test_round_trip(tmp_path):
    path = tmp_path / "predictions.jsonl"
    predictions = {key_of(instance): RANKING for instance in INSTANCES}
    assert list(predictions) == [("d", 1), ("d", 2)]
    write_predictions(path, predictions.items(), SMALL)
    assert read_predictions(path, SMALL, INSTANCES) == predictions
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[0]) == {
        "conversation_id": "d",
        "message_index": 1,
        "ranking": ["c", "a", "b"],
        "scores": [2.5, 2.5, -1.0],
    }


def test_whole_numbers_are_scores_too(read):
    assert read(line(1), line(2))["d", 1] == Ranking(("c", "a", "b"), (3.0, 2.5, -1.0))


DEFECTS = [
    ({"ranking": ["c", "a", "c"]}, "ranking", "'c' is ranked twice"),
    ({"ranking": ["c", "a", "z"]}, "ranking", "'z' is not in the catalogue"),
    ({"ranking": ["c", "a"], "scores": [1, 0]}, "ranking", "2 items are ranked, at least 3"),
    ({"ranking": "abc"}, "ranking", "list of item ids"),
    ({"ranking": [1, 2, 3]}, "ranking", "list of item ids"),
    ({"scores": [1, 0]}, "scores", "2 scores for 3 items"),
    ({"scores": [1, float("nan"), 0]}, "scores", "rank 2 is nan"),
    ({"scores": [float("inf"), 1, 0]}, "scores", "rank 1 is inf"),
    ({"scores": [1, 2, 0]}, "scores", "rank 2 is higher"),
    ({"scores": [1, None, 0]}, "scores", "list of numbers"),
    ({"scores": [True, 0, 0]}, "scores", "list of numbers"),
    ({"conversation_id": 7}, "conversation_id", "string"),
    ({"message_index": -1}, "message_index", "at least 0"),
    ({"message_index": True}, "message_index", "at least 0"),
    ({"message_index": "1"}, "message_index", "at least 0"),
    ({"rank": 1}, "rank", "is unknown"),
    ({"message_index": 1}, "message_index", "second prediction for conversation 'd', message 1"),
]


@pytest.mark.parametrize(("changes", "field", "reason"), DEFECTS)
def test_a_defect_is_named_with_file_line_and_field(read, changes, field, reason):
    with pytest.raises(DataError) as error:
        read(line(1), line(**{"message_index": 2, **changes}))
    assert (error.value.line, error.value.field) == (2, field)
    assert reason in error.value.reason
    assert "predictions.jsonl:2:" in str(error.value)


@pytest.mark.parametrize("name", ["conversation_id", "message_index", "ranking", "scores"])
def test_a_missing_field_is_named(read, name):
    record = line(2)
    del record[name]
    with pytest.raises(DataError, match=f":2: field '{name}': is missing"):
        read(line(1), record)


def test_large_catalogues_need_a_hundred_items_not_all(read):
    instances = INSTANCES[:1]

    def top(count: int) -> dict[str, object]:
        return line(ranking=[str(n) for n in range(count)], scores=[0.0] * count)

    assert len(read(top(DEPTH), catalogue=LARGE, instances=instances)["d", 1].items) == 100
    with pytest.raises(DataError, match="99 items are ranked, at least 100 are needed"):
        read(top(99), catalogue=LARGE, instances=instances)


def test_missing_instances_are_counted_and_the_first_named(read):
    with pytest.raises(
        DataError, match="1 of 2 instances have no prediction, the first is conversation 'd', message 2"
    ):
        read(line(1))


def test_superfluous_predictions_are_counted_and_the_first_named(read):
    with pytest.raises(DataError, match=r":3: .*2 predictions for no instance.* conversation 'e', message 1"):
        read(line(1), line(2), line(1, conversation_id="e"), line(9))


def test_the_writer_refuses_what_the_reader_would(tmp_path):
    path = tmp_path / "predictions.jsonl"
    bad = Ranking(("a", "b", "c"), (1.0, float("nan"), 0.0))
    with pytest.raises(DataError, match=":2: field 'scores'"):
        write_predictions(path, [(("d", 1), RANKING), (("d", 2), bad)], SMALL)
    with pytest.raises(DataError, match="second prediction"):
        write_predictions(path, [(("d", 1), RANKING), (("d", 1), RANKING)], SMALL)
    assert list(tmp_path.iterdir()) == []
