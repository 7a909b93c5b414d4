"""Table 4: which of two responses people prefer, from the votes in a kit of ``pecrs annotate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pecrs.annotation.kit import VOTES, load_kit
from pecrs.annotation.report import told
from pecrs.annotation.votes import load_votes
from pecrs.errors import DataError
from pecrs.evaluation.ranking import Estimate, ratio
from pecrs.reproduce.published import published
from pecrs.reproduce.runs import Workshop
from pecrs.reproduce.shared import beside, table
from pecrs.reproduce.tables import ResultTable, percent

_ASPECTS = {"Fluency": "fluency", "Relevancy": "relevance"}
"""What a kit calls the paper's aspects."""
_CHOICES = ("first", "second", "tie")
"""In the order of the table's columns: the paper's rival, the method, neither."""


@dataclass(frozen=True)
class Vote:
    """What one person thinks of one pair of responses.

    Attributes:
        pair: Votes on one pair are not independent.
        choice: ``first``, ``second`` or ``tie``.
    """

    pair: int
    choice: str


def shares(votes: Sequence[Vote]) -> dict[str, Estimate]:
    """Return the share of each choice in per cent, with intervals from drawing pairs with replacement.

    Args:
        votes: On one aspect; without any the result is empty.
    """
    if not votes:
        return {}
    pairs, ones = [str(vote.pair) for vote in votes], [1.0] * len(votes)
    chosen = {choice: [float(vote.choice == choice) for vote in votes] for choice in _CHOICES}
    return {choice: percent(ratio(pairs, gains, ones)) for choice, gains in chosen.items()}


def human_table(workshop: Workshop) -> list[ResultTable]:
    """Make table 4 from the votes in a kit; without one it holds what was published.

    Raises:
        DataError: If the kit is broken or nobody has voted.
    """
    name, by_aspect, notes, data = "table4", dict[str, list[Vote]](), [], "no votes given (--votes)"
    if workshop.votes is not None:
        kit = load_kit(workshop.votes)
        people = [load_votes(path, len(kit.pairs)) for path in sorted((workshop.votes / VOTES).glob("*.json"))]
        for aspect in _ASPECTS.values():
            choices = [told(kit.key, person, aspect) for person in people]
            by_aspect[aspect] = [Vote(pair, choice) for own in choices for pair, choice in own.items()]
        if not any(by_aspect.values()):
            raise DataError("nobody has voted yet", path=workshop.votes / VOTES)
        notes.append(f"Ours, in the columns of the published models: {kit.key.first}, {kit.key.second}, tie.")
        data = f"votes of {len(people)} people on {len(kit.pairs)} pairs"
    columns, rows = published()[name].columns, []
    for printed, aspect in _ASPECTS.items():
        found = shares(by_aspect.get(aspect, []))
        values = dict(zip(columns, found.values(), strict=False))
        rows.append(beside(name, printed, values, missing="no votes given"))
    made = table(workshop, name, rows, notes)
    return [replace(made, label=replace(made.label, data=data, backbone="that of the responses", budget="none"))]
