"""Item states belong to the frozen base: training, reloading, batching and caching change nothing in them."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from pecrs.config import DataConfig, LoraConfig
from pecrs.data.catalogue import Catalogue
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import CheckpointError
from pecrs.model.backbone.adapters import add_adapters
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.base import load_base, load_tokenizer
from pecrs.model.item_states import ItemStates, cached_item_states, encode_items, item_texts
from tiny import FAMILIES, WIDTH, save_folder, tiny_config, world

LIMIT = 24


def base_of(family: str) -> Backbone:
    name = world(family).base
    return load_base(name, Vocabulary.from_tokenizer(load_tokenizer(name), DataConfig()))


def texts_of(backbone: Backbone, limit: int = LIMIT) -> list[tuple[int, ...]]:
    catalogue = world("llama").catalogue
    return item_texts(backbone, catalogue, catalogue, limit)


RELOAD = """
import sys, torch
from pathlib import Path
from safetensors.torch import save_file
from pecrs.model.item_states import encode_items, item_texts
from pecrs.model.persistence.folder import from_pretrained
torch.set_num_threads(1)
for folder in map(Path, sys.argv[1:]):
    model = from_pretrained(folder).model
    texts = item_texts(model.reader, model.catalogue, model.catalogue, 24)
    save_file({"states": encode_items(model.reader, texts).states}, folder / "seen.safetensors")
