"""The one training loop, on accelerate.

Validation is a callable handed in, so that training knows nothing of evaluation.

Source: PECRS §3.6 and §4.1; design sections 1 and 3.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from pecrs.config import Config
from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, merge_turns
from pecrs.data.progress import Report, silent
from pecrs.data.protocol import label_counts
from pecrs.data.stream import Stream, StreamLayout
from pecrs.errors import ConfigError, ContextTooLongError, DataError
from pecrs.model.backbone.blocks import recompute_blocks, shard_blocks
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import Pretrained, save_pretrained
from pecrs.training.checkpoint import RunState, load_checkpoint, save_checkpoint
from pecrs.training.run_log import RunLog
from pecrs.training.schedule import learning_rate_factor, mix, plan_epoch, steps_per_epoch, validation_steps
from pecrs.training.step import MicroBatches, compute_step, prepare_step
from pecrs.training.workers import Workers

Validate = Callable[[PecrsModel], Mapping[str, float]]
"""Returns metrics; ``mean_recall`` chooses the best model."""

MODEL_FOLDER = "model"
"""Name of the best model's folder inside a run."""


def training_streams(dialogues: Sequence[Dialogue], layout: StreamLayout, positions: int) -> list[Stream]:
    """Lay out the training dialogues as the configuration says, leaving out those without a recommender's turn.

    Args:
        dialogues: Per-message dialogues.
        layout: The layout of the model's vocabulary and catalogue.
        positions: Number of positions that the backbone has.

    Raises:
        ContextTooLongError: If a stream exceeds the backbone's positions.
        DataError: If nothing is left.
    """
    config = layout.config
    streams: list[Stream] = []
    for dialogue in dialogues:
        laid = merge_turns(dialogue) if config.utterances == "merged" else dialogue
        streams += layout.streams(laid, windows=config.layout == "windows")
    if not streams:
        raise DataError("no dialogue has a turn of the recommender")
    for stream in streams:
        if len(stream.sequence) > positions:
            message = (
                f"dialogue {stream.dialogue!r} takes {len(stream.sequence)} positions; the backbone has {positions}"
            )
            raise ContextTooLongError(message)
    return streams


def popularity_counts(dialogues: Sequence[Dialogue], catalogue: Catalogue) -> list[int]:
    """Return how often each item was the right answer in training, in catalogue order; see ``label_counts``."""
    counts = label_counts(dialogues)
    return [counts[item.id] for item in catalogue]


