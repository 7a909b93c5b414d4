"""Where and when stories are set, what they are based on, how they end, who plays whom: asked, told and wished for."""

import pytest

from pecrs import Chat

ASKED = {
    "where is Casablanca set?": "Casablanca (1942) is set in Casablanca",
    "when does The Third Man take place?": "in the 1940s",
    "is it set in Vienna?": "Yes, The Third Man (1949) is set in Vienna",
    "is The Third Man set in Paris?": "No, The Third Man (1949) is set in Vienna",
    "what is Fight Club based on?": "is based on the novel Fight Club by Chuck Palahniuk.",
    "is Fight Club a true story?": "No, Fight Club (1999) is based on the novel",
    "did Schindler's List really happen?": "true story",
    "does La La Land have a happy ending?": "La La Land (2016) has a bittersweet ending.",
    "is Schindler's List in black and white?": "Yes, Schindler's List (1993) is in black and white.",
    "who plays the Joker in The Dark Knight?": "In The Dark Knight (2008) Heath Ledger plays the Joker.",
    "who does Tom Hanks play in Philadelphia?": "In Philadelphia (1993) Tom Hanks plays Andrew Beckett.",
    "who played Travis Bickle?": "In Taxi Driver (1976) Robert De Niro plays Travis Bickle.",
    "is Big directed by a woman?": "Yes, Big (1988) is directed by a woman.",
}


@pytest.mark.parametrize("question", ASKED)
def test_what_is_asked_of_a_story_is_told(recommender, question):
    chat = Chat(recommender)
    if question.startswith("is it"):
        chat.say("The Third Man")
    assert ASKED[question] in chat.say(question).text


def test_somebody_is_told_of_the_film_at_hand_first(recommender):
    chat = Chat(recommender)
    chat.say("The Third Man")
    assert "Orson Welles plays Harry Lime" in chat.say("who is Harry Lime?").text
    assert "Anthony Hopkins plays Hannibal Lecter" in chat.say("who plays Hannibal Lecter?").text
    assert "Jodie Foster as Clarice Starling" in chat.say("who plays the dad in it?").text


WISHES = {
    "a film set in the 1920s": ("period", "1920s"),
    "a comedy set in the eighties": ("period", "1980s"),
    "something set in Rome": ("setting", "Rome"),
    "a thriller with a sad ending": ("ending", "sad"),
    "a comedy directed by a woman": ("themes", "directed by a woman"),
}


@pytest.mark.parametrize("wish", WISHES)
def test_what_is_wished_of_a_story_is_fulfilled(recommender, wish):
    name, value = WISHES[wish]
    reply = Chat(recommender).say(wish)
    assert value in reply.items[0].item.values(name) or "dark" in reply.items[0].item.values(name)


def test_years_of_a_story_are_no_years_of_a_film(recommender):
    reply = Chat(recommender).say("a film from the 80s set in the 50s")
    assert sorted(str(entry) for entry in reply.state.wanted) == ["1950s", "1980-1989"]


def test_another_place_takes_the_place_of_one(recommender):
    chat = Chat(recommender)
    chat.say("a film set in New York")
    assert [str(entry) for entry in chat.say("one set in Paris instead").state.wanted] == ["paris"]
    state = chat.say("not in Paris").state
    assert [str(entry) for entry in state.wanted] == []
    assert "paris" in [str(entry) for entry in state.avoided]


def test_a_place_is_refused(recommender):
    state = Chat(recommender).say("a film like Rob Roy but not set in Scotland").state
    assert "scotland" in [str(entry) for entry in state.avoided]
    assert not state.wanted
