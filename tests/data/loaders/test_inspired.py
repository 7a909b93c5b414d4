import json

import pytest

from pecrs.data.dialogue import Speaker, check_items
from pecrs.data.loaders.inspired import load_inspired
from pecrs.errors import DataError

HEADER = "dialog_id\tutt_id\tspeaker\tturn_id\ttext\ttext_with_placeholder\tmovies\tgenres\n"


def message(role, text, *titles):
    return {"text": text, "role": role, "movie": list(titles), "movie_name": [], "entity_name": []}


def write(folder, *dialogues, name="train.jsonl"):
    (folder / name).write_text("".join(json.dumps(d) + "\n" for d in dialogues), encoding="utf-8")
    return folder


SMALL = [message("RECOMMENDER", "Hi, seen Alien?", "Alien (1979)"), message("SEEKER", "🎬 no!")]


def test_the_jsonl_form(tmp_path):
    second = [message("SEEKER", "joker or Akira or that one", "Akira ()", "Joker (2019)", "Ran (1985)", "", "Akira ()")]
    write(tmp_path, SMALL, second)
    write(tmp_path, SMALL, name="dev.jsonl")
    loaded = load_inspired(tmp_path)
    assert [d.id for d in loaded.train] == ["0", "1"]
    assert len(loaded.valid) == 1
    assert loaded.test == ()
    first, second = loaded.train
    assert [turn.speaker for turn in first.turns] == [Speaker.RECOMMENDER, Speaker.SEEKER]
    assert second.turns[0].items == ("Joker (2019)", "Akira ()", "Ran (1985)")
    assert [m.item for m in second.turns[0].mentions] == ["Joker (2019)", "Akira ()"]
    assert [(i.id, i.title, i.year) for i in loaded.catalogue] == [
        ("Alien (1979)", "Alien", 1979),
        ("Joker (2019)", "Joker", 2019),
        ("Akira ()", "Akira", None),
        ("Ran (1985)", "Ran", 1985),
    ]
    assert loaded.catalogue.fields == ("title",)


def test_metadata_leads_the_catalogue_and_the_empty_title_is_left_out(tmp_path):
    write(tmp_path, SMALL)
    films = [{"movieName": "", "actors": []}, {"movieName": "Ran (1985)", "directors": ["Akira Kurosawa"]}]
    write(tmp_path, *films, name="movies.jsonl")
    catalogue = load_inspired(tmp_path).catalogue
    assert [item.id for item in catalogue] == ["Ran (1985)", "Alien (1979)"]
    assert catalogue.fields == ("title", "directors")


def test_the_original_tsv_is_read_without_quoting(tmp_path):
    rows = [
        'x.pkl\t1\tRECOMMENDER\t1\tSeen QUOTATION_MARKAlienQUOTATION_MARK or Ran?\t"p" x\tAlien (1979); Ran (1985)\t\n',
        "y.pkl\t1\tSEEKER\t1\tHello\tHello\t\tdrama\n",
        "x.pkl\t2\tSEEKER\t1\t \t\t\t\n",
        'x.pkl\t3\tSEEKER\t1\tNo\t"\t\t\n',
    ]
    (tmp_path / "train.tsv").write_text(HEADER + "".join(rows), encoding="utf-8")
    loaded = load_inspired(tmp_path)
    first, second = loaded.train
    assert (first.id, second.id) == ("x.pkl", "y.pkl")
    assert [turn.text for turn in first.turns] == ['Seen "Alien" or Ran?', "No"]
    assert [turn.messages for turn in first.turns] == [(0,), (2,)]
    assert first.turns[0].items == ("Alien (1979)", "Ran (1985)")
    assert len(first.turns[0].mentions) == 2
    assert loaded.empty_messages == {"train": 1}


def test_empty_dialogues_are_left_out_and_counted_and_keep_the_numbering(tmp_path):
    write(tmp_path, [], SMALL, [message("SEEKER", " ")])
    rows = ["a\t1\tSEEKER\t1\t\t\t\t\n", "b\t1\tSEEKER\t1\tAlien!\t\t\t\n"]
    (tmp_path / "dev.tsv").write_text(HEADER + "".join(rows))
    loaded = load_inspired(tmp_path)
    assert ([d.id for d in loaded.train], [d.id for d in loaded.valid]) == (["1"], ["b"])
    assert (loaded.empty_messages, loaded.empty_dialogues) == ({"train": 1, "valid": 1}, {"train": 2, "valid": 1})


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({}, None),
        (["x"], "[0]"),
        ([message("USER", "x")], "[0].role"),
        ([message("SEEKER", "x"), message("SEEKER", None)], "[1].text"),
        ([{"role": "SEEKER", "text": "x", "movie": {}}], "[0].movie"),
        ([message("SEEKER", "x", 5)], "[0].movie[0]"),
    ],
)
def test_bad_jsonl_names_line_and_field(tmp_path, bad, field):
    write(tmp_path, SMALL, bad)
    with pytest.raises(DataError) as caught:
        load_inspired(tmp_path)
    assert (str(caught.value.path), caught.value.line, caught.value.field) == (str(tmp_path / "train.jsonl"), 2, field)


@pytest.mark.parametrize(
    ("rows", "line", "field"),
    [
        ("a\t1\tOTHER\t1\tx\tx\t\t\n", 2, "speaker"),
        (" \t1\tSEEKER\t1\tx\tx\t\t\n", 2, "dialog_id"),
        ("a\t1\tSEEKER\t1\tx\n", 2, None),
    ],
)
def test_bad_tsv_names_line_and_field(tmp_path, rows, line, field):
    (tmp_path / "train.tsv").write_text(HEADER + rows)
    with pytest.raises(DataError) as caught:
        load_inspired(tmp_path)
    assert (caught.value.line, caught.value.field) == (line, field)


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "train.tsv").write_text("dialog_id\tspeaker\ttext\n")
    with pytest.raises(DataError) as caught:
        load_inspired(tmp_path)
    assert caught.value.field == "movies"


def test_bad_sources(tmp_path):
    with pytest.raises(DataError, match="a folder is expected"):
        load_inspired(tmp_path / "absent")
    with pytest.raises(DataError, match="no dialogue file"):
        load_inspired(tmp_path)
    write(tmp_path, SMALL)
    (tmp_path / "train.tsv").write_text(HEADER)
    with pytest.raises(DataError, match="both there"):
        load_inspired(tmp_path)
    (tmp_path / "train.tsv").unlink()
    write(tmp_path, {"movieName": "A"}, {"movieName": "A"}, name="movies.jsonl")
    with pytest.raises(DataError) as caught:
        load_inspired(tmp_path)
    assert (caught.value.line, caught.value.field) == (2, "movieName")


def test_no_film_at_all(tmp_path):
    with pytest.raises(DataError, match="no dialogue names a film"):
        load_inspired(write(tmp_path, [message("SEEKER", "hi")]))


def test_the_public_files(data_folder):
    if not (data_folder / "inspired").is_dir():
        pytest.skip("the data folder has no inspired")
    loaded = load_inspired(data_folder / "inspired")
    assert (len(loaded.train), len(loaded.valid)) == (801, 99)
    assert len(loaded.catalogue) == 1806
    for dialogues in loaded.splits.values():
        check_items(dialogues, (item.id for item in loaded.catalogue))
    turns = [turn for dialogue in loaded.train for turn in dialogue.turns]
    spans = sum(len({m.item for m in turn.mentions}) for turn in turns)
    assert spans / sum(len(turn.items) for turn in turns) > 0.85
