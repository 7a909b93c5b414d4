"""The paper's tables and figures by name: the runs each table or figure needs, and how it is made of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pecrs.data.files import remove_leftovers
from pecrs.data.progress import Progress, Report, silent
from pecrs.errors import ConfigError
from pecrs.reproduce.ablations import ablation_runs, ablation_table
from pecrs.reproduce.domains import ROLES, load_domains
from pecrs.reproduce.figures import COMPARED, grid_figures, grid_runs, turns_figure
from pecrs.reproduce.generation import conversation_table, decoding_table
from pecrs.reproduce.genres import genre_tables
from pecrs.reproduce.human import human_runs, human_table
from pecrs.reproduce.plan import Run, scale_named
from pecrs.reproduce.plots import bands, draw, grid
from pecrs.reproduce.preset_ablations import preset_ablation_runs, preset_ablation_table
from pecrs.reproduce.recommendation import (
    PRUNED,
    data_table,
    language_model_table,
    pruning_table,
    recommendation_tables,
)
from pecrs.reproduce.runs import ExperimentRunner, plan_of
from pecrs.reproduce.shared import preset_runs
from pecrs.reproduce.tables import ResultTable

ALL = "all"


@dataclass(frozen=True)
class Experiment:
    """A table or figure of the paper.

    Attributes:
        runs: What has to be trained for it.
        make: Makes its tables, training what is not trained yet.
        plot: Draws each of them, for a figure.
    """

    runs: Callable[[ExperimentRunner], Sequence[Run]]
    make: Callable[[ExperimentRunner], Sequence[ResultTable]]
    plot: Callable[..., None] | None = None


_PAPER = partial(preset_runs, presets=("paper",))
_GENRES = partial(_PAPER, roles=("redial", "inspired"))

EXPERIMENTS: Mapping[str, Experiment] = {
    "table1": Experiment(lambda _: (), data_table),
    "table2": Experiment(partial(preset_runs, roles=ROLES), recommendation_tables),
    "table3": Experiment(partial(preset_runs, roles=("redial",)), conversation_table),
    "table4": Experiment(human_runs, human_table),
    "table5": Experiment(ablation_runs, ablation_table),
    "table6": Experiment(partial(_PAPER, roles=PRUNED), pruning_table),
    "table7": Experiment(partial(_PAPER, roles=("inspired",)), language_model_table),
    "table8": Experiment(partial(_PAPER, roles=("redial",)), decoding_table),
    "table9": Experiment(_GENRES, partial(genre_tables, name="table9")),
    "table10": Experiment(_GENRES, partial(genre_tables, name="table10")),
    "figure3": Experiment(grid_runs, grid_figures, grid),
    "figure4": Experiment(partial(preset_runs, roles=("redial",), presets=COMPARED), turns_figure, bands),
    "ablations": Experiment(preset_ablation_runs, preset_ablation_table),
}
"""In the paper's order, then what the paper has not."""
_FORMER = {"levers": "ablations"}
BEYOND = frozenset({"ablations"})
"""What ``all`` leaves out: it is no table of the paper."""


def chosen(names: Sequence[str]) -> list[str]:
    """Return the experiments of that name, in the paper's order; ``all`` names every one of the paper.

    Raises:
        ConfigError: If there is none of a name.
    """
    for name in names:
        if name in _FORMER:
            raise ConfigError(f"{name!r} is now called {_FORMER[name]!r}")
        if name != ALL and name not in EXPERIMENTS:
            raise ConfigError(f"{name!r} is unknown; one of {', '.join(EXPERIMENTS)} or {ALL} is expected")
    return [name for name in EXPERIMENTS if name in names or (ALL in names and name not in BEYOND)]


def open_runner(
    data: Path | None,
    output: Path,
    scale: str,
    split: str,
    report: Report = silent,
    votes: Path | None = None,
    language_models: Sequence[str] = (),
    answer_tokens: int | None = None,
) -> ExperimentRunner:
    """Read the data and open a runner.

    Args:
        data: A folder of data sets; None makes film worlds.
        output: Where everything goes.
        scale: Name of the scale.
        split: What is evaluated: ``valid`` or ``test``.
        report: Is told how far it has come.
        votes: An annotation kit with votes, for table 4.
        language_models: Names of language models for table 7.
        answer_tokens: Their longest answer.

    Raises:
        ConfigError: If a name is unknown or no data set is found.
    """
    known = scale_named(scale)
    domains = load_domains(data, known, split)
    for domain in domains.values():
        report(Progress(domain.describe()))
    return ExperimentRunner(output, known, domains, report, votes, language_models, answer_tokens)


def planned(runner: ExperimentRunner, names: Sequence[str]) -> list[Run]:
    """Return the distinct runs that experiments need, in the order in which they are made."""
    return plan_of([run for name in chosen(names) for run in EXPERIMENTS[name].runs(runner)])


def reproduce(runner: ExperimentRunner, names: Sequence[str]) -> list[Path]:
    """Make tables and figures, training what is not trained yet, and return the paths of all files.

    Args:
        runner: Where they are made; the files go to ``results`` below its output.
        names: Of the experiments.
    """
    folder, paths = runner.output / "results", []
    remove_leftovers(runner.output)
    for name in chosen(names):
        started = time.monotonic()
        experiment = EXPERIMENTS[name]
        for table in experiment.make(runner):
            paths += table.write(folder)
            if experiment.plot is not None:
                paths += draw(table, folder, experiment.plot)
        runner.report(Progress(f"{name}: {time.monotonic() - started:.0f} s"))
    return paths
