"""Several processes train the same model as one; each computes its share of every batch."""

import json
import os
import subprocess

import pytest
import torch
from safetensors.torch import load_file

from pecrs.data.loaders.prepare import save_prepared
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.splits import Prepared
from tiny import load_folder

CONFIG = """\
data: {max_context_tokens: 96, max_response_tokens: 16, max_item_tokens: 16}
model:
  scratch: {vocabulary: 400, hidden: 16, layers: 1, heads: 2, intermediate: 32, positions: 160}
  tuning: full
  item_embedding: true
training:
  epochs: 2
  batch_size: 5
  accumulation: 2
  negatives: 9
  embedding_dropout: 0.2
  validation_dialogues: 5
  gradient_clip: 0.5
  micro_batch_tokens: 300
  precision: fp32
generation: {shortlist: 5}
"""
TOLERANCE = 1e-5
"""Of losses and weights in single precision: sums are made in another order."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    catalogue, dialogues = film_world(0, 30)
    prepared = Prepared(catalogue, {"train": tuple(dialogues[:22]), "valid": tuple(dialogues[22:])})
    save_prepared(folder / "data", prepared)
    (folder / "tiny.yaml").write_text(CONFIG)
    return folder


@pytest.fixture(scope="module")
def launch(folder, quick_python):
    """Return what trains in so many processes, and returns the completed launcher."""

    def run(name, processes, *arguments):
        launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", processes]
        data = ["--data", folder / "data", "--output", folder / name]
        program = ["-m", "pecrs.cli", "train", folder / "tiny.yaml", *data]
        command = [quick_python, *(launcher if processes > 1 else ()), *program, *arguments]
        own = {"OMP_NUM_THREADS": "1", "PECRS_CACHE": str(folder / "cache"), "CUDA_VISIBLE_DEVICES": ""}
        return subprocess.run(
            list(map(str, command)), env=os.environ | own, capture_output=True, text=True, timeout=300
        )

    return run


def losses(folder):
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    timings = ("tokens_per_second", "seconds")
    return [{key: value for key, value in row.items() if key not in timings} for row in rows]


def assert_alike(one, two):
    """Compare the losses, validations and checkpoints of two runs."""
    left, right = losses(one), losses(two)
    assert len(left) == len(right) > 8
    for before, after in zip(left, right, strict=True):
        assert before.keys() == after.keys()
        for key, value in before.items():
            assert after[key] == pytest.approx(value, abs=TOLERANCE, rel=TOLERANCE), key
    left, right = (load_file(run / "checkpoint" / "state.safetensors") for run in (one, two))
    assert left.keys() == right.keys()
    for key, value in left.items():
        assert (value - right[key]).abs().max() < 100 * TOLERANCE, key


@pytest.mark.parametrize("shared", ["true", "false"])
def test_two_processes_train_what_one_trains(folder, launch, shared):
    runs = []
    for processes in (1, 2):
        runs.append(folder / f"{processes}-{shared}")
        done = launch(runs[-1].name, processes, "--set", f"training.share_over_batch={shared}")
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("best mean recall") == 1
    assert_alike(*runs)


def test_processes_that_share_a_frozen_backbone_train_what_one_trains(folder, launch):
    """Blocks are computed again on the way back, too; and a model that was saved from halves is a whole one."""
    settings = "model.tuning=lora", "training.shard_backbone=true", "training.gradient_checkpointing=true"
    arguments = [part for setting in settings for part in ("--set", setting)]
    runs = [folder / "whole", folder / "halves"]
    for run, processes in zip(runs, (1, 2), strict=True):
        done = launch(run.name, processes, *arguments)
        assert done.returncode == 0, done.stderr
    assert_alike(*runs)
    vectors = [load_folder(run / "model").catalogue_vectors for run in runs]
    torch.testing.assert_close(*vectors, atol=100 * TOLERANCE, rtol=0)


HALVES = """
import sys
from torch import distributed
from pecrs.config import DataConfig, LoraConfig
from pecrs.data.vocabulary import Vocabulary
from pecrs.model.backbone.adapters import add_adapters
from pecrs.model.backbone.base import load_base, load_tokenizer
from pecrs.model.backbone.blocks import shard_blocks
from pecrs.training.workers import Workers

workers = Workers()
base = load_base(sys.argv[1], Vocabulary.from_tokenizer(load_tokenizer(sys.argv[1]), DataConfig()))
backbone = add_adapters(base, LoraConfig())
before = {name: parameter.numel() for name, parameter in backbone.named_parameters()}
fingerprint = backbone.fingerprint()
shard_blocks(backbone, workers.mesh)
for name, parameter in backbone.named_parameters():
    held = parameter.to_local().numel() if hasattr(parameter, "to_local") else parameter.numel()
    frozen = ".layers." in name and "lora_" not in name
    assert abs(held * (2 if frozen else 1) - before[name]) <= frozen, name
assert backbone.fingerprint() == fingerprint
distributed.destroy_process_group()
"""


def test_each_process_holds_its_half_of_the_frozen_blocks(folder, launch, quick_python):
    assert launch("base-alone", 1, "--set", "training.epochs=1").returncode == 0
    (folder / "halves.py").write_text(HALVES)
    launcher = [quick_python, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*launcher, str(folder / "halves.py"), str(folder / "base-alone" / "base")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_a_mistake_ends_all_processes(folder, launch):
    done = launch("wrong", 2, "--set", "training.learning_rate=1e30")
    assert done.returncode != 0
    assert "training.learning_rate: the loss became" in done.stderr
