"""Which item is meant: what is on the screen, corrections, groups, and works of somebody."""

import re

import pytest

from bundled import bundled_recommender
from pecrs import Chat
from pecrs.data.dialogue import Speaker, Turn
from pecrs.inference.understanding.on_screen import shown, spoken_or_shown
from pecrs.inference.understanding.pointing import references
from pecrs.inference.understanding.questions import asks_parts
from pecrs.inference.understanding.works import asks_works


def offer(*items):
    return Turn(Speaker.RECOMMENDER, "What about it?", items=items[:1], shown=items)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("what is the second one about?", ["b"]),
        ("tell me about the third", ["c"]),
        ("what's the second about?", ["b"]),
        ("the last one sounds good", ["a"]),
        ("which of the others is funnier?", ["b", "c"]),
        ("what about the other two?", ["b", "c"]),
        ("which of those has a dog in it?", ["a", "b", "c"]),
        ("the first two, please", ["a", "b"]),
        ("the others are asleep", []),
    ],
)
def test_what_is_shown_beside_an_offer_is_pointed_at(text, items):
    assert [item for *_, item in references(text, ["a"], (), ["a"], (), ["a", "b", "c"])] == items


def test_both_of_a_name_points_at_nothing():
    assert references("I've seen both kill bills", ["a"], (), ["a", "b"]) == ()
    assert [item for *_, item in references("both sound good", ["a"], (), ["a", "b"])] == ["a", "b"]


def test_what_was_named_is_nearer_than_what_was_shown():
    turns = [offer("a", "b", "c"), Turn(Speaker.SEEKER, "no"), offer("d", "e")]
    assert spoken_or_shown(turns) == ("c", "b", "a", "e", "d")
    assert shown(turns) == ("d", "e")
    assert shown([*turns, Turn(Speaker.RECOMMENDER, "1. x 2. y", items=("x", "y"))]) == ()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("what has Denis Villeneuve directed?", True),
        ("anything by the guy who made Prisoners?", True),
        ("something by the same director as Heat", True),
        ("recommend me another of hers", False),  # what else is wanted stays
        ("something by the sea", False),
        ("who directed Heat?", False),
    ],
)
def test_works_of_somebody_are_asked_for(text, asked):
    assert asks_works(text) is asked


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("are there sequels?", True),
        ("Is there a sequel to The Croods?", True),
        ("what order do they go in?", True),
        ("is there one before Aliens?", True),
        ("which comes first?", True),
        ("is there one with robots?", False),
    ],
)
def test_parts_of_a_series_are_asked_for(text, asked):
    assert asks_parts(text) is asked


@pytest.fixture(scope="module")
def talk():
    bundled = bundled_recommender()

    def of(*messages):
        chat = Chat(bundled)
        reply = [chat.say(message) for message in messages][-1]
        return reply.text, reply, bundled

    return of


def test_a_correction_asks_again(talk):
    assert "Chloë Grace Moretz" in talk("who stars in Carrie?", "no, the remake")[0]
    told = talk("can you compare Blade Runner and Blade Runner 2049?", "I mean the 1982 Ridley Scott film")[0]
    assert "Blade Runner (1982)" in told  # the same table twice becomes a verdict
    assert "Blade Runner 2049 (2017)" in told
    assert "Aliens (1986):" in talk("what is Alien about?", "I mean Aliens")[0]


def test_what_was_never_meant_is_no_example(talk):
    _, reply, bundled = talk("I loved About a Boy", "I didn't say anything about About a Boy. who's in Notting Hill?")
    assert not any(bundled.catalogue[item].title == "About a Boy" for item in reply.state.liked)


def test_words_that_go_on_are_no_title(talk):
    _, reply, _ = talk("I want a musical film about a boy who sings")
    assert reply.state.liked == ()


def test_a_favourite_is_a_title(talk):
    _, reply, bundled = talk("wat r u", "pulp fiction prob. u know it?")
    assert [bundled.catalogue[item].title for item in reply.state.liked] == ["Pulp Fiction"]


def test_the_famous_one_of_a_title_is_meant(talk):
    _, reply, bundled = talk("I loved Heat and Zodiac, what should I watch tonight?")
    assert [bundled.catalogue[item].year for item in reply.state.liked] == [1995, 2007]


def test_groups_are_seen_whole(talk):
    _, reply, bundled = talk("ive seen reservoir dogs and both kill bills. what else?")
    seen = {bundled.catalogue[item].title for item in reply.state.seen}
    assert {"Reservoir Dogs", "Kill Bill: Volume 1", "Kill Bill: Volume 2"} <= seen


def test_parts_that_are_not_there_are_not_the_first(talk):
    assert "no other part" in talk("Is there a sequel to The Croods?")[0]
    text = talk("there's infernal affairs 2 and 3. which is better?")[0]
    assert "infernal affairs 2 and 3" in text
    assert "no other part" in text
    assert "Alien (1979), Aliens (1986)" in talk("i want to watch the alien movies, what order do they go in?")[0]


def test_works_of_who_made_a_film_are_recommended(talk):
    _, reply, _ = talk("a horror film", "anything by the guy who made Prisoners?")
    assert reply.items
    assert all("Denis Villeneuve" in entry.item.values("directors") for entry in reply.items)


def test_why_not_tells_of_the_other(talk):
    assert "Sicario (2015):" in talk("a thriller please", "why that and not Sicario?")[0]


def test_an_entry_is_shown_once_and_with_its_year(talk):
    _, reply, _ = talk("I loved Pulp Fiction, what should I watch?")
    names = [entry.item.name for entry in reply.items]
    assert "Kill Bill" not in names
    assert len(set(names)) == len(names)


ASKED_ON = [
    (["who directed oldboy, the 2003 one", "and the remake from 2013?"], "Spike Lee"),
    (["how long is titanic", "ok and gone with the wind?"], "238"),
    (["a western please", "who wrote the newer True Grit, the one with Jeff Bridges?"], "Coen"),
    (
        ["crime movie w de niro, 90s", "not goodfellas, not casino. seen both", "which one of those two is longer btw"],
        "178",
    ),
    (["everybody on the plane was watching Parasite, do you have that one?"], "^Sorry, Parasite isn"),
]


@pytest.mark.parametrize(("messages", "said"), ASKED_ON)
def test_what_is_asked_on_is_told_of_what_is_meant(messages, said):
    chat = Chat(bundled_recommender(), seed=0)
    replies = [chat.say(message) for message in messages]
    assert re.search(said, replies[-1].text)
    assert not replies[-1].recommends


@pytest.mark.parametrize(
    "text", ["not toy story, seen all 3. an animated film please", "I know Toy Story, watched the whole series"]
)
def test_parts_of_a_series_that_was_seen_as_a_whole_are_seen(text):
    recommender = bundled_recommender()
    seen = {recommender.catalogue[item].name for item in Chat(recommender).say(text).state.seen}
    assert {"Toy Story (1995)", "Toy Story 2 (1999)", "Toy Story 3 (2010)"} <= seen


def test_one_part_that_was_seen_is_not_the_whole_series():
    recommender = bundled_recommender()
    state = Chat(recommender).say("I've seen Toy Story. An animated film please").state
    assert {recommender.catalogue[item].name for item in state.seen} == {"Toy Story (1995)"}
