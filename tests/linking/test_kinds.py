"""Kinds of titles and of talk: years and brackets, scripts without spaces, everyday words, namesakes, misspellings."""

from __future__ import annotations

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking import Linker


def catalogue_of(*items: Item) -> Catalogue:
    return Catalogue(items, ("title",))


def titles(*names: str) -> Linker:
    return Linker(catalogue_of(*(Item(name, name) for name in names)))


def links(linker: Linker, text: str, *context: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.item) for m in linker.link(text, context)]


SERIES = titles(
    "The Hunger Games (The Hunger Games, #1)",
    "The Hunger Games: Official Illustrated Movie Companion",
    "Catching Fire (The Hunger Games, #2)",
    "The Hunger Games Box Set (The Hunger Games, #1-3)",
    "Dune Messiah (Dune Chronicles #2)",
    "Seven (a.k.a. Se7en)",
    "The City of Lost Children (La Cité des enfants perdus)",
    "Nosferatu (Director's Cut)",
    "Metropolis (Director's Cut)",
    "Seven Samurai (Shichinin no samurai)",
    "The Eye of the World (Wheel of Time, Bk. 1)",
    "My Neighbor Totoro (となりのトトロ)",
    "三体（地球往事 #1）",
    "Emberfall Rising (Emberfall Series)",
    "Dr. Zorbeck or: How I Learned to Stop Sleeping",
    "Star Tales: Episode IV - A Newer Hope",
)


@pytest.mark.parametrize(
    ("text", "named", "item"),
    [
        ("I loved The Hunger Games", "The Hunger Games", "The Hunger Games (The Hunger Games, #1)"),
        ("i read hunger games twice", "hunger games", "The Hunger Games (The Hunger Games, #1)"),
        ("Hunger Games 2 is better", "Hunger Games 2", "Catching Fire (The Hunger Games, #2)"),
        ("have you read catching fire", "catching fire", "Catching Fire (The Hunger Games, #2)"),
        ("dune messiah is next", "dune messiah", "Dune Messiah (Dune Chronicles #2)"),
        ("have you seen se7en", "se7en", "Seven (a.k.a. Se7en)"),
        ("I watched Seven yesterday", "Seven", "Seven (a.k.a. Se7en)"),
        (
            "we saw La cite des enfants perdus",
            "La cite des enfants perdus",
            "The City of Lost Children (La Cité des enfants perdus)",
        ),
        ("shichinin no samurai", "shichinin no samurai", "Seven Samurai (Shichinin no samurai)"),
        ("wheel of time book 1", "wheel of time book 1", "The Eye of the World (Wheel of Time, Bk. 1)"),
        ("となりのトトロが好き", "となりのトトロ", "My Neighbor Totoro (となりのトトロ)"),
        ("我喜欢三体", "三体", "三体（地球往事 #1）"),
        ("we watched Dr. Zorbeck", "Dr. Zorbeck", "Dr. Zorbeck or: How I Learned to Stop Sleeping"),
        ("I loved A Newer Hope", "A Newer Hope", "Star Tales: Episode IV - A Newer Hope"),
        ("the city of lost children", "the city of lost children", SERIES.link("La Cité des enfants perdus")[0].item),
    ],
)
def test_names_before_and_inside_brackets(text, named, item):
    assert links(SERIES, text) == [(named, item)]


def test_what_several_items_have_in_brackets_names_none():
    assert links(SERIES, "I like the Emberfall Series") == []
    assert links(SERIES, "I prefer the director's cut") == []
    assert links(SERIES, "nosferatu director's cut") == [("nosferatu director's cut", "Nosferatu (Director's Cut)")]


SMALL_LETTERS = titles(
    "Преступление и наказание", "La casa de papel", "Kaze no tani", "Crime and misdemeanors", "The 5th Wave"
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("мне нравится преступление и наказание", ["преступление и наказание"]),
        ("my sister showed me la casa de papel", ["la casa de papel"]),
        ("then came Kaze no tani", ["Kaze no tani"]),
        ("honestly, crime and misdemeanors bored me", ["crime and misdemeanors"]),
        ("I grew up with The 5th Wave", ["The 5th Wave"]),
    ],
)
def test_titles_in_small_letters_are_no_ordinary_phrases_for_that(text, named):
    assert [found for found, _ in links(SMALL_LETTERS, text)] == named


