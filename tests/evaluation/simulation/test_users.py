"""Who users are, what those with an agenda say, and what a language model is told to say for them."""

from random import Random

import pytest

from endpoint import chat_completions, says
from films import film_catalogue
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, ItemLabel, Speaker, Turn
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.templates.grammar import parse, slots
from pecrs.data.templates.noise import STYLES
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.baselines.language_models import Endpoint
from pecrs.evaluation.simulation.agenda import AgendaUsers, read_said
from pecrs.evaluation.simulation.conversation import Exchange, Judgement, Message, SystemReply, Verdict
from pecrs.evaluation.simulation.facets import Facet, title_said
from pecrs.evaluation.simulation.language import LanguageUsers
from pecrs.evaluation.simulation.users import Profile, draw_users

FILMS = film_catalogue()
COMEDY, RYAN = Facet("genre", "comedy"), Facet("actor", "Meg Ryan")
USER = Profile(1, "sleep", (COMEDY, RYAN), seed=3)


def after(verdict, *disclosed, facet=None, item="mail", asks=None):
    reply = SystemReply(Turn(Speaker.RECOMMENDER, "Try You've Got Mail (1998)."), (item,))
    return Exchange(Message("a comedy", disclosed, asks=asks), reply, Judgement(verdict, item, facet))


def test_a_seed_gives_the_same_users_and_another_gives_others():
    world, dialogues = film_world(0, 30)
    assert draw_users(world, "target", 8, 1, dialogues) == draw_users(world, "target", 8, 1, dialogues)
    assert draw_users(world, "target", 8, 1, dialogues) != draw_users(world, "target", 8, 2, dialogues)
    assert draw_users(world, "free", 8, 1) == draw_users(world, "free", 8, 1)


def test_a_target_is_what_was_recommended_and_liked_and_its_facets_are_its_own():
    turns = (Turn(Speaker.SEEKER, "Big", items=("big",)), Turn(Speaker.RECOMMENDER, "those", items=("heat", "mail")))
    labels = {"heat": ItemLabel(True, False, False), "mail": ItemLabel(True, False, True)}
    [user] = draw_users(FILMS, "target", 1, 0, [Dialogue("d", turns, labels)])
    assert (user.target, user.source, user.seen) == ("mail", "d", {"big"})
    assert len(user.wants) >= 4
    assert all(facet.holds(FILMS["mail"]) for facet in user.wants)
    [free] = draw_users(FILMS, "free", 1, 0, [Dialogue("d", turns, labels)])
    assert (free.target, free.liked) == (None, ("big",))


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ConfigError, match="goal: one of target, free is expected"):
        draw_users(FILMS, "any", 1, 0)
    with pytest.raises(ConfigError, match="count: at least one user"):
        draw_users(FILMS, "free", 0, 0)
    with pytest.raises(DataError, match="4 facts that a user could ask for"):
        draw_users(Catalogue((Item("1", "A", 1990),), ("title",)), "target", 1, 0)
    with pytest.raises(DataError, match="no dialogue"):
        draw_users(FILMS, "target", 1, 0, [Dialogue("d", (Turn(Speaker.SEEKER, "Hi"),))])


def test_every_wording_can_be_said():
    def lines(entry):
        return (
            [line for inner in entry.values() for line in lines(inner)]
            if isinstance(entry, dict)
            else entry.split("\n")
        )

    known = {"kind", "kinds", "noun", "nouns", "value", "title", "verb"}
    said = [line.strip() for line in lines(read_said()) if line.strip()]
    assert len(said) > 100
    assert all(slots(parse(line)) <= known for line in said)


def message(*before, user=USER):
    [found] = AgendaUsers(FILMS).speak([(user, before)])
    return found


def test_what_is_said_follows_from_the_last_reply():
    opening = message()
    assert opening.disclosed == (COMEDY,)
    assert message() == opening
    missing = message(after(Verdict.MISFIT, COMEDY, facet=RYAN))
    assert missing.disclosed == (RYAN,)
    assert "Meg Ryan" in missing.text
    assert message(after(Verdict.ASKED, COMEDY)).disclosed == (RYAN,)
    again = message(after(Verdict.VIOLATES, COMEDY, facet=COMEDY))
    assert (again.disclosed, "comed" in again.text.lower()) == ((), True)
    assert "comedy" not in message(after(Verdict.FITS, COMEDY, RYAN)).text.lower()


def test_a_curious_user_asks_once_for_what_the_catalogue_knows_and_goes_on():
    curious = Profile(1, "sleep", (COMEDY, RYAN), curious=1.0)
    asked = message(after(Verdict.MISFIT, COMEDY, facet=RYAN), user=curious)
    assert (asked.asks in ("director", "cast", "genre", "year"), asked.about, asked.disclosed) == (True, "mail", ())
    answered = after(Verdict.ANSWERED, asks="director")
    assert message(after(Verdict.MISFIT, COMEDY, facet=RYAN), answered, user=curious).disclosed == (RYAN,)


def test_an_agenda_never_says_its_title_however_it_is_typed():
    world, dialogues = film_world(0, 30)
    users = AgendaUsers(world)
    for user in draw_users(world, "target", 30, 0, dialogues):
        told, before = [], []
        for facet in (None, *user.wants):
            [said] = users.speak([(user, before)])
            told.append(said.text)
            before = [
                *before,
                Exchange(said, after(Verdict.ASKED).reply, Judgement(Verdict.MISFIT, user.target, facet)),
            ]
        assert not title_said(world[user.target].title, told)
    assert {user.style for user in draw_users(world, "target", 60, 0)} == set(STYLES)


def test_habits_of_typing_stay_those_of_the_user():
    lower = Profile(1, "sleep", (COMEDY, RYAN), style="lower", seed=Random(1).getrandbits(32))
    neat = Profile(1, "sleep", (COMEDY, RYAN), style="neat", seed=lower.seed)
    assert message(user=neat).text[0].isupper()
    assert message(user=lower).text[0].islower()


def test_a_language_model_speaks_without_knowing_the_title():
    with chat_completions(lambda body: says('"A comedy with Meg Ryan, please"')) as stub:
        users = LanguageUsers(FILMS, Endpoint("some", stub.base))
        [said] = users.speak([(USER, (after(Verdict.MISFIT, COMEDY, facet=RYAN),))])
    assert said == Message("A comedy with Meg Ryan, please", (RYAN,))
    question = stub.asked[0]["messages"][0]["content"]
    assert "Sleepless" not in question
    assert "What was just recommended is not: Meg Ryan." in question
    assert "Recommender: Try You've Got Mail (1998)." in question


def test_a_language_model_that_says_nothing_is_an_error():
    with chat_completions(lambda body: says("  ")) as stub, pytest.raises(DataError, match="writes no message"):
        LanguageUsers(FILMS, Endpoint("some", stub.base)).speak([(USER, ())])
