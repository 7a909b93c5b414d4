"""What is like an example shares rare values with it; fame does not make it so."""

from types import SimpleNamespace

import numpy as np
import torch

from inference_readings import FILMS
from pecrs.data.catalogue import SIMILAR, Catalogue, Item
from pecrs.inference.preferences import Preferences, fame_of
from pecrs.inference.similarity import Similarity
from pecrs.inference.state import DialogueState

PLACES = {item.id: place for place, item in enumerate(FILMS)}
FAME = torch.zeros(len(FILMS))
FAME[PLACES["dunk"]] = 3.0
SIMILARITY = Similarity(FILMS, torch.ones(len(FILMS), 3), FAME)


def test_kinds_and_themes_count_more_than_people_and_fame():
    places = np.array([PLACES[key] for key in ("mail", "big", "dunk")])
    found = SIMILARITY(("sleep",), places)
    assert found[0] > found[1] > found[2]


def test_the_nearest_of_what_is_allowed_come_first():
    allowed = np.zeros(len(FILMS), dtype=bool)
    allowed[[PLACES["dunk"], PLACES["toy2"], PLACES["shin"]]] = True
    assert SIMILARITY.nearest(("toy1",), allowed)[0] == PLACES["toy2"]


def test_examples_the_catalogue_lacks_leave_everything_allowed():
    preferences = Preferences(SIMILARITY)
    allowed = torch.ones(len(FILMS), dtype=torch.bool)
    assert preferences.near(DialogueState(examples=("gone",)), allowed).all()
    assert preferences.near(DialogueState(), allowed).all()
    assert not preferences.near(DialogueState(examples=("toy1",)), torch.zeros_like(allowed)).any()


def test_fame_is_what_the_catalogue_says_else_what_training_named():
    own = Catalogue((Item("a", "A"), Item("b", "B")), ("title",))
    model = SimpleNamespace(catalogue=own, retriever=SimpleNamespace(log_popularity=torch.tensor([2.0, 0.5])))
    noted = (Item("b", "B"), Item("c", "C", None, {"fame": ("5",)}), Item("d", "D", None, {"fame": ("1",)}))
    assert fame_of(model, Catalogue((Item("b", "B"), Item("c", "C")), ("title",))).tolist() == [0.5, 0.0]
    assert fame_of(model, Catalogue(noted, ("title",))).tolist() == [0.5, 6.0, 1.5]
    two = Catalogue((Item("d", "D", None, {"fame": ("2",)}),), ("title",))
    assert fame_of(model, two).tolist() == [1.5]  # what is little known is as little known as what nobody knows


def test_what_is_listed_as_alike_is_nearer():
    films = Catalogue(
        (Item("a", "A", None, {SIMILAR: ("c",)}), Item("b", "B"), Item("c", "C"), Item("d", "D")), ("title",)
    )
    similarity = Similarity(films, torch.eye(4), torch.zeros(4))
    assert similarity(("a",), np.arange(1, 4)).argmax() == 1
    assert similarity(("c",), np.array([0, 1, 3])).argmax() == 0
