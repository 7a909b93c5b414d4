"""Table 3, conversation; table 8, decoding strategies."""

from __future__ import annotations

from collections.abc import Mapping

from pecrs.evaluation.metrics.conversation import DISTINCT, distinct
from pecrs.evaluation.metrics.ranking import Estimate
from pecrs.reproduce.measures import conversation, decision
from pecrs.reproduce.runs import ExperimentRunner
from pecrs.reproduce.shared import base_run, beside, preset_runs, published_rows, table
from pecrs.reproduce.tables import ResultTable, point

DECODING: Mapping[str, tuple[str, ...]] = {
    "Greedy decoding": ("strategy=greedy",),
    "Beam search": ("strategy=greedy", "beams=4"),
    **{
        f"Diverse beam search (diversity={cost})": ("strategy=greedy", "beams=4", "beam_groups=4", f"diversity={cost}")
        for cost in (0.5, 1.0, 1.5)
    },
    **{f"Top-k sampling (k={k})": ("strategy=sample", "beams=4", f"top_k={k}") for k in (25, 50, 75)},
    **{
        f"Nucleus sampling (p={p:.2f})": ("strategy=sample", "beams=4", "top_k=0", f"top_p={p}")
        for p in (0.90, 0.95, 0.99)
    },
}
"""Settings of replies for each row of table 8."""

_GATED = "RG and Dist are of gated responses: the model is told whether the person recommends, as in table 3."


def conversation_table(runner: ExperimentRunner) -> list[ResultTable]:
    """Make table 3: gated, which is comparable with the paper, and free, as a user would have got it."""
    name = "table3"
    rows = published_rows(name, without=("PECRS-small",))
    for run in preset_runs(runner, ["redial"]):
        turns = runner.turns(run)
        rows.append(beside(name, f"{run.title}, gated", conversation(turns, gated=True), printed="PECRS-small"))
        rows.append(beside(name, f"{run.title}, free", conversation(turns, gated=False)))
    if "redial" in runner.domains:
        turns = runner.turns(base_run(runner, "redial"))
        people = [turn.reference for turn in turns]
        said: dict[str, Estimate | None] = {f"Dist@{n}": point(distinct(people, n)[0] / len(people)) for n in DISTINCT}
        rows.append(beside(name, "the people themselves", said))
        rows.append(beside(name, "always recommending", {"F-1": decision(turns, [True] * len(turns))}))
    else:
        rows.append(beside(name, "PECRS", {}, printed="PECRS-small"))
    notes = [
        "Gated: the model is told whether the person recommends, as in the paper; its items are its own. "
        "Free: it is not told.",
        "A gated response that is to recommend always names its item, so gated F-1 is 100 by construction; the paper "
        "looked for the placeholder instead.",
        "Perplexity depends on the tokeniser: it is comparable between runs of one backbone only.",
        "Titles count as words, and no role prefix is scored; the paper scored the placeholder and a forced prefix.",
    ]
    return [table(runner, name, rows, notes, "redial")]


def decoding_table(runner: ExperimentRunner) -> list[ResultTable]:
    """Make table 8: one model, written with each decoding strategy."""
    name = "table8"
    rows = []
    for strategy, changes in DECODING.items():
        there = "redial" in runner.domains
        turns = runner.turns(base_run(runner, "redial"), *changes) if there else []
        rows.append(beside(name, strategy, conversation(turns, gated=True) if turns else {}))
    return [table(runner, name, rows, [_GATED], "redial")]
