"""The best items of a query: as the model retrieves them, then in the order of features beside its score.

Source: PECRS §3.6; design sections 4 and 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import torch
from torch import Tensor

from pecrs.data.dialogue import Turn
from pecrs.data.stream import TokenSequence
from pecrs.index import ItemIndex, TopK
from pecrs.model.generator import ConversationCache, read
from pecrs.model.pecrs import PecrsModel
from pecrs.model.retriever import Mentions
from pecrs.ranking.reordering import POOL, Reorderer, Score
from pecrs.ranking.sparse import Floats, Indices


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
class Retrieval:
    """Searches one catalogue.

    Attributes:
        index: Its vectors and biases.
        reorderer: Orders what is retrieved by features beside the model's score; None leaves it as it is.
    """

    index: ItemIndex
    reorderer: Reorderer | None = None

    def search(
        self,
        states: Tensor,
        mentions: Mentions,
        turns: Sequence[Sequence[Turn]],
        count: int,
        allowed: Tensor | None = None,
    ) -> TopK:
        """Return the best items of each query.

        Args:
            states: (n, d) at ``[REC]``.
            mentions: The items before each.
            turns: The turns before each.
            count: How many are wanted.
            allowed: (n, N) what may be recommended; None allows all.
        """
        if self.reorderer is None:
            return self.index.search(states, mentions, count, allowed)
        found = self.index.search(states, mentions, max(count, POOL), allowed)
        self.reorderer.read_ahead(turns)
        rows = []
        for row, before in enumerate(turns):
            best = found.items[row][torch.isfinite(found.scores[row])].cpu().numpy()
            may = None if allowed is None else allowed[row].cpu().numpy()
            items, scores = self.reorderer.order(before, best, self.scorer(states, mentions, row), may)
            rows.append(found.put_first(row, torch.from_numpy(items), torch.from_numpy(scores)))
        return TopK(torch.cat([row.items for row in rows]), torch.cat([row.scores for row in rows]))

    def reordered(self, states: Tensor, mentions: Mentions, turns: Sequence[Turn], places: Sequence[int]) -> Tensor:
        """Return the scores (n,) of some items by which features order them, beside the best of a query.

        Args:
            states: (1, d) at ``[REC]``.
            mentions: The items before it.
            turns: The turns before it.
            places: The items' indices.
        """
        assert self.reorderer is not None
        best = self.index.search(states, mentions, POOL).items[0].cpu().numpy()
        looked_at = np.concatenate([places, best[~np.isin(best, places)]])
        items, scores = self.reorderer.order(turns, looked_at, self.scorer(states, mentions, 0))
        found = dict(zip(items.tolist(), scores.tolist(), strict=True))
        return torch.tensor([found[place] for place in places])

    def scorer(self, states: Tensor, mentions: Mentions, row: int) -> Score:
        """Return what gives one query's retrieval scores of some items; arguments are those of :meth:`search`."""
        own, state = mentions.of_query(row), states[row : row + 1]

        def score(items: Indices) -> Floats:
            places = torch.from_numpy(items).to(state.device)
            scores: Floats = self.index.scores(state, own, places)[0].float().cpu().numpy()
            return scores

        return score


def queries_of(
    model: PecrsModel,
    index: ItemIndex,
    contexts: Sequence[TokenSequence],
    caches: Sequence[ConversationCache],
    end: TokenSequence,
) -> tuple[Tensor, Mentions]:
    """Return the states (n, d) at ``[REC]`` after each context, and the items that stand before it.

    Args:
        model: Reads what its caches do not hold yet.
        index: The items of the contexts.
        contexts: Laid out turns.
        caches: What is kept of them, all distinct.
        end: ``[REC]``.
    """
    states = read(model, caches, [context + end for context in contexts], index.vectors)
    starts = list(accumulate(map(len, states), initial=0))
    slots = [
        (number, item, start + slot)
        for number, (context, start) in enumerate(zip(contexts, starts, strict=False))
        for item, slot in context.last_slots().items()
    ]
    named = torch.tensor(slots, dtype=torch.long, device=model.device).view(-1, 3)
    mentions = Mentions.gather(named, len(contexts), index.vectors, torch.cat(states))
    return torch.stack([some[-1] for some in states]), mentions
