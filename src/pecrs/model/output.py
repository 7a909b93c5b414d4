"""What goes between a training batch, the model and the losses, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Shortlist:
    """The re-ranker's negatives as a part of what the retriever ranks first.

    Attributes:
        size: How many items come into question, the right ones left out.
        drawn: M', how many of them are drawn.
    """

    size: int
    drawn: int


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

    def detached(self) -> ItemPool:
        """Return a pool whose vectors collect the gradients of several micro-batches for one pass of the encoder."""
        return replace(self, vectors=self.vectors.detach().requires_grad_())

    def against(self, negatives: Tensor | None, rerank: Tensor | None, shortlist: Shortlist | None = None) -> ItemPool:
        """Return the same vectors with other negatives; catalogue indices of the pool, or None as above."""
        device = self.rows.device
        rows = [None if chosen is None else self.rows[chosen.to(device)] for chosen in (negatives, rerank)]
        return replace(self, negatives=rows[0], rerank=rows[1], shortlist=shortlist)


@dataclass(frozen=True, eq=False)
class PecrsOutput:
    """The scores of a training batch; G queries, K positives at most, M negatives, T tokens, D decisions.

    Attributes:
        positive_mask: (G, K) True where a positive stands.
        recall_positive: (G, K) retrieval scores of the positives.
        recall_negative: (G, M) retrieval scores of the negatives; -inf on positives.
        rerank_positive: (G, K) re-ranking scores, or None without a re-ranker.
        rerank_negative: (G, M') re-ranking scores of the negatives, or None.
        token_losses: (T,) minus log-probabilities of the response tokens.
        decision_logits: (D, 2) logits of the recommender's prefix and of ``[REC]``.
    """

    positive_mask: Tensor
    recall_positive: Tensor
    recall_negative: Tensor
    rerank_positive: Tensor | None
    rerank_negative: Tensor | None
    token_losses: Tensor
    decision_logits: Tensor

    def exact(self) -> PecrsOutput:
        """Return the scores in single precision at least, for the losses."""
        low = {k: v for k, v in vars(self).items() if v is not None and v.dtype in (torch.bfloat16, torch.float16)}
        return replace(self, **{name: scores.float() for name, scores in low.items()})


@dataclass(frozen=True)
class TrainedParameters:
    """How much of a model is trained; ``str`` makes a line of it.

    Attributes:
        trained: Number of trained parameters: adapters, token rows and heads, or all.
        total: Number of all parameters, shared ones counted once.
    """

    trained: int
    total: int

    @property
    def share(self) -> float:
        """Trained over total, in [0, 1]."""
        return self.trained / self.total

    def __str__(self) -> str:
        """Return ``trained X of Y parameters (Z %)``."""
        return f"trained {self.trained:,} of {self.total:,} parameters ({100 * self.share:.2f} %)"
