import pytest

from pecrs.linking.age_ratings import is_rating_limit, rating_limits


@pytest.mark.parametrize(
    ("text", "highest"),
    [
        ("nothing above PG", "pg"),
        ("pg13 max please", "pg 13"),
        ("up to PG-13", "pg 13"),
        ("rated R at most", "r"),
        ("PG or lower", "pg"),
        ("no films over pg-13", "pg 13"),
        ("max is R", "r"),
        ("not above NC-17", "nc 17"),
    ],
)
def test_the_highest_rating_and_all_milder_ones_are_allowed(text, highest):
    [(start, end, keys)] = rating_limits(text)
    assert (keys[0], keys[-1]) == ("g", highest)
    assert is_rating_limit(text[start:end])


@pytest.mark.parametrize("text", ["rated PG", "no R", "is it PG-13?", "a great max movie", "up to you", "no R rated"])
def test_other_words_are_no_limits(text):
    assert not list(rating_limits(text))
