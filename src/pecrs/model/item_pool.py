"""The items of a training batch: encoded once, with gradient, for all its micro-batches and both ranking tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pecrs.model.item_encoder import NO_DROPOUT

if TYPE_CHECKING:
    from pecrs.model.pecrs import PecrsModel


@dataclass(frozen=True)
class Shortlist:
    """The re-ranker's negatives as a part of what the retriever ranks first.

    Attributes:
        size: How many items come into question, the positives left out.
        drawn: M', how many of them are drawn.
    """

    size: int
    drawn: int

    def draw(self, scores: Tensor, positives: Tensor) -> Tensor:
        """Return columns (G, M') of negatives, drawn among the best of each query.

        Args:
            scores: (G, n) retrieval scores.
            positives: (G, K) their columns of positives, -1 for none.
        """
        scores = without(scores, positives)
        size = min(self.size, scores.shape[1] - positives.shape[1])
        best = torch.topk(scores, size, dim=1).indices  # (G, size)
        chosen = torch.rand(len(scores), size, device=best.device).argsort(1)[:, : self.drawn]
        return best.gather(1, chosen)


@dataclass(frozen=True, eq=False)
class ItemPool:
    """The items that a training batch needs, encoded once for all its micro-batches.

    Attributes:
        items: (n,) catalogue indices.
        vectors: (n, d) their vectors.
        rows: (N + 1,) row of each catalogue index, -1 where it is not in the pool; index -1 reads the last entry, -1.
        negatives: (M,) rows of the negatives that all queries share, or None for the whole catalogue.
        rerank: (M',) rows of the re-ranker's negatives, or None.
        shortlist: How each query gets negatives of its own for the re-ranker, or None. Without these and ``rerank``
            there is no re-ranking.
    """

    items: Tensor
    vectors: Tensor
    rows: Tensor
    negatives: Tensor | None
    rerank: Tensor | None
    shortlist: Shortlist | None = None

    @classmethod
    def of_model(
        cls,
        model: PecrsModel,
        named: Tensor,
        negatives: Tensor | None,
        rerank: Tensor | None,
        dropout: tuple[float, float] = NO_DROPOUT,
    ) -> ItemPool:
        """Encode the items that a batch needs, with gradient; indices come on the CPU.

        Args:
            model: With item states.
            named: (n,) distinct catalogue indices that streams and positives hold.
            negatives: (M,) catalogue indices of the retriever's negatives, or None for the whole catalogue.
            rerank: (M',) catalogue indices of the re-ranker's negatives, or None.
            dropout: Shares of the items that lose their embedding, and their text, while the model is in training mode.
        """
        count, device = len(model.catalogue), model.device
        items = torch.arange(count)
        if negatives is not None:
            items = torch.unique(torch.cat([named, negatives, *([] if rerank is None else [rerank])]))
        rows = torch.full((count + 1,), -1)
        rows[items] = torch.arange(len(items))
        vectors = model.item_vectors(items, dropout if model.training else NO_DROPOUT)
        placed = items.to(device, non_blocking=True), vectors, rows.to(device, non_blocking=True)
        return cls(*placed, None, None).against(negatives, rerank)

    def detached(self) -> ItemPool:
        """Return a pool whose vectors collect the gradients of several micro-batches for one pass of the encoder."""
        return replace(self, vectors=self.vectors.detach().requires_grad_())

    def against(self, negatives: Tensor | None, rerank: Tensor | None, shortlist: Shortlist | None = None) -> ItemPool:
        """Return the same vectors with other negatives; catalogue indices of the pool, or None as above."""
        device, chosen = self.rows.device, (negatives, rerank)
        rows = [None if some is None else self.rows[some.to(device, non_blocking=True)] for some in chosen]
        return replace(self, negatives=rows[0], rerank=rows[1], shortlist=shortlist)


def without(scores: Tensor, positives: Tensor) -> Tensor:
    """Return scores (G, n) with -inf on the positives (G, K), which -1 pads."""
    columns = torch.where(positives >= 0, positives, scores.shape[1])  # padding falls into an extra column
    hidden = scores.new_zeros(len(scores), scores.shape[1] + 1, dtype=torch.bool).scatter_(1, columns, True)
    return scores.masked_fill(hidden[:, :-1], -torch.inf)
