"""Large frozen backbones in eight or four bits a weight, through bitsandbytes.

Only the matrices of the blocks are quantised; tables, norms, adapters and heads stay in single precision. Quantised
weights are never trained.

Source: Dettmers et al., LLM.int8(), NeurIPS 2022; Dettmers et al., QLoRA, NeurIPS 2023.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import nn
from transformers import BitsAndBytesConfig
from transformers.utils import is_bitsandbytes_available

from pecrs.errors import ConfigError

Quantization = Literal["none", "8bit", "4bit"]
"""How the blocks' matrices are held: as they are, in LLM.int8(), or in doubly quantised NF4."""


def quantized(kind: Quantization) -> dict[str, Any]:
    """Return what transformers' ``from_pretrained`` is told to hold a backbone so, on the present CUDA device.

    Args:
        kind: ``none`` asks for nothing.

    Raises:
        ConfigError: If there is no CUDA device, or bitsandbytes is missing or too old.
    """
    if kind == "none":
        return {}
    if not torch.cuda.is_available():
        raise ConfigError(f"model.quantization: {kind} needs a CUDA device, and there is none")
    if not is_bitsandbytes_available():
        raise ConfigError(f"model.quantization: {kind} needs bitsandbytes: pip install 'pecrs[quantize]'")
    settings = BitsAndBytesConfig(
        load_in_8bit=kind == "8bit",
        load_in_4bit=kind == "4bit",
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": settings}


def weight_count(parameter: nn.Parameter) -> int:
    """Return how many weights a parameter holds; four-bit ones are packed two a byte."""
    packed = getattr(parameter, "quant_state", None)
    return parameter.numel() if packed is None else int(packed.shape.numel())
