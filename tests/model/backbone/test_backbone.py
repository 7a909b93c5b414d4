"""Exactly what is named is trained; everything else keeps its bits, in four families and both ways of tuning."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

from pecrs.config import DataConfig, LoraConfig
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import CheckpointError, ConfigError
from pecrs.model.backbone.adapters import add_adapters, load_adapters, save_adapters
from pecrs.model.backbone.base import load_base, load_tokenizer, token_rows
from pecrs.model.pecrs import TrainedParameters
from tiny import FAMILIES, WIDTH, save_encoder, tiny_config, world

WRAPPED = "backbone.model.base_model.model."


def base_of(family: str, path: str | None = None):
    name = path or world(family).base
    return load_base(name, Vocabulary.from_tokenizer(load_tokenizer(name), DataConfig()))


def linear_layers(family: str) -> dict[str, tuple[int, int]]:
    """Names and sizes of all linear layers but the output table, read off the plain transformers model."""
    base = AutoModelForCausalLM.from_pretrained(world(family).base)
    output = base.get_output_embeddings()
    found = {n: m for n, m in base.named_modules() if isinstance(m, nn.Linear | Conv1D) and m is not output}
    return {name: (int(module.weight.shape[0]), int(module.weight.shape[1])) for name, module in found.items()}


def test_a_model_that_lacks_weights_is_refused_before_it_is_trained(tmp_path):
    save_encoder(tmp_path / "encoder", layers=1, positions=32)
    with pytest.raises(ConfigError, match=r"it lacks cls\.predictions\.bias; pre-training makes a decoder of an enc"):
        base_of("bert", str(tmp_path / "encoder"))
    shutil.copytree(world("llama_untied").base, tmp_path / "body")
    weights = load_file(tmp_path / "body" / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, tmp_path / "body" / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ConfigError, match=r"body' is no causal language model: it lacks lm_head\.weight$"):
        base_of("llama", str(tmp_path / "body"))


TABLES = {
    "gpt2": ("transformer.wte",),
    "llama": ("model.embed_tokens",),
    "llama_untied": ("model.embed_tokens", "lm_head"),
    "qwen3": ("model.embed_tokens",),
    "bert": ("bert.embeddings.word_embeddings",),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_lora_trains_adapters_four_token_rows_and_heads_by_name(family):
    model = world(family).model(tiny_config("lora"))
    adapters = {f"{WRAPPED}{name}.lora_{side}.default.weight" for name in linear_layers(family) for side in ("A", "B")}
    rows = {f"{WRAPPED}{name}.rows" for name in TABLES[family]}
    heads = {name for name, _ in model.named_parameters() if not name.startswith("backbone.")}
    assert set(model.trained_parameters()) == adapters | rows | heads
    assert {name.split(".")[0] for name in heads} == {"item_encoder", "retriever", "reranker"}
    for name in rows:
        assert model.trained_parameters()[name].shape == (4, WIDTH)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_printed_count_is_the_closed_form(family):
    model = world(family).model(tiny_config("lora"))
    d, items, rank = WIDTH, len(model.catalogue), 2
    adapters = sum(rank * (left + right) for left, right in linear_layers(family).values())
    rows = len(TABLES[family]) * 4 * d
    mlp = 2 * (d * d + d)
    pointer = 2 * (d * 64 + 64) + 1
    heads = (24 + mlp + items * d) + (mlp + 3 + pointer) + (d * d + d + d + 1)  # item encoder, retriever, re-ranker
    plain = sum(p.numel() for p in base_of(family).parameters())
    trained, total = adapters + rows + heads, plain + adapters + rows + heads
    summary = TrainedParameters.of_model(model)
    assert (summary.trained, summary.total) == (trained, total)
    assert summary.share == trained / total
    assert str(summary) == f"trained {trained:,} of {total:,} parameters ({100 * trained / total:.2f} %)"


@pytest.mark.parametrize("family", FAMILIES)
def test_training_with_lora_moves_what_is_trained_and_no_other_bit(family, tmp_path):
    trainer = world(family).trainer(tiny_config("lora", epochs=1), tmp_path)
    model = trainer.model
    ids = torch.arange(len(model.vocabulary))
    before = {name: value.clone() for name, value in model.named_parameters()}
    buffers = {name: value.clone() for name, value in model.named_buffers() if name != "catalogue_vectors"}
    embedded = model.backbone.embed(ids).detach().clone()
    output = model.backbone.causal_lm.get_output_embeddings()(torch.eye(WIDTH)).detach().clone()
    assert trainer.train(lambda _: {"mean_recall": 0.0}).step >= 3
    moved = {name for name, value in model.named_parameters() if not torch.equal(value, before[name])}
    assert moved == set(model.trained_parameters())
    assert all(torch.equal(value, buffers[name]) for name, value in model.named_buffers() if name in buffers)
    ordinary = torch.ones(len(ids), dtype=torch.bool)
    ordinary[list(model.vocabulary.special)] = False
    changed = (model.backbone.embed(ids) != embedded).any(1)
    assert torch.equal(changed, ~ordinary)
    logits = model.backbone.causal_lm.get_output_embeddings()(torch.eye(WIDTH))
    assert torch.equal((logits != output).any(0)[: len(ids)], ~ordinary)


@pytest.mark.parametrize("family", FAMILIES)
def test_full_tuning_moves_the_whole_backbone_but_not_the_reader(family, tmp_path):
    trainer = world(family).trainer(tiny_config("full", epochs=1), tmp_path)
    model, reader = trainer.model, trainer.model.reader
    before = {name: value.clone() for name, value in model.named_parameters()}
    base = {name: value.clone() for name, value in reader.state_dict().items()}
    states, fingerprint = model.states.states.clone(), reader.fingerprint()
    trainer.train(lambda _: {"mean_recall": 0.0})
    assert set(before) == set(model.trained_parameters())
    assert TrainedParameters.of_model(model).share == 1.0
    still = {name for name, value in model.named_parameters() if torch.equal(value, before[name])}
    assert still == set()
    assert all(torch.equal(value, base[name]) for name, value in reader.state_dict().items())
    assert torch.equal(model.states.states, states)
    assert reader.fingerprint() == fingerprint != model.backbone.fingerprint()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_fingerprint_sees_base_weights_and_nothing_else(family, tmp_path):
    base = base_of(family)
    plain = base.fingerprint()
    adapted = add_adapters(base, LoraConfig(rank=2))
    assert adapted.fingerprint() == plain == base_of(family).fingerprint()
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if name in adapted.trainable_names():
                parameter.add_(1.0)
        assert adapted.fingerprint() == plain
        frozen = next(p for n, p in adapted.named_parameters() if n not in adapted.trainable_names())
        frozen.view(-1)[0] += 1e-3
    assert adapted.fingerprint() != plain


@pytest.mark.parametrize("family", FAMILIES)
def test_initial_token_rows_are_deterministic_distinct_and_of_ordinary_size(family):
    base = base_of(family)
    rows = token_rows(base)
    assert torch.equal(rows, token_rows(base_of(family)))
    assert all((rows[i] - rows[j]).norm() > 0 for i in range(4) for j in range(i))
    ordinary = base.embed(torch.arange(min(base.vocabulary.special))).norm(dim=1)
    assert 0.5 * ordinary.min() < rows.norm(dim=1).min()
    assert rows.norm(dim=1).max() < 2 * ordinary.max()
    adapted = add_adapters(base, LoraConfig(rank=2))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if name.endswith(".rows"):
                parameter.zero_()
    special = torch.tensor(adapted.vocabulary.special)
    assert torch.equal(adapted.embed(special), torch.zeros(4, WIDTH))
    assert torch.equal(token_rows(adapted), rows)


def test_lora_targets_are_obeyed():
    model = world("llama").model(tiny_config("lora", model={"lora": {"rank": 3, "targets": ["q_proj"]}}))
    adapters = {name for name in model.trained_parameters() if ".lora_" in name}
    assert {name.split(".")[-4] for name in adapters} == {"q_proj"}
    assert all(3 in model.trained_parameters()[name].shape for name in adapters)


LLAMA_LAYERS = "down_proj, gate_proj, k_proj, o_proj, q_proj, up_proj, v_proj"


@pytest.mark.parametrize(
    ("family", "targets", "wrong", "there"),
    [
        ("llama", ["no_such_layer"], "'no_such_layer'", LLAMA_LAYERS),
        ("gpt2", ["c_attn", "c_atn", "fc"], "'c_atn', 'fc'", "c_attn, c_fc, c_proj"),  # which peft would pass over
        ("gpt2", ["wte"], "'wte'", "c_attn, c_fc, c_proj"),  # no linear layer
        ("gpt2", ["c_attn", "mlp"], "'mlp'", "c_attn, c_fc, c_proj"),  # several layers under one name
        ("llama_untied", ["lm_head"], "'lm_head'", LLAMA_LAYERS),  # outside of the blocks
        ("bert", ["query", "decoder"], "'decoder'", "dense, key, query, value"),
    ],
)
def test_each_lora_target_must_be_a_linear_layer_of_the_blocks(family, targets, wrong, there):
    message = f"model.lora.targets: the backbone's blocks have no linear layer {wrong}; there are {there}"
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        add_adapters(base_of(family), LoraConfig(targets=tuple(targets)))


def test_lora_targets_may_name_the_layer_of_one_part(tmp_path):
    config = tiny_config("lora", model={"lora": {"rank": 2, "targets": ["attn.c_proj", "c_fc"]}})
    model = world("gpt2").model(config)
    adapters = {".".join(name.split(".")[-5:-3]) for name in model.trained_parameters() if ".lora_" in name}
    assert adapters == {"attn.c_proj", "mlp.c_fc"}
    save_adapters(model.backbone, tmp_path)
    load_adapters(base_of("gpt2"), config.model.lora, tmp_path)


def test_adapters_of_fewer_layers_or_another_width_are_refused(tmp_path):
    save_adapters(add_adapters(base_of("llama"), LoraConfig(rank=2)), tmp_path)
    tensors = load_file(tmp_path / "adapter_model.safetensors")
    removed = next(name for name in sorted(tensors) if "lora_B" in name)
    save_file(
        {name: value for name, value in tensors.items() if name != removed}, tmp_path / "adapter_model.safetensors"
    )
    with pytest.raises(CheckpointError, match=r"do not fit the backbone.*missing"):
        load_adapters(base_of("llama"), LoraConfig(rank=2), tmp_path)
    save_file({**tensors, removed: torch.zeros(5, 5)}, tmp_path / "adapter_model.safetensors")
    with pytest.raises(CheckpointError, match="do not fit the backbone"):
        load_adapters(base_of("llama"), LoraConfig(rank=2), tmp_path)


def test_saved_adapters_name_no_path(tmp_path):
    save_adapters(add_adapters(base_of("gpt2"), LoraConfig(rank=2)), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"adapter_config.json", "adapter_model.safetensors"}
    assert json.loads((tmp_path / "adapter_config.json").read_text())["base_model_name_or_path"] is None


def copied_base(tmp_path: Path) -> Path:
    return Path(shutil.copytree(world("llama").base, tmp_path / "base"))


@pytest.mark.parametrize("content", [None, b"", b"\x80\x04\x95pickle"])
def test_a_base_without_sound_safetensors_is_a_configuration_error(tmp_path, content):
    base = copied_base(tmp_path)
    weights = base / "model.safetensors"
    torch.save(load_file(weights), base / "pytorch_model.bin")
    weights.unlink()
    if content is not None:
        weights.write_bytes(content)
    with pytest.raises(ConfigError, match=r"model\.backbone: no causal language model"):
        base_of("llama", str(base))


def test_code_beside_a_tokeniser_or_model_is_never_run(tmp_path):
    base = copied_base(tmp_path)
    mark = tmp_path / "ran"
    (base / "planted.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    for name, values in (
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["planted.Tokenizer", None]}}),
        ("config.json", {"auto_map": {"AutoConfig": "planted.Config", "AutoModelForCausalLM": "planted.Model"}}),
    ):
        path = base / name
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    base_of("llama", str(base))
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_type": "planted"}))
    with pytest.raises(ConfigError, match=r"model\.backbone"):
        base_of("llama", str(base))
    assert not mark.exists()
