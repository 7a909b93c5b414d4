"""Table 4: which of two responses people prefer, from files of votes.

A line of such a file is one vote, the sides already told apart: ``{"rater": str, "pair": str, "aspect": "fluency" or
"relevancy", "choice": "pecrs", "other" or "tie"}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pecrs.data.files import read_jsonl
from pecrs.errors import DataError
from pecrs.evaluation.ranking import Estimate, ratio
from pecrs.reproduce.published import published
from pecrs.reproduce.runs import Workshop
from pecrs.reproduce.shared import beside, table
from pecrs.reproduce.tables import ResultTable, percent

_ALLOWED = {"aspect": ("fluency", "relevancy"), "choice": ("other", "pecrs", "tie")}
"""Choices in the order of the table's columns: the paper's rival, the method, neither."""


@dataclass(frozen=True)
class Vote:
    """What one person thinks of one pair of responses.

    Attributes:
        rater: The person.
        pair: The pair; votes on one pair are not independent.
        aspect: ``fluency`` or ``relevancy``.
        choice: ``other``, ``pecrs`` or ``tie``.
    """

    rater: str
    pair: str
    aspect: str
    choice: str


def read_votes(paths: Iterable[Path]) -> list[Vote]:
    """Read files of votes.

    Raises:
        DataError: Naming file, line and field of the first thing wrong; a person has one vote on a pair and aspect.
    """
    votes: dict[tuple[str, str, str], Vote] = {}
    for path in paths:
        for line, record in read_jsonl(path):
            vote = _vote(path, line, record)
            key = (vote.rater, vote.pair, vote.aspect)
            if key in votes:
                raise DataError(f"{vote.rater!r} has voted on this pair and aspect before", path=path, line=line)
            votes[key] = vote
    return list(votes.values())


def _vote(path: Path, line: int, record: Mapping[str, object]) -> Vote:
    values: dict[str, str] = {}
    for name in ("rater", "pair", "aspect", "choice"):
        value = record.get(name)
        if not isinstance(value, str) or value not in _ALLOWED.get(name, (value,)):
            expected = f"one of {', '.join(_ALLOWED[name])}" if name in _ALLOWED else "a string"
            raise DataError(f"{expected} is expected, not {value!r}", path=path, line=line, field=name)
        values[name] = value
    return Vote(**values)


def shares(votes: Sequence[Vote], aspect: str) -> dict[str, Estimate]:
    """Return the share of each choice in per cent, with intervals from drawing pairs with replacement.

    Args:
        votes: All of them.
        aspect: Which count; without any the result is empty.
    """
    own = [vote for vote in votes if vote.aspect == aspect]
    if not own:
        return {}
    pairs, ones = [vote.pair for vote in own], [1.0] * len(own)
    chosen = {choice: [float(vote.choice == choice) for vote in own] for choice in _ALLOWED["choice"]}
    return {choice: percent(ratio(pairs, gains, ones)) for choice, gains in chosen.items()}


def human_table(workshop: Workshop) -> list[ResultTable]:
    """Make table 4 from the votes that are given; without any it holds what was published."""
    name, votes = "table4", read_votes(workshop.votes)
    columns = published()[name].columns
    rows = []
    for printed in published()[name].rows:
        found = shares(votes, printed.name.lower())
        rows.append(
            beside(name, printed.name, dict(zip(columns, found.values(), strict=False)), missing="no votes given")
        )
    raters = len({vote.rater for vote in votes})
    made = table(workshop, name, rows, ["Intervals come from drawing pairs with replacement."] if votes else [])
    read = ", ".join(path.name for path in workshop.votes)
    data = f"{len(votes):,} votes of {raters} people in {read}" if votes else "no votes given (--votes)"
    return [replace(made, label=replace(made.label, data=data, backbone="that of the responses", budget="none"))]
