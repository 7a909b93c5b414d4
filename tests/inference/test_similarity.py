"""What is like an example shares rare values with it; fame does not make it so."""

import numpy as np
import torch

from inference_readings import FILMS
from pecrs.inference.preferences import Preferences
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
