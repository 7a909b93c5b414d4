"""Training of the part that reads messages: on states of the frozen base, or with an adapter that changes them.

Source: design section 4. Labels that a source cannot express carry no loss.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from pecrs.data.acts import ACTS, FACTS, REQUESTS, ROLES, LabelledMessage
from pecrs.data.messages import LaidOutMessage, MessageLabels, collate_messages, label_messages, lay_out_labelled
from pecrs.data.progress import Progress, Report, silent
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.reading_adapter import ReadingAdapter
from pecrs.model.message_reader import MessageReader, MessageScores, base_blocks, message_states

_READ_TOGETHER = 32
_SCORED_TOGETHER = 128
_THRESHOLDS = tuple(number / 20 for number in range(6, 15))
_HALF = 0.5
_BUCKET = 40
"""Batches whose messages are sorted by length together."""


@dataclass(frozen=True)
class ReaderSettings:
    """How the reader is trained.

    Attributes:
        epochs: Passes over the messages.
        batch_size: Messages a step.
        learning_rate: Peak rate; a linear rise over the first twentieth and a linear fall to zero.
        rank: Of the adapter that the base reads messages with; 0 goes without, and reads each message but once.
        adapter_rate: Peak rate of the adapter.
        weight_decay: AdamW's.
        seed: Of weights, order and dropout.
    """

    epochs: int = 3
    batch_size: int = 32
    learning_rate: float = 1e-3
    rank: int = 16
    adapter_rate: float = 5e-4
    weight_decay: float = 0.01
    seed: int = 0


@dataclass(frozen=True, eq=False)
class ReadMessages:
    """Labelled messages with what reads them.

    Attributes:
        base: The backbone that reads item text.
        messages: The labels.
        laid_out: The same, laid out.
        states: (tokens, depths, d) half-precision states of each, read without an adapter; empty where one is used.
    """

    base: Backbone
    messages: tuple[LabelledMessage, ...]
    laid_out: tuple[LaidOutMessage, ...]
    states: tuple[Tensor, ...]

    def scores(self, head: MessageReader, places: Sequence[int]) -> tuple[MessageScores, MessageLabels]:
        """Return a head's logits and the labels of some messages."""
        laid_out = [self.laid_out[place] for place in places]
        if head.adapter is None:
            states = torch.cat([self.states[place] for place in places])
        else:
            states = message_states(self.base, laid_out, head.adapter)
        labels = label_messages([self.messages[place] for place in places], laid_out)
        return head(states.float(), collate_messages(laid_out)), labels


def evenly(messages: Iterable[LabelledMessage], count: int, seed: int) -> list[LabelledMessage]:
    """Return a sample in which rare acts of small sources come as often as frequent ones of large sources.

    Args:
        messages: To choose from; those without any label are left out.
        count: How many at most.
        seed: Of the choice.
    """
    pools: defaultdict[tuple[str, tuple[str, ...]], list[LabelledMessage]] = defaultdict(list)
    for message in messages:
        if message.known or any(span.role for span in message.spans):
            pools[message.source, tuple(sorted(message.acts))[:2]].append(message)
    random = np.random.default_rng(seed)
    shuffled = [[pool[place] for place in random.permutation(len(pool))] for pool in pools.values()]
    rounds = (message for some in zip_longest(*shuffled) for message in some if message is not None)
    return list(islice(rounds, count))


