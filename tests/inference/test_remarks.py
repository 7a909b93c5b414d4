"""What is said by the way and asks for nothing, what is asked of missing names, what stays when a wish is narrowed."""

import pytest

from pecrs import Chat


def state_after(recommender, *messages):
    chat = Chat(recommender)
    state = [chat.say(message) for message in messages][-1].state
    return [str(entry) for entry in state.wanted], [str(entry) for entry in state.avoided]


@pytest.mark.parametrize(
    ("messages", "wanted", "avoided"),
    [
        (
            ["a british heist comedy", "ha! yes. seen it loads tho, kevin kline w the fish. next"],
            {"United Kingdom", "heist", "comedy"},
            set(),
        ),
        (["a Czech film", "oof heavy. something czech n lighter?"], {"Czech", "light"}, {"heavy"}),
        (["a submarine film", "something older, like black and white"], {"submarine", "black and white"}, set()),
        (["a film about chess, or any game. the game is the whole thing"], {"chess"}, set()),
        (["a Czech film", "that says polish lol. i said czech"], {"Czech"}, set()),
        (["a Christmas film", "something with a bit of venom"], {"christmas"}, set()),
        (["a comedy for adults about a funeral"], {"comedy", "grown up", "funeral"}, set()),
        (["10 kids aged 9 to 13. what could we watch that has chess in it?"], {"chess", "for older children"}, set()),
        (["an Iranian film"], {"Iran"}, set()),
        (["a comedy from Eastern Europe"], {"comedy", "eastern european"}, set()),
        (["a quiet film with two strangers walking"], {"strangers"}, set()),
        (
            ["i'm writing a paper on clint eastwood. show me a western he directed"],
            {"Clint Eastwood", "western"},
            set(),
        ),
    ],
)
def test_what_is_wanted(recommender, messages, wanted, avoided):
    found, refused = state_after(recommender, *messages)
    assert wanted <= set(found)
    assert avoided <= set(refused)
    assert not {"Kevin Kline", "The Game", "heavy", "Polish", "Venom", "family"} & set(found)


@pytest.mark.parametrize(
    ("messages", "told", "untold"),
    [
        (
            ["a film with Thelma Ritter", "Not noir. Don't you have Pickup on South Street?"],
            "Pickup on South Street",
            "I don't know that about",
        ),
        (["Is there a film like Local Hero but not set in Scotland?"], "Sorry, Local Hero isn't", "like Local Hero"),
        (["Who wrote The Night of the Hunter?"], "Night of the Hunter", "The Hunter (2011)"),
        (["something by ghibli", "totoro!! do u have it"], "Yes, My Neighbor Totoro (1988) is here", "I don't have"),
        (["Five good submarine films please", "what was number three?"], "Down Periscope (1996)", "Red October"),
        (["a serial killer film", "is it gory gory"], "gore", "gore. Yes"),
        (["something like Memento", "Following (1998)?", "Is the lead anyone famous?"], "Following", "?"),
        (["I saw Shutter Island", "Is there an unfaithful husband in it?"], "Shutter Island", "Unfaithful (2002)"),
    ],
)  # fmt: skip
def test_what_is_answered(recommender, messages, told, untold):
    chat = Chat(recommender)
    reply = [chat.say(message) for message in messages][-1].text
    assert told in reply
    assert untold not in reply


def test_the_same_director_is_that_of_the_item_named_last(recommender):
    found, _ = state_after(
        recommender, "I hated Blair Witch. Back to Picnic at Hanging Rock: anything by the same director?"
    )
    assert found == ["Peter Weir"]


def test_what_exhausts_is_no_example(recommender):
    chat = Chat(recommender)
    state = chat.say("I find Bringing Up Baby exhausting").state
    assert not state.liked
    assert [recommender.catalogue[item].name for item in state.disliked] == ["Bringing Up Baby (1938)"]
