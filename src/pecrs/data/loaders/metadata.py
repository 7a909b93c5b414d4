"""Facts for a catalogue that has titles alone: joined from a file, or fetched from The Movie Database (TMDB).

Fetching is resumable. Every answer, misses included, is appended to a cache file (one JSON object an item) as soon as
it is there, so an interrupted run goes on where it stopped, and nothing is asked twice.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import requests
from pydantic import Field, TypeAdapter

from pecrs.data.catalogue import MOVIE_FIELDS, Catalogue, Item
from pecrs.data.loaders.titles import FilmFacts
from pecrs.data.progress import Report, silent, tracked
from pecrs.data.records import Identifier, located, read_records, validated
from pecrs.errors import ConfigError, DataError

KEY_VARIABLE = "TMDB_API_KEY"
"""The environment variable that holds the user's own key."""

_ACTORS = 10
_ATTEMPTS = 6


class _FilmRecord(FilmFacts):
    """A film by its item's id, which may stand under any of three names."""

    id: Identifier | None = None
    number: Identifier | None = Field(None, alias="movieId")
    name: str | None = Field(None, alias="movieName")

    def item(self) -> tuple[str, str]:
        """Return the field with the id, and the id."""
        fields = {"id": self.id, "movieId": self.number, "movieName": self.name}
        for name, value in fields.items():
            if value is not None:
                return name, value
        raise DataError("is missing", field="id")


class _CachedAnswer(FilmFacts):
    id: str
    found: bool


_FACTS, _FILM, _ANSWER = TypeAdapter(FilmFacts), TypeAdapter(_FilmRecord), TypeAdapter(_CachedAnswer)


class RateLimitedError(Exception):
    """A film database asks to wait.

    Args:
        seconds: How long.
    """

    def __init__(self, seconds: float) -> None:
        """Keep the time."""
        super().__init__(f"wait {seconds:g} seconds")
        self.seconds = seconds


class FilmDatabase(Protocol):
    """What fetching needs of a film database."""

    def find(self, title: str, year: int | None) -> Mapping[str, object] | None:
        """Return the facts of the best match (``actors``, ``directors``, ``writers``, ``genres``, ``plot``), or None.

        Args:
            title: The title without year.
            year: The year of release, or None where it is unknown.

        Raises:
            RateLimitedError: If the database asks to wait.
            DataError: If it cannot be reached or refuses the request.
        """
        ...


def join_metadata(catalogue: Catalogue, path: Path) -> Catalogue:
    """Fill in the facts that items lack from a JSONL file.

    Args:
        catalogue: The items; a fact that one already has is kept.
        path: One object a line: the item's id as ``id``, ``movieId`` or ``movieName``, and any of ``actors``,
            ``directors``, ``writers``, ``genres``, ``aliases`` (further titles) and ``plot``.

    Returns:
        The catalogue; the fields of a film that it now has are declared.

    Raises:
        DataError: Naming line and field of an unknown or repeated item, or of a malformed fact.
    """
    facts: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for line, film in read_records(path, _FILM):
        with located(path, line):
            name, item = film.item()
            if item in facts:
                raise DataError(f"item {item!r} is there twice", field=name)
            if item not in catalogue:
                raise DataError(f"item {item!r} is not in the catalogue", field=name)
        facts[item] = film.cleaned()
    return _with_facts(catalogue, facts)


def fetch_metadata(
    catalogue: Catalogue,
    cache: Path,
    database: FilmDatabase,
    sleep: Callable[[float], None] = time.sleep,
    progress: Report = silent,
) -> Catalogue:
    """Ask a film database for every item without facts that the cache does not answer.

    Args:
        catalogue: The items; a fact that one already has is kept.
        cache: A JSONL file that grows answer by answer; a last line cut by an interruption is asked again.
        database: Where to ask, e.g. :class:`TmdbDatabase`.
        sleep: Called with the seconds to wait when the database asks for it.
        progress: Is told how many films are looked up.

    Returns:
        The catalogue with the facts.

    Raises:
        DataError: If the cache is damaged, or the database fails or keeps asking to wait.
    """
    answers = _read_cache(cache)
    wanted = [item for item in catalogue if not item.facts]
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.open("a", encoding="utf-8") as stream:
        for item in tracked(wanted, "asking for films", len(wanted), progress):
            if item.id not in answers:
                answer = _ask(database, item, sleep)
                answers[item.id] = None if answer is None else validated(_FACTS, answer).cleaned()
                record = {"id": item.id, "found": answer is not None, **(answers[item.id] or {})}
                stream.write(json.dumps(record, ensure_ascii=False) + "\n")
                stream.flush()
    return _with_facts(catalogue, {item.id: facts for item in wanted if (facts := answers[item.id]) is not None})


