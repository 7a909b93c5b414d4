"""One batch -> its losses and gradients, in micro-batches of bounded size.

A batch is what one optimiser step learns from; a micro-batch is what memory holds at a time. Items are encoded
once a batch.

Source: PECRS §3.6, eq. 8; design section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from pecrs.config import TrainingConfig
from pecrs.data.collator import Batch, collate
from pecrs.data.stream import Stream
from pecrs.model.backbone.precision import autocast
from pecrs.model.item_pool import ItemPool, Shortlist
from pecrs.model.pecrs import PecrsModel
from pecrs.training.losses import Losses, pecrs_losses
from pecrs.training.negatives import sample_negatives, sample_with_replacement
from pecrs.training.schedule import mix

CPU_PASS, DEVICE_PASS = 1024, 16384
"""Size of a micro-batch on a CPU, where small activations were fastest, and on any other device."""


@dataclass(frozen=True, eq=False)
class Negatives:
    """A sample of negatives.

    Attributes:
        recall: (M,) catalogue indices of the retriever's, or None for the whole catalogue.
        rerank: (M',) catalogue indices of the re-ranker's, or None.
        log_counts: (M,) how the retriever's are corrected; see :func:`pecrs.training.losses.corrected`. None if not.
        shortlist: How the re-ranker gets some from the retriever instead, or None. Without either, there is no
            re-ranking.
    """

    recall: Tensor | None
    rerank: Tensor | None
    log_counts: Tensor | None = None
    shortlist: Shortlist | None = None

    @property
    def candidates(self) -> int:
        """M', the number of the re-ranker's."""
        if self.shortlist is not None:
            return self.shortlist.drawn
        return 0 if self.rerank is None else len(self.rerank)


@dataclass(frozen=True, eq=False)
class MicroBatches:
    """A batch, ready to be computed: everything here is made on the CPU, ahead of its turn.

    Attributes:
        micro_batches: Packed parts of the batch.
        named: (n,) distinct catalogue indices among slots and positives of all parts.
        drawn: Negatives of the batch, or of each micro-batch where they are not shared.
        seed: Seed of dropout; each micro-batch has its own, so that it matters not who computes it.
        points: The paper's data points in the batch.
        positions: Stream tokens and candidates in the batch.
    """

    micro_batches: tuple[Batch, ...]
    named: Tensor
    drawn: tuple[Negatives, ...]
    seed: int
    points: int
    positions: int


def prepare_step(
    streams: Sequence[Stream], model: PecrsModel, settings: TrainingConfig, seed: int, workers: int = 1
) -> MicroBatches:
    """Draw the negatives of a batch, split it into micro-batches and pack them.

    Args:
        streams: The batch.
        model: Its catalogue, device and heads say what is needed.
        settings: Negatives, and the size of a micro-batch.
        seed: Seed of negatives and dropout.
        workers: Among how many processes the micro-batches are sharded.
    """
    budget = settings.micro_batch_tokens or micro_batch_budget(model.device)
    generator = torch.Generator().manual_seed(seed)
    if settings.share_over_batch:
        drawn = [_draw(streams, model, settings, generator)] * len(streams)
    else:
        drawn = [_draw([stream], model, settings, generator) for stream in streams]
    sizes = [_positions(stream, negatives.candidates) for stream, negatives in zip(streams, drawn, strict=True)]
    parts = split_micro_batches(sizes, min(budget, -(-sum(sizes) // workers)) if settings.share_over_batch else 0)
    micro_batches = tuple(collate([streams[i] for i in part]) for part in parts)
    named = torch.unique(torch.cat([part.named for part in micro_batches]))
    own = drawn[:1] if settings.share_over_batch else drawn
    return MicroBatches(micro_batches, named, tuple(own), seed, sum(part.points for part in micro_batches), sum(sizes))


def _draw(
    streams: Sequence[Stream], model: PecrsModel, settings: TrainingConfig, generator: torch.Generator
) -> Negatives:
    """Draw the negatives of streams. Source: PECRS §3.6, table 5."""
    reranks = model.reranker is not None and settings.rerank_weight > 0
    if reranks and settings.rerank_shortlist:
        return Negatives(None, None, shortlist=Shortlist(settings.rerank_shortlist, settings.rerank_negatives))
    right = sorted({item for s in streams for point in s.points for item in point.items})
    positives, items = torch.tensor(right, dtype=torch.long), len(model.catalogue)
    recall = rerank = counts = None
    if settings.negatives and settings.negative_sampling == "distinct":
        recall = rerank = sample_negatives(settings.negatives, items, positives, generator)
    elif settings.negatives:
        weights = model.retriever.log_popularity.exp().cpu()
        weights = weights if settings.negative_sampling == "popularity" else torch.ones_like(weights)
        recall, counts = sample_with_replacement(settings.negatives, weights, generator)
    if settings.rerank_negatives and not (rerank is not None and settings.share_over_tasks):
        rerank = sample_negatives(settings.rerank_negatives, items, positives, generator)
    return Negatives(recall, rerank if reranks else None, counts if settings.logq else None)


def split_micro_batches(sizes: Sequence[int], budget: int) -> list[list[int]]:
    """Return the indices of each micro-batch: in order, as many as fit; one that exceeds the budget stands alone.

    >>> split_micro_batches([3, 4, 9, 2, 2], 7)
    [[0, 1], [2], [3, 4]]
    """
    parts: list[list[int]] = []
    load = 0
    for i, size in enumerate(sizes):
        if not parts or load + size > budget:
            parts.append([])
            load = 0
        parts[-1].append(i)
        load += size
    return parts


def compute_step(
    model: PecrsModel,
    step: MicroBatches,
    settings: TrainingConfig,
    share: float = 1.0,
    mine: slice = slice(None),
    idle: int = 0,
) -> Losses:
    """Add the gradients of a batch to the parameters and return its losses, detached.

    The gradients and losses of a batch are the sums of those of its micro-batches.

    Args:
        model: In training mode, with item states.
        step: From :func:`prepare_step`.
        settings: Loss weights and precision.
        share: Factor on the loss, for batches that share an optimiser step.
        mine: Which micro-batches are computed here.
        idle: How often the first micro-batch is computed beside these to no effect, where all processes must compute
            equally many.
    """
    device = model.device
    torch.manual_seed(step.seed)
    with autocast(device, settings.precision):
        dropout = settings.embedding_dropout, settings.text_dropout
        pool = ItemPool.of_model(model, step.named, *_all(step.drawn), dropout)
    collected = pool.detached()
    losses, numbers = [], range(len(step.micro_batches))
    for number, counts in [*((own, True) for own in numbers[mine]), *[(0, False)] * idle]:
        torch.manual_seed(mix(step.seed, number))
        batch = step.micro_batches[number].to(device)
        with autocast(device, settings.precision):
            own = step.drawn[number if len(step.drawn) > 1 else 0]
            output = model(batch, collected.against(own.recall, own.rerank, own.shortlist))
        loss = pecrs_losses(output.exact(), batch, settings, step.points, own.log_counts)
        torch.autograd.backward(loss.total * (share if counts else 0))
        losses += [loss] if counts else []
    if not losses:
        return Losses(*(torch.zeros((), device=device) for _ in fields(Losses)))
    torch.autograd.backward(pool.vectors, collected.vectors.grad)
    return Losses(**{name: torch.stack([part.named()[name] for part in losses]).sum() for name in losses[0].named()})


def _all(drawn: Sequence[Negatives]) -> tuple[Tensor | None, Tensor | None]:
    """Return the negatives of all samples together, of both tasks; one sample stays as it is."""
    if len(drawn) == 1:
        return drawn[0].recall, drawn[0].rerank
    recall = [negatives.recall for negatives in drawn if negatives.recall is not None]
    rerank = [negatives.rerank for negatives in drawn if negatives.rerank is not None]
    return torch.cat(recall) if recall else None, torch.cat(rerank) if rerank else None


def micro_batch_budget(device: torch.device) -> int:
    """Return the positions of a micro-batch on a device where nothing else is asked for."""
    return CPU_PASS if device.type == "cpu" else DEVICE_PASS


def _positions(stream: Stream, negatives: int) -> int:
    scored = [point for point in stream.points if point.ranked_at is not None] if negatives else []
    depth = max((len(point.items) for point in scored), default=0)
    tokens = len(stream.sequence) + sum(len(branch.sequence) for branch in stream.branches)
    return tokens + len(scored) * (depth + negatives)
