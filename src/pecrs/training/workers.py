"""The processes of one run: each computes a share of every batch, and what they computed is added up.

Launched by ``torchrun`` or ``accelerate launch``; alone, a process is all of them and nothing is exchanged. Sums over
processes are sums over micro-batches, so a run means the same whatever the number of its processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, gather_object
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

Value = TypeVar("Value")
"""Whatever can be pickled between processes of one run."""


class Workers:
    """This process among the others.

    Attributes:
        accelerator: Device and process group.
        rank: Number of this process, from 0.
        count: How many there are.
    """

    def __init__(self) -> None:
        """Join the others, where a launcher started several."""
        launched = "WORLD_SIZE" in os.environ  # without a device, accelerate must be told to look for other processes
        cpu = launched and not torch.accelerator.is_available()
        self.accelerator = Accelerator(
            cpu=cpu, mixed_precision="no"
        )  # a process-wide setting; autocast is the run's own
        self.rank: int = self.accelerator.process_index
        self.count: int = self.accelerator.num_processes

    @property
    def main(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    @property
    def share(self) -> slice:
        """Which parts of a common list are this process's own."""
        return slice(self.rank, None, self.count)

    @property
    def mesh(self) -> DeviceMesh:
        """All processes in a row; there must be several."""
        return init_device_mesh(self.accelerator.device.type, (self.count,))

    def idle(self, parts: int) -> int:
        """Return how many parts of a common list this process has fewer than the first one."""
        return len(range(0, parts, self.count)) - len(range(self.rank, parts, self.count))

    @contextmanager
    def main_first(self) -> Iterator[None]:
        """Let the first process of each machine do a thing before the others, who may then find it done."""
        with self.accelerator.local_main_process_first():
            yield

    def wait(self) -> None:
        """Wait for all."""
        self.accelerator.wait_for_everyone()

    def agree(self, value: Value) -> Value:
        """Return the main process's value."""
        if self.count == 1:
            return value
        values = [value]
        broadcast_object_list(values)
        return values[0]

    def gather(self, values: Sequence[Value]) -> list[Value]:
        """Return the values of all processes, by rank."""
        return list(values) if self.count == 1 else list(gather_object(list(values)))

    def total(self, values: Tensor) -> Tensor:
        """Return the sum over processes."""
        if self.count == 1:
            return values
        summed: Tensor = self.accelerator.reduce(values.contiguous(), reduction="sum")
        return summed

    def start_alike(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give all processes the main one's parameters."""
        for parameter in parameters if self.count > 1 else ():
            torch.distributed.broadcast(parameter.data, src=0)

    def add_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Replace each gradient by its sum over processes; one that no process has stays missing."""
        if self.count == 1:
            return
        missing = torch.tensor([parameter.grad is None for parameter in parameters], device=parameters[0].device)
        there = (self.total((~missing).float()) > 0).tolist()
        wanted = [parameter for parameter, present in zip(parameters, there, strict=True) if present]
        for parameter in wanted:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        flat = self.total(torch.cat([parameter.grad.reshape(-1) for parameter in wanted if parameter.grad is not None]))
        sums = torch.split(flat, [parameter.numel() for parameter in wanted])
        for parameter, gradient in zip(wanted, sums, strict=True):
            parameter.grad = gradient.view_as(parameter)
