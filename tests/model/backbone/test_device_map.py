"""A backbone that lies on several devices, or partly on the disk, computes what it computes in one place."""

import json
import os
import subprocess
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import AutoConfig, LlamaConfig, LlamaForCausalLM

from pecrs.config import Config, DataConfig
from pecrs.data.protocol import instances
from pecrs.data.splits import Prepared
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import CheckpointError, ConfigError
from pecrs.evaluation.validation import recall_validation
from pecrs.index.folder import build_index
from pecrs.inference.explanation import turn_effects
from pecrs.inference.recommender import Recommender
from pecrs.model.attention import Packing
from pecrs.model.backbone import blocks
from pecrs.model.backbone import device_map as module
from pecrs.model.backbone.base import load_base, load_tokenizer, quiet_loading
from pecrs.model.backbone.device_map import MemoryBudget, Parts, device_map_of, parse_memory_budgets, place_blocks
from pecrs.model.generator import ConversationCache
from pecrs.model.persistence.build import build_model
from pecrs.train import train
from pecrs.training.streams import popularity_counts
from pecrs.training.trainer import Trainer
from pecrs.training.workers import Workers
from tiny import FAMILIES, load_folder, save_folder, tiny_config, world

GIB = 2**30
LLAMA = LlamaConfig(
    vocab_size=300, hidden_size=16, intermediate_size=24, num_hidden_layers=4, num_attention_heads=2,
    max_position_embeddings=64, tie_word_embeddings=True,
)  # fmt: skip
TALKS = 5
"""Dialogues of a story: two training steps."""
BLOCK = 4 * (4 * 16 * 16 + 3 * 16 * 24 + 2 * 16)


@pytest.mark.parametrize(
    ("text", "budgets"),
    [
        ("cpu", (MemoryBudget("cpu"),)),
        ("cpu=2GiB,disk", (MemoryBudget("cpu", 2 * GIB), MemoryBudget("disk"))),
        (" cpu = 500MB , disk ", (MemoryBudget("cpu", 500 * 10**6), MemoryBudget("disk"))),
    ],
)
def test_device_maps_are_read(text, budgets):
    assert parse_memory_budgets(text) == budgets


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("gpu", "'gpu' is no device; auto, cpu, cuda:0 or disk are"),
        ("", "'' is no device"),
        ("meta", "'meta' is no device"),
        ("cuda:99", "cuda:99: there is no such device here"),
        ("cpu=much,disk", "'cpu=much': a size is expected, as in 20GiB"),
        ("cpu=,disk", "'cpu=': a size is expected"),
        ("cpu=infGiB,disk", "'cpu=infGiB': a size is expected"),
        ("hpu", "hpu: there is no such device here"),
        ("disk", "accelerators come first, by their numbers, then cpu, then disk"),
        ("disk,cpu", "accelerators come first, by their numbers, then cpu, then disk"),
        ("cpu,cpu=3GiB", "names a device twice"),
        ("cpu,disk,disk", "names a device twice"),
        ("cpu:1", "cpu:1: there is no such device here"),
        ("auto,cpu", "auto stands alone"),
        ("auto=1GiB", "auto stands alone"),
    ],
)
def test_a_wrong_device_map_is_refused(text, mistake):
    with pytest.raises(ConfigError, match=f"^device_map: .*{mistake}"):
        parse_memory_budgets(text)


