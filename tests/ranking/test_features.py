"""Features on a small catalogue whose values can be computed by hand."""

import math

import numpy as np
import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue
from pecrs.ranking.counts import Counts
from pecrs.ranking.features import FEATURES, NEVER, RECENCY, SMOOTHING, Features, Query

CATALOGUE = Catalogue(
    (
        Item("a", "Alien", 1979, {"genres": ("horror", "space"), "people": ("Sigourney Weaver",)}),
        Item("b", "Aliens", 1986, {"genres": ("action", "space"), "people": ("Sigourney Weaver",)}),
        Item("c", "Airplane", 1980, {"genres": ("comedy",), "people": ("Leslie Nielsen",)}),
        Item("d", "Dune", None, {"genres": ("space",)}),
    ),
    ("title", "genres"),
)
A, B, C, D = range(4)


def dialogue(number, *texts):
    return Dialogue.from_texts(str(number), texts, CATALOGUE)


TRAIN = [
    dialogue(
        1, ("seeker", "I like [[a]]"), ("recommender", "Then [[b]]"), ("seeker", "yes"), ("recommender", "[[b]]!")
    ),
    dialogue(2, ("seeker", "I saw [[a]]"), ("recommender", "Try [[b]] or [[c]]")),
    dialogue(3, ("recommender", "[[c]]?"), ("seeker", "no"), ("recommender", "then [[b]]")),
]
COUNTS = Counts.of(TRAIN, CATALOGUE)
FOUND = Features(CATALOGUE, COUNTS)
ALL = np.arange(4)


def features(*texts, model=(0.0, 0.0, 0.0, 0.0), items=ALL):
    query = Query.of(dialogue(0, *texts).turns, CATALOGUE)
    table = FOUND.table(query, items, np.array(model, dtype=np.float32)[items])
    return dict(zip(FOUND.names, table.T, strict=True))


def test_every_feature_is_described():
    assert set(FOUND.names) == {*FEATURES, "shared_genres", "shared_people"}
    assert all(FEATURES.values())


