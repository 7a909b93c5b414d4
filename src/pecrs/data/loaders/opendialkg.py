"""The loader of the book dialogues of OpenDialKG, in the form that iEvaLM publishes.

Items are the books that the dialogues name; the remaining items of ``id2info.json`` (films for the most part) are not
part of the domain. The published list has no splits: dialogues are split about 80/10/10 by a hash of their words.

Source: Moon et al., "OpenDialKG", ACL 2019 (CC BY-NC 4.0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from pecrs._settings import Text
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.files import read_json
from pecrs.data.loaders.titles import distinct, is_year, locate, present_fields
from pecrs.data.records import Record, located, read_records, validated
from pecrs.data.splits import Prepared, Reading, collect, split_by_hash
from pecrs.errors import DataError

DIALOGUE_FILE = "dialog_Books.jsonl"
ITEM_FILE = "id2info.json"
BOOK_FIELDS: tuple[str, ...] = ("title", "writers", "genres", "languages")
"""The text fields of books; the source has no plots."""

_ROLES = {"user": Speaker.SEEKER, "assistant": Speaker.RECOMMENDER}


def _as_year(value: object) -> int | None:
    text = str(value or "").strip()
    if text and not is_year(text):
        raise PydanticCustomError("year", "a year is expected")
    return int(text) if text else None


class _Book(Record):
    name: Text
    year: Annotated[int | None, BeforeValidator(_as_year)] = None
    writers: list[str] | None = Field(None, alias="writer")
    genres: list[str] | None = Field(None, alias="genre")
    languages: list[str] | None = Field(None, alias="language")

    def item(self, identifier: str) -> Item:
        listed = {name: distinct(getattr(self, name) or ()) for name in BOOK_FIELDS[1:]}
        return Item(identifier, self.name, self.year, {name: values for name, values in listed.items() if values})


class _Message(Record):
    role: Literal["user", "assistant"]
    text: str
    titles: list[str] = Field(alias="item")


_BOOKS, _MESSAGES = TypeAdapter(dict[str, _Book]), TypeAdapter(list[_Message])


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
    for line, messages in read_records(path, _MESSAGES):
        with located(path, line):
            readings.append(Reading(_dialogue(str(line - 1), messages, by_name), len(messages), line))
    used = {item for reading in readings for turn in reading.dialogue.turns for item in turn.items}
    if not used:
        raise DataError("no dialogue names a book", path=path)
    items = tuple(item for identifier, item in known.items() if identifier in used)
    catalogue = Catalogue(items, present_fields(BOOK_FIELDS, (item.facts for item in items)))
    return collect(catalogue, split_by_hash(readings))


def _read_items(path: Path) -> dict[str, Item]:
    with located(path):
        return {key: record.item(key) for key, record in validated(_BOOKS, read_json(path)).items()}


def _dialogue(identifier: str, messages: Sequence[_Message], by_name: Mapping[str, str]) -> Dialogue:
    turns = []
    for index, message in enumerate(messages):
        for title in message.titles:
            if title not in by_name:
                raise DataError(f"{ITEM_FILE} has no item called {title!r}", field=f"[{index}].item")
        text = message.text.strip()
        if not text:
            continue
        named = {by_name[title]: title for title in message.titles}
        mentions = locate(text, named)
        items = tuple(dict.fromkeys([*(mention.item for mention in mentions), *named]))
        turns.append(Turn(_ROLES[message.role], text, mentions, items, (index,)))
    return Dialogue(identifier, tuple(turns))
