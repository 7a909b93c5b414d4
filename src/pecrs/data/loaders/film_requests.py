"""The loader of requests that were written with the films that fulfil them: ``film_requests.jsonl``.

How they were made is in ``docs/film_notes.md``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import TypeAdapter

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.records import FromList, Record, read_records

HELD_OUT_HAND = 0
"""The writer whose requests are held out."""

_Strings = Annotated[tuple[str, ...], FromList]


class FilmRequest(Record):
    """What somebody asks for, and some of what fulfils it.

    Attributes:
        hand: Who wrote it.
        request: The message.
        items: Names of films that fulfil it, as ``Heat (1995)``; not all of them.
        refused: Well-known films that must not be offered.
        kind: Of the held-out ones: 1 theme, 2 mood, 3 a film whose title was forgotten, 4 with a refusal, 5 audience
            and occasion, 6 like a film but different; 0 of the others.
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


def request_dialogues(
    requests: Sequence[FilmRequest], catalogue: Catalogue, link: Callable[[str], Turn]
) -> list[Dialogue]:
    """Return each request as a dialogue of two turns, in which the answer names all that fulfils it.

    Args:
        requests: What is asked for; those that the catalogue has nothing for are left out.
        catalogue: The items.
        link: Makes a turn of the seeker of a text.
    """
    find = names_in(catalogue)
    found: list[Dialogue] = []
    for number, entry in enumerate(requests):
        asked = link(entry.request)
        items = tuple(item for item in find(entry.items) if item not in asked.items)
        if items:
            answer = Turn(Speaker.RECOMMENDER, ", ".join(catalogue[item].name for item in items), (), items)
            found.append(Dialogue(f"request-{number}", (asked, answer)))
    return found


def names_in(catalogue: Catalogue) -> Callable[[Iterable[str]], list[str]]:
    """Return what finds the identifiers of names such as ``Heat (1995)``; years may differ by one.

    >>> from pecrs.data.catalogue import Catalogue, Item
    >>> find = names_in(Catalogue((Item("1", "The Ring", 2002),), ("title",)))
    >>> find(["Ring, The (2002)", "The Ring (2003)", "It (2017)"])
    ['1']

    Args:
        catalogue: The items.
    """
    known: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for item in catalogue:
        for title in (item.title, *item.values("aliases")):
            known[_key(title)].append((item.year or 0, item.id))

    def find(names: Iterable[str]) -> list[str]:
        read = [match for name in names if (match := _NAME.fullmatch(name.strip()))]
        near = [
            min(((abs(year - int(match["year"])), item) for year, item in known[_key(match["title"])]), default=(2, ""))
            for match in read
        ]
        return list(dict.fromkeys(item for apart, item in near if apart <= 1))

    return find


_NAME = re.compile(r"(?P<title>.+)\((?P<year>\d{4})\)")


def _key(title: str) -> str:
    words = re.findall(r"\w+", title.lower().replace("'", "").replace("’", ""))
    return " ".join(word for word in words if word not in ("the", "a", "an"))
