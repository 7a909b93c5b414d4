"""Batches counted by hand, with the one-word-one-token layout."""

import pytest
import torch
from test_stream import talk, word_layout

from oracle.dialogues import recommender, seeker
from pecrs.data.collator import collate

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
    assert batch.tokens.shape == (4 + 13,)
    assert batch.tokens[:4].tolist() == [v.eos, *v.prefixes["recommender"], ids["a"], v.eos]
    assert batch.items[4:].tolist() == [-1, -1, -1, -1, -1, 1, 2, -1, -1, -1, -1, -1, -1]
    assert batch.positions.tolist() == [*range(4), *range(13)]
    assert batch.keys.tolist() == [[0, 1, 2, 3, *[0] * 9], list(range(4, 17))]
    assert batch.cells.tolist() == [*range(4), *range(13, 26)]
    assert batch.context_end.tolist() == [[1, 2, 3, 4, *[1] * 9], list(range(1, 14))]
    assert not batch.branched
    assert not batch.branch.any()
    assert batch.queries.tolist() == [4 + 4]
    assert batch.query_streams.tolist() == [1]
    assert batch.query_positions.tolist() == [4]
    assert batch.turns.tolist() == [1]
    assert batch.positives.tolist() == [[1, 2]]
    assert batch.mentions.tolist() == []
    assert batch.named.tolist() == [1, 2]
    assert batch.targets.tolist() == [
        [1, ids["a"]],
        [2, v.eos],
        [4 + 8, ids["b"]],
        [4 + 9, v.item],
        [4 + 10, v.item],
        [4 + 11, v.eos],
    ]
    assert batch.target_weights.tolist() == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]  # two points over four tokens
    assert batch.decisions.tolist() == [[0, 0], [4 + 3, 1]]
    assert batch.decision_weights.tolist() == [1, 2]
    assert batch.points == 3


def test_a_batch_with_one_response_per_item():
    _, batch = both(generation="per_item")
    # Two branches of eight: 4 [REC] 5 v 6 [REC_END] 7 Recommender: 8 b 9 [ITEM] 10 [ITEM] 11 <eos>
    assert batch.tokens.shape == (4 + 29,)
    assert batch.branched
    assert batch.branch[1].tolist() == [0] * 13 + [1] * 8 + [2] * 8
    assert batch.positions[4 + 13 :].tolist() == [*range(4, 12), *range(4, 12)]
    assert batch.context_end[1, 13:].tolist() == [4] * 16
    assert batch.items[4 + 13 :].tolist() == [-1, 1, *[-1] * 6, -1, 2, *[-1] * 6]
    assert batch.targets[2:, 0].tolist() == [4 + place for place in (16, 17, 18, 19, 24, 25, 26, 27)]
    assert batch.keys[1].tolist() == list(range(4, 33))
    assert batch.target_weights.tolist() == [0.5, 0.5, *[0.25] * 8]
    assert batch.branch[0].tolist() == [0] * 29
    assert batch.points == 3


def test_streams_with_fewer_queries_cost_no_padding():
    layout = word_layout(max_context_tokens=64)
    one = layout.streams(talk(seeker("a"), recommender("b", 3)))
    three = layout.streams(
        talk(recommender("x", 7), seeker("a"), recommender(1), recommender(2, 4), recommender("c", 5))
    )
    batch = collate([*one, *three])
    assert batch.turns.tolist() == [1, 2, 3, 4]  # the opening has no context
    assert batch.query_streams.tolist() == [0, 1, 1, 1]
    assert batch.positives.tolist() == [[3, -1], [1, -1], [2, 4], [5, -1]]
    assert batch.mentions[:, :2].tolist() == [[1, 7], [2, 7], [2, 1], [3, 7], [3, 1], [3, 2], [3, 4]]
    assert batch.items[batch.mentions[:, 2]].tolist() == [7, 7, 1, 7, 1, 2, 4]  # the rows that hold them
    assert (batch.mentions[:, 2] < batch.queries[batch.mentions[:, 0]]).all()
    assert batch.named.tolist() == [1, 2, 3, 4, 5, 7]
    assert batch.decisions[:, 1].tolist() == [1, 1, 1, 1, 1]
    assert batch.points == 6


def test_a_mention_is_where_an_item_was_named_last_before_the_query():
    layout = word_layout(max_context_tokens=64)
    told = talk(seeker("a", 3), recommender("b", 3), seeker("c", 3), recommender("d", 3))
    batch = collate(layout.streams(told))
    slots = torch.nonzero(batch.items == 3)[:, 0].tolist()
    assert batch.mentions.tolist() == [[0, 3, slots[0]], [1, 3, slots[2]]]  # its own turn's slot comes after the query


def test_without_any_query_the_shapes_stay_usable():
    layout = word_layout()
    batch = collate(layout.streams(SHORT))
    assert batch.queries.shape == batch.turns.shape == (0,)
    assert batch.positives.shape == (0, 1)
    assert batch.mentions.shape == (0, 3)


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
