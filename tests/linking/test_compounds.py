"""Kinds and nationalities said together, which a catalogue may also have as one tag."""

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.facets import Facets
from pecrs.linking.values import ValueFinder

CATALOGUE = Catalogue(
    (
        Item("a", "One", 2001, {"genres": ("comedy",), "language": ("French",), "themes": ("french comedy",)}),
        Item("b", "Two", 2002, {"genres": ("comedy", "horror"), "themes": ("horror comedy", "teen comedy")}),
        Item("c", "Three", 2003, {"genres": ("short", "history"), "themes": ("french history",), "runtime": ("20",)}),
    ),
    ("title", "genres", "language", "themes", "runtime"),
)
FINDER = ValueFinder(Facets.of(CATALOGUE))


def read(text):
    return [(v.fields[0], v.key, v.scaled) for v in FINDER.find(text)]


def test_each_is_a_value_of_its_own():
    assert read("a french comedy") == [("language", "french", False), ("genres", "comedy", False)]
    assert read("a horror comedy please") == [("genres", "horror", False), ("genres", "comedy", False)]


def test_a_theme_before_a_kind_leaves_the_kind():
    assert read("a teen comedy") == [("themes", "teen comedy", False), ("genres", "comedy", False)]


def test_what_is_told_of_or_refused_stays_together():
    assert read("something about french history") == [("themes", "french history", False)]
    assert read("no teen comedy") == [("themes", "teen comedy", False)]


def test_short_is_a_length_unless_a_short_film_is_named():
    assert read("a short comedy")[0] == ("minutes", "short", True)
    assert read("a short film by somebody")[0] == ("genres", "short", False)
