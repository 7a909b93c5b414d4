"""What is refused, taken back or asked for anew stays so, and what was settled on is kept."""

import pytest

from bundled import bundled_recommender
from pecrs.inference.moves import MoveKind


def wanted(reply):
    return {str(entry) for entry in reply.state.wanted}


def avoided(reply):
    return {str(entry) for entry in reply.state.avoided}


def titles(reply, field):
    return {bundled_recommender().catalogue[item].title for item in getattr(reply.state, field)}


@pytest.mark.parametrize(
    ("messages", "refused"),
    [
        (("a haunted house film", "Seen it. And it's not about exorcism please"), "exorcism"),
        (("a thriller", "hm black and white, low budget... not in the mood. another one?"), "low budget"),
        (("a horror film", "zombies, vampires, not my cup of tea"), "vampires"),
        (("something with ryan gosling", "yeah no crying tonite pls. smth funny w him?"), "sad"),
        (("do you have Finding Nemo", "Sad? Then not for her. Something like it but without anything sad"), "sad"),
        (("a gangster movie", "omg no thats gross"), "gross"),
        (("I finished the lord of the rings trilogy for the 5th time. what's next?",), "The Lord of the Rings"),
    ],
)
def test_what_is_refused_is_avoided_and_not_wanted(talk, messages, refused):
    reply = talk(*messages)
    assert refused in avoided(reply)
    assert refused not in wanted(reply)


def test_a_word_that_compares_is_no_part_of_a_list_of_refusals(talk):
    reply = talk("something like alien but less gory and funnier")
    assert (wanted(reply), avoided(reply)) == ({"comedy"}, {"gory"})


def test_what_an_offer_is_and_is_not_says_what_is_wanted(talk):
    assert "pirates" in wanted(talk("something with pirates", "A dog film isn't a pirate film."))
    assert "dog" not in wanted(talk("something with pirates", "A dog film isn't a pirate film."))


def test_who_was_not_in_a_forgotten_item_is_avoided_and_who_was_is_wanted(talk):
    story = "a man wakes up and the same day repeats, but it wasn't the funny one with Bill Murray"
    assert avoided(talk(f"I'm trying to remember a film: {story}")) == {"Bill Murray"}
    reply = talk("a comedy with Bill Murray", "No! NOT the Bill Murray one. It had Tom Cruise I think")
    assert "Tom Cruise" in wanted(reply)


def test_what_is_dull_is_not_liked(talk):
    reply = talk("Spaceship comedy, like galaxy quest", "hitchhikers was meh. spaceballs, any good? who's in it")
    assert "Glad" not in reply.text
    assert "The Hitchhiker's Guide to the Galaxy" in titles(reply, "disliked")


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("it needn't be a comedy", "comedy"),
        ("it doesn't have to be funny", "comedy"),
        ("not necessarily a comedy", "comedy"),
        ("no need for it to be a comedy", "comedy"),
        ("a comedy isn't a must", "comedy"),
        ("comedy is optional", "comedy"),
        ("it can be without Steve Martin", "Steve Martin"),
        ("with or without Steve Martin", "Steve Martin"),
        ("it doesn't have to have Steve Martin in it", "Steve Martin"),
        ("I don't care about Steve Martin", "Steve Martin"),
        ("doesn't have to be the 80s", "1980-1989"),
    ],
)
def test_what_need_not_be_is_dropped_alone(talk, text, gone):
    reply = talk("a comedy and western with Steve Martin from the 80s", text)
    assert wanted(reply) == {"comedy", "western", "Steve Martin", "1980-1989"} - {gone}
    assert not avoided(reply)


def test_a_question_of_anyone_in_it_drops_nobody(talk):
    reply = talk("a comedy with Steve Martin", "has anyone in it won an Oscar?")
    assert (wanted(reply), reply.move.value) == ({"comedy", "Steve Martin"}, "fact")
    assert wanted(talk("a comedy with Steve Martin", "a western now, anyone in it")) == {"western"}


def test_forgetting_one_constraint_keeps_the_others_and_what_was_refused(talk):
    reply = talk("something with pirates, but not the Johnny Depp ones", "with Errol Flynn maybe", "forget Errol Flynn")
    assert (wanted(reply), avoided(reply)) == ({"pirates"}, {"Johnny Depp"})
    assert wanted(talk("a tense film set in a submarine", "maybe German?", "OK forget German")) == {
        "tense",
        "submarine",
    }


def test_something_completely_different_keeps_refusals_alone(talk):
    reply = talk("something that cheers me up, no romance please", "something completely different: a war film")
    assert (wanted(reply), avoided(reply)) == ({"war"}, {"romance"})


@pytest.mark.parametrize(
    "message",
    ["and for me n hubby after they go to bed?", "and for my wife and me?", "now a grown up movie for us two"],
)
def test_what_was_for_children_is_not_for_their_parents(talk, message):
    assert wanted(talk("a family film for the kids", message)).isdisjoint({"family", "for children"})


def test_an_item_that_only_is_called_so_is_turned_down(talk):
    assert not any("Friday" in entry.item.title for entry in talk("a comedy for Friday night").items[:3])
    reply = talk("a film with Ice Cube and Chris Tucker", "no, I mean on Friday, it doesn't have to be called Friday")
    assert reply.items
    assert "Friday" in titles(reply, "rejected")


def test_who_chose_leaves_with_what_they_chose(talk):
    before = ("a sad comedy with Tom Hanks", "is big more funny or more sad", "ok sold, ill watch big tonight!")
    for message in ("no no i already picked big", "wait what no, big!! not that one lol"):
        reply = talk(*before, "something like it", message)
        assert (reply.move, "Big (1988)" in reply.text) == (MoveKind.ACKNOWLEDGE, True)
    reply = talk(*before, "haha i mean will it make me cry")
    assert reply.move is MoveKind.FACT


def test_who_found_nothing_takes_nothing(talk):
    reply = talk("like galaxy quest", "i've seen galaxy quest, that's why i mentioned it. ok thanks anyway")
    assert reply.move is MoveKind.CLOSE


@pytest.mark.parametrize("message", ["just pick one for me, u choose", "which one should we watch?", "you decide"])
def test_the_choice_between_two_is_made_and_explained(talk, message):
    reply = talk("i cant decide between Heat and Ant-Man", message)
    assert "well liked" in reply.text or "acclaimed" in reply.text
    assert not reply.items


def test_nothing_is_offered_to_who_asks_what_must_be_known_first(talk):
    reply = talk("a heist film", "haha ok ant man. do i need to see other marvel stuff first?")
    assert (reply.move, "series" in reply.text, reply.items) == (MoveKind.FACT, True, ())


def test_who_the_program_is_and_an_offer_come_together(talk):
    reply = talk("are you a bot? i need a comedy")
    assert "program" in reply.text
    assert reply.items


def test_a_question_about_content_that_is_put_once_more_is_no_request_for_it(talk):
    assert not wanted(talk("do you have Notting Hill?", "is there rude stuff in it?", "i mean swearing or nudity"))
    assert wanted(talk("a gory horror film")) == {"gory", "horror"}


def test_no_more_of_somebody_in_small_letters_refuses(talk):
    assert avoided(talk("something like inception", "seen that too haha. no more nolan pls")) == {"Christopher Nolan"}
