"""The linker on texts whose mentions are known by construction, and on real messages where the data is at hand."""

from __future__ import annotations

import json
import re
from collections import Counter
from random import Random

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.data.loaders.synthetic import film_world
from pecrs.errors import DataError
from pecrs.linking import Linker

FILMS = (
    ("alien", "Alien", 1979),
    ("amelie", "Amélie", 2001),
    ("it90", "It", 1990),
    ("it17", "It", 2017),
    ("up", "Up", 2009),
    ("her", "Her", 2013),
    ("hello", "Hello", 2008),
    ("friends", "Friends", 1971),
    ("ok", "Ok", 2010),
    ("saw", "Saw", 2004),
    ("spider", "Spider-Man", 2002),
    ("walle", "WALL·E", 2008),
    ("fast", "Fast & Furious", 2009),
    ("ocean", "Ocean's Eleven", 2001),
    ("rocky2", "Rocky II", 1979),
    ("rocky5", "Rocky V", 1990),
    ("godfather", "The Godfather", 1972),
    ("ring98", "Ring", 1998),
    ("ring02", "The Ring", 2002),
    ("mummy32", "The Mummy", 1932),
    ("mummy99", "The Mummy", 1999),
    ("mummy17", "The Mummy", 2017),
    ("blade", "Blade", 1998),
    ("runner", "Blade Runner", 1982),
    ("runner2049", "Blade Runner 2049", 2017),
    ("homealone", "Home Alone", 1990),
    ("titanic", "Titanic", 1997),
    ("borat", "Borat: Cultural Learnings of America", 2006),
    ("shawshank", "The Shawshank Redemption", 1994),
    ("inception", "Inception", 2010),
    ("paul", "Paul", 2011),
    ("matrix", "Matrix, The", 1999),
    ("300", "300", 2007),
    ("111", "Okja", None),
)
CATALOGUE = Catalogue(tuple(Item(*film) for film in FILMS), ("title",))


@pytest.fixture(scope="module")
def linker():
    return Linker(CATALOGUE, {"mummy99": 90, "mummy17": 10, "it17": 50, "it90": 5})


def links(linker: Linker, text: str, *context: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.item) for m in linker.link(text, context)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Have you seen Alien (1979)?", [("Alien (1979)", "alien")]),
        ("Have you seen Alien?", [("Alien", "alien")]),
        ("have you seen alien 1979", [("alien 1979", "alien")]),
        ("have you seen ALIEN [1979]!", [("ALIEN [1979]", "alien")]),
        ("I adore amelie", [("amelie", "amelie")]),
        ("spiderman rocks", [("spiderman", "spider")]),
        ("spider man rocks", [("spider man", "spider")]),
        ("Wall-E was cute", [("Wall-E", "walle")]),
        ("walle was cute", [("walle", "walle")]),
        ("fast and furious", [("fast and furious", "fast")]),
        ("Oceans 11 is great", [("Oceans 11", "ocean")]),
        ("Ocean’s eleven is great", [("Ocean’s eleven", "ocean")]),
        ("I watched rocky 2 and Rocky 5", [("rocky 2", "rocky2"), ("Rocky 5", "rocky5")]),
        ("godfather is a classic", [("godfather", "godfather")]),
        ("a godfather is a classic", [("godfather", "godfather")]),
        ("the matrix blew my mind", [("the matrix", "matrix")]),
        ("have you seen borat?", [("borat", "borat")]),
        ("try @111 or @alien.", [("@111", "111"), ("@alien", "alien")]),
        ("try @999 then", []),
        ("We saw 300, wow", [("300", "300")]),
        ("I have seen 300 films", []),
    ],
)
def test_ways_to_write_a_title(linker, text, expected):
    assert links(linker, text) == expected


def test_the_longest_reading_wins(linker):
    assert links(linker, "Blade Runner 2049 beats Blade Runner and Blade") == [
        ("Blade Runner 2049", "runner2049"),
        ("Blade Runner", "runner"),
        ("Blade", "blade"),
    ]


def test_a_title_as_it_stands_wins_over_one_with_its_article_dropped(linker):
    assert links(linker, "I watched Ring") == [("Ring", "ring98")]
    assert links(linker, "I watched The Ring") == [("The Ring", "ring02")]


@pytest.mark.parametrize(
    "text",
    [
        "Hello! How are you?",
        "hello there",
        "Oh Hello again",
        "I have seen it and I liked it.",
        "It was raining, so we stayed up late with her.",
        "Ok, thanks. OK!",
        "I saw that one with my friends",
        "I LOVE IT",
        "WHAT IS UP FRIENDS",
        "what is up?",
        "I like Paul Rudd",
        "I was home, alone",
        "we watched Home Alone 3",
        "The Mummy (1959)",
        "",
        "?!",
    ],
)
def test_ordinary_words_and_other_works_are_left_alone(linker, text):
    assert links(linker, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yesterday we watched It together", [("It", "it17")]),
        ("It (1990) scared me", [("It (1990)", "it90")]),
        ('is "up" any good?', [("up", "up")]),
        ("a film called her", [("her", "her")]),
        ("My kids adore Up.", [("Up", "up")]),
        ("I have watched Hello", [("Hello", "hello")]),
        ("the movie Friends", [("Friends", "friends")]),
        ("I watched Inception, Alien and Up", [("Inception", "inception"), ("Alien", "alien"), ("Up", "up")]),
        ("We watched alien 3 times in a row", [("alien", "alien")]),
    ],
)
def test_ordinary_words_are_titles_where_the_text_says_so(linker, text, expected):
    assert links(linker, text) == expected


