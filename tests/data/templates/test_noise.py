from random import Random

import pytest

from pecrs.data.templates.grammar import Piece
from pecrs.data.templates.noise import typed

PIECES = [Piece("don't you have "), Piece("The Ring", "title", "ask"), Piece(", please? "), Piece("I've seen it")]
SHORTENED = {"you": ["u"], "please": ["plz"]}


def texts(pieces, count=400):
    return ["".join(piece.text for piece in typed(pieces, Random(seed), SHORTENED)) for seed in range(count)]


def test_people_type_in_many_ways():
    found = set(texts(PIECES))
    assert "Don't you have The Ring, please? I've seen it." in found
    assert "don't you have the ring, please? i've seen it" in found
    assert "dont you have the ring please ive seen it" in found
    assert any(" u have" in text for text in found)
    assert any(text.isupper() for text in found)
    assert len(found) > 30


def test_spans_stay_apart_and_are_seldom_mistyped():
    names = [typed(PIECES, Random(seed), SHORTENED)[1] for seed in range(400)]
    assert {(piece.kind, piece.role) for piece in names} == {("title", "ask")}
    assert sum(piece.text.lower() == "the ring" for piece in names) > 390


@pytest.mark.parametrize("text", ["?", "!!", "??"])
def test_marks_alone_are_kept(text):
    assert set(texts([Piece(text)], 50)) == {text}


def test_questions_end_as_questions():
    found = {text for text in texts([Piece("thanks. what else is there")]) if text.startswith("Th")}
    assert found == {"Thanks. What else is there", "Thanks. What else is there?"}
