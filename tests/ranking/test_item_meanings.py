"""Messages beside what items are about, and items that the catalogue says are alike."""

import numpy as np
import pytest

from pecrs.data.catalogue import SIMILAR, Catalogue, Item
from pecrs.errors import CheckpointError
from pecrs.ranking.alike import alike_rows, further
from pecrs.ranking.meaning import MOST_NEW, REMEMBERED, ItemMeanings, Meaning, meaning_text

WORDS = ("shark", "dog", "space")
FILMS = Catalogue(
    (
        Item("jaws", "Jaws", 1975, {"genres": ("thriller",), "story": ("A shark hunts.",), SIMILAR: ("deep", "gone")}),
        Item("deep", "Deep", 1999, {"themes": ("shark", "dog")}),
        Item("lassie", "Lassie", 1994, {"plot": ("A dog comes home.",), SIMILAR: ("deep",)}),
        Item("moon", "Moon", 2009, {"description": ("Alone in space.",), SIMILAR: ("moon",)}),
    ),
    ("title",),
)
READ: list[str] = []


def read(texts):
    READ.extend(texts)
    return np.array([[text.lower().count(word) for word in WORDS] for text in texts], dtype=np.float32)


def test_the_text_of_an_item_is_what_it_is_about():
    assert meaning_text(FILMS["jaws"]) == "Jaws. thriller. A shark hunts."
    assert meaning_text(FILMS["deep"]) == "Deep. shark, dog"
    assert meaning_text(FILMS["moon"]) == "Moon. Alone in space."


def test_a_message_is_near_what_it_means_and_read_once():
    meaning = Meaning(ItemMeanings.of(FILMS, ["a dog", "space"], read), read)
    found = meaning(["sharks please"])
    assert found.argmax() == FILMS.index("jaws")
    assert meaning([]).tolist() == [0, 0, 0, 0]
    before = len(READ)
    meaning(["sharks please"])
    meaning.remember(["sharks please", "a dog", "a dog"])
    assert READ[before:] == ["a dog"]


def test_what_was_just_asked_for_is_not_forgotten():
    meaning = Meaning(ItemMeanings.of(FILMS, [], read), read)
    meaning(["a dog"])
    meaning.remember([f"{number} sharks" for number in range(REMEMBERED)])
    meaning(["a dog"])
    meaning.remember(["a dog", "space"])
    before = len(READ)
    assert np.isfinite(meaning(["a dog", "space"])).all()
    assert READ[before:] == []


def test_another_catalogue_keeps_what_it_shares():
    meanings = ItemMeanings.of(FILMS, [], read)
    changed = FILMS.with_items([Item("laika", "Laika", 1960, {"story": ("A dog in space.",)})], ["lassie"])
    before = len(READ)
    moved = meanings.moved(FILMS, changed, read)
    assert READ[before:] == ["Laika. A dog in space."]
    assert moved.vectors[changed.index("jaws")] == pytest.approx(meanings.vectors[FILMS.index("jaws")])
    assert np.linalg.norm(moved.vectors[changed.index("laika")].astype(float)) == pytest.approx(1, abs=1e-3)
    many = Catalogue(tuple(Item(str(n), "A dog") for n in range(MOST_NEW + 1)), ("title",))
    assert not meanings.moved(FILMS, many, read).vectors.any()  # too many to be read on the way


def test_arrays_hold_all_of_it():
    meanings = ItemMeanings.of(FILMS, ["a dog"], read)
    again = ItemMeanings.from_arrays(meanings.arrays())
    assert again.vectors.dtype == np.float16
    assert (again.vectors == meanings.vectors).all()
    assert (again.messages_centre == [0, 1, 0]).all()


def test_vectors_of_an_earlier_version_are_refused():
    meanings = ItemMeanings.of(FILMS, ["a dog"], read)
    with pytest.raises(CheckpointError, match="earlier version"):
        Meaning(meanings, lambda texts: np.ones((len(texts), 5), dtype=np.float32))(["a dog"])


def test_items_are_alike_by_the_word_of_either():
    rows = alike_rows(FILMS)
    jaws, deep, lassie, moon = range(4)
    alike = rows.sum(np.array([jaws]), np.ones(1, dtype=np.float32))
    assert alike[deep] == pytest.approx(1 / np.sqrt(2 * 3))  # with one and with two such beside it
    assert alike[[jaws, lassie, moon]].tolist() == [0, 0, 0]
    beyond = further(rows, alike)
    assert beyond[lassie] == pytest.approx(alike[deep] / np.sqrt(3 * 2))
    assert beyond[moon] == 0
