"""Verdicts: which of two items is more so or better, and which of two things one item is."""

import pytest

from pecrs.data.acts import REQUESTS
from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.comparing import compared
from pecrs.inference.language.lexicon import with_article
from pecrs.inference.language.reasons import describe, toned
from pecrs.inference.language.wording import Situation as Told
from pecrs.inference.language.words import compose
from pecrs.inference.moves import Move, MoveKind, Situation
from pecrs.inference.policy import decide
from pecrs.inference.state import DialogueState
from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue
from pecrs.inference.understanding.weighing import (
    BETTER,
    LESS,
    MORE,
    asks_which,
    leaves_choice,
    wants_newer,
    weighed_by,
)
from pecrs.linking.values import FacetValue

GORY = Item(
    "g", "Gore", 2001,
    {"genres": ("horror", "comedy"), "mood": ("scary", "creepy", "funny"), "content": ("gore", "jump scares"),
     "audience": ("adults",), "reception": ("mixed",), "actors": ("Ann Lee",)},
)  # fmt: skip
TAME = Item(
    "t", "Tame", 1990,
    {"genres": ("family", "drama"), "mood": ("gentle", "sad"), "content": ("harmless",),
     "audience": ("young children",), "reception": ("acclaimed",)},
)  # fmt: skip
TWIN = Item("w", "Twin", 1995, dict(TAME.facts))
ITEMS = Catalogue((GORY, TAME, TWIN), ("title", "genres"))


def tone(name, start=0, end=0):
    return FacetValue(start, end, ("tone",), name.replace("-", " "), name)


def kind(name, label=""):
    return FacetValue(0, 0, ("genres",), name, label or name)


def told(after, *values, items=("g", "t"), before=(), kind_of=MoveKind.COMPARE, facts=()):
    return compose(Move(kind_of, items, facts, values, after=after), Told(ITEMS, DialogueState(), before=before)).text


@pytest.mark.parametrize(
    ("after", "value", "text"),
    [
        (LESS, tone("frightening"), "I'd say Tame (1990): it is noted as gentle, sad and harmless, while Gore (2001) "
         "is noted as scary and creepy and has jump scares."),
        (MORE, tone("gory"), "I'd say Gore (2001): it has gore, while Tame (1990) is noted as harmless."),
        (MORE, kind("comedy"), "I'd say Gore (2001): it is listed as comedy and is noted as funny, while Tame (1990) "
         "is noted as gentle and sad."),
        (BETTER, tone("for small children"), "I'd say Tame (1990): it suits small children, while Gore (2001) is one "
         "for adults."),
    ],
)  # fmt: skip
def test_the_one_that_is_more_or_less_so_is_named_with_what_is_noted(after, value, text):
    assert told(after, value) == text


def test_the_better_one_is_the_better_received_one():
    assert told(BETTER) == "I'd say Tame (1990): it was acclaimed, while Gore (2001) got mixed reviews."


def test_of_two_that_are_as_well_received_the_better_known_one_is_named():
    famous = Item("f", "Famous", 1999, {**TAME.facts, "fame": ("5",)})
    items = Catalogue((famous, TAME), ("title", "genres"))
    turn = compose(Move(MoveKind.COMPARE, ("t", "f"), after=BETTER), Told(items, DialogueState()))
    assert turn.text == "I'd say Famous (1999): it is the better known one, while Tame (1990) is less well known."


def test_what_is_alike_is_said_to_be():
    text = told(MORE, tone("sad"), items=("t", "w"))
    assert text == "They are alike in that: Tame (1990) is noted as sad, and Twin (1995) is noted as sad."
    assert "Tame (1990), though I see little that sets it apart from Twin (1995)" in told(BETTER, items=("t", "w"))


def test_the_same_table_is_not_told_twice():
    table = told("")
    assert table.startswith("Gore (2001) is listed as horror and comedy")
    assert told("", before=(table,)) == told(BETTER)


def test_articles_go_by_the_sound():
    words = ("uplifting film", "universal story", "used car film", "hour of fun", "one-man film", "unusual film")
    assert [with_article(word).split()[0] for word in words] == ["an", "a", "a", "an", "a", "an"]


def test_kinds_are_named_that_say_most_and_no_word_twice():
    film = Item("s", "Space", 2000, {"genres": ("action", "drama", "sci-fi"), "mood": ("romantic",)})
    assert describe(film, Catalogue((film,), ("title", "genres")), DialogueState()) == "a sci-fi action title"
    assert toned(["romantic", "sad"], "romantic musical") == "sad romantic musical"


