import json

import pytest

from pecrs.data.dialogue import Speaker
from pecrs.data.loaders.opendialkg import load_opendialkg
from pecrs.data.splits import Reading, split_by_hash
from pecrs.errors import DataError

INFO = {
    "4": {"name": "Snow Crash", "year": "1992", "writer": ["Neal Stephenson", "Neal Stephenson"], "genre": ["SF"]},
    "7": {"name": "The Aeneid", "year": "-19", "language": ["Latin"]},
    "9": {"name": "Some Film", "director": ["X"]},
}


def message(role, text, *titles):
    return {"role": role, "text": text, "item": list(titles), "entity": []}


def write(folder, *dialogues, info=INFO):
    (folder / "dialog_Books.jsonl").write_text("".join(json.dumps(d) + "\n" for d in dialogues))
    (folder / "id2info.json").write_text(json.dumps(info))
    return folder


SMALL = [
    message("user", "I liked the aeneid", "The Aeneid"),
    message("assistant", " "),
    message("assistant", "Read Snow Crash, or that other one", "Snow Crash", "The Aeneid"),
]


def test_books_and_dialogues(tmp_path):
    loaded = load_opendialkg(write(tmp_path, SMALL, [], [message("user", " ")]))
    assert [(item.id, item.name) for item in loaded.catalogue] == [
        ("4", "Snow Crash (1992)"),
        ("7", "The Aeneid (-19)"),
    ]
    assert loaded.catalogue.fields == ("title", "writers", "genres", "languages")
    assert dict(loaded.catalogue["4"].facts) == {"writers": ("Neal Stephenson",), "genres": ("SF",)}
    (dialogue,) = [d for dialogues in loaded.splits.values() for d in dialogues]
    assert dialogue.id == "0"
    assert [turn.speaker for turn in dialogue.turns] == [Speaker.SEEKER, Speaker.RECOMMENDER]
    assert dialogue.turns[0].text[dialogue.turns[0].mentions[0].start :] == "the aeneid"
    assert dialogue.turns[1].items == ("4", "7")
    assert dialogue.turns[1].messages == (2,)
    assert sum(loaded.empty_messages.values()) == 2
    assert sum(loaded.empty_dialogues.values()) == 2


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({}, None),
        ([message("system", "x")], "[0].role"),
        ([message("user", None)], "[0].text"),
        ([{"role": "user", "text": "x", "item": {}}], "[0].item"),
        ([message("user", "x", "Unknown")], "[0].item"),
        ([message("user", "x", 3)], "[0].item[0]"),
    ],
)
def test_bad_dialogues_name_line_and_field(tmp_path, bad, field):
    write(tmp_path, SMALL, bad)
    with pytest.raises(DataError) as caught:
        load_opendialkg(tmp_path)
    assert (str(caught.value.path), caught.value.line, caught.value.field) == (
        str(tmp_path / "dialog_Books.jsonl"),
        2,
        field,
    )


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"name": ""}, "1.name"),
        ([], "1"),
        ({"name": "A", "year": "soon"}, "1.year"),
        ({"name": "A", "genre": "x"}, "1.genre"),
        ({"name": "Snow Crash"}, "1.name"),
    ],
)
def test_bad_items_name_the_field(tmp_path, record, field):
    write(tmp_path, SMALL, info={**INFO, "1": record})
    with pytest.raises(DataError) as caught:
        load_opendialkg(tmp_path)
    assert (str(caught.value.path), caught.value.field) == (str(tmp_path / "id2info.json"), field)


def test_bad_files(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load_opendialkg(tmp_path)
    write(tmp_path, [message("user", "hi")])
    with pytest.raises(DataError, match="names a book"):
        load_opendialkg(tmp_path)
    (tmp_path / "id2info.json").write_text("{\n")
    with pytest.raises(DataError, match="broken JSON") as caught:
        load_opendialkg(tmp_path)
    assert caught.value.line == 2
    (tmp_path / "id2info.json").write_text("[]")
    with pytest.raises(DataError, match="a mapping is expected"):
        load_opendialkg(tmp_path)


def test_the_public_files_split_by_content_alone(data_folder):
    if not (data_folder / "opendialkg_books").is_dir():
        pytest.skip("the data folder has no opendialkg_books")
    loaded = load_opendialkg(data_folder / "opendialkg_books")
    assert len(loaded.catalogue) == 1146
    everything = [d for dialogues in loaded.splits.values() for d in dialogues]
    assert len(everything) == 1901
    assert 0.75 < len(loaded.train) / 1901 < 0.85
    again = split_by_hash([Reading(dialogue, 0, 0) for dialogue in everything[::-1][:900]])
    assert all({r.dialogue.id for r in again[name]} <= {d.id for d in loaded.splits[name]} for name in again)
