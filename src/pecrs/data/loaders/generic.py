"""The loader of your own domain: a catalogue as CSV, JSONL or Parquet, and dialogues as JSONL.

    catalogue.csv      id,title,year,brand,colours          lists are written  red|blue
    dialogues.jsonl    {"id": "1", "turns": [{"speaker": "seeker", "text": "I need boots"},
                                             {"speaker": "recommender", "text": "Try [[b-17]]!"}]}

``[[ID]]`` in a text names an item; people read its name there. A turn may also carry ``"items": [ids]``: in a text
without any ``[[ID]]`` they are searched by title, and they stay attached to the turn either way. A dialogue may carry
``"labels": {id: {"suggested": bool, "seen": bool, "liked": bool}}``, each of the answers optional or null.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, ItemLabel, Mention, Speaker, Turn
from pecrs.data.files import read_jsonl
from pecrs.data.loaders.titles import is_year, locate, read_title
from pecrs.data.splits import (
    SPLITS,
    LoadedDialogues,
    Prepared,
    Reading,
    collect,
    leave_out_empty,
    require_distinct_ids,
    split_by_hash,
)
from pecrs.data.tables import read_table
from pecrs.errors import DataError

CATALOGUE_FILES: tuple[str, ...] = ("catalogue.csv", "catalogue.jsonl", "catalogue.parquet")
DIALOGUE_FILE = "dialogues.jsonl"

_MENTION = re.compile(r"\[\[(.+?)\]\]")
_ANSWERS = ("suggested", "seen", "liked")


def load_generic(source: Path, fields: Sequence[str] | None = None) -> Prepared:
    """Load a folder with one of ``catalogue.csv``, ``.jsonl`` or ``.parquet`` and dialogues.

    Args:
        source: The folder. Dialogues are in ``train.jsonl``, ``valid.jsonl`` and optionally ``test.jsonl``, or in one
            ``dialogues.jsonl``, which is split about 80/10/10 by a hash of the words.
        fields: The text fields of an item in order; None takes the title and then all other columns but id and year.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    paths = [source / name for name in CATALOGUE_FILES if (source / name).is_file()]
    if len(paths) != 1:
        found = ", ".join(path.name for path in paths) or "none"
        raise DataError(f"exactly one of {', '.join(CATALOGUE_FILES)} is expected, found {found}", path=source)
    catalogue = load_generic_catalogue(paths[0], fields)
    files = {split: source / f"{split}.jsonl" for split in SPLITS if (source / f"{split}.jsonl").is_file()}
    together = source / DIALOGUE_FILE
    if together.is_file() == bool(files) or (files and not {"train", "valid"} <= set(files)):
        raise DataError(f"either {DIALOGUE_FILE}, or train.jsonl and valid.jsonl are expected", path=source)
    if together.is_file():
        return collect(catalogue, split_by_hash(_read(together, catalogue)))
    readings = {split: _read(path, catalogue) for split, path in files.items()}
    require_distinct_ids(readings, files, "id")
    return collect(catalogue, readings)


def load_generic_catalogue(path: Path, fields: Sequence[str] | None = None) -> Catalogue:
    """Load a catalogue from a table.

    Args:
        path: A ``.csv`` with a header, a ``.jsonl`` of objects, or a ``.parquet``; columns ``id``, ``title``,
            optionally ``year``, and any others. Titles are read by :func:`read_title`.
        fields: As for :func:`load_generic`; columns that are not declared are kept as facts too (for filters).

    Raises:
        DataError: Naming file, line (of a Parquet file: row from 1) and field of what is wrong.
    """
    lines: dict[str, int] = {}
    items: list[Item] = []
    columns: dict[str, None] = {}
    for line, record in _records(path):
        try:
            item = _item(record, split_lists=path.suffix == ".csv")
            if item.id in lines:
                raise DataError(f"item {item.id!r} is in line {lines[item.id]} too", field="id")
        except DataError as error:
            raise DataError(error.reason, path=path, line=line, field=error.field) from None
        lines[item.id] = line
        items.append(item)
        columns.update(dict.fromkeys(item.facts))
    declared = tuple(dict.fromkeys(fields)) if fields is not None else ("title", *columns)
    for name in declared:
        if name not in columns and name not in ("title", "year"):
            raise DataError("the field is declared, but no item has it", path=path, field=name)
    if not items:
        raise DataError("the catalogue is empty", path=path)
    return Catalogue(tuple(items), declared)


