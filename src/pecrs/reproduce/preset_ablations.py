"""Beyond the paper: what each part of this package's own preset is worth, and what it leaves out.

Source: design section 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pecrs.evaluation.metrics.ranking import RECALL_AT, Estimate, recall_difference
from pecrs.model.pecrs import TrainedParameters
from pecrs.reproduce.figures import recall
from pecrs.reproduce.plan import Run
from pecrs.reproduce.runs import ExperimentRunner
from pecrs.reproduce.shared import NOT_GIVEN, OUR_RUN, titled
from pecrs.reproduce.tables import ResultTable, Row, percent, point

_COLUMNS: tuple[tuple[str, int], ...] = (
    *(("all", k) for k in RECALL_AT),
    *(("novel", k) for k in RECALL_AT),
    ("cold", 50),
)
_PAIRED: tuple[tuple[str, int], ...] = (("all", 50), ("novel", 50))
"""What is compared with the first row dialogue by dialogue as well."""
_WEIGHTS = (0.25, 0.5, 1.0)
"""Shares of the re-ranking score that are tried beside retrieval alone."""
_NOTES = (
    "Protocol standard. Every row changes one thing in the first, with nothing else tuned for it; only full tuning has "
    "a learning rate of its own, 3e-4.",
    "Gain: over the first row, with the interval of a bootstrap paired by dialogue; where it holds 0 nothing is shown.",
    "cold: labels that none of the training dialogues names.",
    "Weight: of the re-ranking score inside the shortlist; 0 is retrieval alone, by the same model.",
    "Time: median wall time of a batch, on whatever else the machine was doing.",
)


def _changes(runner: ExperimentRunner) -> dict[str, tuple[str, ...]]:
    sampled = runner.scale.sampled
    listed = min(200, sampled.shortlist)
    rerank = (
        "model.reranker=true",
        "training.rerank_weight=1",
        f"training.rerank_negatives={min(32, sampled.negatives)}",
        f"generation.shortlist={listed}",
        "generation.rerank_weight=0",
    )
    return {
        OUR_RUN: (),
        f"softmax over {sampled.negatives} sampled negatives": (f"training.negatives={sampled.negatives}",),
        "no learned item embedding": ("model.item_embedding=false", "training.embedding_dropout=0"),
        "item embedding from zero, not from co-occurrence": ("training.item_embedding_start=zero",),
        "no embedding dropout": ("training.embedding_dropout=0",),
        "text dropout 0.1 as well": ("training.text_dropout=0.1",),
        "no popularity bias": ("model.popularity_bias=none",),
        "popularity bias: one weight on its logarithm": ("model.popularity_bias=log",),
        "no similarity to the items named": ("model.mention_feature=false",),
        "no pointer to the items named": ("model.repeat_feature=false",),
        "full tuning": ("model.tuning=full", "training.learning_rate=3e-4"),
        "re-ranker, uniform negatives": rerank,
        "re-ranker, negatives from the shortlist": (*rerank, f"training.rerank_shortlist={listed}"),
    }


def preset_ablation_runs(runner: ExperimentRunner) -> list[Run]:
    """Return the runs of the table."""
    if "redial" not in runner.domains:
        return []
    return [runner.run(name, "redial", "ours", *changes) for name, changes in _changes(runner).items()]


def preset_ablation_table(runner: ExperimentRunner) -> list[ResultTable]:
    """Make the table on ReDial."""
    recalls = [f"{variant} R@{k}" for variant, k in _COLUMNS]
    gains = [f"{variant} R@{k} gain" for variant, k in _PAIRED]
    columns = (*recalls, *gains, "Trained (M)", "Time/batch (s)")
    nothing: tuple[None, ...] = (None,) * len(columns)
    rows = [row for run in preset_ablation_runs(runner) for row in _rows(runner, run, nothing)]
    label = runner.label("redial")
    decimals = (*(1,) * (len(recalls) + len(gains)), 2, 1)
    filled: Sequence[Row] = rows or [Row(OUR_RUN, nothing, nothing, NOT_GIVEN)]
    title = titled("What the parts of this package's preset are worth, on ReDial", label)
    return [ResultTable("ablations", title, columns, decimals, tuple(filled), _NOTES, label)]


def _rows(runner: ExperimentRunner, run: Run, nothing: tuple[None, ...]) -> Iterator[Row]:
    trained = TrainedParameters.of_model(runner.recommender(run).model).trained / 1e6
    costs = point(trained), point(runner.seconds_per_batch(run))
    yield Row(
        run.title + (", weight 0" if run.config.model.reranker else ""), (*_recalls(runner, run), *costs), nothing
    )
    for weight in _WEIGHTS if run.config.model.reranker else ():
        values = _recalls(runner, run, f"rerank_weight={weight}")
        yield Row(f"{run.title}, weight {weight}", (*values, None, None), nothing)


def _recalls(runner: ExperimentRunner, run: Run, *changes: str) -> list[Estimate | None]:
    judged = runner.judged(run, *changes, protocol="standard")
    first = runner.judged(runner.run(OUR_RUN, "redial", "ours"), protocol="standard")
    recalls = [recall(judged[variant].results, k) if variant in judged else None for variant, k in _COLUMNS]
    if run.title == OUR_RUN:
        return [*recalls, *(None for _ in _PAIRED)]
    gains = [percent(recall_difference(judged[name].results, first[name].results, k)) for name, k in _PAIRED]
    return [*recalls, *gains]
