"""State at ``[REC]`` -> query -> scores of items. The same scores serve the loss, the index and evaluation.

Source: PECRS §3.3 "Retrieval", eq. 3; the printed sign is fixed: a score is minus a distance (design section 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

_MENTION_WEIGHT = 8.0
"""Where the weight of the context's items starts."""

_POINTER = 64
"""Width in which the pointer compares states."""


def similarity(cosine: Tensor, kind: Literal["angular", "cosine", "dot"]) -> Tensor:
    """Return the similarity of queries and items from their cosines; all kinds rank alike.

    Args:
        cosine: (...).
        kind: ``angular`` is -sqrt(2 (1 - cos)); its gradient is clamped where cos = 1. ``dot`` leaves the lengths of
            both vectors to the caller.

    Source: PECRS eq. 3.

    >>> -similarity(torch.tensor([1.0, 0.0, -1.0]), "angular") ** 2
    tensor([-0.0000, -2.0000, -4.0000])
    """
    if kind != "angular":
        return cosine
    squared = 2 * (1 - cosine)
    floor = 1e-12 if squared.dtype == torch.float64 else 1e-6
    return -torch.where(squared > floor, squared.clamp_min(floor).sqrt(), torch.zeros_like(squared))


@dataclass(frozen=True, eq=False)
class Mentions:
    """The items named before each of G queries.

    Attributes:
        mean: (G, d) their mean vector, zero where there are none.
        count: (G,) their number.
        queries: (R,) query of each distinct item named before it.
        items: (R,) the item, as a row of the scored vectors.
        states: (R, d) stream states at the item's last slot.
    """

    mean: Tensor
    count: Tensor
    queries: Tensor
    items: Tensor
    states: Tensor

    @classmethod
    def gather(cls, named: Tensor, count: int, vectors: Tensor, stream: Tensor) -> Self:
        """Return the items that stand before each query.

        Args:
            named: (R, 3) query, row of ``vectors`` and row of ``stream`` of each distinct item before a query.
            count: Number of queries.
            vectors: (n, d).
            stream: (S, d) stream states.
        """
        queries, rows, places = named.unbind(1)
        total = vectors.new_zeros(count, vectors.shape[1]).index_add(0, queries, vectors[rows])
        sizes = vectors.new_zeros(count).index_add(0, queries, vectors.new_ones(len(queries)))
        return cls(total / sizes.clamp_min(1)[:, None], sizes, queries, rows, stream[places])

    def of_query(self, query: int) -> Mentions:
        """Return the items before one query, which is then the first."""
        own = self.queries == query
        return Mentions(
            self.mean[query : query + 1],
            self.count[query : query + 1],
            torch.zeros_like(self.queries[own]),
            self.items[own],
            self.states[own],
        )

    def among(self, items: Tensor) -> Mentions:
        """Return the same where some items (m,) are scored, in rising order: those named that are not go unscored."""
        kept = torch.isin(self.items, items)
        rows = torch.searchsorted(items, self.items[kept])
        return Mentions(self.mean, self.count, self.queries[kept], rows, self.states[kept])


class Pointer(nn.Module):
    """Scores the repetition of an item from the state at its last mention and the state at ``[REC]``.

    Source: See, Liu, Manning, "Get To The Point: Summarization with Pointer-Generator Networks", ACL 2017; design
    section 6 (already mentioned in this dialogue).
    """

    def __init__(self, width: int) -> None:
        """Make the two projections from width d."""
        super().__init__()
        self.query = nn.Linear(width, _POINTER)
        self.key = nn.Linear(width, _POINTER)
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, queries: Tensor, mentions: Tensor) -> Tensor:
        """Return scores (R,) of states at ``[REC]`` (R, d) and at mentions (R, d)."""
        products = self.query(queries) * self.key(mentions)
        scores: Tensor = products.sum(-1) / _POINTER**0.5 + self.bias
        return scores


