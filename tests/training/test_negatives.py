import torch
from hypothesis import given
from hypothesis import strategies as st

from pecrs.training.negatives import sample_negatives, sample_with_replacement


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@given(
    count=st.integers(0, 40),
    items=st.integers(1, 40),
    rows=st.lists(st.lists(st.integers(-1, 39), min_size=2, max_size=2), max_size=9),
    seed=st.integers(0, 2**31),
)
def test_negatives_are_distinct_and_never_right(count, items, rows, seed):
    positives = torch.tensor([[min(i, items - 1) for i in row] for row in rows], dtype=torch.long).view(-1, 2)
    drawn = sample_negatives(count, items, positives, generator(seed)).tolist()
    allowed = set(range(items)) - set(positives.flatten().tolist())
    assert len(drawn) == len(set(drawn)) == min(count, len(allowed))
    assert set(drawn) <= allowed


def test_a_seed_decides_and_another_differs():
    positives = torch.tensor([[3, -1]])
    first, again, other = (sample_negatives(20, 1000, positives, generator(seed)) for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_padding_excludes_nothing():
    drawn = sample_negatives(4, 4, torch.tensor([[-1, -1]]), generator())
    assert sorted(drawn.tolist()) == [0, 1, 2, 3]


def test_every_item_is_drawn_equally_often():
    source, counts = generator(), torch.zeros(10)
    for _ in range(2000):
        counts[sample_negatives(3, 10, torch.tensor([7]), source)] += 1
    assert counts[7] == 0
    assert torch.allclose(counts[counts > 0], torch.full((9,), 2000 * 3 / 9), rtol=0.15)


def test_with_replacement_items_come_as_often_as_their_counts_say():
    weights = torch.tensor([1.0, 2.0, 5.0, 8.0])
    items, log_counts = sample_with_replacement(160_000, weights, generator())
    expected = 160_000 * weights.double() / 16
    torch.testing.assert_close(log_counts.exp(), expected[items])
    torch.testing.assert_close(torch.bincount(items, minlength=4).double(), expected, rtol=0.02, atol=0)


def test_with_replacement_the_catalogue_may_be_smaller_than_the_sample_and_very_uneven():
    weights = torch.tensor([1e-9, 1.0, 1e-9])
    items, log_counts = sample_with_replacement(100, weights, generator())
    assert items.tolist() == [1] * 100
    torch.testing.assert_close(log_counts.exp(), torch.full((100,), 100.0, dtype=torch.float64))
