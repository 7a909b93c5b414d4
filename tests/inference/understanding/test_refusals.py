"""Which of the things that a message names it refuses."""

import pytest

from inference_readings import reading
from pecrs.inference.understanding.grounding import grounded
from pecrs.inference.understanding.reading import Reading, ReadItem
from pecrs.inference.understanding.refusals import of_vexing, refused

CASES = [
    ("I have had quite enough of James Stewart for a while", ["James Stewart"], [True]),
    ("we've had our fill of war, a comedy", ["war", "comedy"], [True, False]),
    ("my flatmate says enough Korea", ["Korea"], [True]),
    ("too tired for anything heavy, a comedy", ["heavy", "comedy"], [True, False]),
    ("I cannot bear it when people suddenly burst into song", ["burst into song"], [True]),
    ("there is not enough comedy in it", ["comedy"], [None]),
    ("no Hollywood, something Danish or Swedish", ["Hollywood", "Danish", "Swedish"], [True, False, False]),
    ("no horror, gore or clowns", ["horror", "gore", "clowns"], [True, True, True]),
    ("boxing films but not Rocky", ["boxing", "Rocky"], [False, True]),
    ("i hate musicals, romance and anything with tom cruise", ["musicals", "romance", "tom cruise"], [True] * 3),
    ("two more, but skip Nolan", ["Nolan"], [True]),
    ("something funny, other than Big", ["funny", "Big"], [False, True]),
    ("I hate westerns and love musicals", ["westerns", "musicals"], [True, None]),
    ("no horror, comedy please", ["horror", "comedy"], [True, False]),
    ("not too scary and funny", ["scary", "funny"], [True, None]),
    ("no the newer one", ["newer"], [None]),
    ("I don't mind horror", ["horror"], [False]),
    ("it sounds so sad", ["sad"], [True]),
    ("horror bores me", ["horror"], [True]),
    ("why not a western?", ["western"], [None]),
    ("dramas, none of them about war", ["dramas", "war"], [False, True]),
    ("a romance, nobody with cancer", ["romance", "cancer"], [False, True]),
    ("a drama, no one from France", ["drama", "France"], [False, True]),
    ("not in English please", ["English"], [True]),
    ("without clowns, spiders or snakes", ["clowns", "snakes"], [True, True]),
    ("Hugh Grant gets on my nerves, another one", ["Hugh Grant"], [True]),
    ("Dogs dying makes me cry", ["Dogs dying"], [True]),
    ("I've had it with zombies", ["zombies"], [True]),
    ("he drives me up the wall, Adam Sandler does nothing for me", ["Adam Sandler"], [True]),
    ("my wife isn't big on westerns", ["westerns"], [True]),
    ("too many remakes lately", ["remakes"], [True]),
    ("don't give me any more musicals", ["musicals"], [True]),
    ("Seagal? you must be joking", ["Seagal"], [True]),
    ("Adam Sandler again? no", ["Adam Sandler"], [True]),
    ("another Sandler one, I'm over him", ["Sandler"], [True]),
    ("too scary, no gore", ["too scary", "gore"], [True, True]),
    ("I can't get enough of zombies", ["zombies"], [False]),
    ("a drama that makes me cry", ["drama"], [False]),
    ("can't you recommend a comedy", ["comedy"], [None]),
]


@pytest.mark.parametrize(("text", "words", "expected"), CASES)
def test_words_beside_a_span_and_lists_say_what_is_refused(text, words, expected):
    spans = [(text.index(word), text.index(word) + len(word)) for word in words]
    assert refused(text, spans) == expected


def test_what_no_word_refuses_is_wanted_whatever_was_read():
    read = grounded(reading("a comedy with Tom Hanks but no horror", "ask_recommendation", "avoid", "dislike", "want"))
    assert [value.role for value in read.values] == ["want", "want", "avoid"]


def test_an_item_taken_out_is_not_disliked():
    text = "a crime film other than Heat"
    read = grounded(Reading(text, {"ask_recommendation": 1.0}, (ReadItem("heat", "avoid", 24, 28),)))
    assert read.roles("seen") == ("heat",)


def test_a_part_of_the_words_for_being_vexed_is_nothing_of_its_own():
    assert of_vexing("clowns freak me out", 7, 12)
    assert not of_vexing("clowns freak me out", 0, 6)
