"""The losses of eq. 3 to 8 as pure functions of the model's scores.

Every loss is a sum over the paper's data points divided by their number, items or not; turns without an item add
nothing to recall and re-ranking.

Source: PECRS §3.3 to §3.6; design sections 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from pecrs.config import TrainingConfig
from pecrs.data.collator import Batch
from pecrs.model.pecrs import PecrsOutput


@dataclass(frozen=True, eq=False)
class Losses:
    """Scalars of one batch.

    Attributes:
        total: Eq. 8 with the decision loss added.
        recall: Eq. 4.
        rerank: Eq. 5.
        generation: Eq. 7.
        decision: Cross-entropy of ``[REC]`` against the recommender's prefix.
    """

    total: Tensor
    recall: Tensor
    rerank: Tensor
    generation: Tensor
    decision: Tensor

    def named(self) -> dict[str, Tensor]:
        """Return the detached scalars by name."""
        return {name: getattr(self, name).detach() for name in ("total", "recall", "rerank", "generation", "decision")}


def contrastive_loss(positive: Tensor, negative: Tensor, mask: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the summed cross-entropy of each positive against the negatives, the other positives left out.

    Args:
        positive: (n, K) scores of positives.
        negative: (n, M) scores of the shared negatives; -inf leaves one out.
        mask: (n, K) True where a positive stands.
        smoothing: Share of the label that is spread over the positive and its negatives, none of which is left out.

    Returns:
        A scalar.

    Source: PECRS eq. 3 to 5; design section 2 (a turn with k items has k losses on one branch set).

    >>> one = contrastive_loss(torch.zeros(1, 1), torch.zeros(1, 3), torch.ones(1, 1, dtype=torch.bool))
    >>> bool(torch.isclose(one, torch.tensor(4.0).log()))
    True
    """
    finite = negative.clamp_min(torch.finfo(negative.dtype).min)  # a row of -inf alone would have no gradient
    rest = torch.logsumexp(finite, dim=1, keepdim=True)
    total = torch.logaddexp(positive, rest)
    losses = total - positive  # (n, K)
    if smoothing:
        mean = (positive + negative.sum(1, keepdim=True)) / (1 + negative.shape[1])
        losses = (1 - smoothing) * losses + smoothing * (total - mean)
    return torch.where(mask, losses, torch.zeros_like(losses)).sum()


def weighted_sum(losses: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted sum of token or decision losses.

    Args:
        losses: (T,) minus log-probabilities.
        weights: (T,) for a token one over the length of its response, times the response's data points.

    Source: PECRS eq. 7.
    """
    return (losses * weights.to(losses.dtype)).sum()


def corrected(negative: Tensor, log_counts: Tensor | None) -> Tensor:
    """Return scores less the logarithm of how often their items are to be expected in the sample.

    The sum of exponentials over the sample is then an unbiased estimate of that over the catalogue, whatever items
    were drawn from: a softmax over them approaches that over all items as the sample grows.

    Args:
        negative: (n, M) scores of the sample; -inf leaves one out.
        log_counts: (M,) from :func:`pecrs.training.negatives.sample_with_replacement`; None corrects nothing.

    Source: Bengio and Senécal 2008; Yi et al., "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
    Recommendations", RecSys 2019.

    >>> drawn = torch.tensor([[3.0, 3.0, 3.0, 3.0]])  # one of four items alike, four times
    >>> torch.logsumexp(corrected(drawn, torch.zeros(4)), 1) == torch.logsumexp(drawn, 1)
    tensor([True])
    """
    return negative if log_counts is None else negative - log_counts.to(negative)


def pecrs_losses(
    output: PecrsOutput,
    batch: Batch,
    config: TrainingConfig,
    points: int | None = None,
    log_counts: Tensor | None = None,
) -> Losses:
    """Combine the losses of a batch.

    Args:
        output: The model's scores.
        batch: Targets and weights.
        config: Loss weights.
        points: Data points to divide by; None takes the batch's own. A part of a batch is divided by the whole's.
        log_counts: (M,) how the retriever's negatives are corrected; see :func:`corrected`.

    Source: PECRS eq. 8.
    """
    negative = corrected(output.recall_negative, log_counts)
    recall = contrastive_loss(output.recall_positive, negative, output.positive_mask)
    rerank = recall.new_zeros(())
    if output.rerank_positive is not None and output.rerank_negative is not None:
        scores = (
            output.rerank_positive / config.rerank_temperature,
            output.rerank_negative / config.rerank_temperature,
        )
        rerank = contrastive_loss(*scores, output.positive_mask, config.rerank_smoothing)
    generation = weighted_sum(output.token_losses, batch.target_weights)
    decisions = F.cross_entropy(output.decision_logits, batch.decisions[:, 1], reduction="none")
    decision = weighted_sum(decisions, batch.decision_weights)
    divisor = points or batch.points
    recall, rerank, generation, decision = (x / divisor for x in (recall, rerank, generation, decision))
    total = (
        config.recall_weight * recall
        + config.rerank_weight * rerank
        + config.generation_weight * generation
        + config.decision_weight * decision
    )
    return Losses(total, recall, rerank, generation, decision)
