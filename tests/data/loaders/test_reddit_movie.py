import csv
import json

import pyarrow
import pyarrow.parquet
import pytest

from pecrs.data.dialogue import Speaker
from pecrs.data.loaders.reddit_movie import load_reddit_movie
from pecrs.data.protocol import standard_instances
from pecrs.errors import DataError

NAMES = {"tt0133093": "The Matrix (1999)", "tt0078748": "Alien (1979)", "tt12345678": "Dune (2021)"}
ASK = ["USER", "Something like tt0133093 &amp;\n more?"]
OFFER = ["SYSTEM", "tt0078748, or tt12345678!"]
THANKS = ["USER", "Thanks"]


def row(*said, conv="t3_rt7enj_14", **changes):
    record = {
        "conv_id": conv,
        "turn_id": "t1_x",
        "turn_order": len(said) - 1,
        "user_id": "someone",
        "is_seeker": said[-1][0] == "USER",
        "utc_time": 1640995200,
        "upvotes": 3,
        "processed": str(said[-1]),
        "raw": str(said[-1]),
        "context_processed": str(list(said[:-1])),
        "context_raw": str(list(said[:-1])),
        "context_turn_ids": "[]",
    }
    return record | changes


def write(folder, *rows, name="train-00000-of-00001.parquet", names=NAMES):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        with path.open("w", newline="") as stream:
            table = csv.DictWriter(stream, rows[0])
            table.writeheader()
            table.writerows(rows)
    else:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), path)
    (folder / "id2name.json").write_text(json.dumps(names))
    return path


@pytest.mark.parametrize(
    "name", ["train-00000-of-00001.parquet", "data/train-0.parquet", "default/train/0000.parquet", "train.csv"]
)
def test_the_longest_row_is_the_conversation(tmp_path, name):
    write(tmp_path, row(ASK), row(ASK, OFFER, THANKS), row(ASK, OFFER), name=name)
    loaded = load_reddit_movie(tmp_path)
    (only,) = loaded.train
    assert only.id == "t3_rt7enj_14"
    assert [(turn.speaker, turn.text, turn.items, turn.messages) for turn in only.turns] == [
        (Speaker.SEEKER, "Something like The Matrix (1999) & more?", ("tt0133093",), (0,)),
        (Speaker.RECOMMENDER, "Alien (1979), or Dune (2021)!", ("tt0078748", "tt12345678"), (1,)),
        (Speaker.SEEKER, "Thanks", (), (2,)),
    ]
    assert [only.turns[1].text[m.start : m.end] for m in only.turns[1].mentions] == ["Alien (1979)", "Dune (2021)"]
    assert loaded.remarks == ()
    assert [len(instance.labels) for instance in standard_instances(loaded.train)] == [2]
    assert [(item.id, item.title, item.year) for item in loaded.catalogue] == [
        ("tt0133093", "The Matrix", 1999),
        ("tt0078748", "Alien", 1979),
        ("tt12345678", "Dune", 2021),
    ]


def test_a_turn_of_plain_text_has_the_role_of_its_column(tmp_path):
    first = row(ASK, processed="Any film?", context_processed=None)
    second = row(ASK, OFFER, processed="tt0078748", context_processed=str([ASK]), conv="b")
    write(tmp_path, first, second)
    said = [
        [(turn.speaker.value, turn.text) for turn in dialogue.turns] for dialogue in load_reddit_movie(tmp_path).train
    ]
    assert said[0] == [("seeker", "Any film?")]
    assert said[1][1] == ("recommender", "Alien (1979)")


def test_what_is_left_out_is_said(tmp_path):
    branch = row(["USER", "Another"], ["SYSTEM", "tt9999999 or att0078748"])
    write(tmp_path, row(ASK, OFFER, ["USER", "  "]), branch, row(ASK, OFFER, conv="b"), row(ASK, OFFER, conv="c"))
    write(tmp_path, branch | {"conv_id": "b"}, row(ASK, OFFER, conv="d"), name="validation-0.parquet")
    loaded = load_reddit_movie(tmp_path)
    assert {name: [d.id for d in members] for name, members in loaded.splits.items()} == {
        "train": ["t3_rt7enj_14", "c"],
        "valid": ["b", "d"],
    }
    assert loaded.valid[0].turns[1].text == "tt9999999 or att0078748"
    assert sorted(loaded.remarks) == [
        "1 conversations go on in a later split and are left out of the earlier one",
        "1 mentions of films that id2name.json lacks stay identifiers",
        "1 rows are no part of their conversation's longest row",
    ]
    assert loaded.empty_messages == {"train": 1, "valid": 0}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"conv_id": None}, "conv_id"),
        ({"processed": "['USER', "}, "processed"),
        ({"processed": "['MODERATOR', 'x']"}, "processed"),
        ({"context_processed": "{}"}, "context_processed"),
        ({"context_processed": "[['USER', 'a'], ['USER']]"}, "context_processed[1]"),
        ({"context_processed": "__import__('os')"}, "context_processed"),
    ],
)
def test_bad_rows_name_file_row_and_field(tmp_path, changes, field):
    path = write(tmp_path, row(ASK), row(ASK, OFFER, conv="b", **changes))
    with pytest.raises(DataError) as caught:
        load_reddit_movie(tmp_path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (str(path), 2, field)


def test_bad_folders(tmp_path):
    with pytest.raises(DataError, match=r"id2name\.json"):
        load_reddit_movie(tmp_path)
    (tmp_path / "id2name.json").write_text("{}")
    with pytest.raises(DataError, match="the catalogue is empty"):
        load_reddit_movie(tmp_path)
    (tmp_path / "id2name.json").write_text('{"tt0133093": ""}')
    with pytest.raises(DataError, match="field 'tt0133093': a film needs a name"):
        load_reddit_movie(tmp_path)
    (tmp_path / "id2name.json").write_text('{"tt0133093": "The Matrix"}')
    with pytest.raises(DataError, match=r"no rows: train\*\.parquet"):
        load_reddit_movie(tmp_path)
    (tmp_path / "train.parquet").write_text("no")
    with pytest.raises(DataError, match=r"train\.parquet: not a Parquet file"):
        load_reddit_movie(tmp_path)
    pyarrow.parquet.write_table(pyarrow.table({"conv": ["a"]}), tmp_path / "train.parquet")
    with pytest.raises(DataError, match=r"field 'conv_id': the column is missing.*; the file has conv"):
        load_reddit_movie(tmp_path)
