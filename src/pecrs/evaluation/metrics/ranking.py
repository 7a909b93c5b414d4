"""Ranking metrics as pure functions of rankings and right answers.

Everything is derived from one value per label, its rank, kept per instance so that two runs can be compared point by
point. Recall is taken over labels, MRR and NDCG over instances; uncertainty comes from resampling whole dialogues,
because the points of one dialogue are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from pecrs.data.protocol import Instance, Ranking
from pecrs.errors import DataError

RECALL_AT: tuple[int, ...] = (1, 10, 50)
CUTOFF = 10
"""MRR and NDCG look at so many first items."""

SAMPLES = 1000
"""Bootstrap samples behind a confidence interval."""


@dataclass(frozen=True, slots=True)
class InstanceResult:
    """What a ranking achieved at one instance.

    Attributes:
        dialogue: Identifier of the dialogue.
        message_index: Position of the message in the source's list.
        ranks: For each label, in the instance's order, its rank from 1, or None where the ranking lacks it.
        top: The first item of the ranking.
    """

    dialogue: str
    message_index: int
    ranks: tuple[int | None, ...]
    top: str

    def hits(self, k: int) -> int:
        """Return how many labels are among the first ``k`` items."""
        return sum(rank is not None and rank <= k for rank in self.ranks)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric with its 95 % confidence interval.

    Attributes:
        value: On all instances.
        low: The 2.5th percentile over bootstrap samples of dialogues.
        high: The 97.5th percentile.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Metrics:
    """The ranking metrics of one run on one list of instances; shares between 0 and 1.

    Attributes:
        instances: Number of instances.
        labels: Number of labels of all instances.
        dialogues: Number of dialogues they come from.
        recall: By K, the share of labels among the first K items of their ranking.
        mrr: Mean over instances of the reciprocal rank of the best label, 0 beyond rank 10.
        ndcg: Mean over instances of NDCG over the first 10 items, every label being worth the same.
        unique: Number of distinct items ranked first anywhere.
    """

    instances: int
    labels: int
    dialogues: int
    recall: Mapping[int, Estimate]
    mrr: Estimate
    ndcg: Estimate
    unique: int


def judge(ranking: Ranking, instance: Instance) -> InstanceResult:
    """Look up the labels of an instance in its ranking.

    Args:
        ranking: The top of a ranking of the whole catalogue.
        instance: The point it was made for.

    Raises:
        DataError: If the ranking is empty or the instance has no label.
    """
    if not ranking.items or not instance.labels:
        what = "its ranking is empty" if instance.labels else "it has no label"
        message = f"dialogue {instance.dialogue.id!r}, message {instance.message_index}: {what}"
        raise DataError(message, field="ranking" if instance.labels else "labels")
    ranks = {item: rank for rank, item in enumerate(ranking.items, start=1)}
    found = tuple(ranks.get(label) for label in instance.labels)
    return InstanceResult(instance.dialogue.id, instance.message_index, found, ranking.items[0])


def reciprocal_rank(result: InstanceResult) -> float:
    """Return 1 / rank of the best label, 0 where none is among the first 10.

    >>> reciprocal_rank(InstanceResult("d", 0, (4, 2, None), "x"))
    0.5
    """
    best = min((rank for rank in result.ranks if rank is not None), default=CUTOFF + 1)
    return 1 / best if best <= CUTOFF else 0.0


def normalised_gain(result: InstanceResult) -> float:
    """Return NDCG over the first 10 items with gain 1 per label and discount log2(1 + rank).

    >>> normalised_gain(InstanceResult("d", 0, (1, 2), "x"))
    1.0
    """
    gain = sum(1 / math.log2(1 + rank) for rank in result.ranks if rank is not None and rank <= CUTOFF)
    ideal = sum(1 / math.log2(1 + rank) for rank in range(1, min(len(result.ranks), CUTOFF) + 1))
    return gain / ideal


def measure(results: Sequence[InstanceResult], *, samples: int = SAMPLES, seed: int = 0) -> Metrics:
    """Compute all ranking metrics with their confidence intervals.

    Args:
        results: One an instance.
        samples: Bootstrap samples.
        seed: Of the resampling; the same dialogues are drawn for every metric.

    Raises:
        DataError: If there is no result, or no sample is asked for.
    """
    _check(results, samples)
    dialogues = [result.dialogue for result in results]
    labels = [len(result.ranks) for result in results]
    ones = [1] * len(results)
    estimate = partial(ratio, dialogues, samples=samples, seed=seed)
    return Metrics(
        instances=len(results),
        labels=sum(labels),
        dialogues=len(set(dialogues)),
        recall={k: estimate([result.hits(k) for result in results], labels) for k in RECALL_AT},
        mrr=estimate([reciprocal_rank(result) for result in results], ones),
        ndcg=estimate([normalised_gain(result) for result in results], ones),
        unique=len({result.top for result in results}),
    )


def recall_difference(
    left: Sequence[InstanceResult], right: Sequence[InstanceResult], k: int, *, samples: int = SAMPLES
) -> Estimate:
    """Compare two runs on the same instances: Recall@K of the left minus that of the right, paired by dialogue.

    Args:
        left: Results of one run.
        right: Results of the other on the same instances in the same order.
        k: How many first items count.
        samples: Bootstrap samples.

    Raises:
        DataError: If the instances differ, or there are none.
    """
    _check(left, samples)
    keys = [[(r.dialogue, r.message_index, len(r.ranks)) for r in results] for results in (left, right)]
    if keys[0] != keys[1]:
        raise DataError("the two runs were made on different instances", field="results")
    gains = [a.hits(k) - b.hits(k) for a, b in zip(left, right, strict=True)]
    labels = [len(result.ranks) for result in left]
    return ratio([result.dialogue for result in left], gains, labels, samples=samples)


def _check(results: Sequence[InstanceResult], samples: int) -> None:
    if not results:
        raise DataError("there are no instances to evaluate", field="results")
    if samples < 1:
        raise DataError(f"at least one bootstrap sample is needed, not {samples}", field="samples")


def ratio(
    dialogues: Sequence[str],
    gains: Sequence[float],
    weights: Sequence[float],
    *,
    samples: int = SAMPLES,
    seed: int = 0,
) -> Estimate:
    """Return the sum of gains over the sum of weights, with percentiles from drawing dialogues with replacement.

    Args:
        dialogues: The dialogue of each point.
        gains: Of each point.
        weights: Of each point; where those of all that is drawn are zero, the ratio is 0.
        samples: Bootstrap samples.
        seed: Of the resampling.

    >>> ratio(["a", "a", "b"], [1, 0, 1], [1, 1, 1], samples=50).value
    0.6666666666666666
    """
    positions: dict[str, int] = {}
    for dialogue in dialogues:
        positions.setdefault(dialogue, len(positions))
    sums: NDArray[np.float64] = np.zeros((len(positions), 2))  # (dialogues, gain and weight)
    for dialogue, gain, weight in zip(dialogues, gains, weights, strict=True):
        sums[positions[dialogue]] += gain, weight
    rng = np.random.default_rng(seed)
    drawn = np.empty(samples)
    for sample in range(samples):
        total = sums[rng.integers(len(sums), size=len(sums))].sum(axis=0)  # (2,)
        drawn[sample] = total[0] / total[1] if total[1] else 0.0
    low, high = np.quantile(drawn, (0.025, 0.975))
    gain, weight = sums.sum(axis=0)
    return Estimate(float(gain / weight) if weight else 0.0, float(low), float(high))
