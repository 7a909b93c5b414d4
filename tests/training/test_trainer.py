"""The training loop: what one step is, what is saved when, and that the model learns what it is shown."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import count

import pytest
import torch

from pecrs.data.collator import collate
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.stream import StreamLayout
from pecrs.errors import ConfigError, DataError
from pecrs.index import ItemIndex
from pecrs.model.retriever import Mentions
from pecrs.training.losses import pecrs_losses
from pecrs.training.schedule import learning_rate_factor
from pecrs.training.step import compute_step
from pecrs.training.trainer import MODEL_FOLDER, Trainer, popularity_counts, training_streams
from tiny import load_folder, output_of, tiny_config, world

LOSSES = ("total", "recall", "rerank", "generation", "decision")


def nothing(_):
    return {"mean_recall": 0.0}


def lines(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def batches(folder) -> list[dict]:
    return [line for line in lines(folder) if "total" in line]


def test_the_log_holds_each_batch_with_its_rate_and_the_files_of_tensorboard_exist(tmp_path):
    trainer = world().trainer(tiny_config(epochs=3, warmup_epochs=1), tmp_path)
    progress = trainer.train(nothing)
    rows = batches(tmp_path)
    total, per_epoch = progress.step, progress.step // 3
    assert [row["step"] for row in rows] == list(range(1, total + 1))
    assert [row["epoch"] for row in rows] == [step // per_epoch for step in range(total)]
    assert [row["learning_rate"] for row in rows] == [
        1e-2 * learning_rate_factor(step, per_epoch, total) for step in range(total)
    ]
    assert all(math.isfinite(row[name]) for row in rows for name in LOSSES)
    assert any("tfevents" in path.name for path in (tmp_path / "tensorboard").iterdir())
    assert (progress.epoch, progress.batch) == (3, 0)


def test_a_total_is_the_weighted_sum_of_its_parts(tmp_path):
    weights = {"recall_weight": 0.3, "rerank_weight": 0.5, "generation_weight": 2.0, "decision_weight": 0.7}
    world().trainer(tiny_config(epochs=1, **weights), tmp_path).train(nothing)
    for row in batches(tmp_path):
        parts = sum(weights[f"{name}_weight"] * row[name] for name in LOSSES[1:])
        assert row["total"] == pytest.approx(parts, rel=1e-5)


def gradients(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: p.grad.clone() for name, p in trainer.parameters.items() if p.grad is not None}


def test_an_accumulated_step_follows_the_mean_of_its_batches(tmp_path):
    """It is the step of one big batch, but that each small batch counts alike, whatever its number of points."""
    config = tiny_config(epochs=1, accumulation=3, precision="fp32", model={"reranker": False}, gradient_clip=0.0)
    trainer, other = (world().trainer(config, tmp_path / name) for name in ("a", "b"))
    plan = [[0], [3, 1], [5]]
    trainer._plan = lambda epoch: plan
    seen: dict[str, torch.Tensor] = {}
    step = trainer.optimizer.step
    trainer.optimizer.step = lambda: (seen.update(gradients(trainer)), step())
    trainer.train(nothing)
    model = other.model.train()
    small = [collate([other.streams[i] for i in indices]) for indices in plan]
    assert len({batch.points for batch in small}) > 1
    sum(pecrs_losses(output_of(model, batch), batch, config.training).total / 3 for batch in small).backward()
    mean = gradients(other)
    assert set(seen) == set(mean)
    for name, gradient in mean.items():
        assert torch.allclose(seen[name], gradient, atol=1e-6, rtol=1e-4), name
    model.zero_grad()
    big = collate([other.streams[i] for indices in plan for i in indices])
    assert big.points == sum(batch.points for batch in small)
    by_points = [
        pecrs_losses(output_of(model, batch), batch, config.training).total * batch.points / big.points
        for batch in small
    ]
    whole = pecrs_losses(output_of(model, big), big, config.training).total
    assert torch.allclose(sum(by_points), whole, rtol=1e-5)


@pytest.mark.parametrize("accumulation", [1, 2, 4])
def test_a_short_last_group_is_one_step_and_validation_falls_between_steps(tmp_path, accumulation):
    config = tiny_config(epochs=2, accumulation=accumulation, batch_size=3, validate_every_epochs=0.5)
    trainer = world().trainer(config, tmp_path)
    sizes = [len(trainer._plan(epoch)) for epoch in (0, 1)]
    pending = []

    def validate(model):
        pending.append([p for p in trainer.parameters.values() if p.grad is not None and p.grad.any()])
        return nothing(model)

    progress = trainer.train(validate)
    assert progress.step == sum(math.ceil(size / accumulation) for size in sizes)
    assert len(batches(tmp_path)) == sum(sizes)
    assert len(pending) >= 3
    assert not any(pending)


def test_validation_chooses_the_best_model_and_saves_that_one(tmp_path):
    recalls = iter([0.1, 0.3, 0.2, 0.3])
    vectors = []

    def validate(model):
        assert not model.training
        vectors.append(model.catalogue_vectors.clone())
        return {"mean_recall": next(recalls), "recall@1": 0.5}

    progress = world().trainer(tiny_config(epochs=4), tmp_path).train(validate)
    best = load_folder(tmp_path / MODEL_FOLDER, base=world().base).catalogue_vectors
    assert [torch.equal(best, each) for each in vectors] == [False, True, False, False]
    assert (progress.best, progress.stale) == (0.3, 2)
    found = [line for line in lines(tmp_path) if "validation" in line]
    assert [line["best"] for line in found] == [True, True, False, False]
    assert found[1]["validation"] == {"mean_recall": 0.3, "recall@1": 0.5}


def test_impatience_stops_a_run(tmp_path):
    recalls = iter([0.2, 0.1, 0.1, 0.9])
    progress = (
        world().trainer(tiny_config(epochs=4, patience=2), tmp_path).train(lambda _: {"mean_recall": next(recalls)})
    )
    assert (progress.epoch, progress.stale, progress.best) == (3, 2, 0.2)


def test_a_time_limit_stops_a_run_after_a_validation(tmp_path):
    calls = count()
    trainer = world().trainer(tiny_config(epochs=50, max_minutes=1e-6), tmp_path)
    progress = trainer.train(lambda _: {"mean_recall": 0.1 * next(calls)})
    assert (progress.step, next(calls)) == (1, 1)
    assert (tmp_path / MODEL_FOLDER / "config.json").exists()


def test_two_runs_of_one_seed_are_alike_and_of_another_are_not(tmp_path):
    rows = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        world("gpt2").trainer(tiny_config(epochs=1, seed=seed), tmp_path / name).train(nothing)
        rows.append([[row[loss] for loss in LOSSES] for row in batches(tmp_path / name)])
    assert rows[0] == rows[1] != rows[2]


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_bfloat16_stays_finite_and_close(family, tmp_path):
    rows = {}
    for precision in ("fp32", "bf16", "fp32"):
        trainer = world(family).trainer(tiny_config(epochs=1, precision=precision), tmp_path / precision)
        trainer.train(nothing)
        rows[precision] = batches(tmp_path / precision)
        assert all(p.dtype == torch.float32 and torch.isfinite(p).all() for p in trainer.parameters.values())
    first = rows["fp32"][0]
    assert all(math.isfinite(row[name]) for row in rows["bf16"] for name in LOSSES)
    assert [rows["bf16"][0][name] for name in LOSSES] == pytest.approx([first[name] for name in LOSSES], rel=0.05)
    assert rows["bf16"][0]["total"] != first["total"]


@pytest.mark.parametrize("reranker", [True, False])
@pytest.mark.parametrize("layout", ["windows", "stream"])
@pytest.mark.parametrize("family", ["gpt2", "bert"])
def test_the_paper_like_configuration_trains(family, layout, reranker, tmp_path):
    config = tiny_config(
        data={"layout": layout, "generation": "per_item", "utterances": "merged"},
        model={
            "reranker": reranker,
            "similarity": "angular",
            "candidate_position": "none",
            "item_embedding": False,
            "popularity_bias": "none",
            "mention_feature": False,
            "repeat_feature": False,
        },
        generation={"decision": "paper"},
        epochs=1,
        negatives=8,
        decision_weight=0.0,
    )
    trainer = world(family).trainer(config, tmp_path)
    before = {name: value.clone() for name, value in trainer.parameters.items()}
    assert any(stream.branches for stream in trainer.streams)
    if layout == "windows":
        assert all(len(stream.points) == 1 for stream in trainer.streams)
        sizes = [sum(trainer.streams[i].weight for i in batch) for batch in trainer._plan(0)]
        assert max(sizes) <= config.training.batch_size
    assert trainer.train(nothing).step >= 2
    rows = batches(tmp_path)
    assert all(math.isfinite(row["total"]) for row in rows)
    assert all((row["rerank"] > 0) == reranker for row in rows if row["recall"] > 0)
    assert {name for name, value in trainer.parameters.items() if torch.equal(value, before[name])} == set()


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_a_handful_of_dialogues_is_learned_by_heart(tuning, tmp_path):
    """Adapters on a random base cannot learn to write: its frozen token rows are too short for sure logits."""
    place = replace(world(), dialogues=world().dialogues[:2])
    config = tiny_config(
        tuning, epochs=160, batch_size=16, model={"lora": {"rank": 16}}, warmup_epochs=5.0,
        validate_every_epochs=160, weight_decay=0.0, recall_weight=1.0, rerank_weight=1.0, decision_weight=1.0,
        learning_rate=1e-2,
    )  # fmt: skip
    trainer = place.trainer(config, tmp_path)
    assert trainer.train(nothing).step == 160
    first, last = batches(tmp_path)[0], batches(tmp_path)[-1]
    learned = LOSSES[1:] if tuning == "full" else ("recall", "rerank", "decision")
    assert {name: last[name] < 0.3 for name in learned} == dict.fromkeys(learned, True), [
        last[name] for name in learned
    ]
    assert last["generation"] < first["generation"]
    model = trainer.model.eval()
    batch = collate(trainer.streams)
    with torch.no_grad():
        stream, _ = model.read(batch, batch.items, model.catalogue_vectors, None)
    mentions = Mentions.gather(batch.mentions, len(batch.queries), model.catalogue_vectors, stream)
    scores = ItemIndex.of_model(model).scores(stream[batch.queries], mentions)
    for row, wanted in zip(scores.argsort(dim=1, descending=True), batch.positives, strict=True):
        right = set(wanted[wanted >= 0].tolist())
        assert set(row[: len(right)].tolist()) == right


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_its_checkpoint(tmp_path, monkeypatch):
    config = tiny_config(epochs=1, checkpoint_minutes=1e-9)
    trainer = world().trainer(config, tmp_path)
    calls = count(1)

    def overflowing(*arguments):
        losses = compute_step(*arguments)
        return replace(losses, total=losses.total * math.inf) if next(calls) == 3 else losses

    monkeypatch.setattr("pecrs.training.trainer.compute_step", overflowing)
    with pytest.raises(ConfigError, match=r"training\.learning_rate: the loss became inf"):
        trainer.train(nothing)
    monkeypatch.undo()
    again = world().trainer(config, tmp_path)
    assert again.resume()
    assert again.progress.step == 2
    assert all(torch.isfinite(p).all() for p in again.parameters.values())
    assert [row["step"] for row in batches(tmp_path)] == [1, 2]


def test_popularity_counts_the_recommenders_turns():
    catalogue = world().catalogue
    one, two = catalogue.items[0].id, catalogue.items[7].id
    turns = (
        Turn(Speaker.SEEKER, "a", items=(one,)),
        Turn(Speaker.RECOMMENDER, "b", items=(two, one)),
        Turn(Speaker.RECOMMENDER, "c", items=(two,)),
    )
    counts = popularity_counts([Dialogue("x", turns)], catalogue)
    assert {index: n for index, n in enumerate(counts) if n} == {0: 1, 7: 2}


def test_training_needs_a_turn_of_the_recommender():
    model = world().model(tiny_config())
    layout = StreamLayout(model.vocabulary, model.catalogue, model.data)
    seeker = Dialogue("x", (Turn(Speaker.SEEKER, "Hello"),))
    with pytest.raises(DataError, match="no dialogue has a turn of the recommender"):
        training_streams([seeker], layout, 100)
    assert len(training_streams([seeker, world().dialogues[0]], layout, 1000)) >= 1


def test_a_second_run_in_one_process_is_not_bound_to_the_first(tmp_path):
    for precision in ("fp32", "bf16"):
        config = tiny_config(epochs=1, precision=precision)
        model = world().model(config)
        Trainer(model, config, world().streams(model), tmp_path, world().base)
