"""Exports of what a person has seen, with the columns that each service publishes."""

import json

import pytest

from pecrs.data.loaders.seen_exports import SeenEntry, read_seen
from pecrs.errors import DataError

IMDB = (
    "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres,Num Votes,"
    "Release Date,Directors\n"
)


def write(folder, text, name="seen.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_letterboxd(tmp_path):
    watched = read_seen(write(tmp_path, "Date,Name,Year,Letterboxd URI\n2024-01-02,Alien,1979,https://boxd.it/1\n"))
    assert (watched.kind, watched.entries) == ("Letterboxd", [SeenEntry("Alien", 1979)])
    text = 'Date,Name,Year,Letterboxd URI,Rating\n2024-01-02,"Crouching, Hidden",2000,u,4.5\n2024-01-03,Okja,2017,u,\n'
    rated = read_seen(write(tmp_path, "\ufeff" + text)).entries
    assert rated == [SeenEntry("Crouching, Hidden", 2000, 9.0), SeenEntry("Okja", 2017)]
    diary = (
        "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n2024-01-02,Alien,1979,u,0.5,Yes,,2024-01-01\n"
    )
    assert read_seen(write(tmp_path, diary)).entries == [SeenEntry("Alien", 1979, 1.0)]


def test_imdb_takes_rows_with_a_rating(tmp_path):
    rows = (
        'tt1,8,2024-01-01,Spirited Away,Sen to Chihiro,u,Movie,8.6,124,2001,"Animation, Family",900,2001-07-20,M\n'
        "tt2,,,Unseen,Unseen,u,Movie,7,100,2020,Drama,10,2020-01-01,Somebody\n"
    )
    export = read_seen(write(tmp_path, IMDB + rows))
    assert (export.kind, export.skipped) == ("IMDb", 1)
    assert export.entries == [SeenEntry("Spirited Away", 2001, 8.0, "Sen to Chihiro")]


def test_trakt(tmp_path):
    records = [
        {"plays": 2, "last_watched_at": "2024-01-01T00:00:00.000Z", "movie": {"title": "Tron: Legacy", "year": 2010}},
        {"rated_at": "2024-01-01T00:00:00.000Z", "rating": 9, "type": "show", "show": {"title": "Lost", "year": None}},
    ]
    export = read_seen(write(tmp_path, json.dumps(records), "watched.json"))
    assert export.kind == "Trakt"
    assert export.entries == [SeenEntry("Tron: Legacy", 2010), SeenEntry("Lost", None, 9.0)]


@pytest.mark.parametrize(("ratings", "expected"), [((2, 5), (4, 10)), ((3, 10), (3, 10)), ((7, 80), (0.7, 8))])
def test_the_scale_of_a_table_is_that_of_its_highest_rating(tmp_path, ratings, expected):
    text = f"Title;Year;Rating\nUsual Suspects, The (1995);;{ratings[0]}\nAlien;1979;{ratings[1]}\nOkja;;\n"
    export = read_seen(write(tmp_path, text))
    assert export.kind == "table"
    assert [(entry.title, entry.year) for entry in export.entries] == [
        ("The Usual Suspects", 1995),
        ("Alien", 1979),
        ("Okja", None),
    ]
    assert [entry.rating for entry in export.entries] == [*map(pytest.approx, expected), None]


@pytest.mark.parametrize(
    ("name", "text", "line", "field"),
    [
        ("a.csv", "title,year\nAlien,1979\n ,1980\n", 3, "title"),
        ("a.csv", "title,year\nAlien,soon\n", 2, "year"),
        ("a.csv", "title,rating\nAlien,good\n", 2, "rating"),
        ("a.csv", "title,rating\nAlien,101\n", 2, "rating"),
        ("a.csv", "title,rating\nAlien,nan\n", 2, "rating"),
        ("a.csv", "film,year\nAlien,1979\n", 1, "title"),
        ("a.csv", "title,year\n", None, None),
        ("a.csv", "Date,Name,Year,Letterboxd URI,Rating\n2024,Alien,1979,u,6\n", 2, "Rating"),
        ("a.json", '[{"movie": {"title": "Alien"}}, {"episode": {}}]', None, "[1].movie.title"),
        ("a.json", '[{"rating": 11, "movie": {"title": "Alien"}}]', None, "[0].rating"),
        ("a.json", '[{"rating": "9", "movie": {"title": "Alien"}}]', None, "[0].rating"),
        ("a.json", "{}", None, None),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, text, line, field):
    path = write(tmp_path, text, name)
    with pytest.raises(DataError) as caught:
        read_seen(path)
    assert (str(caught.value.path), caught.value.line, caught.value.field) == (str(path), line, field)
