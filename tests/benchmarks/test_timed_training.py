"""Training on a lent machine, from the parts that bring data and weights to those that bring the model back."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import gguf
import pytest
import timed_training
import torch
import yaml

import parts
from pecrs.data.loaders.prepare import save_prepared
from pecrs.data.splits import Prepared
from pecrs.inference.recommender import Recommender
from tiny import tiny_config, world
from tiny_gguf import tiny_llama, write

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "weights_brought_along"
BACKBONE = f"package:{PACKAGE}/tiny.gguf"


def save_data(folder: Path) -> Path:
    data = world()
    save_prepared(folder, Prepared(data.catalogue, {"train": data.dialogues[:9], "valid": data.dialogues[9:]}))
    return folder


def weights_wheel(folder: Path) -> Path:
    """A package that holds nothing but a tiny model, as a registry would have it."""
    folder.mkdir()
    weights = write(folder / "tiny.gguf", tiny_llama(), gguf.GGMLQuantizationType.Q8_0)
    path, about = folder / f"{PACKAGE}-1.0-py3-none-any.whl", f"{PACKAGE}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.write(weights, f"{PACKAGE}/tiny.gguf")
        wheel.writestr(f"{PACKAGE}/__init__.py", "")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n")
        wheel.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{about}/RECORD", "")
    return path


def recipe(path: Path, **model: object) -> Path:
    config = tiny_config(model=model, epochs=2, validate_every_epochs=1.0).to_dict()
    path.write_text(yaml.safe_dump({"model": config["model"], "data": config["data"], "training": config["training"]}))
    return path


@pytest.fixture
def script(quick_python):
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        surroundings = {**os.environ, "PYTHON": quick_python, "OMP_NUM_THREADS": "1"}
        surroundings.pop("PYTHONPATH", None)
        command = ["bash", ROOT / "scripts" / "train_on_gpu.sh", *map(str, arguments)]
        return subprocess.run(command, env=surroundings, capture_output=True, text=True)

    return run


def test_a_model_is_trained_on_a_bare_machine_and_comes_back(tmp_path, script):
    sent, store, out = tmp_path / "sent", tmp_path / "store", tmp_path / "out"
    data, wheel = save_data(tmp_path / "data"), weights_wheel(tmp_path / "weights")
    packed = script("pack", "--output", sent, "--data", data, "--wheel", wheel, "--part-mib", 0.1)
    assert packed.returncode == 0, packed.stderr
    names = sorted(path.name for path in sent.glob("part-*"))
    assert len(names) >= 2
    assert all(path.stat().st_size <= 0.1 * 2**20 for path in sent.glob("part-*"))
    for load in (names[:1], names[1:]):
        arrived = tmp_path / f"arrived-{load[0]}"
        arrived.mkdir()
        for name in ("parts.json", *load):
            shutil.copy(sent / name, arrived)
        received = script("receive", arrived, store)
        assert received.returncode == 0, received.stderr
        assert ("still to come: part-002" in received.stdout) == (load == names[:1])
    config = recipe(tmp_path / "recipe.yaml", backbone=BACKBONE)
    trained = script("train", store, out, "--config", config, "--minutes", 5, "--set", "training.seed=1")
    assert trained.returncode == 0, trained.stdout + trained.stderr
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["recipe"], summary["finished"], summary["machine"]["device"]) == ("train", True, "CPU")
    assert list(summary["speed"]["epoch_seconds"]) == ["1", "2"]
    assert summary["speed"]["tokens_per_second"] > 0
    assert 0 < summary["speed"]["share_of_peak"] < 1
    assert summary["gpu_tests"] == "left out: there is no GPU"
    assert summary["validation"]["protocol"] == "standard"
    assert parts.join(out, tmp_path / "back") == []
    content = tmp_path / "back" / parts.CONTENT
    assert sorted(path.name for path in content.iterdir()) == ["config.json", "log.jsonl", "model", "summary.json"]
    assert json.loads((content / "model" / "config.json").read_text())["base"] == BACKBONE
    sys.path.insert(0, str(store / parts.SITE))
    try:
        recommender = Recommender.from_pretrained(content / "model")
    finally:
        sys.path.remove(str(store / parts.SITE))
    assert len(recommender.catalogue) == len(world().catalogue)
    assert torch.isfinite(recommender.model.catalogue_vectors).all()


def test_time_that_is_up_ends_a_run_which_a_further_call_finishes(tmp_path, monkeypatch, capsys):
    save_data(tmp_path / "store" / parts.CONTENT / "data")
    config = recipe(tmp_path / "recipe.yaml", backbone=world().base)

    def run(name: str, ticks: int | None) -> tuple[bool, list[float]]:
        arguments = argparse.Namespace(
            recipe="train", config=config, epochs=3, set=["training.precision=fp32"], store=tmp_path / "store"
        )
        made = timed_training.Run(arguments, timed_training.Clock(3600))
        made.folder = tmp_path / name
        report = made.clock.within

        def within(reserve: float):
            told, count = report(reserve), iter(range(10_000))

            def ticking(progress):
                told(progress)
                if ticks is not None and progress.what == "training" and next(count) >= ticks:
                    raise timed_training.TimeUpError

            return ticking

        monkeypatch.setattr(made.clock, "within", within)
        finished = made.train(10)
        lines = [json.loads(line) for line in (made.folder / "log.jsonl").read_text().splitlines()]
        return finished, [line["total"] for line in lines if "total" in line]

    assert run("cut", 8)[0] is False
    shown = capsys.readouterr().out
    assert "time is up" in shown, shown
    assert (tmp_path / "cut" / "model" / "config.json").exists(), shown
    finished, losses = run("cut", None)
    assert finished
    assert (True, losses) == run("whole", None)
    assert len(losses) == 15


def test_a_clock_ends_a_step_when_its_time_is_up():
    clock = timed_training.Clock(0.0)
    with pytest.raises(timed_training.TimeUpError):
        clock.within(1.0)(timed_training.Progress("training", 1, 5))
    timed_training.Clock(1000.0).within(1.0)(timed_training.Progress("training", 1, 5))


def test_the_papers_recipe_is_the_papers_but_for_what_the_backbone_asks_for():
    name, changes = timed_training.RECIPES["paper"]
    changed = timed_training.Config.from_yaml(ROOT / "configs" / name, changes)
    plain = timed_training.Config.from_yaml(ROOT / "configs" / name)
    assert changed.model == plain.model.model_copy(
        update={"backbone": timed_training.BACKBONE, "candidate_position": "after_rec"}
    )
    assert changed.data == plain.data
    ours = timed_training.Config.from_yaml(ROOT / "configs" / timed_training.RECIPES["train"][0])
    assert ours.model.backbone == timed_training.BACKBONE


def test_what_is_missing_is_said_in_one_line(tmp_path, script):
    done = script("train", tmp_path / "store", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr == f"parts: {tmp_path}/store: parts are missing; `receive` says which\n"
    wrong = script("fly", tmp_path, tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("train_on_gpu.sh pack")


def test_a_part_that_was_damaged_is_refused_and_asked_for_again(tmp_path):
    (tmp_path / "source").write_bytes(os.urandom(3000))
    made = parts.split({"file": tmp_path / "source"}, tmp_path / "sent", 1000)
    good = made[1].read_bytes()
    made[1].write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(parts.PartsError, match=r"part-002: is not what parts\.json says"):
        parts.join(tmp_path / "sent", tmp_path / "store")
    made[1].write_bytes(good)
    assert parts.join(tmp_path / "sent", tmp_path / "store") == []
    assert (tmp_path / "store" / parts.CONTENT / "file").read_bytes() == (tmp_path / "source").read_bytes()
    assert parts.join(tmp_path / "sent", tmp_path / "store") == []


def test_modules_that_no_wheel_brings_are_named(tmp_path):
    (tmp_path / parts.SITE / "brought").mkdir(parents=True)
    assert parts.lacking(tmp_path, ("json", "brought", "no_such_module")) == ["no_such_module"]
