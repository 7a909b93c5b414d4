import pytest

from pecrs.data.loaders.titles import facts_of, locate, split_year
from pecrs.errors import DataError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Headhunter  (2009)", ("Headhunter", 2009)),
        ("2001: A Space Odyssey (1968)", ("2001: A Space Odyssey", 1968)),
        ("(500) Days of Summer (2009)", ("(500) Days of Summer", 2009)),
        ("The Mummy ", ("The Mummy", None)),
        ("Akira ()", ("Akira", None)),
        ("The Witch (2015 film)", ("The Witch", 2015)),
        ("Outbreak (1995", ("Outbreak", 1995)),
        ("Ran (the opera)", ("Ran (the opera)", None)),
        ("(1984)", ("(1984)", None)),
        ("1917", ("1917", None)),
    ],
)
def test_years_are_taken_off(name, expected):
    assert split_year(name) == expected


@pytest.mark.parametrize(
    ("text", "titles", "spans"),
    [
        ("I saw Alien and Aliens.", {"a": "Alien", "b": "Aliens"}, [("a", "Alien"), ("b", "Aliens")]),
        ("Toy Story 2, Toy Story", {"1": "Toy Story", "2": "Toy Story 2"}, [("2", "Toy Story 2"), ("1", "Toy Story")]),
        ("It scared me. I liked it, It is good", {"i": "It"}, [("i", "It"), ("i", "It")]),
        ("have you seen it? it is good", {"i": "It"}, [("i", "it")]),
        ("go see full metal jacket (1987) now", {"f": "Full Metal Jacket"}, [("f", "full metal jacket (1987)")]),
        ("the spiderman film", {"s": "Spider-Man"}, [("s", "spiderman")]),
        ("Upon a time in Hollywood!", {"h": "Upon a Time... in Hollywood"}, [("h", "Upon a time in Hollywood")]),
        ("saw Lion King twice", {"l": "The Lion King"}, [("l", "Lion King")]),
        ("titanically bad", {"t": "Titanic"}, []),
        ("no title here", {"x": "Something"}, []),
        ("🎬 Amélie 🚀", {"x": "Amélie"}, [("x", "Amélie")]),
        ("seven? Se7en!", {"s": "Se7en"}, [("s", "Se7en")]),
        ("a star (is it *** now)", {"s": "***"}, [("s", "***")]),
        ("text", {"e": ""}, []),
    ],
)  # fmt: skip
def test_titles_are_found_in_text(text, titles, spans):
    assert [(m.item, text[m.start : m.end]) for m in locate(text, titles)] == spans


def test_facts_are_cleaned():
    record = {"actors": ["A  B", "A B", " "], "directors": [], "genres": ["Drama", "drama"], "plot": " one\n two "}
    assert facts_of(record) == {"actors": ("A B",), "genres": ("drama",), "plot": ("one two",)}


@pytest.mark.parametrize("value", [3, {"a": 1}, [1]])
def test_malformed_facts_are_named(value):
    with pytest.raises(DataError) as caught:
        facts_of({"actors": value})
    assert caught.value.field == "actors"
