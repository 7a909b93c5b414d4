import json

import pyarrow
import pyarrow.parquet
import pytest

from pecrs.data.dialogue import ItemLabel, Speaker
from pecrs.data.loaders.generic import load_generic, load_generic_catalogue, load_generic_dialogues
from pecrs.errors import DataError

CSV = "id,title,year,brand,colours\nb-1,Trail Boot,2020,Acme,red|blue\nb 2,Sandal,,,\n"


def dialogue(*turns, **changes):
    return {"id": "1", "turns": [{"speaker": s, "text": t, **more} for s, t, more in turns]} | changes


ASK = ("seeker", "I need boots", {})
OFFER = ("recommender", "Try [[b-1]]!", {})


def write(folder, *dialogues, name="dialogues.jsonl", table=CSV):
    (folder / "catalogue.csv").write_text(table, encoding="utf-8")
    (folder / name).write_text("".join(json.dumps(d) + "\n" for d in dialogues), encoding="utf-8")
    return folder


def read(tmp_path, *dialogues):
    write(tmp_path, *dialogues)
    catalogue = load_generic_catalogue(tmp_path / "catalogue.csv")
    return load_generic_dialogues(tmp_path / "dialogues.jsonl", catalogue)


@pytest.mark.parametrize(
    "table", ['id,title\n1,"Usual Suspects, The (1995)"\n', "id,title,year\n1,The Usual Suspects (1995),1995\n"]
)
def test_titles_that_hold_their_year(tmp_path, table):
    (tmp_path / "catalogue.csv").write_text(table, encoding="utf-8")
    item = load_generic_catalogue(tmp_path / "catalogue.csv")["1"]
    assert (item.title, item.year, item.name) == ("The Usual Suspects", 1995, "The Usual Suspects (1995)")


def test_csv_catalogue(tmp_path):
    write(tmp_path)
    catalogue = load_generic_catalogue(tmp_path / "catalogue.csv")
    assert catalogue.fields == ("title", "brand", "colours")
    assert catalogue["b-1"].text_fields(catalogue.fields) == ("Trail Boot (2020)", "Acme", "red, blue")
    assert catalogue["b 2"].text_fields(catalogue.fields) == ("Sandal", "", "")
    declared = load_generic_catalogue(tmp_path / "catalogue.csv", ("colours", "title"))
    assert declared.fields == ("colours", "title")
    assert declared["b-1"].values("brand") == ("Acme",)


def test_all_three_formats_say_the_same(tmp_path):
    rows = [
        {"id": "b-1", "title": "Trail Boot", "year": 2020, "brand": "Acme", "colours": ["red", "blue"]},
        {"id": "b 2", "title": "Sandal", "year": None, "brand": None, "colours": []},
    ]
    (tmp_path / "catalogue.csv").write_text("\ufeff" + CSV, encoding="utf-8")
    (tmp_path / "catalogue.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "catalogue.parquet")
    csv, jsonl, parquet = (
        load_generic_catalogue(tmp_path / f"catalogue.{kind}") for kind in ("csv", "jsonl", "parquet")
    )
    assert csv == jsonl == parquet


def test_numbers_of_parquet_files(tmp_path):
    table = pyarrow.table({"id": [1.0, 2.0], "title": ["A", "B"], "year": [1999.0, float("nan")], "price": [1.5, None]})
    pyarrow.parquet.write_table(table, tmp_path / "catalogue.parquet")
    catalogue = load_generic_catalogue(tmp_path / "catalogue.parquet")
    assert [(i.id, i.year, i.values("price")) for i in catalogue] == [("1", 1999, ("1.5",)), ("2", None, ())]


def test_inline_mentions_become_names(tmp_path):
    (only,), empty, _ = read(
        tmp_path, dialogue(ASK, ("seeker", "  ", {}), ("recommender", "🥾 [[b 2]], [[ b-1 ]] or [[b 2]].", {}))
    )
    assert empty == 1
    assert [turn.speaker for turn in only.turns] == [Speaker.SEEKER, Speaker.RECOMMENDER]
    turn = only.turns[1]
    assert turn.text == "🥾 Sandal, Trail Boot (2020) or Sandal."
    assert turn.items == ("b 2", "b-1")
    assert [turn.text[m.start : m.end] for m in turn.mentions] == ["Sandal", "Trail Boot (2020)", "Sandal"]
    assert turn.messages == (2,)


def test_listed_items_are_found_by_title_or_stay_attached(tmp_path):
    (only,), *_ = read(tmp_path, dialogue(("recommender", "a trail boot fits", {"items": ["b 2", "b-1"]})))
    (turn,) = only.turns
    assert turn.items == ("b-1", "b 2")
    assert [turn.text[m.start : m.end] for m in turn.mentions] == ["trail boot"]


def test_labels_and_long_turns(tmp_path):
    record = dialogue(("seeker", "word " * 5000, {}), id=5, labels={"b-1": {"liked": True, "seen": None}})
    (only,), *_ = read(tmp_path, record)
    assert only.id == "5"
    assert only.labels == {"b-1": ItemLabel(None, None, True)}
    assert len(only.turns[0].text.split()) == 5000


def test_empty_dialogues_are_left_out_and_counted(tmp_path):
    dialogues, messages, empty = read(tmp_path, dialogue(id=0), dialogue(ASK), dialogue(("seeker", " ", {}), id=2))
    assert ([d.id for d in dialogues], messages, empty) == (["1"], 1, 2)
    loaded = load_generic(tmp_path)
    assert sum(map(len, loaded.splits.values())) == 1
    assert (sum(loaded.empty_messages.values()), sum(loaded.empty_dialogues.values())) == (1, 2)


def test_one_file_is_split_and_several_are_kept(tmp_path):
    together = tmp_path / "together"
    together.mkdir()
    write(together, *(dialogue(ASK, ("recommender", f"number {n} [[b-1]]", {}), id=n) for n in range(100)))
    loaded = load_generic(together)
    assert sum(len(d) for d in loaded.splits.values()) == 100
    assert set(loaded.splits) == {"train", "valid", "test"}
    for name, number in (("train", 1), ("valid", 2)):
        write(tmp_path, dialogue(ASK, OFFER, id=number), name=f"{name}.jsonl")
    loaded = load_generic(tmp_path)
    assert [d.id for d in loaded.train] == ["1"]
    assert [d.id for d in loaded.valid] == ["2"]
    assert set(loaded.splits) == {"train", "valid"}


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"turns": []}, "id"),
        (dialogue(id=True), "id"),
        (dialogue(id={}), "id"),
        (dialogue(turns={}), "turns"),
        (dialogue(turns=None), "turns"),
        (dialogue(("user", "x", {})), "turns[0].speaker"),
        (dialogue(turns=["x"]), "turns[0].speaker"),
        (dialogue(ASK, ("seeker", None, {})), "turns[1].text"),
        (dialogue(("seeker", "[[none]]", {})), "turns[0].text"),
        (dialogue(("seeker", " ", {"items": ["b-1"]})), "turns[0].text"),
        (dialogue(("seeker", "x", {"items": ["none"]})), "turns[0].items"),
        (dialogue(("seeker", "x", {"items": {}})), "turns[0].items"),
        (dialogue(ASK, labels=[]), "labels"),
        (dialogue(ASK, labels={"none": {}}), "labels"),
        (dialogue(ASK, labels={"b-1": {"loved": True}}), "labels.b-1"),
        (dialogue(ASK, labels={"b-1": {"liked": 1}}), "labels.b-1"),
        (dialogue(ASK, id=0), "id"),
    ],
)
def test_bad_dialogues_name_file_line_and_field(tmp_path, bad, field):
    with pytest.raises(DataError) as caught:
        read(tmp_path, dialogue(ASK, OFFER, id=0), bad)
    assert (caught.value.path, caught.value.line, caught.value.field) == (tmp_path / "dialogues.jsonl", 2, field)


