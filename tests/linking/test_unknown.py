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
    "compare Saltburn and Heat": [("Saltburn", False, True)],
    "Heat or Ronin? no, compare Heat with Saltburn": [("Saltburn", False, True)],
    "Saltburn vs Heat, which is better?": [("Saltburn", False, True)],
    "what's the difference between Heat and Saltburn?": [("Saltburn", False, True)],
    "Ikiru? Rashomon? Yojimbo? Don't you have those?": [
        ("Ikiru", False, True),
        ("Rashomon", False, True),
        ("Yojimbo", False, True),
    ],
    "Do you have Searching for Bobby Fischer?": [("Searching for Bobby Fischer", False, True)],
    "Chess. Searching for Bobby Fischer, do you have that?": [("Searching for Bobby Fischer", False, True)],
    "Who directed Searching for Sugar Man?": [("Searching for Sugar Man", False, True)],
    "I mean Harakiri or The Sword of Doom.": [("Harakiri", False, True), ("The Sword of Doom", False, False)],
    "Who directed Three Colors: Red?": [("Three Colors: Red", False, True)],
    "do you know Three Colors: White and Three Colors: Red?": [
        ("Three Colors: White", False, True),
        ("Three Colors: Red", False, True),
    ],
    "Winter Light, have you got it?": [("Winter Light", False, True)],
    "when was Tokyo Story made": [("Tokyo Story", False, True)],
    "The Return of Doctor X?": [("The Return of Doctor X", False, True)],
    "Magic! Do you have that in HD?": [],
    "Splendid, who directed it?": [],
    "Ah, splendid, I have seen that one too. Is there another?": [],
    "Is it scary? Really?": [],
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


@pytest.mark.parametrize(
    ("text", "title", "names"),
    [
        ("Chef, Julie & Julia, Babette's Feast, such things.", "Julie & Julia", ["Babette's Feast"]),
        ("Mulholland Drive and Lost Highway are what I mean", "Mulholland Drive", ["Lost Highway"]),
        ("Is there Danton, or Les Miserables?", "Les Miserables", ["Danton"]),
        ("Do you have Amy or Searching for Sugar Man?", "Amy", ["Searching for Sugar Man"]),
        ("I love Amelie, Delicatessen and Micmacs", "Amelie", ["Delicatessen", "Micmacs"]),
        ("Moana, Wolfwalkers and Song of the Sea", "Moana", ["Wolfwalkers", "Song of the Sea"]),
        ("Frozen and Spirited Away, that kind", "Frozen", ["Spirited Away"]),
        ("Stalker, Andrei Rublev", "Stalker", ["Andrei Rublev"]),
        ("I watched Titanic and Anna cried", "Titanic", []),
        ("Inception, Thanks", "Inception", []),
        ("I loved Alien, Monday was great", "Alien", []),
        ("Heat and a comedy", "Heat", []),
        ("Seen Heat, or something older", "Heat", []),
    ],
)
def test_what_stands_in_a_list_with_a_title_is_a_title(text, title, names):
    span = (text.index(title), text.index(title) + len(title))
    assert [found.name for found in unknown_names(text, [span], lambda _: False, (), [span])] == names
