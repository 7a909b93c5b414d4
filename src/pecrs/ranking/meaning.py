"""Messages beside what items are about: cosines of vectors that a language model gives both.

Source: design section 10.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.descriptions import STORY, TEXTS
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS
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
        vectors: (N, d) of length 1, less what is common; zeros for items that were not read.
        items_centre: (d,) mean of the vectors of items as they are read.
        messages_centre: (d,) the same of messages.
    """

    vectors: NDArray[np.float16]
    items_centre: Floats
    messages_centre: Floats

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
        return cls(_directions(items - centre).astype(np.float16), centre, said)

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
            vectors[new] = _directions(read(texts) - self.items_centre).astype(np.float16)
        return type(self)(vectors, self.items_centre, self.messages_centre)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as plain arrays by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make it of what :meth:`arrays` returned."""
        return cls(**{name: arrays[name] for name in cls.__dataclass_fields__})


class Meaning:
    """Compares messages with the items of one catalogue; what a message means is remembered."""

    def __init__(self, items: ItemMeanings, read: Read) -> None:
        """Take the items' vectors, and what reads messages."""
        self._vectors = items.vectors.astype(np.float32)
        self._centre, self._read = items.messages_centre, read
        self._known: OrderedDict[str, Floats] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return (N,) the cosine of each item with the mean of some messages."""
        if not texts:
            return np.zeros(len(self._vectors), dtype=np.float32)
        self.remember(texts)
        meant = np.mean([self._known[text] for text in texts], axis=0) - self._centre
        cosines: Floats = self._vectors @ _directions(meant[None])[0]
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


def _directions(vectors: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = (vectors / np.maximum(lengths, np.float32(1e-9))).astype(np.float32)
    return found
