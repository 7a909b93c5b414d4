"""Messages beside what items are about: cosines of vectors that a language model gives both.

Source: design section 10.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pecrs.data.catalogue import Catalogue, Item
from pecrs.errors import CheckpointError
from pecrs.linking.descriptions import STORY, TEXTS
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS
from pecrs.ranking.projection import Projection
from pecrs.ranking.sparse import Floats

Read = Callable[[Sequence[str]], Floats]
"""Texts -> their vectors (n, d)."""

MOST_NEW = 5_000
"""Items without stored vectors that are read when an order is first asked for; of more, none is."""

_TOLD = (STORY, "plot", *TEXTS)
_ABOUT = (*sorted(KIND_FIELDS), "themes", *sorted(THEME_FIELDS), "mood")
REMEMBERED = 4096
"""Messages whose vectors are kept."""


@dataclass(frozen=True, eq=False)
class ItemMeanings:
    """Vectors of a catalogue's items, and what is common to all of them and to all messages.

    Attributes:
        vectors: (N, d) of length 1, less what is common, or (N, p) of length 1 where there is a projection; zeros for
            items that were not read.
        items_centre: (d,) mean of the vectors of items as they are read.
        messages_centre: (d,) the same of messages.
        projection: Brings requests near to what fulfils them, if it was learnt.
    """

    vectors: NDArray[np.float16]
    items_centre: Floats
    messages_centre: Floats
    projection: Projection | None = None

    @classmethod
    def of(cls, catalogue: Catalogue, messages: Sequence[str], read: Read) -> Self:
        """Read all items of a catalogue.

        Args:
            catalogue: N items.
            messages: Some of what people say.
            read: Reads texts.
        """
        items = read([meaning_text(item) for item in catalogue])
        centre, said = items.mean(0), read(messages).mean(0) if messages else np.zeros_like(items[0])
        return cls(directions(items - centre).astype(np.float16), centre, said)

    def projected(self, projection: Projection) -> Self:
        """Return the same, of vectors that are not projected yet, by a projection."""
        vectors = directions(self.vectors.astype(np.float32) @ projection.items)
        return replace(self, vectors=vectors.astype(np.float16), projection=projection)

    def said(self, vectors: Floats) -> Floats:
        """Return the directions (n, d) of messages as they are read (n, d), less what is common to all."""
        return directions(_less(vectors, self.messages_centre))

    def moved(self, own: Catalogue, catalogue: Catalogue, read: Read) -> Self:
        """Return the vectors of another catalogue: items that say something else than before are read.

        Args:
            own: The catalogue of these vectors.
            catalogue: The other one.
            read: Reads texts.
        """
        vectors = np.zeros((len(catalogue), self.vectors.shape[1]), dtype=np.float16)
        new = []
        for place, item in enumerate(catalogue):
            if item.id in own and meaning_text(own[item.id]) == meaning_text(item):
                vectors[place] = self.vectors[own.index(item.id)]
            else:
                new.append(place)
        if new and len(new) <= MOST_NEW:
            texts = [meaning_text(catalogue.items[place]) for place in new]
            found = directions(_less(read(texts), self.items_centre))
            found = found if self.projection is None else directions(found @ self.projection.items)
            vectors[new] = found.astype(np.float16)
        return replace(self, vectors=vectors)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as plain arrays by name."""
        maps = {} if self.projection is None else self.projection.arrays()
        return {name: getattr(self, name) for name in _PLAIN} | {f"projection.{key}": one for key, one in maps.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make it of what :meth:`arrays` returned."""
        maps = {key.removeprefix("projection."): one for key, one in arrays.items() if key not in _PLAIN}
        plain = {name: arrays[name] for name in _PLAIN}
        return cls(**plain, projection=Projection.from_arrays(maps) if maps else None)


_PLAIN = ("vectors", "items_centre", "messages_centre")


class Meaning:
    """Compares messages with the items of one catalogue; what a message means is remembered."""

    def __init__(self, items: ItemMeanings, read: Read) -> None:
        """Take the items' vectors, and what reads messages."""
        self._items, self._vectors, self._read = items, items.vectors.astype(np.float32), read
        self._known: OrderedDict[str, Floats] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return (N,) the cosine of each item with the mean of some messages."""
        if not texts:
            return np.zeros(len(self._vectors), dtype=np.float32)
        self.remember(texts)
        meant = self._items.said(np.mean([self._known[text] for text in texts], axis=0)[None])
        projection = self._items.projection
        meant = meant if projection is None else directions(meant @ projection.messages)
        cosines: Floats = self._vectors @ meant[0]
        return cosines

    def remember(self, texts: Sequence[str]) -> None:
        """Read the messages that are not known yet, all at once; the oldest of very many are forgotten."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._read(new), strict=True))
        for text in texts:
            self._known.move_to_end(text)
        while len(self._known) > max(REMEMBERED, len(texts)):
            self._known.popitem(last=False)


def meaning_text(item: Item) -> str:
    """Return what an item is about: its title, kinds, story, themes and mood."""
    story = next((value for name in _TOLD for value in item.values(name)), "")
    about = [", ".join(item.values(name)) for name in _ABOUT]
    kinds = len(KIND_FIELDS)
    return ". ".join(filter(None, dict.fromkeys([item.title, *about[:kinds], story, *about[kinds:]])))


def _less(vectors: Floats, centre: Floats) -> Floats:
    if vectors.shape[1:] != centre.shape:
        raise CheckpointError(
            "the ranking of this model was fitted by an earlier version: pecrs fit-ranking fits it again"
        )
    less: Floats = vectors - centre
    return less


def directions(vectors: Floats) -> Floats:
    """Return vectors (n, d) at length 1; zeros stay zeros."""
    lengths: Floats = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = (vectors / np.maximum(lengths, np.float32(1e-9))).astype(np.float32)
    return found
