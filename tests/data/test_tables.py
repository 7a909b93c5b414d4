import zipfile

import pytest

from pecrs.data.tables import read_table, sniff_delimiter
from pecrs.errors import DataError


def test_a_table_in_an_archive_reads_like_a_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as stream:
        stream.writestr("in/a.csv", "x,y\n1,é\n")
    assert list(read_table(zipfile.Path(tmp_path / "a.zip", "in/a.csv"), ["y"])) == [(2, {"x": "1", "y": "é"})]


def test_tables_know_their_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbfid, name\r\n1,"two\r\nlines"\r\n\r\n2,x\r\n')
    assert list(read_table(path, ["id"])) == [(3, {"id": "1", "name": "two\r\nlines"}), (5, {"id": "2", "name": "x"})]


def test_without_quoting_a_quote_is_a_character(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text('a\tb\n"x\t"\n')
    assert list(read_table(path, ["a"], delimiter="\t", quoting=False)) == [(2, {"a": '"x', "b": '"'})]


@pytest.mark.parametrize(
    ("content", "line", "field"),
    [
        (b"", None, None),
        (b"a,b\n1,2\n", 1, "c"),
        (b"c,a,a\n", 1, "a"),
        (b"c,d\n1\n", 2, None),
        (b"c,d\n1,2,3\n", 2, None),
        (b'c,d\n1,"2\n3,4\n', 3, None),
        (b"c,d\n1,\xff\n", 2, None),
    ],
)
def test_broken_tables_are_named(tmp_path, content, line, field):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        list(read_table(path, ["c"]))
    assert (caught.value.line, caught.value.field) == (line, field)


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("id,title", ","),
        ("id;title;a,b", ";"),
        ("title\tid", "\t"),
        ("\ufeffid|title", "|"),
        ('"id";"title, or name"', ";"),
        ('"id","title","a;b"', ","),
        ("id;name", ";"),
        ("name", ","),
        ("", ","),
    ],
)
def test_the_separator_is_the_one_that_finds_the_columns(tmp_path, header, delimiter):
    (tmp_path / "a.csv").write_text(header + "\r\n1", encoding="utf-8", newline="")
    assert sniff_delimiter(tmp_path / "a.csv", ["id", "title"]) == delimiter
