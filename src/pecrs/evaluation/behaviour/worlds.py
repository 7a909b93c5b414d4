"""The catalogues that suites bring along: 205 books, and a made-up shop of 2,000 goods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources
from types import MappingProxyType

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.loaders.synthetic_shop import shop_catalogue
from pecrs.data.tables import read_table


def book_catalogue() -> Catalogue:
    """Return well-known books with their authors, genres, language and series; of translations, the original's."""
    with resources.as_file(resources.files("pecrs.evaluation.behaviour") / "books.tsv") as path:
        rows = [row for _, row in read_table(path, ("title",), "\t", quoting=False)]
    items = []
    for number, row in enumerate(rows):
        facts = {name: tuple(row[name].split("|")) for name in ("authors", "genres", "language", "series") if row[name]}
        items.append(Item(f"b{number:03}", row["title"], int(row["year"]), facts))
    return Catalogue(tuple(items), ("title", "authors", "genres"))


WORLDS: Mapping[str, Callable[[], Catalogue]] = MappingProxyType({"books": book_catalogue, "shop": shop_catalogue})
"""By the name of the suite; the conversations of others are about the model's own items."""
