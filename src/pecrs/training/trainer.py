"""Training of a recommender: what the loop's steps, validations and saved models are.

Validation is a callable handed in, so that training knows nothing of evaluation.

Source: PECRS §3.6 and §4.1; design sections 1 and 3.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import nn

from pecrs.config import Config
from pecrs.data.progress import Report, silent
from pecrs.data.stream import Stream
from pecrs.errors import ConfigError
from pecrs.model.backbone.blocks import recompute_blocks, shard_blocks
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import Pretrained, save_pretrained
from pecrs.training.checkpoint import RunState
from pecrs.training.loop import MODEL_FOLDER, Computed, Loop, Plan, Validated, resumed
from pecrs.training.schedule import mix, plan_epoch, steps_per_epoch, validation_steps
from pecrs.training.step import MicroBatches, compute_step, prepare_step
from pecrs.training.workers import Workers

Validate = Callable[[PecrsModel], Mapping[str, float]]
"""Returns metrics; ``mean_recall`` chooses the best model."""


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
        self.model, self.config, self.settings = model, config, config.training
        self.streams, self.folder, self.base, self.report = streams, folder, base, report
        self.workers = Workers() if workers is None else workers
        self.sharded = self.settings.shard_backbone and self.workers.count > 1
        self._place(model)
        self.parameters = model.trained_parameters()
        self.workers.start_alike(self.parameters.values())
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(self._groups(), fused=True)
        lengths = [len(s.sequence) + sum(len(b.sequence) for b in s.branches) for s in streams]
        weights = [stream.weight if config.data.layout == "windows" else 1 for stream in streams]
        size, seed = self.settings.batch_size, self.settings.seed
        self.epochs = [plan_epoch(lengths, weights, size, seed, epoch) for epoch in range(self.settings.epochs)]
        self.state = RunState(data=_fingerprint(model, streams, validation), base=model.reader.fingerprint())
        self._judge: Validate = lambda _: {}

    def resume(self) -> bool:
        """Go on from the run's last checkpoint; return False where there is none.

        Raises:
            CheckpointError: If it is broken or belongs to another model or other data.
        """
        state = resumed(self, self.state, self.folder)
        if state is None:
            return False
        self.state = state
        self.model.refresh_vectors()
        return True

    def train(self, validate: Validate) -> RunState:
        """Train to the end, validating and saving the best model on the way; see :meth:`Loop.run`.

        Args:
            validate: Called at intervals and at the end with the model in evaluation mode.

        Returns:
            Where the run stands at its end.
        """
        self._judge = validate
        self.state = Loop(self, self.plan(), self.state, self.folder, self.report, self.workers).run()
        return self.state

    def plan(self) -> Plan:
        """Return what happens when."""
        settings, epochs = self.settings, tuple(map(len, self.epochs))
        steps = [steps_per_epoch(batches, settings.accumulation) for batches in epochs]
        return Plan(
            epochs,
            warmup=round(settings.warmup_epochs * steps[0]),
            validations=validation_steps(sum(steps), settings.validate_every_epochs * steps[0]),
            learning_rate=settings.learning_rate,
            gradient_clip=settings.gradient_clip,
            checkpoint_minutes=settings.checkpoint_minutes,
            accumulation=settings.accumulation,
            patience=settings.patience,
            max_minutes=settings.max_minutes,
        )

    def batches(self, epoch: int, first: int) -> Generator[MicroBatches, None, None]:
        """Yield the batches of an epoch, each made while the one before it is computed."""

        def make(number: int) -> MicroBatches:
            streams, seed = [self.streams[i] for i in batches[number]], mix(self.settings.seed, epoch, number)
            return prepare_step(streams, self.model, self.settings, seed, self.workers.count)

        batches = self.epochs[epoch]
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pecrs-batches") as ahead:
            following = ahead.submit(make, first)
            for number in range(first + 1, len(batches) + 1):
                batch = following.result()
                if number < len(batches):
                    following = ahead.submit(make, number)
                yield batch

    def compute(self, batch: MicroBatches, share: float) -> Computed:
        """Add the gradients of this process's micro-batches; losses are those of all processes."""
        self.model.train()
        idle = self.workers.idle(len(batch.micro_batches)) if self.sharded else 0
        losses = compute_step(self.model, batch, self.settings, share, self.workers.share, idle).named()
        values = dict(zip(losses, self.workers.total(torch.stack(list(losses.values()))).tolist(), strict=True))
        if not math.isfinite(values["total"]):
            raise ConfigError(f"training.learning_rate: the loss became {values['total']}; a lower rate may help")
        return Computed(values, batch.positions)

    def validate(self) -> Validated:
        """Validate the model by its present vectors."""
        self.model.eval()
        self.model.refresh_vectors()
        metrics = self._judge(self.model)
        return Validated(metrics, float(metrics["mean_recall"]))

    def save(self) -> None:
        """Write the model folder."""
        included = self.config.model.backbone == "scratch"
        best = Pretrained(self.model, self.config)
        save_pretrained(best, self.folder / MODEL_FOLDER, self.base, include_base=included)

    def _place(self, model: PecrsModel) -> None:
        """Put the model where it is trained, and let its blocks compute as the settings ask."""
        if self.sharded:
            shard_blocks(model.backbone, self.workers.mesh)
        if not self.settings.device_map:
            model.to(self.workers.accelerator.device)
        if model.states is not None:
            model.states = model.states.to(model.device)
        if self.settings.gradient_checkpointing:
            recompute_blocks(model.backbone)

    def _groups(self) -> list[dict[str, object]]:
        settings = self.settings
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
        digest.update(repr((item.id, model.catalogue.text_fields(item))).encode())
    digest.update(repr(model.retriever.log_popularity.tolist()).encode())
    for stream in streams:
        digest.update(repr((stream.dialogue, stream.sequence)).encode())
    return digest.hexdigest()
