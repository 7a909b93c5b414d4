"""Item vectors -> the best of the catalogue for a query: exactly, or among what an approximate search finds.

Source: PECRS §3.6; design section 4, step 4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from pecrs.data.catalogue import Catalogue
from pecrs.index.encoding import own_places
from pecrs.index.nearest import NearestItems
from pecrs.model.pecrs import PecrsModel
from pecrs.model.retriever import Mentions, Retriever

EXACT_SHARE = 0.1
"""Where no larger share of a catalogue is allowed, what is allowed is scored whole: there graphs lead astray."""


@dataclass(frozen=True, eq=False)
class TopK:
    """The best items of n queries.

    Attributes:
        items: (n, k) catalogue indices, best first.
        scores: (n, k) their retrieval scores, -inf where fewer than k are allowed.
    """

    items: Tensor
    scores: Tensor

    @classmethod
    def best(cls, scores: Tensor, count: int) -> Self:
        """Return the ``count`` best of scores (n, N), or all."""
        values, items = torch.topk(scores, min(count, scores.shape[1]), dim=1)
        return cls(items, values)

    def put_first(self, query: int, items: Tensor, scores: Tensor) -> TopK:
        """Return one query's best, in an order of its own at the top: (1, k).

        The rest goes on below with retrieval's own differences, so that scores never increase.

        Args:
            query: Which one.
            items: (n,) what comes first, all allowed.
            scores: (n,) never increasing.
        """
        size = self.items.shape[1]
        items, scores = items.to(self.items), scores.to(self.scores)
        others = ~torch.isin(self.items[query], items)
        rest, tail = self.items[query][others], self.scores[query][others]
        if len(scores) and len(tail):
            lower = torch.minimum(scores[-1], scores[-1] + tail - tail[0])
            tail = torch.where(torch.isfinite(tail), lower, tail)
        return TopK(torch.cat([items, rest])[None, :size], torch.cat([scores, tail])[None, :size])

    def with_row(self, query: int, row: TopK) -> TopK:
        """Return the best of all queries, those of one replaced.

        Args:
            query: Which one.
            row: (1, k).
        """
        items, scores = self.items.clone(), self.scores.clone()
        items[query], scores[query] = row.items[0], row.scores[0]
        return TopK(items, scores)

    def select(self, queries: list[int], count: int) -> Self:
        """Return the ``count`` best of some of the queries."""
        return replace(self, items=self.items[queries, :count], scores=self.scores[queries, :count])


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
    def of_model(cls, model: PecrsModel, unseen_bias: float = 0.0) -> Self:
        """Return the index of a model's own catalogue, by its present vectors.

        Args:
            model: The model.
            unseen_bias: ``generation.unseen_bias``.
        """
        with torch.no_grad():
            bias = model.retriever.item_bias()
            if unseen_bias:
                unseen = unseen_bias * ~model.retriever.seen
                bias = unseen if bias is None else bias + unseen
        return cls(model.retriever, model.catalogue_vectors, model.item_encoder.scale, bias)

    @classmethod
    def of_catalogue(cls, model: PecrsModel, catalogue: Catalogue, vectors: Tensor, unseen_bias: float = 0.0) -> Self:
        """Return the index of any catalogue; items that are the model's own keep their biases.

        Args:
            model: The model.
            catalogue: The items.
            vectors: (N, d), as :func:`pecrs.index.encoding.encode_shard` makes them.
            unseen_bias: ``generation.unseen_bias``.
        """
        own = cls.of_model(model, unseen_bias)
        bias = own.bias
        if bias is not None:
            places = torch.tensor(own_places(model.catalogue, catalogue), device=bias.device)
            bias = torch.where(places >= 0, bias[places.clamp_min(0)], unseen_bias)
        return cls(own.retriever, vectors.to(own.vectors), own.norm, bias)

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.vectors)

    def scores(self, states: Tensor, mentions: Mentions, items: Tensor | None = None) -> Tensor:
        """Return the scores of all items, or of some.

        Args:
            states: (n, d) states at ``[REC]``.
            mentions: The items before each; see :meth:`Mentions.gather`.
            items: (m,) catalogue indices in rising order; None takes all N.

        Returns:
            (n, N) or (n, m).
        """
        vectors, bias = self.vectors, self.bias
        if items is not None:
            vectors, bias, mentions = vectors[items], None if bias is None else bias[items], mentions.among(items)
        scores: Tensor = self.retriever(states, vectors, self.norm, bias, mentions)
        return scores

    def search(self, states: Tensor, mentions: Mentions, count: int, allowed: Tensor | None = None) -> TopK:
        """Return the best items: of all that are allowed, or of those that the approximate search finds.

        Their scores are those of :meth:`scores` either way, and there are as many of them.

        Args:
            states: (n, d) states at ``[REC]``.
            mentions: The items before each.
            count: How many are wanted.
            allowed: (n, N) what may be recommended; None allows all.
        """
        if self.nearest is None:
            scores = self.scores(states, mentions)
            return TopK.best(scores if allowed is None else scores.masked_fill(~allowed, -torch.inf), count)
        directions = self.retriever.direction(states, self.norm, mentions)
        count = min(count, len(self))
        items = torch.zeros(len(states), count, dtype=torch.long, device=states.device)
        scores = self.vectors.new_full((len(states), count), -torch.inf)
        for row in range(len(states)):
            own, may = mentions.of_query(row), None if allowed is None else allowed[row]
            some = self._candidates(self.nearest, directions[row], own.items, count, may)
            found = TopK.best(self.scores(states[row : row + 1], own, some), count)
            best = found.items[0] if some is None else some[found.items[0]]
            items[row, : len(best)], scores[row, : len(best)] = best, found.scores[0]
        return TopK(items, scores)

    def _candidates(
        self, nearest: NearestItems, direction: Tensor, named: Tensor, count: int, allowed: Tensor | None
    ) -> Tensor | None:
        """Return the items to be scored for one query, in rising order; None for all there are.

        Args:
            nearest: The approximate search.
            direction: (d,) of the query.
            named: Items of the context, whose scores are corrected and which therefore may stand first.
            count: How many are wanted.
            allowed: (N,) what may be recommended.
        """
        left = len(self) if allowed is None else int(allowed.sum())
        if left > max(count, EXACT_SHARE * len(self)):
            wanted = count + len(named)  # as many as may fall behind when the context is counted
            near = nearest.search(direction, wanted, None if allowed is None else allowed.cpu())
            found: Tensor = torch.unique(torch.cat([near.to(named.device), named]))
            found = found if allowed is None else found[allowed[found]]
            if len(found) >= count:
                return found
        return None if allowed is None else torch.nonzero(allowed).flatten()

    def approximate(self, description: str, search: str = "") -> Self:
        """Return the same index with an approximate search; see :meth:`NearestItems.build`.

        Raises:
            ConfigError: If FAISS is missing, or does not know what is asked for.
        """
        return replace(self, nearest=NearestItems.build(self.vectors, self.shared_bias, description, search))

    def changed(self, places: Tensor, fresh: Tensor, vectors: Tensor, unseen_bias: float) -> Self:
        """Return the index of a changed catalogue.

        Args:
            places: (N,) index in the changed catalogue of each present item, -1 where it is gone or replaced.
            fresh: (n,) index in the changed catalogue of each item that is new or a replacement.
            vectors: (n, d) their vectors.
            unseen_bias: Their bias.
        """
        kept = torch.nonzero(places >= 0).flatten()
        size = len(kept) + len(fresh)
        sources = torch.zeros(size, dtype=torch.long)
        sources[places[kept]] = kept
        sources = sources.to(self.vectors.device)
        moved = self.vectors.index_select(0, sources)  # rows of new items come next
        moved[fresh] = vectors.to(moved)
        bias = self.bias
        if bias is not None:
            bias = bias[sources]
            bias[fresh] = unseen_bias
        nearest = None if self.nearest is None else self.nearest.changed(places, size)
        return replace(self, vectors=moved, bias=bias, nearest=nearest)

    @property
    def shared_bias(self) -> Tensor | None:
        """(N,) the biases as inner products count them, beside a similarity of scale 1."""
        return None if self.bias is None else (self.bias / self.retriever.log_scale.exp()).detach()

    def bias_digest(self) -> str:
        """Return a SHA-256 of all that :attr:`shared_bias` is made of: a search built with another finds badly."""
        digest = hashlib.sha256()
        if self.bias is not None:
            for tensor in (self.bias, self.retriever.log_scale):
                digest.update(tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()
