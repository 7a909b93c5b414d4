import itertools
import math
from dataclasses import fields, replace

import pytest
import torch

from pecrs.config import TrainingConfig
from pecrs.data.collator import Batch
from pecrs.model.pecrs import PecrsOutput
from pecrs.training.losses import contrastive_loss, corrected, pecrs_losses, weighted_sum
from pecrs.training.negatives import sample_with_replacement

YES, NO = True, False


@pytest.mark.parametrize("negatives", [0, 1, 7, 150])
def test_equal_scores_give_the_logarithm_of_the_number_of_choices(negatives):
    loss = contrastive_loss(torch.zeros(2, 1), torch.zeros(2, negatives), torch.ones(2, 1, dtype=torch.bool))
    assert float(loss) == pytest.approx(2 * math.log(negatives + 1), abs=1e-6)


def test_each_right_item_meets_the_negatives_and_not_the_other_right_items():
    positive = torch.tensor([[1.0, 9.0]])
    negative = torch.tensor([[0.0, -torch.inf, 2.0]])
    loss = contrastive_loss(positive, negative, torch.tensor([[YES, YES]]))
    rest = math.exp(0) + math.exp(2)
    expected = -math.log(math.exp(1) / (math.exp(1) + rest)) - math.log(math.exp(9) / (math.exp(9) + rest))
    assert float(loss) == pytest.approx(expected)


def test_padding_carries_neither_loss_nor_gradient():
    positive = torch.tensor([[1.0, 50.0], [2.0, -3.0]], requires_grad=True)
    negative = torch.tensor([[0.5], [0.5]], requires_grad=True)
    contrastive_loss(positive, negative, torch.tensor([[YES, NO], [YES, NO]])).backward()
    assert positive.grad[:, 1].tolist() == [0, 0]
    assert (positive.grad[:, 0] < 0).all()
    assert torch.allclose(negative.grad[:, 0], -positive.grad[:, 0])


@pytest.mark.parametrize("negative", [torch.full((1, 3), -torch.inf), torch.zeros(1, 0)])
def test_a_right_item_without_negatives_costs_nothing_and_has_a_finite_gradient(negative):
    positive, negative = torch.tensor([[2.0]], requires_grad=True), negative.clone().requires_grad_()
    loss = contrastive_loss(positive, negative, torch.tensor([[YES]]))
    loss.backward()
    assert loss.item() == 0
    assert positive.grad.tolist() == [[0]]
    assert torch.isfinite(negative.grad).all()


def test_a_smoothed_label_costs_what_cross_entropy_of_it_does():
    positive, negative = torch.tensor([[1.0, 3.0]]), torch.tensor([[0.5, -2.0, 0.0]])
    loss = contrastive_loss(positive, negative, torch.tensor([[YES, YES]]), smoothing=0.02)
    rows = torch.stack([torch.cat([right[None], negative[0]]) for right in positive[0]])
    right = torch.zeros(2, dtype=torch.long)
    expected = torch.nn.functional.cross_entropy(rows, right, label_smoothing=0.02, reduction="sum")
    assert float(loss) == pytest.approx(float(expected))


def test_temperature_and_smoothing_touch_re_ranking_alone():
    scored = replace(output(), rerank_positive=torch.tensor([[2.4, 0.0]]), rerank_negative=torch.zeros(1, 9))
    plain, tempered, smoothed = (
        pecrs_losses(scored, batch(*THREE_POINTS), TrainingConfig(**changed))
        for changed in ({}, {"rerank_temperature": 1.2}, {"rerank_smoothing": 0.1})
    )
    expected = (math.log(1 + 9 * math.exp(-2.0)) + math.log(10)) / 3
    assert float(tempered.rerank) == pytest.approx(expected)
    assert float(smoothed.rerank) > float(plain.rerank)
    assert float(tempered.recall) == float(smoothed.recall) == float(plain.recall)


def test_no_queries_give_zero():
    empty = torch.zeros(0, 1)
    assert float(contrastive_loss(empty, torch.zeros(0, 5), empty.bool())) == 0


def test_tokens_count_by_their_weights():
    losses, weights = torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0.5, 0.5, 1.0])
    assert float(weighted_sum(losses, weights)) == pytest.approx(5.5)


def batch(points, decisions, targets, weights, decision_weights):
    given = {
        "targets": torch.tensor(targets), "target_weights": torch.tensor(weights), "points": points, "branched": False,
        "decisions": torch.tensor(decisions), "decision_weights": torch.tensor(decision_weights),
    }  # fmt: skip
    unused = torch.zeros(1, dtype=torch.long)
    return Batch(**{entry.name: given.get(entry.name, unused) for entry in fields(Batch)})


