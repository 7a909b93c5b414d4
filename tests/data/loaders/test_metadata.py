import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pecrs.data.catalogue import MOVIE_FIELDS, Catalogue, Item
from pecrs.data.loaders.metadata import RateLimitedError, TmdbDatabase, facts_from_tmdb, fetch_metadata, join_metadata
from pecrs.errors import ConfigError, DataError

CATALOGUE = Catalogue(
    (Item("1", "Alien", 1979), Item("2", "Brazil"), Item("3", "Ran", 1985, {"plot": ("Known.",)})), ("title", "plot")
)
ALIEN = {"actors": ["Sigourney Weaver"], "directors": ["Ridley Scott"], "genres": ["Horror"], "plot": "In space."}


class Films:
    """A film database that knows Alien alone and asks to wait a given number of times."""

    def __init__(self, waits=0):
        self.asked, self.waits = [], waits

    def find(self, title, year):
        self.asked.append((title, year))
        if self.waits:
            self.waits -= 1
            raise RateLimitedError(2.0)
        if title == "Fail":
            raise DataError("out of order", field=title)
        return ALIEN if title == "Alien" else None


def test_join_fills_what_is_missing(tmp_path):
    path = tmp_path / "facts.jsonl"
    lines = [{"movieId": "1", **ALIEN}, {"id": "3", "plot": "Other.", "writers": ["W"]}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    joined = join_metadata(CATALOGUE, path)
    assert joined.fields == MOVIE_FIELDS
    assert joined.text_fields(joined["1"]) == (
        "Alien (1979)",
        "Sigourney Weaver",
        "Ridley Scott",
        "horror",
        "In space.",
    )
    assert dict(joined["3"].facts) == {"plot": ("Known.",), "writers": ("W",)}
    assert joined["2"] == CATALOGUE["2"]


@pytest.mark.parametrize("identifier", [2, 2.0, "2", "2.0"])
def test_items_are_joined_by_ids_that_tools_wrote_as_numbers(tmp_path, identifier):
    catalogue = Catalogue((Item("1", "A"), Item("2", "B")), ("title",))
    (tmp_path / "facts.jsonl").write_text(json.dumps({"id": identifier, "plot": "Space."}) + "\n")
    assert join_metadata(catalogue, tmp_path / "facts.jsonl")["2"].values("plot") == ("Space.",)


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"id": "9"}, "id"),
        ({"id": "1"}, "id"),
        ({}, "id"),
        ({"movieId": True}, "movieId"),
        ({"movieId": 1.0}, "movieId"),
        ({"movieName": "9"}, "movieName"),
        ({"id": "2", "plot": 1}, "plot"),
    ],
)
def test_join_names_what_is_wrong(tmp_path, record, field):
    path = tmp_path / "facts.jsonl"
    path.write_text('{"id": "1"}\n' + json.dumps(record) + "\n")
    with pytest.raises(DataError) as caught:
        join_metadata(CATALOGUE, path)
    assert (str(caught.value.path), caught.value.line, caught.value.field) == (str(path), 2, field)


def test_fetch_asks_once_for_what_is_missing_and_remembers_misses(tmp_path):
    cache, films, seen = tmp_path / "sub" / "cache.jsonl", Films(), []
    fetched = fetch_metadata(CATALOGUE, cache, films, progress=seen.append)
    assert films.asked == [("Alien", 1979), ("Brazil", None)]
    assert [(step.done, step.total) for step in seen] == [(0, 2), (1, 2), (2, 2)]
    assert fetched["1"].values("genres") == ("horror",)
    nobody = Films()
    assert fetch_metadata(CATALOGUE, cache, nobody) == fetched
    assert nobody.asked == []
    assert join_metadata(CATALOGUE, cache) == fetched


def test_fetch_resumes_after_a_failure_and_a_cut_line(tmp_path):
    cache = tmp_path / "cache.jsonl"
    catalogue = CATALOGUE.with_items([Item("2", "Fail")])
    with pytest.raises(DataError, match="out of order"):
        fetch_metadata(catalogue, cache, Films())
    cache.write_text(cache.read_text() + '{"id": "2", "fou')
    films = Films()
    fetch_metadata(CATALOGUE, cache, films)
    assert films.asked == [("Brazil", None)]
    assert [json.loads(line)["id"] for line in cache.read_text().splitlines()] == ["1", "2"]