def test_counts():
    assert COUNTS.labels.tolist() == [0, 4, 1, 0]  # an opening is no recommendation
    assert COUNTS.named.tolist() == [2, 3, 2, 0]
    assert COUNTS.again.tolist() == [0, 1, 0, 0]
    assert COUNTS.chances.tolist() == [3, 1, 1, 0]  # b is right once more in the first dialogue
    together = np.zeros((4, 4))
    together[COUNTS.together.owners, COUNTS.together.columns] = COUNTS.together.values
    assert together.tolist() == [[0, 2, 1, 0], [2, 0, 2, 0], [1, 2, 0, 0], [0, 0, 0, 0]]
    following = np.zeros((4, 4))
    following[COUNTS.next.owners, COUNTS.next.columns] = COUNTS.next.values
    assert following.tolist() == [[0, 2, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_company_of_the_items_named():
    found = features(("seeker", "I like [[a]]"), ("recommender", "and [[c]]?"))
    of_a, of_c = [0, 2 / math.sqrt(6), 1 / 2, 0], [1 / 2, 2 / math.sqrt(6), 0, 0]
    assert found["together"] == pytest.approx(np.add(of_a, of_c))
    assert found["together_recent"] == pytest.approx(np.add(np.multiply(of_a, RECENCY), of_c))
    assert found["together_latest"] == pytest.approx(np.array(of_c))
    after_a, after_c = [0, 2 / (2 + SMOOTHING), 0, 0], [0, 1 / (1 + SMOOTHING), 0, 0]
    assert found["next_latest"] == pytest.approx(np.array(after_c))
    assert found["next_recent"] == pytest.approx(np.add(np.multiply(after_a, RECENCY), after_c))


def test_values_that_items_share():
    found = features(("seeker", "I like [[a]]"))
    space, other = math.log(1 + 4 / 3), math.log(1 + 4)
    norm = math.hypot(space, other)
    assert found["shared_genres"] == pytest.approx([0, (space / norm) ** 2, 0, space / norm], abs=1e-6)
    assert found["shared_people"] == pytest.approx([0, 1, 0, 0], abs=1e-6)


def test_words_of_the_last_messages():
    found = features(("seeker", "A comedy"), ("recommender", "ok"), ("seeker", "with sigourney weaver please"))
    assert found["words_last"][A] > 0 == found["words_last"][C]
    assert found["words_recent"][C] > 0


def test_years():
    found = features(("seeker", "[[a]] and [[b]]"))
    assert found["year"].tolist() == [1979, 1986, 1980, 1980]  # of an unknown one the median stands in
    assert found["years_from_latest"].tolist() == [7, 0, 6, 6]
    assert found["years_from_mean"].tolist() == [3.5, 3.5, 2.5, 2.5]
    assert not features(("seeker", "hello"))["years_from_latest"].any()


def test_mentions_and_the_dialogue():
    found = features(("seeker", "[[a]] is good"), ("recommender", "[[b]] or [[a]]"), ("seeker", "tell me more"))
    assert found["named_by_seeker"].tolist() == [1, 0, 0, 0]
    assert found["named_by_recommender"].tolist() == [1, 1, 0, 0]
    assert found["named_since"].tolist() == [2, 2, NEVER, NEVER]
    assert found["named_order"].tolist() == [1, 0.5, 0, 0]
    same = {"messages": 3, "items_named": 2, "messages_since_item": 2, "last_is_recommender": 0, "last_words": 3}
    assert {name: set(found[name].tolist()) for name in same} == {name: {value} for name, value in same.items()}
    assert not found["last_names_item"].any()


def test_popularity_is_beside_the_average_item():
    found = features(("seeker", "hello"))
    assert found["popularity"] == pytest.approx(np.log1p(COUNTS.labels) - math.log(1 + 2.5))
    assert found["fame"] == pytest.approx(np.log1p(COUNTS.named) - math.log(1 + 7 / 3))
    assert found["repeat_rate"] == pytest.approx([0, 1 / (1 + SMOOTHING), 0, 0])


def test_the_model_counts_among_the_candidates():
    found = features(("seeker", "hello"), model=(0.0, math.log(2), math.log(5), 3.0), items=np.array([0, 1, 2]))
    assert np.exp(found["model"]) == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    assert found["model_rank"] == pytest.approx(np.log([3, 2, 1]))
    low = features(("seeker", "hello"), model=(-500.0, -500.0, -500.0, -500.0))
    assert np.exp(low["model"]) == pytest.approx([0.25] * 4)
    assert features(("seeker", "hello"), items=np.zeros(0, dtype=np.int64))["model"].shape == (0,)


def test_what_is_not_asked_for_is_not_computed_twice_or_changed():
    turns = (("seeker", "[[a]] is good"), ("recommender", "[[b]]?"))
    whole, part = features(*turns), features(*turns, items=np.array([1, 3]))
    for name in set(FOUND.names) - {"model", "model_rank"}:
        assert part[name] == pytest.approx(whole[name][[1, 3]])


def test_candidates_come_from_the_model_the_dialogue_and_counts():
    query = Query.of(dialogue(0, ("seeker", "[[a]]?")).turns, CATALOGUE)
    assert FOUND.candidates(query, np.array([D]), (1, 0, 0, 0, 0, 0)).tolist() == [A, B, D]
    assert FOUND.candidates(query, np.array([C]), (0, 0, 0, 0, 0, 2)).tolist() == [A, B, C]  # by people and genres
    assert FOUND.candidates(Query.of((), CATALOGUE), np.array([C]), (5, 5, 5, 5, 5, 5)).tolist() == [C]


def test_counts_follow_a_changed_catalogue():
    changed = CATALOGUE.with_items([Item("e", "Event Horizon", 1997)], ["a"])
    moved = COUNTS.moved(np.array([1, 2, 3, -1]))
    assert [item.id for item in changed] == ["b", "c", "d", "e"]
    assert moved.labels.tolist() == [4, 1, 0, 0]
    assert moved.together.sum(np.array([0]), np.ones(1, dtype=np.float32)).tolist() == [0, 2, 0, 0]
    back = Counts.from_arrays(moved.arrays())
    assert back.next.sum(np.array([1]), np.ones(1, dtype=np.float32)).tolist() == [1, 0, 0, 0]
