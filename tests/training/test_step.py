"""A batch in several passes is the batch in one."""

from dataclasses import replace

import pytest
import torch

from models import tiny_config, tiny_model
from oracle.dialogues import FULL_OF_CASES, recommender, seeker
from pecrs.data.dialogue import Dialogue
from pecrs.model.backbone.blocks import recompute_blocks
from pecrs.model.backbone.precision import autocast, native_bf16
from pecrs.model.item_pool import ItemPool
from pecrs.training.losses import pecrs_losses
from pecrs.training.step import compute_step, prepare_step, split_micro_batches

TOLD = [
    FULL_OF_CASES,
    Dialogue("short", (seeker("I like", 11), recommender("Then", 10))),
    Dialogue("plain", (seeker("Hello"), recommender("Hello to you"))),
]


def prepared(tiny, **training):
    settings = tiny.config.training.model_copy(update=training)
    streams = [stream for dialogue in TOLD for stream in tiny.layout.streams(dialogue)]
    return settings, streams, prepare_step(streams, tiny.model, settings, seed=3)


@pytest.mark.parametrize("negatives", [0, 4])
@pytest.mark.parametrize(("family", "tuning", "generation"), [("gpt2", "lora", "joint"), ("bert", "full", "per_item")])
def test_losses_and_gradients_do_not_hang_on_the_number_of_passes(double, family, tuning, generation, negatives):
    config = tiny_config(model={"tuning": tuning}, data={"generation": generation})
    results = []
    for budget in (10_000, 1):
        tiny = tiny_model(family, config)
        settings, streams, step = prepared(tiny, negatives=negatives, rerank_negatives=3, micro_batch_tokens=budget)
        assert len(step.micro_batches) == (1 if budget > 1 else len(streams))
        losses = compute_step(tiny.model, step, settings, share=0.5)
        results.append((losses.named(), {n: p.grad for n, p in tiny.model.trained_parameters().items()}))
    (one, left), (several, right) = results
    for name, value in one.items():
        torch.testing.assert_close(several[name], value, msg=name)
        assert float(value) > 0
    assert sum(gradient is not None and float(gradient.abs().max()) > 1e-9 for gradient in left.values()) > 10
    for name, gradient in left.items():
        torch.testing.assert_close(right[name], gradient, msg=name)


@pytest.mark.parametrize("share", [True, False])
def test_a_pass_that_is_computed_for_company_changes_nothing(double, share):
    results = []
    for idle in (0, 1):
        tiny = tiny_model("llama")
        settings, _, step = prepared(tiny, negatives=4, share_over_batch=share, micro_batch_tokens=1)
        losses = compute_step(tiny.model, step, settings, mine=slice(1, None, 2), idle=idle)
        results.append((losses.named(), {n: p.grad for n, p in tiny.model.trained_parameters().items()}))
    (alone, left), (accompanied, right) = results
    assert accompanied == alone
    assert any(gradient is not None and gradient.any() for gradient in left.values())
    for name, gradient in left.items():
        torch.testing.assert_close(right[name], gradient, atol=0, rtol=0, msg=name)


@pytest.mark.parametrize("idle", [0, 1])
def test_a_process_without_a_pass_of_its_own_adds_nothing(double, idle):
    tiny = tiny_model("gpt2")
    settings, _, step = prepared(tiny, negatives=4)
    losses = compute_step(tiny.model, step, settings, mine=slice(len(step.micro_batches), None), idle=idle)
    assert not any(map(float, losses.named().values()))
    assert not any(p.grad is not None and p.grad.any() for p in tiny.model.trained_parameters().values())


@pytest.mark.parametrize("generation", ["joint", "per_item"])
def test_the_positions_of_a_step_are_those_that_are_computed(double, generation):
    tiny = tiny_model("gpt2", tiny_config(data={"generation": generation}))
    _, _, step = prepared(tiny, negatives=0, rerank_negatives=3, micro_batch_tokens=1)
    computed = [len(part.tokens) + len(part.queries) * (part.positives.shape[1] + 3) for part in step.micro_batches]
    assert step.positions == sum(computed)
    assert step.points == sum(part.points for part in step.micro_batches)
    _, _, without = prepared(tiny, rerank_weight=0.0)
    assert without.drawn[0].rerank is None
    assert without.positions == sum(len(part.tokens) for part in without.micro_batches)


