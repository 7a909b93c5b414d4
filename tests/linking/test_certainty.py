import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention
from pecrs.linking.certainty import LOWER_CASE, MISSPELT, NUMBER, PARTIAL, SHARED, title_finder

CATALOGUE = Catalogue(
    (
        Item("1", "Blade Runner", 1982),
        Item("2", "Blade Runner 2049", 2017),
        Item("3", "Ghostbusters", 1984),
        Item("4", "Ghostbusters", 2016),
        Item("5", "Mission: Impossible – Fallout", 2018),
        Item("6", "Galaxy Quest: Never Give Up", 1999),
        Item("7", "The Matrix", 1999),
        Item("8", "300", 2006),
    ),
    ("title",),
)


@pytest.mark.parametrize(
    ("text", "written", "item", "doubt"),
    [
        ("Have you seen Blade Runner?", "Blade Runner", "1", ""),
        ("I loved Matrix", "Matrix", "7", ""),
        ("Watch Blade Runner 2049", "Blade Runner 2049", "2", ""),
        ("Try Blade Runner (1982)!", "Blade Runner (1982)", "1", ""),
        ("I liked ghostbusters (2016)", "ghostbusters (2016)", "4", ""),
        ("@7 is great", "@7", "7", ""),
        ("I liked Ghostbusters", "Ghostbusters", "4", SHARED),
        ("i watched blade runner", "blade runner", "1", LOWER_CASE),
        ("Have you seen Blade Runer?", "Blade Runer", "1", MISSPELT),
        ("Have you seen Galaxy Quest?", "Galaxy Quest", "6", PARTIAL),
        ("I watched 300.", "300", "8", NUMBER),
    ],
)
def test_how_a_title_is_written_says_how_sure_its_link_is(text, written, item, doubt):
    (found,) = title_finder(CATALOGUE)(text, ())
    start = text.index(written)
    assert found == (Mention(start, start + len(written), item), doubt)


def test_what_was_named_before_tells_remakes_apart():
    find = title_finder(CATALOGUE)
    assert [title.mention.item for title in find("I liked Ghostbusters", ["3"])] == ["3"]
    assert find("Nothing to see here", ()) == []