class Trainer:
    """Trains a model; one instance is one run."""

    def __init__(
        self,
        model: PecrsModel,
        config: Config,
        streams: Sequence[Stream],
        folder: Path,
        base: str,
        report: Report = silent,
        workers: Workers | None = None,
        validation: str = "",
    ) -> None:
        """Prepare a run.

        Args:
            model: With item states attached.
            config: What it was made with, and how it is trained; saved with the model.
            streams: The training data.
            folder: Where log, checkpoint and the best model go.
            base: Name or path of the untuned backbone, for the saved model.
            report: Is told of each batch and each validation.
            workers: The processes of the run; those that a launcher started by default.
            validation: Hash of what validation reads; a run goes on with the same alone, as recalls are compared.

        Raises:
            ConfigError: If the backbone cannot compute as ``training`` asks.
        """
        self.config = config
        self.streams, self.folder, self.base, self.report = streams, folder, base, report
        self.workers = Workers() if workers is None else workers
        self.accelerator = self.workers.accelerator
        self.sharded = self.config.training.shard_backbone and self.workers.count > 1
        if self.sharded:
            shard_blocks(model.backbone, self.workers.mesh)
        if not self.config.training.device_map:
            model.to(self.accelerator.device)
        if model.states is not None:
            model.states = model.states.to(model.device)
        if self.config.training.gradient_checkpointing:
            recompute_blocks(model.backbone)
        self.parameters = model.trained_parameters()
        self.workers.start_alike(self.parameters.values())
        optimizer = torch.optim.AdamW(self._groups(), fused=True)
        self.model: PecrsModel = model
        self.optimizer = self.accelerator.prepare(optimizer)
        self.lengths = [len(s.sequence) + sum(len(b.sequence) for b in s.branches) for s in streams]
        windows = self.config.data.layout == "windows"
        self.weights = [stream.weight if windows else 1 for stream in streams]
        self.progress = RunState(data=_fingerprint(model, streams, validation), base=model.reader.fingerprint())
        self._next: tuple[tuple[int, int], Future[MicroBatches] | None] = ((-1, -1), None)

    def resume(self) -> bool:
        """Go on from the run's last checkpoint; return False where there is none.

        Raises:
            CheckpointError: If it is broken or belongs to another model or other data.
        """
        progress = load_checkpoint(
            self.folder / "checkpoint",
            self.parameters,
            self.optimizer.optimizer,
            data=self.progress.data,
            base=self.progress.base,
        )
        if progress is None:
            return False
        self.progress = progress
        self.model.refresh_vectors()
        return True

    def train(self, validate: Validate) -> RunState:
        """Train to the end, validating and saving the best model on the way.

        Validations and checkpoints fall between optimiser steps, where no gradient is pending. A run that has finished,
        early or not, stays finished.

        Args:
            validate: Called at intervals and at the end with the model in evaluation mode.

        Returns:
            Where the run stands at its end.

        Raises:
            ConfigError: If the loss is not finite.
            CheckpointError: If checkpoint or model cannot be written; the previous ones are kept.
        """
        settings = self.config.training
        plans = [self._plan(epoch) for epoch in range(settings.epochs)]
        ends = [sum(map(len, plans[: e + 1])) for e in range(settings.epochs)]
        steps = [steps_per_epoch(len(plan), settings.accumulation) for plan in plans]
        warmup, total = round(settings.warmup_epochs * steps[0]), sum(steps)
        marks = validation_steps(total, settings.validate_every_epochs * steps[0])
        done = (
            ends[self.progress.epoch] - len(plans[self.progress.epoch]) if self.progress.epoch < len(ends) else ends[-1]
        )
        done += self.progress.batch
        saved, started, before = time.monotonic(), time.monotonic(), self.progress.seconds
        with (
            RunLog(self.folder, ends[-1], done, self.report) if self.workers.main else nullcontext() as log,
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="pecrs-batches") as ahead,
        ):
            while done < ends[-1] and not self._finished():
                factor = learning_rate_factor(self.progress.step, warmup, total)
                done = self._step(plans[self.progress.epoch], factor, log, done, ahead)
                seconds = self.workers.agree(before + time.monotonic() - started)
                self.progress = replace(self.progress, seconds=seconds)
                if self.progress.step in marks or self._finished():
                    self._validate(validate, log, done)
                    saved = float("-inf")
                if time.monotonic() - saved > settings.checkpoint_minutes * 60:
                    self._checkpoint()
                    saved = time.monotonic()
        self._checkpoint()
        self.workers.wait()
        return self.progress

    def _plan(self, epoch: int) -> list[list[int]]:
        settings = self.config.training
        return plan_epoch(self.lengths, self.weights, settings.batch_size, settings.seed, epoch)

    def _finished(self) -> bool:
        settings = self.config.training
        late = 0 < settings.max_minutes * 60 <= self.progress.seconds
        return late or 0 < settings.patience <= self.progress.stale

    def _step(
        self, plan: list[list[int]], factor: float, log: RunLog | None, done: int, ahead: ThreadPoolExecutor
    ) -> int:
        """Take one optimiser step on the mean loss of its batches; return the number of batches done in the run."""
        settings, epoch, first = self.config.training, self.progress.epoch, self.progress.batch
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        self.model.train()
        end = min(first + settings.accumulation, len(plan))
        for index in range(first, end):
            started = time.monotonic()
            step = self._take(plan, epoch, index, ahead)
            values = self._compute(step, end - first)
            if index + 1 == end:
                self.workers.add_gradients(list(self.parameters.values()))
                if settings.gradient_clip:
                    self.accelerator.clip_grad_norm_(self.parameters.values(), settings.gradient_clip)
                self.optimizer.step()
                self.optimizer.zero_grad()
            done += 1
            values["learning_rate"] = settings.learning_rate * factor
            if log is not None:
                log.step(epoch, done, values, step.positions, time.monotonic() - started)
        position = (epoch + 1, 0) if end == len(plan) else (epoch, end)
        self.progress = replace(self.progress, epoch=position[0], batch=position[1], step=self.progress.step + 1)
        return done

    def _take(self, plan: list[list[int]], epoch: int, index: int, ahead: ThreadPoolExecutor) -> MicroBatches:
        """Return a batch, made while the one before it was computed, and let the next one be made."""

        def make(number: int) -> MicroBatches:
            streams, settings = [self.streams[i] for i in plan[number]], self.config.training
            return prepare_step(streams, self.model, settings, mix(settings.seed, epoch, number), self.workers.count)

        key, future = self._next
        step = future.result() if future is not None and key == (epoch, index) else make(index)
        later = ahead.submit(make, index + 1) if index + 1 < len(plan) else None
        self._next = ((epoch, index + 1), later)
        return step

    def _compute(self, step: MicroBatches, batches: int) -> dict[str, float]:
        idle = self.workers.idle(len(step.micro_batches)) if self.sharded else 0
        losses = compute_step(self.model, step, self.config.training, 1 / batches, self.workers.share, idle).named()
        values = dict(zip(losses, self.workers.total(torch.stack(list(losses.values()))).tolist(), strict=True))
        if not math.isfinite(values["total"]):
            raise ConfigError(f"training.learning_rate: the loss became {values['total']}; a lower rate may help")
        return values

    def _validate(self, validate: Validate, log: RunLog | None, done: int) -> None:
        self.model.eval()
        self.model.refresh_vectors()
        metrics = validate(self.model)
        recall = float(metrics["mean_recall"])
        better = recall > self.progress.best
        if log is not None:
            log.validation(done, metrics, better)
        if better:
            if self.workers.main:
                included = self.config.model.backbone == "scratch"
                best = Pretrained(self.model, self.config)
                save_pretrained(best, self.folder / MODEL_FOLDER, self.base, include_base=included)
            self.progress = replace(self.progress, best=recall, stale=0)
        else:
            self.progress = replace(self.progress, stale=self.progress.stale + 1)

    def _checkpoint(self) -> None:
        if self.workers.main:
            save_checkpoint(self.folder / "checkpoint", self.parameters, self.optimizer.optimizer, self.progress)

    def _groups(self) -> list[dict[str, object]]:
        settings = self.config.training
        groups: dict[tuple[float, float], list[nn.Parameter]] = {}
        for name, parameter in self.parameters.items():
            rate = settings.learning_rate if name.startswith("backbone.") else settings.head_learning_rate
            decay = settings.weight_decay if parameter.ndim >= 2 else 0.0
            groups.setdefault((rate, decay), []).append(parameter)
        return [
            {"params": params, "lr": rate, "peak": rate, "weight_decay": decay}
            for (rate, decay), params in groups.items()
        ]


def _fingerprint(model: PecrsModel, streams: Sequence[Stream], validation: str) -> str:
    digest = hashlib.sha256(validation.encode())
    for item in model.catalogue:
        digest.update(repr((item.id, item.text_fields(model.catalogue.fields))).encode())
    digest.update(repr(model.retriever.log_popularity.tolist()).encode())
    for stream in streams:
        digest.update(repr((stream.dialogue, stream.sequence)).encode())
    return digest.hexdigest()
