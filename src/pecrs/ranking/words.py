"""Words of messages beside words of items: BM25 in which what people say all the time counts for little.

"My", "looking" and "watch" are rare in texts about films, so that BM25 alone takes them for the point of a message.

Sources: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009; design section 10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pecrs.data.catalogue import Catalogue
from pecrs.ranking.sparse import Floats

FEWEST = 3
"""Messages that have a word which is worth keeping."""


@dataclass(frozen=True, eq=False)
class SaidWords:
    """How many messages have which word.

    Attributes:
        messages: Messages that were read.
        words: W words, in alphabetical order.
        counts: (W,) messages that have each.
    """

    messages: int
    words: tuple[str, ...]
    counts: Floats

    @classmethod
    def of(cls, messages: Iterable[str]) -> Self:
        """Count; words of fewer than :data:`FEWEST` messages are as good as never said."""
        texts = list(messages)
        found = Counter(word for words in _tokens(texts) for word in set(words)) if texts else Counter()
        kept = sorted(word for word, count in found.items() if count >= FEWEST)
        return cls(len(texts), tuple(kept), np.array([found[word] for word in kept], dtype=np.float32))

    def weight(self, word: str) -> float:
        """Return what a word of a message tells: 1 if it is never said, 0 if it always is."""
        return 1 - float(np.log1p(self._known.get(word, 0.0)) / np.log1p(self.messages)) if self.messages else 1.0

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as plain arrays by name."""
        words = np.frombuffer("\n".join(self.words).encode(), dtype=np.uint8)
        return {"messages": np.array([self.messages], dtype=np.int64), "words": words, "counts": self.counts}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make it of what :meth:`arrays` returned; of nothing, a file of before there were any, no word is known."""
        if not arrays:
            return cls.of(())
        words = tuple(arrays["words"].tobytes().decode().split("\n")) if arrays["words"].size else ()
        if len(words) != len(arrays["counts"]):
            raise ValueError("said words: as many counts as words are expected")
        return cls(int(arrays["messages"][0]), words, arrays["counts"])

    @cached_property
    def _known(self) -> Mapping[str, float]:
        return dict(zip(self.words, self.counts.tolist(), strict=True))


class TextIndex:
    """BM25 of words against all fields of items, by ``bm25s``."""

    def __init__(self, catalogue: Catalogue, said: SaidWords) -> None:
        """Index the texts of a catalogue.

        Args:
            catalogue: N items.
            said: What people say anyway.
        """
        import bm25s

        self._index: Any = bm25s.BM25()
        texts = [" ".join([item.title, *(v for values in item.told.values() for v in values)]) for item in catalogue]
        self._index.index(_tokens(texts), show_progress=False)
        self._size, self._said = len(catalogue), said

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return (N,) scores of the words of some texts together, each by what it tells."""
        known, scores = self._index.vocab_dict, np.zeros(self._size, dtype=np.float32)
        for word, count in Counter(_tokens([" ".join(texts)])[0]).items():
            if word in known:
                scores += np.float32(count * self._said.weight(word)) * self._index.get_scores([word])
        return scores


def _tokens(texts: Sequence[str]) -> Any:
    import bm25s

    return bm25s.tokenize(list(texts), stopwords="en_plus", show_progress=False, return_ids=False)
