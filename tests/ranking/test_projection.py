"""Maps that bring requests near to what fulfils them."""

import numpy as np
import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.ranking import projection
from pecrs.ranking.meaning import ItemMeanings, Meaning, directions
from pecrs.ranking.projection import Projection

WORDS = ("weepy", "gory", "sad", "blood", "old", "new")
ITEMS = Catalogue(
    tuple(Item(f"{kind}{age}", f"{kind} {age}") for kind in ("sad", "blood") for age in ("old", "new")), ("title",)
)
ASKED = [
    (f"{said} {age}", [f"{kind}{age}"]) for said, kind in (("weepy", "sad"), ("gory", "blood")) for age in WORDS[4:]
]


def read(texts):
    return np.array([[text.split().count(word) for word in WORDS] for text in texts], dtype=np.float32)


def fitted(seed=0):
    plain = ItemMeanings.of(ITEMS, [text for text, _ in ASKED], read)
    said = plain.said(read([text for text, _ in ASKED]))
    right = [[ITEMS.index(item) for item in items] for _, items in ASKED]
    return plain, Projection.fit(said, plain.vectors.astype(np.float32), right, seed)


def test_what_requests_mean_is_learnt_from_what_fulfils_them(monkeypatch):
    monkeypatch.setattr(projection, "_EPOCHS", 400)
    plain, learnt = fitted()
    for text, [item] in ASKED:
        before, after = (Meaning(meanings, read)([text]) for meanings in (plain, plain.projected(learnt)))
        other = "sadold sadnew bloodold bloodnew".replace(item, "").split()
        assert before[ITEMS.index(item)] == pytest.approx(max(before), abs=1e-3)  # the age alone is told by the words
        assert all(after[ITEMS.index(item)] > after[ITEMS.index(one)] + 0.1 for one in other)


def test_it_is_the_same_each_time_and_leaves_the_random_state_alone():
    import torch

    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    once, again = fitted()[1], fitted()[1]
    assert torch.equal(torch.rand(1), expected)
    assert (once.messages == again.messages).all()
    assert (once.items == again.items).all()
    assert not (fitted(seed=1)[1].messages == once.messages).all()


def test_new_items_are_projected_as_those_that_were_there():
    plain, learnt = fitted()
    meanings = plain.projected(learnt)
    changed = ITEMS.with_items([Item("more", "sad sad new")], ["bloodnew"])
    moved = meanings.moved(ITEMS, changed, read)
    expected = directions(directions(read(["sad sad new"]) - plain.items_centre) @ learnt.items)[0]
    assert moved.vectors[changed.index("more")] == pytest.approx(expected, abs=1e-3)
    assert moved.vectors[changed.index("sadold")] == pytest.approx(meanings.vectors[ITEMS.index("sadold")])
    assert moved.projection is learnt


def test_arrays_hold_the_maps_too():
    plain, learnt = fitted()
    meanings = plain.projected(learnt)
    again = ItemMeanings.from_arrays(meanings.arrays())
    assert again.projection.messages == pytest.approx(learnt.messages, abs=1e-3)
    assert again.projection.items == pytest.approx(learnt.items, abs=1e-3)
    assert ItemMeanings.from_arrays(plain.arrays()).projection is None


def test_of_many_items_some_are_drawn_and_all_that_fulfil(monkeypatch):
    monkeypatch.setattr(projection, "_MOST_ITEMS", 20)
    drawn = projection._compared(1_000, [[7, 9], [500]], np.random.default_rng(0))
    assert {7, 9, 500} <= set(drawn.tolist())
    assert 20 <= len(drawn) <= 23
    assert (np.diff(drawn) > 0).all()
    shares = projection._evenly([[7, 9], [500, 500]], drawn)
    assert shares.sum(1).tolist() == [1, 1]
    assert shares[0, np.searchsorted(drawn, 9)] == 0.5
