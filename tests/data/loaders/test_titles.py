import pytest
from pydantic import TypeAdapter

from pecrs.data.loaders.titles import FilmFacts, article_first, locate, read_title, split_year
from pecrs.data.records import validated
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
        ("Dune (1965 novel)", ("Dune", 1965)),
        ("Dune [2021]", ("Dune", 2021)),
        ("The Wire (2002–2008)", ("The Wire", 2002)),
        ("The Wire (2002- )", ("The Wire", 2002)),
        ("Smile (-)", ("Smile (-)", None)),
        ("Fargo (TV series 2014– )", ("Fargo", 2014)),
        ("Fargo (TV Mini-Series, 2014)", ("Fargo", 2014)),
        ("Dune (2000 TV miniseries)", ("Dune", 2000)),
        ("Duel (TV 1971)", ("Duel", 1971)),
        ("Duel (TV)", ("Duel (TV)", None)),
        ("Rec (2007) [REC]", ("Rec [REC]", 2007)),
        ("Alien (1979) (Director's Cut)", ("Alien (Director's Cut)", 1979)),
        ("Dune (1965) (2019)", ("Dune (1965)", 2019)),
        ("千与千寻（2001）", ("千与千寻", 2001)),
        ("Charger (5000)", ("Charger (5000)", None)),
    ],
)
def test_years_are_taken_off(name, expected):
    assert split_year(name) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Usual Suspects, The", "The Usual Suspects"),
        ("Bug's Life, A", "A Bug's Life"),
        ("Affair to Remember, An", "An Affair to Remember"),
        ("Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly"),
        ("Lord of the Rings: The Two Towers, The", "The Lord of the Rings: The Two Towers"),
        ("Lord of the Rings, The: The Two Towers", "The Lord of the Rings: The Two Towers"),
        ("Matrix, the - Reloaded", "the Matrix - Reloaded"),
        ("Misérables, Les", "Les Misérables"),
        ("Avventura, L'", "L'Avventura"),
        ("Boot, Das (Boat, The)", "Das Boot (The Boat)"),
        ("Big Night, The (a.k.a. Gran Noche, La)", "The Big Night (a.k.a. La Gran Noche)"),
        ("Vitelloni, I", "I Vitelloni"),
        ("Meyerowitz Stories (New and Selected), The", "The Meyerowitz Stories (New and Selected)"),
        ("Postman (Postino, Il), The", "The Postman (Il Postino)"),
        ("Shanghai Triad (Yao a yao yao dao waipo qiao)", "Shanghai Triad (Yao a yao yao dao waipo qiao)"),
        ("Live and Let Die", "Live and Let Die"),
        ("Crazy, Stupid, Love", "Crazy, Stupid, Love"),
        ("The Good, the Bad", "The Good, the Bad"),
        ("", ""),
    ],
)
def test_articles_come_first(title, expected):
    assert article_first(title) == expected
    assert article_first(expected) == expected


@pytest.mark.parametrize(
    ("written", "year", "expected"),
    [
        ("Toy  Story (1995)", None, ("Toy Story", 1995)),
        ("Toy Story (1995)", 1995, ("Toy Story", 1995)),
        ("Toy Story (1995)", 1996, ("Toy Story", 1996)),
        ("Toy Story", 1995, ("Toy Story", 1995)),
        ("Apollo (1969)", 2019, ("Apollo (1969)", 2019)),
        ("Usual Suspects, The (1995)", None, ("The Usual Suspects", 1995)),
        ("Seven (a.k.a. Se7en) (1995)", None, ("Seven (a.k.a. Se7en)", 1995)),
        ("2001: A Space Odyssey", None, ("2001: A Space Odyssey", None)),
    ],
)
def test_titles_are_read_as_people_say_them(written, year, expected):
    assert read_title(written, year) == expected
    assert read_title(*expected) == expected


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
    assert FilmFacts(**record).cleaned() == {"actors": ("A B",), "genres": ("drama",), "plot": ("one two",)}
    assert FilmFacts(aliases=["Zorbeck, The"]).cleaned() == {"aliases": ("Zorbeck, The",)}


@pytest.mark.parametrize(("value", "field"), [(3, "actors"), ({"a": 1}, "actors"), ([1], "actors[0]")])
def test_malformed_facts_are_named(value, field):
    with pytest.raises(DataError) as caught:
        validated(TypeAdapter(FilmFacts), {"actors": value})
    assert caught.value.field == field
