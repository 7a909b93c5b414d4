"""What items are that no field says: guessed tones, and kinds made of several."""

from pecrs.data.catalogue import Catalogue, Item
from pecrs.linking.facets import Facets
from pecrs.linking.tones import (
    BLEND,
    ORIGIN,
    TONE,
    blended,
    blends,
    guessed,
    is_occasion,
    telling,
    told_fields,
    tones,
    words_beside,
)
from pecrs.linking.values import ValueFinder

WEDDING = Item("wedding", "Wedding", 1994, {"genres": ("comedy", "romance"), "rating": ("R",)})
PRINCESS = Item("princess", "Princess", 1997, {"genres": ("animation", "fantasy"), "country": ("Japan",)})
CARTOON = Item("cartoon", "Cartoon", 1999, {"genres": ("animation", "comedy"), "country": ("France",)})
STRANGE = Item("strange", "Strange", 2001, {"genres": ("drama",), "language": ("French",)})
CATALOGUE = Catalogue((WEDDING, PRINCESS, CARTOON, STRANGE), ("title", "genres", "country", "rating"))


def test_a_blend_has_all_of_its_kinds():
    assert blends(WEDDING) == ("romcom",)
    assert blends(PRINCESS) == ("anime", "asian")
    assert blends(CARTOON) == ("european",)
    assert blends(Item("both", "Both", None, {"language": ("French", "English")})) == ()
    assert blends(STRANGE) == ("foreign",)
    assert blended("romcom") == {"comedy", "romance"}
    assert blended("comedy") == frozenset()


def test_tones_are_guessed_from_kinds_and_rating():
    assert "light" in tones(CARTOON)
    assert {"violent", "explicit"} <= set(tones(WEDDING))


def test_fields_that_tell_what_an_item_is_like_go_before_guesses():
    noted = Item("x", "X", 1, {"genres": ("comedy",), "rating": ("R",), "mood": ("sad",), "content": ("nudity",)})
    assert {"sad", "explicit"} <= set(tones(noted))
    assert set(tones(noted)).isdisjoint({"light", "violent", "foul-mouthed", "feel-good"})
    assert not guessed(noted, "sad")
    assert guessed(WEDDING, "violent")
    assert guessed(noted, "live action")
    assert telling(noted, "explicit") == {"content": ("nudity",)}
    assert telling(noted, "violent") == {}
    assert told_fields("violent") == ("content",)


def test_what_a_tone_stands_for_is_said_in_its_words():
    films = Catalogue((Item("x", "X", 1, {"mood": ("thought-provoking", "chill")}), WEDDING), ("title", "mood"))
    finder = ValueFinder(Facets.of(films))
    for text, field in (("something that makes me think", TONE), ("thought-provoking", TONE), ("chill", "mood")):
        [value] = finder.find(text)
        assert value.fields[0] == field, text


def test_an_age_is_an_audience_where_the_catalogue_tells_it():
    kept = Item("x", "X", 1, {"genres": ("family",), "audience": ("children",)})
    finder = ValueFinder(Facets.of(Catalogue((kept, WEDDING), ("title",))))
    [value] = finder.find("for my 7 year old")
    assert (value.fields[0], value.key) == (TONE, "for children")


def test_words_for_a_blend_are_one_value_of_it():
    facets = Facets.of(CATALOGUE)
    finder = ValueFinder(facets)
    for text, field, key in (
        ("a foreign film", ORIGIN, "foreign"),
        ("not in english", ORIGIN, "foreign"),
        ("a rom com", BLEND, "romcom"),
        ("romantic comedies", BLEND, "romcom"),
        ("japanese animation", BLEND, "anime"),
    ):
        [value] = finder.find(text)
        assert (value.fields[0], value.key) == (field, key)
        assert facets.count([field], key) == 1
    [violent] = finder.find("nothing violent")
    assert violent.fields[0] == TONE


NOTED = Catalogue(
    (
        Item("a", "A", 1, {"genres": ("comedy",), "mood": ("funny", "romantic")}),
        Item("b", "B", 2, {"genres": ("horror",), "mood": ("scary",), "content": ("jump scares", "gore")}),
        Item("c", "C", 3, {"genres": ("drama",), "mood": ("gentle",), "audience": ("children",)}),
    ),
    ("title", "genres", "mood", "content", "audience"),
)


def keys(text):
    """Return the keys of a text's values."""
    return [value.key for value in ValueFinder(Facets(NOTED)).find(text)]


def test_an_occasion_asks_for_what_suits_it_where_the_catalogue_tells():
    assert keys("date night tonight") == ["for a date"]
    assert keys("something for my gran") == ["for older people"]
    assert is_occasion("for a date")
    assert not is_occasion("gentle")
    assert "for a date" in tones(NOTED["a"])
    assert "for older people" in tones(NOTED["c"])
    assert not any(is_occasion(tone) for tone in tones(WEDDING))  # what suits an occasion is never guessed


def test_scary_is_a_kind_with_a_tone_that_is_refused_beside_it():
    assert keys("nothing scary") == ["horror", "frightening"]
    assert keys("no jump scares") == ["full of jump scare"]
    assert words_beside()["scary"] == "frightening"
