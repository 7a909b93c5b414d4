"""What a model gives for a training batch, and how much of it is trained, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor, nn

from pecrs.model.backbone.quantization import weight_count


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

    @classmethod
    def of_model(cls, model: nn.Module) -> Self:
        """Count the parameters of a model. Source: PECRS §3.5."""
        sizes = [(weight_count(p), p.requires_grad) for p in model.parameters()]
        return cls(sum(n for n, trained in sizes if trained), sum(n for n, _ in sizes))

    @property
    def share(self) -> float:
        """Trained over total, in [0, 1]."""
        return self.trained / self.total

    def __str__(self) -> str:
        """Return ``trained X of Y parameters (Z %)``."""
        return f"trained {self.trained:,} of {self.total:,} parameters ({100 * self.share:.2f} %)"
