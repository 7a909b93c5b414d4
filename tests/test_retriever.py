import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pecrs.model.retriever import Retriever, similarity


def retriever(kind="cosine", bias="none", popularity=(0, 9, 99), **changed):
    torch.manual_seed(0)
    options = {"scale": 2.0, "learn_scale": True, "mentions": False, **changed}
    return Retriever(4, torch.tensor(popularity), kind=kind, bias=bias, **options)


@pytest.mark.parametrize(("degrees", "cosine"), [(0, 1), (60, 0.5), (90, 0), (180, -1)])
def test_similarities_in_closed_form(degrees, cosine):
    angle = math.radians(degrees)
    query, vector = torch.tensor([[3.0, 0.0]]), torch.tensor([[5 * math.cos(angle), 5 * math.sin(angle)]])
    assert float(similarity(query, vector, "cosine")) == pytest.approx(cosine, abs=1e-6)
    chord = -2 * math.sin(angle / 2)  # sqrt(2 (1 - cos)) is the chord of the angle
    assert float(similarity(query, vector, "angular")) == pytest.approx(chord, abs=1e-3)


@settings(derandomize=True, deadline=None, database=None)
@given(st.integers(0, 10**6))
def test_both_kinds_rank_alike(seed):
    torch.manual_seed(seed)
    query, vectors = torch.randn(1, 6, dtype=torch.float64), torch.randn(20, 6, dtype=torch.float64)
    orders = [similarity(query, vectors, kind)[0].argsort().tolist() for kind in ("angular", "cosine")]
    assert orders[0] == orders[1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("gap", [0.0, 1e-9, 1e-5])
def test_the_angular_gradient_is_finite_where_the_vectors_coincide(dtype, gap):
    query = torch.tensor([[1.0, 2.0, -1.0]], dtype=dtype, requires_grad=True)
    vectors = torch.tensor([[1.0, 2.0 + gap, -1.0], [0.0, 1.0, 1.0]], dtype=dtype, requires_grad=True)
    scores = similarity(query, vectors, "angular")
    scores.sum().backward()
    assert torch.isfinite(scores).all()
    assert torch.isfinite(query.grad).all()
    assert torch.isfinite(vectors.grad).all()
    assert query.grad.abs().max() > 0  # the other item still teaches


def test_the_scale_multiplies_and_its_logarithm_is_learned():
    states, vectors = torch.randn(2, 4), torch.randn(3, 4)
    small, large = retriever(scale=1.0), retriever(scale=5.0)
    assert torch.allclose(5 * small(states, vectors, None), large(states, vectors, None))
    assert retriever().log_scale.requires_grad
    assert not retriever(learn_scale=False).log_scale.requires_grad


def test_the_length_of_an_item_vector_does_not_matter():
    head, states, vectors = retriever(), torch.randn(2, 4), torch.randn(3, 4)
    assert torch.allclose(head(states, vectors, None), head(states, vectors * torch.tensor([[2.0], [0.1], [9]]), None))


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
    learned(torch.randn(1, 4), torch.randn(3, 4), learned.item_bias()).sum().backward()
    assert torch.equal(learned.bias.grad, torch.tensor([0.0, 1.0, 1.0]))
    with torch.no_grad():
        learned.bias.add_(1)
    assert torch.allclose(learned.log_popularity, torch.tensor([0.0, math.log(10), math.log(100)]))


def test_the_bias_is_added_to_each_query():
    head, states, vectors = retriever(bias="log"), torch.randn(2, 4), torch.randn(3, 4)
    difference = head(states, vectors, head.item_bias()) - head(states, vectors, None)
    assert torch.allclose(difference, head.item_bias().expand(2, 3), atol=1e-6)
