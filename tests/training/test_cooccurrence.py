"""A start for item embeddings: known by construction."""

import pytest
import torch

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.training.cooccurrence import cooccurrence_factors


def dialogue(*items):
    return Dialogue("-".join(items), tuple(Turn(Speaker.SEEKER, "x", items=(item,)) for item in items))


CATALOGUE = Catalogue(tuple(Item(str(i), f"Film {i}") for i in range(8)), ("title",))
TASTES = (("0", "1"), ("1", "2"), ("2", "0"), ("3", "4"), ("4", "5"), ("5", "3"), ("6",))
TWO_TASTES = [dialogue(*items) for items in TASTES] * 3


def test_items_named_together_lie_together_and_others_apart():
    factors = cooccurrence_factors(TWO_TASTES, CATALOGUE, 8, seed=0)
    cosine = torch.nn.functional.cosine_similarity(factors[:, None], factors[None], dim=2)
    assert min(cosine[:3, :3].min(), cosine[3:6, 3:6].min()) > cosine[:3, 3:6].abs().max() + 0.2


def test_rows_have_one_norm_or_are_zero():
    factors = cooccurrence_factors(TWO_TASTES, CATALOGUE, 16, seed=0)
    assert factors.shape == (8, 16)
    torch.testing.assert_close(factors[:6].norm(dim=1), torch.full((6,), 2.0))
    assert factors[6:].abs().max() == 0  # named alone, and never named
    assert not cooccurrence_factors([dialogue("6")], CATALOGUE, 4, seed=0).any()


def test_a_seed_repeats_and_leaves_the_global_state_alone():
    before = torch.get_rng_state()
    first = cooccurrence_factors(TWO_TASTES, CATALOGUE, 8, seed=1)
    assert torch.equal(first, cooccurrence_factors(TWO_TASTES, CATALOGUE, 8, seed=1))
    assert torch.equal(before, torch.get_rng_state())


def test_an_unknown_item_is_an_error():
    with pytest.raises(Exception, match="not in the catalogue"):
        cooccurrence_factors([dialogue("0", "nobody")], CATALOGUE, 4, seed=0)
