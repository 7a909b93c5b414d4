"""Titles that a person has seen, found by title and year."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.loaders.seen_exports import SeenEntry, SeenExport
from pecrs.linking.seen import match_seen

CATALOGUE = Catalogue(
    (
        Item("matrix", "The Matrix", 1999),
        Item("star", "Star Wars: Episode IV - A New Hope", 1977),
        Item("dune84", "Dune", 1984),
        Item("dune21", "Dune", 2021),
        Item("away", "Spirited Away", 2001, {"aliases": ("Sen to Chihiro",)}),
        Item("okja", "Okja"),
        Item("twin1", "Robin Hood", 1991),
        Item("twin2", "Robin Hood", 1991),
        Item("alone", "Alone", 2020),
    ),
    ("title",),
)


def match(*entries, **options):
    return match_seen(SeenExport("table", entries), CATALOGUE, **options)


@pytest.mark.parametrize(
    ("title", "year", "expected"),
    [
        ("The Matrix", 1999, ("matrix",)),
        ("matrix", 1999, ("matrix",)),
        ("The Matrix", 2000, ("matrix",)),
        ("The Matrix", None, ("matrix",)),
        ("The Matrix", 2003, ()),
        ("Star Wars", 1977, ("star",)),
        ("Star Wars", 1978, ()),
        ("Dune", 2021, ("dune21",)),
        ("Dune", 2020, ("dune21",)),
        ("Sen to Chihiro", 2001, ("away",)),
        ("Sen to Chihiro", None, ()),
        ("Okja", 2017, ("okja",)),
        ("Robin Hood", 1991, ("twin1", "twin2")),
        ("Home Alone", 2020, ()),
        ("Solaris", 1972, ()),
    ],
)
def test_title_and_year_find_items(title, year, expected):
    report = match(SeenEntry(title, year))
    assert report.seen == expected
    assert bool(report.unknown) is not bool(expected)
    assert report.ambiguous == ()


def test_another_title_of_the_entry_counts():
    assert match(SeenEntry("Chihiros Reise", 2001, None, "Spirited Away")).seen == ("away",)


def test_what_may_be_several_items_is_none():
    report = match(SeenEntry("Dune", None, 9.0))
    assert (report.seen, report.liked, report.unknown, report.ambiguous) == ((), (), (), ("Dune",))


def test_liked_ones_are_those_rated_high_enough_best_first():
    entries = [
        SeenEntry("The Matrix", 1999, 7.0),
        SeenEntry("Okja", None, 6.9),
        SeenEntry("Alone", 2020),
        SeenEntry("Dune", 1984, 10.0),
        SeenEntry("The Matrix", 1999),
    ]
    report = match(*entries)
    assert report.seen == ("matrix", "okja", "alone", "dune84")
    assert report.liked == ("dune84", "matrix")
    assert match(*entries, liked_from=6).liked == ("dune84", "matrix", "okja")


def test_the_report_says_what_was_found_and_what_not():
    entries = [
        SeenEntry("Okja", None, 8.0),
        SeenEntry("Dune"),
        *(SeenEntry(f"Nothing {n}", 1990 + n) for n in range(6)),
    ]
    report = match_seen(SeenExport("IMDb", entries, 2), CATALOGUE)
    assert report.lines == [
        "IMDb: 1 of 8 titles found; 1 items are left out, 1 of them liked (7 of 10 or more)",
        "6 not in the catalogue: Nothing 0 (1990), Nothing 1 (1991), Nothing 2 (1992), Nothing 3 (1993), "
        "Nothing 4 (1994), ...",
        "1 may be several items: Dune",
        "2 without a rating, so that nothing says they were seen",
    ]
