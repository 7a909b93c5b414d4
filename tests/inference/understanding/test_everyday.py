"""Words that are values of a catalogue and seldom meant so."""

import pytest

from pecrs.inference.understanding.everyday import is_meant
from pecrs.linking.values import FacetValue

CASES = [
    ("not that one, old news", "news", "genres", False),
    ("a news film", "news", "genres", True),
    ("it's a crime how little we go out", "crime", "genres", False),
    ("in a cinema in Leeds", "Leeds", "actors", False),
    ("and now I'm in withdrawal", "withdrawal", "keywords", False),
    ("the teenagers find it too old", "teenagers", "keywords", False),
    ("about teenagers in love", "teenagers", "keywords", True),
    ("did he win an Oscar?", "Oscar", "actors", False),
    ("something with Oscar", "Oscar", "actors", True),
    ("sorry for my English", "English", "language", False),
    ("something in English", "English", "language", True),
    ("in case my friend has seen it", "friend", "series", False),
    ("Good grief!", "grief", "keywords", False),
    ("a film about grief", "grief", "keywords", True),
    ("And thank heavens I asked", "heavens", "keywords", False),
    ("a film about heavens", "heavens", "keywords", True),
    ("e.g. Ozu", "g", "rating", False),
    ("rated G.", "G", "rating", True),
    ("something with an R rating", "R", "rating", True),
    ("a jacket in M, please", "M", "size", True),
    ("a film for my kids", "kids", "genres", True),
    ("a film about friends", "friends", "keywords", True),
]


@pytest.mark.parametrize(("text", "word", "field", "meant"), CASES)
def test_they_are_told_by_what_stands_beside_them(text, word, field, meant):
    start = text.index(word)
    assert is_meant(text, FacetValue(start, start + len(word), (field,), word.lower(), word), {"actors"}) is meant
