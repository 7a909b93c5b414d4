"""The verbs ``train`` and ``export``: data in any form, values back."""

import pytest

import pecrs
from commands import CONFIG
from pecrs.data.loaders.prepare import save_prepared
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.splits import Prepared


@pytest.fixture(scope="module")
def films():
    catalogue, dialogues = film_world(0, 24)
    return catalogue, {"train": dialogues[:20], "valid": dialogues[20:]}


def test_a_folder_and_values_train_the_same_model_and_exports_load(films, tmp_path):
    (tmp_path / "tiny.yaml").write_text(CONFIG)
    save_prepared(tmp_path / "data", Prepared.of(*films))
    told = []
    one = pecrs.train(str(tmp_path / "tiny.yaml"), str(tmp_path / "data"), str(tmp_path / "one"), progress=told.append)
    config = pecrs.Config.from_yaml(tmp_path / "tiny.yaml")
    other = pecrs.train(config, films, tmp_path / "two")
    assert one.model == tmp_path / "one" / "model"
    assert (one.mean_recall, one.steps) == (other.mean_recall, other.steps)
    assert str([step for step in told if step.what == "training"][-1]).startswith(f"training  {one.steps}/{one.steps}")
    again = pecrs.train(config, films, tmp_path / "two", resume=True)
    assert again == other
    pecrs.export(tmp_path / "one", tmp_path / "small", settings=["strategy=greedy"])
    recommender = pecrs.Recommender.from_pretrained(tmp_path / "small")
    assert recommender.settings.strategy == "greedy"
    assert recommender.catalogue == films[0]


def test_training_needs_both_splits(films, tmp_path):
    config = pecrs.Config.from_dict({"model": {"backbone": "scratch"}})
    with pytest.raises(pecrs.DataError, match="there are no valid dialogues to train with"):
        pecrs.train(config, (films[0], {"train": films[1]["train"]}), tmp_path / "run")
    with pytest.raises(pecrs.ConfigError, match="nowhere"):
        pecrs.train("nowhere.yaml", films, tmp_path / "run")
    assert not (tmp_path / "run").exists()