def test_auto_is_the_cpu_where_there_is_nothing_else(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    assert parse_memory_budgets("auto") == (MemoryBudget("cpu"),)


def test_auto_is_all_accelerators_and_then_the_memory(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)
    assert parse_memory_budgets("auto") == (MemoryBudget("cuda:0"), MemoryBudget("cuda:1"), MemoryBudget("cpu"))


def place(budgets, sizes=(10,) * 6, rest=5, free=None):
    """Return the devices of blocks as numbers of budgets."""
    placed = place_blocks(
        sizes, rest, budgets, {budget.device: (free or {}).get(budget.device, 0) for budget in budgets}
    )
    names = [budget.device for budget in budgets]
    return [names.index(device) for device in placed]


GPUS = MemoryBudget("cuda:0"), MemoryBudget("cuda:1"), MemoryBudget("cpu")


def test_accelerators_without_a_limit_get_equally_many_blocks():
    assert place(GPUS, free={"cuda:0": 1000, "cuda:1": 1000}) == [0, 0, 0, 1, 1, 1]


def test_one_that_has_less_room_gets_fewer():
    assert place(GPUS, free={"cuda:0": 1000, "cuda:1": 10}) == [0, 0, 0, 0, 0, 1]
    assert place(GPUS, free={"cuda:0": 25, "cuda:1": 1000}) == [0, 0, 1, 1, 1, 1]


def test_limits_are_filled_in_order():
    budgets = MemoryBudget("cuda:0", 1000), MemoryBudget("cuda:1", 1000)
    assert place(budgets) == [0] * 6
    assert place((MemoryBudget("cuda:0", 34), MemoryBudget("cuda:1", 50))) == [0, 0, 1, 1, 1, 1]


def test_what_computes_nowhere_leaves_room_for_one_block_on_the_first_device():
    budgets = MemoryBudget("cuda:0", 45), MemoryBudget("cpu", 1000)
    assert place(budgets) == [0, 0, 0, 1, 1, 1]  # 45 - 5 holds four, one of them for blocks that come from memory
    assert place((MemoryBudget("cpu", 45), MemoryBudget("disk")), free={"disk": 1000}) == [0, 0, 0, 1, 1, 1]
    assert place((MemoryBudget("cuda:0", 45), MemoryBudget("cpu", 10), MemoryBudget("disk")), free={"disk": 1000}) == [
        0,
        0,
        0,
        1,
        2,
        2,
    ]


def test_that_room_is_kept_only_where_it_is_needed():
    assert place((MemoryBudget("cuda:0", 65), MemoryBudget("cpu", 1000))) == [0] * 6
    assert place((MemoryBudget("cuda:0", 35), MemoryBudget("cuda:1", 30), MemoryBudget("cpu", 1000))) == [
        0,
        0,
        0,
        1,
        1,
        1,
    ]


def test_blocks_of_many_sizes_go_where_they_fit():
    assert place((MemoryBudget("cuda:0", 20), MemoryBudget("cuda:1", 30)), sizes=(5, 15, 15), rest=0) == [0, 0, 1]


@pytest.mark.parametrize(
    "budgets",
    [
        (MemoryBudget("cuda:0", 64),),
        (MemoryBudget("cuda:0", 14), MemoryBudget("cpu", 1000)),
        (MemoryBudget("cuda:0", 4), MemoryBudget("cuda:1", 1000)),
        GPUS,
    ],
)
def test_too_little_room_is_refused(budgets):
    with pytest.raises(ConfigError, match=r"^device_map: 6 blocks of .* do not fit cuda:0"):
        place(budgets)


def test_what_there_is_room_for_is_said():
    with pytest.raises(
        ConfigError, match=r"2 blocks of 3\.0 MiB and 1\.5 MiB of all else do not fit cpu \(4\.0 MiB\), disk;"
    ):
        place((MemoryBudget("cpu", 2**22), MemoryBudget("disk")), sizes=(3 * 2**20,) * 2, rest=3 * 2**19)


def test_the_limit_of_a_single_device_holds():
    parts = Parts.of_config(LLAMA)
    whole = parts.rest + sum(parts.blocks.values())
    assert device_map_of(LLAMA, (MemoryBudget("cpu", whole),), "none") == {"": "cpu"}
    with pytest.raises(ConfigError, match=r"^device_map: 4 blocks of .* do not fit cpu"):
        device_map_of(LLAMA, (MemoryBudget("cpu", whole - 1),), "none")


def test_all_but_blocks_is_mapped_to_the_first_device(monkeypatch):
    monkeypatch.setattr(module, "get_max_memory", lambda: {0: GIB, 1: GIB, "cpu": GIB})
    placed = device_map_of(LLAMA, GPUS, "none")
    assert placed == {
        "model.embed_tokens": 0, "model.norm": 0, "model.rotary_emb": 0, "lm_head": 0,
        "model.layers.0": 0, "model.layers.1": 0, "model.layers.2": 1, "model.layers.3": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "blocks"), [("none", 1), ("8bit", 4), ("4bit", 8)])
def test_quantised_blocks_take_less_room(kind, blocks, monkeypatch):
    monkeypatch.setattr(module, "get_max_memory", lambda: {0: GIB, 1: GIB, "cpu": GIB})
    shape = LlamaConfig(**{**LLAMA.to_dict(), "num_hidden_layers": 9})
    rest = 4 * (300 * 16 + 16) + 4 * 4 * 2  # and two sets of rotary frequencies
    budgets = MemoryBudget("cuda:0", rest + BLOCK), MemoryBudget("cuda:1")
    placed = device_map_of(shape, budgets, kind)
    assert [placed[f"model.layers.{number}"] for number in range(9)] == [0] * blocks + [1] * (9 - blocks)


