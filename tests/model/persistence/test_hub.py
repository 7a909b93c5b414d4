"""Models go to a hub and come back, by huggingface_hub's own client against a stand-in of the hub's HTTP API."""

import os
import subprocess

import pytest

from hub import local_hub
from pecrs.errors import CheckpointError
from pecrs.model.persistence.hub import is_hub_name, upload_model
from pecrs.model.persistence.locate import locate_model_folder
from tiny import save_folder, tiny_config, world

NAME = "someone/tiny-films"
ENVIRONMENT = "import importlib, huggingface_hub.constants; importlib.reload(huggingface_hub.constants)\n"
"""The client reads its settings where it is imported, which it is before the program begins."""

PUSH = f"import sys, pecrs; print(pecrs.push_to_hub(sys.argv[1], {NAME!r}, private=True))"
LOAD = f"""
import pecrs
model = pecrs.Recommender.from_pretrained({NAME!r})
said = [model.link("I want something")]
print(*(entry.item.id for entry in model.recommend(said, count=3)))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model folder whose base lies elsewhere."""
    made, path = world(), tmp_path_factory.mktemp("hub") / "model"
    save_folder(made.model(tiny_config()), path, made.base, include_base=False)
    return path


@pytest.fixture
def client(quick_python):
    """Return what runs a program that reaches the stand-in alone."""

    def run(code, home, endpoint, *arguments, token="hf_right", offline="0"):
        hub = {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_TOKEN": token, "HF_HUB_OFFLINE": offline}
        environment = {**os.environ, **hub, "HF_HUB_DISABLE_XET": "1", "OMP_NUM_THREADS": "1"}
        command = [quick_python, "-c", ENVIRONMENT + code, *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return run


def test_a_model_goes_up_with_a_card_and_comes_back_the_same(folder, tmp_path, client):
    with local_hub() as (hub, endpoint):
        pushed = client(PUSH, tmp_path / "a", endpoint, folder)
        assert pushed.returncode == 0, pushed.stderr
        assert pushed.stdout.strip() == f"{endpoint}/{NAME}/commit/{hub.revision(NAME)}"
        files = hub.repositories[NAME]
        assert {"config.json", "heads.safetensors", "catalogue.jsonl", "README.md"} <= set(files)
        assert any(path.startswith("base/") for path in files)  # it stands alone
        assert (hub.private[NAME], str(folder).encode() in files["config.json"]) == ("private", False)
        card = files["README.md"].decode()
        assert set(hub.cards) == {card}
        assert card.startswith("---\nlibrary_name: pecrs\n")
        assert f'Recommender.from_pretrained("{NAME}")' in card
        assert f"It talks about {len(world().catalogue):,} items" in card
        loaded = client(LOAD, tmp_path / "b", endpoint)
        assert loaded.returncode == 0, loaded.stderr
        assert len(loaded.stdout.split()) == 3
        again = client(LOAD, tmp_path / "b", endpoint, offline="1")  # from the cache
        assert again.stdout == loaded.stdout


def test_what_a_hub_refuses_is_one_line(folder, tmp_path, client):
    with local_hub() as (hub, endpoint):
        for code, token in ((PUSH, "hf_wrong"), (LOAD, "hf_right")):
            refused = client(code, tmp_path, endpoint, folder, token=token)
            assert f"CheckpointError: {NAME}: the hub does not give or take it: " in refused.stderr.splitlines()[-1]
        assert hub.repositories == {}


def test_names_of_a_hub_are_no_paths(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    assert is_hub_name("someone/films")
    for path in ("runs/films", "./films", "~/films", "/a", "a/b/c", "films"):
        assert not is_hub_name(path), path
        with pytest.raises(CheckpointError, match="organisation/name is expected"):
            upload_model(folder, path)
    with pytest.raises(CheckpointError, match="no such folder"):
        locate_model_folder("runs/films")
