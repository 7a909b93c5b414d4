"""Conversations that begin with what a person has seen."""

import json

import pytest

from commands import run
from pecrs import Recommender


@pytest.fixture(autouse=True)
def _load_once(monkeypatch, recommender):
    """Give every command the one model of the package; all else is loaded as ever."""
    load = Recommender.from_pretrained

    def loaded(folder=None, **options):
        return load(folder, **options) if folder or any(options.values()) else recommender

    monkeypatch.setattr(Recommender, "from_pretrained", loaded)


def test_what_was_seen_is_left_out_and_said(tmp_path, capsys):
    path = tmp_path / "seen.csv"
    path.write_text("title,year,rating\nThe Matrix,1999,9\nToy Story,1995,2\nNobody Knows This Film,1990,\n")
    said = ("--message", "I want science fiction", "--message", "Another one?", "--json", "--seed", "0")
    code, shown, error = run(capsys, "chat", "--seen", path, *said)
    assert code == 0
    assert "table: 2 of 3 titles found; " in error
    assert " liked (7 of 10 or more)" in error
    assert "1 not in the catalogue: Nobody Knows This Film (1990)" in error
    replies = [json.loads(line) for line in shown.splitlines()]
    assert len(replies) == 2
    assert any(reply["items"] for reply in replies)
    assert not {"The Matrix", "Toy Story"} & {item["title"] for reply in replies for item in reply["items"]}
    code, _, error = run(capsys, "chat", "--seen", path, "--liked-from", "9.5", *said)
    assert (code, ", 0 of them liked (9.5 of 10 or more)" in error) == (0, True)


def test_filters_and_an_order_of_any_field(capsys):
    said = ("--message", "I want a scary film", "--json", "--seed", "0")
    narrow = ("--filter", "genres=horror|thriller", "--filter", "year=1990..1999", "--filter", "country!=United States")
    code, shown, _ = run(capsys, "chat", *narrow, "--sort", "-year", *said)
    items = json.loads(shown)["items"]
    assert code == 0
    assert len(items) == 10
    assert all({"horror", "thriller"} & set(item["genres"]) and 1990 <= item["year"] <= 1999 for item in items)
    years = [item["year"] for item in items]
    assert years == sorted(years, reverse=True)
    for wrong, reason in (
        (("--filter", "genre=horror"), "there is no field 'genre'; did you mean 'genres'?"),
        (("--filter", "genres=horor"), "'genres' has no value 'horor'; did you mean 'horror' or"),
        (("--sort", "genres"), "'genres' is no field of numbers"),
        (("--model", "none", "--filter", "horror"), "'horror' is no condition"),  # told before a model is loaded
    ):
        code, _, error = run(capsys, "chat", *wrong, *said)
        assert (code, reason in error) == (2, True), error


def test_a_wrong_export_is_answered_before_a_model_is_loaded(tmp_path, capsys):
    path = tmp_path / "seen.csv"
    path.write_text("title,year\nAlien,soon\n")
    code, _, error = run(capsys, "chat", "--model", tmp_path / "none", "--seen", path, "--message", "hi")
    assert code == 2
    assert "seen.csv:2: field 'year': a year is expected, not 'soon'" in error
    code, _, error = run(capsys, "chat", "--seen", tmp_path / "absent.csv", "--message", "hi")
    assert (code, "absent.csv" in error) == (2, True)
