"""Acts and questions that plain words leave no doubt about."""

from dataclasses import replace

import pytest

from inference_readings import after, reading
from pecrs.inference.moves import Move, MoveKind, Situation
from pecrs.inference.policy import decide, wants_all
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.asked_items import asks_about_item
from pecrs.inference.understanding.plain_acts import plain_acts
from pecrs.inference.understanding.questions import about_people, asked_facts, asks_how_much, identifies, identifying
from pecrs.inference.understanding.reading import Reading, ReadItem
from pecrs.inference.understanding.superlatives import superlative
from pecrs.linking.unknown import UnknownName


def acts(text, own, *roles):
    read = reading(text, own, *roles)
    changed = plain_acts(read)
    return {act for act, chance in changed.items() if chance >= 0.5}


def test_a_list_that_is_asked_for_is_no_question():
    assert acts("can you list four comedies?", "ask_fact ask_list") == {"ask_list", "ask_recommendation"}
    assert "ask_fact" in acts("can you list the cast?", "ask_fact")


def test_a_bare_name_asks_for_its_items():
    assert "ask_recommendation" in acts("and Tom Hanks?", "ask_fact")
    assert "ask_fact" in acts("is Tom Hanks in it?", "ask_fact")


@pytest.mark.parametrize(
    "text", ["has anyone in it won an oscar", "Did anybody in that get a prize?", "is a dog in it"]
)
def test_a_question_of_what_is_in_it_asks_for_no_other(text):
    assert acts(text, "refine ask_more") == {"ask_fact"}
    assert acts("do you have one with a dog in it?", "ask_recommendation") == {"ask_recommendation"}


def test_what_is_refused_is_no_item_that_is_new_to_somebody():
    assert acts("not any horror either", "not_seen") == {"refine"}
    assert acts("never heard of it", "not_seen") == {"not_seen"}


def test_whom_one_would_like_to_see_in_it_is_wanted_and_nothing_is_taken():
    assert acts("I'd like to see Tom Hanks in it", "accept") == {"refine"}
    assert acts("id love to have Tom Hanks in there", "accept ask_fact") == {"refine"}
    assert acts("I'd like to see that in it", "accept") == {"accept"}


def test_who_can_tell_no_more_takes_nothing():
    assert acts("That's all I can say.", "accept reject") == {"ask_more"}


def test_other_business_is_no_taking():
    assert acts("ok can you write me a python script", "accept") == {"off_topic"}


ABOUT = {"have you got Heat?": "here", "what about Heat": "about", "Heat?": "about", "something like Heat?": ""}
ABOUT |= {"do you have anything like Heat?": "", "who directed Heat?": "", "I loved Heat": ""}


@pytest.mark.parametrize("text", ABOUT)
def test_an_item_that_is_only_named_is_asked_about(text):
    start = text.index("Heat")
    read = Reading(text, {"ask_recommendation": 1.0}, (ReadItem("heat", "want", start, start + 4),))
    assert asks_about_item(read) == ABOUT[text]
    if ABOUT[text]:
        assert decide(read, DialogueState(), Situation()) == Move(
            MoveKind.FACT, ("heat",), ("plot",), after=ABOUT[text]
        )


FACTS = {
    "when is it from?": "year",
    "is it suitable for little ones?": "rating",
    "who composed the score?": "music",
    "what comes after that one?": "series",
    "do I need to have seen the others?": "place",
}


@pytest.mark.parametrize("text", FACTS)
def test_plain_words_tell_which_fact_is_asked_for(text):
    assert asked_facts(Reading(text, {"ask_fact": 1.0}, facts=("plot",))) == ((FACTS[text],), ())


MORE_FACTS = {
    "does he die in it?": ("ending",),
    "does it end badly?": ("ending",),
    "has it got a happy ending": ("ending",),
    "what's that like?": ("plot", "impression"),
    "would I like it?": ("plot", "impression"),
    "who plays Daisy in it?": ("character",),
    "is it a remake": ("remake",),
    "hows it rated": ("score", "rating"),
    "how old can my kids be?": ("rating",),
}


@pytest.mark.parametrize("text", MORE_FACTS)
def test_questions_of_endings_roles_and_impressions_are_told_apart(text):
    facts, values = asked_facts(Reading(text, {"ask_fact": 1.0}, facts=("series",)))
    assert facts == MORE_FACTS[text]
    assert [value.label for value in values] == (["Daisy"] if facts == ("character",) and "aisy" in text else [])


@pytest.mark.parametrize(
    ("text", "of_people"),
    [
        ("how old is Tom Hanks", True),
        ("you never said how old Tom Hanks is", True),
        ("how old was she in it?", True),
        ("did she win anything", True),
        ("how old is it?", False),
        ("did it win anything?", False),
        ("is Tom Hanks in it?", False),
    ],
)
def test_lives_of_people_are_told_from_works(text, of_people):
    assert about_people(reading(text, "ask_fact")) is of_people


@pytest.mark.parametrize(
    ("text", "degree"), [("how scary is it?", True), ("how long is it?", False), ("is it scary?", False)]
)
def test_how_much_is_no_whether(text, degree):
    assert asks_how_much(text) is degree


