import datetime
import decimal
import gzip
import json

import pyarrow
import pyarrow.parquet
import pytest

from pecrs.config import MAX_ITEM_ID
from pecrs.data.dialogue import ItemLabel, Speaker
from pecrs.data.loaders.conversations import DialogueReader
from pecrs.data.loaders.generic import load_generic, load_generic_catalogue
from pecrs.errors import ConfigError, DataError

CSV = "id,title,year,brand,colours\nb-1,Trail Boot,2020,Acme,red|blue\nb 2,Sandal,,,\n"


def dialogue(*turns, **changes):
    return {"id": "1", "turns": [{"speaker": s, "text": t, **more} for s, t, more in turns]} | changes


ASK = ("seeker", "I need boots", {})
OFFER = ("recommender", "Try [[b-1]]!", {})


def write(folder, *dialogues, name="dialogues.jsonl", table=CSV):
    if table is not None:
        (folder / "catalogue.csv").write_text(table, encoding="utf-8")
    (folder / name).write_text("".join(json.dumps(d) + "\n" for d in dialogues), encoding="utf-8")
    return folder


def save(path, rows):
    """Write a table as pandas does; floats stay floats."""
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        cells = [rows[0], *(row.values() for row in rows)]
        path.write_text("".join(",".join("" if c is None else str(c) for c in row) + "\n" for row in cells))
    return path


def read(tmp_path, *dialogues):
    write(tmp_path, *dialogues)
    catalogue = load_generic_catalogue(tmp_path / "catalogue.csv")
    return [reading.dialogue for reading in DialogueReader(catalogue).read(tmp_path / "dialogues.jsonl")]


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
    assert catalogue.text_fields(catalogue["b-1"]) == ("Trail Boot (2020)", "Acme", "red, blue")
    assert catalogue.text_fields(catalogue["b 2"]) == ("Sandal", "", "")
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
    (only,) = read(
        tmp_path, dialogue(ASK, ("seeker", "  ", {}), ("recommender", "🥾 [[b 2]], [[ b-1 ]] or [[b 2]].", {}))
    )
    assert [turn.speaker for turn in only.turns] == [Speaker.SEEKER, Speaker.RECOMMENDER]
    turn = only.turns[1]
    assert turn.text == "🥾 Sandal, Trail Boot (2020) or Sandal."
    assert turn.items == ("b 2", "b-1")
    assert [turn.text[m.start : m.end] for m in turn.mentions] == ["Sandal", "Trail Boot (2020)", "Sandal"]
    assert turn.messages == (2,)


def test_listed_items_are_found_by_title_or_stay_attached(tmp_path):
    (only,) = read(tmp_path, dialogue(("recommender", "a trail boot fits", {"items": ["b 2", "b-1"]})))
    (turn,) = only.turns
    assert turn.items == ("b-1", "b 2")
    assert [turn.text[m.start : m.end] for m in turn.mentions] == ["trail boot"]


def test_labels_and_long_turns(tmp_path):
    record = dialogue(("seeker", "word " * 5000, {}), id=5, labels={"b-1": {"liked": True, "seen": None}})
    (only,) = read(tmp_path, record)
    assert only.id == "5"
    assert only.labels == {"b-1": ItemLabel(None, None, True)}
    assert len(only.turns[0].text.split()) == 5000


