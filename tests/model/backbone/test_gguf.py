"""GGUF files, written here by the package ``gguf``, become backbones that compute what was written into them."""

import shutil
import sys

import gguf
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from models import tiny_tokenizer
from pecrs.config import DataConfig
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import CheckpointError, ConfigError
from pecrs.model.backbone import gguf as module
from pecrs.model.backbone.base import load_base, load_tokenizer
from pecrs.model.persistence.folder import export_pretrained
from pecrs.model.persistence.transfer import with_absolute_paths
from tiny import load_folder, make_world, save_folder, tiny_config
from tiny_gguf import WIDTH, tiny_llama, write

TEXT = " I loved Alien, and it was great!"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PECRS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@torch.no_grad()
def logits(model, name):
    return model(torch.tensor([load_tokenizer(name)(TEXT)["input_ids"]])).logits


def plain(name):
    return AutoModelForCausalLM.from_pretrained(module.plain_folder(name), use_safetensors=True).eval()


def test_a_file_becomes_the_model_that_was_written(tmp_path):
    model = tiny_llama()
    name = str(write(tmp_path / "tiny.gguf", model))
    assert load_tokenizer(name)(TEXT)["input_ids"] == tiny_tokenizer("llama")(TEXT)["input_ids"]
    torch.testing.assert_close(logits(plain(name), name), logits(model, name))
    assert plain(name).config.max_position_embeddings == 256


def test_quantised_weights_are_those_of_the_file(tmp_path):
    model, kind = tiny_llama(), gguf.GGMLQuantizationType.Q8_0
    name = str(write(tmp_path / "tiny.gguf", model, kind))
    given = model.state_dict()["model.layers.1.mlp.down_proj.weight"].numpy()
    stored = gguf.quants.dequantize(gguf.quants.quantize(given, kind), kind)
    read = plain(name).state_dict()["model.layers.1.mlp.down_proj.weight"].numpy()
    np.testing.assert_array_equal(read, stored)
    assert 0 < np.abs(read - given).max() < 0.01


def test_the_end_of_a_turn_is_learnt_though_the_file_pads_with_it(tmp_path):
    name = str(write(tmp_path / "tiny.gguf", tiny_llama()))
    tokenizer = load_tokenizer(name)
    assert tokenizer.eos_token_id == tokenizer.pad_token_id == 0
    loaded = plain(name)
    assert (loaded.config.eos_token_id, loaded.config.pad_token_id) == (0, None)
    loaded.get_input_embeddings()(torch.tensor([0])).sum().backward()
    assert loaded.get_input_embeddings().weight.grad[0].abs().sum() > 0


def test_what_is_drawn_afterwards_is_the_same_with_and_without_the_cache(tmp_path):
    name = str(write(tmp_path / "tiny.gguf", tiny_llama()))
    draws = []
    for _ in range(2):
        torch.manual_seed(0)
        module.plain_folder(name)
        draws.append(torch.rand(3).tolist())
    assert draws[0] == draws[1]


def test_it_is_read_once(tmp_path, monkeypatch):
    path = write(tmp_path / "tiny.gguf", tiny_llama())
    folder = module.plain_folder(str(path))
    moved = path.rename(tmp_path / "other name.GGUF")
    monkeypatch.setattr(module, "_write", None)
    monkeypatch.setitem(sys.modules, "gguf", None)  # as if it were not installed
    assert module.plain_folder(str(moved)) == folder
    assert module.plain_folder("gpt2") == "gpt2"


def trained_on(path, monkeypatch):
    """A model on a GGUF file, in evaluation mode, and the name of its backbone."""
    monkeypatch.chdir(path.parent)
    config = with_absolute_paths(tiny_config(model={"backbone": path.name}))
    assert config.model.backbone == str(path)
    made = make_world(path.parent, dialogues=4)
    world = type(made)(config.model.backbone, path.parent / "cache", made.catalogue, made.dialogues)
    return world.model(config).eval(), world.base


def test_a_model_is_trained_on_it_saved_and_loaded(tmp_path, monkeypatch):
    model, base = trained_on(write(tmp_path / "tiny.gguf", tiny_llama()), monkeypatch)
    for include_base in (False, True):
        folder = tmp_path / f"model-{include_base}"
        save_folder(model, folder, base, include_base=include_base)
        assert torch.equal(load_folder(folder).catalogue_vectors, model.catalogue_vectors)


