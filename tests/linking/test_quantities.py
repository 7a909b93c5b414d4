"""Numbers in free text: the right range, of the right kind, or nothing."""

import pytest

from pecrs.linking.quantities import read_quantities

CASES = {
    "a comedy from the 80s, under two hours": [
        ("the 80s", "year", 1980, 1989),
        ("under two hours", "minutes", None, 120),
    ],
    "Ah, splendid": [],
    "an hour at most": [("an hour at most", "minutes", None, 60)],
    "at most half an hour": [("at most half an hour", "minutes", None, 30)],
    "before 1990": [("before 1990", "year", None, 1989)],
    "nothing older than 1980": [("older than 1980", "year", 1980, None)],
    "four films, none of them older than 1990": [
        ("four", "count", 4, 4),
        ("older than 1990", "year", 1990, None),
    ],
    "one that isn't longer than 100 minutes": [("longer than 100 minutes", "minutes", None, 100)],
    "it shouldn't go on for more than two hours": [("more than two hours", "minutes", None, 120)],
    "nothing under 90 minutes": [("under 90 minutes", "minutes", 90, None)],
    "nothing after 1999": [("after 1999", "year", None, 1999)],
    "nothing from before the 80s": [("before the 80s", "year", 1980, None)],
    "a comedy, no crime at all. after 2000": [("after 2000", "year", 2001, None)],
    "I don't mind longer than two hours": [("longer than two hours", "minutes", 120, None)],
    "the nineties or later": [("the nineties or later", "year", 1990, None)],
    "from the 90s on": [("from the 90s on", "year", 1990, None)],
    "80s or earlier": [("80s or earlier", "year", None, 1989)],
    "This year I would like to be the cool aunt": [],
    "Last year we saw a musical": [],
    "what came out this year": [("out this year", "year", 2026, None)],
    "newer than 2010": [("newer than 2010", "year", 2011, None)],
    "2010 or later": [("2010 or later", "year", 2010, None)],
    "not older than 2010": [("not older than 2010", "year", 2010, None)],
    "at least from 2010": [("at least from 2010", "year", 2010, None)],
    "2010 at the earliest": [("2010 at the earliest", "year", 2010, None)],
    "ten more": [("ten", "count", 10, 10)],
    "since 2015": [("since 2015", "year", 2015, None)],
    "after the 90s": [("after the 90s", "year", 2000, None)],
    "pre-1970": [("pre-1970", "year", None, 1969)],
    "between 1990 and 1999": [("between 1990 and 1999", "year", 1990, 1999)],
    "1995-1990": [("1995-1990", "year", 1990, 1995)],
    "in 1994": [("1994", "year", 1994, 1994)],
    "from the nineties": [("the nineties", "year", 1990, 1999)],
    "late 90s horror": [("late 90s", "year", 1995, 1999)],
    "early 2000s": [("early 2000s", "year", 2000, 2004)],
    "the last ten years": [("the last ten years", "year", 2016, 2026)],
    "in the past decade": [("in the past decade", "year", 2016, 2026)],
    "within the last few years": [("within the last few years", "year", 2022, 2026)],
    "this century": [("this century", "year", 2000, None)],
    "the 19th century": [("the 19th century", "year", 1800, 1899)],
    "an eighteenth-century novel": [("eighteenth-century", "year", 1700, 1799)],
    "last year": [("last year", "year", 2025, 2025)],
    "less than 2.5 hours": [("less than 2.5 hours", "minutes", None, 150)],
    "no more than an hour": [("no more than an hour", "minutes", None, 60)],
    "over 3 hours": [("over 3 hours", "minutes", 180, None)],
    "1h 30m": [("1h 30m", "minutes", 75, 105)],
    "an hour and a half": [("an hour and a half", "minutes", 75, 105)],
    "ninety minutes max": [("ninety minutes max", "minutes", None, 90)],
    "under $50": [("under $50", "money", None, 50)],
    "200 dollars max": [("200 dollars max", "money", None, 200)],
    "between $20 and $40": [("between $20 and $40", "money", 20, 40)],
    "from 20 to 40 euros": [("from 20 to 40 euros", "money", 20, 40)],
    "about 1,200 dollars": [("about 1,200 dollars", "money", 960, 1440)],
    "top 5 thrillers": [("5", "count", 5, 5)],
    "give me five": [("five", "count", 5, 5)],
    "gimme 4 tents": [("4", "count", 4, 4)],
    "comedies with Bill Murray. Three, please.": [("Three", "count", 3, 3)],
    "4 of them would be good": [("4", "count", 4, 4)],
    "and two with Gene Kelly": [("two", "count", 2, 2)],
    "give me three of them": [("three", "count", 3, 3)],
    "the kids are 4, 6 and 9": [],
    "a film for a boy of five, please": [],
    "a couple of movies": [("a couple of", "count", 2, 2)],
    "three good scary movies": [("three", "count", 3, 3)],
    "three mind-bending films": [("three", "count", 3, 3)],
}

NOTHING = [
    "I'm 25 years old",
    "I have two kids",
    "5 stars",
    "in my 40s",
    "two of those",
    "my top 3 of all time",
    "one movie",
    "ocean's eleven",
    "it was 100 degrees",
]


@pytest.mark.parametrize("text", CASES)
def test_a_quantity_is_read_with_its_bounds(text):
    found = read_quantities(text, 2026)
    assert [(text[q.start : q.end], q.kind, q.low, q.high) for q in found] == CASES[text]


@pytest.mark.parametrize("text", NOTHING)
def test_other_numbers_are_left_alone(text):
    assert read_quantities(text, 2026) == ()
