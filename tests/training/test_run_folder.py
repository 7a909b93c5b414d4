"""A run's folder holds one configuration: it is never overwritten, and a resume must bring the same one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pecrs.config import Config
from pecrs.errors import CheckpointError, ConfigError
from pecrs.training.run import check_same_config, read_run_config, start_run


def test_a_new_run_writes_its_configuration_and_can_be_resumed_with_it(tmp_path):
    folder = tmp_path / "runs" / "one"
    config = Config.from_dict({"training": {"epochs": 3}, "model": {"lora": {"targets": ["q_proj"]}}})
    start_run(folder, config, resume=False)
    assert [path.name for path in folder.iterdir()] == ["config.json"]
    assert json.loads((folder / "config.json").read_text())["training"]["epochs"] == 3
    assert read_run_config(folder, Config) == config
    start_run(folder, config, resume=True)


def test_a_folder_with_anything_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="not empty"):
        start_run(tmp_path, Config(), resume=False)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_taken(tmp_path):
    start_run(tmp_path, Config(), resume=False)
    assert read_run_config(tmp_path, Config) == Config()


@pytest.mark.parametrize("made", [True, False])
def test_without_a_run_there_is_nothing_to_resume(tmp_path, made):
    folder = tmp_path / "run"
    if made:
        folder.mkdir()
    with pytest.raises(ConfigError, match="no run to resume"):
        start_run(folder, Config(), resume=True)
    assert folder.exists() is made


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"training": {"epochs": 11}}, r"^training\.epochs: .* 10; .* 11$"),
        ({"model": {"lora": {"rank": 4}}, "training": {"epochs": 11}}, r"^model\.lora\.rank: "),
        ({"model": {"lora": {"targets": ["q_proj"]}}}, r"^model\.lora\.targets: "),
        ({"data": {"seeker_prefix": "User:"}, "model": {"scale": 1.0}}, r"^data\.seeker_prefix: "),
        ({"generation": {"top_k": 1}}, r"^generation\.top_k: "),
    ],
)
def test_a_resume_with_another_configuration_names_the_first_field_that_differs(tmp_path, values, message):
    start_run(tmp_path, Config(), resume=False)
    before = (tmp_path / "config.json").read_bytes()
    with pytest.raises(ConfigError, match=message):
        start_run(tmp_path, Config.from_dict(values), resume=True)
    assert (tmp_path / "config.json").read_bytes() == before


def test_equal_configurations_pass():
    check_same_config(Config(), Config.from_dict({"training": {"learning_rate": 3e-4}}), Path("run"))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"training": {"epoch": 1}}', '{"training": {"epochs": "x"}}', "\udcff"]
)
def test_a_broken_configuration_is_a_checkpoint_error_that_names_the_file(tmp_path, text):
    (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CheckpointError, match=r"config\.json"):
        start_run(tmp_path, Config(), resume=True)


def test_a_folder_that_cannot_be_made_is_a_checkpoint_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="cannot be written"):
        start_run(tmp_path / "file" / "run", Config(), resume=False)
