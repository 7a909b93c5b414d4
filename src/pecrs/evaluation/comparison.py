"""From models to predictions and metrics beside baselines; and two runs compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pecrs.data.dialogue import Dialogue, check_items
from pecrs.data.files import write_json
from pecrs.data.progress import Report, silent
from pecrs.data.protocol import protocol_variants
from pecrs.data.splits import Prepared, split_dialogues
from pecrs.errors import DataError
from pecrs.evaluation.baselines.registry import folder_name, make_baselines
from pecrs.evaluation.baselines.simple import ConversationalRecommender
from pecrs.evaluation.baselines.zero_shot import Reordered, WrittenTitles
from pecrs.evaluation.evaluator import PREDICTIONS, evaluate, judge_all, predict, result_file, run, save_metrics
from pecrs.evaluation.metrics.conversation import (
    RESPONSES,
    ConversationMetrics,
    converse_metrics,
    read_responses,
    write_responses,
)
from pecrs.evaluation.metrics.ranking import RECALL_AT, recall_difference
from pecrs.evaluation.predictions import DEPTH, read_predictions, write_predictions
from pecrs.evaluation.responses import answer
from pecrs.evaluation.results import Comparison, Evaluation, RecallDifference
from pecrs.inference.recommender import Recommender

OURS = "pecrs"
"""What the model is called in a table, and its folder beside those of baselines."""


def predict_split(
    recommender: Recommender,
    data: Prepared,
    split: str,
    protocol: str,
    output: Path,
    depth: int = DEPTH,
    *,
    ranker: ConversationalRecommender | None = None,
    report: Report = silent,
) -> int:
    """Write one ranking a message of a split to a file; see :func:`pecrs.predict`."""
    dialogues = split_dialogues(data, split)
    check_items(dialogues, (item.id for item in recommender.catalogue))
    points = protocol_variants(dialogues, protocol)["all"]
    predictions = list(predict(ranker or recommender, points, depth, report=report))
    write_predictions(output, predictions, recommender.catalogue)
    return len(predictions)


def evaluate_split(
    recommender: Recommender | None,
    data: Prepared,
    split: str,
    protocol: str,
    folder: Path,
    baselines: Sequence[str] = (),
    report: Report = silent,
    *,
    answer_tokens: int | None = None,
) -> Evaluation:
    """Evaluate a model and the baselines on a split, each below ``folder``; see :func:`pecrs.evaluate`."""
    dialogues = split_dialogues(data, split)
    variants = protocol_variants(dialogues, protocol, data.train)
    others = make_baselines(data, baselines, folder, answer_tokens)
    remarks = []
    metrics = {}
    if recommender is not None:
        check_items(dialogues, (item.id for item in recommender.catalogue))
        ours = folder / folder_name(OURS)
        metrics[OURS] = run(recommender, recommender.catalogue, variants, ours, protocol=protocol, report=report)
        if {item.id for item in recommender.catalogue} != {item.id for item in data.catalogue}:
            sizes = f"{len(recommender.catalogue):,} items, the baselines {len(data.catalogue):,}"
            remarks.append(f"{OURS} ranks {sizes}.")
    elif not others:
        raise DataError("there are no train dialogues for the trivial baselines; name another")
    for name, model in others.items():
        theirs = folder / folder_name(name)
        metrics[name] = run(model, data.catalogue, variants, theirs, protocol=protocol, report=report, name=name)
    return Evaluation(metrics, tuple(others), (*remarks, *_remarks(others)))


def _remarks(baselines: Mapping[str, ConversationalRecommender]) -> tuple[str, ...]:
    told = {name: model for name, model in baselines.items() if isinstance(model, WrittenTitles | Reordered)}
    return tuple(f"{name}: {model.remark()}." for name, model in told.items())


def score_file(
    path: Path,
    data: Prepared,
    split: str,
    protocol: str,
    folder: Path,
    baselines: Sequence[str] = (),
    report: Report = silent,
    *,
    answer_tokens: int | None = None,
) -> Evaluation:
    """Compute the metrics of a predictions file beside the baselines; see :func:`pecrs.score`."""
    variants = protocol_variants(split_dialogues(data, split), protocol, data.train)
    points = variants["all"]
    metrics = {"predictions": evaluate(read_predictions(path, data.catalogue, points), variants)}
    save_metrics(folder / "metrics.json", metrics["predictions"], protocol=protocol)
    others = make_baselines(data, baselines, folder, answer_tokens)
    for name, model in others.items():
        metrics[name] = evaluate(dict(predict(model, points, report=report, name=name)), variants)
    return Evaluation(metrics, tuple(others), _remarks(others))


def compare_files(left: Path, right: Path, data: Prepared, split: str, protocol: str) -> Comparison:
    """Compare two runs on the same instances by a paired bootstrap over dialogues; see :func:`pecrs.compare`."""
    variants = protocol_variants(split_dialogues(data, split), protocol, data.train)
    rankings = [
        read_predictions(result_file(path, PREDICTIONS), data.catalogue, variants["all"]) for path in (left, right)
    ]
    found = []
    for variant, points in variants.items():
        one, other = (judge_all(ranking, points) for ranking in rankings)
        labels = sum(len(result.ranks) for result in one)
        for k in RECALL_AT:
            hits = [sum(result.hits(k) for result in results) / labels for results in (one, other)]
            found.append(RecallDifference(variant, k, hits[0], hits[1], recall_difference(one, other, k)))
    return Comparison(tuple(found))


def converse_split(
    recommender: Recommender, dialogues: Sequence[Dialogue], folder: Path, report: Report = silent
) -> ConversationMetrics:
    """Answer every recommender turn of dialogues: ``responses.jsonl`` and ``conversation.json`` in ``folder``.

    Args:
        recommender: The model.
        dialogues: Per-message dialogues.
        folder: Destination.
        report: Is told how many dialogues are answered.

    Raises:
        ConfigError: If the libraries of ``pecrs[eval]`` are missing.
    """
    path = folder / RESPONSES
    write_responses(path, answer(recommender, dialogues, report=report))
    metrics = converse_metrics(read_responses(path))
    write_json(folder / "conversation.json", metrics.to_dict())
    return metrics
