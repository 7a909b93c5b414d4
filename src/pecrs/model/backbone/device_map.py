"""Where a backbone's blocks lie: on one device, or spread over several of one process.

The first device holds all that is no block (tables, norms, heads, item vectors) and is where passes begin and end.
Transformers loads each block to its device, and accelerate moves what flows between them. What lies in the memory of
the CPU behind an accelerator, or on the disk, comes to the first device for as long as it computes.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, cast

import torch
from accelerate.utils import align_module_device, convert_file_size_to_int, get_max_memory
from torch import Tensor, nn
from transformers import AutoModelForCausalLM

from pecrs.errors import ConfigError
from pecrs.model.backbone.blocks import named_blocks
from pecrs.model.backbone.quantization import Quantization

DISK = "disk"
"""What a device map calls the disk."""

_SHARE = 0.9
"""Share of a device's free memory that blocks may take where no limit is given."""

_SPILLED: Mapping[str, int] = {"cpu": 1, DISK: 2}
"""Where blocks may lie that come to the first accelerator to be computed, and in which order these stand in a map."""

_WEIGHT_BYTES: Mapping[Quantization, float] = {"none": 4, "8bit": 1, "4bit": 0.5}


@dataclass(frozen=True)
class MemoryBudget:
    """A device, and how much of it blocks may take.

    Attributes:
        device: ``cpu``, ``disk``, or an accelerator's name with its number.
        limit: Bytes that weights may take, or None for what is free.
    """

    device: str
    limit: int | None = None

    @property
    def key(self) -> int | str:
        """The device as transformers' device maps and accelerate's memory maps name it."""
        return self.device if self.device == DISK else _key(torch.device(self.device))


def parse_memory_budgets(text: str) -> tuple[MemoryBudget, ...]:
    """Read a device map as it is written in configurations and commands.

    Args:
        text: ``auto`` for all accelerators of the machine, then the CPU's memory; or devices in the order in which they
            are filled, each with the most that blocks may take of it where that matters:
            ``cuda:0=20GiB,cuda:1,cpu,disk``.

    Raises:
        ConfigError: If a device is unknown or not here, or a limit is no size.
    """
    if text == "auto":
        found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        if found is None:
            return (MemoryBudget("cpu"),)
        names = [f"{found.type}:{number}" for number in range(torch.accelerator.device_count())]
        return tuple(map(MemoryBudget, [*names, "cpu"]))
    budgets = tuple(_budget(part) for part in text.split(","))
    devices = [budget.device for budget in budgets]
    if len(set(devices)) < len(devices):
        raise ConfigError(f"device_map: {text!r} names a device twice")
    order = [(_SPILLED.get(budget.device, 0), budget.key) for budget in budgets]
    if devices[0] == DISK or order != sorted(order):
        raise ConfigError(f"device_map: {text!r}: accelerators come first, by their numbers, then cpu, then disk")
    return budgets


def _budget(text: str) -> MemoryBudget:
    name, assigned, size = (part.strip() for part in text.partition("="))
    limit = None
    if assigned:
        try:
            limit = convert_file_size_to_int(size)
        except (ValueError, OverflowError):
            raise ConfigError(f"device_map: {text.strip()!r}: a size is expected, as in 20GiB") from None
    if name == "auto":
        raise ConfigError("device_map: auto stands alone, without limits and other devices")
    if name == DISK:
        return MemoryBudget(DISK, limit)
    try:
        device = torch.device(name)
    except RuntimeError:
        device = torch.device("meta")
    if device.type == "meta":
        raise ConfigError(f"device_map: {name!r} is no device; auto, cpu, cuda:0 or disk are")
    if device.type == "cpu" and device.index:
        raise ConfigError(f"device_map: {name}: there is no such device here")
    if device.type == "cpu":
        return MemoryBudget("cpu", limit)
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ImportError):
        raise ConfigError(f"device_map: {name}: there is no such device here") from None
    return MemoryBudget(f"{device.type}:{device.index or 0}", limit)


def _key(device: torch.device) -> int | str:
    return device.type if device.type in ("cpu", "mps") else device.index or 0


@dataclass(frozen=True)
class Parts:
    """What a model is made of.

    Attributes:
        blocks: Bytes of each block by its name, in order.
        others: Names of the modules that hold all else.
        rest: Bytes of all else.
    """

    blocks: Mapping[str, int]
    others: tuple[str, ...]
    rest: int

    @classmethod
    def of_config(cls, config: Any, quantization: Quantization = "none") -> Self:
        """Return the parts of a model that is not there yet, in single precision but for quantised blocks.

        Args:
            config: The model's transformers configuration.
            quantization: How the blocks are held.
        """
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
        sizes = {name: sum(p.numel() for p in part.parameters()) for name, part in named_blocks(model).items()}
        blocks = {name: math.ceil(_WEIGHT_BYTES[quantization] * size) for name, size in sizes.items()}
        inside = tuple(f"{name}." for name in blocks)
        tensors = [*model.named_parameters(remove_duplicate=False), *model.named_buffers()]
        others = {name: tensor for name, tensor in tensors if not name.startswith(inside)}
        modules = dict.fromkeys(name.rpartition(".")[0] for name in others)
        return cls(blocks, tuple(modules), sum(t.numel() * t.element_size() for t in set(others.values())))


