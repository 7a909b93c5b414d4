"""Batches counted by hand, with the one-word-one-token layout."""

import pytest
import torch

from oracle.dialogues import recommender, seeker
from pecrs.data.collator import collate
from test_stream import talk, word_layout

SHORT = talk(recommender("a"))
# 0 <eos> 1 Seeker: 2 a 3 <eos> 4 [REC] 5 v1 6 v2 7 [REC_END] 8 Recommender: 9 b 10 [ITEM] 11 [ITEM] 12 <eos>
LONG = talk(seeker("a"), recommender("b", 1, 2))


def both(**data):
    layout = word_layout(**data)
    return layout, collate([*layout.streams(SHORT), *layout.streams(LONG)])


def test_a_joint_batch():
    layout, batch = both()
    v = layout.vocabulary
    ids = dict(zip("ab", v.tokenizer.convert_tokens_to_ids(["a", "b"]), strict=True))
    assert batch.tokens.shape == (2, 13)
    assert batch.tokens[0].tolist() == [v.eos, *v.prefixes["recommender"], ids["a"], v.eos, *[0] * 9]
    assert batch.items[1].tolist() == [-1, -1, -1, -1, -1, 1, 2, -1, -1, -1, -1, -1, -1]
    assert batch.positions.tolist() == [[0, 1, 2, 3, *[0] * 9], list(range(13))]
    assert batch.context_end.tolist() == [[1, 2, 3, 4, *[1] * 9], list(range(1, 14))]
    assert not batch.branch.any()
    assert batch.queries.tolist() == [[-1], [4]]
    assert batch.turns.tolist() == [[-1], [1]]
    assert batch.positives.tolist() == [[[-1, -1]], [[1, 2]]]
    assert batch.targets.tolist() == [
        [0, 1, ids["a"]],
        [0, 2, v.eos],
        [1, 8, ids["b"]],
        [1, 9, v.item],
        [1, 10, v.item],
        [1, 11, v.eos],
    ]
    assert batch.target_weights.tolist() == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]  # two points over four tokens
    assert batch.decisions.tolist() == [[0, 0, 0], [1, 3, 1]]
    assert batch.decision_weights.tolist() == [1, 2]
    assert batch.points == 3


def test_a_batch_with_one_response_per_item():
    _, batch = both(generation="per_item")
    # Two branches of eight: 4 [REC] 5 v 6 [REC_END] 7 Recommender: 8 b 9 [ITEM] 10 [ITEM] 11 <eos>
    assert batch.tokens.shape == (2, 29)
    assert batch.branch[1].tolist() == [0] * 13 + [1] * 8 + [2] * 8
    assert batch.positions[1, 13:].tolist() == [*range(4, 12), *range(4, 12)]
    assert batch.context_end[1, 13:].tolist() == [4] * 16
    assert batch.items[1, 13:].tolist() == [-1, 1, *[-1] * 6, -1, 2, *[-1] * 6]
    assert batch.targets[2:, :2].tolist() == [[1, 16], [1, 17], [1, 18], [1, 19], [1, 24], [1, 25], [1, 26], [1, 27]]
    assert batch.target_weights.tolist() == [0.5, 0.5, *[0.25] * 8]
    assert batch.branch[0].tolist() == [0] * 29
    assert batch.points == 3


def test_rows_with_fewer_queries_are_padded():
    layout = word_layout(max_context_tokens=64)
    one = layout.streams(talk(seeker("a"), recommender("b", 3)))
    three = layout.streams(
        talk(recommender("x", 7), seeker("a"), recommender(1), recommender(2, 4), recommender("c", 5))
    )
    batch = collate([*one, *three])
    assert batch.turns.tolist() == [[1, -1, -1], [2, 3, 4]]  # the opening has no context
    assert batch.positives.tolist() == [[[3, -1], [-1, -1], [-1, -1]], [[1, -1], [2, 4], [5, -1]]]
    assert (batch.queries[0, 1:] == -1).all()
    assert batch.decisions[:, 2].tolist() == [1, 1, 1, 1, 1]
    assert batch.points == 6


def test_without_any_query_the_shapes_stay_usable():
    layout = word_layout()
    batch = collate(layout.streams(SHORT))
    assert batch.queries.tolist() == batch.turns.tolist() == [[-1]]
    assert batch.positives.tolist() == [[[-1]]]


def test_a_response_counts_once_per_point_whatever_its_length():
    for generation in ("joint", "per_item"):
        layout = word_layout(max_context_tokens=64, generation=generation)
        told = talk(seeker("a"), recommender("b c d e f g", 1, 2, 3), recommender("h"), recommender("i j", 4))
        batch = collate(layout.streams(told))
        assert float(batch.target_weights.sum()) == pytest.approx(batch.points) == 5
        assert float(batch.decision_weights.sum()) == 5


def test_moving_keeps_every_tensor():
    _, batch = both()
    moved = batch.to("cpu")
    for name, value in vars(batch).items():
        other = getattr(moved, name)
        assert torch.equal(value, other) if isinstance(value, torch.Tensor) else value == other
