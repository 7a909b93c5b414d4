"""Items and the catalogue: what can be recommended, described by text alone.

Source: PECRS §3.2 "Item Metadata"; design: an item's text is a declared, ordered list of fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from pydantic import ConfigDict, Field, TypeAdapter

from pecrs.config import MAX_ITEM_ID
from pecrs.data.files import read_json_lines, write_jsonl
from pecrs.data.records import Record, located, validated
from pecrs.errors import ConfigError, DataError

MOVIE_FIELDS: tuple[str, ...] = ("title", "actors", "directors", "genres", "plot")
"""The paper's field order for films: Title, Actors, Director(s), Genre(s), Plot."""

SIMILAR = "similar"
"""A field of the identifiers of items that are like an item, in story, mood or use."""

_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a catalogue.

    Attributes:
        id: The source's identifier, kept as a string of at most :data:`pecrs.config.MAX_ITEM_ID` characters.
        title: The name shown to people, without the year.
        year: Year of release, or None where unknown.
        facts: Further fields by name; each a tuple of values (one plot, many actors, ...). Never contains "title".
    """

    id: str
    title: str
    year: int | None = None
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Freeze the facts and refuse a wrong identifier, or facts that are fields of their own."""
        _check_id(self.id)
        if not {"id", "title", "year"}.isdisjoint(self.facts):
            raise DataError("id, title and year are fields of their own, not facts", field="facts")
        facts: Mapping[str, object] = self.facts
        for name, values in facts.items():
            if isinstance(values, str):
                raise DataError("a tuple of strings is expected, not one string", field=name)
        object.__setattr__(self, "facts", MappingProxyType({k: tuple(v) for k, v in self.facts.items()}))

    @property
    def name(self) -> str:
        """Title with the year in brackets where it is known, e.g. ``Alien (1979)``."""
        return f"{self.title} ({self.year})" if self.year is not None else self.title

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of a declared field; the title field includes the year.

        Args:
            name: ``title``, ``year`` or a key of ``facts``.
        """
        if name == "title":
            return (self.name,) if self.title else ()
        if name == "year":
            return (str(self.year),) if self.year is not None else ()
        return self.facts.get(name, ())

    @property
    def told(self) -> Mapping[str, tuple[str, ...]]:
        """The facts that say something of the item in words: all but identifiers of others."""
        return {name: values for name, values in self.facts.items() if name != SIMILAR}

    def __reduce__(self) -> tuple[object, ...]:
        """Support copying across processes in spite of the read-only mapping."""
        return (Item, (self.id, self.title, self.year, dict(self.facts)))


def _check_id(identifier: str) -> None:
    if not identifier:
        raise DataError("an item needs a non-empty id", field="id")
    if len(identifier) > MAX_ITEM_ID:
        start = f"{identifier[:40]!r}..."
        raise DataError(f"{start} has {len(identifier):,} characters; an id may have {MAX_ITEM_ID}", field="id")
    if _NO_TEXT.search(identifier):
        raise DataError(f"{identifier[:40]!r} holds a character that is no text", field="id")


@dataclass(frozen=True)
class ItemText:
    """What the text of items is made of, where their catalogue is not at hand.

    Attributes:
        fields: Their order is that of the text.
        limits: For some of these fields, how many of its values the text may name.
    """

    fields: tuple[str, ...]
    limits: Mapping[str, int] = field(default_factory=dict)

    def text_fields(self, item: Item) -> tuple[str, ...]:
        """Return one string per field of an item, values joined by ", "; empty fields stay empty."""
        return tuple(", ".join(item.values(name)[: self.limits.get(name)]) for name in self.fields)

    def __reduce__(self) -> tuple[object, ...]:
        """Support copying across processes in spite of a read-only mapping."""
        return (ItemText, (self.fields, dict(self.limits)))


@dataclass(frozen=True)
class Catalogue:
    """An ordered, immutable set of items with their declared text fields.

    Attributes:
        items: The items; an item's position is its index everywhere in the package.
        fields: The ordered names of the fields that make an item's text.
        limits: For some of these fields, how many of its values the text may name; the first ones are kept.

    Raises:
        DataError: On duplicate identifiers, an empty catalogue, a declared field that no item has, or a limit for a
            field that is not declared.
    """

    items: tuple[Item, ...]
    fields: tuple[str, ...] = MOVIE_FIELDS
    limits: Mapping[str, int] = field(default_factory=dict)
    _index: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the identifiers and check the declared fields."""
        if not self.items:
            raise DataError("the catalogue is empty")
        index: dict[str, int] = {}
        for position, item in enumerate(self.items):
            if item.id in index:
                raise DataError(f"duplicate item id {item.id!r}", field="id")
            index[item.id] = position
        object.__setattr__(self, "_index", index)
        known = {"title", "year"}.union(*(item.facts for item in self.items))
        if len(set(self.fields)) != len(self.fields):
            raise DataError("a field is declared twice", field="fields")
        for name in self.fields:
            if name not in known:
                raise DataError(f"the catalogue declares the field {name!r}, which no item has", field=name)
        object.__setattr__(self, "limits", MappingProxyType(dict(self.limits)))
        for name, limit in self.limits.items():
            if name not in self.fields or limit < 1:
                raise DataError(f"{name!r} is no declared field, or its limit of values is below 1", field="limits")

    def __reduce__(self) -> tuple[object, ...]:
        """Support copying across processes in spite of the read-only mapping."""
        return (Catalogue, (self.items, self.fields, dict(self.limits)))

    def described_by(self, fields: Sequence[str], limits: Mapping[str, int] | None = None) -> Catalogue:
        """Return the same items, described by some of their declared fields.

        Args:
            fields: In the order of the text; empty means all that are declared.
            limits: Most values of a field in the text; fields that are not named keep their limit. A limit of a field
                that is not in the text limits nothing, so that one configuration serves several catalogues.

        Raises:
            ConfigError: If a field is not declared.
        """
        if not fields and not limits:
            return self
        unknown = [name for name in fields if name not in self.fields]
        if unknown:
            raise ConfigError(f"data.item_fields: {unknown[0]!r} is none of {', '.join(self.fields)}")
        fields = tuple(fields) or self.fields
        kept = {name: limit for name, limit in {**self.limits, **(limits or {})}.items() if name in fields}
        return Catalogue(self.items, fields, kept)

    def text_fields(self, item: Item) -> tuple[str, ...]:
        """Return one string per declared field of an item, values joined by ", "; empty fields stay empty.

        Args:
            item: Of this catalogue, or new to it.

        Source: PECRS §3.2; the strings are joined by ``[SEP]`` where they are tokenised.
        """
        return ItemText(self.fields, self.limits).text_fields(item)

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        """Iterate over the items in index order."""
        return iter(self.items)

    def __contains__(self, item_id: object) -> bool:
        """Tell whether an identifier is in the catalogue."""
        return item_id in self._index

    def __getitem__(self, item_id: str) -> Item:
        """Return the item of an identifier; DataError where it is unknown."""
        return self.items[self.index(item_id)]

    def index(self, item_id: str) -> int:
        """Return the index of an identifier.

        Raises:
            DataError: If the identifier is unknown.
        """
        try:
            return self._index[item_id]
        except KeyError:
            raise DataError(f"item id {item_id!r} is not in the catalogue", field="id") from None

    def with_items(self, changed: Iterable[Item], removed: Iterable[str] = ()) -> Catalogue:
        """Return a catalogue with items added or replaced by id, and others removed.

        Args:
            changed: New items (appended) and replacements (kept at their index).
            removed: Identifiers to drop; unknown ones raise DataError.
        """
        items = {item.id: item for item in self.items}
        for item_id in removed:
            self.index(item_id)
            del items[item_id]
        items.update({item.id: item for item in changed})
        return Catalogue(tuple(items.values()), self.fields, self.limits)

    def save(self, path: Path) -> None:
        """Write ``catalogue.jsonl``: a header line with the fields and limits, then one item a line."""
        write_jsonl(path, self.records())

    def records(self) -> list[dict[str, object]]:
        """Return the lines of ``catalogue.jsonl``."""
        limits = {"limits": dict(self.limits)} if self.limits else {}
        return [{"fields": list(self.fields), **limits}, *(_to_record(item) for item in self.items)]

    @classmethod
    def load(cls, path: Path) -> Catalogue:
        """Read what :meth:`save` wrote.

        Raises:
            DataError: Naming file, line and field of what is wrong.
        """
        header = read_header(path)
        items: dict[str, Item] = {}
        for line, item in read_items(path):
            if item.id in items:
                raise DataError(f"duplicate item id {item.id!r}", path=path, line=line, field="id")
            items[item.id] = item
        with located(path):
            return cls(tuple(items.values()), tuple(header.fields), header.limits)


