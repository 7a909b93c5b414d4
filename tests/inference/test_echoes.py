"""What repeats an offer in wonder, or remarks on it, asks for nothing."""

from dataclasses import replace

import pytest

from inference_readings import after, reading
from pecrs.inference.echoes import echoed, remarked, without_echo
from pecrs.inference.reading import ReadItem, with_parts

PEOPLE = frozenset({"actors", "directors", "writers"})


def always(read):
    return True


def never(read):
    return False


def parts(*texts):
    return [reading(text, acts) for text, acts in texts]


@pytest.mark.parametrize(
    ("first", "second", "of_offer", "count"),
    [
        ("a comedy?", "no. a thriller", never, 1),
        ("a comedy??", "god no", never, 1),
        ("a comedy lol", "something with Tom Cruise", always, 1),
        ("a comedy lol", "something with Tom Cruise", never, 0),
        ("do you have a comedy?", "no horror please", always, 0),
        ("a comedy please", "no horror", always, 0),
        ("a comedy?", "who is in it?", always, 0),
    ],
)
def test_only_what_is_refused_or_true_of_the_offer_is_repeated_in_wonder(first, second, of_offer, count):
    assert echoed(parts((first, "refine"), (second, "refine reject")), of_offer) == count


def test_what_was_repeated_in_wonder_is_wanted_no_longer_and_not_refused_for_good():
    whole = reading("a comedy? no. a horror film with Tom Cruise", "refine", "want", "want", "want")
    first, *rest = parts(("a comedy?", "ask_fact"), ("no.", "reject"), ("a horror film with Tom Cruise", "refine"))
    found = with_parts(without_echo(whole, [first], rest), rest)
    assert [read.role for read in found.values] == ["incidental", "want", "want"]
    assert found.has("reject")
    state = after(reading("a comedy from the 1990s"), found)
    assert str(state).count("comedy") == 0
    assert not state.avoided


def test_an_item_that_was_repeated_in_wonder_is_not_what_is_asked_about():
    whole = replace(reading("Heat? for my kids? no way", "ask_fact"), items=(ReadItem("heat", "ask", 0, 4),))
    first = replace(reading("Heat? for my kids?", "ask_fact"), items=(ReadItem("heat", "ask", 0, 4),))
    found = without_echo(whole, [first], parts(("no way", "reject")))
    assert found.roles("ask") == ()


@pytest.mark.parametrize(
    ("text", "acts", "role"),
    [
        ("Oh, with Tom Cruise!", "refine", "ask"),
        ("I know that one, with Tom Cruise", "seen refine", "incidental"),
        ("Tom Cruise, fine", "accept", "incidental"),
        ("who is the lead, is it Tom Cruise?", "ask_recommendation", "ask"),
    ],
)
def test_somebody_of_the_offer_is_remarked_on(text, acts, role):
    found = remarked(reading(text, acts), PEOPLE, always)
    assert [read.role for read in found.values] == [role]
    assert not found.has("refine", "ask_recommendation")


@pytest.mark.parametrize(
    "text", ["oh, something with Tom Cruise!", "nice, another with Tom Cruise", "with Tom Cruise please"]
)
def test_somebody_asked_for_is_still_asked_for(text):
    read = reading(text, "refine")
    assert remarked(read, PEOPLE, always) == read


def test_somebody_who_is_not_in_it_is_asked_for():
    read = reading("oh, with Tom Cruise!", "refine")
    assert remarked(read, PEOPLE, never) == read
