"""Words that everybody says count for little beside words that few say."""

from __future__ import annotations

import numpy as np
import pytest
from bm25s import BM25

from pecrs.data.catalogue import Catalogue, Item
from pecrs.ranking.counts import Counts
from pecrs.ranking.words import FEWEST, SaidWords, TextIndex

CATALOGUE = Catalogue(
    (
        Item("gran", "Gran at Sea", 1990, {"story": ("an old woman sails alone",)}),
        Item("dog", "My Dog", 1991, {"story": ("a boy walks a terrier",)}),
        Item("other", "Fire", 1992, {"story": ("a house burns",)}),
    ),
    ("title",),
)
SAID = SaidWords.of(["something like home please"] * 7 + ["something quiet please"] * 2 + ["gran"])


def test_words_are_counted_once_a_message_and_rare_ones_not_at_all():
    said = SaidWords.of(["dog dog dog"] * FEWEST + ["cat"] * (FEWEST - 1))
    assert (said.messages, said.words, said.counts.tolist()) == (2 * FEWEST - 1, ("dog",), [FEWEST])


def test_a_word_tells_less_the_more_messages_have_it():
    weights = [SAID.weight(word) for word in ("something", "like", "gran")]
    assert weights == pytest.approx([1 - np.log(10) / np.log(11), 1 - np.log(8) / np.log(11), 1])
    assert SaidWords.of(["home"] * 5).weight("home") == 0
    assert SaidWords.of([]).weight("anything") == 1


def test_scores_are_those_of_bm25_times_what_each_word_tells():
    plain, weighing = TextIndex(CATALOGUE, SaidWords.of([])), TextIndex(CATALOGUE, SaidWords.of(["dog"] * 5 + ["a"]))
    index = BM25()
    index.index([["gran", "sea", "old", "woman", "sails", "alone"], ["dog", "boy", "walks", "terrier"],
                 ["fire", "house", "burns"]], show_progress=False)  # fmt: skip
    assert plain.scores(["the dog walks"]) == pytest.approx(index.get_scores(["dog", "walks"]))
    weight = 1 - np.log(6) / np.log(7)
    expected = weight * index.get_scores(["dog"]) + index.get_scores(["walks"])
    assert weighing.scores(["the dog", "walks"]) == pytest.approx(expected)
    assert not plain.scores(["nobody says so"]).any()


def test_my_and_the_like_are_no_words_to_compare():
    assert not TextIndex(CATALOGUE, SaidWords.of([])).scores(["for my"]).any()


def test_words_are_kept_with_counts_and_when_the_catalogue_is_another():
    counts = Counts.of((), CATALOGUE)
    assert Counts.from_arrays(counts.arrays()).said.words == ()
    full = Counts.from_arrays({**counts.arrays(), **{f"said.{k}": v for k, v in SAID.arrays().items()}})
    assert (full.said.messages, full.said.words) == (10, ("home", "like", "please", "something"))
    assert full.elsewhere(CATALOGUE).said is full.said
    old = {name: array for name, array in counts.arrays().items() if not name.startswith("said.")}
    assert Counts.from_arrays(old).said.messages == 0
    with pytest.raises(ValueError, match="as many counts as words"):
        SaidWords.from_arrays({**SAID.arrays(), "counts": np.zeros(1, dtype=np.float32)})
