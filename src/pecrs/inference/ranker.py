"""Retrieval, then re-ranking of the shortlist: one ranking of the whole catalogue per query.

A dialogue is read once for all its turns; candidates hang off its cached keys and values.

Source: PECRS §3.6; design sections 2 and 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from pecrs.index import ItemIndex, TopK
from pecrs.model.attention import unpack
from pecrs.model.backbone.precision import autocast
from pecrs.model.generator import branch_scores
from pecrs.model.pecrs import PecrsModel

BATCH_POSITIONS = 1024
"""Padded stream positions read in one pass; bounds memory, changes no score."""


def fuse(found: TopK, rerank: Tensor, weight: float) -> TopK:
    """Order the re-ranked shortlist first and the other items as retrieval does.

    Inside the shortlist the score is (1 - weight) * retrieval + weight * rerank. The rest goes on below the
    shortlist's last score with retrieval's own differences, so that scores never increase.

    Args:
        found: The best retrieved items.
        rerank: (n, k) re-ranking scores of the first k of each row, which are the shortlist.
        weight: Weight of re-ranking.

    >>> found = TopK(torch.tensor([[4, 5, 6, 7]]), torch.tensor([[3.0, 2.0, 1.0, 0.0]]))
    >>> fused = fuse(found, torch.tensor([[0.0, 5.0]]), 1.0)
    >>> fused.items, fused.scores
    (tensor([[5, 4, 6, 7]]), tensor([[ 5.,  0.,  0., -1.]]))
    """
    size = rerank.shape[1]
    head = (1 - weight) * found.scores[:, :size] + weight * rerank
    head, order = torch.sort(head, dim=1, descending=True, stable=True)
    items = torch.cat([found.items[:, :size].gather(1, order), found.items[:, size:]], dim=1)
    tail = found.scores[:, size:]
    tail = torch.minimum(head[:, -1:], head[:, -1:] + tail - tail[:, :1])
    return TopK(items, torch.cat([head, tail], dim=1))


@dataclass(frozen=True, eq=False)
class Shortlisted:
    """Rankings of n queries, and what they were made of.

    Attributes:
        ranking: (n, depth) items, best first, and their scores, never increasing.
        shortlist: (n, k) catalogue indices, best retrieved first.
        rerank: (n, k) re-ranking scores of the shortlist, or None where retrieval ranks alone.
    """

    ranking: TopK
    shortlist: Tensor
    rerank: Tensor | None


def rerank_shortlist(
    model: PecrsModel, found: TopK, candidate_scores: Callable[[Tensor], Tensor], depth: int
) -> Shortlisted:
    """Re-rank the best retrieved items as the model's settings say.

    Args:
        model: In evaluation mode.
        found: What was retrieved, no score of it infinite.
        candidate_scores: Shortlist (n, k) -> re-ranking scores (n, k); called only where re-ranking is wanted.
        depth: Length of the rankings, where as much was found.
    """
    settings, rerank = model.config.generation, None
    shortlist = found.items[:, : settings.shortlist]
    if model.reranker is not None and settings.rerank_weight > 0:
        rerank = candidate_scores(shortlist)
        found = fuse(found, rerank, settings.rerank_weight)
    return Shortlisted(TopK(found.items[:, :depth], found.scores[:, :depth]), shortlist, rerank)


@dataclass(frozen=True, eq=False)
class RankTask:
    """Streams that are ranked in one pass; what others are in it moves the last bits of scores.

    Attributes:
        streams: Each with the number of its dialogue.
        turns: (number of a dialogue, turn) of what is asked for.
    """

    streams: tuple[tuple[int, Stream], ...]
    turns: frozenset[tuple[int, int]]


Ranked = Mapping[tuple[int, int], Ranking]
"""Rankings by number of the dialogue and turn."""

RankTasks = Callable[[Iterable[RankTask], int], Iterable[Ranked]]
"""Tasks and a depth -> their rankings, in any order: on this machine, or spread over a cluster."""


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

    def rank(self, instances: Sequence[Instance], depth: int, rank_tasks: RankTasks | None = None) -> Iterator[Ranking]:
        """Yield one ranking an instance, in order.

        Args:
            instances: Recommender turns with items and a context.
            depth: Length of the rankings.
            rank_tasks: Where the work is done; None does it here, one task after another.

        Raises:
            DataError: If a dialogue names an item that the catalogue lacks.
        """
        numbers: dict[int, int] = {}  # of dialogues, by identity: equal ones may come twice
        for instance in instances:
            numbers.setdefault(id(instance.dialogue), len(numbers))
        keys = [(numbers[id(instance.dialogue)], instance.turn) for instance in instances]
        found: dict[tuple[int, int], Ranking] = {}
        for ranked in (rank_tasks or self._here)(self._tasks(instances, keys), depth):
            found.update(ranked)
        missing = set(keys) - found.keys()
        if missing:
            raise DataError(f"{len(missing)} instances ask for a turn without items or without a context")
        return (found[key] for key in keys)

    def _tasks(self, instances: Sequence[Instance], keys: Sequence[tuple[int, int]]) -> list[RankTask]:
        wanted = set(keys)
        dialogues = {number: instance.dialogue for (number, _), instance in zip(keys, instances, strict=True)}
        streams = [
            (number, stream)
            for number, dialogue in dialogues.items()
            for stream in self.layout.streams(dialogue)
            if any((number, point.turn) in wanted for point in stream.points)
        ]
        tasks = []
        for batch in like_lengths([len(stream.sequence) for _, stream in streams], BATCH_POSITIONS):
            chosen = tuple(streams[i] for i in batch)
            turns = {(number, point.turn) for number, stream in chosen for point in stream.points}
            tasks.append(RankTask(chosen, frozenset(turns & wanted)))
        return tasks

    def _here(self, tasks: Iterable[RankTask], depth: int) -> Iterator[Ranked]:
        return (self.rank_task(task, depth) for task in tasks)

    @torch.inference_mode()
    def rank_task(self, task: RankTask, depth: int) -> Ranked:
        """Return the rankings of a task: a function of model, index, task and depth alone."""
        model, vectors = self.model, self.index.vectors
        precision = model.config.generation.ranking_precision
        batch = collate([stream for _, stream in task.streams]).to(model.device)
        cache = DynamicCache()
        with autocast(model.device, precision):
            states, _ = model.read(batch, batch.items, vectors, cache=cache)
        states = states.to(vectors.dtype)
        mentions = model.mentions(batch.mentions, len(batch.queries), vectors, states)
        enough = max(depth, model.config.generation.shortlist)
        retrieved = self.index.search(states[batch.queries], mentions, enough)

        def candidate_scores(shortlist: Tensor) -> Tensor:
            past = [(unpack(layer.keys, batch.keys), unpack(layer.values, batch.keys)) for layer in cache.layers]
            with autocast(model.device, precision):
                return branch_scores(model, past, vectors[shortlist], batch.query_streams, batch.query_positions)

        best = rerank_shortlist(model, retrieved, candidate_scores, depth).ranking
        rows = batch.query_streams.tolist()
        keys = [(task.streams[row][0], turn) for row, turn in zip(rows, batch.turns.tolist(), strict=True)]
        ids = [item.id for item in self.catalogue]
        return {
            key: Ranking(tuple(ids[i] for i in items), tuple(scores))
            for key, items, scores in zip(keys, best.items.tolist(), best.scores.tolist(), strict=True)
            if key in task.turns
        }
