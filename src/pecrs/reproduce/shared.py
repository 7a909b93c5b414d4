"""What experiments have in common: rows beside published ones, and the run that most of them start from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pecrs.evaluation.metrics.ranking import Estimate
from pecrs.reproduce.plan import Preset, Run
from pecrs.reproduce.published import published
from pecrs.reproduce.runs import ExperimentRunner
from pecrs.reproduce.tables import Label, ResultTable, Row

NOT_GIVEN = "data not given"
PAPER_RUN = "PECRS, as printed"
CODE_RUN = "PECRS, as the authors' code has it"
OUR_RUN = "PECRS, this package's preset"


TITLES: Mapping[Preset, str] = {"paper": PAPER_RUN, "authors_code": CODE_RUN, "ours": OUR_RUN}
"""What a run with the settings of a preset is called."""


def preset_runs(runner: ExperimentRunner, roles: Iterable[str], presets: Iterable[Preset] = tuple(TITLES)) -> list[Run]:
    """Return a run for each preset on each of some data sets; those that are not there are left out."""
    there = [role for role in roles if role in runner.domains]
    return [runner.run(TITLES[preset], role, preset) for role in there for preset in presets]


def base_run(runner: ExperimentRunner, role: str) -> Run:
    """Return the run with the paper's settings, which most experiments start from."""
    return runner.run(PAPER_RUN, role, "paper")


def beside(name: str, row: str, ours: Mapping[str, Estimate | None], *, printed: str | None = None) -> Row:
    """Return a row of ours beside a published one.

    Args:
        name: Of the published table.
        row: What the row is called.
        ours: Values by column; columns that are not there stay empty.
        printed: The published row, if it is called otherwise; an unknown one has dashes.
    """
    table = published()[name]
    values = tuple(ours.get(column) for column in table.columns)
    return Row(row, values, table.values(row if printed is None else printed), "" if ours else NOT_GIVEN)


def published_rows(name: str, *, without: Sequence[str] = ()) -> list[Row]:
    """Return the rows of a published table for models that are not run here."""
    table = published()[name]
    empty = (None,) * len(table.columns)
    return [Row(row.name, empty, row.values) for row in table.rows if row.name not in without]


def table(runner: ExperimentRunner, name: str, rows: Sequence[Row], notes: Sequence[str], *roles: str) -> ResultTable:
    """Return a result with title, columns and decimals of the published table."""
    printed = published()[name]
    label = runner.label(*roles)
    return ResultTable(
        name, titled(printed.title, label), printed.columns, printed.decimals, tuple(rows), tuple(notes), label
    )


def titled(title: str, label: Label) -> str:
    """Return a title that says where other data stand for those it names."""
    return title if label.comparable else f"{title} (made-up films in its place)"