def test_remakes_by_year_then_context_then_popularity(linker):
    assert links(linker, "The Mummy (2017)") == [("The Mummy (2017)", "mummy17")]
    assert links(linker, "The Mummy from long ago", "mummy17", "alien", "mummy32") == [("The Mummy", "mummy32")]
    assert links(linker, "The Mummy (1999)", "mummy17") == [("The Mummy (1999)", "mummy99")]
    assert links(linker, "the mummy, perhaps") == [("the mummy", "mummy99")]
    assert links(linker, "The Mummy (1932), yes the mummy") == [
        ("The Mummy (1932)", "mummy32"),
        ("the mummy", "mummy32"),
    ]
    assert links(Linker(CATALOGUE), "the mummy") == [("the mummy", "mummy17")]


def test_a_bracketed_year_may_be_off_by_one(linker):
    assert links(linker, "Titanic (1998)") == [("Titanic (1998)", "titanic")]
    assert links(linker, "Titanic (1953)") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("have you seen titanik", [("titanik", "titanic")]),
        ("I loved the shawshenk redemtion", [("the shawshenk redemtion", "shawshank")]),
        ("yesterday Incepton was on", [("Incepton", "inception")]),
        ("the titanik of the seas", []),
        ("have you seen aliem", []),
        ("have you seen rockey 3", []),
        ("have you seen rockky 2", [("rockky 2", "rocky2")]),
    ],
)
def test_misspellings(linker, text, expected):
    assert links(linker, text) == expected


def test_words_of_the_catalogue_decide_what_is_ordinary():
    plots = tuple(Item(str(n), f"Film number {n}x", None, {"plot": ("They find a gnarled tree.",)}) for n in range(5))
    alone = Catalogue((Item("g", "Gnarled", 2013),), ("title",))
    text = "it felt so gnarled somehow"
    assert links(Linker(alone), text) == [("gnarled", "g")]
    assert links(Linker(alone.with_items(plots)), text) == []
    assert links(Linker(alone.with_items(plots)), "we watched gnarled") == [("gnarled", "g")]


def test_people_of_the_catalogue_are_not_titles():
    catalogue = Catalogue((Item("p", "Paul", 2011, {"actors": ("Paul Rudd",)}),), ("title", "actors"))
    assert links(Linker(catalogue), "i like paul rudd") == []
    assert links(Linker(catalogue), "we watched paul") == [("paul", "p")]


def test_items_added_changed_and_removed_at_run_time(linker):
    grown = linker.of(CATALOGUE.with_items([Item("dune", "Dune", 2021), Item("alien", "Xenomorph", 1979)], ["titanic"]))
    assert links(grown, "I watched Dune") == [("Dune", "dune")]
    assert links(grown, "I watched Xenomorph and Titanic, not Alien") == [("Xenomorph", "alien")]
    assert links(linker, "I watched Dune") == []
    with pytest.raises(DataError, match="nowhere"):
        linker.of(CATALOGUE.with_items([], ["nowhere"]))


def test_link_turn(linker):
    assert linker.link_turn(Speaker.SEEKER, "Alien is my favorite", messages=(3,)) == Turn(
        Speaker.SEEKER, "Alien is my favorite", (Mention(0, 5, "alien"),), ("alien",), (3,)
    )


def test_any_text_gives_a_valid_turn(linker):
    rng = Random(5)
    pieces = [
        *(item.name for item in CATALOGUE),
        *"aA é'\"@1(2)0.,!?&-“”’_*\n·İßæ²漢",
        "@alien",
        " seen ",
        " 1999",
        "(2017)",
    ]
    for _ in range(2000):
        text = "".join(rng.choices(pieces, k=rng.randrange(12)))
        turn = linker.link_turn(Speaker.SEEKER, text, [rng.choice(FILMS)[0]])
        assert turn.text == text
        assert all(item in CATALOGUE for item in turn.items)


def test_every_mention_of_the_made_up_world_is_found():
    catalogue, dialogues = film_world(3, 60)
    linker = Linker(catalogue)
    for dialogue in dialogues:
        for turn in dialogue.turns:
            assert linker.link(turn.text) == turn.mentions


def _real_catalogue(data_folder) -> Catalogue:
    items = []
    for line in (data_folder / "redial" / "movies.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        facts = {name: tuple(record[name]) for name in ("actors", "directors", "genres")}
        items.append(Item(record["movieId"], record["title"], record["year"], {**facts, "plot": (record["plot"],)}))
    return Catalogue(tuple(items))


def _as_typed(text: str, catalogue: Catalogue) -> tuple[str, Counter[tuple[int, str]]]:
    """Write each ``@id`` as its title without the year; return the text and the (start, item) of each."""
    typed, end, wanted = "", 0, Counter()
    for match in re.finditer(r"@(\d+)", text):
        if match.group(1) in catalogue:
            typed += text[end : match.start()]
            wanted[len(typed), match.group(1)] += 1
            typed += catalogue[match.group(1)].title
            end = match.end()
    return typed + text[end:], wanted


def test_real_messages(data_folder):
    path = data_folder / "redial" / "valid_data.jsonl"
    if not path.exists():
        pytest.skip("the data folder lacks redial/valid_data.jsonl")
    catalogue = _real_catalogue(data_folder)
    linker = Linker(catalogue)
    right = linked = wanted = 0
    for line in path.read_text(encoding="utf-8").splitlines()[:300]:
        context: list[str] = []
        for message in json.loads(line)["messages"]:
            text, known = _as_typed(message["text"], catalogue)
            found = Counter((m.start, m.item) for m in linker.link(text, context))
            right += (found & known).total()
            linked += found.total()
            wanted += known.total()
            context += [item for _, item in known]
    assert right / wanted > 0.88
    assert right / linked > 0.82
