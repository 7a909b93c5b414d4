"""Results as values, and how they are written: JSON, Markdown, LaTeX.

Each measured value stands beside the published one and their difference. A column for which nothing is published has no
such cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pecrs.data.files import atomic_write, write_json
from pecrs.evaluation.metrics.ranking import Estimate

ABSENT = "–"
_MINUS = "−"


@dataclass(frozen=True)
class Label:
    """Under which conditions figures were made; it stands in every file.

    Attributes:
        scale: Name of the scale.
        data: What was read, how much of it, and which split was evaluated.
        backbone: The language model.
        budget: What each run was given.
        versions: Of the package and its main libraries.
        comparable: Whether the data are those of the published figures, so that a difference means something.
    """

    scale: str
    data: str
    backbone: str
    budget: str
    versions: str
    comparable: bool = True

    @property
    def lines(self) -> tuple[str, ...]:
        """``name: value`` for each of them."""
        said = {name: value for name, value in vars(self).items() if name != "comparable"}
        said |= {} if self.comparable else {"differences": "none are given, since these are not the data of the paper"}
        return tuple(f"{name}: {value}" for name, value in said.items())


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        name: What it is about.
        ours: One a column; None where nothing is measured.
        paper: Likewise, as published.
        missing: Why nothing of ours is in this row, e.g. ``data not given``; empty where that needs no word.
    """

    name: str
    ours: tuple[Estimate | None, ...]
    paper: tuple[float | None, ...]
    missing: str = ""


@dataclass(frozen=True)
class ResultTable:
    """A table beside what was published.

    Attributes:
        name: Of its files.
        title: What it shows.
        columns: Names of the columns.
        decimals: By column.
        rows: In order.
        notes: What a reader must know.
        label: Under which conditions it was made.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    decimals: tuple[int, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    label: Label

    def header(self) -> list[str]:
        """Return the names of all cells of a row; the first names the row."""
        return ["", *(name for column in range(len(self.columns)) for name in self._names(column))]

    def cells(self, row: Row) -> list[str]:
        """Return a row as text."""
        return [row.name, *(text for column in range(len(self.columns)) for text in self._texts(row, column))]

    def is_published(self, column: int) -> bool:
        """Tell whether anything is published for a column."""
        return any(row.paper[column] is not None for row in self.rows)

    def _names(self, column: int) -> list[str]:
        name = self.columns[column]
        return [f"{name} paper", f"{name} ours", f"{name} difference"] if self.is_published(column) else [name]

    def _texts(self, row: Row, column: int) -> Iterator[str]:
        ours, paper, places = row.ours[column], row.paper[column], self.decimals[column]
        shown = row.missing or ABSENT if ours is None else _estimate(ours, places)
        if not self.is_published(column):
            yield shown
            return
        yield ABSENT if paper is None else f"{paper:,.{places}f}"
        yield shown
        difference = self.difference(ours, paper)
        yield ABSENT if difference is None else _signed(difference, places)

    def difference(self, ours: Estimate | None, paper: float | None) -> float | None:
        """Return ours minus the paper's, where both are there and the data are the same."""
        return None if ours is None or paper is None or not self.label.comparable else ours.value - paper

    def to_dict(self) -> dict[str, object]:
        """Return values that JSON can hold, unrounded; a difference is ours minus the paper's."""
        return {
            "name": self.name,
            "title": self.title,
            "label": vars(self.label),
            "notes": list(self.notes),
            "rows": [
                {
                    "name": row.name,
                    "missing": row.missing,
                    "cells": dict(zip(self.columns, self._records(row), strict=True)),
                }
                for row in self.rows
            ],
        }

    def _records(self, row: Row) -> Iterator[dict[str, float | None]]:
        for ours, paper in zip(row.ours, row.paper, strict=True):
            value, low, high = (None, None, None) if ours is None else (ours.value, ours.low, ours.high)
            bounds = {"low": None, "high": None} if low == high else {"low": low, "high": high}
            yield {"paper": paper, "ours": value, **bounds, "difference": self.difference(ours, paper)}

    def markdown(self) -> str:
        """Return the table with its label and notes as Markdown."""
        header = self.header()
        lines = [f"# {self.title}", "", _row(header), "|---|" + "---:|" * (len(header) - 1)]
        lines += [_row(self.cells(row)) for row in self.rows]
        lines += ["", *(f"- {line}" for line in (*self.label.lines, *self.notes))]
        return "\n".join(lines) + "\n"

    def latex(self) -> str:
        """Return the table as a LaTeX ``table`` environment, for the package booktabs."""
        header = self.header()
        body = [" & ".join(map(_escape, self.cells(row))) + r" \\" for row in self.rows]
        about = " ".join(f"{_escape(line)}." for line in (self.title, *self.label.lines, *self.notes))
        return "\n".join(
            [
                r"\begin{table}",
                r"\centering",
                rf"\begin{{tabular}}{{l{'r' * (len(header) - 1)}}}",
                r"\toprule",
                " & ".join(map(_escape, header)) + r" \\",
                r"\midrule",
                *body,
                r"\bottomrule",
                r"\end{tabular}",
                rf"\caption{{{about}}}",
                r"\end{table}",
                "",
            ]
        )

    def write(self, folder: Path) -> list[Path]:
        """Write ``NAME.json``, ``NAME.md`` and ``NAME.tex``, each atomically, and return their paths."""
        paths = [folder / f"{self.name}.{ending}" for ending in ("json", "md", "tex")]
        write_json(paths[0], self.to_dict())
        for path, text in zip(paths[1:], (self.markdown(), self.latex()), strict=True):
            with atomic_write(path) as stream:
                stream.write(text)
        return paths


def point(value: float) -> Estimate:
    """Return a value that has no interval.

    >>> point(3.0)
    Estimate(value=3.0, low=3.0, high=3.0)
    """
    return Estimate(value, value, value)


def percent(estimate: Estimate) -> Estimate:
    """Return a share in per cent."""
    return Estimate(100 * estimate.value, 100 * estimate.low, 100 * estimate.high)


def _estimate(ours: Estimate, places: int) -> str:
    value, low, high = (f"{bound:,.{places}f}".replace("-", _MINUS) for bound in (ours.value, ours.low, ours.high))
    return value if ours.low == ours.high else f"{value} ({low} to {high})"


def _signed(value: float, places: int) -> str:
    """Return a difference with its sign.

    >>> _signed(-1.25, 1), _signed(0.04, 1)
    ('−1.2', '+0.0')
    """
    return f"{value:+,.{places}f}".replace("-", _MINUS)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _escape(text: str) -> str:
    r"""Return text with what LaTeX reads as commands made plain.

    >>> print(_escape("50 % of a_b, −1"))
    50 \% of a\_b, $-$1
    """
    plain = {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
    }
    others = {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", _MINUS: "$-$", "<": r"\textless{}"}
    return "".join({**plain, **others, ">": r"\textgreater{}"}.get(character, character) for character in text)
