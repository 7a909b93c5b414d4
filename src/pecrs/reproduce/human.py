"""Table 4: which of two responses people prefer, from the votes on an annotation kit.

Where nobody voted, two rules stand in for people, and the table says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pecrs.errors import DataError
from pecrs.evaluation.human.kit import VOTES, load_key
from pecrs.evaluation.human.report import unblind
from pecrs.evaluation.human.votes import load_votes
from pecrs.evaluation.metrics.conversation import AnsweredTurn, distinct, rouge_scores
from pecrs.evaluation.metrics.ranking import Estimate, ratio
from pecrs.reproduce.plan import Run
from pecrs.reproduce.published import published
from pecrs.reproduce.runs import ExperimentRunner
from pecrs.reproduce.shared import beside, preset_runs, table
from pecrs.reproduce.tables import ResultTable, Row, percent

_NAME = "table4"
_ASPECTS = {"Fluency": "fluency", "Relevancy": "relevance"}
"""What a kit calls the paper's aspects."""
_CHOICES = ("first", "second", "tie")
"""In the order of the table's columns: the paper's baseline_model, the method, neither."""


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


def human_runs(runner: ExperimentRunner) -> list[Run]:
    """Return the runs whose responses are compared where there are no votes."""
    return [] if runner.votes is not None else preset_runs(runner, ["redial"], ["authors_code", "paper"])


def human_table(runner: ExperimentRunner) -> list[ResultTable]:
    """Make table 4 from the votes in a kit; without one by rules.

    Raises:
        DataError: If the kit is broken or nobody has voted.
    """
    return [_by_rules(runner) if runner.votes is None else _by_votes(runner, runner.votes)]


def _by_votes(runner: ExperimentRunner, folder: Path) -> ResultTable:
    key = load_key(folder)
    people = [load_votes(path, key.kit, len(key.turns)) for path in sorted((folder / VOTES).glob("*.json"))]
    by_aspect: dict[str, list[Vote]] = {}
    for aspect in _ASPECTS.values():
        choices = [unblind(key, person, aspect) for person in people]
        by_aspect[aspect] = [Vote(pair, choice) for own in choices for pair, choice in own.items()]
    if not any(by_aspect.values()):
        raise DataError("nobody has voted yet", path=folder / VOTES)
    names = f"{key.first}, {key.second}, tie"
    made = table(runner, _NAME, _rows(by_aspect), [f"Ours, in the columns of the published models: {names}."])
    data = f"votes of {len(people)} people on {len(key.turns)} pairs"
    return replace(made, label=replace(made.label, data=data, backbone="that of the responses", budget="none"))


def _by_rules(runner: ExperimentRunner) -> ResultTable:
    runs = human_runs(runner)
    answered = [runner.turns(run) for run in runs]
    by_aspect = judged_by_rules(*answered) if answered else {}
    notes = [
        "No votes were given, so no person has judged: relevancy goes to the response with the higher "
        "ROUGE-1 against what the person said, fluency to the one that repeats a smaller share of its pairs of words. "
        "Such rules say little of what people prefer.",
        f"Ours, in the columns of the published models: {', '.join([*(run.title for run in runs), 'tie'])}.",
    ]
    made = table(runner, _NAME, _rows(by_aspect), notes, "redial")
    return replace(made, label=replace(made.label, comparable=False))


def judged_by_rules(first: Sequence[AnsweredTurn], second: Sequence[AnsweredTurn]) -> dict[str, list[Vote]]:
    """Return by aspect which gated response of two models each rule prefers.

    Args:
        first: Answered turns of one model.
        second: The same turns, answered by the other.
    """
    sides = [[turn.gated for turn in turns] for turns in (first, second)]
    people = [turn.reference for turn in first]
    overlap = [[scores["rouge1"] for scores in rouge_scores(people, texts)] for texts in sides]
    fresh = [[1 - _repeated(text) for text in texts] for texts in sides]
    return {"relevance": _preferred(*overlap), "fluency": _preferred(*fresh)}


def _repeated(text: str) -> float:
    different, pairs = distinct([text], 2)
    return 1 - different / pairs if pairs else 0.0


def _preferred(first: Sequence[float], second: Sequence[float]) -> list[Vote]:
    choices = [
        "tie" if math.isclose(a, b) else "first" if a > b else "second" for a, b in zip(first, second, strict=True)
    ]
    return [Vote(pair, choice) for pair, choice in enumerate(choices)]


def _rows(by_aspect: Mapping[str, Sequence[Vote]]) -> list[Row]:
    columns = published()[_NAME].columns
    found = {printed: shares(by_aspect.get(aspect, [])) for printed, aspect in _ASPECTS.items()}
    return [
        beside(_NAME, printed, dict(zip(columns, values.values(), strict=False))) for printed, values in found.items()
    ]