def test_empty_dialogues_are_left_out_and_counted(tmp_path):
    write(tmp_path, dialogue(id=0), dialogue(ASK), dialogue(("seeker", " ", {}), id=2))
    loaded = load_generic(tmp_path)
    assert [one.id for dialogues in loaded.splits.values() for one in dialogues] == ["1"]
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
        ({"id": "", "turns": []}, "id"),
        (dialogue(id=True), "id"),
        (dialogue(id={}), "id"),
        (dialogue(turns={}), "turns"),
        (dialogue(turns=None), "turns"),
        (dialogue(("user", "x", {})), "turns[0].speaker"),
        (dialogue(turns=["x"]), "turns[0]"),
        (dialogue(ASK, ("seeker", None, {})), "turns[1].text"),
        (dialogue(("seeker", "[[none]]", {})), "turns[0].text"),
        (dialogue(("seeker", " ", {"items": ["b-1"]})), "turns[0].text"),
        (dialogue(("seeker", "x", {"items": ["none"]})), "turns[0].items"),
        (dialogue(("seeker", "x", {"items": {}})), "turns[0].items"),
        (dialogue(ASK, labels=[]), "labels"),
        (dialogue(ASK, labels={"none": {}}), "labels"),
        (dialogue(ASK, labels={"b-1": {"loved": True}}), "labels.b-1.loved"),
        (dialogue(ASK, labels={"b-1": {"liked": 1}}), "labels.b-1.liked"),
        (dialogue(ASK, id=0), "id"),
    ],
)
def test_bad_dialogues_name_file_line_and_field(tmp_path, bad, field):
    with pytest.raises(DataError) as caught:
        read(tmp_path, dialogue(ASK, OFFER, id=0), bad)
    assert (str(caught.value.path), caught.value.line, caught.value.field) == (
        str(tmp_path / "dialogues.jsonl"),
        2,
        field,
    )


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
        (f"id,title\nb,B\n{'x' * (MAX_ITEM_ID + 1)},A\n", 3, "id"),
        ("id,title\na\x07,A\n", 2, "id"),
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


def test_ids_may_be_addresses_and_names(tmp_path):
    ids = ["http://shop.example/i/0?x=1", "50/50 (2011)", "100 %", "日本/映画", "x" * MAX_ITEM_ID]
    ids += [".", "..", "[ ]", "a[1][2]", "[1]", "1]"]
    table = "id,title\n" + "".join(f"{name},Film {number}\n" for number, name in enumerate(ids))
    said = [("recommender", f"Try [[{name}]]!", {}) for name in ids[:-1]] + [("recommender", "x", {"items": ["1]"]})]
    write(tmp_path, dialogue(ASK, *said), table=table)
    catalogue = load_generic_catalogue(tmp_path / "catalogue.csv")
    assert [item.id for item in catalogue] == ids
    (reading,) = DialogueReader(catalogue).read(tmp_path / "dialogues.jsonl")
    assert [turn.items for turn in reading.dialogue.turns[1:]] == [(name,) for name in ids]


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        (("title", "plot"), "plot", "no such column; the file has id, title, year, brand, colours$"),
        (("Brand",), "Brand", r"no such column; did you mean 'brand'\?; the file has id, title"),
        (("title", "colour"), "colour", r"did you mean 'colours'\?"),
        (("",), "", "no such column"),
        (("id", "title"), "id", "an id is not part of an item's text"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_declared_field_that_is_missing_is_named_with_the_columns_there_are(tmp_path, kind, fields, field, message):
    row = {"id": "b-1", "title": "Trail Boot", "year": 2020, "brand": "Acme", "colours": "red"}
    path = save(tmp_path / f"catalogue.{kind}", [row])
    with pytest.raises(DataError, match=message) as caught:
        load_generic_catalogue(path, fields)
    assert (caught.value.path, caught.value.field) == (path, field)


def test_a_declared_field_that_no_item_has_is_named(tmp_path):
    path = save(tmp_path / "catalogue.csv", [{"id": "b-1", "title": "A", "brand": None}])
    with pytest.raises(DataError, match="declared, but no item has it"):
        load_generic_catalogue(path, ("title", "brand"))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_fields_keep_the_order_of_the_columns(tmp_path, kind):
    rows = [{"id": 1, "title": "X", "a": None, "b": "y"}, {"id": 2, "title": "Y", "a": "x", "b": "y"}]
    assert load_generic_catalogue(save(tmp_path / f"catalogue.{kind}", rows)).fields == ("title", "a", "b")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_whole_numbers_that_were_written_as_floats_are_whole(tmp_path, kind):
    rows = [
        {"id": 1.0, "title": "Alien", "year": 1979.0},
        {"id": 2.0, "title": "Brazil", "year": None},
        {"id": 1e17, "title": "Okja", "year": -40.0},
    ]
    save(tmp_path / f"catalogue.{kind}", rows)
    said = dialogue(ASK, ("recommender", "[[1]] or [[2.0]]", {}), ("recommender", "x", {"items": [2, "1.0"]}))
    (tmp_path / "dialogues.jsonl").write_text(json.dumps(said | {"id": 7.0, "labels": {"1.0": {}}}))
    loaded = load_generic(tmp_path)
    items = [(item.id, item.year) for item in loaded.catalogue]
    assert items == [("1", 1979), ("2", None), ("100000000000000000", -40)]
    (only,) = loaded.train
    assert (only.id, list(only.labels)) == ("7", ["1"])
    assert [turn.items for turn in only.turns] == [(), ("1", "2"), ("2", "1")]


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [("2009.0", "2009"), ("-0.0", "0"), ("1.20", "1.20"), ("007.0", "007.0"), ("v1.0", "v1.0"), ("1e5", "1e5")],
)
def test_other_ids_stay_as_they_are(tmp_path, identifier, expected):
    path = save(tmp_path / "catalogue.jsonl", [{"id": identifier, "title": "A"}])
    assert [item.id for item in load_generic_catalogue(path)] == [expected]


