"""What is answered from notes on items, and messages that say in free text what they look for."""

import pytest

from inference_readings import reading
from pecrs.data.catalogue import Item
from pecrs.inference.language.noted import told_tone
from pecrs.inference.language.telling import fact_words
from pecrs.inference.understanding.ungrasped import describes_item, tells_story
from pecrs.inference.understanding.wanted_beside import wanting_alone

SCARY = Item(
    "s", "Saw", 2004,
    {"genres": ("horror",), "rating": ("R",), "mood": ("scary", "bleak"), "content": ("gore", "jump scares"),
     "audience": ("adults",), "reception": ("mixed",), "story": ("Two men wake up chained.",)},
)  # fmt: skip
TAME = Item("t", "Babe", 1995, {"genres": ("family",), "mood": ("gentle",), "content": ("harmless",)})
AWARDED = Item("a", "Big", 1988, {"reception": ("acclaimed",), "awards": ("Oscar 1989, Writing (won)",)})
BARE = Item("b", "Nothing", 2000, {"genres": ("horror",), "actors": ("Ann Lee",), "rating": ("R",)})

PAIR = Item("p", "Two", 2000, {"actors": ("Ann Lee", "Bob May")})


@pytest.mark.parametrize(
    ("item", "kind", "words"),
    [
        (SCARY, "scary", "Yes, {item} is noted as scary and has jump scares."),
        (TAME, "scary", "No, {item} is noted as gentle and harmless."),
        (BARE, "scary", "{item} is listed as horror, so it may well be."),
        (SCARY, "quality", "got mixed reviews."),
        (AWARDED, "quality", "was acclaimed and won the Oscar for Writing."),
        (BARE, "quality", "I don't know how good {item} is: no ratings or awards are listed for it."),
        (SCARY, "score", "I have no scores, but {item} got mixed reviews."),
        (BARE, "score", "I don't know how others rate {item}: no scores are listed."),
        (SCARY, "rating", "is rated R and is one for adults."),
        (BARE, "rating", "is rated R."),
        (BARE, "character", "I don't know the roles in {item}; it stars Ann Lee."),
        (SCARY, "impression", "is listed as horror, is noted as scary and bleak and got mixed reviews."),
        (SCARY, "ending", "I don't know how {item} ends, but it is noted as scary and bleak."),
        (BARE, "ending", "I don't know how {item} ends."),
        (BARE, "remake", "I don't know whether {item} is a remake."),
        (SCARY, "plot", "in a few words: Two men wake up chained."),
    ],
)
def test_facts_are_told_from_the_notes_where_there_are_some(item, kind, words):
    assert fact_words(item, kind) == words


def test_what_an_item_is_noted_for_answers_whether_it_is_so():
    assert told_tone(SCARY, "gory") == "Yes, {item} has gore."
    assert told_tone(SCARY, "gentle") == "No, {item} is noted as scary and bleak."
    assert told_tone(SCARY, "slow") == "{item} isn't noted as slow: it is noted as scary and bleak."
    assert told_tone(AWARDED, "violent") == "What I know of {item} doesn't say."


def test_who_is_named_already_is_left_out():
    assert fact_words(PAIR, "cast", ("ann lee",)) == "stars Bob May."


@pytest.mark.parametrize(
    ("text", "story"),
    [
        ("the one where a weatherman lives the same day again", True),
        ("a widower ties thousands of balloons to his house and flies off", True),
        ("I need something my sister and her three noisy kids would enjoy tonight", False),
        ("a western", False),
        ("no horror, no clowns, hates spiders, loud noises and blood", False),
    ],
)
def test_a_story_is_told_from_a_request(text, story):
    assert tells_story(reading(text, "ask_recommendation")) is story


def test_a_request_that_tells_something_describes_an_item():
    assert describes_item(reading("lads night, beers and pizza", "ask_recommendation"))
    assert not describes_item(reading("can you suggest something good?", "ask_recommendation"))
    assert not describes_item(reading("lads night, beers and pizza", "small_talk"))


def test_a_message_that_is_nothing_but_a_value_wants_it():
    alone = wanting_alone(reading("comedy please", "off_topic", "incidental"))
    assert ([read.role for read in alone.values], alone.has("off_topic")) == (["want"], False)
    beside = wanting_alone(reading("my comedy class was cancelled", "small_talk", "incidental"))
    assert [read.role for read in beside.values] == ["incidental"]
    refused = wanting_alone(reading("comedy", "reject", "avoid"))
    assert [read.role for read in refused.values] == ["avoid"]