@pytest.mark.parametrize("negatives", [0, 4])
def test_negatives_are_right_for_no_query_of_any_pass(double, negatives):
    tiny = tiny_model("gpt2")
    _, streams, step = prepared(tiny, negatives=negatives, rerank_negatives=3, micro_batch_tokens=1)
    right = {item for stream in streams for point in stream.points for item in point.items}
    [drawn] = step.drawn
    assert right.isdisjoint(drawn.rerank.tolist())
    assert len(drawn.rerank) == (negatives or 3)
    assert (drawn.recall is None) == (negatives == 0)
    slots = {item for stream in streams for item in stream.sequence.items if item >= 0}
    assert step.named.tolist() == sorted(right | slots)


def test_negatives_that_a_batch_does_not_share_are_drawn_for_each_stream(double):
    tiny = tiny_model("gpt2")
    _, streams, step = prepared(tiny, negatives=4, share_over_batch=False)
    assert len(step.micro_batches) == len(step.drawn) == len(streams)
    for stream, drawn in zip(streams, step.drawn, strict=True):
        assert {item for point in stream.points for item in point.items}.isdisjoint(drawn.recall.tolist())
        assert drawn.rerank is drawn.recall
    assert len({tuple(drawn.recall.tolist()) for drawn in step.drawn}) > 1


@pytest.mark.parametrize("negatives", [0, 4])
def test_a_stream_with_negatives_of_its_own_costs_what_it_would_alone(double, negatives):
    tiny = tiny_model("gpt2")
    settings, _, step = prepared(tiny, negatives=negatives, rerank_negatives=3, share_over_batch=False)
    together = compute_step(tiny.model, step, settings)
    alone = []
    for part, drawn in zip(step.micro_batches, step.drawn, strict=True):
        pool = ItemPool.of_model(tiny.model, part.named, drawn.recall, drawn.rerank)
        alone.append(pecrs_losses(tiny.model(part, pool), part, settings, step.points).named())
    for name, value in together.named().items():
        torch.testing.assert_close(value, torch.stack([losses[name] for losses in alone]).sum(), msg=name)


def test_items_are_dropped_as_the_settings_say(double):
    without = []
    for share in (0.0, 1.0):
        tiny = tiny_model("gpt2")
        settings, _, step = prepared(tiny, embedding_dropout=share)
        compute_step(tiny.model.train(), step, settings)
        without.append(not tiny.model.item_encoder.embedding.grad.any())
    assert without == [False, True]


def test_tasks_that_do_not_share_negatives_have_samples_of_their_own_size(double):
    tiny = tiny_model("gpt2")
    [drawn] = prepared(tiny, negatives=4, rerank_negatives=3, share_over_tasks=False)[2].drawn
    assert (len(drawn.recall), len(drawn.rerank)) == (4, 3)


@pytest.mark.parametrize("sampling", ["uniform", "popularity"])
def test_negatives_with_replacement_are_corrected_and_the_reranker_has_its_own(double, sampling):
    tiny = tiny_model("gpt2")
    size, often = len(tiny.model.catalogue), 50
    settings = {"negatives": often * size, "rerank_negatives": 3, "negative_sampling": sampling}
    _, streams, step = prepared(tiny, **settings, logq=True)
    [drawn] = step.drawn
    right = {item for stream in streams for point in stream.points for item in point.items}
    assert right <= set(drawn.recall.tolist())
    assert right.isdisjoint(drawn.rerank.tolist())
    assert len(drawn.rerank) == 3
    popularity = tiny.model.retriever.log_popularity.exp()
    weights = popularity if sampling == "popularity" else torch.ones_like(popularity)
    expected = often * size * weights / weights.sum()
    torch.testing.assert_close(drawn.log_counts.exp(), expected[drawn.recall])
    assert prepared(tiny, **settings)[2].drawn[0].log_counts is None


