"""Negative items, shared by a batch and by both ranking tasks.

Source: PECRS §3.6: "we share the negative samples across batch elements and ensure that none of them is a positive".
With replacement: Bengio and Senécal, "Adaptive Importance Sampling to Accelerate Training of a Neural Probabilistic
Language Model", IEEE Transactions on Neural Networks, 2008.
"""

from __future__ import annotations

import torch
from torch import Tensor


def sample_negatives(count: int, items: int, positives: Tensor, generator: torch.Generator) -> Tensor:
    """Draw negatives uniformly without replacement, none of them a positive of the batch.

    Args:
        count: M; a small catalogue may yield fewer.
        items: Size of the catalogue.
        positives: Catalogue indices of the batch's positives, any shape; -1 is padding.
        generator: Source of randomness.

    Returns:
        (M,) catalogue indices on the CPU.
    """
    allowed = torch.ones(items + 1, dtype=torch.bool)
    allowed[positives.flatten().cpu()] = False  # -1 falls into the extra entry
    order = torch.randperm(items, generator=generator)
    return order[allowed[order]][:count]


def sample_with_replacement(count: int, weights: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw items with replacement, each in proportion to its weight.

    Args:
        count: M.
        weights: (N,) positive, on the CPU.
        generator: Source of randomness.

    Returns:
        (M,) catalogue indices, and (M,) the logarithm of how often each of them is to be expected among M draws.
    """
    cumulative = weights.double().cumsum(0)
    draws = torch.rand(count, dtype=torch.float64, generator=generator) * cumulative[-1]
    items = torch.searchsorted(cumulative, draws, right=True).clamp_max(len(weights) - 1)
    return items, (count * weights[items].double() / cumulative[-1]).log()
