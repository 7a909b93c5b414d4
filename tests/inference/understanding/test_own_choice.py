"""Who names an item of their own, and asks about it or takes it, is offered no other one."""

import pytest

from bundled import bundled_recommender
from pecrs import Chat
from pecrs.inference.moves import MoveKind


@pytest.fixture(scope="module")
def recommender():
    return bundled_recommender()


def replies(recommender, *messages):
    chat = Chat(recommender)
    return [chat.say(message) for message in messages][-1]


@pytest.mark.parametrize(
    ("first", "message", "told"),
    [
        ("a musical", "hm no. maybe Roman Holiday? how long is it", "Roman Holiday"),
        ("a heist film", "No animals, please. Do you have Manchester by the Sea?", "Manchester by the Sea"),
        ("a western", "too violent. Is Shane any good?", "Shane"),
        ("a comedy", "nah, seen it. Is Airplane! suitable for kids?", "Airplane!"),
        ("a family film", "what about Monsters University? thats the prequel", "Monsters University"),
        ("a romance", "no, too long. I'd rather watch Notting Hill. Who wrote it?", "Notting Hill"),
        (
            "something animated and funny",
            "Great, Toy Story it is. How long is it? The kids can't sit long.",
            "Toy Story",
        ),
    ],
)
def test_who_asks_about_their_own_item_hears_of_that_alone(recommender, first, message, told):
    reply = replies(recommender, first, message)
    assert told in reply.text
    assert not reply.items


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("a scary film", "hmm no. something like The Ring, but older"),
        ("a sci-fi film", "not that one. I liked Moon, is there something similar?"),
        ("a drama", "not my thing. Have you got The Godfather? And something like it for tomorrow?"),
        ("a war film", "Is Dunkirk in black and white? I want a film in colour. Another one please"),
        ("a western", "I loved Heat, got any comedies for me?"),
        ("a western", "Gravity was great, any good dramas?"),
        ("a thriller", "I'll take Source Code. Who directed it and what else did he make?"),
    ],
)
def test_who_asks_for_another_one_beside_it_is_offered_one(recommender, first, message):
    assert replies(recommender, first, message).items


def test_what_is_taken_is_what_was_spoken_of_last_and_not_what_is_wondered_at(recommender):
    reply = replies(
        recommender, "a comedy", "Why Aladdin? I only asked about Singin' in the Rain. We'll take that, thanks."
    )
    assert reply.move is MoveKind.ACKNOWLEDGE
    assert "Singin' in the Rain" in reply.text


def test_who_praises_a_film_first_is_offered_the_kind_that_is_asked_for(recommender):
    said = "I really enjoyed Star Wars, got any action flicks for me? It should have Zoe Saldana in it."
    reply = replies(recommender, said)
    assert "Zoe Saldana" in reply.items[0].item.values("actors")
    assert not replies(recommender, "a thriller", "I loved Heat, is there any violence in it?").items
