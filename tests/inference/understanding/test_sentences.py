"""Sentences of a message."""

import pytest

from pecrs.inference.understanding.sentences import sentences

CASES = [
    ("one film", ["one film"]),
    ("Seen it. Another one?", ["Seen it.", "Another one?"]),
    ("who is in it and how long is it", ["who is in it", "and how long is it"]),
    ("One more? With Gene Hackman if possible.", ["One more? With Gene Hackman if possible."]),
    ("I like Mr. Bean. You?", ["I like Mr. Bean.", "You?"]),
    ("Fine... !! ok", ["Fine...", "ok"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_they_are_cut_at_their_ends_and_before_a_further_question(text, expected):
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_names_are_never_cut():
    text = "who made E.T. the one and who is it"
    assert len(sentences(text, [(9, len(text))])) == 1
