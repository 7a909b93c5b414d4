"""Candidates as the language model reads them, and candidate branch state -> score.

Source: PECRS §3.3 "Re-ranking", eq. 5: r = g(f(state)), with f the retriever's head.
"""

from __future__ import annotations

from typing import Literal, cast

import torch
from torch import Tensor, nn


class Reranker(nn.Module):
    """g, an MLP on f of the context-aware candidate state."""

    def __init__(
        self,
        width: int,
        *,
        linear: bool = False,
        position: Literal["none", "zero", "after_rec"] = "after_rec",
    ) -> None:
        """Make the head.

        Args:
            width: Hidden width d.
            linear: Make g one linear layer instead of two with a ReLU between them, on the states themselves.
            position: Where candidates stand: nowhere (additive positions only), at 0, or after ``[REC]``.
        """
        super().__init__()
        self.linear, self.position = linear, position
        layers = [] if linear else [nn.Linear(width, width), nn.ReLU()]
        self.head = nn.Sequential(*layers, nn.Linear(width, 1))

    def embed(self, vectors: Tensor, places: Tensor, table: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return candidates' input embeddings (G * M, d) and position ids (G * M,).

        Args:
            vectors: (G, M, d) item vectors.
            places: (G,) position of each group's ``[REC]`` in its stream.
            table: (positions, d) additive position embeddings, which no position needs.

        Source: PECRS §3.3, "positional embeddings are removed for item tokens"; design section 1.
        """
        if self.position == "none":
            assert table is not None
            vectors = vectors - table[0]  # the model adds it back
        places = places + 1 if self.position == "after_rec" else torch.zeros_like(places)
        return vectors.flatten(0, 1), places[:, None].expand(vectors.shape[:2]).flatten()

    def forward(self, states: Tensor, f: nn.Module) -> Tensor:
        """Return scores (..., M) of candidates.

        Args:
            states: (..., M, d) the candidates' states.
            f: The retriever's head, which has no part in it where g is linear.
        """
        with torch.autocast(states.device.type, enabled=False):  # bf16 would make scores of a shortlist equal
            states = states.to(next(self.parameters()).dtype)
            return cast(Tensor, self.head(states if self.linear else f(states))).squeeze(-1)
