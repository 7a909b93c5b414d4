"""Talk as it comes: fragments, tastes in passing, misspelt names, refusals in idioms, what is meant together."""

import pytest

from bundled import bundled_recommender
from pecrs import Chat
from pecrs.inference.replies import _looked_for
from pecrs.inference.understanding.refusals import affirmed


def wanted(*messages):
    """Return what a conversation wants in the end, and what it refuses."""
    chat = Chat(bundled_recommender())
    state = [chat.say(message) for message in messages][-1].state
    return [str(entry) for entry in state.wanted], [str(entry) for entry in state.avoided]


def first(*messages):
    """Return the reply to the last message, and the name of its first item."""
    chat = Chat(bundled_recommender())
    reply = [chat.say(message) for message in messages][-1]
    return reply.text, reply.items[0].item.name if reply.items else ""


@pytest.mark.parametrize(
    ("messages", "wants"),
    [
        (["something with Merryl Streep"], ["Meryl Streep"]),
        (["with Scarlet Johanson"], ["Scarlett Johansson"]),
        (["anything by Tarrantino?"], ["Quentin Tarantino"]),
        (["by speilberg please"], ["Steven Spielberg"]),
        (["I'm in the mood for an old Hitchcock"], ["older", "Alfred Hitchcock"]),
        (["some Carpenter maybe"], ["John Carpenter"]),
        (["a film about a carpenter"], ["carpenter"]),
        (["which Wes Anderson would you bring on a date?"], ["Wes Anderson"]),
        (["a heist that goes wrong", "the one with al pacino"], ["heist", "Al Pacino"]),
        (["like Amélie", "in french too"], ["French"]),
        (["something with Emma Stone", "and Ryan Gosling"], ["Emma Stone", "Ryan Gosling"]),
        (["Emma Stone please", "something with Ryan Gosling", "one with both of them"], ["Ryan Gosling", "Emma Stone"]),
        (["who directed Heat?", "more by them"], ["Michael Mann"]),
        (["my daughter is 9 and loves horses"], ["for older children", "horses"]),
        (["he likes dogs and horses"], ["dog or horses"]),
        (["we both love food"], ["food"]),
        (["movies about cooking", "in paris"], ["cooking", "paris"]),
        (["a scandinavian thriller"], ["scandinavian", "thriller"]),
        (["best film of 1999?"], ["acclaimed", "1999"]),
        (["my best friend loves horror"], ["horror"]),
        (["I love it"], []),
        (["I only have an hour and a half"], ["up to 90 minutes"]),
        (["I slept two hours"], []),
        (["something weird", "lol no weirder"], ["quirky"]),
        (["movies set in new york at christmas"], ["new york", "christmas"]),
        (["The Shining", "what else did the director make?"], ["Stanley Kubrick"]),
        (
            [
                "a western without clint eastwood",
                "he never saw the later eastwood ones, so eastwood is fine again, one with him",
            ],
            ["western", "Clint Eastwood"],
        ),
        (["an 80s comedy", "nvm jake wants a shark movie now lol"], ["sharks"]),
        (
            ["an 80s sci-fi", "what about arnold schwarzenegger, he was everywhere back then"],
            ["1980-1989", "sci-fi", "Arnold Schwarzenegger"],
        ),
        (
            ["a romance with Audrey Hepburn", "something by Mr. Wilder with Miss Hepburn"],
            ["romance", "Billy Wilder", "Audrey Hepburn"],
        ),
        (["a true story"], ["based on a true story"]),
        (["aliens"], ["Alien"]),
        (["french crime by Melville"], ["French", "crime", "Jean-Pierre Melville"]),
        (["something my teenage daughter and I can both enjoy"], ["for teenagers"]),
        (
            ["something about friendship between women", "from a female director"],
            ["friendship between women", "directed by a woman"],
        ),
    ],
)
def test_what_is_wanted_in_passing(messages, wants):
    assert wanted(*messages) == (wants, [])


