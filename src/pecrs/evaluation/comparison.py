"""From models to predictions and metrics beside baselines; and two runs compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pecrs.data.dialogue import Dialogue, check_items
from pecrs.data.files import write_json
from pecrs.data.loaders.prepare import load_prepared
from pecrs.data.loaders.redial import load_redial_dialogues
from pecrs.data.protocol import protocol_variants
from pecrs.data.splits import Prepared, split_dialogues
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
from pecrs.evaluation.predictions import DEPTH, read_predictions, write_predictions
from pecrs.evaluation.responses import answer
from pecrs.inference.recommender import Recommender


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
    answer_tokens: int | None = None,
) -> Comparison:
    """Evaluate a model and the baselines on a split; each writes predictions and metrics below ``folder``.

    Args:
        recommender: The model; None evaluates the baselines alone.
        data: The baselines learn from its ``train`` dialogues.
        split: Name of the split.
        protocol: Name of the protocol.
        folder: Destination.
        baselines: More of them, as for :func:`pecrs.evaluation.baselines.registry.make_baselines`.
        answer_tokens: Longest answer of a language model among them.

    Raises:
        DataError: If there is nothing to evaluate, the model's catalogue lacks items of the dialogues, or a language
            model answers nothing at all; what others gave until then stays in the folder.
    """
    dialogues = split_dialogues(data, split)
    models: dict[str, ConversationalRecommender] = {}
    if recommender is not None:
        check_items(dialogues, (item.id for item in recommender.catalogue))
        models = {"pecrs": recommender}
    variants = protocol_variants(dialogues, protocol, data.train)
    baseline_models = make_baselines(data, baselines, folder, answer_tokens)
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
    path: Path,
    data: Prepared,
    split: str,
    protocol: str,
    folder: Path,
    baselines: Sequence[str] = (),
    answer_tokens: int | None = None,
) -> Comparison:
    """Compute the metrics of a predictions file, beside the baselines; they go to ``folder/metrics.json``.

    Args:
        path: ``predictions.jsonl``.
        data: The prepared domain.
        split: The split that was predicted.
        protocol: Name of the protocol.
        folder: Destination.
        baselines: More of them, as above.
        answer_tokens: As above.

    Raises:
        DataError: If the file does not hold exactly the protocol's predictions.
    """
    variants = protocol_variants(split_dialogues(data, split), protocol, data.train)
    points = variants["all"]
    metrics = {"predictions": evaluate(read_predictions(path, data.catalogue, points), variants)}
    save_metrics(folder / "metrics.json", metrics["predictions"], protocol=protocol)
    baseline_models = make_baselines(data, baselines, folder, answer_tokens)
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