def test_the_rest_is_single_precision_whatever_the_files_hold():
    half = LlamaConfig(**{**LLAMA.to_dict(), "dtype": "bfloat16"})
    assert Parts.of_config(half) == Parts.of_config(LLAMA)


def test_quantised_blocks_lie_on_accelerators(monkeypatch):
    monkeypatch.setattr(module, "get_max_memory", lambda: {0: GIB, "cpu": GIB})
    assert device_map_of(LLAMA, (MemoryBudget("cuda:0"), MemoryBudget("cpu")), "4bit") == {"": 0}
    with pytest.raises(ConfigError, match=r"device_map: model\.quantization: 4bit needs an accelerator"):
        device_map_of(LLAMA, (MemoryBudget("cpu"),), "4bit")


@pytest.mark.parametrize("device", ["cpu", "disk"])
def test_a_limit_that_quantised_blocks_cannot_use_is_refused(device):
    budgets = (MemoryBudget("cuda:0"), MemoryBudget(device, GIB))
    with pytest.raises(ConfigError, match=rf"^device_map: blocks held in 8bit lie on accelerators alone, so {device}"):
        device_map_of(LLAMA, budgets, "8bit")


def test_a_tenth_of_what_is_free_is_left(monkeypatch):
    parts = Parts.of_config(LLAMA)
    whole = parts.rest + sum(parts.blocks.values())
    for share, used in ((0.89, {0}), (0.91, {0, "cpu"})):
        monkeypatch.setattr(module, "get_max_memory", lambda: {0: int(whole / share), "cpu": GIB})  # noqa: B023
        placed = set(device_map_of(LLAMA, (MemoryBudget("cuda:0"), MemoryBudget("cpu")), "none").values())
        assert placed == used, share


def test_a_family_without_known_blocks_lies_on_one_device(monkeypatch):
    monkeypatch.setattr(blocks, "GradientCheckpointingLayer", type("Other", (nn.Module,), {}))
    with pytest.raises(ConfigError, match="device_map: the family 'llama' can only lie on one device"):
        device_map_of(LLAMA, (MemoryBudget("cpu"), MemoryBudget("disk")), "none")


def tight(family, first="cpu", behind="disk"):
    """Return a device map that leaves no room for blocks beside what must lie on the first device."""
    parts = Parts.of_config(AutoConfig.from_pretrained(world(family, TALKS).base))
    budget = parts.rest + 1.6 * next(iter(parts.blocks.values()))
    return f"{first}={budget / 2**10:.0f}KiB,{behind}"


def build(family, config, device_map):
    w = world(family, TALKS)
    popularity = popularity_counts(w.dialogues, w.catalogue)
    states = Path(tempfile.mkdtemp(dir=w.cache.parent))
    return build_model(
        config.model, config.data, w.catalogue, popularity, w.base, seed=0, cache=states, device_map=device_map
    )


def story(family, device_map, config):
    """Train a model, load it and ask it all that a model is asked; return what it says."""
    w = world(family)
    model = build(family, config, device_map)
    folder = Path(tempfile.mkdtemp(dir=w.cache.parent))
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0  # devices draw differently
    trainer = Trainer(model, config, w.streams(model), folder, w.base)
    trainer.train(recall_validation(w.dialogues, config))
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    w.catalogue.save(folder / "catalogue.jsonl")
    trained = load_folder(folder / "model", device_map=device_map)
    build_index(trained, folder / "catalogue.jsonl", folder / "index", shard_items=7)
    recommender = Recommender.from_pretrained(folder, index=folder / "index", device_map=device_map)
    read, turns, first = ConversationCache(), recommender.linked(w.dialogues[0].turns), w.catalogue.items[0]
    new = replace(first, id="new", title="The Newest Film")
    changed = recommender.with_items([new], [w.catalogue.items[3].id])
    return {
        "devices": sorted({str(weight.device) for weight in trained.parameters()}),
        "losses": [row["total"] for row in rows if "total" in row],
        "recall": [row["validation"] for row in rows if "validation" in row],
        "rankings": [ranking.items for ranking in recommender.rank(instances(w.dialogues, "standard", "all"), 10)],
        "replies": [said(recommender.respond(turns[:end], count=3, cache=read)) for end in (1, 3)],
        "with a new item": said(changed.respond(turns[:1], recommend=True)),
        "effects": [e.change for e in turn_effects(recommender.ranker, turns[:3], [first.id], read)[first.id]],
    }


@cache
def alone(family):
    """Return what a model on the CPU says."""
    return story(family, "", settings(family))