def test_an_item_is_identified_by_what_it_is():
    assert identifies("is that the Michael Mann heist one?")
    assert not identifies("is that the best you have?")
    read = identifying(reading("is that the Michael Mann one?", "ask_recommendation"))
    assert read.has("ask_fact")
    assert not read.has("ask_recommendation")
    assert asked_facts(read)[1]


SUPERLATIVES = {
    "which of these is the shortest?": ("runtime", "least"),
    "and which one is longer?": ("runtime", "most"),
    "which is more recent?": ("year", "most"),
    "what is the oldest of them": ("year", "least"),
    "is Heat longer than Collateral?": ("runtime", "most"),
    "was Heat made before Collateral?": ("year", "least"),
    "the shortest of them please": ("runtime", "least"),
    "who wrote the newer True Grit?": None,
    "what is the older one about?": None,
    "something shorter": None,
    "a newer one": None,
}


@pytest.mark.parametrize("text", SUPERLATIVES)
def test_a_comparison_asks_for_one_of_several(text):
    assert superlative(text) == SUPERLATIVES[text]


def test_the_last_two_are_compared_where_the_last_reply_named_one():
    read = Reading("which is more recent?", {"ask_fact": 1.0})
    situation = Situation(("dunk",), ("heat", "coll", "dunk"))
    assert decide(read, DialogueState(), situation) == Move(MoveKind.COMPARE, ("dunk", "coll"), ("year",), after="most")


def test_a_name_that_is_missing_is_said_to_be():
    name = UnknownName(13, 24, "Oppenheimer")
    read = Reading("have you got Oppenheimer?", {"small_talk": 1.0}, unknown=(name,))
    assert decide(read, DialogueState(), Situation()) == Move(MoveKind.ASK, after="missing", missing=(name,))
    wanted = Reading("", {"ask_recommendation": 1.0}, (ReadItem("heat", "like"),), unknown=(name,))
    move = decide(wanted, DialogueState(liked=("heat",)), Situation())
    assert (move.kind, move.missing) == (MoveKind.RECOMMEND, (name,))


def test_nothing_is_told_of_lives():
    read = Reading("when was she born?", {"ask_fact": 1.0})
    assert decide(read, DialogueState(), Situation(("heat",), ("heat",))).after == "of_people"


@pytest.mark.parametrize(
    "text", ["anything by Tom Hanks?", "any lesser known one with Tom Hanks", "is there anything with Tom Hanks"]
)
def test_any_of_somebody_is_asked_for(text):
    found = acts(text, "ask_fact")
    assert "ask_recommendation" in found
    assert "ask_fact" not in found


@pytest.mark.parametrize(
    ("text", "all_of_them"),
    [
        ("list them all", True),
        ("show me all of those", True),
        ("all of them", True),
        ("my nephew watches them all day", False),
        ("ive seen all of those", False),
        ("not ghibli, i have seen all of them", False),
    ],
)
def test_a_whole_list_is_asked_for_only_where_words_say_so(text, all_of_them):
    assert wants_all(text) is all_of_them


def test_facts_of_several_are_told_of_each():
    read = reading("how long are they?", "ask_fact")
    assert decide(read, DialogueState(), Situation(("heat", "ince"), ("heat", "ince"))).items == ("heat", "ince")
    one = reading("how long is it?", "ask_fact")
    assert decide(one, DialogueState(), Situation(("heat", "ince"), ("heat", "ince"))).items == ("heat",)


def test_others_of_a_list_are_a_list():
    read = reading("only ones with Tom Hanks", "refine")
    move = decide(read, after(read), Situation(("heat", "ince", "toy"), ("heat", "ince", "toy")))
    assert move.kind == MoveKind.LIST
    assert decide(read, after(read), Situation(("heat",), ("heat",))).kind == MoveKind.RECOMMEND


def test_several_titles_may_be_asked_for_at_once():
    text = "Do you have Heat or Inception?"
    named = (ReadItem("heat", "want", 12, 16), ReadItem("ince", "want", 20, 29))
    assert asks_about_item(replace(reading(text, "ask_help"), items=named)) == "here"
    compared = replace(reading("Do you think Heat or Inception is better?", "compare"), items=named)
    assert asks_about_item(compared) == ""


@pytest.mark.parametrize(
    "text",
    [
        "does it have a sequel?",
        "and the one after that?",
        "what is the next film in the series?",
    ],
)
def test_series_are_asked_for_in_plain_words(text):
    assert asked_facts(reading(text, "ask_fact"))[0] == ("series",)


def test_what_must_be_seen_before_is_asked_in_plain_words():
    assert asked_facts(reading("do we need to see the first one?", "ask_fact"))[0] == ("place",)
    assert asked_facts(reading("is the sequel as good?", "ask_fact"))[0] == ("sequel",)


@pytest.mark.parametrize("text", ["what's the imdb rating?", "which is rated higher?", "how highly is it rated?"])
def test_what_others_think_is_no_rating_by_age(text):
    assert asked_facts(reading(text, "ask_fact"))[0] == ("score",)
    assert asked_facts(reading("what's it rated?", "ask_fact"))[0] == ("rating",)
