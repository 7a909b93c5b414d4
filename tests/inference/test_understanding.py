"""What a seeker asks for in so many words, and what a reply makes of it."""

from dataclasses import replace

import pytest

from models import tiny_config, tiny_model
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Fact, Filters, MoveKind
from pecrs.inference.understanding import ConstraintReader


def film(id_, title, year, *genres, **facts):
    return Item(id_, title, year, {"genres": genres, **facts})


CAST = ["Robert Hays", "Julie Hagerty", "Leslie Nielsen", "Lloyd Bridges"]
FILMS = Catalogue(
    (
        film("1", "Airplane!", 1980, "comedy", actors=tuple(CAST)),
        film("2", "Alien", 1979, "horror", "sci-fi", directors=("Ridley Scott",), plot=("A crew meets a stranger.",)),
        film("3", "Love Actually", 2003, "comedy", "romance", writers=("Richard Curtis",)),
        film("4", "Unforgiven", 1992, "western", "drama"),
        film("5", "Get Out", 2017, "horror", "thriller"),
        film("6", "Untitled", None),
    ),
    ("title", "actors", "directors", "genres"),
)
READER = ConstraintReader(FILMS)


def seeker(text, *named):
    return Turn(Speaker.SEEKER, text, items=named)


def offer(item="1"):
    name = FILMS[item].name
    return Turn(Speaker.RECOMMENDER, name, (Mention(0, len(name), item),))


def understood(*said):
    return READER.read([turn if isinstance(turn, Turn) else seeker(turn) for turn in said])


ASKED = {
    "no, something funnier": "comedy",
    "No something scary please": "horror",
    "I'm in the mood for a good romantic comedy": "comedy and romance",
    "Do you know any sci fi or western?": "sci-fi or western",
    "can you recommend a rom-com": "comedy and romance",
    "anything from the 80s?": "1980-1989",
    "something from the '90s": "1990-1999",
    "any movie from the 2000's": "2000-2009",
    "Something of the nineties, please": "1990-1999",
    "maybe one from 1994": "1994",
    "another before 1990": "1979-1989",
    "another after 2010": "2010-2017",
    "something more recent": "2014-2017",
    "any old movies?": "1979-1987",
    "We want anything but nothing scary": "no horror",
    "I don't like horror movies": "no horror",
    "no horror. Another western": "western, no horror",
    "why not a comedy, maybe": "comedy",
    "Comedies": "comedy",
    "anything but horror": "no horror",
    "something like a comedy instead of horror": "comedy, no horror",
    "not from the 80s please": "",
    "I don't want anything from the 80s": "",
    "no old movies please": "",
    "I didn't like that horror movie, anything else?": "",
    "that was too scary, another one": "",
    "I've never seen a good western, can you recommend one?": "",
    "I'm in my 30s and looking for a comedy": "comedy",
    "not sure maybe a comedy": "comedy",
    "some western please": "western",
    "something that is not scary": "no horror",
    "not scary": "no horror",
    "I can't stand westerns": "no western",
    "I do not really like horror": "no horror",
    "no, not scary. A good western movie!": "western, no horror",
    "maybe comedy isn't for me": "no comedy",
    "horror movies are not really my thing": "no horror",
    "any comedy from 1980 to 1989?": "comedy, 1980-1989",
    "something between 1990 and 1985": "1985-1990",
    "any movie from the 80s or 90s": "1980-1999",
    "maybe a scary western or something": "horror and western",
    "a comedy would be nice": "comedy",
    "I'd love a comedy": "comedy",
    "I feel like a comedy tonight": "comedy",
}


@pytest.mark.parametrize("text", ASKED)
def test_wishes_are_understood(text):
    assert str(understood(text).constraints) == ASKED[text]


STATEMENTS = [
    "I love comedies", "It was so funny!", "I saw it in 1994", "I watched War of 1980s", "hi", "part of it was funny",
    "it was more of a comedy", "I didn't like that horror movie", "I didn't think it was funny",
    "it was not scary at all",
    "I don't think it's a comedy", "That western isn't funny",
    "thanks for the comedy recommendation", "I am looking forward to the comedy", "I felt like that was funny",
]  # fmt: skip


@pytest.mark.parametrize("text", STATEMENTS)
def test_statements_are_no_wishes(text):
    assert str(understood(text).constraints) == ""
    assert not understood(text).asks


def test_titles_are_no_wishes():
    turn = Turn(Speaker.SEEKER, "anything like Scary Movie?", (Mention(14, 25, "1"),))
    assert str(understood(turn).constraints) == ""


def test_the_latest_wish_counts_and_refusals_last():
    assert str(understood("any comedy?", offer(), "something from the 80s").constraints) == "comedy, 1980-1989"
    assert str(understood("any comedy?", offer(), "rather a western").constraints) == "western"
    assert str(understood("no horror please", offer(), "any comedy").constraints) == "comedy, no horror"
    assert str(understood("no horror please", offer(), "well, maybe something scary").constraints) == "horror"
    assert str(understood("a horror movie please", "no, not horror").constraints) == "no horror"


