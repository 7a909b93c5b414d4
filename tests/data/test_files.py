import gzip
import json
import os
import zipfile
from pathlib import Path

import pytest

from pecrs.data.files import (
    atomic_write,
    read_json,
    read_json_lines,
    read_jsonl,
    recover_folder,
    swap_folder,
    write_json,
    write_jsonl,
)
from pecrs.errors import DataError


def test_lines_are_numbered_from_one_and_blank_ones_skipped(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('\ufeff\n{"a": 1}\n  \n[2]', encoding="utf-8")
    assert list(read_json_lines(path)) == [(2, {"a": 1}), (4, [2])]


def test_a_member_of_an_archive_reads_like_a_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as stream:
        stream.writestr("in/a.jsonl", '{"a": "é"}\n')
    assert list(read_jsonl(zipfile.Path(tmp_path / "a.zip", "in/a.jsonl"))) == [(1, {"a": "é"})]
    with pytest.raises(DataError, match="cannot be read"):
        list(read_jsonl(zipfile.Path(tmp_path / "a.zip", "in/b.jsonl")))


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b'{"a": 1}\n{"a": \n', 2, "broken JSON"),
        (b"{}\n{}{}\n", 2, "Extra data at column 3$"),
        (b'[\n  {"a": 1}\n]\n', 1, "at column 2; one whole JSON value a line is expected"),
        (b'{"a": "\xff"}\n', 1, "not UTF-8"),
        (b'{"a": "\\ud83d"}\n', 1, "surrogate"),
        (b"{}\n" + b"[" * 100_000 + b"\n", 2, "broken JSON"),
        (b"1" * 5000 + b"\n", 1, "broken JSON"),
        (b"{}\n[]\n", 2, "a JSON object is expected, not list"),
    ],
)
def test_broken_lines_are_named(tmp_path, content, line, message):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        list(read_jsonl(path))
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_bytes_of_another_encoding_are_named_by_line_with_the_remedy(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [b'{"a": 1}'] * 3000 + [b'{"a": "caf\xe9"}']  # far beyond what is decoded at once
    path.write_bytes(b"\r\n".join(lines))
    with pytest.raises(DataError, match=r"a\.jsonl:3001: not UTF-8: byte 0xE9; .* iconv -f Windows-1252 -t UTF-8 a"):
        list(read_jsonl(path))
    path.write_text('{"a": "é"}', encoding="utf-16")
    with pytest.raises(DataError, match=r"1: not UTF-8.*if the file is UTF-16"):
        list(read_jsonl(path))
    path.write_bytes(b'{\n"a":\n"\xe9\xff"}')
    with pytest.raises(DataError, match=r"a\.jsonl:3: not UTF-8: byte 0xE9"):
        read_json(path)
    path.write_text('{"a": "\udcff"}', encoding="utf-8", errors="surrogatepass")
    with pytest.raises(DataError, match="not UTF-8: byte 0xED"):
        read_json(path)


def test_a_compressed_file_that_breaks_off_names_the_line(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    whole = gzip.compress(b'{"a": 1}\n' + b"".join(b'{"a": "%d"}\n' % (n * n) for n in range(50_000)))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="damaged archive") as caught:
        list(read_jsonl(path))
    assert caught.value.line is not None
    assert caught.value.line > 1000
    path.write_bytes(b'{"a": 1}\n')
    with pytest.raises(DataError, match="damaged archive"):
        list(read_jsonl(path))


def test_whole_surrogate_pairs_are_fine(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": "\\ud83c\\udfac"}\n')
    assert next(read_jsonl(tmp_path / "a.jsonl"))[1] == {"a": "🎬"}


@pytest.mark.parametrize("name", ["absent.jsonl", "folder"])
def test_files_that_cannot_be_read_are_named(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match=f"{name}: cannot be read"):
        list(read_jsonl(tmp_path / name))


def test_writing_is_all_or_nothing(tmp_path):
    path = tmp_path / "new" / "a.jsonl"
    write_jsonl(path, [{"a": "é\u2028"}])
    assert list(read_jsonl(path)) == [(1, {"a": "é\u2028"})]

    def records():
        yield {"a": 1}
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_jsonl(path, records())
    assert list(read_jsonl(path)) == [(1, {"a": "é\u2028"})]
    assert [entry.name for entry in path.parent.iterdir()] == ["a.jsonl"]


def test_written_files_have_ordinary_permissions(tmp_path):
    umask = os.umask(0o022)
    try:
        write_json(tmp_path / "a.json", {"a": [1]})
    finally:
        os.umask(umask)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o644
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": [1]}


def test_places_that_cannot_be_written_are_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"), atomic_write(tmp_path / "file" / "a"):
        pass
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="cannot be written"), atomic_write(tmp_path / "folder"):
        pass
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "folder"]


def test_a_folder_is_swapped_and_a_killed_swap_is_mended(tmp_path, monkeypatch):
    folder, new = tmp_path / "model", tmp_path / "new"
    for path, text in ((folder, "old"), (new, "new")):
        path.mkdir()
        (path / "a").write_text(text)
    rename = Path.replace

    def killed(self, target):
        if self == new:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        swap_folder(new, folder)
    monkeypatch.undo()
    assert not folder.exists()
    recover_folder(folder)
    assert (folder / "a").read_text() == "old"
    swap_folder(new, folder)
    assert (folder / "a").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_failed_swap_leaves_the_old_folder(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(OSError, match="missing"):
        swap_folder(tmp_path / "missing", tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
