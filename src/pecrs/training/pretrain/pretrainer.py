"""Pre-training of a backbone on text: what the loop's steps, validations and saved models are.

The order of text and the item texts of a step are functions of (seed, epoch, batch), as in training.

Source: design section 8.
"""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from pecrs.data.files import replacing_folder
from pecrs.data.progress import Report, silent, tracked
from pecrs.errors import ConfigError
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.base import quiet_loading
from pecrs.training.checkpoint import RunState
from pecrs.training.loop import MODEL_FOLDER, Computed, Loop, Plan, Validated, resumed, set_learning_rates, update
from pecrs.training.pretrain.corpora import Chunk
from pecrs.training.pretrain.objective import Objective
from pecrs.training.pretrain.settings import PretrainingConfig
from pecrs.training.schedule import learning_rate_factor, mix, plan_epoch
from pecrs.training.workers import Workers

_JUDGED = 256
"""Item texts that a validation reads."""


@dataclass(frozen=True)
class Texts:
    """What a pre-training run reads.

    Attributes:
        train: Chunks to learn from.
        held_out: Chunks to validate on.
        items: Item texts whose reading is to stay, as a catalogue is read.
    """

    train: Sequence[Chunk]
    held_out: Sequence[Chunk]
    items: Sequence[tuple[int, ...]]


