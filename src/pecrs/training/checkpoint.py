"""A resumable checkpoint as safetensors and JSON: trained parameters, AdamW moments, progress.

Order of data, negatives and dropout are functions of (seed, epoch, batch), so nothing else is needed to go on exactly.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pecrs.errors import CheckpointError


@dataclass(frozen=True)
class Progress:
    """Where a run stands.

    Attributes:
        epoch: Epoch of the next batch, from 0.
        batch: Next batch inside the epoch.
        step: Optimiser steps done.
        best: Best mean recall so far, -1 before the first validation.
        stale: Validations since then.
        seconds: Training time so far.
        data: Hash of the training streams.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best: float = -1.0
    stale: int = 0
    seconds: float = 0.0
    data: str = ""


def save_checkpoint(
    folder: Path, parameters: dict[str, nn.Parameter], optimizer: torch.optim.Optimizer, progress: Progress
) -> None:
    """Write a checkpoint beside the previous one and swap them.

    Args:
        folder: Destination.
        parameters: Trained parameters by name.
        optimizer: An AdamW over exactly these.
        progress: Where the run stands.

    Raises:
        CheckpointError: If it cannot be written; the previous checkpoint is kept.
    """
    temporary, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        tensors = {f"parameter/{name}": p.detach().contiguous() for name, p in parameters.items()}
        for name, parameter in parameters.items():
            for key, value in optimizer.state.get(parameter, {}).items():
                tensors[f"{key}/{name}"] = torch.as_tensor(value).contiguous()
        save_file(tensors, temporary / "state.safetensors")
        (temporary / "progress.json").write_text(json.dumps(asdict(progress)), encoding="utf-8")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.replace(old)
        temporary.replace(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {error.strerror or error}") from None


def load_checkpoint(
    folder: Path, parameters: dict[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> Progress | None:
    """Restore parameters and moments in place; fall back to the previous checkpoint if a swap was cut short.

    Args:
        folder: What :func:`save_checkpoint` wrote.
        parameters: Trained parameters by name.
        optimizer: An AdamW over exactly these.

    Returns:
        Where the run stood, or None where there is no checkpoint.

    Raises:
        CheckpointError: If the checkpoint is broken or belongs to another model.
    """
    if not folder.exists():
        folder = folder.with_name(folder.name + ".old")
    if not folder.exists():
        return None
    try:
        progress = Progress(**json.loads((folder / "progress.json").read_text(encoding="utf-8")))
        tensors = load_file(folder / "state.safetensors")
    except (OSError, ValueError, TypeError, SafetensorError) as error:
        raise CheckpointError(f"{folder}: broken checkpoint: {error}") from None
    _restore(folder, tensors, parameters, optimizer)
    return progress


@torch.no_grad()
def _restore(
    folder: Path, tensors: dict[str, Tensor], parameters: dict[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> None:
    saved = {key.split("/", 1)[1] for key in tensors}
    if saved != set(parameters):
        odd = sorted(saved ^ set(parameters))[0]
        raise CheckpointError(f"{folder}: belongs to another model: parameter {odd!r} differs")
    for name, parameter in parameters.items():
        stored = tensors[f"parameter/{name}"]
        if stored.shape != parameter.shape:
            raise CheckpointError(f"{folder}: belongs to another model: the shape of {name!r} differs")
        parameter.copy_(stored)
        state = {
            key: tensors[f"{key}/{name}"] for key in ("step", "exp_avg", "exp_avg_sq") if f"{key}/{name}" in tensors
        }
        if state:
            moved = {key: value if key == "step" else value.to(parameter.device) for key, value in state.items()}
            optimizer.state[parameter] = moved
