"""A run that was cut short and resumed is, bit for bit, the run that was not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from pecrs.config import Config
from pecrs.errors import CheckpointError
from pecrs.training.loop import MODEL_FOLDER
from pecrs.training.trainer import Trainer
from tiny import tiny_config, world


class DeathError(Exception):
    """Stands for whatever ends a run."""


def recall_of(model) -> dict[str, float]:
    """A metric that every step changes, and that is not monotonic."""
    return {"mean_recall": float(torch.sin(1000 * model.catalogue_vectors.sum()))}


def log_of(folder: Path) -> list[dict]:
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in row.items() if key not in ("tokens_per_second", "seconds")} for row in rows]


def finish(trainer: Trainer) -> Trainer:
    trainer.train(recall_of)
    return trainer


def cut(config: Config, folder: Path, batches: int, family: str) -> None:
    """Run until so many batches are done, and die before the next."""
    trainer = world(family, 6).trainer(config, folder)
    compute, left = trainer.compute, iter([None] * batches)

    def dying(*arguments):
        try:
            next(left)
        except StopIteration:
            raise DeathError from None
        return compute(*arguments)

    trainer.compute = dying
    with pytest.raises(DeathError):
        trainer.train(recall_of)


def resumed(config: Config, folder: Path, family: str) -> Trainer:
    trainer = world(family, 6).trainer(config, folder)
    assert trainer.resume()
    return finish(trainer)


def assert_same_run(one: Trainer, other: Trainer) -> None:
    assert log_of(one.folder) == log_of(other.folder)
    for (name, left), right in zip(one.parameters.items(), other.parameters.values(), strict=True):
        assert torch.equal(left, right), name
        states = [trainer.optimizer.state[p] for trainer, p in ((one, left), (other, right))]
        assert all(torch.equal(states[0][key], states[1][key]) for key in ("step", "exp_avg", "exp_avg_sq")), name
    assert torch.equal(one.model.catalogue_vectors, other.model.catalogue_vectors)
    ends = [(p.epoch, p.batch, p.step, p.best, p.stale) for p in (one.state, other.state)]
    assert ends[0] == ends[1]
    assert_same_files(one.folder / MODEL_FOLDER, other.folder / MODEL_FOLDER)


def assert_same_files(one: Path, other: Path) -> None:
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(other)) for path in other.rglob("*") if path.is_file())
    for name in names:
        if name.endswith(".safetensors"):  # the order of its header is not fixed
            left, right = load_file(one / name), load_file(other / name)
            assert set(left) == set(right)
            assert all(torch.equal(left[key], right[key]) for key in left), name
        else:
            assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.mark.parametrize(
    ("family", "tuning", "accumulation"),
    [("gpt2", "lora", 1), ("llama_untied", "lora", 2), ("bert", "full", 2), ("gpt2", "lora", 3)],
)
def test_a_run_cut_anywhere_and_resumed_is_the_run_that_was_not(family, tuning, accumulation, tmp_path):
    """Two cuts, one in each epoch, so that the border lies between; GPT-2 and BERT drop activations at random."""
    config = tiny_config(
        tuning, epochs=2, batch_size=2, accumulation=accumulation, checkpoint_minutes=1e-9, validate_every_epochs=0.4
    )
    whole = finish(world(family, 6).trainer(config, tmp_path / "whole"))
    per_epoch = len(whole.epochs[0])
    assert per_epoch >= 4
    cut(config, tmp_path / "cut", 2, family)
    again = world(family, 6).trainer(config, tmp_path / "cut")
    assert again.resume() is (accumulation < 3)
    if accumulation < 3:
        assert again.state.batch % accumulation == 0
        assert again.state.step == 2 // accumulation
    compute, left = again.compute, iter([None] * (per_epoch + 1 - again.state.batch))

    def dying(*arguments):
        if next(left, DeathError) is DeathError:
            raise DeathError
        return compute(*arguments)

    again.compute = dying
    with pytest.raises(DeathError):
        again.train(recall_of)
    assert_same_run(whole, resumed(config, tmp_path / "cut", family))


def test_a_run_cut_in_its_validation_is_the_run_that_was_not(tmp_path):
    config = tiny_config(epochs=3, checkpoint_minutes=1e-9)
    whole = finish(world("gpt2", 6).trainer(config, tmp_path / "whole"))
    calls = iter([recall_of, None])

    def validate(model):
        recall = next(calls)
        if recall is None:
            raise DeathError
        return recall(model)

    with pytest.raises(DeathError):
        world("gpt2", 6).trainer(config, tmp_path / "cut").train(validate)
    assert_same_run(whole, resumed(config, tmp_path / "cut", "gpt2"))


def test_rare_checkpoints_cost_time_but_change_nothing(tmp_path):
    """The run dies far behind its last checkpoint; the log must not tell the lost steps twice."""
    config = tiny_config(epochs=2, batch_size=2, checkpoint_minutes=60.0, validate_every_epochs=1.0)
    whole = finish(world("gpt2", 6).trainer(config, tmp_path / "whole"))
    per_epoch = len(whole.epochs[0])
    cut(config, tmp_path / "cut", per_epoch + 3, "gpt2")
    assert len(log_of(tmp_path / "cut")) == per_epoch + 1 + 3
    again = world("gpt2", 6).trainer(config, tmp_path / "cut")
    assert again.resume()
    assert (again.state.epoch, again.state.batch) == (1, 0)
    assert_same_run(whole, finish(again))


VICTIM = """
import sys, torch
from pathlib import Path
torch.set_num_threads(1)
import tiny
from pecrs.config import Config
from test_resume import recall_of
base, cache, folder, values = sys.argv[1:]
catalogue, dialogues = tiny.film_world(0, 6)
place = tiny.World(base, Path(cache), catalogue, dialogues)
place.trainer(Config.from_dict(eval(values)), Path(folder)).train(recall_of)
"""


def test_a_run_killed_by_the_system_is_the_run_that_was_not(tmp_path):
    config = tiny_config(epochs=8, batch_size=2, accumulation=2, checkpoint_minutes=1e-9)
    place, folder = world("gpt2", 6), tmp_path / "cut"
    arguments = [place.base, str(place.cache), str(folder), repr(config.to_dict())]
    here = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    victim = subprocess.Popen([sys.executable, "-c", VICTIM, *arguments], env=here)
    log = folder / "log.jsonl"
    while victim.poll() is None and not (log.exists() and len(log.read_bytes().splitlines()) > 10):
        time.sleep(0.002)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    again = place.trainer(config, folder)
    assert again.resume()
    assert 0 < again.state.step
    assert again.state.batch % 2 == 0
    assert_same_run(finish(place.trainer(config, tmp_path / "whole")), finish(again))


@pytest.mark.parametrize("settings", [{"patience": 1}, {"max_minutes": 1e-6}, {}])
def test_a_finished_run_stays_finished(tmp_path, settings):
    config = tiny_config(epochs=2, **settings)
    first = world().trainer(config, tmp_path)
    first.train(lambda _: {"mean_recall": 0.5})
    log, steps = log_of(tmp_path), first.state.step
    again = world().trainer(config, tmp_path)
    assert again.resume()
    assert again.state == first.state
    assert torch.equal(again.model.catalogue_vectors, first.model.catalogue_vectors)

    def validate(_):
        raise AssertionError("a finished run validates again")

    assert again.train(validate).step == steps
    assert log_of(tmp_path) == log


def test_without_a_checkpoint_there_is_nothing_to_resume(tmp_path):
    trainer = world().trainer(tiny_config(), tmp_path)
    assert not trainer.resume()
    assert trainer.state.step == 0


@pytest.mark.parametrize(
    ("family", "dialogues", "values", "message"),
    [
        ("llama", 11, {}, "other training data"),
        ("llama", 12, {"data": {"max_context_tokens": 100}}, "other training data"),
        ("llama", 12, {"model": {"lora": {"rank": 3}}}, "another model"),
        ("llama", 12, {"model": {"reranker": False}}, "another model"),
        ("llama_untied", 12, {}, "another model"),
    ],
)
def test_other_data_and_other_models_are_refused_and_the_checkpoint_is_kept(
    tmp_path, family, dialogues, values, message
):
    world().trainer(tiny_config(epochs=1), tmp_path).train(recall_of)
    state = tmp_path / "checkpoint" / "state.safetensors"
    before = state.read_bytes()
    place = world(family)
    place = type(place)(place.base, place.cache, place.catalogue, place.dialogues[:dialogues])
    trainer = place.trainer(tiny_config(epochs=1, **values), tmp_path)
    start = {name: value.clone() for name, value in trainer.parameters.items()}
    with pytest.raises(CheckpointError, match=message):
        trainer.resume()
    assert all(torch.equal(value, start[name]) for name, value in trainer.parameters.items())
    assert state.read_bytes() == before
    assert load_file(state)
