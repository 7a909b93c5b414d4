"""Low-rank terms that the base's linear layers get while it reads a message, and at no other time.

They let the frozen base read messages for what they do, without a change of how it reads items and dialogues: LoRA for
one task, applied from outside the layers, so that it meets no other adapter. Source: PECRS §3.1, design section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor, nn

_APART = "-"
"""Stands for the dot of module names, which names of parameters may not have."""


class ReadingAdapter(nn.Module):
    """A product of two narrow matrices for each linear layer of the base's blocks, added to what the layer returns.

    Attributes:
        down: By layer, (rank, inputs).
        up: By layer, (outputs, rank); zero at first, so that the base reads as before.
    """

    def __init__(self, sizes: Mapping[str, tuple[int, int]], rank: int) -> None:
        """Make the matrices.

        Args:
            sizes: By layer, its inputs and outputs.
            rank: How narrow they are.
        """
        super().__init__()
        self.down = nn.ParameterDict(
            {name: torch.randn(rank, inputs) / inputs**0.5 for name, (inputs, _) in sizes.items()}
        )
        self.up = nn.ParameterDict({name: torch.zeros(outputs, rank) for name, (_, outputs) in sizes.items()})

    @classmethod
    def of(cls, blocks: Sequence[nn.Module], rank: int) -> Self:
        """Return a new one for some blocks."""
        return cls({name: (int(layer.in_features), int(layer.out_features)) for name, layer in _layers(blocks)}, rank)

    @classmethod
    def of_weights(cls, weights: Mapping[str, Tensor], prefix: str) -> Self | None:
        """Return one of the sizes that stored weights have; None where there are none.

        Args:
            weights: By the names that a state has.
            prefix: What the names of its own begin with.
        """
        down = {
            name.removeprefix(f"{prefix}down."): w for name, w in weights.items() if name.startswith(f"{prefix}down.")
        }
        sizes = {name: (w.shape[1], weights[f"{prefix}up.{name}"].shape[0]) for name, w in down.items()}
        return cls(sizes, next(iter(down.values())).shape[0]) if down else None

    @contextmanager
    def on(self, blocks: Sequence[nn.Module]) -> Iterator[None]:
        """Add the terms to what the blocks' layers return inside the block.

        Args:
            blocks: Of the base, in order.
        """
        hooks = [
            layer.register_forward_hook(self._adding(name)) for name, layer in _layers(blocks) if name in self.down
        ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _adding(self, name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]:
        down, up = self.down[name], self.up[name]

        def add(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
            term = nn.functional.linear(nn.functional.linear(inputs[0].to(down), down), up)
            return output + term.to(output)

        return add


def _layers(blocks: Sequence[nn.Module]) -> Iterator[tuple[str, nn.Linear]]:
    """Yield the linear layers of blocks with a name each; of those with an adapter the outer one."""
    for number, block in enumerate(blocks):
        outer: list[str] = []
        for name, module in block.named_modules():
            if isinstance(module, BaseTunerLayer):
                outer.append(f"{name}.")
            if isinstance(module, BaseTunerLayer) or isinstance(module, nn.Linear):
                if not any(name.startswith(other) for other in outer if other != f"{name}."):
                    yield _APART.join([str(number), *name.split(".")]), module
