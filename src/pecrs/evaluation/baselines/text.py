"""Baselines that read: item text against the words of the dialogue so far, without any training.

They come with the extra ``pecrs[eval]``.

Source: design section 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pecrs.data.catalogue import Catalogue
from pecrs.data.protocol import Instance, Ranking
from pecrs.errors import ConfigError

_BATCH = 256


class BM25:
    """Ranks items by BM25 of their text for the words of all earlier turns, titles included.

    Source: Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, by ``bm25s``.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        """Index the items' texts.

        Args:
            catalogue: What to rank.
        """
        import bm25s

        self._tokenize: Any = bm25s.tokenize
        self._ids = np.array([item.id for item in catalogue])
        self._index: Any = bm25s.BM25()
        self._index.index(self._tokens(item_lines(catalogue)), show_progress=False)

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance; see :class:`pecrs.evaluation.baselines.simple.ConversationalRecommender`."""
        depth = min(depth, len(self._ids))
        for some in _batches(instances):
            queries = self._tokens([spoken(instance) for instance in some])
            found, scores = self._index.retrieve(queries, corpus=self._ids, k=depth, show_progress=False)
            for items, values in zip(found, scores, strict=True):
                yield Ranking(tuple(items.tolist()), tuple(values.tolist()))

    def _tokens(self, texts: Sequence[str]) -> Any:
        return self._tokenize(list(texts), stopwords="en", show_progress=False, return_ids=False)


class SentenceEncoder:
    """Ranks items by the cosine between a sentence encoder's vectors of their text and of all earlier turns."""

    def __init__(self, catalogue: Catalogue, name: str) -> None:
        """Encode the items' texts.

        Args:
            catalogue: What to rank.
            name: Name or path for ``sentence_transformers.SentenceTransformer``.

        Raises:
            ConfigError: If ``sentence-transformers`` is not installed, or nothing loads from there.
        """
        try:
            from sentence_transformers import SentenceTransformer
        except ModuleNotFoundError:
            raise ConfigError("a sentence encoder needs pip install 'pecrs[eval]'") from None
        try:
            self._encoder: Any = SentenceTransformer(name, trust_remote_code=False)
        except (OSError, ValueError) as error:
            raise ConfigError(f"baseline {name}: {' '.join(str(error).split())}") from None
        self._encoder.tokenizer.truncation_side = "left"  # of a long dialogue the end matters
        self._ids = [item.id for item in catalogue]
        self._vectors = self._encode(item_lines(catalogue))

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance; see :class:`pecrs.evaluation.baselines.simple.ConversationalRecommender`."""
        for some in _batches(instances):
            cosines = self._encode([spoken(instance) for instance in some]) @ self._vectors.T
            for row in cosines:
                best = np.argsort(-row, kind="stable")[:depth]
                yield Ranking(tuple(self._ids[i] for i in best), tuple(row[best].tolist()))

    def _encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        vectors = self._encoder.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def _batches(instances: Sequence[Instance]) -> Iterator[Sequence[Instance]]:
    return (instances[start : start + _BATCH] for start in range(0, len(instances), _BATCH))


def item_lines(catalogue: Catalogue) -> list[str]:
    """Return each item's declared text fields as one line."""
    return [". ".join(text for text in catalogue.text_fields(item) if text) for item in catalogue]


def spoken(instance: Instance) -> str:
    """Return the words of the turns before an instance's own."""
    return "\n".join(turn.text for turn in instance.dialogue.turns[: instance.turn])
