"""The model's items with the changes that were made since, as every replica sees them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from pecrs.data.catalogue import Item
from pecrs.errors import DataError
from pecrs.recommender import Recommender
from pecrs.server.store import Store


class LiveCatalogue:
    """The recommender of the present items."""

    def __init__(self, recommender: Recommender, store: Store) -> None:
        """Take the model's own items and the stored changes."""
        self._base, self._store = recommender, store
        self._present, self._version = recommender, 0
        self._lock = threading.Lock()
        self.current()

    def current(self) -> Recommender:
        """Return the recommender of the present items, made anew where another request or replica changed them."""
        with self._lock:
            if self._store.items_version() != self._version:
                version, records = self._store.changed_items()
                changed = [item_of(identity, record) for identity, record in records.items() if record is not None]
                removed = [identity for identity, record in records.items() if record is None]
                removed = [identity for identity in removed if identity in self._base.catalogue]
                self._present = self._base.with_items(changed, removed) if changed or removed else self._base
                self._version = version
            return self._present


def item_of(identity: str, record: Mapping[str, Any]) -> Item:
    """Return an item from what is kept of it.

    Raises:
        DataError: If it is not an item.
    """
    facts = {name: tuple(values) for name, values in record["fields"].items() if values}
    if not record["title"].strip():
        raise DataError("an item needs a title", field="title")
    return Item(identity, record["title"], record["year"], facts)
