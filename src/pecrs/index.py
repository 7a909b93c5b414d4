"""Item vectors -> the top of the catalogue for a query, exactly.

Source: PECRS §3.6; design section 4, step 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pecrs.model.retriever import Retriever


@dataclass(frozen=True, eq=False)
class ItemIndex:
    """The catalogue's vectors and biases beside the head that scores them.

    Attributes:
        retriever: Gives the same scores as in training.
        vectors: (N, d) item vectors in catalogue order.
        bias: (N,) popularity bias, or None.
    """

    retriever: Retriever
    vectors: Tensor
    bias: Tensor | None

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.vectors)

    def scores(self, states: Tensor) -> Tensor:
        """Return the scores (n, N) of all items for states (n, d) at ``[REC]``."""
        scores: Tensor = self.retriever(states, self.vectors, self.bias)
        return scores

    def search(self, states: Tensor, count: int, allowed: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the best items of each query.

        Args:
            states: (n, d) states at ``[REC]``.
            count: Items wanted; fewer come back where fewer are allowed.
            allowed: (N,) bool, False for items to leave out; None allows all.

        Returns:
            (n, k) scores, never increasing, and (n, k) catalogue indices.
        """
        scores = self.scores(states)
        available = len(self)
        if allowed is not None:
            scores = scores.masked_fill(~allowed, -torch.inf)
            available = int(allowed.sum())
        best, items = torch.topk(scores, min(count, available), dim=1)
        return best, items
