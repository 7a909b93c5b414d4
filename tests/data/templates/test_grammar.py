from random import Random

import pytest

from pecrs.data.templates.grammar import Choice, Piece, Slot, Span, parse, render, slots, tidy
from pecrs.errors import DataError


def fill(name):
    return {"kind": [Piece("horror", "genre"), Piece(" story")], "noun": [Piece("story")]}.get(
        name, [Piece("The Ring", "title")]
    )


def said(text, role="want", seed=0):
    return render(parse(text), Random(seed), fill, role)


def test_wordings_are_read():
    assert parse("a {kind=avoid} <newer:year>") == (
        "a ",
        Slot("kind", "avoid"),
        " ",
        Span(("newer",), "year", None),
    )
    assert parse("[hi|<old {year}:year=like>|]") == (
        Choice((("hi",), (Span(("old ", Slot("year", None)), "year", "like"),), ())),
    )
    assert parse("that's it :) 5 > 3") == ("that's it :) 5 > 3",)


@pytest.mark.parametrize(
    "text", ["a {kind", "[a|b", "{kind=hates}", "{Kind}", "<newer>", "<newer:age>", "<newer:year=hates>", "{kind=}"]
)
def test_what_cannot_be_read_is_named(text):
    with pytest.raises(DataError) as error:
        parse(text)
    assert error.value.field == "wordings"


def test_all_slots_are_found():
    assert slots(parse("[{kind}|a {title2}] <under {price}:price>, {noun}")) == {"kind", "title2", "price", "noun"}


def test_spans_take_the_messages_role_unless_they_state_one():
    assert said("no {kind}, <newer:year=want>", role="avoid") == [
        Piece("no "),
        Piece("horror", "genre", "avoid"),
        Piece(" story"),
        Piece(", "),
        Piece("newer", "year", "want"),
    ]


def test_alternatives_are_all_said():
    texts = {"".join(piece.text for piece in said("[hi|hello|] [you|]", seed=seed)) for seed in range(60)}
    assert texts == {"hi you", "hello you", "you", "hi ", "hello ", ""}


@pytest.mark.parametrize(
    ("texts", "tidied"),
    [
        ([("a ", None), ("action", "genre")], "an action"),
        ([("a ", None), ("one", None)], "a one"),
        ([("any ", None), ("The Ring", "title"), (" ones", None)], "any Ring ones"),
        ([("see ", None), ("The Ring", "title")], "see The Ring"),
        ([("good  ", None), ("", None), (" one", None), (" ", None), ("?", None)], "good one?"),
    ],
)
def test_pieces_meet_as_people_write(texts, tidied):
    assert "".join(piece.text for piece in tidy([Piece(text, kind) for text, kind in texts])) == tidied
