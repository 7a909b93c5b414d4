"""From a prepared folder to a trained run, from a run to predictions and metrics: what the commands call.

Training knows nothing of evaluation and evaluation nothing of training; here they meet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pecrs.config import Config
from pecrs.data.dialogue import Dialogue, check_items
from pecrs.data.files import replacing_folder, write_json
from pecrs.data.loaders.prepare import load_prepared
from pecrs.data.loaders.redial import load_redial_dialogues
from pecrs.data.progress import Progress, Report, silent, tracked
from pecrs.data.protocol import VARIANTS, Instance, cold_instances, instances
from pecrs.data.splits import Prepared
from pecrs.data.stream import StreamLayout
from pecrs.data.truecase import Truecaser
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.baselines.registry import folder_name, make_baselines
from pecrs.evaluation.baselines.simple import ConversationalRecommender
from pecrs.evaluation.baselines.zero_shot import Reordered, WrittenTitles
from pecrs.evaluation.evaluator import evaluate, judge_all, predict, predictions_file, run, save_metrics
from pecrs.evaluation.metrics.conversation import (
    RESPONSES,
    ConversationMetrics,
    converse_metrics,
    read_responses,
    write_responses,
)
from pecrs.evaluation.metrics.ranking import RECALL_AT, Estimate, Metrics, recall_difference
from pecrs.evaluation.predictions import DEPTH, key_of, read_predictions, write_predictions
from pecrs.evaluation.responses import answer
from pecrs.inference.ranker import Ranker
from pecrs.inference.recommender import Recommender
from pecrs.model.backbone.device_map import parse_memory_budgets
from pecrs.model.backbone.precision import computes_bf16
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import LAYOUT, base_of, build_model
from pecrs.model.persistence.transfer import start_folder, take_start, with_absolute_paths
from pecrs.training.checkpoint import RunState
from pecrs.training.cooccurrence import cooccurrence_factors
from pecrs.training.run import BASE_FOLDER, start_run
from pecrs.training.scratch import make_backbone, training_texts
from pecrs.training.trainer import Trainer, Validate, popularity_counts, training_streams
from pecrs.training.workers import Workers


def train_run(
    config: Config, data: Prepared, folder: Path, report: Report = silent, *, resume: bool = False
) -> RunState:
    """Train a model on prepared data; the best one on validation ends up in ``folder/model``.

    Args:
        config: The configuration.
        data: Needs ``train`` and ``valid`` dialogues.
        folder: The run.
        report: Is told how far the run has come.
        resume: Go on with what is in the folder.

    Raises:
        ConfigError: If the folder holds another run, or the configuration does not suit the backbone.
        DataError: If a split is missing.
    """
    for name in ("train", "valid"):
        if not data.splits.get(name):
            raise DataError(f"there are no {name} dialogues to train with", field=name)
    config = with_absolute_paths(config)
    data = replace(data, catalogue=data.catalogue.described_by(config.data.item_fields))
    workers = Workers()
    if config.training.device_map:
        parse_memory_budgets(config.training.device_map)
        if workers.count > 1:
            raise ConfigError("training.device_map: one process is expected; several share training.shard_backbone")
    report = report if workers.main else silent
    if workers.main:
        start_run(folder, config, resume=resume)
    base = workers.agree(_made_base(config, data, folder) if workers.main else "")
    with workers.main_first():
        device = "" if config.training.shard_backbone and workers.count > 1 else str(workers.accelerator.device)
        model = _untrained(config, data, base, config.training.device_map or device, report)
    report(Progress(str(model.describe_trained())))
    layout = StreamLayout(model.vocabulary, data.catalogue, config.data)
    streams = training_streams(data.train, layout, model.backbone.max_positions)
    points = sum(stream.weight for stream in streams)
    report(Progress(f"{len(streams):,} streams with {points:,} data points"))
    trainer = Trainer(model, streams, folder, base, report, workers, _digest(data.valid))
    arithmetic = "bf16" if computes_bf16(model.device, config.training.precision) else "fp32"
    report(Progress(f"computing in {arithmetic} on {model.device.type}"))
    if resume and trainer.resume():
        report(Progress(f"resuming at epoch {trainer.progress.epoch + 1}, batch {trainer.progress.batch}"))
    return trainer.train(recall_validation(data.valid, config.training.validation_dialogues, workers, report))


def _made_base(config: Config, data: Prepared, folder: Path) -> str:
    """Return the name of the untrained backbone, made first where the run makes one."""
    if config.model.backbone == "start":
        return base_of(start_folder(config.training.start))
    if config.model.backbone != "scratch":
        return config.model.backbone
    base = folder / BASE_FOLDER
    if not base.exists():
        texts = training_texts(data.train, data.catalogue, config.data)
        with replacing_folder(base) as made:
            make_backbone(config.model.scratch, texts, made, config.training.seed)
    return str(base)


def _untrained(config: Config, data: Prepared, base: str, device_map: str, report: Report) -> PecrsModel:
    named = _named(data.train)
    start = start_folder(config.training.start) if config.training.start else None
    model = build_model(
        config,
        data.catalogue,
        popularity_counts(data.train, data.catalogue),
        base,
        named=[item.id in named for item in data.catalogue],
        tokenizer=str(start / LAYOUT.tokenizer) if start is not None and config.model.backbone == "start" else None,
        device_map=device_map,
        report=report,
    )
    if start is not None:
        take_start(model, start)
    if config.model.item_embedding and config.training.item_embedding_start == "cooccurrence":
        width, seed = model.backbone.width, config.training.seed
        model.item_encoder.start_embedding(cooccurrence_factors(data.train, data.catalogue, width, seed))
        model.refresh_vectors()
    if model.vocabulary.uncased:
        turns = (turn for dialogue in data.train for turn in dialogue.turns)
        model.truecaser = Truecaser.learn(words for turn in turns for words in turn.words)
    return model


def _named(dialogues: Sequence[Dialogue]) -> set[str]:
    return {item for dialogue in dialogues for turn in dialogue.turns for item in turn.items}


def _digest(dialogues: Sequence[Dialogue]) -> str:
    said = repr([(dialogue.id, dialogue.turns) for dialogue in dialogues])
    return hashlib.sha256(said.encode()).hexdigest()


def recall_validation(
    dialogues: Sequence[Dialogue], limit: int, workers: Workers | None = None, report: Report = silent
) -> Validate:
    """Return a validation by recall under protocol ``standard``; ``mean_recall`` is the mean of R@1, R@10 and R@50.

    Args:
        dialogues: Validation dialogues.
        limit: Use the first so many; 0 takes all.
        workers: The processes that share them out.
        report: Is told how many points are ranked, of this process's.

    Source: PECRS §4.1: the checkpoint with the highest mean of the three.
    """
    chosen = dialogues[:limit] if limit else dialogues
    variants = protocol_variants(chosen, "standard")

    def validate(model: PecrsModel) -> Mapping[str, float]:
        ranker = Ranker.of_model(model)
        shared = None if model.config.training.shard_backbone else workers  # blocks that lie apart are computed by all
        own = {id(dialogue) for dialogue in (chosen if shared is None else chosen[shared.share])}
        points = [point for point in variants["all"] if id(point.dialogue) in own]
        count = len({key_of(point) for point in points})
        predicted = list(tracked(predict(ranker, points), "validating", count, report))
        rankings = dict(predicted if shared is None else shared.gather(predicted))
        measured = evaluate(rankings, variants, samples=1)
        values = {f"{name} R@{k}": estimate.value for name, m in measured.items() for k, estimate in m.recall.items()}
        recalls = [estimate.value for estimate in measured["all"].recall.values()]
        values["mean_recall"] = sum(recalls) / len(recalls)
        return values if workers is None else workers.agree(values)

    return validate


def protocol_variants(
    dialogues: Sequence[Dialogue], protocol: str, train: Sequence[Dialogue] = ()
) -> dict[str, list[Instance]]:
    """Return the instances of each variant of a protocol; a variant without any is left out.

    Args:
        dialogues: What is evaluated.
        protocol: Name of the protocol.
        train: Where these are given, ``cold`` holds the labels that they never name.

    Raises:
        ConfigError: If the protocol is unknown.
        DataError: If there is no instance at all.
    """
    variants = {name: instances(dialogues, protocol, name) for name in VARIANTS}
    if not variants["all"]:
        raise DataError(f"the dialogues hold no instance of protocol {protocol}")
    if train:
        variants["cold"] = cold_instances(variants["all"], _named(train))
    return {name: points for name, points in variants.items() if points}


def predict_file(
    recommender: Recommender,
    dialogues: Sequence[Dialogue],
    protocol: str,
    output: Path,
    depth: int = DEPTH,
    *,
    ranker: ConversationalRecommender | None = None,
) -> int:
    """Write one ranking an instance to a file.

    Args:
        recommender: The model.
        dialogues: Per-message dialogues.
        protocol: Name of the protocol.
        output: ``predictions.jsonl``.
        depth: Items a ranking.
        ranker: Who ranks for the model, elsewhere; None ranks here.

    Returns:
        The number of lines.
    """
    points = protocol_variants(dialogues, protocol)["all"]
    predictions = list(predict(ranker or recommender, points, depth))
    write_predictions(output, predictions, recommender.catalogue)
    return len(predictions)


def prediction_dialogues(
    recommender: Recommender, data: Path | None, split: str, raw: Path | None
) -> Sequence[Dialogue]:
    """Return the dialogues to predict: a split of a prepared folder, or a raw ReDial file.

    Args:
        recommender: Its catalogue must hold every item that is named.
        data: A prepared folder.
        split: Name of the split.
        raw: A raw ReDial jsonl file, instead of ``data``.

    Raises:
        ConfigError: Unless exactly one of ``data`` and ``raw`` is given.
        DataError: If the dialogues name items that the model's catalogue lacks.
    """
    if raw is not None and data is None:
        return load_redial_dialogues(raw, recommender.catalogue)[0]
    if data is None or raw is not None:
        raise ConfigError("give either a prepared folder or a raw file")
    dialogues = split_dialogues(load_prepared(data), split)
    check_items(dialogues, (item.id for item in recommender.catalogue), data / f"{split}.jsonl")
    return dialogues


@dataclass(frozen=True)
class Comparison:
    """Metrics of a model beside the trivial baselines.

    Attributes:
        metrics: By model, then by variant; the model first.
        baselines: Which of the names are baselines.
        remarks: What else is to be said of baselines.
    """

    metrics: Mapping[str, Mapping[str, Metrics]]
    baselines: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def compare_run(
    recommender: Recommender | None,
    data: Prepared,
    split: str,
    protocol: str,
    folder: Path,
    baselines: Sequence[str] = (),
) -> Comparison:
    """Evaluate a model and the baselines on a split; each writes predictions and metrics below ``folder``.

    Args:
        recommender: The model; None evaluates the baselines alone.
        data: The baselines learn from its ``train`` dialogues.
        split: Name of the split.
        protocol: Name of the protocol.
        folder: Destination.
        baselines: More of them, as for :func:`pecrs.evaluation.baselines.registry.make_baselines`.

    Raises:
        DataError: If there is nothing to evaluate, or the model's catalogue lacks items of the dialogues.
    """
    dialogues = split_dialogues(data, split)
    models: dict[str, ConversationalRecommender] = {}
    if recommender is not None:
        check_items(dialogues, (item.id for item in recommender.catalogue))
        models = {"pecrs": recommender}
    variants = protocol_variants(dialogues, protocol, data.train)
    baseline_models = make_baselines(data, baselines, folder)
    models |= baseline_models
    if not models:
        raise DataError("there are no train dialogues for the trivial baselines; name another")
    metrics = {
        name: run(model, data.catalogue, variants, folder / folder_name(name), protocol=protocol)
        for name, model in models.items()
    }
    return Comparison(metrics, tuple(baseline_models), _remarks(baseline_models))


def _remarks(baseline_models: Mapping[str, ConversationalRecommender]) -> tuple[str, ...]:
    told = {
        name: baseline_model
        for name, baseline_model in baseline_models.items()
        if isinstance(baseline_model, WrittenTitles | Reordered)
    }
    return tuple(f"{name}: {baseline_model.remark()}." for name, baseline_model in told.items())


def score_file(
    path: Path, data: Prepared, split: str, protocol: str, folder: Path, baselines: Sequence[str] = ()
) -> Comparison:
    """Compute the metrics of a predictions file, beside the baselines; they go to ``folder/metrics.json``.

    Args:
        path: ``predictions.jsonl``.
        data: The prepared domain.
        split: The split that was predicted.
        protocol: Name of the protocol.
        folder: Destination.
        baselines: More of them, as above.

    Raises:
        DataError: If the file does not hold exactly the protocol's predictions.
    """
    variants = protocol_variants(split_dialogues(data, split), protocol, data.train)
    points = variants["all"]
    metrics = {"predictions": evaluate(read_predictions(path, data.catalogue, points), variants)}
    save_metrics(folder / "metrics.json", metrics["predictions"], protocol=protocol)
    baseline_models = make_baselines(data, baselines, folder)
    metrics |= {name: evaluate(dict(predict(baseline, points)), variants) for name, baseline in baseline_models.items()}
    return Comparison(metrics, tuple(baseline_models), _remarks(baseline_models))


@dataclass(frozen=True)
class RecallDifference:
    """Two runs at one K, paired by dialogue.

    Attributes:
        variant: Name of the variant.
        k: How many first items count.
        left: Recall of one run.
        right: Recall of the other.
        difference: Left minus right, with its interval.
    """

    variant: str
    k: int
    left: float
    right: float
    difference: Estimate


def compare_files(left: Path, right: Path, data: Prepared, split: str, protocol: str) -> list[RecallDifference]:
    """Compare two runs on the same instances by a paired bootstrap over dialogues.

    Args:
        left: ``predictions.jsonl``, or an evaluation's folder that holds it.
        right: The same of the other run.
        data: The prepared domain.
        split: The split that was predicted.
        protocol: Name of the protocol.

    Raises:
        DataError: If there is no such file, or it does not hold exactly the protocol's predictions.
    """
    variants = protocol_variants(split_dialogues(data, split), protocol, data.train)
    rankings = [read_predictions(predictions_file(path), data.catalogue, variants["all"]) for path in (left, right)]
    found = []
    for variant, points in variants.items():
        one, other = (judge_all(ranking, points) for ranking in rankings)
        labels = sum(len(result.ranks) for result in one)
        for k in RECALL_AT:
            hits = [sum(result.hits(k) for result in results) / labels for results in (one, other)]
            found.append(RecallDifference(variant, k, hits[0], hits[1], recall_difference(one, other, k)))
    return found


def converse_run(recommender: Recommender, dialogues: Sequence[Dialogue], folder: Path) -> ConversationMetrics:
    """Answer every recommender turn of dialogues: ``responses.jsonl`` and ``conversation.json`` in ``folder``.

    Args:
        recommender: The model.
        dialogues: Per-message dialogues.
        folder: Destination.

    Raises:
        ConfigError: If the libraries of ``pecrs[eval]`` are missing.
    """
    path = folder / RESPONSES
    write_responses(path, answer(recommender, dialogues))
    metrics = converse_metrics(read_responses(path))
    write_json(folder / "conversation.json", metrics.to_dict())
    return metrics


def split_dialogues(data: Prepared, split: str) -> tuple[Dialogue, ...]:
    """Return the dialogues of a split.

    Raises:
        DataError: If the domain has no such split.
    """
    if not data.splits.get(split):
        raise DataError(f"there is no split {split!r}; there are {', '.join(data.splits) or 'none'}", field="split")
    return data.splits[split]
