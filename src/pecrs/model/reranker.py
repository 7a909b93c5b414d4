"""Candidate branch state -> score.

Source: PECRS §3.3 "Re-ranking", eq. 5: r = g(f(state)), with f the retriever's head.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn


class Reranker(nn.Module):
    """g, an MLP on f of the context-aware candidate state."""

    def __init__(self, width: int, *, linear: bool = False) -> None:
        """Make the head.

        Args:
            width: Hidden width d.
            linear: Make g one linear layer instead of two with a ReLU between them.
        """
        super().__init__()
        layers = [] if linear else [nn.Linear(width, width), nn.ReLU()]
        self.head = nn.Sequential(*layers, nn.Linear(width, 1))

    def forward(self, projected: Tensor) -> Tensor:
        """Return scores (..., M) of candidates.

        Args:
            projected: (..., M, d) f of the candidates' states, or the states themselves where f has no part in it.
        """
        return cast(Tensor, self.head(projected)).squeeze(-1)
