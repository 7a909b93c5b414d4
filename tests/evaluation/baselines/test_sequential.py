"""The sequential baseline: in a world where each film leads to one other, it learns which."""

from __future__ import annotations

import sys

import pytest
import torch

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.protocol import Instance
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.baselines.sequential import Sequential, named
from pecrs.evaluation.baselines.simple import Popularity

EPOCHS = 200
CATALOGUE = Catalogue(tuple(Item(name, name.upper()) for name in "abcdefgh"), ("title",))


def talk(name, *named):
    roles = (Speaker.SEEKER, Speaker.RECOMMENDER)
    return Dialogue(name, tuple(Turn(roles[n % 2], "-", items=tuple(items)) for n, items in enumerate(named)))


RING = [talk(f"{n}", *("abcdef"[(n + step) % 6] for step in range(4))) for n in range(12)]
"""a leads to b, b to c, ..., f to a; g and h are never named."""


@pytest.fixture(scope="module")
def popularity():
    return Popularity(RING, CATALOGUE)


@pytest.fixture(scope="module")
def model(popularity):
    return Sequential(RING, popularity, epochs=EPOCHS)


def test_it_learns_what_follows_what(model):
    points = [Instance(talk("x", last, "-"), 1, ()) for last in "abcdef"]
    assert [ranking.items[0] for ranking in model.rank(points, 1)] == list("bcdefa")
    (longer,) = model.rank([Instance(talk("x", "c", "d", "e", "-"), 3, ())], 8)
    assert longer.items[0] == "f"
    assert sorted(longer.items) == list("abcdefgh")
    assert set(longer.items[6:]) == {"g", "h"}
    assert list(longer.scores) == sorted(longer.scores, reverse=True)


@pytest.mark.parametrize("history", ["", "g"])
def test_without_a_known_item_popularity_ranks(history, model, popularity):
    (ranking,) = model.rank([Instance(talk("x", history, "-"), 1, ())], 8)
    assert ranking == popularity.ranking


def test_the_seed_decides_and_the_surroundings_do_not(model, popularity):
    points = [Instance(talk("x", "a", "-"), 1, ())]
    torch.manual_seed(99)
    before = torch.random.get_rng_state()
    again = Sequential(RING, popularity, epochs=EPOCHS)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert next(again.rank(points, 8)) == next(model.rank(points, 8))
    assert (again._model.score(0, [0]) == model._model.score(0, [0])).all()
    assert (Sequential(RING, popularity, seed=1, epochs=1)._model.score(0, [0]) != model._model.score(0, [0])).any()


def test_the_sequence_holds_what_counts_and_nothing_twice_in_a_row():
    dialogue = talk("x", "ab", "b", "g", "ba")
    assert named(dialogue, 4, frozenset("ab")) == ["a", "b", "a"]
    assert named(dialogue, 1, frozenset("ab")) == ["a", "b"]


def test_without_sequences_there_is_nothing_to_learn(popularity):
    with pytest.raises(DataError, match="no training dialogue names one item after another"):
        Sequential([talk("x", "a", "a")], popularity)


def test_without_its_library_it_names_the_extra(popularity, monkeypatch):
    monkeypatch.setitem(sys.modules, "cornac.data", None)
    with pytest.raises(ConfigError, match=r"pecrs\[eval\]"):
        Sequential(RING, popularity)
