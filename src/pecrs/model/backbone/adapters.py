"""peft's adapters: put on a base, saved and loaded.

What a folder says of itself is compared with the model's configuration, never obeyed. peft's own reader takes its
settings from the folder, and with them a path of the base, modules to import and shapes.

Source: PECRS §3.5; design section 3.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peft import LoraConfig as PeftLoraConfig
from peft import PeftModel, get_peft_model
from peft.utils import set_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn
from transformers.pytorch_utils import Conv1D

from pecrs.config import LoraConfig
from pecrs.data.files import read_json
from pecrs.errors import CheckpointError, ConfigError, DataError
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.blocks import named_blocks
from pecrs.model.backbone.device_map import offloaded_stood_in
from pecrs.model.backbone.fused_lora import fuse_lora
from pecrs.model.backbone.token_rows import install_rows

_SETTINGS, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_FREE = frozenset({"base_model_name_or_path", "inference_mode", "peft_version", "revision", "task_type"})
"""Settings that do not say what the adapters compute; nothing reads them."""


def add_adapters(backbone: Backbone, config: LoraConfig) -> Backbone:
    """Return a backbone whose base is frozen under new LoRA adapters and four trainable token rows.

    Args:
        backbone: The base; its blocks are the same, with adapters in them.
        config: Rank, scale, dropout and targets.

    Raises:
        ConfigError: If a target names no linear layer of the blocks.
    """
    base = backbone.causal_lm
    _check_targets(base, config.targets)
    settings = PeftLoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules=list(config.targets) or "all-linear",
        fan_in_fan_out=any(isinstance(module, Conv1D) for module in base.modules()),
        task_type="CAUSAL_LM",
    )
    with warnings.catch_warnings(), offloaded_stood_in(base):
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*", category=FutureWarning)
        adapted = get_peft_model(base, settings)
    install_rows(base, backbone.vocabulary.special)
    fuse_lora(base)
    return Backbone(adapted, backbone.vocabulary, "lora")


def _check_targets(model: Any, targets: Sequence[str]) -> None:
    """Refuse names that peft would pass over beside others, or find in embeddings, whose adapters are not saved."""
    blocks = tuple(f"{name}." for name in named_blocks(model))
    linear = [
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear | Conv1D) and (name.startswith(blocks) or not blocks)
    ]
    wrong = [target for target in targets if not any(f".{name}".endswith(f".{target}") for name in linear)]
    if wrong:
        there = sorted({name.rpartition(".")[2] for name in linear})
        raise ConfigError(
            f"model.lora.targets: the backbone's blocks have no linear layer {', '.join(map(repr, wrong))}; "
            f"there are {', '.join(there)}"
        )


def save_adapters(backbone: Backbone, folder: Path) -> None:
    """Write the adapters of a backbone as safetensors in peft's format."""
    assert isinstance(backbone.model, PeftModel)
    backbone.model.save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)
    settings = folder / _SETTINGS
    values = json.loads(settings.read_text(encoding="utf-8"))
    values["base_model_name_or_path"] = None  # peft fills in a path of the training machine
    values["target_modules"] = sorted(values["target_modules"])  # a set, whose order changes from run to run
    settings.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def load_adapters(backbone: Backbone, config: LoraConfig, folder: Path) -> Backbone:
    """Return a backbone with saved adapters on this base.

    Args:
        backbone: The base.
        config: The adapters that the model is to have.
        folder: What :func:`save_adapters` wrote.

    Raises:
        CheckpointError: If the folder does not hold exactly these adapters.
    """
    weights = folder / _WEIGHTS
    try:
        tensors = load_file(weights)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{weights}: cannot be read: {error}") from None
    ranks = {int(tensor.shape[0]) for name, tensor in tensors.items() if ".lora_A." in name and tensor.ndim}
    if ranks != {config.rank}:  # before anything of that size is made
        raise CheckpointError(f"{weights}: adapters do not fit the backbone: rank {config.rank} is expected")
    try:
        adapted = add_adapters(backbone, config)
        model: Any = adapted.model
        _check_settings(folder / _SETTINGS, model.peft_config["default"].to_dict())
        result = set_peft_model_state_dict(model, tensors)
    except (RuntimeError, ValueError, KeyError, TypeError, ConfigError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{weights}: adapters do not fit the backbone: {reason}") from None
    missing = [name for name in result.missing_keys if ".lora_" in name]
    if missing or result.unexpected_keys:
        odd = f"missing {missing[:3]}, unexpected {result.unexpected_keys[:3]}"
        raise CheckpointError(f"{weights}: adapters do not fit the backbone: {odd}")
    return adapted


def _check_settings(path: Path, wanted: dict[str, Any]) -> None:
    """Refuse settings under which peft would compute something else; what it adds later is off or empty."""
    try:
        found = read_json(path)
    except DataError as error:
        raise CheckpointError(str(error)) from None
    if not isinstance(found, dict):
        raise CheckpointError(f"{path}: a JSON object is expected")
    wanted = json.loads(json.dumps(wanted, default=sorted))
    for name, value in found.items():
        if name == "target_modules" and isinstance(value, list):
            value = sorted(map(str, value))
        if name not in _FREE and value != wanted.get(name) and (name in wanted or value):
            raise CheckpointError(
                f"{path}: {name} is {value!r}; the model's configuration makes it {wanted.get(name)!r}"
            )
