"""Item vectors -> the scores of the catalogue for a query: of all items, or of those that an approximate search finds.

Source: PECRS §3.6; design section 4, step 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from pecrs.data.catalogue import Catalogue, Item
from pecrs.index.nearest import NearestItems
from pecrs.model.pecrs import PecrsModel
from pecrs.model.retriever import Mentions, Retriever

EXACT_SHARE = 0.1
"""Where filters leave less of a catalogue than this, what is left is scored whole: there graphs lead astray."""


@dataclass(frozen=True, eq=False)
class ItemIndex:
    """The catalogue's vectors and biases beside the head that scores them.

    Attributes:
        retriever: Gives the same scores as in training.
        vectors: (N, d) item vectors in catalogue order, all of the same norm.
        norm: That norm.
        bias: (N,) popularity bias, ``generation.unseen_bias`` where there is no popularity; or None.
        nearest: Finds items without scoring all of them; None scores all.
    """

    retriever: Retriever
    vectors: Tensor
    norm: Tensor
    bias: Tensor | None
    nearest: NearestItems | None = None

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

    @classmethod
    def of_catalogue(cls, model: PecrsModel, catalogue: Catalogue, vectors: Tensor) -> Self:
        """Return the index of any catalogue, given its vectors; items that are the model's own keep their biases.

        Args:
            model: The model.
            catalogue: The items.
            vectors: (N, d), as :func:`pecrs.index.encoding.encode_catalogue` makes them.
        """
        own = cls.of_model(model)
        bias = own.bias
        if bias is not None:
            places = torch.tensor(own_places(model.catalogue, catalogue.items))
            unseen = model.config.generation.unseen_bias
            bias = torch.where(places >= 0, bias[places.clamp_min(0)], torch.full_like(bias[:1], unseen))
        return cls(own.retriever, vectors, own.norm, bias)

    def changed(self, places: Tensor, fresh: Tensor, vectors: Tensor, unseen_bias: float) -> ItemIndex:
        """Return the index of a changed catalogue.

        Args:
            places: (N,) index in the changed catalogue of each present item, -1 where it is gone or replaced.
            fresh: (n,) index in the changed catalogue of each item that is new or a replacement.
            vectors: (n, d) their vectors.
            unseen_bias: Their bias.
        """
        kept = places >= 0
        size = int(kept.sum()) + len(fresh)
        moved = self.vectors.new_empty(size, self.vectors.shape[1])
        moved[places[kept]], moved[fresh] = self.vectors[kept], vectors.to(moved)
        bias = added = None
        if self.bias is not None:
            added = self.bias.new_full((len(fresh),), unseen_bias)
            bias = self.bias.new_empty(size)
            bias[places[kept]], bias[fresh] = self.bias[kept], added
        nearest = self.nearest and self.nearest.changed(places, fresh, vectors, self._shared(added))
        return replace(self, vectors=moved, bias=bias, nearest=nearest)

    def approximate(self, description: str, search: str = "") -> ItemIndex:
        """Return the same index with an approximate search; see :meth:`NearestItems.build`."""
        nearest = NearestItems.build(self.vectors, self._shared(self.bias), description, search)
        return replace(self, nearest=nearest)

    def search(self, states: Tensor, mentions: Mentions, count: int, allowed: Tensor) -> Tensor:
        """Return the scores of the items that may rank first, -inf for all others.

        Without an approximate search these are all items that are allowed; with one, ``count`` of them or a few less
        or more. Their scores are those of :meth:`scores` either way.

        Args:
            states: (n, d) states at ``[REC]``.
            mentions: The items before each.
            count: How many are wanted.
            allowed: (n, N) what may be recommended.

        Returns:
            (n, N).
        """
        if self.nearest is None:
            return self.scores(states, mentions).masked_fill(~allowed, -torch.inf)
        scores = states.new_full((len(states), len(self)), -torch.inf, dtype=self.vectors.dtype)
        few = allowed.sum(1) <= max(count, EXACT_SHARE * len(self))
        many = torch.nonzero(~few).flatten()
        found: dict[int, Tensor] = {row: torch.nonzero(allowed[row]).flatten() for row in range(len(few)) if few[row]}
        if len(many):
            directions = self.retriever.direction(states, self.norm, mentions)[many]
            found |= zip(many.tolist(), self.nearest.search(directions, count, allowed[many]), strict=True)
        for row, items in found.items():
            self._score(scores[row], row, items.to(states.device), states, mentions)
        return scores.masked_fill_(~allowed, -torch.inf)

    def _score(self, scores: Tensor, row: int, items: Tensor, states: Tensor, mentions: Mentions) -> None:
        """Write the scores of some items, and of those that the context names, into a row (N,)."""
        own = mentions.queries == row
        named = mentions.items[own]
        items = torch.cat([named, items[~torch.isin(items, named)]])
        local = Mentions(
            mentions.mean[row : row + 1],
            mentions.count[row : row + 1],
            torch.zeros_like(named),
            torch.arange(len(named), device=named.device),
            mentions.states[own],
        )
        bias = None if self.bias is None else self.bias[items]
        scores[items] = self.retriever(states[row : row + 1], self.vectors[items], self.norm, bias, local)[0]

    def _shared(self, bias: Tensor | None) -> Tensor | None:
        """Return biases as inner products count them: beside a similarity of scale 1."""
        return None if bias is None else bias / self.retriever.log_scale.exp()


def own_places(catalogue: Catalogue, items: Sequence[Item]) -> list[int]:
    """Return where a catalogue has just these items, the same in all that is known of them; -1 where it has not."""
    return [
        place if item.id in catalogue and catalogue.items[place := catalogue.index(item.id)] == item else -1
        for item in items
    ]
