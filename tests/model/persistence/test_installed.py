"""Models of installed packages are found by name, and nothing of those packages is run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from commands import run
from pecrs.data.installed import BUNDLED, default_name, installed_models
from pecrs.errors import CheckpointError
from pecrs.inference.recommender import Recommender
from pecrs.model.persistence.locate import locate_model_folder
from tiny import save_folder, tiny_config, world


def install(site: Path, distribution: str, models: dict[str, str], *, with_package: bool = True) -> None:
    """Write a distribution as an installer leaves it; each of its packages would fail if it were imported."""
    about = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[pecrs.models]\n" + "".join(f"{name} = {package}\n" for name, package in models.items())
    )
    for package in models.values() if with_package else ():
        save_folder(world().model(tiny_config()), site / package, world().base, include_base=True)
        (site / package / "__init__.py").write_text("raise RuntimeError('imported')\n")


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "site"


def test_alone_the_package_has_its_own_model(site):
    assert installed_models() == {"films-small": BUNDLED}
    assert default_name() == "films-small"
    assert locate_model_folder(None) == locate_model_folder("films-small") == BUNDLED


def test_an_installed_model_is_loaded_by_its_name_and_a_better_one_by_none(site):
    install(site, "pecrs-films", {"films": "films_of_a_test"})
    assert list(installed_models()) == ["films-small", "films"]
    by_name, by_nothing = Recommender.from_pretrained("films"), Recommender.from_pretrained()
    assert by_name.catalogue == by_nothing.catalogue == world().catalogue
    assert locate_model_folder("films-small") == BUNDLED
    assert "films_of_a_test" not in sys.modules


def test_a_model_of_another_name_is_taken_by_that_alone(site):
    install(site, "pecrs-books", {"books": "books_of_a_test"})
    assert locate_model_folder("books") == (site / "books_of_a_test").resolve()
    assert locate_model_folder(None) == BUNDLED


def test_a_name_that_is_not_installed_is_refused_with_those_that_are(site):
    install(site, "pecrs-books", {"books": "books_of_a_test"})
    with pytest.raises(CheckpointError) as caught:
        Recommender.from_pretrained("films")
    assert str(caught.value) == (
        "films: no such folder, and no model of that name is installed; there are films-small, books"
    )
    with pytest.raises(CheckpointError, match=r"^\./films: no such folder$|^films: no such folder$"):
        Recommender.from_pretrained("./films")


def test_a_folder_comes_before_an_installed_model(site, tmp_path):
    install(site, "pecrs-films", {"films": "films_of_a_test"})
    save_folder(world().model(tiny_config()), tmp_path / "films", world().base, include_base=True)
    assert locate_model_folder("films") == Path("films")


def test_what_cannot_be_a_model_is_no_model(site):
    install(site, "gone", {"films": "nowhere_to_be_found", "odd": "json.decoder"}, with_package=False)
    install(site, "greedy", {"films-small": "json"}, with_package=False)
    assert installed_models() == {"films-small": BUNDLED}


def test_two_models_of_one_name_are_refused(site):
    install(site, "one", {"films": "films_of_one"})
    install(site, "two", {"films": "films_of_two"})
    with pytest.raises(CheckpointError, match=r"^films: two installed distributions have a model of this name: "):
        Recommender.from_pretrained()


def test_files_that_an_installer_linked_are_read(site, tmp_path):
    install(site, "pecrs-films", {"films": "films_of_a_test"})
    cached = tmp_path / "cache.safetensors"
    heads = site / "films_of_a_test" / "heads.safetensors"
    heads.rename(cached)
    heads.symlink_to(cached)
    assert len(Recommender.from_pretrained("films").catalogue) == len(world().catalogue)


def test_the_command_line_knows_names(site, capsys):
    install(site, "pecrs-films", {"films": "films_of_a_test"})
    replies = []
    for arguments in ((), ("--model", "films")):
        code, shown, error = run(capsys, "chat", *arguments, "--message", "Hello!", "--json", "--seed", "0")
        assert code == 0, error
        replies.append(json.loads(shown)["text"])
    assert replies[0] == replies[1]
    code, _, error = run(capsys, "chat", "--model", "musicals", "--message", "Hello!")
    assert code == 2
    assert "musicals: no such folder, and no model of that name is installed" in error
