"""Starting from another model: what dialogues taught comes along, what belongs to items does not."""

from __future__ import annotations

import pytest
import torch

from pecrs.config import Config
from pecrs.data.catalogue import Catalogue
from pecrs.data.splits import Prepared
from pecrs.errors import CheckpointError, ConfigError
from pecrs.inference.recommender import Recommender
from pecrs.model.persistence.transfer import take_start
from pecrs.train import train
from pecrs.training.trainer import popularity_counts
from tiny import load_folder, save_folder, tiny_config, world

OF_ITEMS = {"item_encoder.embedding", "retriever.bias"}
LEARNED = {"model": {"popularity_bias": "learned"}}


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A model whose every trained number is its own, in a folder."""
    model = world().model(tiny_config(**LEARNED))
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in model.trained_parameters().values():
            parameter.add_(torch.randn_like(parameter))
        model.item_encoder.mean.add_(1)
    model.refresh_vectors()
    folder = tmp_path_factory.mktemp("start") / "model"
    save_folder(model, folder, world().base, include_base=True)
    return folder


def test_all_comes_along_but_what_belongs_to_items(start):
    model, theirs = world().model(tiny_config(**LEARNED)), load_folder(start)
    before = {name: value.clone() for name, value in model.trained_parameters().items()}
    take_start(model, start)
    expected = theirs.trained_parameters()
    for name, value in model.trained_parameters().items():
        assert torch.equal(value, before[name] if name in OF_ITEMS else expected[name]), name
    assert torch.equal(model.item_encoder.mean, theirs.item_encoder.mean)
    assert torch.equal(model.retriever.log_popularity, world().model(tiny_config(**LEARNED)).retriever.log_popularity)


def test_items_of_another_catalogue_get_the_vectors_that_the_start_reads_from_their_text(start):
    small = Catalogue(world().catalogue.items[7:19], world().catalogue.fields)
    other = world().__class__(world().base, world().cache, small, ())
    model = other.model(tiny_config(model={"item_embedding": False}))
    before = model.catalogue_vectors.clone()
    take_start(model, start)
    expected = load_folder(start).encode_new_items(small.items)
    reading = 1e-3 * float(expected.norm(dim=1).mean())  # states are kept in half precision around a catalogue's mean
    torch.testing.assert_close(model.catalogue_vectors, expected, rtol=0, atol=reading)
    assert (before - expected).abs().max() > 100 * reading


def test_a_head_that_the_start_lacks_stays_as_it_is(start, tmp_path):
    without = world().model(tiny_config(model={"reranker": False, "repeat_feature": False}, rerank_negatives=0,
                                        generation={"rerank_weight": 0.0}))  # fmt: skip
    save_folder(without, tmp_path / "model", world().base, include_base=False)
    model = world().model(tiny_config())
    before = [value.clone() for value in model.reranker.parameters()]
    take_start(model, tmp_path / "model")
    assert all(torch.equal(*pair) for pair in zip(before, model.reranker.parameters(), strict=True))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (tiny_config("full"), r"^training\.start: adapters are expected"),
        (tiny_config(model={"lora": {"rank": 2, "alpha": 1.0}}), r"^model\.lora\.alpha: .* 16$"),
        (tiny_config(model={"lora": {"rank": 4, "alpha": 64.0}}), r"^model\.lora\.rank: .*lora_"),
        (tiny_config(model={"lora": {"rank": 2, "targets": ["q_proj"]}}), r"^model\.lora\.targets: "),
        (tiny_config(data={"max_item_tokens": 32}), r"^data\.max_item_tokens: .*\(24,\).*\(32,\)"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(start, config, message):
    with pytest.raises(ConfigError, match=message):
        take_start(world().model(config), start)


def test_another_backbone_is_refused(start):
    with pytest.raises(ConfigError, match=r"another backbone; set model\.backbone to 'start'"):
        take_start(world("gpt2").model(tiny_config()), start)


def test_a_run_starts_from_a_model_and_its_backbone(start, tmp_path):
    talks, catalogue = world().dialogues, world().catalogue
    data = Prepared(catalogue, {"train": tuple(talks[:4]), "valid": tuple(talks[4:8])})
    settings = {"backbone": "start", "popularity_bias": "learned"}
    config = tiny_config(model=settings, start=str(start), epochs=1, learning_rate=1e-9, head_learning_rate=1e-9)
    train(config, data, tmp_path / "run")
    made, theirs = Recommender.from_pretrained(tmp_path / "run").model, load_folder(start)
    assert sum(popularity_counts(data.train, catalogue)) > 0
    for name in ("retriever.head.0.weight", "item_encoder.pooling"):
        torch.testing.assert_close(made.get_parameter(name), theirs.get_parameter(name), rtol=0, atol=1e-5)


def test_a_start_that_is_not_there_is_refused(tmp_path):
    talks, catalogue = world().dialogues, world().catalogue
    data = Prepared(catalogue, {"train": tuple(talks[:4]), "valid": tuple(talks[4:8])})
    config = tiny_config(model={"backbone": "start"}, start=str(tmp_path / "none"))
    with pytest.raises(CheckpointError, match="no such folder"):
        train(config, data, tmp_path / "run")


def test_the_backbone_of_a_start_needs_a_start():
    with pytest.raises(ConfigError, match=r"^model\.backbone: 'start' needs training\.start"):
        Config.from_dict({"model": {"backbone": "start"}})