@pytest.mark.parametrize("year", ["1979.5", "soon", "1" + "0" * 5000 + ".0", float("inf"), [1979], datetime.date])
def test_years_that_are_not_whole_numbers_are_refused(tmp_path, year):
    if year is datetime.date:
        path = save(tmp_path / "catalogue.parquet", [{"id": "a", "title": "A", "year": datetime.date(1979, 5, 25)}])
    else:
        path = save(tmp_path / "catalogue.jsonl", [{"id": "a", "title": "A", "year": year}])
    with pytest.raises(DataError, match="number is expected") as caught:
        load_generic_catalogue(path)
    assert (caught.value.line, caught.value.field) == (1, "year")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_columns_of_whole_numbers_with_gaps_are_whole_and_others_as_written(tmp_path, kind):
    rows = [
        {"id": 1, "title": "A", "pages": 320.0, "score": 4.0},
        {"id": 2, "title": "B", "pages": None, "score": 3.5},
        {"id": 3, "title": "C", "pages": -1.0, "score": None},
    ]
    items = load_generic_catalogue(save(tmp_path / f"catalogue.{kind}", rows)).items
    assert [item.values("pages") for item in items] == [("320",), (), ("-1",)]
    assert [item.values("score") for item in items] == [("4.0",), ("3.5",), ()]


def test_whole_numbers_and_floats_of_one_column_are_one_kind(tmp_path):
    rows = [{"id": n, "title": "A", "pages": pages} for n, pages in enumerate((120.0, 7, float("nan"), None, 10**400))]
    items = load_generic_catalogue(save(tmp_path / "catalogue.jsonl", rows)).items
    assert [item.values("pages") for item in items] == [("120",), ("7",), (), (), (f"1{'0' * 400}",)]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_strings_stay_as_they_are(tmp_path, kind):
    rows = [{"id": 1, "title": "2.0", "version": "1.0"}, {"id": 2, "title": "B", "version": "2.0"}]
    items = load_generic_catalogue(save(tmp_path / f"catalogue.{kind}", rows)).items
    assert [(item.title, item.values("version")) for item in items] == [("2.0", ("1.0",)), ("B", ("2.0",))]


def test_columns_of_other_types_are_text_where_there_is_one(tmp_path):
    rows = [
        {
            "id": "a",
            "title": "A",
            "new": True,
            "made": datetime.date(2020, 1, 31),
            "sold": datetime.datetime(2020, 2, 1, 10, 30),
            "day": datetime.datetime(2020, 2, 1),
            "price": decimal.Decimal("12.50"),
            "sizes": [38, 39.5, None, 38],
            "size": {"width": 3},
            "image": b"\x89PNG",
            "boxes": [[1, 2]],
        }
    ]
    table = pyarrow.Table.from_pylist(rows)
    table = table.append_column("kind", pyarrow.array(["boot"]).dictionary_encode())
    table = table.append_column("clock", pyarrow.array([1580515200123456789], pyarrow.timestamp("ns")))
    table = table.append_column("ancient", pyarrow.array([-(2**62)], pyarrow.timestamp("us")))
    pyarrow.parquet.write_table(table, tmp_path / "catalogue.parquet")
    loaded = load_generic(write(tmp_path, dialogue(ASK), table=None), ("title",))
    assert loaded.catalogue.fields == ("title",)
    assert dict(loaded.catalogue["a"].facts) == {
        "new": ("true",),
        "made": ("2020-01-31",),
        "sold": ("2020-02-01 10:30:00",),
        "day": ("2020-02-01",),
        "price": ("12.50",),
        "sizes": ("38.0", "39.5"),
        "kind": ("boot",),
        "clock": ("2020-02-01 00:00:00.123456",),
    }
    left_out = [remark for remark in loaded.remarks if "cannot be text" in remark]
    assert [remark.split("'")[1] for remark in left_out] == ["size", "image", "boxes", "ancient"]
    assert "(struct<width: int64>)" in left_out[0]
    assert set(load_generic_catalogue(tmp_path / "catalogue.parquet").fields) == {"title", *loaded.catalogue["a"].facts}
    for name, kind in (("size", "struct<width: int64>"), ("image", "binary"), ("boxes", "list<"), ("ancient", "time")):
        with pytest.raises(DataError, match=f"text is expected, not {kind}") as caught:
            load_generic_catalogue(tmp_path / "catalogue.parquet", ("title", name))
        assert caught.value.field == name


