"""Retrieval, then re-ranking of the shortlist: one ranking of the whole catalogue per query.

Evaluation reads a dialogue once for all its turns; a conversation is read up to its end, on what was kept of it.

Source: PECRS §3.6; design sections 2 and 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

import torch
from torch import Tensor
from transformers import DynamicCache

from pecrs.config import GenerationConfig
from pecrs.data.catalogue import Catalogue
from pecrs.data.collator import Batch, collate
from pecrs.data.dialogue import Turn
from pecrs.data.protocol import Instance, Ranking
from pecrs.data.stream import NO_ITEM, StreamLayout, TokenSequence
from pecrs.errors import DataError
from pecrs.index import ItemIndex, TopK
from pecrs.inference.retrieval import Retrieval, fuse, queries_of
from pecrs.inference.tasks import Ranked, RankTask, RankTasks, keys_of, tasks_of
from pecrs.inference.types import ScoredItem
from pecrs.model.attention import unpack
from pecrs.model.backbone.precision import autocast
from pecrs.model.generator import ConversationCache, branch_scores, candidate_scores, read
from pecrs.model.pecrs import PecrsModel
from pecrs.model.retriever import Mentions
from pecrs.ranking.reordering import Reorderer


def known_turns(turns: Sequence[Turn], catalogue: Container[str]) -> list[Turn]:
    """Return turns without the items that a catalogue lacks, as they were removed from it; their words stay."""
    return [
        turn
        if all(item in catalogue for item in (*turn.items, *turn.shown))
        else Turn(
            turn.speaker,
            turn.text,
            tuple(mention for mention in turn.mentions if mention.item in catalogue),
            tuple(item for item in turn.items if item in catalogue),
            turn.messages,
            tuple(item for item in turn.shown if item in catalogue),
        )
        for turn in turns
    ]


@dataclass(frozen=True, eq=False)
class ReadTask:
    """What reading a task gives, for its G queries.

    Attributes:
        batch: Its streams, packed.
        queries: (G, d) states at ``[REC]``.
        mentions: The items before each.
        cache: Keys and values of the streams.
        keys: (number of the dialogue, turn) of each.
    """

    batch: Batch
    queries: Tensor
    mentions: Mentions
    cache: DynamicCache
    keys: Sequence[tuple[int, int]]


class Ranker:
    """Ranks one catalogue with one model; implements evaluation's ``ConversationalRecommender``.

    Attributes:
        model: In evaluation mode.
        catalogue: What is ranked.
        index: Its vectors and biases.
        settings: Shortlist, weight of re-ranking and precision.
        layout: Lays dialogues out for this model and catalogue; ``end`` is ``[REC]``, read behind them to rank items.
        retrieval: Searches the index.
    """

    def __init__(
        self,
        model: PecrsModel,
        catalogue: Catalogue,
        index: ItemIndex,
        settings: GenerationConfig | None = None,
        reorderer: Reorderer | None = None,
    ) -> None:
        """Keep the parts.

        Args:
            model: In evaluation mode.
            catalogue: The items of ``index``, in its order.
            index: Vectors and biases.
            settings: How to rank; None takes the defaults.
            reorderer: Features of the same catalogue and their weights.
        """
        self.model, self.catalogue, self.index = model, catalogue, index
        self.retrieval = Retrieval(index, reorderer)
        self.settings = settings or GenerationConfig()
        self.layout = StreamLayout(model.vocabulary, catalogue, model.data)
        self.end = TokenSequence((model.vocabulary.rec,), (NO_ITEM,))

    @classmethod
    def of_model(cls, model: PecrsModel, settings: GenerationConfig | None = None) -> Self:
        """Return a ranker of a model's own catalogue, by its present vectors.

        Args:
            model: In evaluation mode.
            settings: How to rank; None takes the defaults.
        """
        settings = settings or GenerationConfig()
        return cls(model, model.catalogue, ItemIndex.of_model(model, settings.unseen_bias), settings)

    def rank(self, instances: Sequence[Instance], depth: int, rank_tasks: RankTasks | None = None) -> Iterator[Ranking]:
        """Yield one ranking an instance, in order.

        Args:
            instances: Recommender turns with items and a context.
            depth: Length of the rankings.
            rank_tasks: Where the work is done; None does it here, one task after another.

        Raises:
            DataError: If a dialogue names an item that the catalogue lacks.
        """
        keys = keys_of(instances)
        found: dict[tuple[int, int], Ranking] = {}
        for ranked in (rank_tasks or self._here)(tasks_of(self.layout, instances, keys), depth):
            found.update(ranked)
        missing = set(keys) - found.keys()
        if missing:
            raise DataError(f"{len(missing)} instances ask for a turn without items or without a context")
        return (found[key] for key in keys)

    def _here(self, tasks: Iterable[RankTask], depth: int) -> Iterator[Ranked]:
        return (self.rank_task(task, depth) for task in tasks)

    @torch.inference_mode()
    def rank_task(self, task: RankTask, depth: int) -> Ranked:
        """Return the rankings of a task: a function of model, index, task and depth alone."""
        points = self.read_task(task)
        batch = points.batch
        turns = [task.before(key) for key in points.keys]
        found = self.retrieval.search(points.queries, points.mentions, turns, max(depth, self.settings.shortlist))
        rerank = None
        if self._reranks:
            past = [(unpack(layer.keys, batch.keys), unpack(layer.values, batch.keys)) for layer in points.cache.layers]
            shortlist = self.index.vectors[found.items[:, : self.settings.shortlist]]
            with autocast(self.model.device, self.settings.ranking_precision):
                rerank = branch_scores(self.model, past, shortlist, batch.query_streams, batch.query_positions)
        best = self._fused(found, rerank, depth)
        ids = [item.id for item in self.catalogue]
        return {
            key: Ranking(tuple(ids[i] for i in items), tuple(scores))
            for key, items, scores in zip(points.keys, best.items.tolist(), best.scores.tolist(), strict=True)
            if key in task.turns
        }

    @torch.inference_mode()
    def read_task(self, task: RankTask) -> ReadTask:
        """Read the streams of a task, once for all their queries."""
        model, vectors = self.model, self.index.vectors
        batch = collate([stream for _, stream in task.streams]).to(model.device)
        cache = DynamicCache()
        with autocast(model.device, self.settings.ranking_precision):
            states, _ = model.read(batch, batch.items, vectors, cache=cache)
        states = states.to(vectors.dtype)
        mentions = Mentions.gather(batch.mentions, len(batch.queries), vectors, states)
        rows = batch.query_streams.tolist()
        keys = [(task.streams[row][0], turn) for row, turn in zip(rows, batch.turns.tolist(), strict=True)]
        return ReadTask(batch, states[batch.queries], mentions, cache, keys)

    def context(self, turns: Sequence[Turn]) -> TokenSequence:
        """Lay turns out; items that the catalogue lacks are but words."""
        return self.layout.context(known_turns(turns, self.catalogue))

    @torch.inference_mode()
    def probabilities(self, contexts: Sequence[TokenSequence], caches: Sequence[ConversationCache]) -> list[float]:
        """Return the probability of ``[REC]`` against the recommender's prefix after each context.

        Args:
            contexts: Laid out turns.
            caches: What is kept of them, all distinct.

        Source: design section 4.
        """
        # A recommendation goes on from [REC], so the same pass reads it for all.
        states = read(self.model, caches, [context + self.end for context in contexts], self.index.vectors)
        logits = self.model.decision_logits(torch.stack([some[-2] for some in states]))
        return [float(chance) for chance in logits.softmax(-1)[:, 1].tolist()]

    @torch.inference_mode()
    def scores(self, contexts: Sequence[TokenSequence], caches: Sequence[ConversationCache]) -> Tensor:
        """Return the retrieval scores (n, N) of the whole catalogue after each context."""
        return self.index.scores(*queries_of(self.model, self.index, contexts, caches, self.end))

    @torch.inference_mode()
    def directions(self, contexts: Sequence[TokenSequence], caches: Sequence[ConversationCache]) -> Tensor:
        """Return directions (n, d) whose cosines with items' vectors rank items nearly as scores do."""
        states, mentions = queries_of(self.model, self.index, contexts, caches, self.end)
        return self.index.retriever.direction(states, self.index.norm, mentions)

    @torch.inference_mode()
    def retrieve(
        self,
        turns: Sequence[Sequence[Turn]],
        contexts: Sequence[TokenSequence],
        caches: Sequence[ConversationCache],
        count: int,
        allowed: Tensor,
    ) -> TopK:
        """Return the best items after each context, as many as re-ranking needs.

        Args:
            turns: The dialogues so far.
            contexts: The same, laid out.
            caches: What is kept of them, all distinct.
            count: How many are wanted in the end.
            allowed: (n, N) what may be recommended.
        """
        count = max(count, self.settings.shortlist)
        states, mentions = queries_of(self.model, self.index, contexts, caches, self.end)
        return self.retrieval.search(states, mentions, turns, count, allowed)

    @torch.inference_mode()
    def rerank(
        self, caches: Sequence[ConversationCache], found: TopK, counts: Sequence[int]
    ) -> list[tuple[ScoredItem, ...]]:
        """Return the best items, their shortlists re-ranked.

        Args:
            caches: Those that :meth:`retrieve` read the contexts with.
            found: What it found.
            counts: How many items are wanted of each.
        """
        best: list[tuple[ScoredItem, ...]] = [()] * len(counts)
        for left, rows in _rows_by_length(found).items():
            some = self._reranked(
                [caches[row] for row in rows], found.select(rows, left), [counts[row] for row in rows]
            )
            for row, items in zip(rows, some, strict=True):
                best[row] = items
        return best

    def _reranked(
        self, caches: Sequence[ConversationCache], found: TopK, counts: Sequence[int]
    ) -> Iterator[tuple[ScoredItem, ...]]:
        shortlist, rerank = found.items[:, : self.settings.shortlist], None
        if self._reranks:
            rerank = candidate_scores(self.model, caches, self.index.vectors[shortlist])
        ranking = self._fused(found, rerank, max(counts))
        for row, count in enumerate(counts):
            retrieved = dict(zip(found.items[row].tolist(), found.scores[row].tolist(), strict=True))
            pairs = () if rerank is None else zip(shortlist[row].tolist(), rerank[row].tolist(), strict=True)
            reranked: dict[int, float] = dict(pairs)
            best = zip(ranking.items[row].tolist(), ranking.scores[row].tolist(), strict=True)
            yield tuple(
                ScoredItem(self.catalogue.items[i], rank, score, retrieved[i], reranked.get(i))
                for rank, (i, score) in enumerate(islice(best, count), start=1)
            )

    @property
    def _reranks(self) -> bool:
        return self.model.reranker is not None and self.settings.rerank_weight > 0

    def _fused(self, found: TopK, rerank: Tensor | None, depth: int) -> TopK:
        best = found if rerank is None else fuse(found, rerank, self.settings.rerank_weight)
        return TopK(best.items[:, :depth], best.scores[:, :depth])


def _rows_by_length(found: TopK) -> dict[int, list[int]]:
    """Return rows by how many items are left in them: rankings of one call are equally long."""
    alike: dict[int, list[int]] = defaultdict(list)
    for row, left in enumerate(torch.isfinite(found.scores).sum(1).tolist()):
        alike[left].append(row)
    return alike