LONGER = titles(
    "Creed", "Assassin's Creed", "The Dark", "Dancer in the Dark", "Honey", "A Taste of Honey", "Mowgli", "Scary Movie",
    "Adventures of Mowgli", "The Strangers", "The Strangers: Prey at Night", "Dance to My Song", "Snowpiercer",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Honestly, Asssasin's Creed bored me", ["Assassin's Creed"]),
        ("Last night I saw Daucer in the Dark", ["Dancer in the Dark"]),
        ("I want a movie similar to A Tatse of Honey, please", ["A Taste of Honey"]),
        ("I saw Adventrues of Mowgli and Honey", ["Adventures of Mowgli", "Honey"]),
        ("do you like The Strangrs: Prey at Night?", ["The Strangers: Prey at Night"]),
        ("I've watched Dnce to My Song", ["Dance to My Song"]),
        ("Snowpirecer was fantastic", ["Snowpiercer"]),
        ("I watched The Dark and Creed", ["The Dark", "Creed"]),
        ("I like scary movies", []),
    ],
)
def test_a_misspelt_title_is_no_shorter_one_inside_it(text, items):
    assert [item for _, item in links(LONGER, text)] == items


def test_aliases_are_names():
    item = Item("w", "Dr. Zorbeck", 1964, {"aliases": ("How I Learned to Stop Worrying", "Zorbeck, The")})
    linker = Linker(catalogue_of(item))
    assert links(linker, "how i learned to stop worrying is a classic")[0][1] == "w"
    assert links(linker, "we saw the zorbeck") == [("the zorbeck", "w")]


ASIAN = titles("千と千尋の神隠し", "アバター", "英雄", "기생충", "พี่มาก..พระโขนง", "살인의 추억", "Alien", "龍")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("昨日千と千尋の神隠しを見た", ["千と千尋の神隠し"]),
        ("昨日アバターを見ました", ["アバター"]),
        ("アバターロボが好き", []),
        ("我看过英雄，很好看", ["英雄"]),
        ("我喜欢英雄和Alien这部电影", ["英雄", "Alien"]),
        ("어제 기생충을 봤어요", ["기생충"]),
        ("대기생충", []),
        ("살인의추억 봤어?", ["살인의추억"]),
        ("เมื่อวานดูพี่มากพระโขนงมา", ["พี่มากพระโขนง"]),
        ("我看见一条龍", []),
        ("我看过《龍》", ["龍"]),
    ],
)
def test_scripts_without_spaces(text, named):
    assert [found for found, _ in links(ASIAN, text)] == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("I watched Ali\u200ben again", ["Ali\u200ben"]),
        ("I watched \u200bAlien\u200b again", ["Alien"]),
        ("soft\u00adly, Al\u00adien (1979)", []),
        ("昨日アバ\u200bターを見た", ["アバ\u200bター"]),
    ],
)
def test_invisible_characters_fold_away(text, named):
    linker = Linker(catalogue_of(Item("ali", "Ali", 2001), Item("alien", "Alien", 1986), Item("a", "アバター")))
    assert [found for found, _ in links(linker, text)] == named


EVERYDAY = titles(
    "Friday", "Robots", "Mom", "Dogs", "Football", "Heat", "The One", "The Game", "Next Friday", "Date Night", "Up",
    "Brooklyn", "Carol", "Titanic", "Anything Else",
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "our third date is on Friday",
        "third date on friday",
        "I like robots",
        "robots that never sleep",
        "my mom hates gore",
        "we have two dogs",
        "the kids play football",
        "the heat is awful",
        "that is the one I meant",
        "did you catch the game last night",
        "see you next friday",
        "next Friday works",
        "it is date night again",
        "I grew up in Brooklyn",
        "My name is Carol",
        "I love dogs and football",
        "I LOVE DOGS ON FRIDAY",
        "I Love Dogs And The Heat",
        "do you have anything else",
        "we watched football last night",
    ],
)
def test_everyday_words_are_no_titles_by_themselves(text):
    assert links(EVERYDAY, text) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("have you seen friday?", ["friday"]),
        ("I watched Robots and Mom", ["Robots", "Mom"]),
        ("the movie dogs was fine", ["dogs"]),
        ('is "football" any good', ["football"]),
        ("I would pick Heat", ["Heat"]),
        ("heat is a great movie", ["heat"]),
        ("is heat any good", ["heat"]),
        ("something like heat", ["heat"]),
        ("titanic, heat and mom", ["titanic", "heat", "mom"]),
        ("I watched The One", ["The One"]),
        ("have you seen the game", ["the game"]),
        ("I liked date night", ["date night"]),
        ("have you seen next friday", ["next friday"]),
        ("titanic is too long", ["titanic"]),
        ("My favorite is Up", ["Up"]),
        ("or heat maybe", ["heat"]),
        ("I watched Football", ["Football"]),
    ],
)
def test_everyday_words_are_titles_with_evidence(text, named):
    assert [found for found, _ in links(EVERYDAY, text)] == named


def test_an_item_just_mentioned_needs_less():
    assert links(EVERYDAY, "I like heat") == []
    assert links(EVERYDAY, "I like heat", "Heat") == [("heat", "Heat")]


