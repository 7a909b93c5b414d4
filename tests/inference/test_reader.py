"""Messages are read by the package's model, and a dialogue becomes a state and a move."""

import pytest

from pecrs import Chat, Recommender
from pecrs.inference.edits import Edit
from pecrs.inference.moves import MoveKind


def played(recommender, *messages):
    """Return the chat and the last reply."""
    chat = Chat(recommender, seed=0)
    replies = [chat.say(message) for message in messages]
    return chat, replies[-1]


MOVES = {
    "hello!": MoveKind.GREET,
    "I want a comedy without Adam Sandler for tonight": MoveKind.RECOMMEND,
    "anything with Tom Hanks?": MoveKind.RECOMMEND,
    "give me five thrillers": MoveKind.LIST,
    "can you recommend a movie?": MoveKind.ASK,
    "what's the weather like in Paris?": MoveKind.DECLINE,
    "hola, quiero una pelicula de accion": MoveKind.FOREIGN,
    "what can you do?": MoveKind.HELP,
}


@pytest.mark.parametrize("message", MOVES)
def test_a_first_message_is_answered_by_the_move_it_asks_for(recommender, message):
    assert played(recommender, message)[1].move is MOVES[message]


AFTER = {
    "why?": MoveKind.WHY,
    "who directed it?": MoveKind.FACT,
    "seen it": MoveKind.RECOMMEND,
    "not that one": MoveKind.RECOMMEND,
    "sounds great, thanks": MoveKind.ACKNOWLEDGE,
    "bye": MoveKind.CLOSE,
}


@pytest.mark.parametrize("message", AFTER)
def test_a_message_after_an_offer_is_about_the_offer(recommender, message):
    assert played(recommender, "something scary please", message)[1].move is AFTER[message]


def test_items_have_what_is_wanted_and_not_what_is_refused(recommender):
    _, reply = played(recommender, "I want a comedy without Adam Sandler for tonight")
    assert str(reply.state) == "comedy, not Adam Sandler"
    for entry in reply.items:
        assert "comedy" in entry.item.values("genres")
        assert "Adam Sandler" not in entry.item.values("actors")


def test_a_list_can_be_pointed_at(recommender):
    chat, reply = played(recommender, "give me five thrillers")
    assert len(reply.turn.items) == 5
    second = reply.items[1].item
    assert chat.say("what is the second one about?").text.startswith(second.name)


def test_what_was_turned_down_does_not_come_again(recommender):
    chat, reply = played(recommender, "anything with Tom Hanks?")
    first = reply.items[0].item.id
    assert first not in {entry.item.id for entry in chat.say("not that one").items}


TALK = {  # messages, and the parts of the state after them
    ("anything with Tom Hanks?", "another one with him"): "Tom Hanks",
    ("a horror film, not older than 2010",): "horror, 2010 or later",
    ("hav you got anyting with denzel washingtn",): "Denzel Washington",
    ("i want a scarry movie",): "horror",
    ("a western by Christopher Nolan", "another"): "western",
    ("I want a Harry Potter film",): "Harry Potter",
}


@pytest.mark.parametrize("messages", TALK)
def test_what_is_wanted_is_understood(recommender, messages):
    assert str(played(recommender, *messages)[1].state) == TALK[messages]


def test_an_ordinal_means_the_list_whatever_was_asked_since(recommender):
    chat, listed = played(recommender, "give me five westerns")
    chat.say("who directed the second one?")
    assert chat.say("and who is in the third?").turn.items == (listed.items[2].item.id,)


def test_what_is_disliked_is_no_example(recommender):
    _, reply = played(recommender, "I loved Alien and hated Titanic")
    assert not any("romance" in entry.item.values("genres") for entry in reply.items[:3])


def test_a_part_of_the_state_can_be_taken_out_until_it_is_asked_for_again(recommender):
    chat, _ = played(recommender, "a western from the 90s")
    assert [words for _, words in chat.state.parts()] == ["western", "1990-1999"]
    assert chat.forget("1990") == "1990-1999"
    assert str(chat.state) == "western"
    assert str(chat.say("what else?").state) == "western"
    assert str(chat.say("from the 90s please").state) == "western, 1990-1999"


def test_a_ranking_follows_the_state_as_it_was_edited(recommender):
    turns = [recommender.link("a western from the 90s")]
    edits = [Edit(1, "want:western")]
    assert str(recommender.understand(turns)) == "western, 1990-1999"
    assert str(recommender.understand(turns, edits)) == "1990-1999"
    genres = [entry.item.values("genres") for entry in recommender.recommend(turns, edits=edits)]
    assert all("western" in own for own in [entry.item.values("genres") for entry in recommender.recommend(turns)])
    assert not all("western" in own for own in genres)


def test_without_grounded_words_nothing_is_read(recommender):
    settings = recommender.settings.model_copy(update={"words": "learned"})
    learned = Recommender(recommender.model, settings=settings)
    assert learned.replies.reader is None
    assert played(learned, "a comedy please")[1].state is None
    assert learned.understand([learned.link("a comedy please")]) is None