@pytest.mark.parametrize("value", [{"a": 1}, [["x"]], [{"a": 1}]])
def test_nested_values_of_jsonl_are_left_out_or_refused(tmp_path, value):
    rows = [{"id": "a", "title": "A", "brand": "x"}, {"id": "b", "title": "B", "brand": value, "new": False}]
    save(tmp_path / "catalogue.jsonl", rows)
    loaded = load_generic(write(tmp_path, dialogue(ASK), table=None))
    assert loaded.catalogue.fields == ("title", "new")
    assert loaded.catalogue["b"].values("new") == ("false",)
    expected = f"catalogue.jsonl: column 'brand' is left out; line 2: text is expected, not {type(value).__name__}"
    assert loaded.remarks[0] == expected
    with pytest.raises(DataError, match="text is expected, not") as caught:
        load_generic(tmp_path, ("title", "brand"))
    assert (caught.value.line, caught.value.field) == (2, "brand")


@pytest.mark.parametrize(
    ("table", "field"),
    [
        (",id,title\n0,a,A\n1,b,B\n", "column 1"),
        ("id,Unnamed: 0,title\na,0,A\n", "Unnamed: 0"),
        ("id,title,\na,A,x\n", "column 3"),
    ],
)
def test_columns_without_a_name_are_refused(tmp_path, table, field):
    (tmp_path / "catalogue.csv").write_text(table)
    for fields in (None, ("title",)):
        with pytest.raises(DataError, match=r"has no name; name it, or .* index=False") as caught:
            load_generic_catalogue(tmp_path / "catalogue.csv", fields)
        assert (caught.value.path, caught.value.field) == (tmp_path / "catalogue.csv", field)


def test_empty_columns_without_a_name_are_those_of_spreadsheets(tmp_path):
    (tmp_path / "catalogue.csv").write_text("id,title,,brand,\na,A,,x,\n")
    assert load_generic_catalogue(tmp_path / "catalogue.csv").fields == ("title", "brand")


def pandas_metadata(table, *index):
    return table.replace_schema_metadata({"pandas": json.dumps({"index_columns": index, "columns": []})})


def test_the_index_of_pandas_is_left_out(tmp_path):
    rows = [{"id": "a", "title": "A", "brand": "x", "__index_level_0__": 3}]
    table = pandas_metadata(pyarrow.Table.from_pylist(rows), "__index_level_0__")
    pyarrow.parquet.write_table(table, tmp_path / "catalogue.parquet")
    loaded = load_generic(write(tmp_path, dialogue(ASK), table=None))
    assert (loaded.catalogue.fields, list(loaded.catalogue["a"].facts)) == (("title", "brand"), ["brand"])
    assert loaded.remarks[0] == "catalogue.parquet: column '__index_level_0__' numbers the rows and is left out"
    pyarrow.parquet.write_table(table.replace_schema_metadata(None), tmp_path / "catalogue.parquet")
    assert load_generic_catalogue(tmp_path / "catalogue.parquet") == loaded.catalogue


def test_an_index_that_holds_the_ids_is_data(tmp_path):
    table = pyarrow.table({"title": ["A"], "brand": ["x"], "id": ["a"]})
    pyarrow.parquet.write_table(pandas_metadata(table, "id", "brand"), tmp_path / "catalogue.parquet")
    loaded = load_generic(write(tmp_path, dialogue(ASK), table=None))
    assert loaded.remarks[0] == "catalogue.parquet: column 'brand' is the table's index and is left out"
    assert load_generic_catalogue(tmp_path / "catalogue.parquet").fields == ("title",)
    assert load_generic_catalogue(tmp_path / "catalogue.parquet", ("title", "brand"))["a"].values("brand") == ("x",)


