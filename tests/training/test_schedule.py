"""The order of data and the learning rate are pure functions with known values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pecrs.training.schedule import learning_rate_factor, mix, plan_epoch, steps_per_epoch


def test_the_rate_rises_linearly_to_its_peak_and_falls_linearly_to_zero():
    warmup, total = 10, 110
    factors = [learning_rate_factor(step, warmup, total) for step in range(total + 1)]
    assert factors[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert factors[10:] == pytest.approx([1 - (step - 10) / 100 for step in range(10, 111)])
    assert factors[total] == 0.0
    assert max(factors) == 1.0
    assert min(factors[:total]) > 0.0


def test_without_warm_up_the_rate_starts_at_its_peak():
    assert [learning_rate_factor(step, 0, 4) for step in range(5)] == [1.0, 0.75, 0.5, 0.25, 0.0]


def test_a_run_of_warm_up_alone_never_divides_by_zero():
    assert [learning_rate_factor(step, 4, 4) for step in range(5)] == [0.25, 0.5, 0.75, 1.0, 0.0]
    assert learning_rate_factor(9, 4, 4) == 0.0


@pytest.mark.parametrize(("batches", "accumulation", "steps"), [(6, 1, 6), (6, 2, 3), (7, 2, 4), (1, 8, 1)])
def test_a_short_last_group_is_a_step(batches, accumulation, steps):
    assert steps_per_epoch(batches, accumulation) == steps


@given(
    streams=st.lists(st.tuples(st.integers(1, 300), st.integers(1, 6)), min_size=1, max_size=150),
    batch_size=st.integers(1, 9),
    seed=st.integers(0, 3),
    epoch=st.integers(0, 3),
)
def test_an_epoch_covers_each_stream_once_within_the_weight_of_a_batch(streams, batch_size, seed, epoch):
    lengths, weights = [length for length, _ in streams], [weight for _, weight in streams]
    plan = plan_epoch(lengths, weights, batch_size, seed, epoch)
    assert sorted(i for batch in plan for i in batch) == list(range(len(streams)))
    for batch in plan:
        assert len(batch) == 1 or sum(weights[i] for i in batch) <= batch_size
    assert plan == plan_epoch(lengths, weights, batch_size, seed, epoch)


def test_another_epoch_or_seed_is_another_order():
    lengths, weights = list(range(1, 101)), [1] * 100
    plans = [plan_epoch(lengths, weights, 4, seed, epoch) for seed, epoch in ((0, 0), (0, 1), (1, 0), (1, 1))]
    assert all(plans[i] != plans[j] for i in range(4) for j in range(i))


def test_batches_hold_streams_of_like_length_in_an_order_without_trend():
    lengths, weights = [(i * 37) % 128 + 1 for i in range(128)], [1] * 128  # each length from 1 to 128 once
    plan = plan_epoch(lengths, weights, 4, 0, 0)
    assert len(plan) == 32
    assert all(max(lengths[i] for i in batch) - min(lengths[i] for i in batch) == 3 for batch in plan)
    firsts = [min(lengths[i] for i in batch) for batch in plan]
    assert sorted(firsts) == list(range(1, 128, 4))
    assert firsts not in (sorted(firsts), sorted(firsts)[::-1])


def test_a_stream_heavier_than_a_batch_stands_alone():
    plan = plan_epoch([5, 5, 5, 5], [1, 9, 1, 1], 3, 0, 0)
    assert [1] in plan
    assert sorted(map(len, plan)) in ([1, 3], [1, 1, 2])


def test_seeds_are_distinct_and_fit_a_generator():
    seeds = {mix(0, epoch, batch) for epoch in range(20) for batch in range(50)}
    assert len(seeds) == 1000
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert mix(3, 1, 2) == mix(3, 1, 2) != mix(3, 2, 1)
