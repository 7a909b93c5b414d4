"""Where a run says that its backbone lies: from any folder, and after a move."""

import json
import shutil

import pytest

from pecrs.data.splits import Prepared
from pecrs.errors import CheckpointError, ConfigError
from pecrs.inference.recommender import Recommender
from pecrs.model.backbone import base as base_module
from pecrs.model.persistence.folder import LAYOUT, base_of
from pecrs.train import train
from tiny import load_folder, make_world, save_folder, tiny_config, world


@pytest.fixture
def no_hub(monkeypatch):
    """Whoever asks a hub fails the test."""

    def ask(name, **_):
        raise AssertionError(f"asked for {name}")

    for name in ("AutoTokenizer", "AutoConfig", "AutoModelForCausalLM"):
        monkeypatch.setattr(getattr(base_module, name), "from_pretrained", ask)


def data():
    talks = world("gpt2").dialogues
    return Prepared(world("gpt2").catalogue, {"train": tuple(talks[:4]), "valid": tuple(talks[4:8])})


def test_a_run_on_a_relative_backbone_loads_from_another_folder(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    made = make_world(tmp_path / "made", "gpt2", dialogues=1)
    shutil.copytree(made.base, tmp_path / "here" / "bb" / "gpt2")
    monkeypatch.chdir(tmp_path / "here")
    train(tiny_config(model={"backbone": "bb/gpt2"}, epochs=1), data(), tmp_path / "run")
    absolute = str(tmp_path / "here" / "bb" / "gpt2")
    assert json.loads((tmp_path / "run" / "config.json").read_text())["model"]["backbone"] == absolute
    monkeypatch.chdir(tmp_path / "there")
    assert base_of(tmp_path / "run" / "model") == absolute
    assert Recommender.from_pretrained(tmp_path / "run").model.settings.backbone == absolute
    train(tiny_config(model={"backbone": absolute}, epochs=1), data(), tmp_path / "run", resume=True)


def test_a_backbone_inside_the_run_moves_with_it(tmp_path):
    place = make_world(tmp_path / "one" / "bases", "llama", dialogues=4)
    (tmp_path / "one" / "config.json").write_text("{}")
    model = place.model(tiny_config())
    save_folder(model, tmp_path / "one" / "model", place.base, include_base=False)
    stored = json.loads((tmp_path / "one" / "model" / LAYOUT.marker).read_text())["base"]
    assert stored.startswith("../bases/")
    moved = (tmp_path / "one").rename(tmp_path / "two")
    assert base_of(moved / "model") == place.base.replace("/one/", "/two/")
    assert load_folder(moved / "model").catalogue == model.catalogue


def test_a_backbone_beside_a_run_moves_with_it(tmp_path):
    (tmp_path / "one").mkdir()
    place = make_world(tmp_path / "one" / "bases", "llama", dialogues=4)
    run = tmp_path / "one" / "runs" / "a"
    run.mkdir(parents=True)
    (run / "config.json").write_text("{}")
    model = place.model(tiny_config())
    save_folder(model, run / "model", place.base, include_base=False)
    assert base_of(run / "model") == place.base
    moved = (tmp_path / "one").rename(tmp_path / "two") / "runs" / "a"
    assert base_of(moved / "model") == place.base.replace("/one/", "/two/")
    assert load_folder(moved / "model").catalogue == model.catalogue
    moved.rename(tmp_path / "away")
    with pytest.raises(CheckpointError, match=f"no such folder: {place.base}"):
        load_folder(tmp_path / "away" / "model")


@pytest.mark.parametrize("name", ["./none", "bb/none", "/none/such"])
def test_a_path_without_a_folder_is_said_and_no_hub_is_asked(tmp_path, monkeypatch, no_hub, name):
    (tmp_path / "bb").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"model\.backbone: no such folder"):
        train(tiny_config(model={"backbone": name}), data(), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_backbone_that_has_gone_is_said(tmp_path):
    place = make_world(tmp_path / "one", "llama", dialogues=4)
    save_folder(place.model(tiny_config()), tmp_path / "model", place.base, include_base=False)
    shutil.rmtree(place.base)
    with pytest.raises(CheckpointError, match=f"no such folder: {place.base}"):
        load_folder(tmp_path / "model")
