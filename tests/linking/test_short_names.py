"""Last names alone mean the best known of those who bear them, or somebody spoken of."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.facets import Facets
from pecrs.linking.values import ValueFinder

CAST = {
    "Jane Lynch": 12,
    "Kelly Lynch": 7,
    "Audrey Hepburn": 9,
    "Katharine Hepburn": 6,
    "Julianne Moore": 9,
    "Demi Moore": 7,
    "Dylan Baker": 5,
    "Simon Baker": 4,
    "Robert De Niro": 9,
    "Helena Bonham Carter": 8,
    "Emma Stone": 6,
    "Sharon Stone": 5,
    "Jake Gyllenhaal": 9,
    "Anthony Anderson": 9,
    "Jane Smith": 5,
}
MADE = {"David Lynch": 4, "Roman Polanski": 5, "Michael Moore": 2, "Hayao Miyazaki": 6} | {
    "Jean-Luc Godard": 1,
    "Akira Kurosawa": 5,
    "Ingmar Bergman": 2,
    "Andrew Bergman": 3,
    "Ridley Scott": 6,
    "Tony Scott": 5,
    "Wes Anderson": 4,
    "Paul Thomas Anderson": 4,
    "Quentin Tarantino": 4,
    "Alan J. Pakula": 1,
}
WRITTEN = {"Alain Godard": 2}
ITEMS = [
    Item(f"{name}{n}", f"{name} Picture {n}", 1990, {field: (name,)})
    for field, people in (("actors", CAST), ("directors", MADE), ("writers", WRITTEN))
    for name, count in people.items()
    for n in range(count)
]
FINDER = ValueFinder(Facets.of(Catalogue(tuple(ITEMS), ("title", "actors", "directors", "writers"))))


def people(text, near=()):
    return [value.label for value in FINDER.find(text, (), near) if value.fields[0] in ("actors", "directors")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("What about Lynch?", "David Lynch"),
        ("anything by Lynch", "David Lynch"),
        ("No Hepburn please", "Audrey Hepburn"),
        ("a hepburn movie", "Audrey Hepburn"),
        ("How about Moore?", "Julianne Moore"),
        ("Moore?", "Julianne Moore"),
        ("with moore", "Julianne Moore"),
        ("who is Lynch", "David Lynch"),
        ("Roman Polanski's films", "Roman Polanski"),
        ("Polanski's best", "Roman Polanski"),
        ("any of Miyazaki's", "Hayao Miyazaki"),
        ("what else did Miyazaki direct", "Hayao Miyazaki"),
    ],
)
def test_a_last_name_means_the_best_known(text, name):
    assert people(text) == [name]


@pytest.mark.parametrize(
    ("text", "near", "name"),
    [
        ("what about lynch", {"kelly lynch"}, "Kelly Lynch"),
        ("more Lynch", {"jane lynch", "roman polanski"}, "Jane Lynch"),
        ("another one with Hepburn", {"katharine hepburn"}, "Katharine Hepburn"),
        ("the moore one", {"demi moore"}, "Demi Moore"),
    ],
)
def test_somebody_spoken_of_is_meant_first(text, near, name):
    assert people(text, near) == [name]


@pytest.mark.parametrize("text", ["Baker, plumber, whatever", "a baker", "the moor", "what about lynching"])
def test_a_common_word_is_no_last_name(text):
    assert people(text) == []


def test_a_possessive_is_the_name_itself():
    [value] = FINDER.find("Roman Polanski's films")
    assert value.exact


def test_a_first_name_gives_way_to_a_last_name_as_it_is_spelt():
    items = [Item(f"t{n}", f"One {n}", 1990, {"actors": ("Tom Hanks",)}) for n in range(9)]
    items += [Item(f"h{n}", f"Two {n}", 1990, {"actors": ("Hank Azaria",)}) for n in range(9)]
    finder = ValueFinder(Facets.of(Catalogue(tuple(items), ("title", "actors"))))
    assert [value.label for value in finder.find("with Hanks")] == ["Tom Hanks"]
    assert [value.label for value in finder.find("with Hank")] == ["Hank Azaria"]


def test_a_nickname_means_the_name_of_more_items():
    names = [("Dwayne Johnson",), ("Dwayne Johnson",), ("The Rock",), ("Dwayne 'The Rock' Johnson",)]
    items = [Item(f"d{n}", f"One {n}", 1990, {"actors": actors}) for n, actors in enumerate(names)]
    finder = ValueFinder(Facets.of(Catalogue(tuple(items), ("title", "actors"))))
    assert [value.label for value in finder.find("no The Rock please")] == ["Dwayne Johnson"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a film by Anderson", {"Paul Thomas Anderson", "Wes Anderson"}),
        ("by Kurosawa or Bergman", {"Akira Kurosawa", "Ingmar Bergman", "Andrew Bergman"}),
        ("a movie by Godard", {"Jean-Luc Godard"}),
        ("something by Scott", {"Ridley Scott", "Tony Scott"}),
        ("with Stone", {"Emma Stone", "Sharon Stone"}),
        ("no de niro", {"Robert De Niro"}),
        ("with bonham carter", {"Helena Bonham Carter"}),
        ("directed by Alan Pakula", {"Alan J. Pakula"}),
        ("Jake wants Tarantino", {"Quentin Tarantino"}),
    ],
)
def test_all_are_meant_who_are_about_as_well_known(text, names):
    assert set(people(text)) == names


@pytest.mark.parametrize("text", ["it was by chance", "by smith"])
def test_common_words_name_nobody_without_a_capital(text):
    assert people(text) == []
