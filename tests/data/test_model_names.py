import pytest

from pecrs.data.model_names import locate_model
from pecrs.errors import ConfigError


def test_folders_become_absolute_and_names_of_hubs_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "bb" / "gpt2").mkdir(parents=True)
    for name in ("bb/gpt2", "./bb/gpt2", "bb/../bb/gpt2/", str(tmp_path / "bb" / "gpt2"), "~/bb/gpt2"):
        assert locate_model(name, "model.backbone") == str(tmp_path / "bb" / "gpt2")
    for name in ("gpt2", "openai-community/gpt2"):
        assert locate_model(name, "model.backbone") == name


@pytest.mark.parametrize(
    "name", ["./gpt2", "../gpt2", "/gpt2", "~/gpt2", "bb/gpt3", "bb/gpt2/model", "a/b/c", "bb/file"]
)
def test_paths_without_a_folder_are_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bb" / "gpt2").mkdir(parents=True)
    (tmp_path / "bb" / "file").write_text("")
    with pytest.raises(ConfigError, match=r"^model\.backbone: no such folder: /"):
        locate_model(name, "model.backbone")
