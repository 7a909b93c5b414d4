"""What is surely meant is kept, and what is doubtful is given up first and in silence."""

import pytest

from inference_readings import FACETS
from pecrs.inference.confidence import DOUBTFUL, confidence
from pecrs.inference.constraints import Constraint, Option
from pecrs.inference.selection import select
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.parts import with_parts
from pecrs.inference.understanding.reading import Reading, ReadValue
from pecrs.inference.understanding.refusals import refused
from pecrs.linking.facets import TEXT
from pecrs.linking.quantities import Quantity
from pecrs.linking.typos import corrected
from pecrs.linking.values import FacetValue


def sure(text: str, said: str, field: str, chance: float = 1.0, *, exact: bool = True) -> float:
    start = text.index(said)
    value = FacetValue(start, start + len(said), (field,), said.lower(), said, exact)
    read = ReadValue(value, "want", chance)
    return confidence(Reading(text, values=(read,)), read)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I'm a bus driver, got any sci-fi?", "bus driver"),
        ("suggest a Hindi film, I am missing home very much", "missing home"),
        ("we live on a farm and we want a western", "farm"),
        ("my husband is a pilot and hates horror", "pilot"),
    ],
)
def test_a_theme_of_somebodys_life_is_doubtful(text, said):
    assert sure(text, said, "keywords") < DOUBTFUL


@pytest.mark.parametrize(
    ("text", "said"), [("I'm a bus driver, a film about chess", "chess"), ("a bus driver film", "bus driver")]
)
def test_a_theme_that_describes_an_item_is_sure(text, said):
    assert sure(text, said, "keywords") == 1.0


def test_kinds_names_and_numbers_are_sure_even_beside_a_remark():
    assert sure("my roommate is American", "American", "country") > DOUBTFUL
    assert sure("a drama with Julia", "Julia", "actors", exact=False) < sure(
        "with Julia Ormond", "Julia Ormond", "actors"
    )
    years = ReadValue(Quantity(5, 12, "year", 1980, 1989), "want", 0.5)
    assert confidence(Reading("from the 80s", values=(years,)), years) == 0.75


def test_words_of_no_field_and_other_words_are_less_sure_than_a_theme_itself():
    told = [
        sure("something jazzy", "jazzy", field, exact=exact) for field, exact in ((TEXT, False), ("keywords", False))
    ]
    assert max(told) < DOUBTFUL < sure("something jazzy", "jazzy", "keywords")
    assert sure("jazz and blues", "jazz and blues", "keywords", 0.2) == DOUBTFUL


def test_what_plain_words_want_is_sure_whatever_the_model_made_of_it():
    read = ReadValue(Quantity(0, 3, "year", 1990, 1999), "incidental", 0.1)
    assert read.as_said("want").chance == 1.0
    assert read.as_said("incidental").chance == 0.1


def wanted(*entries: tuple[str, str, float, int]) -> DialogueState:
    options = ((Option((field,), key, key), sure, asked) for field, key, sure, asked in entries)
    return DialogueState(wanted=tuple(Constraint((option,), False, asked, sure) for option, sure, asked in options))


def given_up(state: DialogueState) -> list[str]:
    return [str(entry) for entry in select(FACETS, state, FACETS.numbers("year") > 0).given_up]


def test_the_doubtful_one_of_two_is_given_up():
    assert given_up(wanted(("genres", "western", 0.3, 1), ("actors", "tom hank", 1.0, 1))) == ["western"]
    assert given_up(wanted(("genres", "horror", 1.0, 1), ("actors", "tom hank", 0.3, 1))) == ["tom hank"]


def test_a_newer_plain_number_stands_before_an_old_name():
    old = Constraint((Option(("actors",), "Tom Hanks", "tom hank"),), False, 1)
    years = Constraint((Option(("year",), "up to 1981", high=1981),), False, 2)
    assert given_up(DialogueState(wanted=(old, years))) == ["Tom Hanks"]


def test_what_is_told_of_the_refused_is_refused_with_it():
    text = "I can't bear musicals where they burst into song, so rather the life of a singer"
    spans = [(text.index(said), text.index(said) + len(said)) for said in ("musicals", "burst into song", "singer")]
    assert refused(text, spans) == [True, True, False]
    text = "no films where zombies eat people, but a western"
    spans = [(text.index(said), text.index(said) + len(said)) for said in ("zombies", "western")]
    assert refused(text, spans)[0] is True
    assert refused(text, spans)[1] is not True


@pytest.mark.parametrize(
    "before", ["don't you dare say ", "please don't mention ", "do not even think of suggesting ", "nothing where "]
)
def test_what_is_not_even_to_be_said_is_refused(before):
    start = len(before)
    assert refused(f"{before}Narnia", [(start, start + 6)]) == [True]


@pytest.mark.parametrize("slip", ["nuffin", "nuthin", "nuttin", "nuffink"])
def test_slips_for_nothing_are_put_right(slip):
    assert corrected(f"{slip} scary", [], lambda word: False)[0] == "nothing scary"


def test_a_sentence_that_asks_says_better_than_the_whole_message_what_is_wanted():
    text = "no american film. i want only film in cantonese"
    value = FacetValue(38, 47, ("language",), "cantonese", "Cantonese")
    whole = Reading(text, values=(ReadValue(value, "avoid", 0.9),))
    own = FacetValue(20, 29, ("language",), "cantonese", "Cantonese")
    asks = Reading("i want only film in cantonese", {"ask_recommendation": 1.0}, values=(ReadValue(own, "want", 0.8),))
    [read] = with_parts(whole, [Reading("no american film."), asks]).values
    assert (read.role, read.chance) == ("want", 0.8)
