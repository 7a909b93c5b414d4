"""The loader of the book dialogues of OpenDialKG, in the form that iEvaLM publishes.

Items are the books that the dialogues name; the remaining items of ``id2info.json`` (films for the most part) are not
part of the domain. The published list has no splits: dialogues are split about 80/10/10 by a hash of their words.

Source: Moon et al., "OpenDialKG", ACL 2019 (CC BY-NC 4.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.files import read_json, read_json_lines
from pecrs.data.loaders.titles import is_year, locate, present_fields
from pecrs.data.splits import Prepared, Reading, collect, split_by_hash
from pecrs.errors import DataError

DIALOGUE_FILE = "dialog_Books.jsonl"
ITEM_FILE = "id2info.json"
BOOK_FIELDS: tuple[str, ...] = ("title", "writers", "genres", "languages")
"""The text fields of books; the source has no plots."""

_FACTS = {"writer": "writers", "genre": "genres", "language": "languages"}
_ROLES = {"user": Speaker.SEEKER, "assistant": Speaker.RECOMMENDER}


def load_opendialkg(source: Path) -> Prepared:
    """Load a folder with ``dialog_Books.jsonl`` and ``id2info.json``.

    Item ids are the keys of ``id2info.json``, dialogue ids the line numbers from 0. The catalogue keeps the order of
    ``id2info.json``.

    Args:
        source: The folder.

    Raises:
        DataError: Naming file, line and field of what is wrong, or a book that ``id2info.json`` lacks.
    """
    known = _read_items(source / ITEM_FILE)
    by_name: dict[str, str] = {}
    for identifier, item in known.items():
        if by_name.setdefault(item.title, identifier) != identifier:
            message = f"two items are called {item.title!r}"
            raise DataError(message, path=source / ITEM_FILE, field=f"{identifier}.name")
    path = source / DIALOGUE_FILE
    readings = []
    for line, messages in read_json_lines(path):
        try:
            dialogue = _dialogue(str(line - 1), messages, by_name)
        except DataError as error:
            raise DataError(error.reason, path=path, line=line, field=error.field) from None
        readings.append(Reading(dialogue, len(messages), line))
    used = {item for reading in readings for turn in reading.dialogue.turns for item in turn.items}
    if not used:
        raise DataError("no dialogue names a book", path=path)
    items = tuple(item for identifier, item in known.items() if identifier in used)
    catalogue = Catalogue(items, present_fields(BOOK_FIELDS, (item.facts for item in items)))
    return collect(catalogue, split_by_hash(readings))


def _read_items(path: Path) -> dict[str, Item]:
    records = read_json(path)
    if not isinstance(records, dict):
        raise DataError("a map from identifiers to items is expected", path=path)
    items = {}
    for identifier, record in records.items():
        try:
            items[identifier] = _item(identifier, record)
        except DataError as error:
            raise DataError(error.reason, path=path, field=f"{identifier}.{error.field}") from None
    return items


def _item(identifier: str, record: Any) -> Item:
    name = record.get("name") if isinstance(record, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise DataError("a non-empty string is expected", field="name")
    year = str(record.get("year") or "").strip()
    if year and not is_year(year):
        raise DataError(f"a year is expected, not {year[:40]!r}", field="year")
    facts = {}
    for source, field in _FACTS.items():
        values = record.get(source) or []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise DataError("a list of strings is expected", field=source)
        distinct = tuple(dict.fromkeys(text for value in values if (text := " ".join(value.split()))))
        if distinct:
            facts[field] = distinct
    return Item(identifier, name, int(year) if year else None, facts)


def _dialogue(identifier: str, messages: Any, by_name: Mapping[str, str]) -> Dialogue:
    if not isinstance(messages, list):
        raise DataError("a list of turns is expected")
    turns = []
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in tuple(_ROLES):
            raise DataError("user or assistant is expected", field=f"[{index}].role")
        text, titles = message.get("text"), message.get("item")
        if not isinstance(text, str):
            raise DataError("a string is expected", field=f"[{index}].text")
        if not isinstance(titles, list):
            raise DataError("a list of titles is expected", field=f"[{index}].item")
        for title in titles:
            if not isinstance(title, str) or title not in by_name:
                raise DataError(f"{ITEM_FILE} has no item called {title!r}", field=f"[{index}].item")
        if not text.strip():
            continue
        named = {by_name[title]: title for title in titles}
        mentions = locate(text.strip(), named)
        items = tuple(dict.fromkeys([*(mention.item for mention in mentions), *named]))
        turns.append(Turn(_ROLES[message["role"]], text.strip(), mentions, items, (index,)))
    return Dialogue(identifier, tuple(turns))
