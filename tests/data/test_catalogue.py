import copy
import json
import pickle

import pytest

from pecrs.config import MAX_ITEM_ID
from pecrs.data.catalogue import MOVIE_FIELDS, Catalogue, Item
from pecrs.errors import ConfigError, DataError

ALIEN = Item("1", "Alien", 1979, {"actors": ("Sigourney Weaver", "John Hurt"), "plot": ("🚀 In space.",)})
OKJA = Item("2", "Okja")
CATALOGUE = Catalogue((ALIEN, OKJA), ("title", "actors", "plot", "year"))


def test_item_text_keeps_empty_fields_and_the_order():
    assert CATALOGUE.text_fields(ALIEN) == (
        "Alien (1979)",
        "Sigourney Weaver, John Hurt",
        "🚀 In space.",
        "1979",
    )
    assert CATALOGUE.text_fields(OKJA) == ("Okja", "", "", "")
    assert CATALOGUE.text_fields(Item("x", "")) == ("", "", "", "")


def test_index_and_identifier_agree():
    assert [CATALOGUE.index(item.id) for item in CATALOGUE] == [0, 1]
    assert CATALOGUE["2"] is OKJA
    assert "1" in CATALOGUE
    assert 1 not in CATALOGUE
    assert len(CATALOGUE) == 2
    with pytest.raises(DataError, match="'9' is not in the catalogue"):
        CATALOGUE["9"]


def test_save_and_load_give_back_the_same(tmp_path):
    CATALOGUE.save(tmp_path / "new" / "catalogue.jsonl")
    assert Catalogue.load(tmp_path / "new" / "catalogue.jsonl") == CATALOGUE


def test_copies_are_equal_and_facts_are_read_only():
    assert pickle.loads(pickle.dumps(ALIEN)) == copy.deepcopy(ALIEN) == ALIEN
    with pytest.raises(TypeError):
        ALIEN.facts["plot"] = ()


def test_items_come_and_go():
    changed = CATALOGUE.with_items([Item("3", "Ran"), Item("2", "Okja", 2017)])
    assert [item.name for item in changed] == ["Alien (1979)", "Okja (2017)", "Ran"]
    assert [item.id for item in changed.with_items([], removed=["2"])] == ["1", "3"]
    with pytest.raises(DataError):
        CATALOGUE.with_items([], removed=["9"])


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Item("", "A"), "id"),
        (lambda: Item("x" * (MAX_ITEM_ID + 1), "A"), "id"),
        (lambda: Item("a\x00", "A"), "id"),
        (lambda: Item("\ud800", "A"), "id"),
        (lambda: Item("1", "A", None, {"title": ("B",)}), "facts"),
        (lambda: Item("1", "A", None, {"id": ("B",)}), "facts"),
        (lambda: Item("1", "A", None, {"plot": "abc"}), "plot"),
        (lambda: Catalogue((), ("title",)), None),
        (lambda: Catalogue((OKJA, OKJA), ("title",)), "id"),
        (lambda: Catalogue((OKJA,), ("title", "title")), "fields"),
        (lambda: Catalogue((OKJA,), MOVIE_FIELDS), "actors"),
    ],
)
def test_wrong_values_are_refused(make, field):
    with pytest.raises(DataError) as caught:
        make()
    assert caught.value.field == field


HEADER = {"fields": ["title"]}
GOOD = {"id": "1", "title": "A", "year": None}


@pytest.mark.parametrize(
    ("lines", "line", "field"),
    [
        ([], None, None),
        ([{}], 1, "fields"),
        ([{"fields": "title"}], 1, "fields"),
        ([HEADER], None, None),
        ([HEADER, GOOD, {"title": "A"}], 3, "id"),
        ([HEADER, {**GOOD, "id": 1}], 2, "id"),
        ([HEADER, {**GOOD, "id": ""}], 2, "id"),
        ([HEADER, {"id": "1"}], 2, "title"),
        ([HEADER, {**GOOD, "year": "1979"}], 2, "year"),
        ([HEADER, {**GOOD, "year": True}], 2, "year"),
        ([HEADER, {**GOOD, "plot": "text"}], 2, "plot"),
        ([HEADER, {**GOOD, "plot": [1]}], 2, "plot[0]"),
        ([HEADER, GOOD, GOOD], 3, "id"),
        ([{"fields": ["title", "plot"]}, GOOD], None, "plot"),
        ([HEADER, [1]], 2, None),
    ],
)
def test_bad_files_name_line_and_field(tmp_path, lines, line, field):
    path = tmp_path / "catalogue.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in lines))
    with pytest.raises(DataError) as caught:
        Catalogue.load(path)
    assert (str(caught.value.path), caught.value.line, caught.value.field) == (str(path), line, field)


def test_a_limit_keeps_the_first_values_of_a_field_in_the_text(tmp_path):
    item = Item("1", "Alien", 1979, {"actors": ("Weaver", "Holm", "Hurt"), "genres": ("horror", "drama")})
    catalogue = Catalogue((item,), ("title", "actors", "genres")).described_by((), {"actors": 2})
    assert catalogue.text_fields(item) == ("Alien (1979)", "Weaver, Holm", "horror, drama")
    assert catalogue.described_by(("genres",)).text_fields(item) == ("horror, drama",)
    assert catalogue.described_by((), {"genres": 1}).text_fields(item) == ("Alien (1979)", "Weaver, Holm", "horror")
    assert catalogue.items[0].values("actors") == ("Weaver", "Holm", "Hurt")
    catalogue.save(tmp_path / "catalogue.jsonl")
    loaded = Catalogue.load(tmp_path / "catalogue.jsonl")
    assert loaded.text_fields(item) == catalogue.text_fields(item)
    assert pickle.loads(pickle.dumps(loaded)) == loaded
    new = Item("2", "Aliens", 1986, {"actors": ("Weaver", "Biehn", "Henn")})
    assert loaded.with_items((new,)).text_fields(new) == ("Aliens (1986)", "Weaver, Biehn", "")
    assert catalogue.described_by((), {"plot": 1}) == catalogue
    with pytest.raises(DataError, match="'actors' is no declared field, or its limit"):
        Catalogue((item,), ("title",), {"actors": 2})


def test_items_may_be_described_by_some_of_their_fields():
    item = Item("1", "Alien", 1979, {"genres": ("horror",), "plot": ("A ship.",)})
    whole = Catalogue((item,), ("title", "genres", "plot"))
    assert whole.described_by(()) is whole
    few = whole.described_by(("plot", "title"))
    assert few.text_fields(few.items[0]) == ("A ship.", "Alien (1979)")
    with pytest.raises(ConfigError, match=r"^data\.item_fields: 'actors' is none of title, genres, plot$"):
        whole.described_by(("actors",))
