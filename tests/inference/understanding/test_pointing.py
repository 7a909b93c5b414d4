"""What a message points at by place, number and year."""

import pytest

from pecrs.inference.understanding.pointing import dated_references, references

GRIT = [[(2010, "new"), (1969, "old")]]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Which is longer, the 1969 one or the 2010 one?", ["old", "new"]),
        ("And the 2010 one?", ["new"]),
        ("I'll watch the 2010 film", ["new"]),
        ("the one from 1969", ["old"]),
        ("the 1969 version please", ["old"]),
        ("And the older one with John Wayne, do you have it?", ["old"]),
        ("the newer one", ["new"]),
        ("the older of the two", ["old"]),
        ("the original movie", ["old"]),
        ("the latest version", ["new"]),
        ("the 1980 one", []),
        ("something older", []),
        ("an older one please", []),
        ("the 2010 Oscars", []),
    ],
)
def test_a_year_tells_items_in_question_apart(text, items):
    assert [item for *_, item in dated_references(text, GRIT)] == items


def test_the_likeliest_family_that_fits_comes_first():
    families = [[(1995, "only")], [(2001, "a"), (2003, "b")], [(1968, "c"), (2003, "d")]]
    assert [item for *_, item in dated_references("the older one, or the 2003 one, or the 1968 one", families)] == [
        "a",
        "b",
        "c",
    ]


def test_which_one_beside_two_names_means_these():
    text = "Compare Gravity and Interstellar for me, which one is better?"
    assert references(text, ["a"], (), ["a", "b"], [(8, 15), (20, 32)]) == ()
    text = "which of the two is longer, Gravity or Moon?"
    assert references(text, ["a"], (), ["a", "b"], [(28, 35), (39, 43)]) == ()
    assert len(references("both were good. Solaris or Moon?", ["a"], (), ["a", "b"], [(16, 23), (27, 31)])) == 2


def test_older_and_newer_are_so_beside_the_first_of_a_family():
    family = [[(1990, "second"), (2017, "last"), (1966, "first"), (2004, "third")]]
    words = ("older", "newer", "oldest", "original", "latest")
    said = [dated_references(f"the {word} version", family)[0][2] for word in words]
    assert said == ["first", "third", "first", "first", "last"]
