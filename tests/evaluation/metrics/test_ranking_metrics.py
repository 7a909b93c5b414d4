"""Ranking metrics against values worked out by hand."""

from __future__ import annotations

import math

import pytest

from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.protocol import Instance, Ranking
from pecrs.errors import DataError
from pecrs.evaluation.metrics.ranking import (
    InstanceResult,
    judge,
    measure,
    normalised_gain,
    recall_difference,
    reciprocal_rank,
)


def result(dialogue: str, *ranks: int | None, top: str = "a", message: int = 1) -> InstanceResult:
    return InstanceResult(dialogue, message, ranks, top)


def instance(labels: tuple[str, ...]) -> Instance:
    turns = (Turn(Speaker.SEEKER, "hi", messages=(4,)), Turn(Speaker.RECOMMENDER, "x", items=labels, messages=(7,)))
    return Instance(Dialogue("d", turns), 1, labels)


def test_judge_gives_the_rank_of_each_label():
    ranking = Ranking(("c", "a", "b"), (3.0, 2.0, 1.0))
    assert judge(ranking, instance(("b", "z", "c"))) == InstanceResult("d", 7, (3, None, 1), "c")


@pytest.mark.parametrize(("ranking", "labels"), [(Ranking((), ()), ("a",)), (Ranking(("a",), (1.0,)), ())])
def test_judge_refuses_what_has_no_answer(ranking, labels):
    with pytest.raises(DataError, match="'d', message 7"):
        judge(ranking, instance(labels))


def test_hits_count_labels_up_to_k():
    assert [result("d", 1, 10, 11, None).hits(k) for k in (1, 9, 10, 11)] == [1, 1, 2, 3]


@pytest.mark.parametrize(("ranks", "expected"), [((1,), 1), ((10, 4), 0.25), ((10,), 0.1), ((11,), 0), ((None,), 0)])
def test_reciprocal_rank(ranks, expected):
    assert reciprocal_rank(result("d", *ranks)) == expected


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ((1,), 1),
        ((3,), 0.5),
        ((11,), 0),
        ((None, 1), 1 / (1 + 1 / math.log2(3))),
        ((2, 1), 1),
        (tuple(range(1, 13)), 1),
    ],
)
def test_normalised_gain(ranks, expected):
    assert normalised_gain(result("d", *ranks)) == pytest.approx(expected)


def test_recall_is_over_labels_and_the_means_over_instances():
    results = [result("d1", 1, 12, 60), result("d1", 2, top="b"), result("d2", None, 4, top="b")]
    metrics = measure(results, samples=50)
    assert (metrics.instances, metrics.labels, metrics.dialogues, metrics.unique) == (3, 6, 2, 2)
    assert {k: estimate.value for k, estimate in metrics.recall.items()} == {1: 1 / 6, 10: 3 / 6, 50: 4 / 6}
    assert metrics.mrr.value == pytest.approx((1 + 1 / 2 + 1 / 4) / 3)
    three, two = 1 + 1 / math.log2(3) + 1 / 2, 1 + 1 / math.log2(3)
    assert metrics.ndcg.value == pytest.approx((1 / three + 1 / math.log2(3) + (1 / math.log2(5)) / two) / 3)


def test_interval_of_one_dialogue_has_no_width():
    recall = measure([result("d", 1), result("d", None)], samples=20).recall[1]
    assert (recall.value, recall.low, recall.high) == (0.5, 0.5, 0.5)


def test_interval_resamples_dialogues_not_instances():
    ten_each = [result("good", 1)] * 10 + [result("bad", None)] * 10
    recall = measure(ten_each, samples=400).recall[1]
    assert (recall.value, recall.low, recall.high) == (0.5, 0, 1)


def test_interval_of_many_dialogues_is_that_of_the_binomial():
    results = [result(str(n), 1 if n % 4 == 0 else None) for n in range(1000)]
    recall = measure(results, samples=2000).recall[1]
    half = 1.96 * math.sqrt(0.25 * 0.75 / 1000)
    assert recall.low == pytest.approx(0.25 - half, abs=0.004)
    assert recall.high == pytest.approx(0.25 + half, abs=0.004)


def test_the_seed_decides_the_interval():
    results = [result(str(n), 1 if n % 3 == 0 else None) for n in range(50)]
    assert measure(results, samples=30, seed=1) == measure(results, samples=30, seed=1)
    assert measure(results, samples=30, seed=1) != measure(results, samples=30, seed=2)


def test_difference_is_paired():
    left = [result(str(n), 1 if n < 60 else None) for n in range(100)]
    right = [result(str(n), 1 if n < 50 else None) for n in range(100)]
    gain = recall_difference(left, right, 1, samples=500)
    assert gain.value == pytest.approx(0.1)
    assert 0 < gain.low < 0.1 < gain.high < 0.2
    nothing = recall_difference(left, left, 10)
    assert (nothing.value, nothing.low, nothing.high) == (0, 0, 0)


def test_difference_refuses_other_instances():
    with pytest.raises(DataError, match="different instances"):
        recall_difference([result("a", 1)], [result("b", 1)], 1)


def test_nothing_to_measure_is_an_error():
    with pytest.raises(DataError, match="no instances"):
        measure([])
    with pytest.raises(DataError, match="at least one bootstrap sample"):
        measure([result("d", 1)], samples=0)
