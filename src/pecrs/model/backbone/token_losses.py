"""States -> minus the log-probability of the tokens that follow. Source: PECRS eq. 7."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from torch.utils.checkpoint import checkpoint

from pecrs.model.backbone.backbone import Backbone

LOGITS, DEVICE_LOGITS = 2**24, 2**27
"""Next-token logits held at a time on a CPU, and on any other device; bounds memory, changes no loss."""


def token_losses(backbone: Backbone, states: Tensor, targets: Tensor) -> Tensor:
    """Return minus the log-probability (T,) of each target, a bounded number of logits at a time.

    Args:
        backbone: Its output layer is used.
        states: (T, width) states before the targets.
        targets: (T,) token ids.
    """

    def losses(part: Tensor, wanted: Tensor) -> Tensor:
        logits = backbone.logits(part)
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
        return F.cross_entropy(logits, wanted, reduction="none")

    bound = LOGITS if states.device.type == "cpu" else DEVICE_LOGITS
    chunk = max(1, bound // backbone.causal_lm.config.vocab_size)
    if len(targets) <= chunk:
        return losses(states, targets)
    parts = zip(torch.split(states, chunk), torch.split(targets, chunk), strict=True)
    # Logits are cheaper to compute again than to keep.
    return torch.cat([checkpoint(losses, *part, use_reentrant=False, preserve_rng_state=False) for part in parts])
