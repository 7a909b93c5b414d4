"""Quantised backbones: what they need is asked for by name, and what is counted are weights, not bytes."""

import pytest
import torch
from torch import nn

from pecrs.config import Config
from pecrs.errors import CheckpointError, ConfigError
from pecrs.model.backbone.quantization import quantized, weight_count
from pecrs.model.persistence.folder import LAYOUT
from pecrs.model.persistence.transfer import take_start
from tiny import load_folder, save_folder, tiny_config, world

KINDS = ("8bit", "4bit")


def test_nothing_is_asked_for_where_nothing_is_quantised():
    assert quantized("none") == {}


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_cuda_device_it_is_refused(kind, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=f"model.quantization: {kind} needs a CUDA device"):
        world("llama").model(tiny_config(model={"quantization": kind}))


@pytest.mark.parametrize("kind", KINDS)
def test_without_bitsandbytes_it_is_refused(kind, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("pecrs.model.backbone.quantization.is_bitsandbytes_available", lambda: False)
    with pytest.raises(ConfigError, match=rf"model.quantization: {kind} needs bitsandbytes.*pecrs\[quantize\]"):
        quantized(kind)


@pytest.mark.parametrize(("kind", "eight"), [("8bit", True), ("4bit", False)])
def test_transformers_is_told_what_is_wanted(kind, eight, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("pecrs.model.backbone.quantization.is_bitsandbytes_available", lambda: True)
    settings = quantized(kind)["quantization_config"]
    assert (settings.load_in_8bit, settings.load_in_4bit) == (eight, not eight)
    assert settings.bnb_4bit_quant_type == "nf4"
    assert settings.bnb_4bit_compute_dtype is torch.bfloat16


def test_quantised_weights_are_not_trained():
    with pytest.raises(ConfigError, match=r"model\.quantization: quantised weights cannot be trained"):
        Config.from_dict({"model": {"quantization": "4bit", "tuning": "full"}})


def test_a_model_that_needs_a_device_says_so_when_it_is_loaded(tmp_path):
    model = world("llama").model(tiny_config())
    save_folder(model, tmp_path / "model", world("llama").base, include_base=False)
    marker = tmp_path / "model" / LAYOUT.marker
    marker.write_text(marker.read_text().replace('"quantization": "none"', '"quantization": "8bit"'))
    with pytest.raises(CheckpointError, match=r"model\.quantization: 8bit needs"):
        load_folder(tmp_path / "model")


def test_training_starts_from_a_model_that_is_held_alike(tmp_path):
    model = world("llama").model(tiny_config())
    save_folder(model, tmp_path / "model", world("llama").base, include_base=False)
    model.settings = model.settings.model_copy(update={"quantization": "4bit"})
    with pytest.raises(ConfigError, match=r"model\.quantization: it must be that of training\.start, none"):
        take_start(model, tmp_path / "model")


def test_packed_weights_are_counted_as_weights():
    class Packed:
        shape = torch.Size([6, 4])

    parameter = nn.Parameter(torch.zeros(12, 1, dtype=torch.uint8), requires_grad=False)
    assert weight_count(parameter) == 12
    parameter.quant_state = Packed
    assert weight_count(parameter) == 24


@pytest.mark.gpu
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore:MatMul8bitLt")
def test_a_quantised_model_trains_and_comes_back(kind, tmp_path):
    pytest.importorskip("bitsandbytes")
    trainer = world("llama").trainer(tiny_config(model={"quantization": kind}, epochs=1), tmp_path)
    before = trainer.model.reader.fingerprint()
    trainer.train(lambda _: {"mean_recall": 0.5})
    assert trainer.model.reader.fingerprint() == before
    loaded = load_folder(tmp_path / "model")
    torch.testing.assert_close(loaded.catalogue_vectors, trainer.model.catalogue_vectors)
