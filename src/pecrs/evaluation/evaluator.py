"""From a recommender to predictions, from predictions to metrics, from metrics to a table: one path for all.

A *variant* is a named list of instances, e.g. ``all`` and ``novel``. One prediction a message serves every variant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from pecrs.data.catalogue import Catalogue
from pecrs.data.files import write_json
from pecrs.data.progress import Report, silent, tracked
from pecrs.data.protocol import Instance, Ranking
from pecrs.errors import DataError
from pecrs.evaluation.baselines.simple import ConversationalRecommender
from pecrs.evaluation.metrics.ranking import RECALL_AT, SAMPLES, InstanceResult, Metrics, judge, measure
from pecrs.evaluation.predictions import DEPTH, Key, key_of, read_predictions, write_predictions

PREDICTIONS = "predictions.jsonl"
"""Name of the file that :func:`run` writes."""

HEADER: tuple[str, ...] = ("model", "variant", *(f"R@{k}" for k in RECALL_AT), "MRR@10", "NDCG@10", "Unique")
"""Column names of :func:`table_rows`; shares are in per cent."""


def predict(
    recommender: ConversationalRecommender,
    instances: Sequence[Instance],
    depth: int = DEPTH,
    *,
    report: Report = silent,
    name: str = "",
) -> Iterator[tuple[Key, Ranking]]:
    """Ask a recommender for one ranking a message.

    Args:
        recommender: A model or a baseline.
        instances: The points of the protocol; those of one message (one a label) are asked once.
        depth: Items a ranking.
        report: Is told how many messages are ranked.
        name: Who ranks, for the report.

    Raises:
        DataError: If the recommender gives fewer or more rankings than it was asked for.
    """
    asked = list({key_of(instance): instance for instance in reversed(instances)}.values())[::-1]
    rankings = recommender.rank(asked, depth)
    what = f"ranking ({name})" if name else "ranking"
    for position, instance in enumerate(tracked(asked, what, len(asked), report)):
        ranking = next(rankings, None)
        if ranking is None:
            raise DataError(f"the recommender gave {position} rankings for {len(asked)} instances", field="ranking")
        yield key_of(instance), ranking
    if next(rankings, None) is not None:
        raise DataError(f"the recommender gave more rankings than the {len(asked)} asked for", field="ranking")


def judge_all(rankings: Mapping[Key, Ranking], instances: Sequence[Instance]) -> list[InstanceResult]:
    """Look up the labels of each instance in the ranking of its message.

    Args:
        rankings: As :func:`pecrs.evaluation.predictions.read_predictions` returns them.
        instances: The points of one variant.

    Raises:
        DataError: If instances have no ranking, with their number and the first.
    """
    missing = [instance for instance in instances if key_of(instance) not in rankings]
    if missing:
        conversation, message = key_of(missing[0])
        raise DataError(
            f"{len(missing)} of {len(instances)} instances have no ranking, the first is conversation "
            f"{conversation!r}, message {message}",
            field="ranking",
        )
    return [judge(rankings[key_of(instance)], instance) for instance in instances]


def evaluate(
    rankings: Mapping[Key, Ranking], variants: Mapping[str, Sequence[Instance]], *, samples: int = SAMPLES
) -> dict[str, Metrics]:
    """Compute the metrics of each variant from the same rankings.

    Args:
        rankings: One a message.
        variants: Instances by variant.
        samples: Bootstrap samples.

    Raises:
        DataError: If a variant is empty or lacks rankings.
    """
    return {name: measure(judge_all(rankings, points), samples=samples) for name, points in variants.items()}


def run(
    recommender: ConversationalRecommender,
    catalogue: Catalogue,
    variants: Mapping[str, Sequence[Instance]],
    folder: Path,
    *,
    protocol: str,
    depth: int = DEPTH,
    report: Report = silent,
    name: str = "",
) -> dict[str, Metrics]:
    """Evaluate a recommender: write ``predictions.jsonl``, read it back, write ``metrics.json``.

    Args:
        recommender: A model or a baseline.
        catalogue: What it ranks.
        variants: Instances by variant.
        folder: Where both files go.
        protocol: The protocol's name, for the record.
        depth: Items a ranking.
        report: Is told how many messages are ranked.
        name: Who ranks, for the report.

    Raises:
        DataError: If the recommender's rankings are not valid predictions.
    """
    instances = [instance for points in variants.values() for instance in points]
    path = folder / PREDICTIONS
    write_predictions(path, predict(recommender, instances, depth, report=report, name=name), catalogue)
    metrics = evaluate(read_predictions(path, catalogue, instances), variants)
    save_metrics(folder / "metrics.json", metrics, protocol=protocol)
    return metrics


def save_metrics(path: Path, metrics: Mapping[str, Metrics], *, protocol: str) -> None:
    """Write the metrics of a run as JSON, atomically.

    Args:
        path: ``metrics.json``.
        metrics: By variant.
        protocol: The protocol's name.
    """
    write_json(path, {"protocol": protocol, "variants": {name: as_json(value) for name, value in metrics.items()}})


def as_json(metrics: Metrics) -> dict[str, object]:
    """Return metrics as values that JSON can hold; an estimate becomes ``{"value": .., "low": .., "high": ..}``."""
    return {
        "instances": metrics.instances,
        "labels": metrics.labels,
        "dialogues": metrics.dialogues,
        "recall": {str(k): asdict(estimate) for k, estimate in metrics.recall.items()},
        "mrr@10": asdict(metrics.mrr),
        "ndcg@10": asdict(metrics.ndcg),
        "unique": metrics.unique,
    }


def table_rows(metrics: Mapping[str, Mapping[str, Metrics]]) -> list[tuple[str | float, ...]]:
    """Return one row a variant and model, with the columns of :data:`HEADER`.

    Args:
        metrics: By model, then by variant; the order is kept.
    """
    variants = dict.fromkeys(variant for by_variant in metrics.values() for variant in by_variant)
    return [
        (
            model,
            variant,
            *(round(100 * estimate.value, 2) for estimate in by_variant[variant].recall.values()),
            round(100 * by_variant[variant].mrr.value, 2),
            round(100 * by_variant[variant].ndcg.value, 2),
            by_variant[variant].unique,
        )
        for variant in variants
        for model, by_variant in metrics.items()
        if variant in by_variant
    ]


def verdicts(metrics: Mapping[str, Mapping[str, Metrics]], baselines: Collection[str]) -> list[str]:
    """Say in plain words where a model does not beat a baseline; an empty list means that all do everywhere.

    Args:
        metrics: By model, baselines included, then by variant.
        baselines: Which of the names are baselines.

    Raises:
        DataError: If a baseline has no metrics of a variant that a model has.
    """
    sentences = []
    for model, by_variant in metrics.items():
        if model in baselines:
            continue
        for variant, ours in by_variant.items():
            for baseline in baselines:
                if variant not in metrics.get(baseline, {}):
                    raise DataError(f"baseline {baseline!r} has no metrics of variant {variant!r}", field="baselines")
                theirs = metrics[baseline][variant]
                sentences += [
                    f"{model} does not beat {baseline} at R@{k} ({variant}): {_percent(ours.recall[k].value)} "
                    f"against {_percent(theirs.recall[k].value)}."
                    for k in RECALL_AT
                    if ours.recall[k].value <= theirs.recall[k].value
                ]
    return sentences


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def result_file(path: Path, name: str) -> Path:
    """Return a file of an evaluation's folder, the model's own where baselines lie beside; or the path where it is one.

    Args:
        path: The folder or the file.
        name: Of the file in the folder.

    Raises:
        DataError: If a folder holds none.
    """
    if not path.is_dir():
        return path
    for folder in (path, path / "pecrs"):
        if (folder / name).is_file():
            return folder / name
    raise DataError(f"it holds no {name}", path=path)