def read_messages(
    reader: Backbone, messages: Sequence[LabelledMessage], report: Report = silent, *, adapted: bool = False
) -> ReadMessages:
    """Return messages with their states.

    Args:
        reader: The backbone that reads item text.
        messages: What is read.
        report: Is told how far it has come.
        adapted: Whether they are read with an adapter, anew each time.
    """
    laid_out = [lay_out_labelled(reader.vocabulary, message) for message in messages]
    if adapted:
        return ReadMessages(reader, tuple(messages), tuple(laid_out), ())
    states: list[Tensor | None] = [None] * len(laid_out)
    order = sorted(range(len(laid_out)), key=lambda place: len(laid_out[place].tokens))
    for first in range(0, len(order), _READ_TOGETHER):
        places = order[first : first + _READ_TOGETHER]
        some = [laid_out[place] for place in places]
        found = torch.split(message_states(reader, some).half().cpu(), [len(laid.tokens) for laid in some])
        for place, own in zip(places, found, strict=True):
            states[place] = own.clone()
        report(Progress("reading messages", first + len(places), len(order), "messages"))
    return ReadMessages(reader, tuple(messages), tuple(laid_out), tuple(own for own in states if own is not None))


def train_reader(
    read: ReadMessages,
    settings: ReaderSettings,
    report: Report = silent,
    start: MessageReader | None = None,
) -> MessageReader:
    """Return a trained reader, in evaluation mode.

    Args:
        read: The messages to learn from, read without states where there is to be an adapter.
        settings: How to train.
        report: Is told how far it has come.
        start: A reader to go on with, which is changed; None begins with a new one.
    """
    torch.manual_seed(settings.seed)
    adapter = ReadingAdapter.of(base_blocks(read.base), settings.rank) if settings.rank else None
    head = MessageReader(read.base.width, adapter=adapter) if start is None else start
    adapted = list(head.adapter.parameters()) if head.adapter is not None else []
    own = [weight for weight in head.parameters() if all(weight is not other for other in adapted)]
    groups = [{"params": own, "lr": settings.learning_rate}, {"params": adapted, "lr": settings.adapter_rate}]
    optimiser = torch.optim.AdamW([group for group in groups if group["params"]], weight_decay=settings.weight_decay)
    steps = settings.epochs * -(-len(read.messages) // settings.batch_size)
    rise = max(1, steps // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / rise, (steps - step) / max(1, steps - rise))
    )
    random, done = np.random.default_rng(settings.seed), 0
    sizes = [len(laid.tokens) for laid in read.laid_out]
    head.train()
    for _ in range(settings.epochs):
        for places in _batches(sizes, settings.batch_size, random):
            scores, labels = read.scores(head, places)
            acts, roles = reading_losses(scores, labels)
            optimiser.zero_grad()
            torch.autograd.backward(acts + roles)
            for group in (own, adapted):
                torch.nn.utils.clip_grad_norm_(group, 1.0)
            optimiser.step()
            schedule.step()
            done += 1
            report(Progress("training the reader", done, steps, "steps"))
    return head.eval()


def _batches(sizes: Sequence[int], batch_size: int, random: np.random.Generator) -> list[list[int]]:
    """Return batches in random order, each of messages of like length, so that little is padded."""
    order = random.permutation(len(sizes)).tolist()
    batches: list[list[int]] = []
    for first in range(0, len(order), _BUCKET * batch_size):
        some = sorted(order[first : first + _BUCKET * batch_size], key=sizes.__getitem__)
        batches += [some[start : start + batch_size] for start in range(0, len(some), batch_size)]
    return [batches[number] for number in random.permutation(len(batches)).tolist()]


def reading_losses(scores: MessageScores, labels: MessageLabels) -> tuple[Tensor, Tensor]:
    """Return the loss of acts and facts, and that of roles.

    The first is the binary cross-entropy summed over the labelled acts and facts of a message and averaged over
    messages; the second the cross-entropy of a labelled span's role, averaged over spans.

    Args:
        scores: Logits.
        labels: On the same device.
    """
    logits = torch.cat([scores.acts, scores.facts], dim=1)
    right = torch.cat([labels.acts, labels.facts], dim=1)
    known = torch.cat([labels.known, labels.facts_known], dim=1)
    each = F.binary_cross_entropy_with_logits(logits, right, reduction="none") * known
    acts = each.sum() / len(each)
    labelled = labels.roles >= 0
    if not bool(labelled.any()):
        return acts, scores.roles.sum() * 0
    return acts, F.cross_entropy(scores.roles[labelled], labels.roles[labelled])


@dataclass(frozen=True, eq=False)
class ReadingQuality:
    """How well messages are read.

    Attributes:
        f1: By act, ``fact:KIND`` and ``role:ROLE``, where at least five are labelled.
        support: How many are labelled so.
    """

    f1: Mapping[str, float]
    support: Mapping[str, int]

    def macro(self, prefix: str = "") -> float:
        """Return the mean F1 of the names that begin with a prefix; of acts where it is empty."""
        own = [value for name, value in self.f1.items() if (name.startswith(prefix) if prefix else ":" not in name)]
        return sum(own) / len(own) if own else float("nan")


@torch.no_grad()
def fit_thresholds(head: MessageReader, read: Sequence[ReadMessages]) -> None:
    """Set, for each act, the probability from which on it is taken to hold: the one with the best F1 here.

    Ten further hits and misses are assumed, so that thresholds of rare acts stay near one half; those of requests are
    one half at most, since one that is missed costs more than one too many.

    Args:
        head: A trained reader; it is changed in place.
        read: Validation messages of several kinds.
    """
    found = [_predicted(head, own)[:3] for own in read]
    chances, right, known = (torch.cat([own[part] for own in found]) for part in range(3))
    for number in range(len(ACTS)):
        own = known[:, number]
        scores, truth = chances[own, number], right[own, number]
        limits = [limit for limit in _THRESHOLDS if limit <= _HALF or ACTS[number] not in REQUESTS]
        head.thresholds[number] = max(limits, key=lambda limit: _steadied_f1(scores >= limit, truth, limit))


def _steadied_f1(found: Tensor, truth: Tensor, threshold: float) -> float:
    hits = float((found & truth).sum())
    return (2 * hits + 10) / (float(found.sum() + truth.sum()) + 20) - 0.02 * abs(threshold - 0.5)


@torch.no_grad()
def reading_quality(head: MessageReader, read: ReadMessages) -> ReadingQuality:
    """Return F1 of acts, kinds of facts and roles over labelled messages.

    Args:
        head: A trained reader.
        read: Messages that it did not learn from.
    """
    chances, right, known, roles, labels = _predicted(head, read)
    names = [*ACTS, *(f"fact:{name}" for name in FACTS)]
    limits = torch.cat([head.thresholds, torch.full((len(FACTS),), 0.5)])
    f1: dict[str, float] = {}
    support: dict[str, int] = {}
    for number, name in enumerate(names):
        own = known[:, number]
        found, truth = chances[own, number] >= limits[number], right[own, number]
        _note(name, found, truth, f1, support)
    for number, name in enumerate(ROLES):
        _note(f"role:{name}", roles == number, labels == number, f1, support)
    return ReadingQuality(f1, support)


def _note(name: str, found: Tensor, truth: Tensor, f1: dict[str, float], support: dict[str, int]) -> None:
    if int(truth.sum()) >= 5:
        f1[name] = 2 * float((found & truth).sum()) / max(1.0, float(found.sum() + truth.sum()))
        support[name] = int(truth.sum())


def _predicted(head: MessageReader, read: ReadMessages) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    chances, right, known, roles, labels = [], [], [], [], []
    for first in range(0, len(read.messages), _SCORED_TOGETHER):
        scores, own = read.scores(head, range(first, min(first + _SCORED_TOGETHER, len(read.messages))))
        chances.append(torch.cat([scores.acts, scores.facts], dim=1).sigmoid())
        right.append(torch.cat([own.acts, own.facts], dim=1) > 0)
        known.append(torch.cat([own.known, own.facts_known], dim=1) > 0)
        labelled = own.roles >= 0
        roles.append(scores.roles.argmax(1)[labelled])
        labels.append(own.roles[labelled])
    return torch.cat(chances), torch.cat(right), torch.cat(known), torch.cat(roles), torch.cat(labels)