def load_generic_dialogues(path: Path, catalogue: Catalogue) -> LoadedDialogues:
    """Load dialogues from a JSONL file; messages without text, and dialogues without any other, are left out.

    Args:
        path: One dialogue a line.
        catalogue: The items that may be named.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    return leave_out_empty(_read(path, catalogue))


def _read(path: Path, catalogue: Catalogue) -> list[Reading]:
    readings: dict[str, Reading] = {}
    for line, record in read_jsonl(path):
        try:
            dialogue = _dialogue(record, catalogue)
            if dialogue.id in readings:
                raise DataError(f"dialogue {dialogue.id!r} is there twice", field="id")
        except DataError as error:
            raise DataError(error.reason, path=path, line=line, field=error.field) from None
        readings[dialogue.id] = Reading(dialogue, len(record["turns"]), line)
    return list(readings.values())


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if path.suffix == ".csv":
        yield from read_table(path, ("id", "title"))
    elif path.suffix == ".jsonl":
        yield from read_jsonl(path)
    else:
        try:
            rows = pyarrow.parquet.read_table(path).to_pylist()
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError(f"not a Parquet file: {error}", path=path) from None
        yield from enumerate(rows, start=1)


def _item(record: Mapping[str, Any], split_lists: bool) -> Item:
    identifier = _text(record.get("id"), "id")
    title = _text(record.get("title"), "title")
    for name, value in (("id", identifier), ("title", title)):
        if not value:
            raise DataError("a value is expected", field=name)
    if "[" in identifier or "]" in identifier:
        raise DataError("an id must not hold square brackets", field="id")
    year = _text(record.get("year"), "year")
    if year and not is_year(year):
        raise DataError(f"a whole number is expected, not {year[:40]!r}", field="year")
    facts = {}
    for name, value in record.items():
        if name in ("id", "title", "year"):
            continue
        cells = value.split("|") if split_lists else value if isinstance(value, list) else [value]
        texts = tuple(dict.fromkeys(text for cell in cells if (text := _text(cell, name))))
        if texts:
            facts[name] = texts
    return Item(identifier, *read_title(title, int(year) if year else None), facts)


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | dict | list) or not isinstance(value, str | int | float):
        raise DataError(f"a string or a number is expected, not {type(value).__name__}", field=name)
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        value = int(value) if value.is_integer() else value
    return " ".join(str(value).split())


def _dialogue(record: Mapping[str, Any], catalogue: Catalogue) -> Dialogue:
    identifier = _text(record.get("id"), "id")
    if not identifier:
        raise DataError("a value is expected", field="id")
    messages = record.get("turns")
    if not isinstance(messages, list):
        raise DataError("a list is expected", field="turns")
    turns = []
    for index, message in enumerate(messages):
        try:
            turn = _turn(message, index, catalogue)
        except DataError as error:
            raise DataError(error.reason, field=f"turns[{index}].{error.field}") from None
        if turn.text:
            turns.append(turn)
    return Dialogue(identifier, tuple(turns), _labels(record, catalogue))


def _turn(message: Any, index: int, catalogue: Catalogue) -> Turn:
    if not isinstance(message, dict) or message.get("speaker") not in ("seeker", "recommender"):
        raise DataError("seeker or recommender is expected", field="speaker")
    raw, listed = message.get("text"), message.get("items", [])
    if not isinstance(raw, str):
        raise DataError("a string is expected", field="text")
    if not isinstance(listed, list):
        raise DataError("a list of item ids is expected", field="items")
    ids = [_text(item, "items") for item in listed]
    _require_known(ids, catalogue, "items")
    text, mentions = _read_mentions(raw.strip(), catalogue)
    if not text and ids:
        raise DataError("a turn with items needs a text", field="text")
    if not mentions:
        mentions = locate(text, {item: catalogue[item].title for item in ids})
    items = tuple(dict.fromkeys([*(mention.item for mention in mentions), *ids]))
    return Turn(Speaker(message["speaker"]), text, mentions, items, (index,))


def _read_mentions(raw: str, catalogue: Catalogue) -> tuple[str, tuple[Mention, ...]]:
    text, position = "", 0
    mentions = []
    for match in _MENTION.finditer(raw):
        item = " ".join(match[1].split())
        _require_known([item], catalogue, "text")
        text += raw[position : match.start()]
        name = catalogue[item].name
        mentions.append(Mention(len(text), len(text) + len(name), item))
        text += name
        position = match.end()
    return text + raw[position:], tuple(mentions)


def _require_known(items: Sequence[str], catalogue: Catalogue, field: str) -> None:
    for item in items:
        if item not in catalogue:
            raise DataError(f"item {item!r} is not in the catalogue", field=field)


def _labels(record: Mapping[str, Any], catalogue: Catalogue) -> dict[str, ItemLabel]:
    answers = record.get("labels", {})
    if not isinstance(answers, dict):
        raise DataError("a map from item ids to answers is expected", field="labels")
    _require_known(list(answers), catalogue, "labels")
    labels = {}
    for item, values in answers.items():
        if not isinstance(values, dict) or not set(values) <= set(_ANSWERS):
            raise DataError(f"a map with {', '.join(_ANSWERS)} is expected", field=f"labels.{item}")
        if not all(value is None or isinstance(value, bool) for value in values.values()):
            raise DataError("true, false or null is expected", field=f"labels.{item}")
        labels[item] = ItemLabel(**values)
    return labels
