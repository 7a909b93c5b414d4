import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pecrs.model.retriever import Retriever, similarity

NORM = torch.tensor(3.0)
DRAWN = torch.eye(2, 4) - 0.3, NORM * torch.nn.functional.normalize(torch.arange(12.0).view(3, 4).cos(), dim=1)
"""States and item vectors."""


def retriever(kind="cosine", bias="none", popularity=(0, 9, 99), **changed):
    torch.manual_seed(0)
    options = {"scale": 2.0, "learn_scale": True, "mentions": False, **changed}
    return Retriever(4, torch.tensor(popularity), kind=kind, bias=bias, **options)


@pytest.mark.parametrize(("degrees", "cosine"), [(0, 1), (60, 0.5), (90, 0), (180, -1)])
def test_similarities_in_closed_form(degrees, cosine):
    assert float(similarity(torch.tensor(cosine), "cosine")) == cosine
    chord = -2 * math.sin(math.radians(degrees) / 2)  # sqrt(2 (1 - cos)) is the chord of the angle
    assert float(similarity(torch.tensor(cosine), "angular")) == pytest.approx(chord, abs=1e-6)


@settings(derandomize=True, deadline=None, database=None)
@given(st.integers(0, 10**6))
def test_both_kinds_rank_alike(seed):
    torch.manual_seed(seed)
    cosines = 2 * torch.rand(20, dtype=torch.float64) - 1
    orders = [similarity(cosines, kind).argsort().tolist() for kind in ("angular", "cosine")]
    assert orders[0] == orders[1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("gap", [0.0, 1e-9, 1e-5])
def test_the_angular_gradient_is_finite_where_the_vectors_coincide(dtype, gap):
    query = torch.tensor([[1.0, 2.0, -1.0]], dtype=dtype, requires_grad=True)
    vectors = torch.tensor([[1.0, 2.0 + gap, -1.0], [0.0, 1.0, 1.0]], dtype=dtype, requires_grad=True)
    cosines = torch.nn.functional.cosine_similarity(query, vectors)
    scores = similarity(cosines, "angular")
    scores.sum().backward()
    assert torch.isfinite(scores).all()
    assert torch.isfinite(query.grad).all()
    assert torch.isfinite(vectors.grad).all()
    assert query.grad.abs().max() > 0  # the other item still teaches


@pytest.mark.parametrize("kind", ["angular", "cosine"])
def test_scores_are_similarities_of_the_mapped_state_and_of_the_items_before_it(kind):
    head, states, vectors, before = retriever(kind, mentions=True), *DRAWN, torch.randn(2, 4)
    cosines = [torch.nn.functional.cosine_similarity(x[:, None], vectors, dim=2) for x in (head.head(states), before)]
    expected = 2 * similarity(cosines[0], kind)
    assert torch.allclose(head(states, vectors, NORM, None), expected, atol=1e-6)
    expected = expected + head.mention_weight * cosines[1]
    assert torch.allclose(head(states, vectors, NORM, None, before), expected, atol=1e-5)
    assert torch.allclose(head(states, vectors / NORM, torch.tensor(1.0), None, before), expected, atol=1e-5)
    without = head(states, vectors, NORM, None, torch.zeros(2, 4))  # a context that names no item
    assert torch.equal(without, head(states, vectors, NORM, None))


def test_the_scale_multiplies_and_its_logarithm_is_learned():
    states, vectors = DRAWN
    small, large = retriever(scale=1.0), retriever(scale=5.0)
    assert torch.allclose(5 * small(states, vectors, NORM, None), large(states, vectors, NORM, None))
    assert retriever().log_scale.requires_grad
    assert not retriever(learn_scale=False).log_scale.requires_grad


def test_popularity_enters_as_a_logarithm():
    expected = torch.tensor([0.0, math.log(10), math.log(100)])
    log = retriever(bias="log")
    assert torch.allclose(log.item_bias(), expected)  # the weight starts at one
    with torch.no_grad():
        log.popularity_weight.fill_(0.5)
    assert torch.allclose(log.item_bias(torch.tensor([2, 0])), 0.5 * expected[[2, 0]])
    learned = retriever(bias="learned")
    assert torch.allclose(learned.item_bias(), expected)
    assert retriever(bias="none").item_bias() is None


def test_a_learned_bias_trains_without_moving_the_counts():
    learned = retriever(bias="learned")
    learned(DRAWN[0][:1], DRAWN[1], NORM, learned.item_bias()).sum().backward()
    assert torch.equal(learned.bias.grad, torch.tensor([0.0, 1.0, 1.0]))
    with torch.no_grad():
        learned.bias.add_(1)
    assert torch.allclose(learned.log_popularity, torch.tensor([0.0, math.log(10), math.log(100)]))


def test_the_bias_is_added_to_each_query():
    head, (states, vectors) = retriever(bias="log"), DRAWN
    difference = head(states, vectors, NORM, head.item_bias()) - head(states, vectors, NORM, None)
    assert torch.allclose(difference, head.item_bias().expand(2, 3), atol=1e-6)
