"""Forms of the model that ablations and the authors' program ask for, against their definitions."""

import pytest
import torch
from test_step import TOLD

from models import tiny_config, tiny_model
from pecrs.model.retriever import Retriever
from pecrs.training.step import compute_step, prepare_step


@pytest.fixture(autouse=True)
def _exact(double):
    """All of these are equalities."""


def retriever(kind):
    torch.manual_seed(0)
    made = Retriever(
        4,
        torch.zeros(3),
        kind=kind,
        scale=2.0,
        learn_scale=False,
        bias="none",
        mentions=False,
        repeats=False,
        linear=True,
    )
    return made.double()


def test_plain_products_are_those_of_query_and_item_vector_and_rank_like_cosines():
    states, norm = torch.randn(5, 4), torch.tensor(3.0)
    vectors = torch.nn.functional.normalize(torch.randn(7, 4), dim=1) * norm
    dot, cosine = (retriever(kind)(states, vectors, norm, None) for kind in ("dot", "cosine"))
    torch.testing.assert_close(dot, 2.0 * retriever("dot").head(states) @ vectors.T)
    assert torch.equal(dot.argsort(dim=1), cosine.argsort(dim=1))
    assert not torch.allclose(dot, cosine)


def test_linear_heads_have_one_layer_and_f_has_no_part_in_re_ranking():
    model = tiny_model("gpt2", tiny_config(model={"heads": "linear"})).model
    assert [type(layer).__name__ for layer in (*model.retriever.head, *model.reranker.head)] == ["Linear", "Linear"]
    states = torch.randn(2, 3, model.backbone.width)
    g = model.reranker.head
    torch.testing.assert_close(model.reranker(states, model.retriever.head), g(states)[..., 0])
    two = tiny_model("gpt2").model
    f, g = two.retriever.head, two.reranker.head
    torch.testing.assert_close(two.reranker(states, f), g(f(states))[..., 0])
    assert not torch.allclose(two.reranker(states, f), g(states)[..., 0])


def gradients(config):
    tiny = tiny_model("gpt2", config)
    streams = [stream for dialogue in TOLD for stream in tiny.layout.streams(dialogue)]
    settings = tiny.config.training
    compute_step(tiny.model, prepare_step(streams, tiny.model, settings, seed=1), settings)
    return tiny.model, {name: parameter.grad for name, parameter in tiny.model.named_parameters()}


def test_a_mean_over_tokens_is_never_trained():
    config = tiny_config(model={"item_pooling": "mean", "item_embedding": False})
    model, grads = gradients(config)
    assert grads["item_encoder.pooling"] is None
    assert "item_encoder.pooling" not in model.trained_parameters()
    encoder, states = model.item_encoder, model.states
    assert torch.equal(encoder.pooling, torch.zeros_like(encoder.pooling))
    means = [states.states[a:b].mean(0) for a, b in zip(states.offsets, states.offsets[1:], strict=False)]
    torch.testing.assert_close(encoder.pool(states, torch.arange(len(states))), torch.stack(means))
    assert gradients(tiny_config())[1]["item_encoder.pooling"].abs().max() > 0


def test_without_a_head_an_items_vector_is_its_standardised_pooled_state():
    model = tiny_model("gpt2", tiny_config(model={"item_head": False, "item_embedding": False})).model
    encoder, items = model.item_encoder, torch.arange(5)
    pooled = (encoder.pool(model.states, items) - encoder.mean) / encoder.deviation
    expected = torch.nn.functional.normalize(pooled, dim=1) * encoder.scale
    torch.testing.assert_close(model.item_vectors(items), expected)
    assert not [name for name in model.state_dict() if name.startswith("item_encoder.head")]
