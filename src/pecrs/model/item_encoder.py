"""Item states -> learned pooling -> item head -> item vector.

Source: PECRS §3.2, eq. 1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from pecrs.model.item_states import ItemStates

NO_DROPOUT = (0.0, 0.0)
"""All items keep their embeddings and their texts."""

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
    seen: Tensor | None

    def __init__(
        self,
        width: int,
        max_tokens: int,
        scale: float,
        seen: Tensor | None,
        *,
        learn_pooling: bool = True,
        head: bool = True,
    ) -> None:
        """Make the pooling, the head and, where wanted, the learned item embeddings.

        Args:
            width: Hidden width d.
            max_tokens: Longest item text.
            scale: Norm of an item vector: the mean norm of the backbone's token rows.
            seen: (N,) bool, the items that training names and that therefore have an embedding; the others are
                described by text alone, as items that come later will be. None for text alone throughout.
            learn_pooling: Learn w; else all tokens of an item weigh alike.
            head: Have h_item; else the standardised pooled states are the vectors, up to their norm.
        """
        super().__init__()
        self.pooling = nn.Parameter(torch.zeros(max_tokens), requires_grad=learn_pooling)
        layers = [nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width)]
        self.head = nn.Sequential(*(layers if head else ()))
        self.embedding = nn.Parameter(torch.zeros(len(seen), width)) if seen is not None else None
        self.register_buffer("seen", seen)
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
        pooled = self.pool(states, torch.arange(len(states)))
        deviation, self.mean = torch.std_mean(pooled, dim=0, correction=0)
        self.deviation = deviation.clamp_min(float(deviation.mean()) * _LEAST_DEVIATION + _TINY)

    @torch.no_grad()
    def start_embedding(self, embedding: Tensor) -> None:
        """Start the learned embeddings at given values (N, d)."""
        assert self.embedding is not None
        self.embedding.copy_(embedding)

    def forward(
        self,
        states: ItemStates,
        items: Tensor,
        *,
        learned: bool = True,
        dropout: tuple[float, float] = NO_DROPOUT,
    ) -> Tensor:
        """Return the vectors (n, d) of items (n,), each of norm ``scale``.

        Args:
            states: Cached token states.
            items: (n,) catalogue indices, on the CPU.
            learned: Add the learned embeddings; False reads items that are not in the training catalogue.
            dropout: Shares of the seen items that lose their embedding, and their text, so that either suffices.
        """
        vectors = self.head((self.pool(states, items) - self.mean) / self.deviation)
        if learned and self.embedding is not None and self.seen is not None:
            here = items.to(vectors.device, non_blocking=True)
            seen = self.seen[here, None]
            added = self.embedding[here] * seen  # (n, d)
            if any(dropout):
                draw = torch.rand(len(here), 1, device=vectors.device)
                without, alone = dropout
                added = added * (draw >= without)
                vectors = vectors.masked_fill((draw >= 1 - alone) & seen, 0)
            vectors = vectors + added
        return F.normalize(vectors.to(self.scale.dtype), dim=-1) * self.scale  # a norm that bf16 would blur

    def pool(self, states: ItemStates, items: Tensor) -> Tensor:
        """Return the pooled states (n, d), each a weighted mean over its item's tokens.

        Args:
            states: Cached token states.
            items: (n,) catalogue indices, on the CPU.
        """
        rows, positions, bags = states.select(items)
        powers = torch.exp(self.pooling - self.pooling.max())
        totals = torch.cumsum(powers, 0)  # (max_tokens,) of an item's last position: its sum
        ends = torch.cat([bags[1:], bags.new_full((1,), len(rows))])
        sizes = ends - bags
        shares = torch.repeat_interleave(totals[sizes - 1], sizes, output_size=len(rows))
        weights = powers[positions] / shares  # (tokens,)
        dtype = states.states.dtype
        pooled = F.embedding_bag(rows, states.states, bags, mode="sum", per_sample_weights=weights.to(dtype))
        pooled = pooled.to(self.pooling.dtype)
        return pooled if states.centre is None else pooled + states.centre.to(pooled)
