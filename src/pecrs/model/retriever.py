"""State at ``[REC]`` -> query -> scores of items. The same scores serve the loss, the index and evaluation.

Source: PECRS §3.3 "Retrieval", eq. 3; the printed sign is mended: a score is minus a distance (design section 1).
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

_MENTION_WEIGHT = 8.0
"""Where the weight of the context's items starts."""


def similarity(cosine: Tensor, kind: Literal["angular", "cosine"]) -> Tensor:
    """Return the similarity of queries and items from their cosines; both kinds rank alike.

    Args:
        cosine: (...).
        kind: ``angular`` is -sqrt(2 (1 - cos)); its gradient is clamped where cos = 1.

    Source: PECRS eq. 3.

    >>> -similarity(torch.tensor([1.0, 0.0, -1.0]), "angular") ** 2
    tensor([-0., -2., -4.])
    """
    if kind == "cosine":
        return cosine
    squared = 2 * (1 - cosine)
    floor = 1e-12 if squared.dtype == torch.float64 else 1e-6
    return -torch.where(squared > floor, squared.clamp_min(floor).sqrt(), torch.zeros_like(squared))


class Retriever(nn.Module):
    """f, the temperature and the popularity bias: all that stands between a state and a ranking."""

    log_popularity: Tensor

    def __init__(
        self,
        width: int,
        popularity: Tensor,
        *,
        kind: Literal["angular", "cosine"],
        scale: float,
        learn_scale: bool,
        bias: Literal["none", "log", "learned"],
        mentions: bool,
    ) -> None:
        """Make the head.

        Args:
            width: Hidden width d.
            popularity: (N,) how often each item was the right answer in training.
            kind: Similarity.
            scale: Factor on the similarity inside the softmax.
            learn_scale: Whether the factor is trained.
            bias: Treatment of popularity.
            mentions: Whether the items of the context enter the score directly.
        """
        super().__init__()
        self.kind = kind
        self.head = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale)), requires_grad=learn_scale)
        self.register_buffer("log_popularity", torch.log1p(popularity.float()))
        self.mention_weight = nn.Parameter(torch.tensor(_MENTION_WEIGHT)) if mentions else None
        self.popularity_weight = nn.Parameter(torch.ones(())) if bias == "log" else None
        self.bias = nn.Parameter(self.log_popularity.clone()) if bias == "learned" else None

    @property
    def seen(self) -> Tensor:
        """(N,) whether training names an item; only then it has a bias."""
        return self.log_popularity > 0

    def forward(
        self, states: Tensor, vectors: Tensor, norm: Tensor, bias: Tensor | None, mentioned: Tensor | None = None
    ) -> Tensor:
        """Score items for the states at ``[REC]``.

        Args:
            states: (..., d) last hidden states.
            vectors: (n, d) item vectors, all of the same norm: to divide a query by it costs nothing, to normalise a
                large catalogue for every query does.
            norm: That norm.
            bias: (n,) of the same items from :meth:`item_bias`.
            mentioned: (..., d) mean vector of the items in each query's context, zero where there are none. Its cosine
                to an item is an explicit, switchable form of what published models do in silence: half of their
                recall at 1 is repetition (design section 6).

        Returns:
            (..., n) scores, higher is better; a softmax over them is eq. 3.
        """
        query = self.head(states)
        with torch.autocast(query.device.type, enabled=False):  # bf16 would round cosines to 1/256
            weight = self.mention_weight if mentioned is not None else None
            directions = [query] if weight is None or mentioned is None else [query, mentioned]
            directions = [F.normalize(direction.to(vectors.dtype), dim=-1) / norm for direction in directions]
            cosines = torch.stack(directions) @ vectors.T  # (1 or 2, ..., n)
            scores = similarity(cosines[0], self.kind) * self.log_scale.exp()
            if weight is not None:
                scores = scores + weight * cosines[1]
            return scores if bias is None else scores + bias

    def item_bias(self, items: Tensor | slice = slice(None)) -> Tensor | None:
        """Return the popularity bias (n,) of catalogue indices, or None where there is none."""
        if self.bias is not None:
            return self.bias[items] * self.seen[items]
        if self.popularity_weight is not None:
            return self.popularity_weight * self.log_popularity[items]
        return None