@pytest.mark.parametrize("generation", ["joint", "per_item"])
def test_a_sample_of_the_whole_catalogue_gives_the_loss_and_gradients_of_the_whole(double, generation):
    """Items come several times, and with them the right ones of each query, which only its own loss leaves out."""
    results = []
    for whole in (True, False):
        tiny = tiny_model("gpt2", tiny_config(data={"generation": generation}))
        settings, _, step = prepared(tiny, negatives=0, rerank_negatives=3)
        if not whole:
            often = torch.arange(len(tiny.model.catalogue)) % 3 + 1
            items = torch.repeat_interleave(torch.arange(len(often)), often)
            drawn = replace(step.drawn[0], recall=items, log_counts=often.double().log()[items])
            step = replace(step, drawn=(drawn,))
        losses = compute_step(tiny.model, step, settings)
        results.append((losses.named(), {n: p.grad for n, p in tiny.model.trained_parameters().items()}))
    (one, left), (other, right) = results
    assert float(one["recall"]) > 0
    for name, value in one.items():
        torch.testing.assert_close(other[name], value, msg=name)
    for name, gradient in left.items():
        torch.testing.assert_close(right[name], gradient, msg=name)


def test_without_a_size_a_pass_has_the_devices(double, monkeypatch):
    tiny = tiny_model("gpt2")
    assert len(prepared(tiny, micro_batch_tokens=0)[2].micro_batches) == 1
    monkeypatch.setattr("pecrs.training.step.CPU_PASS", 1)
    assert len(prepared(tiny, micro_batch_tokens=0)[2].micro_batches) > 1


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [([], []), ([9], [[0]]), ([3, 4, 1], [[0, 1], [2]]), ([8, 8], [[0], [1]]), ([1, 9, 1], [[0], [1], [2]])],
)
def test_passes_fill_up_in_order(sizes, parts):
    assert split_micro_batches(sizes, 7) == parts


@pytest.mark.parametrize(
    ("capabilities", "native"),
    [({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, False), ({"amx_bf16": True}, True), ({}, False)],
)
def test_precision_follows_what_the_machine_computes(monkeypatch, capabilities, native):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    cpu = torch.device("cpu")
    assert native_bf16(cpu) is native
    for precision, low in (("auto", native), ("fp32", False), ("bf16", True)):
        with autocast(cpu, precision):
            assert torch.is_autocast_enabled("cpu") is low


def test_an_unknown_device_computes_in_single_precision():
    assert not native_bf16(torch.device("meta"))


@pytest.mark.parametrize(("family", "tuning"), [("gpt2", "lora"), ("llama", "lora"), ("bert", "full")])
def test_blocks_that_are_computed_again_give_the_same_gradients(double, family, tuning):
    config = tiny_config(model={"tuning": tuning, "lora": {"rank": 3, "alpha": 6.0, "dropout": 0.3}})
    results = []
    for again in (False, True):
        tiny = tiny_model(family, config)
        calls = []
        parts = tiny.model.backbone.named_modules()
        attention = next(part for name, part in parts if name.endswith((".attn", "attention.self", "self_attn")))
        attention.register_forward_hook(lambda *_, calls=calls: calls.append(1))
        if again:
            recompute_blocks(tiny.model.backbone)
        settings, _, step = prepared(tiny, negatives=4, micro_batch_tokens=10_000)
        losses = compute_step(tiny.model.train(), step, settings)
        assert len(step.micro_batches) == 1
        assert len(calls) == (2 if again else 1)
        results.append((losses.named(), {n: p.grad for n, p in tiny.model.trained_parameters().items()}))
    (plain, left), (recomputed, right) = results
    assert plain == recomputed
    assert sum(gradient is not None and float(gradient.abs().max()) > 1e-9 for gradient in left.values()) > 10
    for name, gradient in left.items():
        torch.testing.assert_close(right[name], gradient, msg=name)
