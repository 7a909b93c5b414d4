"""Four trained token rows beside a frozen table: no gradient, and no copy, of the table is ever made.

Source: PECRS §3.2 "Special Tokens"; design section 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn


class _Rows(nn.Module):
    ids: Tensor

    def __init__(self, table: nn.Module, tokens: tuple[int, ...], rows: nn.Parameter | None) -> None:
        """Wrap a table.

        Args:
            table: The frozen layer with one row of ``weight`` per token.
            tokens: Token ids whose rows are trained.
            rows: Rows shared with another layer; None starts at the table's own.
        """
        super().__init__()
        self.table, self.tokens, self.enabled = table, tokens, True
        weight = cast(Tensor, table.weight)
        self.register_buffer("ids", torch.tensor(tokens, device=weight.device), persistent=False)
        self.rows = nn.Parameter(weight.detach()[list(tokens)].clone()) if rows is None else rows

    @property
    def weight(self) -> Tensor:
        """The frozen rows, where transformers looks for them."""
        return cast(Tensor, self.table.weight)


class EmbeddingRows(_Rows):
    """Token ids -> embeddings."""

    def forward(self, tokens: Tensor) -> Tensor:
        """Return embeddings (..., width) of token ids (...)."""
        embedded = cast(Tensor, self.table(tokens))
        if self.enabled:
            chosen = tokens[..., None] == self.ids  # (..., 4)
            embedded = torch.where(chosen.any(-1, keepdim=True), chosen.to(self.rows.dtype) @ self.rows, embedded)
        return embedded


class HeadRows(_Rows):
    """States -> logits."""

    def forward(self, states: Tensor) -> Tensor:
        """Return logits (..., vocabulary) of states (..., width)."""
        logits = cast(Tensor, self.table(states))
        if self.enabled:
            bias = None if self.bias is None else self.bias[self.ids]
            logits[..., self.ids] = nn.functional.linear(states, self.rows, bias).to(logits.dtype)
        return logits

    @property
    def bias(self) -> Tensor | None:
        """The frozen bias, where transformers looks for it."""
        return cast(Tensor | None, self.table.bias)


def chosen_logits(head: nn.Module, states: Tensor, tokens: Sequence[int]) -> Tensor:
    """Return the logits (..., tokens) of a few tokens alone.

    Args:
        head: The output layer, with trained rows or without.
        states: (..., width).
        tokens: Token ids.
    """
    weight, bias = cast(Tensor, head.weight), cast(Tensor | None, head.bias)
    own = dict(zip(head.tokens, head.rows, strict=True)) if isinstance(head, HeadRows) and head.enabled else {}
    rows = torch.stack([own[token] if token in own else weight[token] for token in tokens])
    return nn.functional.linear(states, rows, None if bias is None else torch.stack([bias[token] for token in tokens]))


def install_rows(model: Any, tokens: tuple[int, ...]) -> None:
    """Put trained rows into a transformers model; the output layer shares them where its table is tied.

    Args:
        model: A causal language model with frozen tables.
        tokens: Token ids.
    """
    inputs, outputs = model.get_input_embeddings(), model.get_output_embeddings()
    tied = outputs.weight is inputs.weight
    read = EmbeddingRows(inputs, tokens, None)
    model.set_input_embeddings(read)
    model.set_output_embeddings(HeadRows(outputs, tokens, read.rows if tied else None))


def switch_rows(model: nn.Module, enabled: bool) -> None:
    """Let a model use its trained rows, or the table's own."""
    for module in model.modules():
        if isinstance(module, _Rows):
            module.enabled = enabled


def trained_rows(model: Any) -> dict[str, nn.Parameter]:
    """Return the trained rows of a model by the side they stand on: ``input``, and ``output`` where it is not tied."""
    read, write = model.get_input_embeddings(), model.get_output_embeddings()
    return {"input": read.rows} if write.rows is read.rows else {"input": read.rows, "output": write.rows}
