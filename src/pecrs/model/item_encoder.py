"""Item states -> learned pooling -> item head -> item vector.

Source: PECRS §3.2, eq. 1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from pecrs.model.item_states import ItemStates

_LEAST_DEVIATION = 0.01
_TINY = 1e-12


class ItemEncoder(nn.Module):
    """v_j = h_item(w^T C_j), normalised to the length of a token embedding.

    The pooling weight w has one entry per position and is normalised over the item's own tokens, so that a vector
    never depends on what it was computed with. Vectors enter the language model as input embeddings, hence the norm.
    """

    scale: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(self, width: int, max_tokens: int, scale: float, items: int | None) -> None:
        """Make the pooling, the head and, where wanted, the learned item embeddings.

        Args:
            width: Hidden width d.
            max_tokens: Longest item text.
            scale: Norm of an item vector: the mean norm of the backbone's token rows.
            items: Number of learned item embeddings, or None for text alone.
        """
        super().__init__()
        self.pooling = nn.Parameter(torch.zeros(max_tokens))
        self.head = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        self.embedding = nn.Parameter(torch.zeros(items, width)) if items is not None else None
        self.register_buffer("scale", torch.tensor(scale))
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))

    @torch.no_grad()
    def standardise(self, states: ItemStates) -> None:
        """Fix the mean and the deviation that the head's input is standardised by, from a catalogue's pooled states.

        Last-layer states share one large common direction, in which the differences between items drown. Dividing it
        out is an affine map before a linear layer, hence only another start of h_item.

        Args:
            states: Token states of the training catalogue.
        """
        pooled = self.pool(states, torch.arange(len(states), device=states.offsets.device))
        deviation, self.mean = torch.std_mean(pooled, dim=0, correction=0)
        self.deviation = deviation.clamp_min(float(deviation.mean()) * _LEAST_DEVIATION + _TINY)

    def forward(self, states: ItemStates, items: Tensor) -> Tensor:
        """Return the vectors (n, d) of items (n,), each of norm ``scale``.

        Args:
            states: Cached token states.
            items: (n,) catalogue indices.
        """
        vectors = self.head((self.pool(states, items) - self.mean) / self.deviation)
        if self.embedding is not None:
            vectors = vectors + self.embedding[items]  # (n, d)
        return F.normalize(vectors, dim=-1) * self.scale

    def pool(self, states: ItemStates, items: Tensor) -> Tensor:
        """Return the pooled states (n, d), each a weighted mean over its item's tokens.

        Args:
            states: Cached token states.
            items: (n,) catalogue indices.
        """
        rows, positions, bags = states.select(items)
        powers = torch.exp(self.pooling - self.pooling.max())
        totals = torch.cumsum(powers, 0)  # (max_tokens,) of an item's last position: its sum
        sizes = torch.diff(bags, append=bags.new_tensor([len(rows)]))
        weights = powers[positions] / torch.repeat_interleave(totals[sizes - 1], sizes)  # (tokens,)
        dtype = states.states.dtype
        pooled = F.embedding_bag(rows, states.states, bags, mode="sum", per_sample_weights=weights.to(dtype))
        return pooled.to(self.pooling.dtype)
