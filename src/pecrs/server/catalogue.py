"""The model's items with the changes that were made since, as every replica sees them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from pecrs.data.catalogue import Item
from pecrs.data.loaders.titles import read_title
from pecrs.errors import DataError
from pecrs.inference.recommender import Recommender
from pecrs.server.store import Store


class LiveCatalogue:
    """The recommender of the present items."""

    def __init__(self, recommender: Recommender, store: Store) -> None:
        """Take the model's own items and the stored changes."""
        self._store = store
        self._present, self._version = recommender, 0
        self._records: Mapping[str, Mapping[str, Any] | None] = {}
        self._lock = threading.Lock()
        self.current()

    def current(self) -> Recommender:
        """Return the recommender of the present items, made anew where another request or replica changed them."""
        with self._lock:
            if self._store.items_version() != self._version:
                version, records = self._store.changed_items()
                fresh = {name: record for name, record in records.items() if self._records.get(name, ()) != record}
                changed = [item_of(name, record) for name, record in fresh.items() if record is not None]
                removed = [name for name, record in fresh.items() if record is None and name in self._present.catalogue]
                if changed or removed:
                    self._present = _warm(self._present.with_items(changed, removed))
                self._version, self._records = version, records
            return self._present


def _warm(recommender: Recommender) -> Recommender:
    """Make the indices over titles here, under the lock: left to the first requests, each of them would wait."""
    _ = recommender.linker, recommender.replies
    return recommender


def item_of(identity: str, record: Mapping[str, Any]) -> Item:
    """Return an item from what was sent or is kept of it; its title is read by :func:`read_title`.

    Raises:
        DataError: If it is not an item.
    """
    facts = {name: tuple(values) for name, values in record["fields"].items() if values}
    if not record["title"].strip():
        raise DataError("an item needs a title", field="title")
    return Item(identity, *read_title(record["title"], record["year"]), facts)
