"""peft's adapters on disk: what a folder says of itself is compared with the model's configuration, never obeyed.

peft's own reader takes its settings from the folder, and with them a path of the base, modules to import and shapes.

Source: PECRS §3.5; design section 3.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from peft import PeftModel
from peft.utils import set_peft_model_state_dict
from safetensors import SafetensorError
from safetensors.torch import load_file

from pecrs.config import LoraConfig
from pecrs.data.files import read_json
from pecrs.errors import CheckpointError, ConfigError, DataError
from pecrs.model.backbone.backbone import Backbone

_SETTINGS, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
_FREE = frozenset({"base_model_name_or_path", "inference_mode", "peft_version", "revision", "task_type"})
"""Settings that do not say what the adapters compute; nothing reads them."""


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
        adapted = backbone.with_adapters(config)
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
