"""First names and their short forms, of those who were named before."""

import pytest

from pecrs.linking.first_names import called

PEOPLE = ["will ferrell", "arnold schwarzenegger", "meg ryan", "robert de niro"]
CASES = [
    ("same thing but no arnie", ["arnold schwarzenegger"]),
    ("Forget Meg for tonight", ["meg ryan"]),
    ("no bobby this time", ["robert de niro"]),
    ("that will do", []),
    ("Will you find another?", []),
    ("with Arnold Palmer", []),
    ("no clint", []),
]


@pytest.mark.parametrize(("text", "names"), CASES)
def test_they_mean_who_was_named(text, names):
    assert [key for *_, key in called(text, [], PEOPLE)] == names


def test_what_is_something_else_is_left():
    assert not called("no meg", [(3, 6)], PEOPLE)