class Retriever(nn.Module):
    """f, the temperature and the popularity bias: all that stands between a state and a ranking."""

    log_popularity: Tensor

    def __init__(
        self,
        width: int,
        popularity: Tensor,
        *,
        kind: Literal["angular", "cosine", "dot"],
        scale: float,
        learn_scale: bool,
        bias: Literal["none", "log", "learned"],
        mentions: bool,
        repeats: bool,
        linear: bool = False,
    ) -> None:
        """Make the head.

        Args:
            width: Hidden width d.
            popularity: (N,) how often each item was the right answer in training.
            kind: Similarity.
            scale: Factor on the similarity inside the softmax.
            learn_scale: Whether the factor is trained.
            bias: Treatment of popularity.
            mentions: Whether similarity to the items of the context enters the score.
            repeats: Whether the items of the context get a score of their own.
            linear: Make f one linear layer instead of two with a ReLU between them.
        """
        super().__init__()
        self.kind = kind
        layers = [] if linear else [nn.Linear(width, width), nn.ReLU()]
        self.head = nn.Sequential(*layers, nn.Linear(width, width))
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale)), requires_grad=learn_scale)
        self.register_buffer("log_popularity", torch.log1p(popularity.float()))
        self.mention_weight = nn.Parameter(torch.tensor(_MENTION_WEIGHT)) if mentions else None
        self.pointer = Pointer(width) if repeats else None
        self.popularity_weight = nn.Parameter(torch.ones(())) if bias == "log" else None
        self.bias = nn.Parameter(self.log_popularity.clone()) if bias == "learned" else None

    @property
    def seen(self) -> Tensor:
        """(N,) whether training names an item; only then it has a bias."""
        return self.log_popularity > 0

    def forward(
        self, states: Tensor, vectors: Tensor, norm: Tensor, bias: Tensor | None, mentions: Mentions | None = None
    ) -> Tensor:
        """Score items for the states at ``[REC]``.

        Args:
            states: (G, d) last hidden states.
            vectors: (n, d) item vectors, all of the same norm: to divide a query by it costs nothing, to normalise a
                large catalogue for every query does.
            norm: That norm.
            bias: (n,) of the same items from :meth:`item_bias`.
            mentions: The items of each query's context; None leaves them out.

        Returns:
            (G, n) scores, higher is better; a softmax over them is eq. 3.
        """
        query = self.head(states)
        with torch.autocast(query.device.type, enabled=False):  # bf16 would round cosines to 1/256
            weight = self.mention_weight if mentions is not None else None
            directions = [query] if weight is None or mentions is None else [query, mentions.mean]
            directions = [F.normalize(direction.to(vectors.dtype), dim=-1) / norm for direction in directions]
            cosines = torch.stack(directions) @ vectors.T  # (1 or 2, G, n)
            scores = similarity(cosines[0], self.kind) * self.log_scale.exp()
            if self.kind == "dot":
                scores = scores * query.to(vectors.dtype).norm(dim=-1, keepdim=True) * norm
            if weight is not None:
                scores = scores + weight * cosines[1]
            scores = scores if bias is None else scores + bias
        return scores if mentions is None else self._named(scores, states, vectors, mentions)

    def direction(self, states: Tensor, norm: Tensor, mentions: Mentions) -> Tensor:
        """Return directions (G, d) whose inner products with items' directions rank items nearly as scores do.

        These products times the scale, plus the bias, are the scores before the items that the context names are
        corrected, where similarity is ``cosine`` or ``dot``. The ``angular`` one is taken by its slope at a cosine of
        1/2, so a bias or the context's items may change the order.

        Args:
            states: (G, d) last hidden states at ``[REC]``.
            norm: That of all item vectors.
            mentions: The items of each query's context.
        """
        query = self.head(states).to(norm.dtype)
        query = query * norm if self.kind == "dot" else F.normalize(query, dim=-1)
        if self.mention_weight is not None:
            query = query + self.mention_weight / self.log_scale.exp() * F.normalize(mentions.mean, dim=-1)
        return query

    def _named(self, scores: Tensor, states: Tensor, vectors: Tensor, mentions: Mentions) -> Tensor:
        """Correct the scores of items that the context names.

        Their similarity is that to the *other* items, since each is most like itself; whether to name one again is for
        the pointer to say. What published models do in silence is thus explicit and can be switched off: half of their
        recall at 1 is repetition (design section 6).
        """
        where, change = (mentions.queries, mentions.items), torch.zeros_like(scores[mentions.queries, 0])
        if self.mention_weight is not None:
            mean, own = mentions.mean[mentions.queries], vectors[mentions.items]
            others = mean * mentions.count[mentions.queries, None] - own
            others = others * (mentions.count > 1)[mentions.queries, None]  # not the rounding of nothing
            away = F.cosine_similarity(others, own, dim=-1) - F.cosine_similarity(mean, own, dim=-1)
            change = change + self.mention_weight * away
        if self.pointer is not None:
            change = change + self.pointer(states[mentions.queries], mentions.states).to(change.dtype)
        return scores.index_put(where, change, accumulate=True)

    def item_bias(self, items: Tensor | slice = slice(None)) -> Tensor | None:
        """Return the popularity bias (n,) of catalogue indices, or None where there is none."""
        if self.bias is not None:
            return self.bias[items] * self.seen[items]
        if self.popularity_weight is not None:
            return self.popularity_weight * self.log_popularity[items]
        return None
