import pytest

from pecrs.data.catalogue import Item
from pecrs.errors import DataError
from pecrs.server.catalogue import item_of


def test_titles_of_items_that_are_sent_are_read_as_those_of_files():
    record = {"title": "Whispering Doll, The (2025)", "year": None, "fields": {"genres": ["horror"], "actors": []}}
    item = item_of("a", record)
    assert item == Item("a", "The Whispering Doll", 2025, {"genres": ("horror",)})
    assert item_of("a", {"title": item.title, "year": item.year, "fields": {"genres": ["horror"]}}) == item


def test_an_item_without_title_is_refused():
    with pytest.raises(DataError) as caught:
        item_of("a", {"title": "  ", "year": None, "fields": {}})
    assert caught.value.field == "title"
