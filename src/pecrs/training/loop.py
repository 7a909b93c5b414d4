"""The one loop of training, whatever is trained: optimiser steps, validations, checkpoints, the log, and going on.

What is trained is a :class:`Task`. Everything random in it is a function of (seed, epoch, batch), so that a run goes on
exactly from a checkpoint.

Source: PECRS §3.6 and §4.1; design sections 1, 3 and 8.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from pecrs.data.progress import Report
from pecrs.training.checkpoint import RunState, load_checkpoint, save_checkpoint
from pecrs.training.run_log import RunLog
from pecrs.training.schedule import learning_rate_factor, steps_per_epoch
from pecrs.training.workers import Workers

CHECKPOINT_FOLDER = "checkpoint"
"""Name of the last checkpoint's folder inside a run."""

MODEL_FOLDER = "model"
"""Name of the folder inside a run of the model that it keeps."""


@dataclass(frozen=True)
class Plan:
    """What happens when in a run.

    Attributes:
        epochs: Number of batches of each epoch.
        warmup: Optimiser steps in which the learning rate rises; a linear fall to zero follows.
        validations: Steps after which the run is validated, the last one among them.
        learning_rate: Peak of the rate that the log tells.
        gradient_clip: Largest norm of the gradient; 0 turns clipping off.
        checkpoint_minutes: Time between checkpoints; there is one after each validation besides.
        accumulation: Batches of an optimiser step.
        patience: Validations without a better one after which the run ends; 0 never ends it.
        max_minutes: Time after which the run ends; 0 has no limit.
        keeps_latest: Keep the model of the latest validation instead of the best one's.
    """

    epochs: tuple[int, ...]
    warmup: int
    validations: frozenset[int]
    learning_rate: float
    gradient_clip: float
    checkpoint_minutes: float
    accumulation: int = 1
    patience: int = 0
    max_minutes: float = 0.0
    keeps_latest: bool = False

    @property
    def batches(self) -> int:
        """Batches of the whole run."""
        return sum(self.epochs)

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole run."""
        return sum(steps_per_epoch(batches, self.accumulation) for batches in self.epochs)

    def ends_early(self, state: RunState) -> bool:
        """Tell whether a run has used up its time or its patience."""
        return 0 < self.max_minutes * 60 <= state.seconds or 0 < self.patience <= state.stale

    def finished(self, state: RunState) -> bool:
        """Tell whether a run is at its end, early or not."""
        return self.ends_early(state) or state.epoch >= len(self.epochs)

    def done(self, state: RunState) -> int:
        """Return how many batches a run has done."""
        return sum(self.epochs[: state.epoch]) + state.batch


@dataclass(frozen=True)
class Computed:
    """What came of a batch.

    Attributes:
        losses: By name; ``total`` is what is minimised.
        positions: Size of the batch, for the speed.
    """

    losses: Mapping[str, float]
    positions: int


@dataclass(frozen=True)
class Validated:
    """What came of a validation.

    Attributes:
        metrics: By name.
        score: By which validations are compared; more is better.
    """

    metrics: Mapping[str, float]
    score: float


class Task(Protocol):
    """What is trained.

    Attributes:
        parameters: The trained parameters by name.
        optimizer: An AdamW over exactly these; each group has its peak rate as ``peak``.
    """

    parameters: dict[str, nn.Parameter]
    optimizer: torch.optim.Optimizer

    def batches(self, epoch: int, first: int) -> Generator[Any, None, None]:
        """Yield the batches of an epoch from a number on, ready to be computed."""

    def compute(self, batch: Any, share: float) -> Computed:
        """Add the gradients of a batch to the parameters.

        Args:
            batch: From :meth:`batches`.
            share: Factor on the loss, for batches that share an optimiser step.

        Raises:
            ConfigError: If the loss is not finite.
        """

    def validate(self) -> Validated:
        """Judge the present model."""

    def save(self) -> None:
        """Write the present model into the run's folder."""


