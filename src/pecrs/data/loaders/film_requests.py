"""The loader of requests that were written with the films that fulfil them: ``film_requests.jsonl``.

How they were made is in ``docs/film_notes.md``.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import TypeAdapter

from pecrs.data.records import FromList, Record, read_records

PACKAGE = "package"
"""Stands for the requests of the package where a file is expected."""

HELD_OUT_HANDS = (0, 12)
"""The writers whose requests are held out; rules were changed while looking at those of the first."""

_Strings = Annotated[tuple[str, ...], FromList]


class FilmRequest(Record):
    """What somebody asks for, and some of what fulfils it.

    Attributes:
        hand: Who wrote it.
        request: The message.
        items: Names of films that fulfil it, as ``Heat (1995)``; not all of them.
        refused: Well-known films that must not be offered.
        kind: 1 theme, 2 mood, 3 a film whose title was forgotten, 4 with a refusal, 5 audience and occasion, 6 like a
            film but different; 0 where it is not told.
    """

    hand: int
    request: str
    items: _Strings
    refused: _Strings = ()
    kind: int = 0


_REQUEST = TypeAdapter(FilmRequest)


def film_requests(path: Path | None = None) -> list[FilmRequest]:
    """Read requests.

    Args:
        path: A file of one request a line; None reads those of the package.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    if path is not None:
        return [record for _, record in read_records(path, _REQUEST)]
    with resources.as_file(resources.files("pecrs.data") / "film_requests.jsonl") as own:
        return film_requests(own)


def requests_to_fit(source: Path | str) -> list[FilmRequest]:
    """Return requests that weights may be fitted to.

    Args:
        source: A file, all of it; or :data:`PACKAGE`, without those that are held out.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    if source == PACKAGE:
        return [entry for entry in film_requests() if entry.hand not in HELD_OUT_HANDS]
    return film_requests(Path(source))
