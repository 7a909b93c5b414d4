"""The loop of a pre-training run: next-token loss over packed chunks, while item text goes on being read as before.

The order of text and the item texts of a step are functions of (seed, step), so a checkpoint needs weights, moments and
a number, as in training.

Source: design section 8.
"""

from __future__ import annotations

import copy
import hashlib
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from pecrs.config import PretrainingConfig
from pecrs.data.files import replacing_folder
from pecrs.data.progress import Report, silent, tracked
from pecrs.errors import ConfigError
from pecrs.model.attention import Packing
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.base import quiet_loading
from pecrs.model.backbone.precision import autocast
from pecrs.model.backbone.token_losses import token_losses
from pecrs.model.item_states import read_texts
from pecrs.training.checkpoint import RunState, load_checkpoint, save_checkpoint
from pecrs.training.pretrain.corpora import Chunk
from pecrs.training.run_log import RunLog
from pecrs.training.schedule import learning_rate_factor, mix, plan_epoch
from pecrs.training.step import micro_batch_budget, split_micro_batches

_JUDGED = 256
"""Item texts that a validation reads."""

MODEL_FOLDER = "model"
"""Name of the latest model's folder inside a pre-training run."""


@dataclass(frozen=True)
class Texts:
    """What a pre-training run reads.

    Attributes:
        train: Pieces to learn from.
        held_out: Pieces to validate on.
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
        self.teacher = None
        if settings.item_texts and settings.item_weight and texts.items:
            twin = Backbone(copy.deepcopy(backbone.model), backbone.vocabulary, backbone.tuning)
            self.teacher = twin.eval().requires_grad_(False)
        self.parameters = dict(backbone.named_parameters())
        self.device = next(backbone.parameters()).device
        self.progress = RunState(data=_fingerprint(texts), base=backbone.fingerprint())
        self.batches = list(self._plan())

    def train(self, rate: float, *, resume: bool = False) -> float:
        """Train to the end of the run and return the bits a byte of held-out text.

        Args:
            rate: Peak learning rate.
            resume: Go on from the last checkpoint, if there is one.

        Raises:
            ConfigError: If the loss is not finite.
            CheckpointError: If checkpoint or model cannot be written; the previous ones are kept.
        """
        optimizer = self._optimizer(rate)
        if resume:
            found = load_checkpoint(
                self.folder / "checkpoint",
                self.parameters,
                optimizer,
                data=self.progress.data,
                base=self.progress.base,
            )
            self.progress = found or self.progress
        total = len(self.batches)
        marks = {max(1, round(total * (n + 1) / self.settings.validations)) for n in range(self.settings.validations)}
        saved, started, before = time.monotonic(), time.monotonic(), self.progress.seconds
        with RunLog(self.folder, total, self.progress.step, self.report) as log:
            while self.progress.step < total:
                self._step(optimizer, rate, log)
                self.progress = replace(self.progress, seconds=before + time.monotonic() - started)
                step = self.progress.step
                if step in marks:
                    self._validate(log, first=step == min(marks))
                if step in marks or time.monotonic() - saved > self.settings.checkpoint_minutes * 60:
                    save_checkpoint(self.folder / "checkpoint", self.parameters, optimizer, self.progress)
                    saved = time.monotonic()
        return -self.progress.best

    def trial(self, rate: float) -> float:
        """Return the bits a byte after a short run of its own from the same start; nothing is kept of it."""
        start = copy.deepcopy(self.backbone.state_dict())
        optimizer = self._optimizer(rate)
        count = min(len(self.batches), max(1, self.settings.sweep_tokens // self.settings.batch_tokens))
        for step in tracked(range(count), f"trying the learning rate {rate:g}", count, self.report):
            self._set_rate(optimizer, rate, step, count)
            self._losses(step)
            self._update(optimizer)
        bits = self.bits_per_byte()
        self.backbone.load_state_dict(start)
        return bits

    @torch.no_grad()
    def bits_per_byte(self) -> float:
        """Return what a byte of held-out text costs, in bits."""
        self.backbone.eval()
        nats, size = 0.0, 0
        sizes = [len(chunk.tokens) for chunk in self.texts.held_out]
        parts = split_micro_batches(sizes, micro_batch_budget(self.device))
        for part in tracked(parts, "validating", len(parts), self.report):
            chunks = [self.texts.held_out[i] for i in part]
            nats += float(self._token_losses(chunks).double().sum())
            size += sum(chunk.size for chunk in chunks)
        return nats / math.log(2) / size

    def save(self) -> None:
        """Write the model, in bfloat16, and its tokeniser for transformers; an earlier one is replaced at the end."""
        with replacing_folder(self.folder / MODEL_FOLDER) as made:
            with quiet_loading():
                copy.deepcopy(self.backbone.causal_lm).to(torch.bfloat16).save_pretrained(str(made))
            self.backbone.vocabulary.tokenizer.save_pretrained(str(made))

    def _validate(self, log: RunLog, *, first: bool) -> None:
        bits = self.bits_per_byte()
        log.validation(
            self.progress.step, {"bits per byte": bits, **self._reading()}, -bits > self.progress.best or first
        )
        self.progress = replace(self.progress, best=-bits)
        self.save()

    @torch.no_grad()
    def _reading(self) -> dict[str, float]:
        """Return how alike the start and the present read item texts, evenly picked: a mean cosine."""
        if self.teacher is None:
            return {}
        texts = self.texts.items[:: max(1, len(self.texts.items) // _JUDGED)]
        return {"item reading": 1 - float(self._drift(self.teacher, texts))}

    def _plan(self) -> Iterator[list[int]]:
        lengths = [len(chunk.tokens) for chunk in self.texts.train]
        left, epoch = self.settings.tokens, 0
        while left > 0:
            for batch in plan_epoch(lengths, lengths, self.settings.batch_tokens, self.settings.seed, epoch):
                yield batch
                left -= sum(lengths[i] for i in batch)
                if left <= 0:
                    return
            epoch += 1

    def _optimizer(self, rate: float) -> torch.optim.AdamW:
        flat = [parameter for parameter in self.parameters.values() if parameter.ndim < 2]
        deep = [parameter for parameter in self.parameters.values() if parameter.ndim >= 2]
        groups = [{"params": deep, "weight_decay": self.settings.weight_decay}, {"params": flat, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=True)

    def _set_rate(self, optimizer: torch.optim.Optimizer, rate: float, step: int, total: int) -> float:
        factor = learning_rate_factor(step, round(self.settings.warmup * total), total)
        for group in optimizer.param_groups:
            group["lr"] = rate * factor
        return rate * factor

    def _step(self, optimizer: torch.optim.Optimizer, rate: float, log: RunLog) -> None:
        step, started = self.progress.step, time.monotonic()
        now = self._set_rate(optimizer, rate, step, len(self.batches))
        values = self._losses(step)
        self._update(optimizer)
        self.progress = replace(self.progress, step=step + 1)
        tokens = sum(len(self.texts.train[i].tokens) for i in self.batches[step])
        log.step(0, step + 1, {**values, "learning_rate": now}, tokens, time.monotonic() - started)

    def _losses(self, step: int) -> dict[str, float]:
        """Add a step's gradients; return its losses."""
        self.backbone.train()
        batch = [self.texts.train[i] for i in self.batches[step]]
        count = sum(len(chunk.tokens) - 1 for chunk in batch)
        total = torch.zeros(())
        for part in split_micro_batches([len(chunk.tokens) for chunk in batch], micro_batch_budget(self.device)):
            loss = self._token_losses([batch[i] for i in part]).sum() / count
            torch.autograd.backward(loss)
            total += loss.detach().cpu()
        values = {"total": float(total), "generation": float(total)}
        if self.teacher is not None:
            kept = self._reading_loss(self.teacher, step)
            torch.autograd.backward(self.settings.item_weight * kept)
            values |= {"reading": float(kept.detach())}
            values["total"] += self.settings.item_weight * values["reading"]
        if not math.isfinite(values["total"]):
            raise ConfigError(f"learning_rates: the loss became {values['total']}; a lower rate may help")
        return values

    def _update(self, optimizer: torch.optim.Optimizer) -> None:
        if self.settings.gradient_clip:
            nn.utils.clip_grad_norm_(self.parameters.values(), self.settings.gradient_clip)
        optimizer.step()
        optimizer.zero_grad()

    def _token_losses(self, chunks: Sequence[Chunk]) -> Tensor:
        """Return minus the log-probability of each token of packed chunks but the first of each."""
        tokens = torch.tensor([token for chunk in chunks for token in chunk.tokens], device=self.device)
        places = torch.tensor([place for chunk in chunks for place in range(len(chunk.tokens))], device=self.device)
        sizes = torch.tensor([len(chunk.tokens) for chunk in chunks], device=self.device)
        with autocast(self.device, self.settings.precision):
            states = self.backbone(self.backbone.embed(tokens)[None], places[None], Packing.of_sizes(sizes))[0]
            wanted = torch.nonzero(places > 0)[:, 0]
            return token_losses(self.backbone, states[wanted - 1], tokens[wanted])

    def _reading_loss(self, teacher: Backbone, step: int) -> Tensor:
        """Return one minus the mean cosine between what the start and the present make of a step's item texts."""
        generator = torch.Generator().manual_seed(mix(self.settings.seed, step))
        chosen = torch.randint(len(self.texts.items), (self.settings.item_texts,), generator=generator)
        return self._drift(teacher, [self.texts.items[i] for i in chosen.tolist()])

    def _drift(self, teacher: Backbone, texts: Sequence[tuple[int, ...]]) -> Tensor:
        with autocast(self.device, self.settings.precision):
            with torch.no_grad():
                wanted = _means(read_texts(teacher, texts), texts)
            return 1 - F.cosine_similarity(_means(read_texts(self.backbone, texts), texts), wanted).mean()


def _means(states: Tensor, texts: Sequence[Sequence[int]]) -> Tensor:
    return torch.stack([part.float().mean(0) for part in torch.split(states, [len(text) for text in texts])])


def _fingerprint(texts: Texts) -> str:
    digest = hashlib.sha256()
    for chunk in (*texts.train, *texts.held_out):
        digest.update(repr(chunk.tokens).encode())
    digest.update(repr(list(texts.items)).encode())
    return digest.hexdigest()
