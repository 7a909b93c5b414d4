"""Words that settle on an item, and those that do not."""

from dataclasses import replace

import pytest

from inference_readings import reading
from pecrs.inference.understanding.reading import ReadItem
from pecrs.inference.understanding.settling import settling_acts, takes


def named(text, title="Heat", acts="ask_fact"):
    """Return a reading in which a title is an item."""
    start = text.index(title)
    return replace(reading(text, acts), items=(ReadItem("heat", "want", start, start + len(title)),))


@pytest.mark.parametrize(
    "text",
    [
        "Heat it is",
        "ok Heat it is, shorter",
        "whatever, Heat. bye and thx",
        "Heat tonight. night!",
        "lol nvm watchin' the first Heat. peace",
        "i'll just watch Heat. later",
        "We take Heat. Ciao!",
    ],
)
def test_who_settles_accepts_and_asks_for_nothing_more(text):
    acts = settling_acts(named(text))
    assert acts["accept"] == 1.0
    assert acts["ask_recommendation"] == acts["ask_fact"] == 0.0


@pytest.mark.parametrize(
    "text",
    ["Heat is it good?", "something like Heat, thanks", "Heat tonight?", "I have seen Heat, bye", "Heat it is not"],
)
def test_a_title_beside_other_words_settles_nothing(text):
    assert settling_acts(named(text)) == {}


def test_a_question_beside_it_is_still_answered():
    assert "ask_fact" not in settling_acts(named("I'll take Heat. How long is it?"))


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("ok, I'll watch that", True),
        ("we take it", True),
        ("we do own that one", False),
        ("we watch it every year", False),
        ("I do like it", False),
    ],
)
def test_habits_and_belongings_settle_nothing(text, taken):
    assert takes(text) is taken