def test_fetch_waits_longer_each_time_and_gives_up_in_the_end(tmp_path):
    waits = []
    films = Films(waits=3)
    fetch_metadata(CATALOGUE, tmp_path / "cache.jsonl", films, sleep=waits.append)
    assert waits == [2.0, 4.0, 8.0]
    assert films.asked[3:] == [("Alien", 1979), ("Brazil", None)]
    with pytest.raises(DataError, match="asked to wait 6 times"):
        fetch_metadata(CATALOGUE, tmp_path / "other.jsonl", Films(waits=99), sleep=waits.append)


@pytest.mark.parametrize(
    "line", ['{"id": 1, "found": true}', '{"id": "1"}', '{"id": "1", "found": true, "plot": 5}', "{"]
)
def test_a_damaged_cache_is_named(tmp_path, line):
    cache = tmp_path / "cache.jsonl"
    cache.write_text(line + "\n")
    with pytest.raises(DataError) as caught:
        fetch_metadata(CATALOGUE, cache, Films())
    assert (str(caught.value.path), caught.value.line) == (str(cache), 1)


DETAILS = {
    "overview": "In space.",
    "genres": [{"id": 1, "name": "Horror"}],
    "credits": {
        "cast": [{"name": f"Actor {n}"} for n in range(12)],
        "crew": [{"job": "Director", "name": "D"}, {"job": "Screenplay", "name": "W"}, {"job": "Editor", "name": "E"}],
    },
}


def test_facts_of_an_answer():
    facts = facts_from_tmdb(DETAILS)
    assert facts["actors"] == [f"Actor {n}" for n in range(10)]
    assert (facts["directors"], facts["writers"], facts["genres"], facts["plot"]) == (
        ["D"],
        ["W"],
        ["Horror"],
        "In space.",
    )


def test_a_key_is_needed(monkeypatch):
    monkeypatch.delenv("TMDB_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="TMDB_API_KEY"):
        TmdbDatabase()


def test_the_library_is_named_by_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tmdbv3api", None)
    with pytest.raises(ConfigError, match=r"pip install 'pecrs\[tmdb\]'"):
        TmdbDatabase("secret")


@pytest.fixture
def tmdb(monkeypatch):
    """A TMDB client that speaks to a server on this machine."""
    replies = {"/search/movie": {"results": [{"id": 7}]}, "/movie/7": DETAILS}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(replies[self.path.split("?")[0]]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    for name in ("TMDB_API_KEY", "TMDB_WAIT_ON_RATE_LIMIT", "TMDB_LANGUAGE", "page", "total_results", "total_pages"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("TMDB_LANGUAGE", "en-US")
    database = TmdbDatabase("secret")
    database._search.cache_clear()
    for client in (database._search, database._films):
        client._base = f"http://127.0.0.1:{server.server_port}"
    yield database, replies
    server.shutdown()
    thread.join()
    server.server_close()


def test_tmdb_answers(tmdb):
    database, replies = tmdb
    assert database.find("Alien & Co", 1979)["directors"] == ["D"]
    replies["/search/movie"] = {"results": []}
    assert database.find("Nothing", None) is None
    replies["/search/movie"] = {"success": False, "status_message": "Your request count (41) is over the allowed limit"}
    with pytest.raises(RateLimitedError):
        database.find("Too much", None)
    replies["/search/movie"] = {"success": False, "status_message": "Invalid API key"}
    with pytest.raises(DataError, match="Invalid API key"):
        database.find("Wrong key", None)
    replies["/search/movie"] = {"results": [{"name": "no id"}]}
    with pytest.raises(DataError, match="unexpected answer"):
        database.find("Odd", None)


def test_an_unreachable_tmdb_is_named_without_the_key(tmdb):
    database, _ = tmdb
    database._search._base = "http://127.0.0.1:1"
    with pytest.raises(DataError, match="cannot be reached") as caught:
        database.find("Alien", None)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(database)
