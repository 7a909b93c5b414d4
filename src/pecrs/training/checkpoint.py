"""A resumable checkpoint as safetensors and JSON: trained parameters, AdamW moments, progress.

Order of data, negatives and dropout are functions of (seed, epoch, batch), so nothing else is needed to go on exactly.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pecrs.data.files import read_json, recover_folder, replacing_folder, write_json
from pecrs.errors import CheckpointError, DataError

STATE, PROGRESS = "state.safetensors", "progress.json"
"""The files of a checkpoint."""
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""What AdamW keeps for each parameter."""


@dataclass(frozen=True)
class RunState:
    """Where a run stands.

    Attributes:
        epoch: Epoch of the next batch, from 0.
        batch: Next batch inside the epoch.
        step: Optimiser steps done.
        best: Best mean recall so far, -1 before the first validation.
        stale: Validations since then.
        seconds: Training time so far.
        data: Hash of the training streams and of what validation reads.
        base: Hash of the untuned weights.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best: float = -1.0
    stale: int = 0
    seconds: float = 0.0
    data: str = ""
    base: str = ""


def save_checkpoint(
    folder: Path, parameters: dict[str, nn.Parameter], optimizer: torch.optim.Optimizer, progress: RunState
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
    tensors = {f"parameter/{name}": p.detach().contiguous() for name, p in parameters.items()}
    for name, parameter in parameters.items():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{key}/{name}"] = value.contiguous()
    with replacing_folder(folder) as new:
        save_file(tensors, new / STATE)
        write_json(new / PROGRESS, asdict(progress))


def load_checkpoint(
    folder: Path,
    parameters: dict[str, nn.Parameter],
    optimizer: torch.optim.Optimizer,
    *,
    data: str = "",
    base: str = "",
) -> RunState | None:
    """Restore parameters and moments in place, or change nothing; a swap that was cut short is finished first.

    Args:
        folder: What :func:`save_checkpoint` wrote.
        parameters: Trained parameters by name.
        optimizer: An AdamW over exactly these.
        data: Hash of the present training streams and of what validation reads.
        base: Hash of the present untuned weights.

    Returns:
        Where the run stood, or None where there is no checkpoint.

    Raises:
        CheckpointError: If the checkpoint is broken or belongs to another model or other data.
    """
    try:
        recover_folder(folder)
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be recovered: {error.strerror or error}") from None
    if not folder.exists():
        return None
    progress, tensors = _read_progress(folder / PROGRESS), _read_state(folder / STATE)
    if progress.data != data:
        raise CheckpointError(f"{folder}: the checkpoint was made on other training data or validation dialogues")
    if progress.base != base:
        raise CheckpointError(f"{folder}: belongs to another model: the untuned weights differ")
    _check(folder, tensors, parameters)
    _restore(tensors, parameters, optimizer)
    return progress


def _read_progress(path: Path) -> RunState:
    try:
        values = read_json(path)
    except DataError as error:
        raise CheckpointError(f"{path}: broken checkpoint: {error.reason}") from None
    kinds = {field.name: type(field.default) for field in fields(RunState)}
    if not isinstance(values, dict) or {name: type(value) for name, value in values.items()} != kinds:
        raise CheckpointError(f"{path}: broken checkpoint: it does not say where the run stands")
    return RunState(**values)


def _read_state(path: Path) -> dict[str, Tensor]:
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: broken checkpoint: {error}") from None
    return tensors


def _check(folder: Path, tensors: dict[str, Tensor], parameters: dict[str, nn.Parameter]) -> None:
    saved = {key.removeprefix("parameter/"): value for key, value in tensors.items() if key.startswith("parameter/")}
    if saved.keys() != parameters.keys():
        odd = sorted(saved.keys() ^ parameters.keys())[0]
        raise CheckpointError(f"{folder}: belongs to another model: parameter {odd!r} differs")
    for name, parameter in parameters.items():
        moments = [tensors[f"{key}/{name}"] for key in _MOMENTS if f"{key}/{name}" in tensors]
        if len(moments) not in (0, len(_MOMENTS)):
            raise CheckpointError(f"{folder}: broken checkpoint: moments of {name!r} are missing")
        if any(value.shape != parameter.shape for value in (saved[name], *moments[1:])):
            raise CheckpointError(f"{folder}: belongs to another model: the shape of {name!r} differs")


@torch.no_grad()
def _restore(tensors: dict[str, Tensor], parameters: dict[str, nn.Parameter], optimizer: torch.optim.Optimizer) -> None:
    for name, parameter in parameters.items():
        parameter.copy_(tensors[f"parameter/{name}"])
        state = {key: tensors[f"{key}/{name}"] for key in _MOMENTS if f"{key}/{name}" in tensors}
        if state:  # the step lies beside the moments, as the fused AdamW wants it
            optimizer.state[parameter] = {key: value.to(parameter.device, copy=True) for key, value in state.items()}
