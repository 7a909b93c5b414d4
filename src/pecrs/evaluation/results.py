"""What comes out of an evaluation, as values that print as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pecrs.evaluation.evaluator import HEADER, table_rows, verdicts
from pecrs.evaluation.metrics.ranking import Estimate, Metrics


@dataclass(frozen=True, repr=False)
class Evaluation:
    """Metrics of a model beside baselines.

    Attributes:
        metrics: By model, then by variant; the model first.
        baselines: Which of the names are baselines.
        remarks: What else is to be said of them.
    """

    metrics: Mapping[str, Mapping[str, Metrics]]
    baselines: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def verdicts(self) -> list[str]:
        """Where a model does not beat a baseline, in words."""
        return verdicts(self.metrics, self.baselines)

    def __repr__(self) -> str:
        """Return a table in per cent, remarks and verdicts below it."""
        rows = [[_cell(cell) for cell in row] for row in table_rows(self.metrics)]
        return "\n".join([*aligned([HEADER, *rows], left=2), *self.remarks, *self.verdicts])


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

    @property
    def interval(self) -> str:
        """The difference with its interval, in per cent."""
        value, low, high = (100 * share for share in (self.difference.value, self.difference.low, self.difference.high))
        return f"{value:+.2f} ({low:+.2f} to {high:+.2f})"

    @property
    def ahead(self) -> str:
        """``left`` or ``right`` where the interval leaves zero out, else ``not shown``."""
        return "left" if self.difference.low > 0 else "right" if self.difference.high < 0 else "not shown"


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two runs on the same instances.

    Attributes:
        differences: By variant and K.
    """

    HEADER = ("variant", "", "left", "right", "left - right", "ahead")
    """Column names of :attr:`rows`."""

    differences: tuple[RecallDifference, ...]

    def __iter__(self) -> Iterator[RecallDifference]:
        """Go through the differences."""
        return iter(self.differences)

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The differences as text, in per cent."""
        return [
            (row.variant, f"R@{row.k}", f"{100 * row.left:.2f}", f"{100 * row.right:.2f}", row.interval, row.ahead)
            for row in self.differences
        ]

    def __repr__(self) -> str:
        """Return a table in per cent."""
        return "\n".join(aligned([self.HEADER, *self.rows], left=1))


def _cell(value: str | float) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def aligned(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Return rows as lines, the first columns to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if number < left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
