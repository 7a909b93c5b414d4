"""What the message reader of the package reads in messages that are easily misread."""

import pytest

from bundled import bundled_recommender
from pecrs.data.dialogue import Speaker
from pecrs.inference.moves import MoveKind
from pecrs.inference.policy import decide

OFFER = "You could try Heat (1995). It is a crime thriller with Al Pacino and Robert De Niro."


@pytest.fixture(scope="module")
def read():
    bundled = bundled_recommender()

    def of(text, *, offered=False):
        turns = []
        if offered:
            turns = [bundled.link("a thriller please"), bundled.link(OFFER, speaker=Speaker.RECOMMENDER)]
        turns.append(bundled.link(text, turns))
        return bundled.replies.reader.understand(turns)

    return of


@pytest.mark.parametrize("text", ["fine", "ok, sold!", "alright we're sold", "go on then", "that'll do, thanks"])
def test_a_few_words_take_an_offer(read, text):
    assert read(text, offered=True).reading.has("accept")


@pytest.mark.parametrize(
    "text", ["fine, but something older", "ok and who is in it?", "sure, another one", "no thanks, something else"]
)
def test_more_words_do_more(read, text):
    reading = read(text, offered=True).reading
    assert reading.has("refine", "ask_fact", "ask_more", "ask_recommendation", "reject")


@pytest.mark.parametrize(
    "text",
    ["perfect, I'll watch it tonight with my wife, thank you so much", "that's perfect. Thanks!", "great, bye"],
)
def test_who_agrees_and_says_thanks_wants_nothing_further(read, text):
    reading = read(text, offered=True).reading
    assert reading.has("accept", "thanks", "goodbye")
    assert not reading.has("ask_recommendation", "ask_more", "refine")


@pytest.mark.parametrize("text", ["perfect, thank you. anything similar?", "sounds good, thanks. now a comedy"])
def test_who_agrees_and_asks_for_more_wants_more(read, text):
    assert read(text, offered=True).reading.has("ask_recommendation", "ask_more", "refine", "change_mind")


@pytest.mark.parametrize("text", ["why did you suggest it?", "how come you picked that", "what made you choose it"])
def test_why_is_asked(read, text):
    assert read(text, offered=True).reading.has("ask_why")


@pytest.mark.parametrize(
    "text", ["thank you for smoking was great", "The Long Kiss Goodnight", "Good Morning, Vietnam is the best"]
)
def test_a_title_takes_no_leave(read, text):
    assert not read(text).reading.has("goodbye", "accept")


@pytest.mark.parametrize("text", ["goodbye", "ok bye, have a great evening", "well I'm off to bed, good night"])
def test_who_takes_leave_leaves(read, text):
    assert read(text, offered=True).reading.has("goodbye")


@pytest.mark.parametrize(
    ("text", "wanted", "avoided"),
    [
        ("I said comedy. that's no comedy", "comedy", ""),
        ("that's a thriller. I asked for a western", "western", ""),
        ("no, not a crime film", "", "crime"),
        ("hmm, nothing with Al Pacino please", "", "Al Pacino"),
    ],
)
def test_what_an_offer_lacks_is_wanted_and_what_it_is_is_not(read, text, wanted, avoided):
    understood = read(text, offered=True)
    assert wanted in ", ".join(map(str, understood.state.wanted))
    assert avoided in ", ".join(map(str, understood.state.avoided))
    assert understood.reading.has("reject", "refine")


@pytest.mark.parametrize("text", ["I know that one, De Niro was great in it", "ah Pacino, what an actor"])
def test_somebody_of_the_offer_is_only_remarked_on(read, text):
    assert "Pacino" not in str(read(text, offered=True).state)
    assert "Niro" not in str(read(text, offered=True).state)


@pytest.mark.parametrize("text", ["500 watts is not enough", "did you not hear the bit about my will to live"])
def test_common_words_are_nobody(read, text):
    assert not any(
        "actors" in option.fields for entry in read(text, offered=True).state.wanted for option in entry.options
    )


def test_what_an_offer_is_said_to_be_is_not_asked_for(read):
    state = read("Heat?! That is a crime film. No crime films", offered=True).state
    assert "crime" not in ", ".join(map(str, state.wanted))
    assert "crime" in ", ".join(map(str, state.avoided))


def test_who_leaves_with_nothing_takes_nothing(read):
    reading = read("forget it, bye", offered=True).reading
    assert reading.has("goodbye")
    assert not reading.has("accept")


def test_a_word_and_an_interjection_are_no_misspelt_name(read):
    assert "Waits" not in str(read("omg wait, is that the scary one", offered=True).state)


@pytest.mark.parametrize(
    "text",
    [
        "nice. ok ill watch that tonight. n one for tomorrow?",
        "Wonderful, I'll put Heat on. And one for tomorrow evening, perhaps with Cary Grant?",
        "awesome. and something for sunday with my mum?",
        "a gentle film for my gran",
        "ok whatever. u pick. surprise me",
    ],
)
def test_a_request_beside_settling_words_is_heard(read, text):
    reading = read(text, offered=True).reading
    assert reading.has("ask_recommendation", "ask_more", "refine", "no_preference")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("did it win any oscars tho? n how long is it", 2),
        ("is Val Kilmer in it? hows it rated", 2),
        ("whos the main actress n did she win anything", 2),
        ("who directed it and how old can my kids be?", 2),
    ],
)
def test_each_of_two_questions_is_one(read, text, count):
    assert len(read(text, offered=True).reading.questions) == count


@pytest.mark.parametrize("text", ["too scary, something else", "that's too scary for us", "not scary please"])
def test_whoever_wants_nothing_scary_wants_no_fright(read, text):
    understood = read(text, offered=True).state
    assert "frightening" in ", ".join(map(str, understood.avoided))
    assert "frightening" not in ", ".join(map(str, understood.wanted))


def test_something_scary_is_of_the_kind():
    state = bundled_recommender()
    turn = state.link("something scary")
    wanted = state.replies.reader.understand([turn]).state.wanted
    assert [str(entry) for entry in wanted] == ["horror"]


@pytest.mark.parametrize("text", ["date night tonight", "we're having a rainy sunday", "my mates are coming over"])
def test_an_occasion_is_wanted_as_soon_as_it_is_spoken_of(read, text):
    assert [entry.slot for entry in read(text).state.wanted] == ["tone"]


@pytest.mark.parametrize(
    "text",
    [
        "ok but what should i watch thats like it?",
        "what can we watch tonight?",
        "whats something like that",
        "isn't that about a robbery? Something without guns",
    ],
)
def test_what_to_watch_is_a_request(read, text):
    understood = read(text, offered=True)
    move = decide(understood.reading, understood.state, understood.situation)
    assert move.kind is MoveKind.RECOMMEND