def said(reply):
    """Return a reply's words and scores, these up to a constant, which training leaves to rounding."""
    scores = [[found.item.id, reply.items[0].score - found.score] for found in reply.items]
    return [reply.text, reply.probability, *scores]


def settings(family, device_map=""):
    """Return a run's configuration; greedy, since pretended devices draw no numbers, and in passes of one size."""
    return tiny_config(
        data={"max_response_tokens": 12},
        epochs=1,
        learning_rate=1e-3,
        head_learning_rate=1e-3,
        micro_batch_tokens=600,
        precision="fp32",
        embedding_dropout=0.2,
        gradient_checkpointing=family == "llama_untied",
        device_map=device_map,
        generation={"strategy": "greedy", "beams": 3 if family == "gpt2" else 1, "shortlist": 20},
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_blocks_on_the_disk_compute_what_blocks_in_memory_do(family):
    device_map = tight(family)
    here, there = alone(family), story(family, device_map, settings(family, device_map))
    assert (here["devices"], there["devices"]) == (["cpu"], ["cpu", "meta"])
    assert there | {"devices": here["devices"]} == here


def test_tied_rows_are_not_taken_for_blocks_from_the_disk(tmp_path, caplog):
    tokenizer = load_tokenizer(world("llama").base)
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=3, num_attention_heads=2,
        max_position_embeddings=64, tie_word_embeddings=True,
    )  # fmt: skip
    with quiet_loading():
        LlamaForCausalLM(shape).to(torch.bfloat16).save_pretrained(str(tmp_path))  # read anew into single precision
    vocabulary, parts = Vocabulary.from_tokenizer(tokenizer, DataConfig()), Parts.of_config(shape)
    budget = 2 * parts.rest + 1.6 * next(iter(parts.blocks.values()))
    positions, read = torch.arange(8)[None], []
    for device_map in ("", f"cpu={budget / 2**10:.0f}KiB,disk"):
        backbone = load_base(str(tmp_path), vocabulary, device_map=device_map).eval()
        with torch.no_grad():
            read.append(backbone(backbone.embed(positions), positions, Packing.of_sizes(torch.tensor([8]))))
    assert backbone.spread
    assert torch.equal(*read)
    assert not [record for record in caplog.records if record.name.startswith("accelerate")]


@pytest.fixture(scope="module")
def far(tmp_path_factory, run_far):
    """Return what models say on accelerators: on two, and on one that has too little budget."""
    folder = tmp_path_factory.mktemp("far")
    script = """
import json
from pretended import pretend
from test_device_map import GIB, module, settings, story, tight

pretend()
module.get_max_memory = lambda: {0: GIB, 1: GIB, "cpu": GIB}
maps = {"gpt2": "auto", "llama_untied": "pretended:0,pretended:1", "bert": tight("bert", "pretended:0", "cpu")}
stories = {family: story(family, devices, settings(family, devices)) for family, devices in maps.items()}
print(json.dumps(stories))
"""
    finished = run_far(script, folder)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def run_far(quick_python):
    """Return what runs Python with pretended accelerators in a folder."""
    places = [str(Path(__file__).parent), str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]

    def run(script, folder):
        variables = os.environ | {"PYTHONPATH": os.pathsep.join(places), "PECRS_CACHE": str(folder)}
        command = [quick_python, "-c", script]
        return subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, timeout=600)

    return run


@pytest.mark.parametrize(
    ("family", "devices"),
    [
        ("gpt2", ["pretended:0", "pretended:1"]),
        ("llama_untied", ["pretended:0", "pretended:1"]),
        ("bert", ["meta", "pretended:0"]),
    ],
)
def test_accelerators_train_rank_and_answer_as_the_cpu_does(family, devices, far):
    here, there = json.loads(json.dumps(alone(family))), far[family]
    assert (here.pop("devices"), there.pop("devices")) == (["cpu"], devices)
    assert flat(there) == pytest.approx(flat(here), rel=1e-4, abs=1e-4)
    assert words(there) == words(here)


def flat(value):
    """Return the numbers of a tree, in order."""
    if isinstance(value, float | int):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [number for part in parts for number in flat(part)]


def words(value):
    """Return the strings of a tree, in order."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [word for part in parts for word in words(part)]


def test_pretended_devices_refuse_tensors_of_elsewhere(tmp_path, run_far):
    script = """
import pretended, torch

pretended.pretend()
for other in ("pretended:1", "cpu"):
    try:
        torch.ones(2, device="pretended:0") + torch.ones(2, device=other)
    except RuntimeError as error:
        print(error)
