"""A domain of a catalogue and dialogues in memory."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.splits import Prepared
from pecrs.errors import DataError

CATALOGUE = Catalogue((Item("a", "Alien"), Item("b", "Brazil")), ("title",))


def talk(number, text=None, item="a"):
    turns = (Turn(Speaker.SEEKER, text or f"message {number}"), Turn(Speaker.RECOMMENDER, "Alien", items=(item,)))
    return Dialogue(str(number), turns)


def test_dialogues_by_split_stay_as_they_are():
    data = Prepared.of(CATALOGUE, {"train": [talk(1), talk(2)], "valid": [talk(3)]})
    assert data == Prepared(CATALOGUE, {"train": (talk(1), talk(2)), "valid": (talk(3),)})


@pytest.mark.parametrize(("count", "held_out"), [(2, 1), (10, 1), (11, 2), (40, 4)])
def test_of_a_list_a_tenth_is_held_out_whatever_its_order(count, held_out):
    dialogues = [talk(number) for number in range(count)]
    data, backwards = Prepared.of(CATALOGUE, dialogues), Prepared.of(CATALOGUE, dialogues[::-1])
    assert len(data.valid) == held_out
    assert sorted(talk.id for talk in (*data.train, *data.valid)) == sorted(map(str, range(count)))
    assert {talk.id for talk in data.valid} == {talk.id for talk in backwards.valid}


@pytest.mark.parametrize(
    ("dialogues", "message"),
    [
        ({"dev": [talk(1)]}, "field 'split': one of train, valid, test is expected, not 'dev'"),
        ({"train": [talk(1)], "valid": [talk(1)]}, "field 'id': dialogue '1' is there twice"),
        ([talk(1), talk(1, "other words")], "field 'id': dialogue '1' is there twice"),
        ([talk(1, item="z")], "dialogue '1', turn 1: item 'z' is not in the catalogue"),
    ],
)
def test_what_makes_no_domain_is_refused(dialogues, message):
    with pytest.raises(DataError, match=message):
        Prepared.of(CATALOGUE, dialogues)