def output(rerank=YES):
    zeros = torch.zeros
    return PecrsOutput(
        positive_mask=torch.tensor([[YES, YES]]),
        recall_positive=zeros(1, 2),
        recall_negative=zeros(1, 4),
        rerank_positive=zeros(1, 2) if rerank else None,
        rerank_negative=zeros(1, 9) if rerank else None,
        token_losses=torch.full((2,), math.log(8)),
        decision_logits=torch.tensor([[0.0, math.log(3)], [0.0, 0.0]]),
    )


# A turn with two items (two points, a response of two tokens) and a turn without any (one point, no text shown here).
THREE_POINTS = (3, [[3, 1], [9, 0]], [[5, 1], [6, 2]], [1.0, 1.0], [2.0, 1.0])


def test_every_loss_is_divided_by_the_number_of_points():
    losses = pecrs_losses(output(), batch(*THREE_POINTS), TrainingConfig())
    assert float(losses.recall) == pytest.approx(2 * math.log(5) / 3)
    assert float(losses.rerank) == pytest.approx(2 * math.log(10) / 3)
    assert float(losses.generation) == pytest.approx(2 * math.log(8) / 3)
    assert float(losses.decision) == pytest.approx((2 * math.log(4 / 3) + math.log(2)) / 3)


def test_the_total_is_the_weighted_sum():
    config = TrainingConfig(recall_weight=2, rerank_weight=3, generation_weight=5, decision_weight=7)
    losses = pecrs_losses(output(), batch(*THREE_POINTS), config)
    parts = (2 * losses.recall, 3 * losses.rerank, 5 * losses.generation, 7 * losses.decision)
    assert float(losses.total) == pytest.approx(float(sum(parts)))
    assert losses.named().keys() == {"total", "recall", "rerank", "generation", "decision"}


def test_a_part_of_a_batch_is_divided_by_the_points_of_the_whole():
    whole, part = (pecrs_losses(output(), batch(*THREE_POINTS), TrainingConfig(), points=n) for n in (None, 12))
    for name, value in whole.named().items():
        assert float(part.named()[name]) == pytest.approx(float(value) / 4), name


def test_a_model_without_reranker_has_no_such_loss():
    losses = pecrs_losses(output(rerank=NO), batch(*THREE_POINTS), TrainingConfig())
    assert float(losses.rerank) == 0
    assert float(losses.total) > 0


def test_the_corrected_sum_is_that_over_all_items_in_expectation(double):
    scores, weights = torch.tensor([0.3, -1.0, 2.0]), torch.tensor([0.2, 0.5, 0.3])
    expected = torch.zeros(())
    for drawn in itertools.product(range(3), repeat=4):  # every sample that there is
        items = torch.tensor(drawn)
        estimate = corrected(scores[None, items], (4 * weights[items]).log()).exp().sum()
        expected = expected + weights[items].prod() * estimate
    torch.testing.assert_close(expected, scores.exp().sum())
    plain = sum(
        weights[list(drawn)].prod() * scores[list(drawn)].exp().sum() for drawn in itertools.product(range(3), repeat=4)
    )
    assert abs(plain - expected) > 1  # without the correction it is another sum


def sampled_gradient(scores, weights, right, count):
    """Gradient of the loss of one positive against negatives drawn with replacement, its own draws left out."""
    scores = scores.clone().requires_grad_()
    items, log_counts = sample_with_replacement(count, weights, torch.Generator().manual_seed(count))
    negative = scores[None, items].masked_fill(items == right, -torch.inf)
    contrastive_loss(scores[None, [right]], corrected(negative, log_counts), torch.tensor([[YES]])).backward()
    return scores.grad


@pytest.mark.parametrize("popular", [NO, YES])
def test_the_gradient_approaches_that_of_the_whole_softmax_as_the_sample_grows(double, popular):
    generator = torch.Generator().manual_seed(0)
    scores, right = 2 * torch.randn(50, generator=generator), 7
    weights = torch.arange(1.0, 51.0) if popular else torch.ones(50)
    whole = scores.softmax(0) - torch.nn.functional.one_hot(torch.tensor(right), 50)  # closed form
    errors = [
        float((sampled_gradient(scores, weights, right, count) - whole).norm()) for count in (100, 10_000, 1_000_000)
    ]
    assert errors[1] < 0.3 * errors[0]
    assert errors[2] < 0.3 * errors[1]
    assert errors[2] < 2e-3


def test_a_sample_that_holds_every_item_as_often_as_expected_gives_the_whole_loss(double):
    scores, right = torch.tensor([[0.5, -1.0, 2.0, 0.1]]), torch.tensor([[2]])
    often = torch.tensor([1, 2, 3, 1])
    items = torch.repeat_interleave(torch.arange(4), often)
    negative = scores[:, items].masked_fill(items == right, -torch.inf)
    sampled = contrastive_loss(scores[:, [2]], corrected(negative, often.double().log()[items]), torch.tensor([[YES]]))
    torch.testing.assert_close(sampled, torch.nn.functional.cross_entropy(scores, right[0], reduction="sum"))
