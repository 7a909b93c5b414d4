"""The untuned language model: from a name or a path to a backbone with rows for the special tokens.

Source: PECRS §3.2 "Special Tokens"; design sections 1 and 3.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.activations import NewGELUActivation
from transformers.utils import logging as transformers_logging

from pecrs.data.model_names import locate_backbone
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import ConfigError
from pecrs.model.attention import ATTENTION
from pecrs.model.backbone.backbone import ENCODER_FAMILIES, Backbone
from pecrs.model.backbone.device_map import device_map_of, forget_addresses, parse_memory_budgets
from pecrs.model.backbone.gguf import copy_parts, is_packed, plain_folder
from pecrs.model.backbone.quantization import Quantization, quantized
from pecrs.model.backbone.verify import verify


def load_tokenizer(name: str) -> Any:
    """Load a tokeniser by name or path of a model; code from the hub is never run.

    Raises:
        ConfigError: If there is none.
    """
    name = _located(name)
    try:
        return AutoTokenizer.from_pretrained(name, trust_remote_code=False)
    except Exception as error:  # whatever the readers raise; tokenizers has no class of its own
        raise ConfigError(f"model.backbone: no tokeniser can be loaded from {name!r}: {_first(error)}") from None


def load_base(
    name: str,
    vocabulary: Vocabulary,
    *,
    token_rows: Tensor | None = None,
    quantization: Quantization = "none",
    device_map: str = "",
) -> Backbone:
    """Load a causal language model by name or path and give it rows for the special tokens.

    Args:
        name: Anything ``AutoModelForCausalLM.from_pretrained`` takes with safetensors weights; see
            :func:`pecrs.data.model_names.locate_backbone`.
        vocabulary: Tokeniser with the special tokens.
        token_rows: (4, width) initial rows of the special tokens; None makes the deterministic ones.
        quantization: How the blocks' matrices are held; see :func:`pecrs.model.backbone.quantization.quantized`.
        device_map: Where it is put; see :func:`pecrs.model.backbone.device_map.parse_memory_budgets`. Empty is in the
            CPU's memory, or where quantised weights must be.

    Raises:
        ConfigError: If the model cannot be loaded, or not in this way on this machine, or lacks weights.
    """
    budgets = parse_memory_budgets(device_map) if device_map else ()
    name = _located(name)
    try:
        config = AutoConfig.from_pretrained(name, trust_remote_code=False)
        if config.model_type in ENCODER_FAMILIES:
            config.is_decoder = True
        with quiet_loading():
            model, loaded = AutoModelForCausalLM.from_pretrained(
                name,
                config=config,
                attn_implementation=ATTENTION,
                use_safetensors=True,
                dtype=torch.float32,
                trust_remote_code=False,
                output_loading_info=True,
                **quantized(quantization),
                **({"device_map": device_map_of(config, budgets, quantization)} if budgets else {}),
            )
    except ConfigError:
        raise
    except Exception as error:  # whatever the readers raise on files that are not what their names say
        raise ConfigError(f"model.backbone: no causal language model loads from {name!r}: {_first(error)}") from None
    if loaded["missing_keys"]:  # which transformers makes up, differently each time
        raise ConfigError(_lacks(name, min(loaded["missing_keys"]), config))
    if budgets:
        forget_addresses(model)
    return prepare_base(model, vocabulary, token_rows=token_rows)


def _located(name: str) -> str:
    with quiet_loading():
        return plain_folder(locate_backbone(name, "model.backbone"))


def _lacks(name: str, weight: str, config: Any) -> str:
    remedy = "; pre-training makes a decoder of an encoder" if config.model_type in ENCODER_FAMILIES else ""
    return f"model.backbone: {name!r} is no causal language model: it lacks {weight}{remedy}"


def save_base(name: str, folder: Path) -> None:
    """Copy an untuned model into a folder: as safetensors in the precision of its files, or its GGUF file in parts.

    Args:
        name: Name or path.
        folder: Destination.
    """
    if is_packed(name):
        copy_parts(name, folder)
        return
    with quiet_loading():
        untuned = AutoModelForCausalLM.from_pretrained(name, use_safetensors=True)
        untuned.save_pretrained(str(folder))


def prepare_base(model: Any, vocabulary: Vocabulary, *, token_rows: Tensor | None = None) -> Backbone:
    """Give a model rows for the special tokens and this package's attention.

    The initial rows are deterministic: the mean of all token rows plus a little fixed noise of their spread, so that
    they lie among ordinary tokens and differ from one another.

    Args:
        model: A transformers causal language model.
        vocabulary: Tokeniser with the special tokens.
        token_rows: (4, width) rows to use instead.
    """
    model.set_attn_implementation(ATTENTION)
    _fuse_activations(model)
    table = model.get_input_embeddings().weight
    if table.shape[0] < max(vocabulary.special) + 1:
        model.resize_token_embeddings(max(vocabulary.special) + 1, mean_resizing=False)
        table = model.get_input_embeddings().weight
    with torch.no_grad():
        ordinary = table[: min(vocabulary.special)].float()
        noise = torch.randn(4, table.shape[1], generator=torch.Generator().manual_seed(0)).to(ordinary)
        rows = token_rows if token_rows is not None else ordinary.mean(0) + ordinary.std(0) * noise
        for weight in {id(w): w for w in (table, model.get_output_embeddings().weight)}.values():
            weight[list(vocabulary.special)] = rows.to(weight)
    backbone = Backbone(model, vocabulary, "full")
    verify(backbone)
    return backbone


def token_rows(backbone: Backbone) -> Tensor:
    """Return the initial rows (4, width) of the special tokens, as they stand in the base's table."""
    table = backbone.causal_lm.get_input_embeddings()
    return cast(Tensor, table.weight.detach()[list(backbone.vocabulary.special)].clone())


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Silence transformers' progress bars, which would tear the run's own display apart, and accelerate's remarks."""
    enabled, logger = transformers_logging.is_progress_bar_enabled(), logging.getLogger("accelerate.big_modeling")
    level = logger.level
    transformers_logging.disable_progress_bar()
    logger.setLevel(logging.ERROR)  # that some weights lie elsewhere is what was asked for
    try:
        yield
    finally:
        logger.setLevel(level)
        if enabled:
            transformers_logging.enable_progress_bar()


def _fuse_activations(model: nn.Module) -> None:
    """Compute GPT-2's GELU, which transformers writes out in eight operations, in one: the same function."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, NewGELUActivation):
                setattr(module, name, nn.GELU("tanh"))


def _first(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
