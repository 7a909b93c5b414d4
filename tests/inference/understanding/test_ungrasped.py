"""Requests that nothing in the catalogue tells."""

import pytest

from inference_readings import reading
from pecrs.inference.understanding.ungrasped import ungrasped

CASES = [
    ("something gritty", ("gritty",)),
    ("anything thought-provoking for tonight?", ("thought-provoking",)),
    ("something slow and dreamy please", ("slow", "dreamy")),
    ("another one, grittier?", ("grittier",)),
    ("something really whimsical", ("whimsical",)),
    ("something good", ()),
    ("something funny", ()),
    ("something else", ()),
    ("something with Tom Hanks", ()),
    ("anything to watch", ()),
    ("a comedy", ()),
]


@pytest.mark.parametrize(("text", "words"), CASES)
def test_words_that_no_value_stands_for_are_told(text, words):
    assert ungrasped(reading(text)) == words