def test_an_index_of_ids_that_pandas_only_counts_is_data(tmp_path):
    table = pandas_metadata(
        pyarrow.table({"title": ["A", "B"]}), {"kind": "range", "name": "id", "start": 5, "stop": 9, "step": 2}
    )
    pyarrow.parquet.write_table(table, tmp_path / "catalogue.parquet")
    assert [item.id for item in load_generic_catalogue(tmp_path / "catalogue.parquet")] == ["5", "7"]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_row_numbers_of_a_reset_index_are_left_out_unless_declared(tmp_path, kind):
    rows = [{"index": n, "id": f"i{n}", "title": "A", "brand": "x"} for n in (0, 11, 3)]
    path = save(tmp_path / f"catalogue.{kind}", rows)
    loaded = load_generic(write(tmp_path, dialogue(ASK), table=None))
    assert loaded.catalogue.fields == ("title", "brand")
    assert "'index' numbers the rows" in loaded.remarks[0]
    assert load_generic_catalogue(path, ("title", "index"))["i3"].values("index") == ("3",)


@pytest.mark.parametrize("cells", [("Nasdaq",), ("1", "1"), (None, "1"), (True, False)])
def test_an_index_that_does_not_number_the_rows_is_a_field(tmp_path, cells):
    rows = [{"id": n, "title": "A", "index": cell} for n, cell in enumerate(cells)]
    assert load_generic_catalogue(save(tmp_path / "catalogue.jsonl", rows)).fields == ("title", "index")


def test_files_as_spreadsheets_and_archives_write_them(tmp_path):
    expected = load_generic_catalogue(write(tmp_path) / "catalogue.csv")
    variants = {
        "a.csv": ("\ufeff" + CSV.replace(",", ";").replace("\n", "\r\n")).encode(),
        "b.csv": CSV.replace(",", "\t").encode(),
        "c.tsv": CSV.replace(",", "\t").encode(),
        "d.csv.gz": gzip.compress(CSV.encode()),
    }
    for name, content in variants.items():
        (tmp_path / name).write_bytes(content)
        assert load_generic_catalogue(tmp_path / name) == expected, name


