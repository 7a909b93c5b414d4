"""A model starts where another one ended: its adapters, token rows and heads, on other items.

What one domain has taught about dialogues serves the next: how a request reads, when people recommend, how words become
an item's vector. What belongs to single items (embeddings, biases, popularity) stays behind.
"""

from __future__ import annotations

import os
from pathlib import Path

import torch

from pecrs.config import Config
from pecrs.data.installed import BUNDLED
from pecrs.data.model_names import locate_backbone
from pecrs.errors import ConfigError
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import from_pretrained, model_folder

PACKAGE = "package"
"""What ``training.start`` calls the model of the package."""

_OF_ITEMS = ("item_encoder.embedding", "item_encoder.seen", "retriever.bias", "retriever.log_popularity")
_BACKBONE = "backbone."


def start_folder(start: str) -> Path:
    """Return the model folder that ``training.start`` names.

    Raises:
        CheckpointError: If there is none.
    """
    return BUNDLED if start == PACKAGE else model_folder(Path(start))


def with_absolute_paths(config: Config) -> Config:
    """Return a configuration whose folders are known from anywhere: its backbone, and the start of its training.

    Raises:
        ConfigError: If the backbone is a path, and nothing is there.
    """
    backbone, start = config.model.backbone, config.training.start
    if backbone not in ("scratch", "start"):
        backbone = locate_backbone(backbone, "model.backbone")
    if start not in ("", PACKAGE):
        start = os.path.abspath(start)
    model = config.model.model_copy(update={"backbone": backbone})
    return config.model_copy(update={"model": model, "training": config.training.model_copy(update={"start": start})})


@torch.no_grad()
def take_start(model: PecrsModel, folder: Path) -> None:
    """Copy what was trained in another model, but for what belongs to its items; heads that it lacks stay as they are.

    Args:
        model: Untrained, with item states; its vectors are recomputed.
        folder: The other model's folder.

    Raises:
        CheckpointError: If the other model does not load.
        ConfigError: If it was tuned whole or on another backbone, or its adapters have another place, shape or scale.
    """
    start = from_pretrained(folder).model
    if (start.backbone.tuning, model.backbone.tuning) != ("lora", "lora"):
        raise ConfigError("training.start: adapters are expected; model.tuning must be lora here and there")
    if start.settings.quantization != model.settings.quantization:
        raise ConfigError(f"model.quantization: it must be that of training.start, {start.settings.quantization}")
    if start.reader.fingerprint() != model.reader.fingerprint():
        raise ConfigError(f"training.start: {folder} was trained on another backbone; set model.backbone to 'start'")
    scales = [side.settings.lora.alpha / side.settings.lora.rank for side in (model, start)]
    if scales[0] != scales[1]:
        raise ConfigError(f"model.lora.alpha: alpha / rank must be that of training.start, {scales[1]:g}")
    ours, theirs = _transferable(model), _transferable(start)
    adapters = [{name for name in side if name.startswith(_BACKBONE)} for side in (ours, theirs)]
    if adapters[0] != adapters[1]:
        raise ConfigError(f"model.lora.targets: {folder} has adapters elsewhere, so training cannot start from it")
    for name in ours.keys() & theirs.keys():
        if ours[name].shape != theirs[name].shape:
            shapes = f"{tuple(theirs[name].shape)} in {folder}, {tuple(ours[name].shape)} here"
            raise ConfigError(f"{_field(name)}: it must be that of training.start: {name} is {shapes}")
        ours[name].copy_(theirs[name])
    model.message_reader = start.message_reader  # it reads the base alone, which is the same
    model.refresh_vectors()


def _transferable(model: PecrsModel) -> dict[str, torch.Tensor]:
    tuned = {_BACKBONE + name for name in model.backbone.trainable_names()}
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {
        name: tensor
        for name, tensor in tensors.items()
        if name in tuned or not name.startswith((_BACKBONE, "catalogue_vectors", *_OF_ITEMS))
    }


def _field(name: str) -> str:
    if name.startswith(_BACKBONE):
        return "model.lora.rank"
    return "data.max_item_tokens" if name == "item_encoder.pooling" else "training.start"
