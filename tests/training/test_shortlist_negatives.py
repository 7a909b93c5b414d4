"""The re-ranker's negatives from what the retriever ranks first: which they are, and that learning is not disturbed."""

import pytest
import torch
from test_step import TOLD, prepared

from models import FAMILIES, tiny_config, tiny_model
from pecrs.config import Config
from pecrs.errors import ConfigError
from pecrs.inference.ranker import Ranker
from pecrs.model.item_pool import ItemPool, Shortlist
from pecrs.training.step import compute_step, prepare_step


@pytest.mark.parametrize("family", FAMILIES)
def test_they_are_the_best_retrieved_wrong_items(double, family):
    tiny = tiny_model(family)
    model, [dialogue] = tiny.model, TOLD[:1]
    streams = tiny.layout.streams(dialogue)
    settings = tiny_config(training={"rerank_negatives": 3, "rerank_shortlist": 3}).training
    step = prepare_step(streams, model, settings, seed=1)
    [part], pool = (
        step.micro_batches,
        ItemPool.of_model(model, step.named, None, None).against(None, None, Shortlist(3, 3)),
    )
    seen = []
    read = model.read

    def spy(batch, slots, vectors, candidates=None, cache=None):
        seen.append(candidates)
        return read(batch, slots, vectors, candidates, cache)

    model.read = spy
    output = model(part, pool)
    assert [candidates is None for candidates in seen] == [True, False]
    ranker = Ranker.of_model(model)
    for row, positives in enumerate(part.positives.tolist()):
        depth = len(positives)
        right = {item for item in positives if item >= 0}
        chosen = seen[1][row, depth:].tolist()
        scores = output.recall_negative[row].tolist()
        assert right.isdisjoint(chosen)
        assert len(set(chosen)) == 3
        others = [j for j in range(len(ranker.index)) if j not in right]
        assert set(chosen) == set(sorted(others, key=lambda j: -scores[j])[:3])
    # The same items given as shared negatives score the same.
    shared = pool.against(None, seen[1][0, part.positives.shape[1] :])
    again = model(part, shared)
    torch.testing.assert_close(again.rerank_negative[0].sort().values, output.rerank_negative[0].sort().values)


def test_a_draw_is_a_part_of_the_shortlist_and_hangs_on_the_seed(double):
    tiny = tiny_model("gpt2")
    model = tiny.model
    streams = tiny.layout.streams(TOLD[0])
    settings = tiny_config(training={"rerank_negatives": 2, "rerank_shortlist": 6}).training
    step = prepare_step(streams, model, settings, seed=1)
    pool, [part] = (
        ItemPool.of_model(model, step.named, None, None).against(None, None, step.drawn[0].shortlist),
        step.micro_batches,
    )
    slots = pool.rows[part.items]
    drawn = []
    for seed in (0, 0, 1, 2, 3):
        torch.manual_seed(seed)
        drawn.append(model._rerank_negatives(part, pool, slots))
    assert torch.equal(drawn[0], drawn[1])
    assert any(not torch.equal(drawn[0], other) for other in drawn[2:])
    best = {*model._rerank_negatives(part, pool.against(None, None, Shortlist(6, 6)), slots)[0].tolist()}
    assert {*torch.cat([rows[0] for rows in drawn]).tolist()} <= best


def test_loss_and_positions_count_them(double):
    tiny = tiny_model("gpt2")
    settings, _, step = prepared(tiny, rerank_negatives=3, rerank_shortlist=5, micro_batch_tokens=1)
    computed = [len(part.tokens) + len(part.queries) * (part.positives.shape[1] + 3) for part in step.micro_batches]
    assert step.positions == sum(computed)
    losses = compute_step(tiny.model, step, settings)
    assert float(losses.rerank) > 0
    gradients = {name: p.grad for name, p in tiny.model.trained_parameters().items()}
    assert float(gradients["reranker.head.0.weight"].abs().max()) > 0


def test_in_bf16_every_adapter_learns_as_without_the_pass_before():
    tiny = tiny_model("gpt2")
    tiny.model.float()
    settings, _, step = prepared(tiny, rerank_negatives=3, rerank_shortlist=5, precision="bf16")
    compute_step(tiny.model, step, settings)
    for name, parameter in tiny.model.trained_parameters().items():
        if "lora_B" in name:
            assert parameter.grad is not None, name
            assert float(parameter.grad.abs().max()) > 0, name


def test_small_catalogues_give_fewer(double):
    tiny = tiny_model("gpt2")
    settings, _, step = prepared(tiny, rerank_negatives=50, rerank_shortlist=90)
    assert torch.isfinite(compute_step(tiny.model, step, settings).total)


@pytest.mark.parametrize(
    "training", [{"negatives": 5}, {"rerank_negatives": 0}, {"rerank_negatives": 9}, {"rerank_negatives": -1}]
)
def test_settings_that_make_no_sense_are_refused(training):
    with pytest.raises(ConfigError, match=r"training\.rerank"):
        Config.from_dict({"training": {"rerank_shortlist": 8, "rerank_negatives": 4, **training}})
