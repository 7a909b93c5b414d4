"""Linear maps that bring requests near to the items that fulfil them, learnt from written requests.

The frozen base alone puts "something to cry at" near to texts in which somebody cries. Source: design section 10;
van den Oord et al., "Representation Learning with Contrastive Predictive Coding", 2018 (the loss).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import dropout, normalize

from pecrs.ranking.sparse import Floats

WIDTH = 384
"""Numbers of a projected vector, at most."""

_EPOCHS, _BATCH, _RATE, _DROPOUT = 10, 64, 1e-3, 0.2
_NEAR_START = 1e-3
"""Weight of the squared distance from where the maps start, so that what no request says stays as the base has it."""

_BIAS = 1e-4
_TEMPERATURE = 3.0
"""Logarithm of what cosines are multiplied by at the start."""

_MOST_ITEMS = 10_000
"""Items that a request is compared with at once; of a larger catalogue some are drawn for each batch."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Maps of messages and of items into one space, where cosines tell what fulfils a request.

    Attributes:
        messages: (d, p) map of what messages say.
        items: (d, p) map of what items are about.
    """

    messages: Floats
    items: Floats

    @classmethod
    def fit(cls, messages: Floats, items: Floats, right: Sequence[Sequence[int]], seed: int = 0) -> Self:
        """Learn the maps: the softmax over all items should be even over those that fulfil a request.

        A bias for each item takes up how often it is named, and is not kept.

        Args:
            messages: (n, d) of length 1.
            items: (N, d) of length 1.
            right: For each message the items that fulfil it, at least one.
            seed: Of the order and of dropout.
        """
        random = np.random.default_rng(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            said, about = torch.from_numpy(messages), torch.from_numpy(items)
            start = _main_directions(about, min(WIDTH, about.shape[1]))
            maps = [start.clone().requires_grad_(), start.clone().requires_grad_()]
            bias = torch.zeros(len(items), requires_grad=True)
            scale = torch.tensor(_TEMPERATURE, requires_grad=True)
            optimizer = torch.optim.Adam([*maps, bias, scale], lr=_RATE)
            for _ in range(_EPOCHS):
                for places in np.array_split(random.permutation(len(messages)), -(-len(messages) // _BATCH)):
                    own = [right[place] for place in places]
                    drawn = _compared(len(items), own, random)
                    near = normalize(dropout(said[places], _DROPOUT) @ maps[0], dim=1)
                    there = normalize(dropout(about[drawn], _DROPOUT) @ maps[1], dim=1)
                    logits = scale.exp() * near @ there.T + bias[drawn]
                    loss = -(_evenly(own, drawn) * logits.log_softmax(1)).sum(1).mean()
                    away = sum(((one - start).square().sum() for one in maps), torch.zeros(()))
                    optimizer.zero_grad()
                    torch.autograd.backward(loss + _NEAR_START * away + _BIAS * bias.square().sum())
                    optimizer.step()
        return cls(*(one.detach().numpy() for one in maps))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the maps by name, in half precision."""
        return {"messages": self.messages.astype(np.float16), "items": self.items.astype(np.float16)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make it of what :meth:`arrays` returned."""
        return cls(arrays["messages"].astype(np.float32), arrays["items"].astype(np.float32))


def _main_directions(vectors: Tensor, width: int) -> Tensor:
    """Return the (d, p) directions in which vectors (n, d) lie most; all of them where there are no more."""
    _, directions = torch.linalg.eigh(vectors.T @ vectors)
    main: Tensor = directions[:, -width:].flip(1).contiguous()
    return main


def _compared(total: int, right: Sequence[Sequence[int]], random: np.random.Generator) -> NDArray[np.int64]:
    """Return the items that a batch is compared with, those that fulfil its requests among them, ascending."""
    if total <= _MOST_ITEMS:
        return np.arange(total)
    others = random.choice(total, _MOST_ITEMS, replace=False)
    return np.unique(np.concatenate([others, *right])).astype(np.int64)


def _evenly(right: Sequence[Sequence[int]], drawn: NDArray[np.int64]) -> Tensor:
    """Return (n, items drawn) the shares of those that fulfil each request."""
    shares = torch.zeros(len(right), len(drawn))
    for row, own in enumerate(right):
        shares[row, np.searchsorted(drawn, np.unique(own))] = 1 / len(set(own))
    return shares
