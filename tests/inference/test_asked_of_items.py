"""What is asked of an item rather than for one, the other way round, and who is meant by what is said of a maker."""

import re

import pytest

from bundled import bundled_recommender
from pecrs import Chat
from pecrs.inference.understanding.content_questions import asks_content
from pecrs.inference.understanding.parts_alike import alike
from pecrs.inference.understanding.sentences import sentences


def talk(*messages):
    chat = Chat(bundled_recommender())
    return [chat.say(message) for message in messages]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("is there anything sexual or violent in it?", True),
        ("is there a lot of swearing, my mom might join", True),
        ("are there any sex scenes?", True),
        ("is there anything scary?", False),
        ("is there a film with lots of nudity?", False),
        ("is there some other one?", False),
    ],
)
def test_what_is_in_an_item_is_asked_of_it(text, asks):
    assert asks_content(text) == asks


@pytest.mark.parametrize(
    "text",
    [
        "is there a lot of swearing, my mom might join",
        "will it make me cry",
        "should i get tissues?",
        "is there any gore",
    ],
)
def test_a_question_about_content_offers_nothing(text):
    offer, reply = talk("a drama", text)
    assert not reply.items
    assert offer.items[0].item.name in reply.text


def test_content_of_a_named_item_is_told():
    assert "noted as funny" in talk("is there anything scary in The Emperor's New Groove?")[0].text
    assert "isn't noted as gory" in talk("How bad is The Woman in Black? Is there blood in it?")[0].text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Jackie Brown - who's in that and when did it come out?", ["Pam Grier", "1997"]),
        ("RoboCop: who's the director and what year?", ["Paul Verhoeven", "1987"]),
        ("Fargo, who wrote it and when is it from?", ["Coen", "1996"]),
        ("Chinatown: year and director?", ["1974", "Roman Polanski"]),
    ],
)
def test_each_fact_that_is_asked_for_is_told(text, told):
    reply = talk(text)[0].text
    assert all(words in reply for words in told)


def test_a_question_waits_for_the_item_that_the_next_one_names():
    assert len(sentences("Who wrote and who directed Chinatown?")) == 1


def test_somebody_else_refuses_the_maker():
    replies = talk("a film by Spielberg", "something like that, but by someone else")
    assert all("Steven Spielberg" not in entry.item.values("directors") for entry in replies[1].items)
    assert "steven spielberg" in {option.key for entry in replies[1].state.avoided for option in entry.options}


def test_with_him_is_an_actor_after_a_director_was_told():
    replies = talk("a Bill Murray film", "Broken Flowers sounds fine. Who directed it?", "two more with him")
    assert all("Bill Murray" in entry.item.values("actors") for entry in replies[2].items[:2])


def test_what_else_somebody_made_is_a_request():
    for text in ("did he make anything else?", "smth else by that guy", "anything else by him?"):
        replies = talk("The Silence of the Lambs, who directed it?", text)
        assert replies[1].items
        assert "Jonathan Demme" in replies[1].items[0].item.values("directors")


def test_somebody_said_twice_is_said_once():
    assert "Bill Murray and Bill Murray" not in talk("one with Bill Murray and Murray")[0].text


def test_two_people_are_asked_for_together():
    replies = talk("a comedy", "has Tom Hanks done anything with Meg Ryan?")
    assert replies[1].items
    assert {"Tom Hanks", "Meg Ryan"} <= set(replies[1].items[0].item.values("actors"))


def test_another_part_is_found_by_its_title():
    catalogue = bundled_recommender().catalogue
    first = next(item for item in catalogue if item.name == "Blade Runner (1982)")
    assert [item.name for item in alike(first, catalogue)] == ["Blade Runner (1982)", "Blade Runner 2049 (2017)"]
    assert "Blade Runner 2049 (2017)" in talk("is there another Blade Runner?")[0].text


def test_one_that_is_funnier_is_a_request():
    assert talk("i liked shrek and shrek 2", "is there a third one that's funnier than both?")[1].items


def test_which_of_a_list_is_the_one_with_somebody():
    replies = talk("list four sci-fi films", "is number 4 the one with Charlton Heston?")
    assert replies[0].items[3].item.name in replies[1].text
    assert replies[1].text.startswith(("Yes", "Not"))


def test_the_next_part_is_one_of_the_famous_series():
    text = talk("no i want to know the next rocky after rocky II")[0].text
    assert "rocky II" in text
    assert "Rocky (1976), Rocky IV (1985)" in text


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (("a light comedy with Meryl Streep", "Has she ever appeared together with Tom Hanks?"), "The Post"),
        (("a crime film with De Niro", "de niro AND pacino in one movie?"), "Heat|Righteous Kill|The Godfather"),
        (("a romcom with julia roberts", "did she work with richard gere?"), "Runaway Bride|Pretty Woman"),
        (("two comedies please", "Which Woody Allen film should I start with?"), "Woody Allen"),
        (("a romcom", "set in paris?"), "set in Paris"),
        (("a thriller", "what else have you got?"), "thriller"),
    ],
)
def test_questions_that_ask_for_items_are_answered_by_items(messages, told):
    reply = talk(*messages)[-1]
    assert reply.items
    assert re.search(told, reply.text)


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (("is The Matrix longer than Inception?",), "Inception (2010) is the longer one (148 minutes)"),
        (("Which came out first, Jaws or Alien?",), "Jaws (1975) is the older one"),
        (("who wrote the newer True Grit, the one with Jeff Bridges?",), "was written by Joel Coen"),
        (("did Kubrick write The Shining?",), "Yes, The Shining (1980) was written by Stanley Kubrick"),
        (("The Shining?", "was it directed by Spielberg?"), "No, The Shining (1980) was directed by Stanley Kubrick"),
        (("are Clooney and Hanks in Ocean's Eleven?",), "stars George Clooney, but not Tom Hanks"),
        (("is there a sequel to Jumanji from 1995 or not", "who directed million dollar baby n what yr"), "in 2004"),
        (("Titanic?", "how much did it make at the box office?"), "I don't know what Titanic (1997) cost or earned"),
        (("a thriller", "thanks! one more thing: who directed Platoon?"), "was directed by Oliver Stone"),
        (("True Lies?", "ok, we'll watch it if it's under two hours"), "True Lies (1994) runs 141 minutes"),
    ],
)
def test_what_is_asked_of_items_is_told_in_one_answer(messages, told):
    reply = talk(*messages)[-1]
    assert told in reply.text
    assert not reply.items


def test_a_pronoun_goes_on_to_mean_whom_it_meant():
    first = "a romantic comedy with Meryl Streep", "Has she ever appeared together with Tom Hanks?"
    reply = talk(*first, "and the romance she made in the nineties under the direction of Clint Eastwood")[-1]
    assert "The Bridges of Madison County" in reply.text
