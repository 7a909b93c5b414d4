"""Baselines on a four-film world where every count is known."""

from __future__ import annotations

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.protocol import Instance, Ranking
from pecrs.errors import DataError
from pecrs.evaluation.baselines.simple import LatestMentionThenPopularity, Neighbours, Popularity

CATALOGUE = Catalogue(tuple(Item(name, name.upper()) for name in "abcd"), ("title",))


def dialogue(name: str, *turns: tuple[str, str]) -> Dialogue:
    """Make a dialogue of (s or r, item ids) pairs."""
    roles = {"s": Speaker.SEEKER, "r": Speaker.RECOMMENDER}
    return Dialogue(name, tuple(Turn(roles[s], "-", items=tuple(i), messages=(n,)) for n, (s, i) in enumerate(turns)))


TRAIN = [
    dialogue("1", ("r", "a"), ("s", "a"), ("r", "d"), ("r", "dc")),
    dialogue("2", ("s", "a"), ("s", "a"), ("r", "c"), ("r", "d")),
]


@pytest.fixture
def popularity():
    return Popularity(TRAIN, CATALOGUE)


def test_popularity_counts_labels_only_and_ties_keep_catalogue_order(popularity):
    assert popularity.ranking == Ranking(("d", "c", "a", "b"), (3.0, 2.0, 0.0, 0.0))


def test_popularity_is_the_same_everywhere_and_as_deep_as_asked(popularity):
    points = [Instance(TRAIN[0], 2, ("d",)), Instance(TRAIN[1], 3, ("d",))]
    assert list(popularity.rank(points, 2)) == [Ranking(("d", "c"), (3.0, 2.0))] * 2
    assert list(popularity.rank(points[:1], 100)) == [popularity.ranking]
    assert list(popularity.rank([], 5)) == []


def test_the_latest_mention_comes_first_then_popularity(popularity):
    talk = dialogue("x", ("s", "ba"), ("r", "c"), ("s", "b"), ("r", "d"), ("s", "c"))
    (ranking,) = LatestMentionThenPopularity(popularity).rank([Instance(talk, 3, ("d",))], 4)
    assert ranking.items == ("b", "c", "a", "d")
    assert list(ranking.scores) == sorted(ranking.scores, reverse=True)
    (short,) = LatestMentionThenPopularity(popularity).rank([Instance(talk, 3, ("d",))], 2)
    assert short.items == ("b", "c")


def test_without_mentions_the_copy_is_popularity(popularity):
    talk = dialogue("x", ("s", ""), ("r", "d"))
    assert list(LatestMentionThenPopularity(popularity).rank([Instance(talk, 1, ("d",))], 4)) == [popularity.ranking]


def test_later_turns_are_not_looked_at(popularity):
    copy = LatestMentionThenPopularity(popularity)
    short = dialogue("x", ("s", "b"), ("r", "a"))
    long = dialogue("x", ("s", "b"), ("r", "c"), ("s", "dca"))
    assert list(copy.rank([Instance(short, 1, ("a",))], 4)) == list(copy.rank([Instance(long, 1, ("c",))], 4))


def test_neighbours_are_named_in_the_same_dialogues_then_popularity_decides(popularity):
    more = [*TRAIN, dialogue("3", ("s", "ab")), dialogue("4", ("s", "b"))]
    talk = dialogue("x", ("s", "b"), ("r", "c"), ("s", "d"), ("r", "c"))
    first, second = Neighbours(more, popularity).rank([Instance(talk, 1, ("c",)), Instance(talk, 3, ("c",))], 4)
    assert first.items == ("a", "d", "c", "b")  # b was named with a once, in 2 and 3 dialogues
    assert first.scores[0] == pytest.approx(1 / 6**0.5)
    assert second.items == (
        "a",
        "d",
        "c",
        "b",
    )  # a: 1 with b, 2 each with c and d, which are named twice and with each other
    assert list(second.scores) == pytest.approx([5 / 6**0.5, 1, 1, 0], abs=1e-6)


def test_neighbours_without_a_mention_are_popular(popularity):
    talk = dialogue("x", ("s", ""), ("r", "c"))
    (ranking,) = Neighbours(TRAIN, popularity).rank([Instance(talk, 1, ("c",))], 3)
    assert ranking.items == popularity.ranking.items[:3]
    assert list(ranking.scores) == sorted(ranking.scores, reverse=True)


def test_neighbours_need_dialogues_to_count_in(popularity):
    with pytest.raises(DataError, match="counted in train dialogues, and there are none"):
        Neighbours([], popularity)