class Pretrainer:
    """Trains a backbone on text; one instance is one run."""

    def __init__(
        self, backbone: Backbone, texts: Texts, settings: PretrainingConfig, folder: Path, report: Report = silent
    ) -> None:
        """Prepare a pre-training run.

        Args:
            backbone: All its weights are trained.
            texts: What it reads.
            settings: The run.
            folder: Where log, checkpoint and model go.
            report: Is told of each batch, each validation and each trial.
        """
        self.backbone, self.texts, self.settings, self.folder, self.report = backbone, texts, settings, folder, report
        keep_reading = bool(settings.item_texts and settings.item_weight and texts.items)
        self.objective = Objective(backbone, settings.precision, keep_reading=keep_reading)
        self.parameters = dict(backbone.named_parameters())
        self.optimizer: torch.optim.Optimizer = self._optimizer(settings.learning_rates[0])
        self.steps = list(self._steps())
        self.state = RunState(data=_fingerprint(texts), base=backbone.fingerprint())

    def train(self, rate: float, *, resume: bool = False) -> float:
        """Train to the end of the run and return the bits a byte of held-out text; see :meth:`Loop.run`.

        Args:
            rate: Peak learning rate.
            resume: Go on from the last checkpoint, if there is one.
        """
        self.optimizer = self._optimizer(rate)
        if resume:
            self.state = resumed(self, self.state, self.folder) or self.state
        total, count = len(self.steps), self.settings.validations
        plan = Plan(
            epochs=(total,),
            warmup=self._warmup(total),
            validations=frozenset(max(1, round(total * number / count)) for number in range(1, count + 1)),
            learning_rate=rate,
            gradient_clip=self.settings.gradient_clip,
            checkpoint_minutes=self.settings.checkpoint_minutes,
            keeps_latest=True,
        )
        self.state = Loop(self, plan, self.state, self.folder, self.report, Workers()).run()
        return -self.state.best

    def trial(self, rate: float) -> float:
        """Return the bits a byte after a short run of its own from the same start; nothing is kept of it."""
        start = copy.deepcopy(self.backbone.state_dict())
        self.optimizer = self._optimizer(rate)
        count = min(len(self.steps), max(1, self.settings.sweep_tokens // self.settings.batch_tokens))
        for number in tracked(range(count), f"trying the learning rate {rate:g}", count, self.report):
            set_learning_rates(self.optimizer, learning_rate_factor(number, self._warmup(count), count))
            self.compute(number)
            update(self, self.settings.gradient_clip)
        bits = self.objective.bits_per_byte(self.texts.held_out, self.report)
        self.backbone.load_state_dict(start)
        return bits

    def batches(self, epoch: int, first: int) -> Generator[int, None, None]:
        """Yield the numbers of the steps; a run is one epoch, however often it reads its text."""
        yield from range(first, len(self.steps))

    def compute(self, batch: int, share: float = 1.0) -> Computed:
        """Add the gradients of a step."""
        self.backbone.train()
        chunks, weight = [self.texts.train[i] for i in self.steps[batch]], self.settings.item_weight
        count = sum(len(chunk.tokens) - 1 for chunk in chunks)
        total = torch.zeros(())
        for part in self.objective.micro_batches(chunks):
            loss = self.objective.token_losses(part).sum() / count
            torch.autograd.backward(share * loss)
            total += loss.detach().cpu()
        values = {"total": float(total), "generation": float(total)}
        if self.objective.teacher is not None:
            kept = self._reading_loss(batch)
            torch.autograd.backward(share * weight * kept)
            values |= {"reading": float(kept.detach())}
            values["total"] += weight * values["reading"]
        if not math.isfinite(values["total"]):
            raise ConfigError(f"learning_rates: the loss became {values['total']}; a lower rate may help")
        return Computed(values, sum(len(chunk.tokens) for chunk in chunks))

    @torch.no_grad()
    def validate(self) -> Validated:
        """Return the bits a byte of held-out text, and how alike the start and the present read item texts."""
        bits = self.objective.bits_per_byte(self.texts.held_out, self.report)
        metrics = {"bits per byte": bits}
        if self.objective.teacher is not None:
            texts = self.texts.items[:: max(1, len(self.texts.items) // _JUDGED)]
            metrics["item reading"] = 1 - float(self.objective.drift(texts))
        return Validated(metrics, -bits)

    def save(self) -> None:
        """Write the model, in bfloat16, and its tokeniser for transformers; an earlier one is replaced at the end."""
        with replacing_folder(self.folder / MODEL_FOLDER) as made:
            with quiet_loading():
                copy.deepcopy(self.backbone.causal_lm).to(torch.bfloat16).save_pretrained(str(made))
            self.backbone.vocabulary.tokenizer.save_pretrained(str(made))

    def _steps(self) -> Iterator[list[int]]:
        """Yield the chunks of each step; text is read again, in another order, where there is less."""
        lengths = [len(chunk.tokens) for chunk in self.texts.train]
        left, reading = self.settings.tokens, 0
        while left > 0:
            for step in plan_epoch(lengths, lengths, self.settings.batch_tokens, self.settings.seed, reading):
                yield step
                left -= sum(lengths[i] for i in step)
                if left <= 0:
                    return
            reading += 1

    def _warmup(self, steps: int) -> int:
        return round(self.settings.warmup * steps)

    def _optimizer(self, rate: float) -> torch.optim.AdamW:
        flat = [parameter for parameter in self.parameters.values() if parameter.ndim < 2]
        deep = [parameter for parameter in self.parameters.values() if parameter.ndim >= 2]
        decay = self.settings.weight_decay
        groups = [{"params": deep, "weight_decay": decay}, {"params": flat, "weight_decay": 0.0}]
        return torch.optim.AdamW([{**group, "peak": rate} for group in groups], lr=rate, betas=(0.9, 0.95), fused=True)

    def _reading_loss(self, step: int) -> Tensor:
        """Return the drift of the item texts of a step, which are drawn."""
        generator = torch.Generator().manual_seed(mix(self.settings.seed, step))
        chosen = torch.randint(len(self.texts.items), (self.settings.item_texts,), generator=generator)
        return self.objective.drift([self.texts.items[i] for i in chosen.tolist()])


def _fingerprint(texts: Texts) -> str:
    digest = hashlib.sha256()
    for chunk in (*texts.train, *texts.held_out):
        digest.update(repr(chunk.tokens).encode())
    digest.update(repr(list(texts.items)).encode())
    return digest.hexdigest()