NAMESAKES = Linker(
    catalogue_of(
        Item("heat95", "Heat", 1995, {"actors": ("Al Pacino", "Robert De Niro"), "genres": ("crime",)}),
        Item("heat86", "Heat", 1986, {"actors": ("Burt Reynolds", "Karen Young")}),
        Item("heat96", "Heat", 1996, {"actors": ("Om Puri",)}),
        Item("cartoon", "Aladdin", 1992, {"genres": ("animation",), "actors": ("Robin Williams",)}),
        Item("filmed", "Aladdin", 2019, {"genres": ("musical",), "actors": ("Will Smith",)}),
    ),
    {"heat86": 3},
)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("Heat, the one with Al Pacino", "heat95"),
        ("have you seen heat with pacino", "heat95"),
        ("I mean Heat with Om Puri", "heat96"),
        ("De Niro is great in Heat", "heat95"),
        ("heat from 1996 please, that film", "heat96"),
        ("I saw Heat", "heat86"),
        ("I saw Heat, the newest one", "heat96"),
        ("we watched Aladdin, the animated one", "cartoon"),
        ("I love the original Aladdin", "cartoon"),
        ("I love Aladdin, the remake", "filmed"),
        ("I love Aladdin, not the remake", "cartoon"),
        ("the nineties Aladdin", "cartoon"),
        ("I watched Aladdin", "filmed"),
    ],
)
def test_what_is_said_beside_a_title_chooses_among_namesakes(text, item):
    assert [mention.item for mention in NAMESAKES.link(text)] == [item]


FAMOUS = Linker(
    catalogue_of(
        Item("it", "It", 1990, {"actors": ("Tim Curry",)}),
        Item("psycho", "Psycho", 1960, {"directors": ("Alfred Hitchcock",)}),
        Item("hitchcock", "Hitchcock", 2012, {"actors": ("Anthony Hopkins", "Ada Hitchcock", "Max Hitchcock")}),
        Item("godfather", "The Godfather", 1972),
        Item("other", "Godfather", 1991),
        Item("ring", "The Ring", 2002),
        Item("ring98", "Ring", 1998),
        Item("girl", "Gone Girl", 2014),
        Item("else", "Anything Else", 2003),
        Item("matrix", "The Matrix", 1999),
    ),
    {"godfather": 56, "other": 6, "ring": 20, "ring98": 10, "girl": 60},
)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("It with Tim Curry", ["it"]),
        ("It with Tom Hanks", []),
        ("I like it, Tim Curry is great", []),
        ("Psycho by Hitchcock", ["psycho"]),
        ("I saw Hitchcock", ["hitchcock"]),
        ("I loved godfather", ["godfather"]),
        ("I loved Godfather (1991)", ["other"]),
        ("I loved Ring", ["ring98"]),
        ("gone girl", ["girl"]),
        ("anything else", []),
        ("the matrx", ["matrix"]),
    ],
)
def test_people_fame_and_silence_beside_decide(text, items):
    assert [mention.item for mention in FAMOUS.link(text)] == items


SUBTITLES = titles("Avengers: Infinity War", "Airplane II: The Sequel", "Kill Bill: Volume 2", "Pokémon: The Movie")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("have you seen infinity war", ["infinity war"]),
        ("I watched the sequel", []),
        ("I watched volume 2 and the movie", []),
    ],
)
def test_subtitles_that_are_names(text, named):
    assert [found for found, _ in links(SUBTITLES, text)] == named


MISSPELT = titles(
    "Jurassic Park", "Forrest Gump", "Terminator 2: Judgment Day", "The Lord of the Rings: The Two Towers",
    "The Comedy", "Fight Club", "Rocky II", "Scary Movie",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("jurrasic park was great", ["jurrasic park"]),
        ("forest gump of course", ["forest gump"]),
        ("termintor 2 rules", ["termintor 2"]),
        ("i liked lord of the ring", ["lord of the ring"]),
        ("i would like to watch a comedxy", []),
        ("the night club was full", []),
        ("rockky 3 was fun", []),
        ("I like scary movies", []),
        ("any good scary moives", []),
    ],
)
def test_phrases_spelt_nearly_right(text, named):
    assert [found for found, _ in links(MISSPELT, text)] == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("maybe a thriller from the 2010s", []),
        ("a good thriller from 2010", []),
        ("any thriller with Ann Lee?", []),
        ("have you seen The Thriller from 2010?", ["The Thriller"]),
    ],
)
def test_one_of_a_kind_from_some_years_is_no_title(text, named):
    item = Item("t", "The Thriller", 2010, {"actors": ("Ann Lee",), "genres": ("thriller",)})
    other = Item("o", "Ember", 2012, {"genres": ("thriller", "drama")})
    assert [found for found, _ in links(Linker(catalogue_of(item, other)), text)] == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("do you have Moon?", ["Moon"]),
        ("Have you got Moon", ["Moon"]),
        ("do you have a moon?", []),
        ("who made Ember: Ashes?", []),
        ("who made Ember: The Fire?", ["Ember: The Fire"]),
    ],
)
def test_a_work_that_is_asked_for_and_one_of_another_subtitle(text, named):
    linker = Linker(catalogue_of(Item("m", "Moon", 2009), Item("f", "Ember: The Fire", 2012), Item("o", "Grove", 2012)))
    assert [found for found, _ in links(linker, text)] == named