"""


def test_states_survive_training_and_a_reload_in_a_new_process(tmp_path, quick_python):
    before, folders = {}, {}
    for family, tuning in (("gpt2", "lora"), ("llama_untied", "lora"), ("bert", "full")):
        trainer = world(family).trainer(tiny_config(tuning, epochs=1), tmp_path / family)
        model = trainer.model
        texts = texts_of(model.reader)
        before[family] = encode_items(model.reader, texts).states
        trainer.train(lambda _: {"mean_recall": 0.0})
        assert torch.equal(encode_items(model.reader, texts).states, before[family])
        folders[family] = tmp_path / f"model-{family}"
        save_folder(model, folders[family], world(family).base, include_base=True)
    subprocess.run([quick_python, "-c", RELOAD, *map(str, folders.values())], check=True, capture_output=True)
    for family, folder in folders.items():
        assert torch.equal(load_file(folder / "seen.safetensors")["states"], before[family])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_later_token_reaches_the_first_state_of_encoders_only(family):
    backbone = base_of(family)
    first, second = encode_items(backbone, [(50, 60, 70, 80), (50, 60, 70, 90)]).states.split(4)
    assert backbone.bidirectional == (family == "bert")
    assert torch.equal(first[:3], second[:3]) != backbone.bidirectional
    assert not torch.allclose(first[3], second[3], atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_an_item_is_read_with_changes_nothing(family):
    backbone = add_adapters(base_of(family), LoraConfig(rank=2))
    texts = [*texts_of(backbone), (7,)]
    together = encode_items(backbone, texts)
    alone = encode_items(backbone, texts, batch_tokens=1)
    assert torch.equal(together.offsets, alone.offsets)
    assert torch.allclose(together.states, alone.states, atol=1e-5, rtol=1e-5)
    assert together.states.shape == (sum(map(len, texts)), WIDTH)
    backwards = encode_items(backbone, texts[::-1])
    end = int(together.offsets[1])
    assert torch.allclose(backwards.states[-end:], together.states[:end], atol=1e-5, rtol=1e-5)


def test_reading_items_leaves_training_mode_and_dropout_as_they_were():
    backbone = base_of("gpt2")  # drops 10 % of its activations in training
    texts = texts_of(backbone)[:4]
    backbone.eval()
    calm = encode_items(backbone, texts)
    assert not backbone.training
    backbone.train()
    assert torch.equal(encode_items(backbone, texts).states, calm.states)
    assert backbone.training


def test_states_are_ragged_and_selected_by_item():
    states = ItemStates(torch.arange(12.0).view(6, 2), torch.tensor([0, 2, 3, 6]))
    rows, positions, bags = states.select(torch.tensor([2, 0]))
    assert rows.tolist() == [3, 4, 5, 0, 1]
    assert positions.tolist() == [0, 1, 2, 0, 1]
    assert bags.tolist() == [0, 3]


def test_the_layout_of_all_items_is_made_once_and_that_of_some_is_not_mixed_up_with_it():
    states = ItemStates(torch.arange(12.0).view(6, 2), torch.tensor([0, 2, 3, 6]))
    whole = states.select(torch.arange(3))
    assert [part.tolist() for part in whole] == [[0, 1, 2, 3, 4, 5], [0, 1, 0, 0, 1, 2], [0, 2, 3]]
    assert states.select(torch.arange(3)) is whole
    assert states.select(torch.tensor([2, 0, 1]))[0].tolist() == [3, 4, 5, 0, 1, 2]
    assert states.select(torch.arange(2))[0].tolist() == [0, 1, 2]


def test_reading_says_how_many_tokens_are_read():
    backbone, told = base_of("llama"), []
    texts = texts_of(backbone)
    encode_items(backbone, texts, batch_tokens=200, report=told.append)
    what, total = f"reading {len(texts)} item texts", sum(map(len, texts))
    assert {(progress.what, progress.total) for progress in told} == {(what, total)}
    counts = [progress.done for progress in told]
    assert counts == sorted(set(counts))
    assert (counts[0], counts[-1]) == (0, total)
    assert max(later - earlier for earlier, later in pairwise(counts)) <= 200


def test_a_hit_has_nothing_to_say(tmp_path):
    backbone, told = base_of("llama"), []
    cached_item_states(backbone, world().catalogue, LIMIT, tmp_path, told.append)
    assert told
    cached_item_states(backbone, world().catalogue, LIMIT, tmp_path, pytest.fail)


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_the_cache_holds_bfloat16_states_and_is_written_once(tmp_path):
    backbone, catalogue = base_of("llama"), world("llama").catalogue
    first = cached_item_states(backbone, catalogue, LIMIT, tmp_path)
    exact = encode_items(backbone, texts_of(backbone))
    assert first.states.dtype == torch.bfloat16
    centre = exact.states.mean(0)
    torch.testing.assert_close(first.centre, centre)
    assert torch.equal(first.states, (exact.states - first.centre).to(torch.bfloat16))
    assert torch.equal(first.offsets, exact.offsets)
    path = only_file(tmp_path)
    before = path.stat()
    again = cached_item_states(backbone, catalogue, LIMIT, tmp_path)
    after = only_file(tmp_path).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert torch.equal(again.states, first.states)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="shows the memory maps of Linux only")
def test_cached_states_are_memory_mapped_from_the_first_call_on(tmp_path):
    backbone, catalogue = base_of("llama"), world("llama").catalogue
    states = cached_item_states(backbone, catalogue, LIMIT, tmp_path)
    assert str(only_file(tmp_path)) in Path("/proc/self/maps").read_text()
    assert float(states.states.float().sum()) == float(states.states.float().sum())


def test_a_hit_does_not_run_the_backbone(tmp_path):
    backbone, catalogue = base_of("llama"), world("llama").catalogue
    passes = []
    backbone.register_forward_hook(lambda *_: passes.append(1))
    cached_item_states(backbone, catalogue, LIMIT, tmp_path)
    assert passes
    passes.clear()
    cached_item_states(backbone, catalogue, LIMIT, tmp_path)
    assert not passes


@pytest.mark.parametrize("damage", ["empty", "cut", "foreign", "folderless"])
def test_a_broken_cache_is_made_anew(tmp_path, damage):
    backbone, catalogue = base_of("llama"), world("llama").catalogue
    whole = cached_item_states(backbone, catalogue, LIMIT, tmp_path).states.clone()
    path = only_file(tmp_path)
    sound = path.read_bytes()
    path.unlink()
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(sound[: len(sound) // 2])
    elif damage == "foreign":
        save_file({"other": torch.zeros(3)}, path)
    else:
        tmp_path.rmdir()
    assert torch.equal(cached_item_states(backbone, catalogue, LIMIT, tmp_path).states, whole)
    assert only_file(tmp_path).read_bytes() == sound


def test_the_key_changes_with_text_weights_and_limit_but_not_with_adapters(tmp_path):
    backbone, catalogue = base_of("llama"), world("llama").catalogue

    def files() -> int:
        return len(list(tmp_path.iterdir()))

    cached_item_states(backbone, catalogue, LIMIT, tmp_path)
    adapted = add_adapters(backbone, LoraConfig(rank=2))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if name in adapted.trainable_names():
                parameter.add_(0.5)
    cached_item_states(adapted, catalogue, LIMIT, tmp_path)
    assert files() == 1
    cached_item_states(backbone, catalogue, 12, tmp_path)
    assert files() == 2
    items = (replace(catalogue.items[0], title="Another"), *catalogue.items[1:])
    cached_item_states(backbone, Catalogue(items, catalogue.fields), LIMIT, tmp_path)
    assert files() == 3
    cached_item_states(backbone, Catalogue(catalogue.items, catalogue.fields[::-1]), LIMIT, tmp_path)
    assert files() == 4
    other = base_of("llama")
    with torch.no_grad():
        next(other.model.model.layers.parameters()).view(-1)[0] += 1e-4
    cached_item_states(other, catalogue, LIMIT, tmp_path)
    assert files() == 5


def test_the_cache_folder_may_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PECRS_CACHE", str(tmp_path / "here"))
    cached_item_states(base_of("llama"), world("llama").catalogue, LIMIT)
    assert only_file(tmp_path / "here").suffix == ".safetensors"


def test_a_cache_that_cannot_be_written_is_a_named_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="PECRS_CACHE"):
        cached_item_states(base_of("llama"), world("llama").catalogue, LIMIT, tmp_path / "file" / "cache")