def test_the_likelier_of_two_things_is_named():
    text = told("", kind("comedy", "funny"), tone("sad", 9, 12), items=("t",), kind_of=MoveKind.FACT, facts=("either",))
    assert text == "More sad, I'd say: Tame (1990) is listed as family and drama and is noted as gentle and sad."
    text = told("", kind("comedy", "funny"), items=("t",), kind_of=MoveKind.FACT, facts=("either",))
    assert text.startswith("Not noted as funny: Tame (1990)")


def test_whether_it_is_worth_it_goes_by_its_reception():
    worth = {"items": ("t",), "kind_of": MoveKind.FACT, "facts": ("worth",)}
    assert told("", **worth) == "I'd say so: Tame (1990) was acclaimed and is noted as gentle and sad."
    assert told("", **worth | {"items": ("g",)}).startswith("Opinions differ: Gore (2001) got mixed reviews")


def said(text, *values):
    return Reading(text, {"compare": 1.0}, values=tuple(ReadValue(value, "ask") for value in values))


@pytest.mark.parametrize(
    ("text", "word", "after"),
    [
        ("which one is less scary", "scary", LESS),
        ("which is more violent?", "violent", MORE),
        ("which isn't as scary?", "scary", LESS),
        ("is it better for kids?", "kids", BETTER),
        ("which should we watch?", "", BETTER),
        ("I can't decide between them", "", BETTER),
        ("compare them", "", ""),
    ],
)
def test_what_items_are_weighed_by(text, word, after):
    values = [tone("frightening", text.index(word), text.index(word) + len(word))] if word else []
    assert weighed_by(said(text, *values)) == (after, tuple(values) if after else ())


@pytest.mark.parametrize(
    "text", ["u choose", "just pick one for me", "which would you pick", "which one should we watch?",
             "can't decide between the two", "should I see the first or the second?"],
)  # fmt: skip
def test_a_choice_may_be_left_to_another(text):
    assert leaves_choice(text)


@pytest.mark.parametrize(
    ("text", "so"),
    [("well which one is less scary", True), ("which of the two is the scariest?", True),
     ("which of those two is funnier?", True), ("which is in French?", False), ("something funnier", False)],
)  # fmt: skip
def test_questions_which_is_more_so_are_told(text, so):
    assert asks_which(text) is so


def test_age_may_speak_against_one_of_two():
    assert wants_newer("ok but which would you pick, she finds the older ones boring")
    assert not wants_newer("which would you pick?")


def test_a_choice_between_what_was_compared_is_no_new_request():
    reading = Reading("just pick one, you choose", {"no_preference": 1.0})
    situation = Situation(offered=("g", "t"), named=("g", "t"))
    assert compared(reading, DialogueState(), situation) == Move(MoveKind.COMPARE, ("g", "t"), after=BETTER)
    assert compared(reading, DialogueState(liked=("t",)), situation) is None


@pytest.mark.parametrize(
    "hurry", ["I don't have much time", "I dont have much time", "I haven’t got enough time", "I have not much time"]
)
def test_who_has_little_time_is_told_the_shorter_one(hurry):
    reading = Reading(f"which of the two? {hurry}", {"compare": 1.0})
    situation = Situation(offered=("g", "t"), named=("g", "t"))
    assert compared(reading, DialogueState(), situation) == Move(
        MoveKind.COMPARE, ("g", "t"), ("runtime",), after="least"
    )


NOTHING = DialogueState()


def why(text, *, state=NOTHING, items=(), values=()):
    reading = Reading(text, {"ask_why": 1.0}, items=items, values=values)
    return decide(reading, state, Situation(offered=("g",), named=("g",)))


def test_reasons_asked_beside_an_objection_are_given_with_another_offer():
    avoided = ReadValue(FacetValue(0, 0, ("popularity",), "popular", "popular"), "avoid")
    move = why("it is too well known, why that one?", values=(avoided,))
    assert (move.kind, [first.kind for first in move.first]) == (MoveKind.RECOMMEND, [MoveKind.WHY])


def test_why_of_an_age_is_no_why_of_an_item():
    assert why("why six?").facts == ("suits",)
    assert why("why that one?").kind is MoveKind.WHY


def test_what_was_known_is_taken_back():
    items = (ReadItem("t", "like", 13, 17),)
    move = why("I said I love Tame, why is it in the list?", state=DialogueState(liked=("t",)), items=items)
    assert (move.kind, move.after) == (MoveKind.RECOMMEND, "sorry")


@pytest.mark.parametrize(
    ("text", "after"), [("no, another one", "rejected"), ("a korean one would be fine", ""), ("too long", "rejected")]
)
def test_a_refusal_is_taken_up_where_words_say_one(text, after):
    reading = Reading(text, {"reject": 1.0} | dict.fromkeys(REQUESTS[:1], 1.0))
    assert decide(reading, DialogueState(liked=("t",)), Situation(offered=("g",), named=("g",))).after == after
