"""Names that the catalogue lacks are told from everyday words."""

import pytest

from pecrs.linking.unknown import unknown_names

KNOWN = frozenset({"french", "nolan", "heat"})

CASES = {
    "have you got Oppenheimer?": [("Oppenheimer", False, True)],
    "have you got oppenheimer": [("oppenheimer", False, True)],
    "ok well what about Everything Everywhere": [("Everything Everywhere", False, True)],
    "Have you seen Zorblax 7: The Reckoning?": [("Zorblax 7: The Reckoning", False, True)],
    "Parasite?": [("Parasite", False, True)],
    "Anything by Agnès Varda?": [("Agnès Varda", True, True)],
    "who directed Saltburn?": [("Saltburn", False, True)],
    "I loved Barbie, what next?": [("Barbie", False, False)],
    "something like saltburn but shorter": [("saltburn", False, False)],
    "do you have any comedies?": [],
    "have you seen it?": [],
    "have you got the new one": [],
    "what about you?": [],
    "I watched it with my wife": [],
    "who's in it?": [],
    "thanks, Anna": [],
    "Anything for the whole family with that?": [],
    "what about Nolan?": [],
}


@pytest.mark.parametrize("text", CASES)
def test_a_name_is_told_by_what_stands_before_it_and_by_its_words(text):
    found = unknown_names(text, [], KNOWN.__contains__)
    assert [(name.name, name.person, name.asked) for name in found] == CASES[text]


def test_what_the_catalogue_has_is_no_unknown_name():
    text = "have you got Oppenheimer?"
    span = (text.index("Opp"), len(text) - 1)
    assert unknown_names(text, [span], KNOWN.__contains__) == ()
    assert unknown_names(text, [], KNOWN.__contains__, [span])  # somebody's last name may be a title as well
    assert unknown_names("anything by Oppenheimer", [], KNOWN.__contains__, [(12, 23)]) == ()