@pytest.mark.parametrize(
    "text",
    ["I've seen that", "already seen", "something else", "another one?", "What else", "Another", "more please", "next"],
)
def test_asking_for_more_needs_an_offer(text):
    assert not understood(text).asks
    assert understood(offer(), text).asks
    assert not understood(offer(), text, offer("2"), "thanks").asks


@pytest.mark.parametrize(
    "text", ["What next?", "so what would you recommend", "which one should I watch", "any suggestions?"]
)
def test_a_request_needs_something_to_go_by(text):
    assert not understood(text).asks
    assert understood(seeker("I love it", "1"), text).asks
    assert understood(offer(), text).asks
    assert understood(seeker(text, "1")).asks


@pytest.mark.parametrize("text", ["I'm looking for a movie like It", "can you find me something similar to It?"])
def test_asking_for_something_like_an_item_is_a_request(text):
    turn = Turn(Speaker.SEEKER, text, (Mention(text.index(" It") + 1, text.index(" It") + 3, "1"),))
    assert understood(turn).asks
    love = Turn(Speaker.SEEKER, "I love movies like It", (Mention(19, 21, "1"),))
    assert not understood(love).asks


@pytest.mark.parametrize("text", ["That sounds good, thank you very much!", "Have a nice day!", "ok thanks, bye"])
def test_thanks_and_farewells_end_it(text):
    assert understood(offer(), text).closes
    assert not understood(text).closes
    assert not understood(offer(), text, "another one").closes
    assert not understood(offer(), f"{text} Any comedy?").closes


@pytest.mark.parametrize(
    "text", ["I liked that", "good, thanks! What else?", "thanks for asking", "I have a nice idea"]
)
def test_anything_else_does_not(text):
    assert not understood(offer(), text).closes


NOT_SEEN = [
    "I don't think I've seen that one",
    "no other movies thanks",
    "I don't want another one, bye",
    "Have you seen it?",
    "I haven't seen that one",
    "I have never seen that",
    "I've not seen it",
    "I havent seen it",
]


@pytest.mark.parametrize("text", NOT_SEEN)
def test_what_was_not_seen_is_not_turned_down(text):
    assert not understood(offer(), text).asks


NO_QUESTIONS = [
    "which genre do you recommend?",
    "I saw it when it came out",
    "My son, who is in college, likes it",
    "I like the guy who plays in it",
    "the man who directed it is great",
    "which actors do you like?",
]


@pytest.mark.parametrize("text", NO_QUESTIONS)
def test_statements_and_other_questions_ask_for_no_fact(text):
    assert READER.fact([offer("2"), seeker(text)]) is None
    assert READER.fact([offer("1"), seeker(text)]) is None


FACTS = {
    "who is in it?": ("1", "stars Robert Hays, Julie Hagerty and Leslie Nielsen."),
    "Who's in that one": ("1", "stars Robert Hays, Julie Hagerty and Leslie Nielsen."),
    "what year is that?": ("1", "came out in 1980."),
    "When did it come out": ("1", "came out in 1980."),
    "what is it about?": ("1", "is comedy. It stars Robert Hays, Julie Hagerty and Leslie Nielsen."),
    "which genre is it": ("1", "is comedy."),
    "ok, and who stars in it?": ("1", "stars Robert Hays, Julie Hagerty and Leslie Nielsen."),
    "Do you know who is in it": ("1", "stars Robert Hays, Julie Hagerty and Leslie Nielsen."),
}


@pytest.mark.parametrize("text", FACTS)
def test_facts_about_what_was_named_last(text):
    fact = READER.fact([seeker("a", "2"), offer(), seeker(text)])
    assert (fact.item.id, fact.words) == FACTS[text]


def test_facts_about_what_is_named():
    assert READER.fact([offer(), seeker("who directed Alien?", "2")]) == Fact(
        FILMS["2"], "was directed by Ridley Scott."
    )
    assert READER.fact([offer("3"), seeker("who wrote it?")]) == Fact(FILMS["3"], "was written by Richard Curtis.")
    assert READER.fact([offer("2"), seeker("What's it about?")]).words.endswith(" A crew meets a stranger.")


@pytest.mark.parametrize("text", ["When did Alien come out?", "what year was Alien from", "How old is Alien?"])
def test_facts_about_a_title_in_the_question(text):
    start = text.index("Alien")
    turn = Turn(Speaker.SEEKER, text, (Mention(start, start + 5, "2"),))
    assert READER.fact([offer("1"), turn]) == Fact(FILMS["2"], "came out in 1979.")


def test_it_is_what_was_named_last():
    assert READER.fact([seeker("I saw both", "3", "2"), seeker("Who directed it?")]).item.id == "2"


