"""The order of data and the learning rate: pure functions of seed, epoch and step, so that a run resumes exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_POOL = 32
"""Batches that are bucketed by length together; more would order an epoch by length."""


def mix(seed: int, *numbers: int) -> int:
    """Return a 63-bit seed for one step of a run."""
    return int(np.random.SeedSequence([seed, *numbers]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def plan_epoch(
    lengths: Sequence[int], weights: Sequence[int], batch_size: int, seed: int, epoch: int
) -> list[list[int]]:
    """Return the batches of an epoch: shuffled, then bucketed by length within pools, then shuffled again.

    Args:
        lengths: Length of each stream in positions.
        weights: What each stream counts towards ``batch_size``: 1 for a dialogue, its data points for a window.
        batch_size: Largest sum of weights in a batch; a heavier stream stands alone.
        seed: Seed of the run.
        epoch: Number of the epoch from 0.

    Returns:
        Indices of the streams of each batch; every stream once.
    """
    generator = np.random.default_rng(mix(seed, epoch))
    order = generator.permutation(len(lengths)).tolist()
    batches: list[list[int]] = []
    pool = _POOL * batch_size
    for start in range(0, len(order), pool):
        chunk = sorted(order[start : start + pool], key=lambda i: lengths[i])
        batch: list[int] = []
        load = 0
        for i in chunk:
            if batch and load + weights[i] > batch_size:
                batches.append(batch)
                batch, load = [], 0
            batch.append(i)
            load += weights[i]
        batches.append(batch)
    return [batches[i] for i in generator.permutation(len(batches))]


def learning_rate_factor(step: int, warmup: int, total: int) -> float:
    """Return the factor on the peak rate: linear warm-up, then linear decay to zero.

    Args:
        step: Optimiser step from 0.
        warmup: Steps of warm-up.
        total: Steps of the run.

    Source: PECRS §4.1.

    >>> [learning_rate_factor(s, 2, 6) for s in range(6)]
    [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    if step < warmup:
        return (step + 1) / warmup
    return max(0.0, (total - step) / max(1, total - warmup))


def steps_per_epoch(batches: int, accumulation: int) -> int:
    """Return the optimiser steps of an epoch; a last, shorter group counts."""
    return math.ceil(batches / accumulation)


def validation_steps(total: int, interval: float) -> frozenset[int]:
    """Return the optimiser steps after which a run is validated: evenly spread, the last step among them.

    Args:
        total: Steps of the run.
        interval: Steps between two validations, about; the last is never followed by another close by.

    >>> sorted(validation_steps(593, 148.25))
    [148, 296, 445, 593]
    """
    count = max(1, round(total / max(1.0, interval)))
    return frozenset(round(total * number / count) for number in range(1, count + 1))
