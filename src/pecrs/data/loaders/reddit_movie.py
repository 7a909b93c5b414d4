"""The loader of Reddit-Movie: requests for films on Reddit and the replies, as Parquet or CSV.

A row is one turn with all that was said before it, in Python's notation: ``['USER', 'Something like tt0133093?']`` and
``[['USER', ...], ['SYSTEM', ...]]``. A conversation is the longest row of its ``conv_id``; films stand in the text as
identifiers of IMDb, whose names are in ``id2name.json``.

Source: He et al., "Large Language Models as Zero-Shot Conversational Recommenders", CIKM 2023 (research use only).
"""

from __future__ import annotations

import ast
import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field, TypeAdapter

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn, read_marked
from pecrs.data.files import read_json
from pecrs.data.loaders.titles import read_title
from pecrs.data.parquet import find_shards, read_rows
from pecrs.data.records import Identifier, Record, located, validated
from pecrs.data.splits import SPLITS, Prepared, Reading, collect
from pecrs.data.tables import read_table
from pecrs.errors import DataError

NAME_FILE = "id2name.json"

_COLUMNS = ("conv_id", "is_seeker", "processed", "context_processed")
_ROLES = {"USER": Speaker.SEEKER, "SYSTEM": Speaker.RECOMMENDER}
_FILM = re.compile(r"\b(tt\d{6,9})\b")
_PLACES = ("{0}*.parquet", "data/{0}*.parquet", "default/{0}*/*.parquet", "{0}*.csv")

_Said: TypeAlias = tuple[tuple[Speaker, str], ...]


def _as_bool(value: object) -> object:
    return {"True": True, "False": False}.get(value, value) if isinstance(value, str) else value


class _Row(Record):
    id: Identifier = Field(alias="conv_id")
    is_seeker: Annotated[bool, BeforeValidator(_as_bool)]
    text: str = Field(alias="processed")
    context: str | None = Field(None, alias="context_processed")

    def said(self) -> _Said:
        """Return the turns up to this one."""
        before = _literal(self.context, "context_processed") if self.context and self.context.strip() else []
        own = _literal(self.text, "processed") if self.text.lstrip().startswith("[") else None
        speaker = Speaker.SEEKER if self.is_seeker else Speaker.RECOMMENDER
        last = (speaker, self.text) if own is None else _turn(own, "processed")
        return (*(_turn(pair, f"context_processed[{index}]") for index, pair in enumerate(before)), last)


_ROW, _NAMES = TypeAdapter(_Row), TypeAdapter(dict[str, str])


def load_reddit_movie(source: Path) -> Prepared:
    """Load a folder with the rows of the splits and ``id2name.json``.

    The catalogue holds every film of ``id2name.json``. A film that it lacks stays an identifier in the text.

    Args:
        source: The folder, with ``train*.parquet``, ``valid*.parquet`` and ``test*.parquet`` or some of them, there, in
            ``data/`` or as the hub converts them, ``default/train/*.parquet``; or the same as ``.csv``.

    Raises:
        DataError: Naming file, row and field of what is wrong.
    """
    catalogue = _read_catalogue(source / NAME_FILE)
    found = {split: find_shards(source, [place.format(split) for place in _PLACES]) for split in SPLITS}
    if not any(found.values()):
        raise DataError("no rows: train*.parquet, valid*.parquet or test*.parquet is expected", path=source)
    counted: Counter[str] = Counter()
    readings: dict[str, list[Reading]] = {split: [] for split, paths in found.items() if paths}
    later: set[str] = set()
    for split in reversed(readings):
        conversations = _read(found[split], counted)
        for identifier, (line, said) in conversations.items():
            if identifier in later:
                counted["conversations go on in a later split and are left out of the earlier one"] += 1
            else:
                readings[split].append(_reading(identifier, line, said, catalogue, counted))
        later |= conversations.keys()
    return collect(catalogue, readings, [f"{count:,} {what}" for what, count in counted.items()])


def _read_catalogue(path: Path) -> Catalogue:
    items = []
    with located(path):
        for identifier, name in validated(_NAMES, read_json(path)).items():
            title, year = read_title(name)
            if not title:
                raise DataError("a film needs a name", field=identifier)
            items.append(Item(identifier, title, year))
    if not items:
        raise DataError("the catalogue is empty", path=path)
    return Catalogue(tuple(items), ("title",))


def _read(paths: Sequence[Path], counted: Counter[str]) -> dict[str, tuple[int, _Said]]:
    """Return the row and the turns of each conversation, as its longest row has them."""
    longest: dict[str, tuple[int, _Said]] = {}
    for path in paths:
        for line, row in _rows(path):
            with located(path, line):
                record = validated(_ROW, row)
                said = record.said()
            known = longest.get(record.id, (line, ()))[1]
            shorter, longer = sorted((known, said), key=len)
            if longer[: len(shorter)] != shorter:
                counted["rows are no part of their conversation's longest row"] += 1
            if len(said) > len(known):
                longest[record.id] = line, said
    return longest


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if path.suffix == ".csv":
        yield from read_table(path, _COLUMNS[:-1])
    else:
        yield from read_rows(path, _COLUMNS[:-1], _COLUMNS[-1:])


def _literal(text: str, field: str) -> list[Any]:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        value = None
    if not isinstance(value, list):
        raise DataError("a list in Python's notation is expected", field=field)
    return value


def _turn(pair: object, field: str) -> tuple[Speaker, str]:
    if not isinstance(pair, list | tuple) or len(pair) != 2 or pair[0] not in _ROLES or not isinstance(pair[1], str):
        raise DataError(f"a role, one of {', '.join(_ROLES)}, and a text are expected", field=field)
    return _ROLES[pair[0]], pair[1]


def _reading(identifier: str, line: int, said: _Said, catalogue: Catalogue, counted: Counter[str]) -> Reading:
    turns = []
    for index, (speaker, marked) in enumerate(said):
        text, mentions = _name_films(" ".join(html.unescape(marked).split()), catalogue, counted)
        if text:
            turns.append(Turn(speaker, text, mentions, messages=(index,)))
    return Reading(Dialogue(identifier, tuple(turns)), len(said), line)


def _name_films(text: str, catalogue: Catalogue, counted: Counter[str]) -> tuple[str, tuple[Mention, ...]]:
    """Put names where identifiers stand, and return the text with its mentions."""

    def find(identifier: str) -> Item | None:
        if identifier in catalogue:
            return catalogue[identifier]
        counted[f"mentions of films that {NAME_FILE} lacks stay identifiers"] += 1
        return None

    return read_marked(text, find, _FILM)
