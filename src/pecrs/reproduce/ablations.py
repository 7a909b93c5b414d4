"""Table 5: what each part and each way of sharing is worth."""

from __future__ import annotations

from collections.abc import Mapping

from pecrs.reproduce.measures import conversation, recommendation
from pecrs.reproduce.plan import Run
from pecrs.reproduce.published import published
from pecrs.reproduce.runs import ExperimentRunner
from pecrs.reproduce.shared import beside, table
from pecrs.reproduce.tables import ResultTable, point

ABLATIONS: Mapping[str, tuple[str, ...]] = {
    "PECRS-small": (),
    "w/o Recall loss": ("training.recall_weight=0",),
    "w/o Rerank loss": ("training.rerank_weight=0", "generation.rerank_weight=0"),
    "w/o Generation loss": ("training.generation_weight=0",),
    "w/o Neg. sharing (batch)": ("training.share_over_batch=false",),
    "w/o Neg. sharing (tasks)": ("training.share_over_tasks=false",),
    "w/o Item pooling": ("model.item_pooling=mean",),
    "w/o Item head": ("model.item_head=false",),
    "w/o Metadata (just title)": ("data.item_fields=[title]",),
}
"""Changes to the paper's settings for each row of table 5."""

NOTES = (
    "w/o Rerank loss: retrieval ranks alone; the paper let a head rank that was never trained.",
    "w/o Item pooling: all tokens of an item weigh alike; the paper does not say what it did instead.",
    "RG-1 and Dist@2 are of gated responses.",
    "Time: median wall time of a batch, on whatever else the machine was doing.",
)


def ablation_runs(runner: ExperimentRunner) -> list[Run]:
    """Return the runs of table 5."""
    if "redial" not in runner.domains:
        return []
    return [runner.run(name, "redial", "paper", *changes) for name, changes in ABLATIONS.items()]


def ablation_table(runner: ExperimentRunner) -> list[ResultTable]:
    """Make table 5 on ReDial."""
    name = "table5"
    rows = []
    for run in ablation_runs(runner):
        values = {
            **recommendation(runner.judged(run)["all"].results),
            **conversation(runner.turns(run), gated=True),
        }
        seconds = {"Time/batch (s)": point(runner.seconds_per_batch(run))}
        rows.append(beside(name, run.title, {**values, **seconds}))
    if not rows:
        rows = [beside(name, row.name, {}) for row in published()[name].rows]
    return [table(runner, name, rows, NOTES, "redial")]