@pytest.mark.parametrize(
    ("text", "line"),
    [("{\n", 1), ('{"id": "1"}\n', 1), ("\n\n[1]\n", 3), ('{"id": "\\ud83d"}\n', 1)],
)
def test_broken_json_names_the_line(tmp_path, text, line):
    write(tmp_path)
    (tmp_path / "dialogues.jsonl").write_text(text)
    with pytest.raises(DataError) as caught:
        load_generic(tmp_path)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("table", "line", "field"),
    [
        ("id,title\na,A\na,B\n", 3, "id"),
        ("id,title\n,A\n", 2, "id"),
        ("id,title\na[1],A\n", 2, "id"),
        ("id,title\na,\n", 2, "title"),
        ("id,title,year\na,A,soon\n", 2, "year"),
        ("id,name\na,A\n", 1, "title"),
        ("id,title,id\na,A,b\n", 1, "id"),
        ("id,title\n", None, None),
        ('id,title\na,"A\nb,B\n', 3, None),
    ],
)
def test_bad_tables_name_line_and_field(tmp_path, table, line, field):
    path = tmp_path / "catalogue.csv"
    path.write_text(table)
    with pytest.raises(DataError) as caught:
        load_generic_catalogue(path)
    assert (str(caught.value.path), caught.value.line, caught.value.field) == (str(path), line, field)


def test_a_declared_field_that_is_missing_is_named(tmp_path):
    write(tmp_path)
    with pytest.raises(DataError) as caught:
        load_generic_catalogue(tmp_path / "catalogue.csv", ("title", "plot"))
    assert caught.value.field == "plot"


@pytest.mark.parametrize("value", [{"a": 1}, True, [["x"]]])
def test_nested_values_are_refused(tmp_path, value):
    (tmp_path / "catalogue.jsonl").write_text(json.dumps({"id": "a", "title": "A", "brand": value}) + "\n")
    with pytest.raises(DataError) as caught:
        load_generic_catalogue(tmp_path / "catalogue.jsonl")
    assert (caught.value.line, caught.value.field) == (1, "brand")


def test_bad_folders(tmp_path):
    with pytest.raises(DataError, match="found none"):
        load_generic(tmp_path)
    write(tmp_path, dialogue(ASK), name="train.jsonl")
    with pytest.raises(DataError, match=r"train\.jsonl and valid\.jsonl are expected"):
        load_generic(tmp_path)
    write(tmp_path, dialogue(ASK), name="valid.jsonl")
    with pytest.raises(DataError, match=r"dialogue '1' is in train\.jsonl too"):
        load_generic(tmp_path)
    write(tmp_path, dialogue(ASK))
    with pytest.raises(DataError, match="are expected"):
        load_generic(tmp_path)
    (tmp_path / "catalogue.jsonl").write_text("")
    with pytest.raises(DataError, match=r"found catalogue\.csv, catalogue\.jsonl"):
        load_generic(tmp_path)
    (tmp_path / "catalogue.parquet").write_text("no")
    with pytest.raises(DataError, match="not a Parquet file"):
        load_generic_catalogue(tmp_path / "catalogue.parquet")
