import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cosine_similarity, normalize

from pecrs.model.retriever import Mentions, Retriever, similarity

NORM = torch.tensor(3.0)
DRAWN = torch.eye(2, 4) - 0.3, NORM * normalize(torch.arange(12.0).view(3, 4).cos(), dim=1)
"""States and item vectors."""


def retriever(kind="cosine", bias="none", popularity=(0, 9, 99), **changed):
    torch.manual_seed(0)
    options = {"scale": 2.0, "learn_scale": True, "mentions": False, "repeats": False, **changed}
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
    cosines = cosine_similarity(query, vectors)
    scores = similarity(cosines, "angular")
    scores.sum().backward()
    assert torch.isfinite(scores).all()
    assert torch.isfinite(query.grad).all()
    assert torch.isfinite(vectors.grad).all()
    assert query.grad.abs().max() > 0  # the other item still teaches


def mentions(vectors, *named):
    """Mentions of (query, item) pairs, whose states are drawn."""
    triples = [(query, item, place) for place, (query, item) in enumerate(named)]
    made = torch.tensor(triples, dtype=torch.long).view(-1, 3)
    return Mentions.gather(made, 2, vectors, torch.linspace(-1, 1, 4 * len(named)).view(-1, 4))


@pytest.mark.parametrize("kind", ["angular", "cosine"])
def test_scores_are_similarities_of_the_mapped_state_whatever_the_norm(kind):
    head, (states, vectors) = retriever(kind), DRAWN
    expected = 2 * similarity(cosine_similarity(head.head(states)[:, None], vectors, dim=2), kind)
    assert torch.allclose(head(states, vectors, NORM, None), expected, atol=1e-6)
    assert torch.allclose(head(states, vectors / NORM, torch.tensor(1.0), None), expected, atol=1e-6)


def test_similarity_to_the_items_before_it_leaves_an_item_itself_out():
    head, (states, vectors) = retriever(mentions=True), DRAWN
    added = head(states, vectors, NORM, None, mentions(vectors, (0, 1), (0, 2), (1, 0))) - head(
        states, vectors, NORM, None
    )
    cosine = cosine_similarity(vectors[:, None], vectors, dim=2)
    both = cosine_similarity(vectors[0], vectors[1:].mean(0), dim=0)
    expected = torch.stack([torch.stack([both, cosine[1, 2], cosine[1, 2]]), cosine[0] * torch.tensor([0, 1, 1])])
    assert torch.allclose(added, head.mention_weight * expected, atol=1e-5)


def test_the_pointer_scores_the_items_before_a_query_and_no_others():
    head, (states, vectors) = retriever(repeats=True), DRAWN
    named = mentions(vectors, (0, 1), (1, 0), (1, 2))
    added = head(states, vectors, NORM, None, named) - head(states, vectors, NORM, None)
    expected = torch.zeros(2, 3)
    for query, item, state in zip((0, 1, 1), (1, 0, 2), named.states, strict=True):
        expected[query, item] = head.pointer.query(states[query]) @ head.pointer.key(state) / 8 + head.pointer.bias
    assert torch.allclose(added, expected, atol=1e-6)
    assert (expected != 0).sum() == 3


@pytest.mark.parametrize("options", [{}, {"mentions": True, "repeats": True}])
def test_a_context_that_names_nothing_changes_nothing(options):
    head, (states, vectors) = retriever(**options), DRAWN
    assert torch.equal(head(states, vectors, NORM, None, mentions(vectors)), head(states, vectors, NORM, None))


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