def device_map_of(config: Any, budgets: Sequence[MemoryBudget], quantization: Quantization) -> dict[str, int | str]:
    """Return which module of a model goes where, as transformers' ``from_pretrained`` takes it.

    Args:
        config: The model's transformers configuration.
        budgets: What :func:`parse_memory_budgets` read; quantised blocks go to accelerators alone.
        quantization: How the blocks are held.

    Raises:
        ConfigError: If the model does not fit, has no blocks that could lie apart, or has quantised ones and the CPU or
            the disk a limit for them.
    """
    if quantization != "none":
        budgets = _accelerators(budgets, quantization)
    if len(budgets) == 1 and budgets[0].limit is None:
        return {"": budgets[0].key}
    parts = Parts.of_config(config, quantization)
    if not parts.blocks and len(budgets) > 1:
        raise ConfigError(f"device_map: the family {config.model_type!r} can only lie on one device")
    placed = place_blocks(list(parts.blocks.values()), parts.rest, budgets, _free_memory(budgets))
    keys = {budget.device: budget.key for budget in budgets}
    blocks = {name: keys[device] for name, device in zip(parts.blocks, placed, strict=True)}
    return {**dict.fromkeys(parts.others, budgets[0].key), **blocks} if len(budgets) > 1 else {"": budgets[0].key}


def _accelerators(budgets: Sequence[MemoryBudget], quantization: Quantization) -> list[MemoryBudget]:
    """Return where quantised blocks may lie; ``auto`` names the CPU, too, but nobody sets it a limit."""
    found = [budget for budget in budgets if budget.device not in _SPILLED]
    if not found:
        raise ConfigError(f"device_map: model.quantization: {quantization} needs an accelerator")
    limited = [budget.device for budget in budgets if budget.device in _SPILLED and budget.limit is not None]
    if limited:
        message = f"blocks held in {quantization} lie on accelerators alone, so {limited[0]} can have no limit"
        raise ConfigError(f"device_map: {message}")
    return found


def _free_memory(budgets: Sequence[MemoryBudget]) -> dict[str, int]:
    free = {**get_max_memory(), DISK: sys.maxsize}
    return {budget.device: int(_SHARE * free.get(budget.key, 0)) for budget in budgets}


def place_blocks(
    sizes: Sequence[int], rest: int, budgets: Sequence[MemoryBudget], free: Mapping[str, int]
) -> list[str]:
    """Return the device of each block: they are filled in order, accelerators without a limit all alike.

    Where some blocks lie on no device that computes, room for one of them is kept on the first.

    Args:
        sizes: Bytes of each block.
        rest: Bytes of all that is no block.
        budgets: The devices.
        free: Bytes that may be taken of each that has no limit.

    Raises:
        ConfigError: If they do not fit.
    """
    first, spilling = budgets[0].device, {budget.device for budget in budgets[1:]} & set(_SPILLED)
    given = {budget.device: free[budget.device] if budget.limit is None else budget.limit for budget in budgets}
    left = {**given, first: given[first] - rest}
    alike = [budget.device for budget in budgets if budget.limit is None and budget.device not in _SPILLED]
    for most in range(1, len(sizes) + 1):
        placed = _filled(sizes, left, dict.fromkeys(alike, most))
        if placed is not None and left[first] >= 0 and not spilling.intersection(placed):
            return placed
    largest = max(sizes, default=0)
    kept = {**left, first: left[first] - largest}
    placed = _filled(sizes, kept, {}) if kept[first] >= 0 else None
    if placed is None:
        budget = [device if device == DISK else f"{device} ({_mebibytes(size)})" for device, size in given.items()]
        raise ConfigError(
            f"device_map: {len(sizes)} blocks of {_mebibytes(largest)} and {_mebibytes(rest)} of all else do not "
            f"fit {', '.join(budget)}; {first} takes all else, and in turn each block that no other device has room for"
        )
    return placed


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"


def _filled(sizes: Sequence[int], left: Mapping[str, int], most: Mapping[str, int]) -> list[str] | None:
    """Return a device for each block in order, none of them with more than ``most`` blocks; None if they do not fit."""
    placed: list[str] = []
    devices, used, count = iter(left), 0, 0
    device = next(devices)
    for size in sizes:
        while used + size > left[device] or count >= most.get(device, len(sizes)):
            following = next(devices, None)
            if following is None:
                return None
            device, used, count = following, 0, 0
        placed.append(device)
        used, count = used + size, count + 1
    return placed


def forget_addresses(model: nn.Module) -> None:
    """Keep accelerate from taking one weight for another, of a model that it has put on devices.

    It knows tied weights by their addresses, and goes on doing so when they are freed and other weights lie there. It
    need not know them: tied weights are no blocks', and all lie on the first device.
    """
    for module in model.modules():
        hook = getattr(module, "_hf_hook", None)
        for part in getattr(hook, "hooks", (hook,)):
            addresses = getattr(part, "tied_params_map", None)
            if addresses is not None:
                addresses.clear()


@contextmanager
def offloaded_stood_in(model: nn.Module) -> Iterator[None]:
    """Let weights that are not in a device's memory look as if they were, inside the block.

    peft puts adapters where the weight beside them lies, and where that is nowhere, they would have no values.
    """
    absent = [
        (module, name, weight)
        for module in model.modules()
        for name, weight in module.named_parameters(recurse=False)
        if weight.is_meta
    ]
    for module, name, weight in absent:
        device = cast(Any, module)._hf_hook.execution_device
        stand_in = torch.zeros((), dtype=weight.dtype, device=device).expand(weight.shape)  # takes no memory
        module.register_parameter(name, nn.Parameter(stand_in, requires_grad=False))
    try:
        yield
    finally:
        for module, name, weight in absent:
            module.register_parameter(name, weight)


def offloaded_weight(model: nn.Module, name: str) -> Tensor:
    """Return a parameter that lies in the CPU's memory behind a device, or on the disk; it is to be read only."""
    owner, _, own = name.rpartition(".")
    module = model.get_submodule(owner)
    with align_module_device(module, torch.device("cpu")):
        weight: Tensor = getattr(module, own).detach()
        return weight
