"""Messages that say what is wanted, though they read as if they asked about an item, or settled on it."""

import pytest

from bundled import bundled_recommender
from pecrs.data.dialogue import Speaker
from pecrs.inference.comparing import compared
from pecrs.inference.moves import Situation
from pecrs.inference.policy import decide
from pecrs.inference.understanding.superlatives import among

OFFER = "You could try Heat (1995). It is a crime thriller with Al Pacino and Robert De Niro."


@pytest.fixture(scope="module")
def read():
    bundled = bundled_recommender()

    def of(text):
        turns = [bundled.link("a thriller please"), bundled.link(OFFER, speaker=Speaker.RECOMMENDER)]
        return bundled.replies.reader.understand([*turns, bundled.link(text, turns)])

    return of


def wanted(understood):
    return {str(entry) for entry in understood.state.wanted}


@pytest.mark.parametrize(
    ("text", "some"),
    {
        "will ferell one?": "Will Ferrell",
        "horror by james wan?": "James Wan",
        "ooh n hugh grant from the 90s?": "Hugh Grant",
        "you have more film with Rachel McAdams?": "Rachel McAdams",
        "western thing instead? john ford style": "John Ford",
        "how about one that has Meryl Streep": "Meryl Streep",
        "which of Miyazaki's would suit a child": "Hayao Miyazaki",
        "my dad loves Clint Eastwood, show us 3 of his": "Clint Eastwood",
    }.items(),
)
def test_values_that_are_not_of_the_last_item_ask_for_others(read, text, some):
    understood = read(text)
    assert some in wanted(understood)
    assert understood.reading.has("ask_recommendation", "ask_list", "ask_more", "refine")
    assert not understood.reading.has("ask_fact")


@pytest.mark.parametrize("text", ["is Hugh Grant in it?", "who plays in it with Al Pacino", "does it star Tom Hanks?"])
def test_what_is_asked_of_the_last_item_asks_for_no_other(read, text):
    assert read(text).reading.has("ask_fact")
    assert "Tom Hanks" not in wanted(read(text))


COUNTS = {"five slashers from the 80s": 5, "5 comedys from the 80s, dont care whos in it": 5, "6 romcoms pls": 6}
COUNTS |= {"documentaries about sport? 4 of them would be good": 4, "gimme 4 with Zac Efron": 4}
COUNTS |= {"Comedies with Bill Murray. Three, please.": 3, "great. three like that": 3}


@pytest.mark.parametrize("text", COUNTS)
def test_a_number_says_how_many_are_listed(read, text):
    understood = read(text)
    move = decide(understood.reading, understood.state, understood.situation)
    assert (move.kind.value, move.count) == ("list", COUNTS[text])


@pytest.mark.parametrize(
    ("text", "some"),
    {
        "ok that looks cute, but its gotta be before 2000": "up to 1999",
        "sounds fun, though it needs to be shorter than 100 minutes": "under 100 minutes",
        "nice, but it must be with Bill Murray": "Bill Murray",
        "It should really be in French.": "French",
    }.items(),
)
def test_who_sets_a_condition_settles_on_nothing(read, text, some):
    understood = read(text)
    assert some in wanted(understood)
    assert not understood.reading.has("accept")


@pytest.mark.parametrize(
    "text", ["Amélie was last month's choice, so please leave that one out.", "Amélie, skip it", "Amélie already."]
)
def test_what_is_left_out_is_known(read, text):
    understood = read(text)
    assert not understood.reading.has("accept")
    assert understood.state.seen or understood.state.disliked


@pytest.mark.parametrize(
    ("text", "fact"), [("Bull Durham came out when", "year"), ("Goodfellas is how long", "runtime")]
)
def test_a_question_may_stand_behind_the_title(read, text, fact):
    reading = read(text).reading
    assert reading.has("ask_fact")
    assert not reading.has("ask_recommendation", "refine")
    assert fact in reading.facts


VERDICTS = {
    "Alien or Aliens, longer one?": ("runtime", "most"),
    "whats newer, Up or WALL-E": ("year", "most"),
    "shortest out of Jaws and Psycho": ("runtime", "least"),
    "which one is more long, Titanic or The Godfather?": ("runtime", "most"),
    "out of Seven, Zodiac and Gone Girl which came out last?": ("year", "most"),
}


@pytest.mark.parametrize("text", VERDICTS)
def test_items_set_beside_each_other_are_measured_as_asked(read, text):
    understood = read(text)
    move = compared(understood.reading, understood.state, Situation(understood.situation.offered))
    assert (*move.facts, move.after) == VERDICTS[text]


def test_what_sets_no_measure_compares_nothing():
    assert among("which is better") is None


def test_what_was_named_before_and_alone_fits_is_named_again():
    from pecrs import Chat

    chat = Chat(bundled_recommender())
    assert chat.say("a romcom with Sandra Bullock").items
    chat.say("she has seen The Proposal, and While You Were Sleeping")
    reply = chat.say("is there one with her and Hugh Grant?")
    assert reply.items[0].item.title == "Two Weeks Notice"
