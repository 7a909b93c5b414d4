"""A checkpoint restores every bit or nothing, and the previous one outlives any failure."""

from __future__ import annotations

import json
import os
import resource
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from pecrs.errors import CheckpointError
from pecrs.training.checkpoint import RunState, load_checkpoint, save_checkpoint

PROGRESS = RunState(epoch=1, batch=4, step=9, best=0.25, stale=2, seconds=12.5, data="d", base="b")


class Toy:
    """Two parameters, one of them not yet stepped on, under AdamW."""

    def __init__(self, seed: int, steps: int, width: int = 400) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.parameters = {
            "matrix": nn.Parameter(torch.randn(width, 3, generator=generator)),
            "scale": nn.Parameter(torch.randn((), generator=generator)),
            "unused": nn.Parameter(torch.randn(2, generator=generator)),
        }
        self.optimizer = torch.optim.AdamW(self.parameters.values(), lr=0.1, fused=True)
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        self.optimizer.zero_grad()
        ((self.parameters["matrix"] ** 2).sum() * self.parameters["scale"]).backward()
        self.optimizer.step()

    def save(self, folder: Path, progress: RunState = PROGRESS) -> None:
        save_checkpoint(folder, self.parameters, self.optimizer, progress)

    def load(self, folder: Path, data: str = "d", base: str = "b") -> RunState | None:
        return load_checkpoint(folder, self.parameters, self.optimizer, data=data, base=base)

    def values(self) -> list[torch.Tensor]:
        states = [self.optimizer.state.get(p, {}) for p in self.parameters.values()]
        moments = [state[key] for state in states for key in sorted(state)]
        return [value.detach().clone() for value in (*self.parameters.values(), *moments)]


def equal(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.fixture
def folder(tmp_path) -> Path:
    Toy(0, 3).save(tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def test_parameters_moments_and_progress_come_back_and_go_on_alike(folder):
    original, restored = Toy(0, 3), Toy(1, 0)
    assert restored.load(folder) == PROGRESS
    assert equal(original.values(), restored.values())
    for _ in range(3):
        original.step()
        restored.step()
    assert equal(original.values(), restored.values())
    assert {path.name for path in folder.iterdir()} == {"state.safetensors", "progress.json"}


def test_a_restored_run_does_not_write_into_its_checkpoint(folder):
    before = (folder / "state.safetensors").read_bytes()
    restored = Toy(1, 0)
    restored.load(folder)
    restored.step()
    assert (folder / "state.safetensors").read_bytes() == before


def test_no_checkpoint_is_none_and_changes_nothing(tmp_path):
    toy = Toy(1, 2)
    before = toy.values()
    assert toy.load(tmp_path / "checkpoint") is None
    assert equal(toy.values(), before)


STATE, WHERE = "state.safetensors", "progress.json"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def change_tensors(folder: Path, removed: str = "", **added: torch.Tensor) -> None:
    kept = {name: value for name, value in load_file(folder / STATE).items() if name != removed}
    save_file({**kept, **{f"parameter/{name}": value for name, value in added.items()}}, folder / STATE)


def change_progress(folder: Path, removed: str = "", **added: object) -> None:
    values = json.loads((folder / WHERE).read_text())
    (folder / WHERE).write_text(json.dumps({name: v for name, v in {**values, **added}.items() if name != removed}))


DAMAGES = {
    "no state": (lambda folder: (folder / STATE).unlink(), "broken"),
    "no progress": (lambda folder: (folder / WHERE).unlink(), "broken"),
    "cut state": (lambda folder: cut(folder / STATE), "broken"),
    "cut progress": (lambda folder: cut(folder / WHERE), "broken"),
    "foreign state": (lambda folder: (folder / STATE).write_bytes(b"\x80\x04\x95\x05pickle"), "broken"),
    "foreign progress": (lambda folder: (folder / WHERE).write_text("[1, 2]"), "broken"),
    "field missing": (lambda folder: change_progress(folder, "step"), "broken"),
    "field of another type": (lambda folder: change_progress(folder, step="9"), "broken"),
    "moment missing": (lambda folder: change_tensors(folder, "exp_avg_sq/matrix"), "broken"),
    "parameter missing": (lambda folder: change_tensors(folder, "parameter/scale"), "'scale'"),
    "parameter too many": (lambda folder: change_tensors(folder, other=torch.zeros(1)), "'other'"),
    "another shape": (lambda folder: change_tensors(folder, unused=torch.zeros(3)), "'unused'"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_broken_or_foreign_checkpoint_is_refused_and_changes_nothing(folder, kind):
    damage, message = DAMAGES[kind]
    damage(folder)
    toy = Toy(1, 2)
    before = toy.values()
    with pytest.raises(CheckpointError, match=message):
        toy.load(folder)
    assert equal(toy.values(), before)


@pytest.mark.parametrize(
    ("hashes", "message"), [({"data": "x"}, "other training data"), ({"base": "x"}, "another model")]
)
def test_other_data_and_another_base_are_refused_and_change_nothing(folder, hashes, message):
    toy = Toy(1, 2)
    before = toy.values()
    with pytest.raises(CheckpointError, match=message):
        toy.load(folder, **hashes)
    assert equal(toy.values(), before)


@pytest.mark.parametrize("limit", [0, 500])
def test_a_disk_that_fills_up_keeps_the_previous_checkpoint(folder, limit):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(CheckpointError, match="cannot be written"):
            Toy(0, 5).save(folder, replace(PROGRESS, step=11))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in folder.parent.iterdir()] == ["checkpoint"]
    assert Toy(1, 0).load(folder) == PROGRESS


@pytest.mark.parametrize("step", [1, 2])
def test_a_run_killed_during_the_swap_has_a_checkpoint(folder, monkeypatch, step):
    calls, rename = [], os.replace

    def killed(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == step:
            raise KeyboardInterrupt
        rename(self, target)
        return Path(target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        Toy(0, 5).save(folder, replace(PROGRESS, step=11))
    monkeypatch.undo()
    toy = Toy(1, 0)
    assert toy.load(folder) == PROGRESS
    assert equal(toy.values(), Toy(0, 3).values())
    Toy(0, 5).save(folder, replace(PROGRESS, step=11))
    assert Toy(1, 0).load(folder) == replace(PROGRESS, step=11)
    assert [path.name for path in folder.parent.iterdir()] == ["checkpoint"]


def test_a_failure_after_a_killed_swap_keeps_the_only_checkpoint(folder):
    folder.rename(folder.with_name(".checkpoint.old"))
    shutil.copytree(folder.with_name(".checkpoint.old"), folder.with_name(".checkpoint.new"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(CheckpointError, match="cannot be written"):
            Toy(0, 5).save(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert Toy(1, 0).load(folder) == PROGRESS
