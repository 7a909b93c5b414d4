"""What a message does, read from the language model's states: acts, facts asked for, and roles of spans.

Source: design section 12.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pecrs.data.acts import ACTS, FACTS, ROLES
from pecrs.data.messages import MessageBatch
from pecrs.model.attention import Packing
from pecrs.model.backbone.backbone import Backbone

_VIEWS = 4
"""How many weighted means of a message's states the heads see."""

_HIDDEN = 256


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
    """Heads over the states of a message.

    The acts and facts are read from weighted means of its states, the weights learned, and from the state of its EOS;
    the role of a span from the mean of its states, its last state, and what the acts are read from.

    Attributes:
        thresholds: (acts,) probability from which on an act is taken to hold, fitted on validation data.
    """

    thresholds: Tensor

    def __init__(self, width: int, dropout: float = 0.1) -> None:
        """Make the heads.

        Args:
            width: Width d of the states.
            dropout: Share of hidden units that training leaves out.
        """
        super().__init__()
        whole = (_VIEWS + 1) * width
        self.views = nn.Linear(width, _VIEWS)
        self.message_head = _head(whole, len(ACTS) + len(FACTS), dropout)
        self.role_head = _head(whole + 2 * width, len(ROLES), dropout)
        self.register_buffer("thresholds", torch.full((len(ACTS),), 0.5))

    def forward(self, states: Tensor, batch: MessageBatch) -> MessageScores:
        """Return the logits of all messages and spans.

        Args:
            states: (T, d) of the packed sequences.
            batch: Where messages and spans stand.
        """
        wholes = []
        for start, end in zip(batch.starts.tolist(), batch.ends.tolist(), strict=True):
            own = states[start:end]  # (tokens, d)
            views = self.views(own).softmax(0).T @ own  # (views, d)
            wholes.append(torch.cat([views.flatten(), own[-1]]))
        whole = torch.stack(wholes)  # (M, (views + 1) d)
        said = [
            torch.cat([states[first:end].mean(0), states[end - 1], whole[message]])
            for message, first, end in batch.spans.tolist()
        ]
        acts, facts = self.message_head(whole).split([len(ACTS), len(FACTS)], dim=1)
        roles = self.role_head(torch.stack(said)) if said else whole.new_zeros(0, len(ROLES))
        return MessageScores(acts, facts, roles)


def message_states(backbone: Backbone, batch: MessageBatch) -> Tensor:
    """Return the states (T, d) of packed messages, each read causally with its own context alone.

    Args:
        backbone: With its adapters.
        batch: On its device.
    """
    embeddings = backbone.embed(batch.tokens)[None]
    states: Tensor = backbone(embeddings, batch.positions[None], Packing.of_sizes(batch.sizes))[0]
    return states


def _head(inputs: int, outputs: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(inputs), nn.Linear(inputs, _HIDDEN), nn.ReLU(), nn.Dropout(dropout), nn.Linear(_HIDDEN, outputs)
    )
