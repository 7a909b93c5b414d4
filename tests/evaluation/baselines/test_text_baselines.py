"""Baselines that read: they find what the words of the earlier turns name, and look at nothing else."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
from pecrs.data.protocol import Instance
from pecrs.errors import ConfigError
from pecrs.evaluation.baselines.text import BM25, SentenceEncoder, item_lines, spoken
from tiny import save_encoder

CATALOGUE = Catalogue(
    (
        Item("1", "The Sea House", 1999, {"genres": ("drama",), "plot": ("a lighthouse keeper finds a letter",)}),
        Item("2", "Red Winter", 2004, {"genres": ("crime",), "plot": ("a detective in the far north",)}),
        Item("3", "Green Fields", 2010, {"genres": ("comedy",), "plot": ("two farmers bet on a horse",)}),
    ),
    ("title", "genres", "plot"),
)
TALK = Dialogue(
    "d",
    (
        Turn(Speaker.SEEKER, "I want a detective story, like with a letter"),
        Turn(Speaker.RECOMMENDER, "Try Green Fields", (Mention(4, 16, "3"),)),
        Turn(Speaker.SEEKER, "No! Somewhere in the far north, with a detective"),
        Turn(Speaker.RECOMMENDER, "Red Winter", (Mention(0, 10, "2"),)),
    ),
)
POINTS = [Instance(TALK, 1, ("3",)), Instance(TALK, 3, ("2",))]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    save_encoder(folder, layers=1, positions=40)
    return str(folder)


def test_item_lines_and_what_was_said():
    assert item_lines(CATALOGUE)[1] == "Red Winter (2004). crime. a detective in the far north"
    assert spoken(POINTS[0]) == "I want a detective story, like with a letter"
    assert "Green Fields" in spoken(POINTS[1])
    assert "Red Winter" not in spoken(POINTS[1])


def test_bm25_ranks_by_the_words_that_were_said():
    first, second = BM25(CATALOGUE).rank(POINTS, 10)
    assert set(first.items[:2]) == {"1", "2"}
    assert first.items[2] == "3"
    assert second.items[0] == "2"
    for ranking in (first, second):
        assert list(ranking.scores) == sorted(ranking.scores, reverse=True)
        assert len(set(ranking.items)) == 3
    assert next(BM25(CATALOGUE).rank(POINTS, 2)).items == first.items[:2]


def test_a_dialogue_without_a_known_word_still_gets_a_ranking():
    silent = Dialogue("s", (Turn(Speaker.SEEKER, "zzz !!"), Turn(Speaker.RECOMMENDER, "x", (Mention(0, 1, "1"),))))
    (ranking,) = BM25(CATALOGUE).rank([Instance(silent, 1, ("1",))], 3)
    assert sorted(ranking.items) == ["1", "2", "3"]


def test_an_encoder_finds_the_item_whose_text_was_said(encoder):
    model = SentenceEncoder(CATALOGUE, encoder)
    turns = (Turn(Speaker.SEEKER, item_lines(CATALOGUE)[2]), Turn(Speaker.RECOMMENDER, "x", (Mention(0, 1, "1"),)))
    (ranking,) = model.rank([Instance(Dialogue("s", turns), 1, ("1",))], 3)
    assert ranking.items[0] == "3"
    assert ranking.scores[0] == pytest.approx(1, abs=1e-5)
    assert list(ranking.scores) == sorted(ranking.scores, reverse=True)


def test_of_a_long_dialogue_the_end_is_read(encoder):
    model = SentenceEncoder(CATALOGUE, encoder)
    start = [Turn(Speaker.SEEKER, "a " * 60), Turn(Speaker.SEEKER, "b " * 60)]
    end = Turn(Speaker.SEEKER, "the far north " * 20)
    last = Turn(Speaker.RECOMMENDER, "x", (Mention(0, 1, "1"),))
    points = [Instance(Dialogue(str(n), (turn, end, last)), 2, ("1",)) for n, turn in enumerate(start)]
    first, second = model.rank(points, 3)
    assert first.items == second.items
    assert first.scores == pytest.approx(second.scores, abs=1e-6)


def test_an_encoder_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="baseline nowhere/at-all"):
        SentenceEncoder(CATALOGUE, "nowhere/at-all")


def test_without_its_library_a_baseline_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", None)
    with pytest.raises(ConfigError, match=r"pecrs\[eval\]"):
        SentenceEncoder(CATALOGUE, "x")
