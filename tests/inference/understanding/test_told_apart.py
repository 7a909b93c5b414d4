"""Items of one title: several named at once, told apart by people and years, and parts of a series by their place."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.understanding.groups import groups_named
from pecrs.inference.understanding.plain_questions import asked_in_place, asked_plainly, asks_of_it, asks_who_made
from pecrs.inference.understanding.series_parts import parts_by_place
from pecrs.inference.understanding.told_apart import another_year, of_one_title, titled
from pecrs.linking.facets import Facets

KONGS = [(1933, "old"), (1976, "middle"), (2005, "new")]
ITEMS = (
    Item("r1", "Rocky", 1976, {"series": ("Rocky",), "writers": ("Sly Stone",)}),
    Item("r2", "Rocky II", 1979, {"series": ("Rocky",), "writers": ("Sly Stone",)}),
    Item("r4", "Rocky IV", 1985, {"series": ("Rocky",), "writers": ("Sly Stone",)}),
    Item("a1", "Alien", 1979, {"series": ("Alien",), "writers": ("Dan Bannon",)}),
    Item("a2", "Aliens", 1986, {"series": ("Alien",), "writers": ("Jim Cam",)}),
    Item("a0", "Alien 2: On Earth", 1980, {"writers": ("Ciro Polito",)}),
    Item("f1", "Friday", 1995, {"series": ("Friday",)}),
    Item("f2", "Next Friday", 2000, {"series": ("Friday",)}),
)
FACETS = Facets.of(Catalogue(ITEMS, ("title",)))


def kongs(text, item="old"):
    start = text.lower().index("king kong")
    return [found for *_, found in of_one_title(text, [(start, start + 9, item)], lambda _: KONGS)]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("which king kong is the longest, 1933, 1976 or 2005", ["middle", "new"]),
        ("what sets the 1933 king kong apart from the 2005 one", ["new"]),
        ("there are two king kong films, how do they differ", ["middle", "new"]),
        ("King Kong - aren't there three?", ["middle", "new"]),
        ("is king kong from 1933 any good", []),
        ("two friends and I saw king kong", []),
        ("king kong please", []),
    ],
)
def test_several_items_of_one_title_are_named_at_once(text, items):
    assert kongs(text) == items


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("got king kong from 1992?", ["king kong from 1992"]),
        ("got king kong from 1977?", []),
        ("king kong, not from 1992", []),
        ("king kong", []),
    ],
)
def test_a_title_of_a_year_of_which_there_is_none_is_missing(text, names):
    start = text.index("king kong")
    found = another_year(text, [(start, start + 9, "old")], lambda _: KONGS)
    assert [name.name for name in found] == names


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("who made the second rocky", ["r2"]),
        ("the fourth Rocky, any good?", ["r4"]),
        ("something like the latest rocky", ["r4"]),
        ("the 2nd alien film", ["a2"]),
        ("I like the first alien movie", ["a1"]),
        ("the first friday of the month", []),
        ("the first Friday film", ["f1"]),
        ("the seventh rocky", []),
        ("the first thing I saw", []),
        ("the third - what's it about", []),
    ],
)
def test_parts_of_a_series_are_named_by_their_place(text, items):
    assert [item for *_, item in parts_by_place(text, (), FACETS)] == items


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("no rockys please", ["Rocky"]),
        ("I'm done with all of the rockys", ["Rocky"]),
        ("no aliens please", []),
        ("not on fridays", []),
    ],
)
def test_a_plural_that_is_no_word_means_a_series(text, names):
    assert [value.label for value in groups_named(text, FACETS)] == names


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("jaws came out when", ("year",)),
        ("and seven runs how long?", ("runtime",)),
        ("fargo was directed by who again", ("director",)),
        ("up stars who", ("cast",)),
        ("I forget when it came out", ()),
        ("it came out when I was ten", ()),
    ],
)
def test_a_question_word_may_stand_in_the_place_of_the_answer(text, facts):
    assert asked_in_place(text) == facts


def test_plain_words_ask_for_makers_and_for_what_was_named():
    assert asked_plainly("no idea who wrote that, do you?") == ("writer",)
    assert asks_who_made("bet you don't know who made Heat", 28)
    assert not asks_who_made("anything by the guy who made Heat", 29)
    assert asks_of_it("the tim burton batman, how long is it?")
    assert asks_of_it("the first scream n what yr was that")
    assert not asks_of_it("I want to know how long it takes to get home")


def test_words_beside_a_name_say_that_a_work_is_meant():
    assert titled("the film Keanu", 9, 14)
    assert titled("Keanu (2016)", 0, 5)
    assert not titled("is keanu in it", 3, 8)


def test_items_of_one_title_are_set_beside_each_other(talk):
    told = talk("how does the 1976 carrie differ from the 2013 one?").text
    assert "Carrie (1976)" in told
    assert "Carrie (2013)" in told
    told = talk("Compare the two Solaris films: which is shorter?").text
    assert told.startswith("Solaris (2002) is the shorter one")
    assert "King Kong (2005)" in talk("which king kong is longer, 1933 or 2005?").text
    assert "2003" in talk("who is in the old italian job?", "is the remake longer?").text


def test_titles_that_differ_by_an_article_are_two(talk):
    told = talk("who directed heat and who directed the heat").text
    assert "Michael Mann" in told
    assert "Paul Feig" in told


def test_what_tells_an_item_apart_is_not_asked_about(talk):
    assert talk("true grit, who's in the coen bros one?").text.startswith("True Grit (2010) stars")
    assert "Bong Joon" in talk("who made memories of murder?", "did he make the host? not the saoirse ronan one").text
    assert "2007" in talk("the rob zombie halloween, what year was that?").text
    assert "two children" in talk("what is Jumanji about, the old one with Robin Williams?").text.lower()
    reply = talk("something like the al pacino scarface")
    assert not any("Pacino" in str(entry) for entry in reply.state.wanted)


def test_a_first_name_means_who_was_named_before(talk):
    told = talk("a keanu reeves film", "who directed the 2015 point break?", "is keanu in it?").text
    assert "Point Break (2015)" in told
    assert "Keanu (2016)" not in told
    assert "Keanu (2016)" in talk("a keanu reeves film", "who's in the film Keanu?").text


def test_titles_asked_about_need_no_capitals(talk):
    assert "Jordan Peele" in talk("who directed get out tho").text
    assert "Jordan Peele" in talk("get out, who made it").text
    assert "1995" in talk("heat came out when").text
    assert "Michael Curtiz" in talk("bet you don't know who directed Casablanca").text


def test_what_is_not_there_is_said_and_nothing_else_told(talk):
    for text in (
        "What about the film The Purple Giraffe of Ljubljana from 2011, who is in it?",
        "Is Oppenheimer, the Nolan one, among your films?",
        "do you have Dune from 2021?",
    ):
        reply = talk(text)
        assert "isn't among the films I know" in reply.text, text
        assert not reply.items, text


def test_items_may_be_named_to_rule_them_out(talk):
    reply = talk("something animated", "frozen is done to death. moana too")
    assert len(reply.state.seen) == 2
    reply = talk("an action film", "they did The Rock last year and Con Air before that, so neither of those")
    assert len(reply.state.seen) == 2
    assert not reply.state.liked
    reply = talk("something french", "Amélie was last month's, so please leave that one out")
    assert reply.items
    assert "Amélie" not in reply.text


def test_a_person_and_one_asks_for_an_item(talk):
    for text in ("will ferrell one?", "a will ferell film"):
        assert any("Will Ferrell" in str(entry) for entry in talk(text).state.wanted), text