class Loop:
    """Runs a task to its end; one instance is one run."""

    def __init__(self, task: Task, plan: Plan, state: RunState, folder: Path, report: Report, workers: Workers) -> None:
        """Prepare a run.

        Args:
            task: What is trained.
            plan: What happens when.
            state: Where the run stands.
            folder: Where log, checkpoint and model go.
            report: Is told of each batch and each validation.
            workers: The processes of the run.
        """
        self.task, self.plan, self.state = task, plan, state
        self.folder, self.report, self.workers = folder, report, workers

    def run(self) -> RunState:
        """Train to the end and return where the run stands then.

        Validations and checkpoints fall between optimiser steps, where no gradient is pending. A run that has finished,
        early or not, stays finished.

        Raises:
            ConfigError: If the loss is not finite.
            CheckpointError: If checkpoint, log or model cannot be written; the previous ones are kept.
        """
        self._saved = self._started = time.monotonic()
        self._before = self.state.seconds
        done = self.plan.done(self.state)
        logged = RunLog(self.folder, self.plan.batches, done, self.report) if self.workers.main else nullcontext()
        with logged as log:
            while not self.plan.finished(self.state):
                with closing(self.task.batches(self.state.epoch, self.state.batch)) as batches:
                    self._epoch(batches, log)
        self._checkpoint()
        self.workers.wait()
        return self.state

    def _epoch(self, batches: Iterator[Any], log: RunLog | None) -> None:
        """Take the steps of an epoch that are left, or those before an early end."""
        epoch, count = self.state.epoch, self.plan.epochs[self.state.epoch]
        for first in range(self.state.batch, count, self.plan.accumulation):
            end = min(first + self.plan.accumulation, count)
            self._step(batches, end - first, log)
            place = (epoch + 1, 0) if end == count else (epoch, end)
            seconds = self.workers.agree(self._before + time.monotonic() - self._started)
            self.state = replace(self.state, epoch=place[0], batch=place[1], step=self.state.step + 1, seconds=seconds)
            validated = self.state.step in self.plan.validations or self.plan.ends_early(self.state)
            if validated:
                self._validate(log)
            if validated or time.monotonic() - self._saved > self.plan.checkpoint_minutes * 60:
                self._checkpoint()
            if self.plan.finished(self.state):
                return

    def _step(self, batches: Iterator[Any], size: int, log: RunLog | None) -> None:
        """Take one optimiser step on the mean loss of so many batches."""
        plan, parameters = self.plan, self.task.parameters
        factor = learning_rate_factor(self.state.step, plan.warmup, plan.steps)
        set_learning_rates(self.task.optimizer, factor)
        for number in range(1, size + 1):
            started = time.monotonic()
            computed = self.task.compute(next(batches), 1 / size)
            if number == size:
                self.workers.add_gradients(list(parameters.values()))
                update(self.task, plan.gradient_clip)
            if log is not None:
                values = {**computed.losses, "learning_rate": plan.learning_rate * factor}
                done = plan.done(self.state) + number
                log.step(self.state.epoch, done, values, computed.positions, time.monotonic() - started)

    def _validate(self, log: RunLog | None) -> None:
        validated, state = self.task.validate(), self.state
        better = validated.score > state.best or state.step == min(self.plan.validations)
        if log is not None:
            log.validation(self.plan.done(state), validated.metrics, better)
        if better or self.plan.keeps_latest:
            if self.workers.main:
                self.task.save()
            self.state = replace(state, best=validated.score, stale=0)
        else:
            self.state = replace(state, stale=state.stale + 1)

    def _checkpoint(self) -> None:
        if self.workers.main:
            folder = self.folder / CHECKPOINT_FOLDER
            save_checkpoint(folder, self.task.parameters, self.task.optimizer, self.state)
        self._saved = time.monotonic()


def set_learning_rates(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set the rate of each group to a share of its peak."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor


def update(task: Task, gradient_clip: float) -> None:
    """Take an optimiser step by the gradients that are there, and drop them.

    Args:
        task: What is trained.
        gradient_clip: Largest norm of the gradient; 0 turns clipping off.
    """
    if gradient_clip:
        nn.utils.clip_grad_norm_(task.parameters.values(), gradient_clip)
    task.optimizer.step()
    task.optimizer.zero_grad()


def resumed(task: Task, state: RunState, folder: Path) -> RunState | None:
    """Put a task back to the last checkpoint of its run; None where there is none.

    Args:
        task: Its parameters and moments are restored in place.
        state: A new run's, which tells what data and weights a checkpoint must be of.
        folder: The run.

    Raises:
        CheckpointError: If the checkpoint is broken or belongs to another model or other data.
    """
    checkpoint = folder / CHECKPOINT_FOLDER
    return load_checkpoint(checkpoint, task.parameters, task.optimizer, data=state.data, base=state.base)
