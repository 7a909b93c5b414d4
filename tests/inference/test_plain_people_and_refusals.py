"""What plain words refuse, how long something lasts, and what is only a manner of speaking."""

import pytest

from pecrs.inference.understanding.refusals import refused
from pecrs.linking.quantities import read_quantities
from pecrs.linking.value_words import IDLE, expects_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my sister refuses to watch another eastwood", "eastwood"),
        ("dad won't watch another sandler", "sandler"),
        ("five horrors, none w james wan", "james wan"),
        ("three comedies, none with jim carrey", "jim carrey"),
    ],
)
def test_who_is_not_to_be_seen_is_refused(text: str, name: str) -> None:
    start = text.index(name)
    assert refused(text, [(start, start + len(name))]) == [True]


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("at least two and a half hours", (150, None)),
        ("no longer than one and a half hours", (None, 90)),
        ("under one and a quarter hours", (None, 75)),
    ],
)
def test_hours_and_a_part_of_one(text: str, bounds: tuple[int | None, int | None]) -> None:
    assert [(q.low, q.high) for q in read_quantities(text, 2026)] == [bounds]


@pytest.mark.parametrize("text", ["no horror in general", "thank heavens I asked", "a movie set in Paris"])
def test_manners_of_speaking_name_nothing(text: str) -> None:
    assert IDLE.search(text)


@pytest.mark.parametrize("text", ["more meryl", "love winona", "another denzel", "w denzel"])
def test_first_names_stand_behind_words_of_wishing(text: str) -> None:
    words = [(0, 0, word) for word in text.split()]
    assert expects_name(words, 1)
