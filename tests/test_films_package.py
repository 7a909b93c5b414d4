"""From a trained model to a distribution, from that to an installation, and from there to the same rankings."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import gguf
import pytest
import torch

import build_films_package
from pecrs import export
from pecrs.data.protocol import protocol_variants
from pecrs.errors import CheckpointError
from pecrs.inference.recommender import Recommender
from pecrs.model.backbone import gguf as gguf_files
from pecrs.model.persistence.transfer import with_absolute_paths
from tiny import World, save_folder, tiny_config, world
from tiny_gguf import tiny_llama, write


@pytest.fixture
def trained(tmp_path, monkeypatch) -> Path:
    """A model on a GGUF file, with values of its own in adapters and heads."""
    monkeypatch.setattr(gguf_files, "PART", 60_000)
    monkeypatch.setattr(gguf_files, "_BLOCK", 10_000)
    weights = write(tmp_path / "tiny.gguf", tiny_llama(), gguf.GGMLQuantizationType.Q8_0)
    config = with_absolute_paths(tiny_config(model={"backbone": str(weights), "reranker": False}))
    known = world()
    model = World(config.model.backbone, tmp_path / "cache", known.catalogue, known.dialogues).model(config)
    torch.manual_seed(5)
    with torch.no_grad():
        for parameter in model.trained_parameters().values():
            parameter.add_(0.05 * torch.randn_like(parameter))
    model.refresh_vectors()
    save_folder(model.eval(), tmp_path / "model", str(weights), include_base=False, config=config)
    (tmp_path / "CARD.md").write_text("# A tiny model\n")
    (tmp_path / "NOTICE").write_text("Made up for a test.\n")
    return tmp_path / "model"


def build(trained: Path, *options: str) -> int:
    folder = trained.parent
    given = ["--card", str(folder / "CARD.md"), "--notice", str(folder / "NOTICE")]
    return build_films_package.main([str(trained), "--output", str(folder / "films"), *given, *options])


def rankings(recommender: Recommender) -> list[tuple[str, ...]]:
    points = protocol_variants(world().dialogues, "standard")["all"][:10]
    return [ranking.items for ranking in recommender.rank(points, 5)]


def exported_rankings(trained: Path) -> list[tuple[str, ...]]:
    """What half precision gives, without any packaging."""
    export(trained, trained.parent / "exported")
    return rankings(Recommender.from_pretrained(trained.parent / "exported"))


def install(tmp_path: Path, monkeypatch, wheels: list[Path]) -> None:
    """Install wheels without any registry, and forget what the model was made of."""
    (tmp_path / "tiny.gguf").unlink()
    monkeypatch.setenv("PECRS_CACHE", str(tmp_path / "another cache"))
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target"]
    subprocess.run([*command, str(tmp_path / "site"), *map(str, wheels)], check=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.chdir(tmp_path / "site")


def test_a_trained_model_is_built_installed_and_found_by_its_name(trained, tmp_path, monkeypatch):
    expected = exported_rankings(trained)
    assert build(trained, "--without", "plot", "--version", "1.2.3") == 0
    project = tomllib.loads((tmp_path / "films" / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == ["pecrs[gguf]>=0.1.0,<0.2"]
    (wheel,) = (tmp_path / "films" / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "pecrs_films/base/weights.gguf.part-002" in names
    assert "pecrs_films-1.2.3.dist-info/licenses/NOTICE" in names
    assert "pecrs_films/MODEL_CARD.md" in names
    assert not [name for name in names if name.startswith("pecrs_films/base/") and "gguf" not in name]
    install(tmp_path, monkeypatch, [wheel])
    for name in ("films", None):
        loaded = Recommender.from_pretrained(name)
        assert rankings(loaded) == expected
        assert "plot" not in loaded.catalogue.fields
    assert loaded.respond([loaded.link("I love scary films. What should I watch?")]).turn.text


def test_a_backbone_that_lies_apart_is_found_and_missed_by_its_name(trained, tmp_path, monkeypatch):
    expected = exported_rankings(trained)
    for _ in range(2):  # a second time over the first
        assert build(trained, "--base-apart") == 0
    project = tomllib.loads((tmp_path / "films" / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == ["pecrs[gguf]>=0.1.0,<0.2", "pecrs-films-base==0.1.0"]
    base = tomllib.loads((tmp_path / "films-base" / "pyproject.toml").read_text())["project"]
    assert (base["name"], base["dependencies"], "entry-points" in base) == ("pecrs-films-base", [], False)
    wheels = [next((tmp_path / folder / "dist").glob("*.whl")) for folder in ("films", "films-base")]
    assert not [name for name in zipfile.ZipFile(wheels[0]).namelist() if "gguf" in name]
    install(tmp_path, monkeypatch, wheels)
    assert rankings(Recommender.from_pretrained("films")) == expected
    shutil.rmtree(tmp_path / "site" / "pecrs_films_base")
    importlib.invalidate_caches()
    with pytest.raises(CheckpointError, match="the package 'pecrs_films_base' is not installed"):
        Recommender.from_pretrained("films")


def test_what_hosts_refuse_is_refused_here(trained, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build_films_package, "MOST_OF_A_FILE", 30_000)
    assert build(trained) == 2
    assert "; a file may have 0 MB" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr(build_films_package, "MOST_OF_A_WHEEL", 30_000)
    assert build(trained) == 2
    error = capsys.readouterr().err
    assert "a wheel may have 0 MB; the largest files: " in error
    assert "weights.gguf.part-001" in error


def test_wrong_arguments_are_said(trained, tmp_path, capsys):
    with pytest.raises(SystemExit):
        build(trained, "--name", "Films 2")
    assert "--name: lower-case letters, digits and _ are expected" in capsys.readouterr().err
    assert build(trained, "--without", "colour") == 2
    assert "without: 'colour' is none of the catalogue's fields" in capsys.readouterr().err
    (tmp_path / "NOTICE").unlink()
    assert build(trained) == 2
    assert "NOTICE" in capsys.readouterr().err


@pytest.mark.parametrize(("version", "following"), [("0.1.0", "0.2"), ("0.12.3", "0.13"), ("1.4.0", "2")])
def test_a_distribution_asks_for_versions_that_read_it(version, following):
    assert build_films_package._following(version) == following