class CatalogueHeader(Record):
    """The first line of ``catalogue.jsonl``: the declared fields, and limits of their values."""

    fields: list[str]
    limits: dict[str, int] = Field(default_factory=dict)


class _ItemRecord(Record):
    """An item; its other fields are facts."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, list[str]]

    id: str
    title: str
    year: int | None = None


_HEADER, _ITEM = TypeAdapter(CatalogueHeader), TypeAdapter(_ItemRecord)


def read_header(path: Path) -> CatalogueHeader:
    """Read the first line of what :meth:`Catalogue.save` wrote.

    Raises:
        DataError: If the file is empty, or naming file, line and field of what is wrong.
    """
    for line, value in read_json_lines(path):
        with located(path, line):
            return validated(_HEADER, value)
    raise DataError("the file is empty", path=path)


def read_items(path: Path) -> Iterator[tuple[int, Item]]:
    """Yield (line number, item) for each line below the header, so that a catalogue may be larger than memory.

    Whether an identifier comes twice is not checked.

    Raises:
        DataError: Naming file, line and field of what is wrong, when it is reached.
    """
    for line, value in islice(read_json_lines(path), 1, None):
        with located(path, line):
            record = validated(_ITEM, value)
            facts = {name: tuple(values) for name, values in (record.model_extra or {}).items()}
            item = Item(record.id, record.title, record.year, facts)
        yield line, item


def _to_record(item: Item) -> dict[str, object]:
    return {"id": item.id, "title": item.title, "year": item.year, **{k: list(v) for k, v in item.facts.items()}}