@dataclass
class TmdbDatabase:
    """The Movie Database, through ``tmdbv3api`` of the extra ``pecrs[tmdb]``.

    Attributes:
        key: The user's own API key; taken from ``TMDB_API_KEY`` where it is not given.

    Raises:
        ConfigError: If there is no key, or the library is missing.
    """

    key: str = field(default_factory=lambda: os.environ.get(KEY_VARIABLE, ""), repr=False)

    def __post_init__(self) -> None:
        """Set up the client."""
        if not self.key:
            raise ConfigError(f"{KEY_VARIABLE}: set it to your TMDB API key (themoviedb.org, Settings, API)")
        try:
            import tmdbv3api
        except ModuleNotFoundError:
            raise ConfigError("The Movie Database needs pip install 'pecrs[tmdb]'") from None
        tmdbv3api.TMDb().api_key = self.key
        tmdbv3api.TMDb().wait_on_rate_limit = True
        self._search, self._films = tmdbv3api.Search(), tmdbv3api.Movie()

    def find(self, title: str, year: int | None) -> Mapping[str, object] | None:
        """Return the facts of the first match; one of the wanted year where that is known."""
        from tmdbv3api.exceptions import TMDbException

        try:
            matches = list(self._search.movies(title, year=year))
            if not matches:
                return None
            return facts_from_tmdb(self._films.details(matches[0].id, append_to_response="credits"))
        except TMDbException as error:
            if "over the allowed limit" in str(error):
                raise RateLimitedError(1.0) from None
            raise DataError(f"TMDB refuses the request: {error}", field=title) from None
        except (requests.RequestException, ValueError) as error:
            reason = str(error).replace(self.key, "***")
            raise DataError(f"TMDB cannot be reached: {reason}", field=title) from None
        except (AttributeError, KeyError, TypeError) as error:
            raise DataError(f"TMDB gives an unexpected answer: {error}", field=title) from None


def facts_from_tmdb(details: Any) -> dict[str, object]:
    """Turn TMDB's answer into facts.

    Args:
        details: The answer to ``/movie/{id}?append_to_response=credits``, as a mapping of mappings and lists.

    Returns:
        The first ten actors in TMDB's order, directors, writers, genres, and the overview as plot.
    """
    credits = details["credits"]
    crew = [(member["job"], member["name"]) for member in credits["crew"]]
    return {
        "actors": [member["name"] for member in credits["cast"]][:_ACTORS],
        "directors": [name for job, name in crew if job == "Director"],
        "writers": [name for job, name in crew if job in ("Writer", "Screenplay", "Author", "Novel")],
        "genres": [genre["name"] for genre in details["genres"]],
        "plot": details["overview"] or "",
    }


def _ask(database: FilmDatabase, item: Item, sleep: Callable[[float], None]) -> Mapping[str, object] | None:
    for attempt in range(_ATTEMPTS):
        try:
            return database.find(item.title, item.year)
        except RateLimitedError as limit:
            sleep(limit.seconds * 2**attempt)
    raise DataError(f"the film database asked to wait {_ATTEMPTS} times in a row; go on later", field=item.id)


def _read_cache(path: Path) -> dict[str, Mapping[str, tuple[str, ...]] | None]:
    if not path.is_file():
        return {}
    _drop_cut_line(path)
    answers: dict[str, Mapping[str, tuple[str, ...]] | None] = {}
    for _, answer in read_records(path, _ANSWER):
        answers[answer.id] = answer.cleaned() if answer.found else None
    return answers


def _drop_cut_line(path: Path) -> None:
    content = path.read_bytes()
    complete = content.rfind(b"\n") + 1
    if complete < len(content):
        with path.open("r+b") as stream:
            stream.truncate(complete)


def _with_facts(catalogue: Catalogue, found: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Catalogue:
    items = [Item(item.id, item.title, item.year, {**found.get(item.id, {}), **item.facts}) for item in catalogue]
    known = set().union(*(item.facts for item in items))
    added = [name for name in MOVIE_FIELDS if name in known and name not in catalogue.fields]
    movie = [name for name in MOVIE_FIELDS if name in (*catalogue.fields, *added)]
    others = [name for name in catalogue.fields if name not in MOVIE_FIELDS]
    return Catalogue(tuple(items), (*movie, *others))
