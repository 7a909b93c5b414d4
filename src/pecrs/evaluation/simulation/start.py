"""From what a caller names, a model, an address or any system, to a simulation; see :func:`pecrs.simulate`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, check_items
from pecrs.data.installed import default_name
from pecrs.data.progress import Report
from pecrs.data.splits import Prepared, split_dialogues
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.baselines.language_models import LanguageModel
from pecrs.evaluation.baselines.simple import Popularity
from pecrs.evaluation.simulation.agenda import AgendaUsers
from pecrs.evaluation.simulation.conversation import System
from pecrs.evaluation.simulation.language import LanguageUsers
from pecrs.evaluation.simulation.play import Users
from pecrs.evaluation.simulation.report import save_report
from pecrs.evaluation.simulation.run import Settings, Simulation, simulate_users
from pecrs.evaluation.simulation.systems import Model, Remote
from pecrs.evaluation.simulation.users import Goal
from pecrs.inference.recommender import Recommender, training_counts
from pecrs.linking import Linker

UserKind = Literal["agenda", "llm"]
KINDS: tuple[str, ...] = ("agenda", "llm")
"""The kinds of users: with an agenda and wordings, or with words that a language model writes."""


@dataclass(frozen=True)
class _Measured:
    """What is measured, and what its users and controls know."""

    system: System
    catalogue: Catalogue
    linker: Linker
    popularity: Popularity


def simulate_system(
    model: Recommender | System | Path | str | None,
    data: Prepared | None,
    output: Path | None,
    *,
    users: UserKind,
    goal: Goal,
    count: int,
    rounds: int,
    seed: int,
    split: str,
    user_model: LanguageModel | None,
    report: Report,
) -> Simulation:
    """Simulate users and keep what came of it; the arguments are those of :func:`pecrs.simulate`."""
    if users not in KINDS:
        raise ConfigError(f"users: one of {', '.join(KINDS)} is expected, not {users!r}")
    if (users == "llm") is (user_model is None):
        raise ConfigError("users: a language model is needed for llm, and for nothing else")
    dialogues: tuple[Dialogue, ...] = () if data is None else split_dialogues(data, split)
    tastes = f"of the {split} dialogues" if dialogues else "drawn from the catalogue"
    settings = Settings(_name(model), users, goal, count, rounds, seed, tastes)
    measured = _measured(model, data)
    check_items(dialogues, (item.id for item in measured.catalogue))
    speaking: Users = (
        AgendaUsers(measured.catalogue) if user_model is None else LanguageUsers(measured.catalogue, user_model)
    )
    result = simulate_users(
        settings,
        measured.system,
        speaking,
        measured.catalogue,
        measured.popularity,
        measured.linker,
        dialogues,
        report,
    )
    if output is not None:
        result.save(output)
        save_report(result, measured.catalogue, output)
    return result


def _name(model: Recommender | System | Path | str | None) -> str:
    if model is None:
        return default_name()
    return str(model) if isinstance(model, Path | str) else type(model).__name__


def _measured(model: Recommender | System | Path | str | None, data: Prepared | None) -> _Measured:
    address = isinstance(model, str) and urlsplit(model).scheme in ("http", "https")
    if model is None or isinstance(model, Path | Recommender) or (isinstance(model, str) and not address):
        recommender = model if isinstance(model, Recommender) else Recommender.from_pretrained(model)
        catalogue = recommender.catalogue
        if data is not None and data.train:
            popularity = Popularity(data.train, catalogue)
        else:
            popularity = Popularity.of_counts(training_counts(recommender.model), catalogue)
        return _Measured(Model(recommender), catalogue, recommender.linker, popularity)
    if data is None or not data.train:
        raise DataError("a catalogue and train dialogues are needed to measure what is no model of ours", field="data")
    linker = Linker(data.catalogue)
    system = Remote(model, linker) if isinstance(model, str) else model
    return _Measured(system, data.catalogue, linker, Popularity(data.train, data.catalogue))