"""
    finished = run_far(script, tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert [line.partition(" tensors of ")[::2] for line in finished.stdout.splitlines()] == [
        ("aten.add.Tensor is given", "pretended:0, pretended:1"),
        ("aten.add.Tensor is given", "cpu, pretended:0"),
    ]


def test_accelerators_are_named_by_their_numbers(tmp_path, run_far):
    script = """
from pretended import pretend
from pecrs.model.backbone.device_map import parse_memory_budgets

pretend()
print(*(budget.device for budget in parse_memory_budgets("pretended,pretended:1,cpu,disk")))
parse_memory_budgets("pretended:1,pretended:0")
"""
    finished = run_far(script, tmp_path)
    assert finished.stdout == "pretended:0 pretended:1 cpu disk\n"
    assert "ConfigError: device_map: 'pretended:1,pretended:0': accelerators come first, by their" in finished.stderr


def test_a_model_that_is_spread_stays_where_it_is():
    model = build("gpt2", settings("gpt2"), tight("gpt2"))
    before = [(weight.device, weight.dtype) for weight in model.backbone.parameters()]
    assert model.backbone.spread
    assert model.to(torch.float64).item_encoder.pooling.dtype is torch.float64
    assert [(weight.device, weight.dtype) for weight in model.backbone.parameters()] == before


def test_what_is_loaded_elsewhere_is_the_same_model():
    spread, whole = (build("gpt2", settings("gpt2"), where) for where in (tight("gpt2"), ""))
    assert spread.backbone.fingerprint() == whole.backbone.fingerprint()
    assert torch.equal(spread.catalogue_vectors, whole.catalogue_vectors)
    trained = spread.trained_parameters()
    assert trained.keys() == whole.trained_parameters().keys()
    assert all(torch.equal(weight, trained[name]) for name, weight in whole.trained_parameters().items())


def test_blocks_that_lie_apart_are_not_tuned_whole(tmp_path):
    with pytest.raises(ConfigError, match=r"device_map: blocks on several devices are not tuned; model\.tuning"):
        build("gpt2", tiny_config("full"), tight("gpt2"))
    whole = build("gpt2", tiny_config("full"), "cpu")
    save_folder(whole, tmp_path / "model", world("gpt2", TALKS).base, include_base=False)
    with pytest.raises(CheckpointError, match="device_map: blocks on several devices are not tuned"):
        load_folder(tmp_path / "model", device_map=tight("gpt2"))
    assert load_folder(tmp_path / "model", device_map="cpu").device == torch.device("cpu")


def test_a_mistake_in_a_device_map_is_none_of_the_folder(tmp_path):
    with pytest.raises(ConfigError, match=r"^device_map: 'gpu' is no device"):
        load_folder(tmp_path, device_map="gpu")


@pytest.mark.parametrize(("shared", "expected"), [(True, ""), (False, "cpu")])
def test_what_processes_share_is_not_loaded_whole_on_a_device(shared, expected, tmp_path, monkeypatch):
    class LoadedError(Exception):
        """The end of the test."""

    def load(*_, device_map, **__):
        raise LoadedError(device_map)

    def two():
        workers = Workers()
        workers.count = 2
        return workers

    monkeypatch.setattr("pecrs.training.launch.Workers", two)
    monkeypatch.setattr("pecrs.training.launch.build_model", load)
    w = world("gpt2")
    data = Prepared(w.catalogue, {"train": w.dialogues, "valid": w.dialogues})
    with pytest.raises(LoadedError, match=f"^{expected}$"):
        train(tiny_config(shard_backbone=shared), data, tmp_path / "run")


def test_a_frozen_backbone_is_spread_over_processes_or_over_devices():
    with pytest.raises(ConfigError, match=r"training\.device_map: training\.shard_backbone spreads"):
        Config.from_dict({"training": {"device_map": "auto", "shard_backbone": True}})


def test_several_processes_are_told_to_share_instead(tmp_path, monkeypatch):
    two = type("Two", (Workers,), {"__init__": lambda _: None, "count": 2})
    monkeypatch.setattr("pecrs.training.launch.Workers", two)
    w = world("gpt2")
    data = Prepared(w.catalogue, {"train": tuple(w.dialogues), "valid": tuple(w.dialogues)})
    with pytest.raises(ConfigError, match=r"training\.device_map: one process is expected"):
        train(settings("gpt2", "cpu"), data, tmp_path / "run")
    assert not (tmp_path / "run").exists()
