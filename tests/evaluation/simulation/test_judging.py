"""Each verdict, on replies made by hand."""

import pytest

from films import film_catalogue
from pecrs.data.dialogue import Speaker, Turn
from pecrs.evaluation.simulation.conversation import Exchange, Judgement, Message, SystemReply, Verdict
from pecrs.evaluation.simulation.facets import Facet
from pecrs.evaluation.simulation.judging import answers_rightly, judge
from pecrs.evaluation.simulation.users import Profile

FILMS = film_catalogue()
COMEDY, CRIME, RYAN = Facet("genre", "comedy"), Facet("genre", "crime"), Facet("actor", "Meg Ryan")
NINETIES, NO_ROMANCE = Facet("decade", "1990"), Facet("genre", "romance", refused=True)
TARGET = Profile(1, "sleep", (COMEDY, RYAN, NINETIES), seen=frozenset({"big"}))
FREE = Profile(1, None, (COMEDY, RYAN))


def said(text="hi", *disclosed, liked=()):
    return Message(text, tuple(disclosed), tuple(liked))


def reply(*items, text="Try it."):
    return SystemReply(Turn(Speaker.RECOMMENDER, text), items)


def verdict(profile, message, *items, before=()):
    found = judge(profile, FILMS, before, message, reply(*items))
    return found.verdict, found.facet


@pytest.mark.parametrize(
    ("profile", "items", "disclosed", "expected"),
    [
        (TARGET, ("sleep",), (COMEDY,), (Verdict.ACCEPTED, None)),
        (TARGET, ("mail",), (COMEDY, RYAN, NINETIES), (Verdict.FITS, None)),
        (TARGET, ("date",), (COMEDY,), (Verdict.MISFIT, RYAN)),
        (TARGET, ("heat",), (COMEDY,), (Verdict.VIOLATES, COMEDY)),
        (TARGET, ("big",), (COMEDY,), (Verdict.SEEN, None)),
        (TARGET, (), (COMEDY,), (Verdict.ASKED, None)),
        (TARGET, ("heat", "sleep"), (COMEDY,), (Verdict.ACCEPTED, None)),
        (FREE, ("mail",), (COMEDY,), (Verdict.ACCEPTED, None)),
        (FREE, ("date",), (COMEDY,), (Verdict.MISFIT, RYAN)),
        (Profile(1, None, (COMEDY, NO_ROMANCE)), ("mail",), (COMEDY,), (Verdict.MISFIT, NO_ROMANCE)),
        (Profile(1, None, (COMEDY, NO_ROMANCE)), ("mail",), (COMEDY, NO_ROMANCE), (Verdict.VIOLATES, NO_ROMANCE)),
    ],
)
def test_a_reply_is_judged_by_what_is_wanted_and_what_was_said(profile, items, disclosed, expected):
    assert verdict(profile, said("hi", *disclosed), *items) == expected


def test_what_was_recommended_before_or_named_by_the_user_is_a_repeat():
    before = [Exchange(said("hi", COMEDY), reply("mail"), Judgement(Verdict.FITS, "mail"))]
    assert verdict(TARGET, said(), "mail", before=before)[0] is Verdict.REPEAT
    assert verdict(FREE, said("I liked Sleepless", liked=("sleep",)), "sleep")[0] is Verdict.REPEAT


def test_violations_and_repeats_are_counted_by_item():
    before = [Exchange(said("hi", COMEDY), reply("date"), Judgement(Verdict.FITS, "date"))]
    found = judge(TARGET, FILMS, before, said("one with Meg Ryan", RYAN), reply("heat", "date", "mail"))
    assert (found.violations, found.repeats) == (2, 1)  # Heat is no comedy, 50 First Dates lacks Meg Ryan


def test_a_title_that_the_user_said_is_leaked():
    assert judge(TARGET, FILMS, (), said("Sleepless in the 90s?"), reply("sleep")).leaked
    earlier = [Exchange(said("is it sleepless"), reply(), Judgement(Verdict.ASKED))]
    assert judge(TARGET, FILMS, earlier, said("hm"), reply("sleep")).leaked
    assert not judge(TARGET, FILMS, (), said("a comedy"), reply("sleep")).leaked
    assert not judge(TARGET, FILMS, (), said("You've Got Mail?"), reply("mail")).leaked  # not accepted


def test_what_has_been_seen_is_drawn_once_for_all():
    keen = Profile(1, "heat", (COMEDY,), seen_share=0.5, seed=4)
    found = {item.id: verdict(keen, said("hi", COMEDY), item.id)[0] for item in FILMS}
    assert found == {item.id: verdict(keen, said("hi", COMEDY), item.id)[0] for item in FILMS}
    comedies = {found[key] for key in ("big", "sleep", "mail", "date")}
    assert comedies == {Verdict.SEEN, Verdict.FITS}


@pytest.mark.parametrize(
    ("fact", "text", "right"),
    [
        ("director", "Heat (1995) was directed by Michael Mann.", True),
        ("director", "It was directed by Tony Scott.", False),
        ("cast", "al pacino is in it", True),
        ("year", "It came out in 1995.", True),
        ("year", "Heat (1995) stars Al Pacino.", False),
        ("genre", "I don't know.", False),
    ],
)
def test_answers_are_checked_against_the_catalogue(fact, text, right):
    assert answers_rightly(FILMS["heat"], fact, text) is right
    asked = Message("?", asks=fact, about="heat")
    found = judge(TARGET, FILMS, (), asked, reply("mail", text=text))
    assert found.verdict is (Verdict.ANSWERED if right else Verdict.UNANSWERED)