def test_whose_works_are_meant_is_no_title():
    item = Item("v", "Varda", 2012, {"directors": ("Sam Ger",)})
    others = [Item(str(n), f"Grove {n}", 2000, {"directors": ("Agnes Varda",)}) for n in range(4)]
    linker = Linker(catalogue_of(item, *others))
    assert links(linker, "a Varda film, 90 minutes or less") == []
    assert links(linker, "I watched Varda yesterday") == [("Varda", "v")]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("we are reading Red Queen at school", "Red Queen (Red Queen, #1)"),
        ("I loved The Red Queen", "The Red Queen"),
        ("I loved Moby-Dick", "Moby-Dick; or, The Whale"),
        ("have you read frankenstein?", "Frankenstein, or The Modern Prometheus"),
    ],
)
def test_a_title_before_its_bracket_is_nearer_than_one_without_its_article(text, item):
    books = titles(
        "The Red Queen",
        "Red Queen (Red Queen, #1)",
        "Moby-Dick; or, The Whale",
        "Frankenstein, or The Modern Prometheus",
    )  # fmt: skip
    assert [item for _, item in links(books, text)] == [item]


@pytest.mark.parametrize("said", ["Fast & Furious", "Fast and Furious", "Dr. Strange", "doctor strange"])
def test_of_two_titles_of_the_same_words_the_one_written_so_is_meant(said):
    linker = titles("Fast and Furious", "Fast & Furious", "Doctor Strange", "Dr. Strange")
    assert [item.casefold() for _, item in links(linker, f"I've seen {said}")] == [said.casefold()]


ANNOUNCED = titles(
    "Inception", "Twilight", "Jobs", "Jaws", "The Departed", "Toy Story", "Divergent", "Robots", "Deadpool", "Football",
    "The Cabin in the Mountains",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("i didn't like inception at all", ["inception"]),
        ("did you like twilight?", ["twilight"]),
        ("did you like football?", []),
        ("I don't like football", []),
        ("do you know divergent?", ["divergent"]),
        ("do you know robots?", []),
        ("do you know deadpool fans", []),
        ("nothing beats the departed", ["the departed"]),
        ("nothing beats football", []),
        ("i fell asleep during inception", ["inception"]),
        ("the last movie i saw was the departed", ["the departed"]),
        ("all i saw was football", []),
        ("my favorite movie is jobs", ["jobs"]),
        ("a book like twilight", ["twilight"]),
        ("Inception, of course", ["Inception"]),
        ("Football, of course", []),
        ("i loved toy story 1", ["toy story"]),
        ("i loved toy story 5", []),
        ("he invited me to his cabin in the mountains", []),
        ("I watched the cabin in the mountains", ["the cabin in the mountains"]),
        ("have you seen his Cabin in the Mountains", ["Cabin in the Mountains"]),
    ],
)
def test_what_announces_a_title_in_small_letters(text, named):
    assert [found for found, _ in links(ANNOUNCED, text)] == named


SLIPS = titles(
    "The Matrix", "Titanic", "Aladdin", "Halloween", "The Shining", "The Thinning", "Pretty Woman", "Monsters, Inc.",
    "A Quiet Place", "The Dark Knight", "Disaster Movie", "The Night Shift",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("the matirx is my favorite movie", ["The Matrix"]),
        ("titanik is a masterpiece", ["Titanic"]),
        ("titanik", []),
        ("alladin", ["Aladdin"]),
        ("i loved halowen", ["Halloween"]),
        ("my kids like the shinning", ["The Shining"]),
        ("I watched pretty womon yesterday", ["Pretty Woman"]),
        ("my kids like montsers inc", ["Monsters, Inc."]),
        ("have you seen a quite place?", ["A Quiet Place"]),
        ("my kids like teh dark knight", ["The Dark Knight"]),
        ("any disaster moives?", []),
        ("i work the nigth shift", []),
        ("my womon is pretty", []),
    ],
)
def test_slips_in_famous_titles(text, items):
    assert [item for _, item in links(SLIPS, text)] == items
