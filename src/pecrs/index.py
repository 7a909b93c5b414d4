"""Item vectors -> the top of the catalogue for a query, exactly.

Source: PECRS §3.6; design section 4, step 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from pecrs.model.pecrs import PecrsModel
from pecrs.model.retriever import Mentions, Retriever


@dataclass(frozen=True, eq=False)
class ItemIndex:
    """The catalogue's vectors and biases beside the head that scores them.

    Attributes:
        retriever: Gives the same scores as in training.
        vectors: (N, d) item vectors in catalogue order, all of the same norm.
        norm: That norm.
        bias: (N,) popularity bias, ``generation.unseen_bias`` where there is no popularity; or None.
    """

    retriever: Retriever
    vectors: Tensor
    norm: Tensor
    bias: Tensor | None

    @classmethod
    def of_model(cls, model: PecrsModel) -> Self:
        """Return the index of a model's own catalogue, by its present vectors."""
        with torch.no_grad():
            bias = model.retriever.item_bias()
            if model.config.generation.unseen_bias:
                unseen = model.config.generation.unseen_bias * ~model.retriever.seen
                bias = unseen if bias is None else bias + unseen
        return cls(model.retriever, model.catalogue_vectors, model.item_encoder.scale, bias)

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.vectors)

    def scores(self, states: Tensor, mentions: Mentions) -> Tensor:
        """Return the scores of all items.

        Args:
            states: (n, d) states at ``[REC]``.
            mentions: The items before each; see :meth:`PecrsModel.mentions`.

        Returns:
            (n, N).
        """
        scores: Tensor = self.retriever(states, self.vectors, self.norm, self.bias, mentions)
        return scores