def test_a_model_folder_holds_the_file_itself_in_parts(tmp_path, monkeypatch, cache):
    monkeypatch.setattr(module, "PART", 40_000)
    monkeypatch.setattr(module, "_BLOCK", 10_000)
    path = write(tmp_path / "tiny.gguf", tiny_llama(), gguf.GGMLQuantizationType.Q8_0)
    whole = path.read_bytes()
    model, base = trained_on(path, monkeypatch)
    save_folder(model, tmp_path / "model", base, include_base=True)
    path.unlink()
    shutil.rmtree(cache)
    for folder in (tmp_path / "model", tmp_path / "exported"):
        parts = sorted((folder / "base").iterdir())
        assert [part.name for part in parts] == [f"weights.gguf.part-{n:03}" for n in range(1, len(parts) + 1)]
        assert max(part.stat().st_size for part in parts) <= 40_000
        assert b"".join(part.read_bytes() for part in parts) == whole
        assert torch.allclose(load_folder(folder).catalogue_vectors, model.catalogue_vectors, rtol=1e-2, atol=1e-3)
        if folder.name == "model":
            export_pretrained(folder, tmp_path / "exported")
    assert not list(cache.glob(".gguf-*"))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda parts: parts[1].unlink(), "base: is cut off or broken"),
        (lambda parts: parts[0].write_bytes(b"no file at all"), "base: is no GGUF file"),
        (
            lambda parts: parts[0].write_bytes(parts[0].read_bytes().replace(b"blk.1.ffn_up", b"blk.1.ffn_pu")),
            "base: lacks model",
        ),
    ],
)
def test_parts_that_are_damaged_are_refused(tmp_path, monkeypatch, cache, harm, message):
    monkeypatch.setattr(module, "PART", 200_000)
    monkeypatch.setattr(module, "_BLOCK", 10_000)
    model, base = trained_on(write(tmp_path / "tiny.gguf", tiny_llama()), monkeypatch)
    save_folder(model, tmp_path / "model", base, include_base=True)
    harm(sorted((tmp_path / "model" / "base").iterdir()))
    before = sorted(cache.iterdir())
    with pytest.raises(CheckpointError, match=message):
        load_folder(tmp_path / "model")
    assert sorted(cache.iterdir()) == before


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"num_hidden_layers": 10**9}, r"block_count: 1000000000 is declared; the file holds \d+ tensors"),
        ({"intermediate_size": 10**7}, r"[\d,]+ weights are declared; the files hold [\d,]+"),
    ],
)
def test_a_file_that_declares_more_than_it_holds_is_refused(tmp_path, monkeypatch, shape, message):
    model = tiny_llama()
    model.config.update(shape)
    path = write(tmp_path / "tiny.gguf", model)
    with pytest.raises(ConfigError, match=rf"^model\.backbone: .*tiny\.gguf: {message}$"):
        module.plain_folder(str(path))


def test_a_file_in_a_package_is_found_without_importing_it(tmp_path, monkeypatch):
    (tmp_path / "weights_of_a_test").mkdir()
    (tmp_path / "weights_of_a_test" / "__init__.py").write_text("raise RuntimeError('imported')")
    write(tmp_path / "weights_of_a_test" / "tiny.gguf", tiny_llama())
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "package:weights_of_a_test/tiny.gguf"
    vocabulary = Vocabulary.from_tokenizer(load_tokenizer(name), DataConfig())
    assert load_base(name, vocabulary).width == WIDTH
    assert with_absolute_paths(tiny_config(model={"backbone": name})).model.backbone == name
    for wrong in ("package:weights_of_a_test/other.gguf", "package:weights_of_a_test/../tiny.gguf"):
        with pytest.raises(ConfigError, match=r"^model\.backbone: .* has no file '.*'; it has tiny\.gguf$"):
            load_tokenizer(wrong)


@pytest.mark.parametrize(
    "name", ["package:no_such_package_here/x.gguf", "package:", "package:a.b/c", "package:json.tool/x"]
)
def test_a_package_that_is_not_there_is_named(name):
    with pytest.raises(ConfigError, match=r"^model\.backbone: 'package:.*': the package '.*' is not installed$"):
        load_tokenizer(name)


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.3, 0.999])
def test_a_cut_file_is_refused_and_nothing_stays(share, tmp_path, cache):
    path = write(tmp_path / "tiny.gguf", tiny_llama())
    whole = path.read_bytes()
    path.write_bytes(whole[: max(4, int(share * len(whole)))])
    with pytest.raises(ConfigError, match=r"^model\.backbone: .*tiny\.gguf: is cut off or broken$"):
        load_tokenizer(str(path))
    assert not list(cache.glob("**/*"))


@pytest.mark.parametrize("content", [b"", b"GGU", b"PK\x03\x04 a zip archive", b"{}"])
def test_a_foreign_file_is_refused(content, tmp_path):
    (tmp_path / "other.gguf").write_bytes(content)
    with pytest.raises(ConfigError, match=r"^model\.backbone: .*other\.gguf: is no GGUF file$"):
        load_tokenizer(str(tmp_path / "other.gguf"))


def test_an_unknown_architecture_and_missing_weights_are_refused_in_a_line(tmp_path, cache):
    path = write(tmp_path / "clip.gguf", tiny_llama(), architecture="clip")
    with pytest.raises(ConfigError, match=r"^model\.backbone: .*clip\.gguf: cannot be read: .*clip.*") as caught:
        load_tokenizer(str(path))
    assert "\n" not in str(caught.value)
    path = write(tmp_path / "less.gguf", tiny_llama(), leave_out=("blk.1.ffn_up",))
    with pytest.raises(
        ConfigError, match=r"^model\.backbone: .*less\.gguf: lacks model\.layers\.1\.mlp\.up_proj\.weight$"
    ):
        load_tokenizer(str(path))
    assert not list(cache.glob("*"))


def test_without_the_package_that_reads_them_it_is_named(tmp_path, monkeypatch):
    path = write(tmp_path / "tiny.gguf", tiny_llama())
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(ConfigError, match=r"tiny\.gguf: to read it, pip install 'pecrs\[gguf\]'$"):
        load_tokenizer(str(path))


def test_a_path_without_a_file_is_refused(tmp_path):
    for load in (load_tokenizer, lambda name: with_absolute_paths(tiny_config(model={"backbone": name}))):
        with pytest.raises(ConfigError, match=r"^model\.backbone: no such file: .*none\.gguf$"):
            load(str(tmp_path / "none.gguf"))
