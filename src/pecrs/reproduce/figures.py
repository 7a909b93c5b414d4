"""Figure 3, sizes of samples in training and at inference; figure 4, length of the dialogue so far."""

from __future__ import annotations

from collections.abc import Sequence

from pecrs.evaluation.metrics.ranking import Estimate, InstanceResult, ratio
from pecrs.reproduce.plan import Preset, Run
from pecrs.reproduce.runs import ExperimentRunner, Judged
from pecrs.reproduce.shared import NOT_GIVEN, PAPER_RUN, preset_runs, titled
from pecrs.reproduce.tables import ResultTable, Row, percent, point

_UNPRINTED = "The paper draws this figure and prints no numbers, so nothing stands beside ours."
COMPARED: tuple[Preset, ...] = ("paper", "ours")
"""Whose runs figure 4 compares."""
_LONG = 10
"""Points after so many turns or more are taken together."""
_K = 50


def grid_runs(runner: ExperimentRunner) -> list[Run]:
    """Return the runs of figure 3: one for each M_train."""
    if "redial" not in runner.domains:
        return []
    runs = []
    for negatives in runner.scale.train_negatives:
        rerank = negatives or runner.scale.sampled.negatives
        changes = f"training.negatives={negatives}", f"training.rerank_negatives={rerank}"
        runs.append(runner.run(_train_name(negatives), "redial", "paper", *changes))
    return runs


def grid_figures(runner: ExperimentRunner) -> list[ResultTable]:
    """Make figure 3 as a table, R@50 by M_train and M_inference up to the whole catalogue; and the same of R@10.

    Re-ranking 50 items or fewer does not change which are the first 50, so R@10 says more where catalogues are small.
    """
    items = len(runner.domains["redial"].kept.catalogue) if "redial" in runner.domains else 0
    sizes = sorted({min(size, items) for size in runner.scale.shortlists} | {items}) if items else [0]
    judged = [
        (run.title, [runner.judged(run, f"shortlist={size}")["all"].results for size in sizes])
        for run in grid_runs(runner)
    ]
    columns = tuple(f"M_inference = {_size_name(size, items)}" for size in sizes)
    nothing, made = (None,) * len(sizes), []
    for name, k in (("figure3", _K), ("figure3-r10", 10)):
        rows = [Row(title, tuple(recall(results, k) for results in found), nothing) for title, found in judged]
        notes = (
            _UNPRINTED,
            "With all items as M_train the retriever's softmax is over all of them, and the re-ranker has "
            f"{runner.scale.sampled.negatives} negatives.",
        )
        title = f"R@{k} on ReDial by negatives in training and re-ranked items at inference"
        filled = tuple(rows) or (Row("M_train", nothing, nothing, NOT_GIVEN),)
        label, places = runner.label("redial"), (1,) * len(columns)
        made.append(ResultTable(name, titled(title, label), columns, places, filled, notes, label))
    return made


def turns_figure(runner: ExperimentRunner) -> list[ResultTable]:
    """Make figure 4 as a table: R@50 by the number of turns before the response."""
    runs = preset_runs(runner, ["redial"], COMPARED)
    columns = ("Points", *((run.title for run in runs) if runs else (PAPER_RUN,)))
    nothing = (None,) * len(columns)
    judged = [runner.judged(run)["all"] for run in runs]
    rows = turn_rows(judged) if judged else [Row("1", nothing, nothing, NOT_GIVEN)]
    title = f"R@{_K} on ReDial by the number of turns before the response"
    decimals = (0, *(1,) * (len(columns) - 1))
    notes = (_UNPRINTED, "A turn is all that one speaker says in a row, as in the paper's data.")
    label = runner.label("redial")
    return [ResultTable("figure4", titled(title, label), columns, decimals, tuple(rows), notes, label)]


def turn_rows(judged: Sequence[Judged]) -> list[Row]:
    """Return R@50 by the number of turns before a point, of several recommenders at the same points.

    Args:
        judged: One a recommender.
    """
    before = [min(instance.turn, _LONG) for instance in judged[0].instances]
    rows = []
    for turns in sorted(set(before)):
        places = [place for place, count in enumerate(before) if count == turns]
        values = [recall([one.results[place] for place in places]) for one in judged]
        name = f"{turns} or more" if turns == _LONG else str(turns)
        rows.append(Row(name, (point(len(places)), *values), (None,) * (1 + len(judged))))
    return rows


def recall(results: Sequence[InstanceResult], k: int = _K) -> Estimate:
    """Return R@K in per cent."""
    labels = [float(len(result.ranks)) for result in results]
    return percent(
        ratio([result.dialogue for result in results], [float(result.hits(k)) for result in results], labels)
    )


def _train_name(negatives: int) -> str:
    return f"M_train = {negatives or 'all items'}"


def _size_name(size: int, items: int) -> str:
    return f"{size:,}" if size < items else f"all {items:,}"