@pytest.mark.parametrize(
    ("messages", "refuses"),
    [
        (["any genre but horror"], ["horror"]),
        (["everything but westerns"], ["western"]),
        (["my ex ruined romcoms for me"], ["romcom"]),
        (["something animated", "those are for kids"], ["family"]),
        (["a romance, not sappy"], ["sentimental"]),
        (["an animated film that isn't Disney or Pixar"], ["Disney", "Pixar"]),
        (["No zombies please. One of them has a real thing about zombies."], ["zombies"]),
        (["a sports film", "not boxing or football"], ["boxing", "football"]),
        (["a funny movie for teens", "not rated R"], ["R"]),
    ],
)
def test_what_is_refused_in_idioms(messages, refuses):
    assert wanted(*messages)[1] == refuses


@pytest.mark.parametrize(
    "said", ["she says no to la la land", "my husband vetoed la la land", "he turned down La La Land"]
)
def test_titles_are_refused_by_somebody_else(said):
    chat = Chat(bundled_recommender())
    state = chat.say(said).state
    assert [bundled_recommender().catalogue[item].title for item in state.disliked] == ["La La Land"]


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        (["I just finished Breaking Bad and need a film with the same feeling"], "Breaking Bad isn't"),
        (["I loved The Office, any comedy like that?"], "The Office isn't"),
        (["we watched Downton Abbey, something like it"], "Downton Abbey isn't"),
        (["I loved Parasite. what next?"], "Parasite isn't"),
        (["what else did Nolan make", "the space one"], "Interstellar (2014): "),
        (["list all the James Bond films with Daniel Craig", "which was first"], "Casino Royale (2006) is the oldest"),
    ],
)
def test_works_are_known_or_said_not_to_be(messages, said):
    assert said in first(*messages)[0]


def test_the_least_of_all_there_is():
    chat = Chat(bundled_recommender())
    found = chat.say("what's the shortest comedy you know?").items[0].item
    comedies = [film for film in bundled_recommender().catalogue if "comedy" in film.values("genres")]
    lengths = sorted(float(film.values("runtime")[0]) for film in comedies if film.values("runtime"))
    assert "comedy" in found.values("genres")
    assert float(found.values("runtime")[0]) in lengths[:3]


def test_a_film_whose_length_is_unknown_is_not_called_short():
    text, name = first("Could you find me a documentary about space?", "a shorter one")
    assert name
    assert "minutes" not in text


def test_a_double_bill_is_two():
    text, _ = first("give me a double bill for halloween")
    assert "\n2. " in text
    assert "\n3. " not in text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I don't like horror.", ""),
        ("surprise me", ""),
        ("my wife and I want to watch something tonight", ""),
        ("my wife and I want a heist tonight", "my wife and I want a heist "),
        ("all films but musicals", ""),
    ],
)
def test_only_what_is_told_is_looked_for(text, left):
    assert _looked_for(text).strip() == left.strip()


def test_what_is_set_apart_is_not_affirmed():
    assert affirmed("all films but musicals, and short") == ", and short"


def test_what_is_asked_in_one_word_for_several_values_is_answered_once():
    assert first("tell me about Titanic", "is it a true story?")[0].count("Titanic (1997)") == 1


@pytest.mark.parametrize("said", ["tell me more", "ok tell me more about it", "more info please", "any jump scares"])
def test_what_is_at_hand_is_told_of(said):
    chat = Chat(bundled_recommender())
    offered = chat.say("a comedy").items[0].item.name
    reply = chat.say(said)
    assert reply.text.startswith(offered)
    assert not reply.items


def test_more_is_told_than_was_told_before():
    chat = Chat(bundled_recommender())
    told = [
        chat.say(said).text for said in ("a mystery please", "what is it about?", "tell me more", "more info please")
    ]
    assert len(set(told[1:3])) == 2
    assert "directed by" in told[2]
