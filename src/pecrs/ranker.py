"""Retrieval, then re-ranking of the shortlist: one ranking of the whole catalogue per query.

A dialogue is read once for all its turns; candidates hang off its cached keys and values.

Source: PECRS §3.6; design sections 2 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from transformers import DynamicCache

from pecrs.data.catalogue import Catalogue
from pecrs.data.collator import collate, like_lengths
from pecrs.data.protocol import Instance, Ranking
from pecrs.data.stream import Stream, StreamLayout
from pecrs.errors import DataError
from pecrs.index import ItemIndex
from pecrs.model.attention import unpack
from pecrs.model.generator import branch_scores
from pecrs.model.pecrs import PecrsModel
from pecrs.model.precision import autocast

BATCH_POSITIONS = 1024
"""Padded stream positions read in one pass; bounds memory, changes no score."""


def fuse(
    retrieval: Tensor, shortlist: Tensor, rerank: Tensor | None, weight: float, depth: int
) -> tuple[Tensor, Tensor]:
    """Order the re-ranked shortlist first and the rest of the catalogue by retrieval.

    Inside the shortlist the score is (1 - weight) * retrieval + weight * rerank. The rest goes on below the
    shortlist's last score with retrieval's own differences, so that scores never increase.

    Args:
        retrieval: (n, N) retrieval scores; -inf leaves an item out.
        shortlist: (n, k) catalogue indices, best retrieved first.
        rerank: (n, k) re-ranking scores, or None to keep retrieval's order.
        weight: Weight of re-ranking.
        depth: Length of the rankings.

    Returns:
        (n, depth) catalogue indices, no item twice, and (n, depth) scores.

    >>> scores = torch.tensor([[3.0, 2.0, 1.0, 0.0]])
    >>> fuse(scores, torch.tensor([[0, 1]]), torch.tensor([[0.0, 5.0]]), 1.0, 4)
    (tensor([[1, 0, 2, 3]]), tensor([[ 5.,  0.,  0., -1.]]))
    """
    depth = min(depth, retrieval.shape[1])
    if rerank is None:
        scores, items = torch.topk(retrieval, depth, dim=1)
        return items, scores
    fused = (1 - weight) * retrieval.gather(1, shortlist) + weight * rerank
    head, order = torch.sort(fused, dim=1, descending=True, stable=True)
    items = shortlist.gather(1, order)
    rest = retrieval.scatter(1, shortlist, -torch.inf)
    more = max(0, min(depth, retrieval.shape[1]) - shortlist.shape[1])
    tail, others = torch.topk(rest, more, dim=1)
    if more:
        tail = torch.minimum(head[:, -1:], head[:, -1:] + tail - tail[:, :1])
    return torch.cat([items, others], dim=1)[:, :depth], torch.cat([head, tail], dim=1)[:, :depth]


@dataclass(frozen=True, eq=False)
class Shortlisted:
    """Rankings of n queries, and what they were made of.

    Attributes:
        items: (n, depth) catalogue indices, best first.
        scores: (n, depth) their scores, never increasing.
        shortlist: (n, k) catalogue indices, best retrieved first.
        rerank: (n, k) re-ranking scores of the shortlist, or None where retrieval ranks alone.
    """

    items: Tensor
    scores: Tensor
    shortlist: Tensor
    rerank: Tensor | None


def rerank_shortlist(
    model: PecrsModel, retrieval: Tensor, candidate_scores: Callable[[Tensor], Tensor], depth: int
) -> Shortlisted:
    """Re-rank the best retrieved items as the model's settings say.

    Args:
        model: In evaluation mode.
        retrieval: (n, N) retrieval scores; -inf leaves an item out. All rows leave out equally many.
        candidate_scores: Shortlist (n, k) -> re-ranking scores (n, k); called only where re-ranking is wanted.
        depth: Length of the rankings.
    """
    settings = model.config.generation
    available = int(torch.isfinite(retrieval[:1]).sum()) if len(retrieval) else retrieval.shape[1]
    shortlist = torch.topk(retrieval, min(settings.shortlist, available), dim=1).indices
    rerank = None
    if model.reranker is not None and settings.rerank_weight > 0:
        rerank = candidate_scores(shortlist)
    return Shortlisted(
        *fuse(retrieval, shortlist, rerank, settings.rerank_weight, min(depth, available)), shortlist, rerank
    )


class Ranker:
    """Ranks the catalogue at points of dialogues; implements evaluation's ``ConversationalRecommender``."""

    def __init__(self, model: PecrsModel, catalogue: Catalogue, index: ItemIndex) -> None:
        """Keep the parts.

        Args:
            model: In evaluation mode.
            catalogue: The items of ``index``, in its order.
            index: Vectors and biases.
        """
        self.model, self.catalogue, self.index = model, catalogue, index
        self.layout = StreamLayout(model.vocabulary, catalogue, model.config.data)

    @classmethod
    def of_model(cls, model: PecrsModel) -> Self:
        """Return a ranker of a model's own catalogue, by its present vectors."""
        return cls(model, model.catalogue, ItemIndex.of_model(model))

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance, in order.

        Args:
            instances: Recommender turns with items and a context.
            depth: Length of the rankings.

        Raises:
            DataError: If a dialogue names an item that the catalogue lacks.
        """
        found = self._rank_all(instances, depth)
        return (found[id(instance.dialogue), instance.turn] for instance in instances)

    def _rank_all(self, instances: Sequence[Instance], depth: int) -> dict[tuple[int, int], Ranking]:
        wanted = {(id(instance.dialogue), instance.turn) for instance in instances}
        dialogues = {id(instance.dialogue): instance.dialogue for instance in instances}
        streams: list[tuple[int, Stream]] = []
        for key, dialogue in dialogues.items():
            for stream in self.layout.streams(dialogue):
                if any((key, point.turn) in wanted for point in stream.points):
                    streams.append((key, stream))
        rankings: dict[tuple[int, int], Ranking] = {}
        for batch in like_lengths([len(stream.sequence) for _, stream in streams], BATCH_POSITIONS):
            rankings |= self._rank_batch([streams[i] for i in batch], wanted, depth)
        missing = wanted - rankings.keys()
        if missing:
            raise DataError(f"{len(missing)} instances ask for a turn without items or without a context")
        return rankings

    @torch.inference_mode()
    def _rank_batch(
        self, streams: Sequence[tuple[int, Stream]], wanted: set[tuple[int, int]], depth: int
    ) -> dict[tuple[int, int], Ranking]:
        model, vectors = self.model, self.index.vectors
        precision = model.config.generation.ranking_precision
        batch = collate([stream for _, stream in streams]).to(model.device)
        cache = DynamicCache()
        with autocast(model.device, precision):
            states, _ = model.read(batch, batch.items, vectors, cache=cache)
        states = states.to(vectors.dtype)
        mentions = model.mentions(batch.mentions, len(batch.queries), vectors, states)
        retrieval = self.index.scores(states[batch.queries], mentions)  # (G, N)

        def candidate_scores(shortlist: Tensor) -> Tensor:
            past = [(unpack(layer.keys, batch.keys), unpack(layer.values, batch.keys)) for layer in cache.layers]
            with autocast(model.device, precision):
                return branch_scores(model, past, vectors[shortlist], batch.query_streams, batch.query_positions)

        found = rerank_shortlist(model, retrieval, candidate_scores, depth)
        rows = batch.query_streams.tolist()
        keys = [(streams[row][0], turn) for row, turn in zip(rows, batch.turns.tolist(), strict=True)]
        ids = [item.id for item in self.catalogue]
        return {
            key: Ranking(tuple(ids[i] for i in best), tuple(values))
            for key, best, values in zip(keys, found.items.tolist(), found.scores.tolist(), strict=True)
            if key in wanted
        }
