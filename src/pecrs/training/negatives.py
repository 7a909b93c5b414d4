"""Negative items, shared by a batch and by both ranking tasks.

Source: PECRS §3.6: "we share the negative samples across batch elements and ensure that none of them is a positive".
"""

from __future__ import annotations

import torch
from torch import Tensor


def sample_negatives(count: int, items: int, positives: Tensor, generator: torch.Generator) -> Tensor:
    """Draw negatives uniformly without replacement, none of them a positive of the batch.

    Args:
        count: M; a small catalogue may yield fewer.
        items: Size of the catalogue.
        positives: Catalogue indices of the batch's right items, any shape; -1 is padding.
        generator: Source of randomness.

    Returns:
        (M,) catalogue indices on the CPU.
    """
    allowed = torch.ones(items + 1, dtype=torch.bool)
    allowed[positives.flatten().cpu()] = False  # -1 falls into the extra entry
    order = torch.randperm(items, generator=generator)
    return order[allowed[order]][:count]
