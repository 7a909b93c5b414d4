import pytest
import torch
from torch import nn

from pecrs.model.attention import candidate_attention, group_mask, stream_mask


def dense(query, key, value, visible):
    """Attention by loops over the pairs that may see each other; (heads, queries, width)."""
    repeats = query.shape[0] // key.shape[0]
    result = torch.zeros_like(query)
    for head in range(query.shape[0]):
        for row in range(query.shape[1]):
            seen = [c for c in range(key.shape[1]) if visible[row][c]]
            powers = [torch.exp(query[head, row] @ key[head // repeats, c] / query.shape[2] ** 0.5) for c in seen]
            values = [value[head // repeats, c] for c in seen]
            result[head, row] = sum(p * v for p, v in zip(powers, values, strict=True)) / sum(powers)
    return result


def layer(query_heads, key_heads):
    module = nn.Module()
    module.num_key_value_groups = query_heads // key_heads
    module.is_causal = True
    return module


def draw(heads, key_heads, rows, keys, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shapes = ((1, heads, rows, 4), (1, key_heads, keys, 4), (1, key_heads, keys, 4))
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


@pytest.mark.parametrize(("heads", "key_heads"), [(2, 2), (4, 2)])
def test_two_groups_of_candidates_see_their_prefix_and_themselves(heads, key_heads):
    # A stream of four with [REC] at 1 and 2, and two candidates at each.
    visible = [
        [1, 0, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0, 0],
        [1, 1, 1, 1, 0, 0, 0, 0],
        [1, 1, 0, 0, 1, 0, 0, 0],
        [1, 1, 0, 0, 0, 1, 0, 0],
        [1, 1, 1, 0, 0, 0, 1, 0],
        [1, 1, 1, 0, 0, 0, 0, 1],
    ]
    main = torch.zeros(1, 4, dtype=torch.long)
    mask = torch.cat([stream_mask(torch.tensor([[1, 2, 3, 4]]), main), group_mask(torch.tensor([[1, 2]]), main)], dim=2)
    query, key, value = (x.requires_grad_() for x in draw(heads, key_heads, 8, 8))
    output, weights = candidate_attention(layer(heads, key_heads), query, key, value, mask)
    assert weights is None
    expected = dense(query[0], key[0], value[0], visible).transpose(0, 1)[None]
    torch.testing.assert_close(output, expected)
    probe = torch.randn(output.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    gradients = torch.autograd.grad((output * probe).sum(), [query, key, value])
    wanted = torch.autograd.grad((expected * probe).sum(), [query, key, value])
    for actual, right in zip(gradients, wanted, strict=True):
        torch.testing.assert_close(actual, right)


def test_candidates_alone_read_a_cached_stream():
    # Three keys are cached; two candidates of one [REC] at position 2 are the only queries.
    visible = [[1, 1, 1, 1, 0], [1, 1, 1, 0, 1]]
    mask = group_mask(torch.tensor([[2]]), torch.zeros(1, 3, dtype=torch.long))
    query, key, value = draw(2, 2, 2, 5)
    output, _ = candidate_attention(layer(2, 2), query, key, value, mask)
    torch.testing.assert_close(output, dense(query[0], key[0], value[0], visible).transpose(0, 1)[None])


def test_without_a_mask_or_candidates_it_is_plain_causal_attention():
    visible = [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    query, key, value = draw(4, 2, 3, 3)
    mask = stream_mask(torch.tensor([[1, 2, 3]]), torch.zeros(1, 3, dtype=torch.long))
    expected = dense(query[0], key[0], value[0], visible).transpose(0, 1)[None]
    for given in (None, mask):
        output, _ = candidate_attention(layer(4, 2), query, key, value, given)
        torch.testing.assert_close(output, expected)


def test_a_padded_group_sees_itself_alone():
    mask = torch.cat([torch.ones(1, 1, 2, 2, dtype=torch.bool).tril(), torch.zeros(1, 1, 1, 2, dtype=torch.bool)], 2)
    query, key, value = draw(2, 2, 3, 3)
    output, _ = candidate_attention(layer(2, 2), query, key, value, mask)
    torch.testing.assert_close(output[0, 2], value[0, :, 2])


def test_dropout_thins_the_weights_of_branches():
    mask = torch.zeros(1, 1, 1, 0, dtype=torch.bool)  # every candidate sees itself alone, with weight one
    value = torch.ones(1, 1, 2000, 1)
    torch.manual_seed(0)
    output, _ = candidate_attention(layer(1, 1), value, value, value, mask, dropout=0.25)
    torch.testing.assert_close(output.unique(), torch.tensor([0, 4 / 3]))
    assert float((output == 0).double().mean()) == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_low_precision_keeps_its_type_and_stays_close(dtype):
    mask = torch.cat([torch.ones(1, 1, 3, 3, dtype=torch.bool).tril(), torch.ones(1, 1, 1, 3, dtype=torch.bool)], 2)
    exact = draw(4, 2, 5, 5)
    output, _ = candidate_attention(layer(4, 2), *(x.to(dtype) for x in exact), mask)
    expected, _ = candidate_attention(layer(4, 2), *exact, mask)
    assert output.dtype is dtype
    limit = 0.05 if dtype is torch.bfloat16 else 1e-5
    torch.testing.assert_close(output.double(), expected, rtol=limit, atol=limit)


def test_response_branches_see_their_context_and_their_own_past():
    # Main line of three; branch 1 (two positions) hangs off two of them, branch 2 off all; then padding.
    ends, branch = torch.tensor([[1, 2, 3, 2, 2, 3, 1]]), torch.tensor([[0, 0, 0, 1, 1, 2, 0]])
    expected = [
        [1, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 1, 0, 1, 0, 0, 0],
        [1, 1, 0, 1, 1, 0, 0],
        [1, 1, 1, 0, 0, 1, 0],
        [1, 0, 0, 0, 0, 0, 0],
    ]
    assert stream_mask(ends, branch)[0, 0].int().tolist() == expected
