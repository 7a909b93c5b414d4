import pytest
import torch
from torch import nn

from pecrs.model.attention import Branches, Continuation, KVCache, Packing, candidate_attention, stream_mask


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
    module.layer_idx = 1
    return module


def packing(keys, streams=(), ends=(), mask=None):
    """A packing of streams given as lists of rows, padded with the first row."""
    width = max(map(len, keys))
    padded = torch.tensor([[*row, *[0] * (width - len(row))] for row in keys])
    cells = [b * width + place for b, row in enumerate(keys) for place in range(len(row))]
    return Packing(
        padded,
        torch.tensor(cells),
        mask,
        torch.tensor(streams, dtype=torch.long),
        torch.tensor(ends, dtype=torch.long),
    )


def assert_same_gradients(output, expected, inputs):
    probe = torch.randn(output.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    gradients, wanted = (torch.autograd.grad((result * probe).sum(), inputs) for result in (output, expected))
    for actual, right in zip(gradients, wanted, strict=True):
        torch.testing.assert_close(actual, right)


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
    query, key, value = (x.requires_grad_() for x in draw(heads, key_heads, 8, 8))
    output, weights = candidate_attention(
        layer(heads, key_heads), query, key, value, None, visible=packing([range(4)], [0, 0], [2, 3])
    )
    assert weights is None
    expected = dense(query[0], key[0], value[0], visible).transpose(0, 1)[None]
    torch.testing.assert_close(output, expected)
    assert_same_gradients(output, expected, [query, key, value])


@pytest.mark.parametrize(("heads", "key_heads"), [(2, 2), (4, 2)])
@pytest.mark.parametrize("ends", [None, (3, 2)])
def test_candidates_alone_read_their_own_layers_past(heads, key_heads, ends):
    # Rows 0 to 2 and 3 to 5 are two streams that were read before; two candidates hang off each.
    query, key, value = draw(heads, key_heads, 4, 10)
    past = [x[0, :, :6].unflatten(1, (2, 3)).transpose(0, 1) for x in (key, value)]  # (2, key heads, 3, width)
    branches = Branches([(past[1], past[0]), tuple(past)], None if ends is None else torch.tensor(ends))
    output, _ = candidate_attention(
        layer(heads, key_heads), query, key[:, :, 6:], value[:, :, 6:], None, visible=branches
    )
    last = 1 if ends is None else 0
    visible = [
        [1, 1, 1, 0, 0, 0, 1, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0, 1, 0, 0],
        [0, 0, 0, 1, 1, last, 0, 0, 1, 0],
        [0, 0, 0, 1, 1, last, 0, 0, 0, 1],
    ]
    torch.testing.assert_close(output, dense(query[0], key[0], value[0], visible).transpose(0, 1)[None])


def test_without_a_mask_or_candidates_it_is_plain_causal_attention():
    visible = [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    query, key, value = draw(4, 2, 3, 3)
    mask = stream_mask(torch.tensor([[1, 2, 3]]), torch.zeros(1, 3, dtype=torch.long))
    expected = dense(query[0], key[0], value[0], visible).transpose(0, 1)[None]
    for given in (None, mask):
        output, _ = candidate_attention(layer(4, 2), query, key, value, given)
        torch.testing.assert_close(output, expected)


@pytest.mark.parametrize("mask", [None, "own"])
def test_packed_streams_of_unequal_length_do_not_see_each_other(mask):
    # Rows 0 to 2 are one stream, 3 and 4 another; one candidate hangs off each, in the other order.
    visible = [
        [1, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0],
        [0, 0, 0, 1, 0, 0, 0],
        [0, 0, 0, 1, 1, 0, 0],
        [0, 0, 0, 1, 0, 1, 0],
        [1, 1, 1, 0, 0, 0, 1],
    ]
    if mask is not None:
        mask = stream_mask(torch.tensor([[1, 2, 3], [1, 2, 1]]), torch.zeros(2, 3, dtype=torch.long))
    query, key, value = (x.requires_grad_() for x in draw(4, 2, 7, 7))
    packed = packing([range(3), range(3, 5)], [1, 0], [1, 3], mask=mask)
    output, _ = candidate_attention(layer(4, 2), query, key, value, None, visible=packed)
    expected = dense(query[0], key[0], value[0], visible).transpose(0, 1)[None]
    torch.testing.assert_close(output, expected)
    assert_same_gradients(output, expected, [query, key, value])


def test_sizes_make_a_packing_of_causal_streams():
    made = Packing.of_sizes(torch.tensor([3, 1, 2]))
    assert made.keys.tolist() == [[0, 1, 2], [3, 0, 0], [4, 5, 0]]
    assert made.cells.tolist() == [0, 1, 2, 3, 6, 7]
    assert made.mask is None
    assert len(made.streams) == len(made.ends) == 0


def test_dropout_thins_the_weights_of_branches():
    value = torch.ones(1, 1, 2001, 1)  # every candidate sees itself alone, with weight one
    torch.manual_seed(0)
    branches, own = Branches([(value[:, :, :1],) * 2] * 2, torch.tensor([0])), value[:, :, 1:]
    output, _ = candidate_attention(layer(1, 1), own, own, own, None, dropout=0.25, visible=branches)
    torch.testing.assert_close(output.unique(), torch.tensor([0, 4 / 3]))
    assert float((output == 0).double().mean()) == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_low_precision_keeps_its_type_and_stays_close(dtype):
    exact, packed = draw(4, 2, 5, 5), packing([range(3)], [0], [3])
    output, _ = candidate_attention(layer(4, 2), *(x.to(dtype) for x in exact), None, visible=packed)
    expected, _ = candidate_attention(layer(4, 2), *exact, None, visible=packed)
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


@pytest.mark.parametrize(("heads", "key_heads"), [(2, 2), (4, 2)])
def test_streams_that_go_on_piece_by_piece_see_all_of_their_past_and_nothing_else(heads, key_heads):
    attention, streams = layer(heads, key_heads), [KVCache(), KVCache()]
    attention.layer_idx = 0
    drawn = [draw(heads, key_heads, 90, 90, seed) for seed in (1, 2)]
    right = [dense(*(x[0] for x in one), torch.ones(90, 90).tril().bool()) for one in drawn]

    def go_on(sizes):
        chosen = [(one, stream, size) for one, stream, size in zip(drawn, streams, sizes, strict=True) if size]
        rows = [slice(stream.length, stream.length + size) for _, stream, size in chosen]
        pieces = [(one, part) for (one, _, _), part in zip(chosen, rows, strict=True)]
        packed = [torch.cat([one[i][:, :, part] for one, part in pieces], 2) for i in range(3)]
        kept = [stream for _, stream, _ in chosen]
        visible = Continuation.of_streams(kept, [size for _, _, size in chosen], torch.device("cpu"))
        output, _ = candidate_attention(attention, *packed, None, visible=visible)
        expected = [right[streams.index(s)][:, part] for s, part in zip(kept, rows, strict=True)]
        torch.testing.assert_close(output[0], torch.cat(expected, 1).transpose(0, 1))
        for _, stream, size in chosen:
            stream.length += size

    for sizes in ((5, 0), (1, 40), (3, 1), (1, 1), (60, 2)):  # together and alone, begun and continued, past the room
        go_on(sizes)
    streams[0].length = 7  # what follows is written over
    go_on((4, 9))
    for one, stream in zip(drawn, streams, strict=True):
        [(keys, values)] = stream.layers()
        assert torch.equal(keys, one[1][0, :, : stream.length])
        assert torch.equal(values, one[2][0, :, : stream.length])