def test_what_is_not_known_is_left_to_the_model():
    assert READER.fact([seeker("who is in it?")]) is None
    assert READER.fact([offer("6"), seeker("who is in it?")]) is None
    assert READER.fact([offer("6"), seeker("what year is it from?")]) is None
    assert READER.fact([offer("6"), seeker("what is it about?")]) is None
    assert READER.fact([offer(), seeker("I like it")]) is None
    assert READER.fact([seeker("who is in it", "1"), offer()]) is None
    assert READER.fact([]) is None
    assert READER.fact([seeker("who is in it?", "not there any more")]) is None


def test_other_names_of_a_genre_share_its_words():
    reader = ConstraintReader(Catalogue((Item("1", "A", facts={"genres": ("Science Fiction",)}),), ("title", "genres")))
    assert str(reader.read([seeker("any sci-fi?")]).constraints) == "science fiction"
    names = ("Science Fiction", "sci-fi", "sci-fi")
    both = Catalogue(tuple(Item(str(i), "A", facts={"genres": (n,)}) for i, n in enumerate(names)), ("title", "genres"))
    assert str(ConstraintReader(both).read([seeker("any sci-fi?")]).constraints) == "sci-fi"


def test_books_have_neither_years_nor_genres():
    reader = ConstraintReader(Catalogue((Item("1", "A book"),), ("title",)))
    assert str(reader.read([seeker("any comedy from the 80s?")]).constraints) == ""


# In replies


@pytest.fixture(scope="module")
def recommender():
    config = tiny_config(data={"max_context_tokens": 64}, generation={"shortlist": 6})
    model = tiny_model("gpt2", config).model
    facts = [("comedy",), ("horror",), ("comedy", "romance")]
    items = [
        replace(item, year=1980 + row, facts={**item.facts, "genres": facts[row % 3], "actors": ("Ann", "Bob")})
        for row, item in enumerate(model.catalogue)
    ]
    return Recommender(model, replace(model.catalogue, items=tuple(items)), settings=config.generation)


def with_settings(recommender, **changes):
    settings = recommender.settings.model_copy(update=changes)
    return Recommender(recommender.model, recommender.catalogue, recommender.index, settings)


def test_items_are_chosen_among_what_was_asked_for(recommender):
    reply = recommender.respond([seeker("any scary movie?")], seed=0)
    assert reply.recommends
    assert {genre for entry in reply.items for genre in entry.item.values("genres")} == {"horror"}
    assert str(reply.constraints) == "horror"
    both = recommender.respond([seeker("a horror comedy please")], seed=0)  # there is none: either will do
    assert {entry.item.values("genres")[0] for entry in both.items} == {"horror", "comedy"}
    refused = recommender.respond([seeker("no horror please"), seeker("a comedy from the 30s please")], seed=0)
    assert all("horror" not in entry.item.values("genres") for entry in refused.items)
    never = recommender.respond([seeker("a comedy from the 30s please")], seed=0)  # nor one so old
    assert {entry.item.values("genres")[0] for entry in never.items} == {"comedy"}


def test_a_wish_cannot_widen_the_filters(recommender):
    reply = recommender.respond([seeker("any scary movie?")], filters=Filters(genres=frozenset({"romance"})), seed=0)
    assert {"romance"} <= {genre for entry in reply.items for genre in entry.item.values("genres")}
    assert all("romance" in entry.item.values("genres") for entry in reply.items)


def test_a_question_of_fact_is_answered_without_a_recommendation(recommender):
    item = recommender.catalogue.items[2]
    turns = [Turn(Speaker.RECOMMENDER, item.name, (Mention(0, len(item.name), item.id),)), seeker("who is in it?")]
    reply = recommender.respond(turns)
    assert reply.text == f"{item.name} stars Ann and Bob."
    assert reply.move is MoveKind.TELL
    assert not reply.recommends
    assert reply.items == ()
    assert reply.turn.items == (item.id,)
    assert recommender.respond(turns, recommend=True, seed=0).items  # unless told what to do


def test_who_takes_leave_gets_no_recommendation(recommender):
    item = recommender.catalogue.items[2]
    offered = Turn(Speaker.RECOMMENDER, item.name, (Mention(0, len(item.name), item.id),))
    eager = with_settings(recommender, decision_threshold=0.0)
    assert eager.respond([offered, seeker("fine")], seed=0).recommends
    assert not eager.respond([offered, seeker("thank you, bye")], seed=0).recommends
    assert eager.respond([offered, seeker("thank you, bye")], recommend=True, seed=0).recommends


def test_constraints_can_be_switched_off(recommender):
    deaf = with_settings(recommender, follow_constraints=False)
    reply = deaf.respond([seeker("any scary movie?")], recommend=True, seed=0)
    assert len({genre for entry in reply.items for genre in entry.item.values("genres")}) > 1
    assert str(reply.constraints) == ""
