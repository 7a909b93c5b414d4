"""The verbs ``train`` and ``export``: data in any form, values back."""

import json
import shutil
from pathlib import Path

import pytest

import pecrs
from commands import CONFIG
from pecrs.data.installed import BUNDLED
from pecrs.data.loaders.film_requests import film_requests
from pecrs.data.loaders.prepare import save_prepared
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.progress import silent
from pecrs.data.protocol import standard_instances
from pecrs.data.splits import Prepared
from pecrs.inference.ranker import Ranker
from pecrs.inference.ranking import Fold, asked_dialogues, fit_reordering
from pecrs.model.persistence.folder import Pretrained, from_pretrained
from pecrs.ranking.folder import load_reordering


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


@pytest.fixture(scope="module")
def fitted(films, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fitted")
    small = {"trees": 20, "leaves": 4, "leaf_rows": 2}
    (folder / "tiny.yaml").write_text(CONFIG)
    config = pecrs.Config.from_yaml(folder / "tiny.yaml")
    config = config.model_copy(update={"ranking": config.ranking.model_copy(update=small)})
    model = pecrs.train(config, films, folder / "run").model
    alone = pecrs.Recommender.from_pretrained(model)
    names = pecrs.fit_ranking(model, films, folds=[(model, films)])
    return model, names, alone


def test_features_are_fitted_into_a_folder_and_kept_by_exports(films, fitted, tmp_path):
    model, names, alone = fitted
    assert {"model", "together", "words_last", "named_since"} <= set(names)
    with_features = pecrs.Recommender.from_pretrained(model)
    asked = standard_instances(films[1]["valid"])
    before, after = (list(recommender.rank(asked, 10_000)) for recommender in (alone, with_features))
    assert [set(ranking.items) for ranking in before] == [set(ranking.items) for ranking in after]
    assert [ranking.items for ranking in before] != [ranking.items for ranking in after]
    assert all(sorted(ranking.scores, reverse=True) == list(ranking.scores) for ranking in after)
    pecrs.export(model, tmp_path / "small")
    kept = pecrs.Recommender.from_pretrained(tmp_path / "small")
    assert kept.reordering.weights.names == names
    # A conversation ranks by the same features as evaluation, among what is allowed.
    point = asked[-1]
    turns = point.dialogue.turns[: point.turn]
    chosen = with_features.recommend(turns, filters=pecrs.Filters(exclude_mentioned=False), count=5)
    [ranking] = with_features.rank([point], 5)
    assert [entry.item.id for entry in chosen] == list(ranking.items)
    fresh = with_features.recommend(turns, count=5)
    assert not {entry.item.id for entry in fresh} & set(point.mentioned)
    # New items can be ranked, though nothing was ever counted of them.
    more = with_features.with_items([pecrs.Item("new", "Brand New", 2020, {"genres": ("horror",)})])
    assert "new" in {entry.item.id for entry in more.recommend(turns, count=10_000)}


def test_fitting_needs_held_out_dialogues_and_one_catalogue(films, fitted, tmp_path):
    model, _, _ = fitted
    with pytest.raises(pecrs.DataError, match="there is no split 'test'"):
        pecrs.fit_ranking(model, films, split="test")
    other = films[0].with_items([pecrs.Item("new", "Brand New", 2020)]), films[1]
    run = pecrs.train(_tiny(tmp_path), other, tmp_path / "other").model
    loaded = from_pretrained(model)
    asked = loaded.config.ranking.model_copy(update={"features": ("togehter",)})
    misspelt = Pretrained(loaded.model, loaded.config.model_copy(update={"ranking": asked}))
    with pytest.raises(pecrs.ConfigError, match=r"ranking\.features: 'togehter' is none of model, "):
        fit_reordering(Fold(misspelt, films[1]["train"], films[1]["valid"]), (), silent)
    with pytest.raises(pecrs.ConfigError, match="same catalogue"):
        pecrs.fit_ranking(model, films, folds=[(run, other)])


def test_written_requests_count_beside_dialogues(films, fitted, tmp_path):
    model, names, _ = fitted
    first, second = films[0].items[:2]
    lines = [
        {"hand": 1, "request": f"something like {first.name}", "items": [second.name, first.name]},
        {"hand": 1, "request": "sharks", "items": ["Nowhere Here (1900)"]},
    ]
    asked = tmp_path / "requests.jsonl"
    asked.write_text("".join(json.dumps(line) + "\n" for line in lines))
    loaded = from_pretrained(model)
    # What the catalogue lacks is left out, and so is what the request names itself.
    [dialogue] = asked_dialogues(Fold(loaded, films[1]["train"], ()), film_requests(asked))
    assert [turn.items for turn in dialogue.turns] == [(first.id,), (second.id,)]
    copy = shutil.copytree(model, tmp_path / "copy")
    assert pecrs.fit_ranking(copy, films, folds=[(model, films)], requests=asked) == names
    before, after = load_reordering(model), load_reordering(copy)
    assert before.weights.new.values.tolist() != after.weights.new.values.tolist()
    assert after.meanings.projection is None  # one request is too few to learn from
    lines = [
        {"hand": 1, "request": f"something {n} for a rainy day", "items": [films[0].items[n % 5].name]}
        for n in range(130)
    ]
    asked.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert pecrs.fit_ranking(copy, films, requests=asked) == names
    assert load_reordering(copy).meanings.projection is not None
    assert pecrs.Recommender.from_pretrained(copy).recommend((pecrs.Turn(pecrs.Speaker.SEEKER, "rain"),), count=3)
    asked.write_text('{"hand": 1, "request": "sharks"}\n')
    with pytest.raises(pecrs.DataError, match=r"requests\.jsonl:1.*items"):
        pecrs.fit_ranking(copy, films, requests=asked)


def _tiny(folder):
    (folder / "tiny.yaml").write_text(CONFIG)
    return folder / "tiny.yaml"


def test_a_catalogue_alone_trains_a_model(films, tmp_path):
    (tmp_path / "tiny.yaml").write_text(CONFIG)
    config = pecrs.Config.from_yaml(tmp_path / "tiny.yaml", ("training.catalogue_dialogues=20",))
    alone = pecrs.train(config, (films[0], {}), tmp_path / "alone", catalogue_only=True)
    beside = pecrs.train(config, films, tmp_path / "beside", catalogue_only=True)
    assert (alone.mean_recall, alone.steps) == (beside.mean_recall, beside.steps)
    both = pecrs.train(config, films, tmp_path / "both")
    assert both.steps > pecrs.train(tmp_path / "tiny.yaml", films, tmp_path / "few").steps
    recommender = pecrs.Recommender.from_pretrained(tmp_path / "alone")
    assert recommender.recommend((pecrs.Turn(pecrs.Speaker.SEEKER, "a comedy please"),), count=3)
    with pytest.raises(pecrs.ConfigError, match=r"^training\.catalogue_dialogues: a number above 0"):
        pecrs.train(tmp_path / "tiny.yaml", films, tmp_path / "none", catalogue_only=True)
    assert not (tmp_path / "none").exists()


def test_a_catalogue_alone_takes_over_how_features_are_weighed(films, tmp_path):
    few = ("training.catalogue_dialogues=16", "training.epochs=1")
    config = pecrs.Config.from_yaml(Path(__file__).parents[1] / "configs" / "catalogue-only.yaml", few)
    model = pecrs.train(config, (films[0], {}), tmp_path / "alone", catalogue_only=True).model
    recommender = pecrs.Recommender.from_pretrained(model)
    package = load_reordering(BUNDLED)
    assert recommender.reordering.weights.names == package.weights.names
    assert (recommender.reordering.weights.new.values == package.weights.new.values).all()
    assert recommender.reordering.counts.named.tolist() == [0] * len(films[0])
    actor = films[0].items[0].facts["actors"][0]
    turns = (pecrs.Turn(pecrs.Speaker.SEEKER, f"something with {actor} please"),)
    assert actor in recommender.recommend(turns, count=1)[0].item.facts["actors"]
    few = {name: dialogues[:2] for name, dialogues in films[1].items()}
    talked = pecrs.train(config, (films[0], few), tmp_path / "talked").model
    assert load_reordering(talked) is None  # whoever has dialogues fits weights to them


def test_one_configuration_serves_catalogues_of_other_fields(films, tmp_path):
    (tmp_path / "tiny.yaml").write_text(CONFIG)
    config = pecrs.Config.from_yaml(tmp_path / "tiny.yaml", ("data.max_item_values={actors: 1, brand: 2}",))
    told = []
    model = pecrs.train(config, films, tmp_path / "run", progress=told.append).model
    assert "data.max_item_values: no item text has brand" in [step.what for step in told]
    catalogue = pecrs.Recommender.from_pretrained(model).catalogue
    assert dict(catalogue.limits) == {"actors": 1}


def test_another_catalogue_keeps_the_weights_and_no_count(films, fitted):
    recommender = pecrs.Recommender.from_pretrained(fitted[0])
    assert recommender.reordering.counts.named.any()
    moved = recommender.with_catalogue(films[0].with_items([pecrs.Item("new", "Brand New", 2020)]))
    assert moved.reordering.weights is recommender.reordering.weights
    assert not moved.reordering.counts.named.any()
    asked = standard_instances(films[1]["valid"])
    alone = Ranker(moved.model, moved.catalogue, moved.index, moved.settings)
    pairs = list(zip(moved.rank(asked, 10), alone.rank(asked, 10), strict=True))
    assert any(ours.items != theirs.items for ours, theirs in pairs)
