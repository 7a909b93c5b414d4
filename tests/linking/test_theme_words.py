"""Themes are asked for in other words, and what is near to them counts too."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.facets import Facets
from pecrs.linking.theme_words import theme_phrases
from pecrs.linking.values import ValueFinder

CATALOGUE = Catalogue(
    (
        Item("a", "A", 1990, {"themes": ("policewoman", "train")}),
        Item("b", "B", 1991, {"themes": ("old age", "elderly people")}),
        Item("c", "C", 1992, {"themes": ("ageing", "heist")}),
        Item("d", "D", 1993, {"genres": ("comedy",), "themes": ("guns",)}),
    ),
    ("title", "genres", "themes"),
)
FINDER = ValueFinder(Facets(CATALOGUE))


def found(text):
    """Return the keys of a text's values, and whether they are only near to what it says."""
    return [(value.key, value.near) for value in FINDER.find(text)]


def test_only_themes_of_the_catalogue_are_meant():
    phrases = theme_phrases({"policewoman", "old age", "ageing"}.__contains__)
    assert phrases["female cop"] == ("policewoman",)
    assert phrases["old age"][0] == "old age"
    assert "ageing" in phrases["old age"][1:]
    assert theme_phrases(lambda key: False) == {}


@pytest.mark.parametrize("text", ["a film about a female cop", "something with a lady cop", "a policewoman, please"])
def test_other_words_mean_a_theme(text):
    assert found(text) == [("policewoman", False)]


def test_what_is_near_stands_behind_what_is_said():
    assert found("a film about old age") == [("old age", False), ("ageing", True)]


def test_a_kind_is_no_theme():
    assert found("a comedy") == [("comedy", False)]


def test_plural_things_behind_no_are_refused_though_the_word_is_common():
    assert found("no guns, please") == [("gun", False)]
    assert found("no doubt, and no time") == []
