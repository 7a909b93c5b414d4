"""What a message does, read from the frozen language model's states: acts, facts asked for, and roles of spans.

Messages are read as item text is: by the base alone, other adapters off, both ways where the base was pre-trained so,
with low-rank terms of its own (:mod:`pecrs.model.backbone.reading_adapter`). A small bidirectional head on its states
does the rest, so that nothing of recommending changes by it, and a reader serves every model of the same base.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers.modeling_layers import GradientCheckpointingLayer

from pecrs.data.acts import ACTS, FACTS, ROLES
from pecrs.data.messages import LaidOutMessage, MessageBatch
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.reading_adapter import ReadingAdapter
from pecrs.model.item_states import read_texts

DEPTHS = 3
"""Depths of the base whose states are read: its embeddings, its middle block, and its last."""

_WIDTH, _LAYERS, _HEADS, _VIEWS = 192, 2, 4, 4


@dataclass(frozen=True, eq=False)
class MessageScores:
    """Logits of M messages and S spans.

    Attributes:
        acts: (M, acts).
        facts: (M, facts).
        roles: (S, roles).
    """

    acts: Tensor
    facts: Tensor
    roles: Tensor


class MessageReader(nn.Module):
    """Two bidirectional layers over the base's states, and a head each for messages and spans.

    Acts and facts are read from weighted means of the message's states, the weights learned; the role of a span from
    its mean, its first and its last state, and those means.

    Attributes:
        adapter: What the base reads messages with; None where its states are as they are.
        thresholds: (acts,) probability from which on an act is taken to hold, fitted on validation data.
    """

    thresholds: Tensor

    def __init__(self, width: int, dropout: float = 0.1, adapter: ReadingAdapter | None = None) -> None:
        """Make the layers.

        Args:
            width: Width d of the base.
            dropout: Share of units that training leaves out.
            adapter: What the base reads messages with.
        """
        super().__init__()
        self.adapter = adapter
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(DEPTHS))
        self.inputs = nn.Linear(DEPTHS * width, _WIDTH)
        self.part = nn.Embedding(2, _WIDTH)
        layer = nn.TransformerEncoderLayer(
            _WIDTH, _HEADS, 2 * _WIDTH, dropout, "gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, _LAYERS, nn.LayerNorm(_WIDTH), enable_nested_tensor=False)
        self.views = nn.Linear(_WIDTH, _VIEWS)
        whole = _VIEWS * _WIDTH
        self.message_head = _head(whole, len(ACTS) + len(FACTS), dropout)
        self.role_head = _head(whole + 3 * _WIDTH, len(ROLES), dropout)
        self.register_buffer("thresholds", torch.full((len(ACTS),), 0.5))

    def forward(self, states: Tensor, batch: MessageBatch) -> MessageScores:
        """Return the logits of all messages and spans.

        Args:
            states: (T, depths, d) from :func:`message_states`.
            batch: Where messages and spans stand.
        """
        states = states.to(self.inputs.weight)
        parts = [norm(states[:, depth]) for depth, norm in enumerate(self.norms)]
        hidden = self.inputs(torch.cat(parts, dim=1)) + self.part(batch.inside.long())  # (T, width)
        padded = torch.nn.utils.rnn.pad_sequence(hidden.split(batch.sizes.tolist()), batch_first=True)
        places = torch.arange(padded.shape[1], device=padded.device)
        padding = places >= batch.sizes[:, None]  # (M, L)
        read = self.layers(padded, src_key_padding_mask=padding)  # (M, L, width)
        outside = places < batch.starts[:, None]
        weights = self.views(read).masked_fill((padding | outside)[..., None], -torch.inf).softmax(1)
        whole = torch.einsum("mlv,mlw->mvw", weights, read).flatten(1)  # (M, views * width)
        acts, facts = self.message_head(whole).split([len(ACTS), len(FACTS)], dim=1)
        return MessageScores(acts, facts, self._roles(read, whole, batch.spans))

    def _roles(self, read: Tensor, whole: Tensor, spans: Tensor) -> Tensor:
        if not len(spans):
            return whole.new_zeros(0, len(ROLES))
        message, first, end = spans.T
        places = torch.arange(read.shape[1], device=read.device)
        inside = ((places >= first[:, None]) & (places < end[:, None])).to(read.dtype)  # (S, L)
        mean = torch.einsum("sl,slw->sw", inside / inside.sum(1, keepdim=True), read[message])
        ends = [read[message, first], read[message, end - 1]]
        roles: Tensor = self.role_head(torch.cat([mean, *ends, whole[message]], dim=1))
        return roles


def message_states(
    reader: Backbone, messages: Sequence[LaidOutMessage], adapter: ReadingAdapter | None = None
) -> Tensor:
    """Return the states (T, depths, d) of messages back to back at three depths of the frozen base.

    They have gradients where an adapter is in training.

    Args:
        reader: The backbone that reads item text.
        messages: At least one.
        adapter: What it reads them with.
    """
    learns = adapter is not None and adapter.training and torch.is_grad_enabled()
    blocks = base_blocks(reader)
    kept: list[Tensor] = []
    hooks = [
        blocks[0].register_forward_pre_hook(lambda _, args, kwargs: _keep(kept, args, kwargs), with_kwargs=True),
        blocks[(len(blocks) - 1) // 2].register_forward_hook(lambda _, __, output: _keep(kept, output)),
    ]
    was_training = reader.training
    reader.eval()
    try:
        with torch.set_grad_enabled(learns), reader.base_only(), adapter.on(blocks) if adapter else nullcontext():
            last = read_texts(reader, [message.tokens for message in messages])
    finally:
        reader.train(was_training)
        for hook in hooks:
            hook.remove()
    return torch.stack([*(states.to(last.device) for states in kept), last], dim=1)


def base_blocks(reader: Backbone) -> list[nn.Module]:
    """Return the base's blocks in order."""
    return [module for module in reader.causal_lm.modules() if isinstance(module, GradientCheckpointingLayer)]


def _keep(kept: list[Tensor], output: object, kwargs: dict[str, Tensor] | None = None) -> None:
    """Note the states that go into a block or come out of it, whatever the family wraps them in."""
    while isinstance(output, tuple | list):
        output = output[0] if output else (kwargs or {})["hidden_states"]
    assert isinstance(output, Tensor)
    kept.append(output[0])


def _head(inputs: int, outputs: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, 256), nn.GELU(), nn.Dropout(dropout), nn.Linear(256, outputs))
