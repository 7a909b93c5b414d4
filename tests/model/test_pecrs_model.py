"""The composed model: norms of what enters the language model, new items, and configurations that do not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from pecrs.data.catalogue import Item
from pecrs.errors import ConfigError
from pecrs.model.pecrs import PecrsModel, TrainedParameters
from tiny import FAMILIES, POSITIONS, WIDTH, output_of, tiny_config, world


@pytest.mark.parametrize("family", FAMILIES)
def test_item_vectors_have_the_length_of_a_token_row(family):
    model = world(family).model(tiny_config())
    ordinary = model.reader.embed(torch.arange(min(model.vocabulary.special))).detach()
    mean = float(ordinary.norm(dim=1).mean())
    norms = model.catalogue_vectors.norm(dim=1)
    assert norms.shape == (len(model.catalogue),)
    assert torch.allclose(norms, torch.full_like(norms, mean), rtol=1e-5)
    assert float(model.item_encoder.scale) == pytest.approx(mean)


@pytest.mark.parametrize("tuning", ["lora", "full"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_known_item_read_anew_has_its_vector_without_the_learned_part(family, tuning, tmp_path):
    trainer = world(family).trainer(tiny_config(tuning, epochs=1), tmp_path)
    trainer.train(lambda _: {"mean_recall": 0.0})
    model = trainer.model
    anew = model.encode_new_items(model.catalogue.items[:5])
    with_embedding = model.item_vectors(torch.arange(5)).detach()
    assert not torch.allclose(anew, with_embedding, rtol=1e-2, atol=1e-2 * float(model.item_encoder.scale))
    with torch.no_grad():
        model.item_encoder.embedding.zero_()
    text = model.item_vectors(torch.arange(5)).detach()
    assert torch.allclose(anew, text, atol=0.02 * float(model.item_encoder.scale))  # the cache is bfloat16


def test_new_items_differ_by_their_text_alone():
    model = world("llama").model(tiny_config())
    old = model.catalogue.items[0]
    renamed = replace(old, id="new")
    other = Item("other", "Nothing of the kind", 2001, {"plot": ("Two people wait.",)})
    vectors = model.encode_new_items([old, renamed, other])
    assert torch.allclose(vectors[0], vectors[1], atol=1e-6)
    assert not torch.allclose(vectors[0], vectors[2], atol=1e-3)
    assert model.item_encoder.embedding is not None


def test_without_item_states_vectors_cannot_be_made_but_inference_can():
    place = world("llama")
    model = place.model(tiny_config())
    model.states = None
    with pytest.raises(ConfigError, match="attach_states"):
        model.refresh_vectors()
    assert torch.isfinite(model.encode_new_items(model.catalogue.items[:1])).all()


@pytest.mark.parametrize(
    ("data", "fits"), [({"max_context_tokens": POSITIONS - 48}, True), ({"max_context_tokens": POSITIONS - 47}, False)]
)
def test_context_response_and_wrapper_must_fit_the_positions(data, fits):
    config = tiny_config(data=data)
    if fits:
        assert isinstance(world("llama").model(config), PecrsModel)
    else:
        with pytest.raises(ConfigError, match=rf"max_context_tokens .* {POSITIONS + 1} positions"):
            world("llama").model(config)


@pytest.mark.parametrize("family", FAMILIES)
def test_candidates_without_position_need_additive_positions(family):
    config = tiny_config(model={"candidate_position": "none"})
    if family in ("llama", "llama_untied", "qwen3"):
        with pytest.raises(ConfigError, match=r"model\.candidate_position"):
            world(family).model(config)
    else:
        model = world(family).model(config)
        vectors = torch.zeros(1, 2, WIDTH)
        embedded, places = model.reranker.embed(vectors, torch.tensor([7]), model.backbone.position_table)
        entered = embedded + model.backbone.position_table[places]
        assert torch.equal(entered, torch.zeros(2, WIDTH))


@pytest.mark.parametrize(("choice", "place"), [("zero", 0), ("after_rec", 8)])
def test_candidates_take_the_position_that_was_chosen(choice, place):
    model = world("llama").model(tiny_config(model={"candidate_position": choice}))
    vectors = torch.randn(2, 3, WIDTH)
    embedded, places = model.reranker.embed(vectors, torch.tensor([7, 7]), None)
    assert torch.equal(embedded, vectors.flatten(0, 1))
    assert places.tolist() == [place] * 6


def test_the_whole_catalogue_as_sample_is_the_whole_catalogue():
    model = world("llama").model(tiny_config()).eval()
    batch = world("llama").batch(model)
    positives = set(batch.positives.flatten().tolist())
    rest = torch.tensor([i for i in range(len(model.catalogue)) if i not in positives])
    full, sampled = output_of(model, batch), output_of(model, batch, rest)
    found = full.positive_mask
    assert torch.equal(found, sampled.positive_mask)
    assert torch.allclose(full.recall_positive[found], sampled.recall_positive[found], atol=1e-5)
    assert torch.allclose(full.recall_negative[:, rest], sampled.recall_negative, atol=1e-5)
    assert full.rerank_positive is None
    for row, wanted in zip(full.recall_negative, batch.positives, strict=True):
        assert torch.isinf(row).nonzero().flatten().tolist() == sorted(i for i in wanted.tolist() if i >= 0)


def test_the_summary_reads_as_a_line():
    assert str(TrainedParameters(1234, 50_000)) == "trained 1,234 of 50,000 parameters (2.47 %)"
    assert TrainedParameters(1, 4).share == 0.25


def test_a_fixed_scale_is_not_trained():
    model = world("llama").model(tiny_config(model={"learn_scale": False, "scale": 4.0}))
    assert "retriever.log_scale" not in model.trained_parameters()
    assert model.retriever.log_scale.exp().item() == pytest.approx(4.0)