def test_compressed_folders(tmp_path):
    (tmp_path / "catalogue.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    for number, name in enumerate(("train", "valid")):
        line = json.dumps(dialogue(ASK, OFFER, id=number))
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    assert [d.id for d in load_generic(tmp_path).valid] == ["1"]
    (tmp_path / "train.jsonl").write_text("")
    with pytest.raises(DataError, match=r"one of train\.jsonl and train\.jsonl\.gz"):
        load_generic(tmp_path)


def test_a_table_of_windows_1252_is_named_by_line(tmp_path):
    (tmp_path / "catalogue.csv").write_bytes("id,title\na,A\nb,Café\n".encode("cp1252"))
    with pytest.raises(DataError, match=r"not UTF-8: byte 0xE9; .* iconv -f Windows-1252 -t UTF-8 catalogue\.csv") as c:
        load_generic_catalogue(tmp_path / "catalogue.csv")
    assert c.value.line == 3


def test_few_dialogues_are_split_so_that_training_can_begin(tmp_path):
    for count in (2, 3, 7, 25):
        write(tmp_path, *(dialogue(ASK, ("recommender", f"{n} [[b-1]]", {}), id=n) for n in range(count)))
        loaded = load_generic(tmp_path)
        assert len(loaded.train) + len(loaded.valid) + len(loaded.test) == count
        assert all(any(turn.items for turn in d.turns) for d in (*loaded.train[:1], *loaded.valid[:1]))
        assert loaded.train
        assert loaded.valid
        assert any("split about 80/10/10" in said or "every tenth" in said for said in loaded.remarks)


def test_validation_by_time(tmp_path):
    times = ["2024-05-01", "2024-05-03T12:00:00+02:00", "2024-05-02"]
    write(tmp_path, *(dialogue(ASK, OFFER, id=n, time=time) for n, time in enumerate(times)))
    loaded = load_generic(tmp_path, validation="time")
    assert ([d.id for d in loaded.train], [d.id for d in loaded.valid]) == (["0", "2"], ["1"])
    assert loaded.remarks == ("dialogues.jsonl: the latest 1 of 3 dialogues are for validation",)


def test_validation_by_group(tmp_path):
    customers = [f"c{n // 3}" for n in range(60)]
    write(tmp_path, *(dialogue(ASK, OFFER, id=n, customer=customer) for n, customer in enumerate(customers)))
    loaded = load_generic(tmp_path, validation="group:customer")
    met = {name: {customers[int(d.id)] for d in members} for name, members in loaded.splits.items()}
    assert met["valid"]
    assert met["train"].isdisjoint(met["valid"])
    assert met["train"] | met["valid"] == set(customers)
    held_out = f"dialogues.jsonl: {len(met['valid'])} of 20 groups by field 'customer' are held out for validation"
    assert loaded.remarks == (held_out,)
    chats = [{"messages": [{"role": "user", "content": str(n)}], "customer": n} for n in range(30)]
    write(tmp_path, *chats)
    assert load_generic(tmp_path, validation="group:customer").valid


@pytest.mark.parametrize(
    ("rule", "second", "field"),
    [
        ("time", {}, "time"),
        ("time", {"time": "tomorrow"}, "time"),
        ("group:shop", {}, "shop"),
        ("group:shop", {"shop": {"name": "x"}}, "shop"),
        ("group:turns", {}, "turns"),
    ],
)
def test_what_validation_goes_by_must_be_there(tmp_path, rule, second, field):
    write(tmp_path, dialogue(ASK, OFFER, time=1, shop="a"), dialogue(ASK, OFFER, id="2", **second))
    with pytest.raises(DataError) as caught:
        load_generic(tmp_path, validation=rule)
    assert caught.value.path == str(tmp_path / "dialogues.jsonl")
    assert (caught.value.line, caught.value.field) == (1 if field == "turns" else 2, field)


def test_rules_that_do_not_fit(tmp_path):
    write(tmp_path, dialogue(ASK, OFFER, shop="a"), dialogue(ASK, OFFER, id="2", shop="a"))
    with pytest.raises(ConfigError, match="one of random, time, group:<field> is expected, not 'published'"):
        load_generic(tmp_path, validation="published")
    with pytest.raises(DataError, match=r"dialogues\.jsonl: field 'shop': dialogues of at least two groups"):
        load_generic(tmp_path, validation="group:shop")
    random, default = load_generic(tmp_path, validation="random"), load_generic(tmp_path)
    assert random.splits == default.splits
    assert sum("'shop' is not read, 2 times" in said for said in random.remarks) == 1
    (tmp_path / "dialogues.jsonl").unlink()
    for name in ("train", "valid"):
        write(tmp_path, dialogue(ASK, OFFER, id=name), name=f"{name}.jsonl")
    with pytest.raises(DataError, match=r"valid\.jsonl: field 'validation': it has its own validation dialogues"):
        load_generic(tmp_path, validation="time")


def test_what_training_lacks_is_said(tmp_path):
    loaded = load_generic(write(tmp_path, dialogue(ASK, OFFER)))
    assert (len(loaded.train), loaded.valid) == (1, ())
    assert [said for said in loaded.remarks if said.startswith("valid: no dialogue in which the recommender names")]
    loaded = load_generic(write(tmp_path, dialogue(ASK, OFFER), dialogue(ASK, OFFER, id=2), dialogue(ASK, id=3)))
    assert (len(loaded.train), loaded.valid) == (3, ())


def test_a_catalogue_may_stand_alone(tmp_path):
    (tmp_path / "catalogue.csv").write_text("id,title,genres\n1,Alien,horror\n")
    prepared = load_generic(tmp_path)
    assert (len(prepared.catalogue), prepared.splits) == (1, {})
    assert prepared.remarks == ("there are no dialogues: training can only make its own from the catalogue",)
    with pytest.raises(DataError, match="there are no dialogues to choose from"):
        load_generic(tmp_path, validation="time")


def test_bad_folders(tmp_path):
    with pytest.raises(DataError, match="found none"):
        load_generic(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        load_generic(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="a folder is expected"):
        load_generic(tmp_path / "file")
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
