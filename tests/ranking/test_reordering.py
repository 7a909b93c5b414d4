"""From candidates to an order, and what a model folder keeps of it."""

import numpy as np
import pytest
import torch

from pecrs.config import RankingConfig
from pecrs.data.catalogue import Catalogue
from pecrs.errors import CheckpointError, DataError
from pecrs.index import TopK
from pecrs.ranking.counts import Counts
from pecrs.ranking.fitting import fit_weights
from pecrs.ranking.folder import load_reordering, save_reordering
from pecrs.ranking.reordering import Examined, Reorderer, Reordering, Weights
from pecrs.ranking.trees import Trees
from ranking.test_features import CATALOGUE, COUNTS, dialogue

lightgbm = pytest.importorskip("lightgbm", reason="fitting needs pecrs[ranking]")


def booster(rows=400, trees=30):
    random = np.random.default_rng(0)
    table = random.normal(size=(rows, 3)).astype(np.float32)
    right = table[:, 0] * table[:, 1] > 0.2
    settings = {"objective": "binary", "num_leaves": 6, "verbose": -1, "num_threads": 1}
    return lightgbm.train(settings, lightgbm.Dataset(table, right), trees), table


def by_feature(place, threshold=0.0):
    node = {"split_feature": place, "threshold": threshold}
    return Trees.of_booster(
        {"tree_info": [{"tree_structure": node | {"left_child": {"leaf_value": -1}, "right_child": {"leaf_value": 1}}}]}
    )


def test_trees_say_what_lightgbm_says():
    model, table = booster()
    trees = Trees.of_booster(model.dump_model())
    assert trees(table) == pytest.approx(model.predict(table, raw_score=True), abs=1e-6)
    assert trees(table[:0]).shape == (0,)
    again = Trees.from_arrays(trees.arrays(), 3)
    assert (again(table) == trees(table)).all()


@pytest.mark.parametrize(("name", "value"), [("left", 10_000), ("right", -1), ("features", 3), ("roots", 10_000)])
def test_trees_that_lead_nowhere_are_refused(name, value):
    arrays = {key: array.copy() for key, array in Trees.of_booster(booster()[0].dump_model()).arrays().items()}
    arrays[name][0] = value
    with pytest.raises(ValueError, match="lead nowhere"):
        Trees.from_arrays(arrays, 3)


def test_named_items_have_weights_of_their_own():
    weights = Weights(("x",), by_feature(0), Trees.constant(5.0))
    scores = weights(np.array([[1.0], [-1.0], [1.0]], dtype=np.float32), np.array([False, False, True]))
    assert scores.tolist() == [1, -1, 5]


def test_fitting_learns_both_kinds():
    random = np.random.default_rng(1)
    turns = []
    for _ in range(60):
        table, named = random.normal(size=(20, 2)).astype(np.float32), random.random(20) < 0.3
        turns.append((Examined(np.arange(20), table, named), np.where(named, table[:, 1] > 0, table[:, 0] > 0)))
    settings = RankingConfig(trees=20, leaves=4, leaf_rows=5)
    weights = fit_weights(turns, ("new", "old"), settings)
    table = np.array([[2, -2], [-2, 2]], dtype=np.float32)
    assert np.argmax(weights(table, np.zeros(2, dtype=bool))) == 0
    assert np.argmax(weights(table, np.ones(2, dtype=bool))) == 1
    only_new = [(examined, right & ~examined.named) for examined, right in turns]
    never = fit_weights(only_new, ("new", "old"), settings)
    assert never(table, np.ones(2, dtype=bool)).max() < min(never(table, np.zeros(2, dtype=bool)))
    wrong = [(examined, np.zeros(20, dtype=bool)) for examined, _ in turns]
    with pytest.raises(DataError, match="nothing to learn from"):
        fit_weights(wrong, ("new", "old"), settings)


def reordering(names=("together", "shared_people")):
    return Reordering(Weights(names, by_feature(0, 0.1), Trees.constant(-5.0)), COUNTS)


def test_order_and_filters():
    reorderer = Reorderer(reordering(), CATALOGUE, CATALOGUE)
    turns = dialogue(0, ("seeker", "I like [[a]]")).turns
    items, scores = reorderer.order(turns, np.array([3, 0]), lambda some: np.zeros(len(some), dtype=np.float32))
    assert items.tolist() == [1, 2, 3, 0]  # two that go with it, one that does not, itself
    assert scores.tolist() == [1, 1, -1, -5]
    allowed = np.array([True, False, True, True])
    items, _ = reorderer.order(turns, np.array([3]), lambda some: np.zeros(len(some), dtype=np.float32), allowed)
    assert items.tolist() == [2, 3, 0]


def test_another_catalogue_keeps_counts_and_lacks_fields():
    other = CATALOGUE.with_items((), ["c"])
    reorderer = Reorderer(reordering(("together", "shared_directors")), CATALOGUE, other)
    turns = dialogue(0, ("seeker", "I like [[a]]")).turns
    items, _ = reorderer.order(turns, np.array([2]), lambda some: np.zeros(len(some), dtype=np.float32))
    assert items.tolist() == [1, 2, 0]


def test_weights_serve_a_catalogue_that_nobody_has_talked_about():
    other = Catalogue(CATALOGUE.items[2:], ("title",))
    moved = reordering(("words_last", "together")).uncounted(
        CATALOGUE, other, lambda texts: np.zeros((len(texts), 2), dtype=np.float32)
    )
    assert not moved.counts.cosines().values.size
    turns = dialogue(0, ("seeker", "Dune please")).turns
    items, scores = Reorderer(moved, other, other).order(
        turns, np.array([0, 1]), lambda some: np.zeros(len(some), dtype=np.float32)
    )
    assert items.tolist() == [1, 0]
    assert scores.tolist() == [1, -1]


def test_a_folder_keeps_it(tmp_path):
    assert load_reordering(tmp_path) is None
    save_reordering(reordering(), tmp_path)
    loaded = load_reordering(tmp_path)
    assert loaded is not None
    assert loaded.weights.names == ("together", "shared_people")
    assert loaded.counts.labels.tolist() == COUNTS.labels.tolist()
    assert isinstance(loaded.counts, Counts)
    path = tmp_path / "ranking.safetensors"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        load_reordering(tmp_path)


def test_what_comes_first_stays_above_the_rest():
    found = TopK(torch.tensor([[4, 5, 6, 7]]), torch.tensor([[3.0, 2.0, 1.0, -torch.inf]]))
    first = found.put_first(0, torch.tensor([6, 9]), torch.tensor([0.5, -2.0]))
    assert first.items.tolist() == [[6, 9, 4, 5]]
    assert first.scores.tolist() == [[0.5, -2.0, -2.0, -3.0]]
    few = found.put_first(0, torch.tensor([6]), torch.tensor([0.5]))
    assert few.scores.tolist() == [[0.5, 0.5, -0.5, -torch.inf]]
