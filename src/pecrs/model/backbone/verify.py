"""Whether a family computes here what it computes in transformers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from pecrs.errors import ConfigError
from pecrs.model.attention import ATTENTION, Packing

if TYPE_CHECKING:
    from pecrs.model.backbone.backbone import Backbone

_TOKENS = 5
"""Tokens that a new backbone reads both ways, through the stock model and through this package."""

_EXACT, _QUANTIZED = 1e-3, 0.1
"""Differences that are rounding, relative to the logits' spread; quantised products are rounded to eight bits."""


@torch.no_grad()
def verify(backbone: Backbone) -> None:
    """Refuse a family whose embeddings, positions or head this package would read differently from transformers.

    Args:
        backbone: The bare base.

    Raises:
        ConfigError: Naming the family.
    """
    model, size = backbone.causal_lm, min(_TOKENS, min(backbone.vocabulary.special))
    was_training = model.training
    model.eval()
    tokens = torch.arange(size, device=model.device)[None]
    tolerance = _QUANTIZED if getattr(model, "is_quantized", False) else _EXACT
    try:
        model.set_attn_implementation("eager")
        stock = model(input_ids=tokens, use_cache=False).logits
        model.set_attn_implementation(ATTENTION)
        places, sizes = torch.arange(size, device=model.device)[None], torch.tensor([size], device=model.device)
        ours = backbone.logits(backbone(backbone.embed(tokens), places, Packing.of_sizes(sizes)))
        agree = torch.allclose(ours, stock, atol=tolerance * float(stock.std()) + 1e-6, rtol=tolerance)
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise ConfigError(f"model.backbone: the family {model.config.model_type!r} cannot be used: {error}") from None
    finally:
        model.set_attn_implementation(ATTENTION)
        model.train(was_training)
    if not agree:
        message = "this package would compute other logits than transformers"
        raise ConfigError(f"model.backbone: the family {model.config.model_type!r} cannot be used: {message}")
