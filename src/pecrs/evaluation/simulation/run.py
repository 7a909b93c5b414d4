"""Simulations: a recommender and its controls before the same users, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pecrs.data import progress
from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue
from pecrs.data.files import write_json, write_jsonl
from pecrs.errors import ConfigError
from pecrs.evaluation.baselines.simple import LatestMentionThenPopularity, Popularity
from pecrs.evaluation.results import aligned
from pecrs.evaluation.simulation.conversation import Played, System
from pecrs.evaluation.simulation.measures import Measures, Order, compare_order, measure
from pecrs.evaluation.simulation.play import Users, play
from pecrs.evaluation.simulation.systems import Ranked, Sabotaged
from pecrs.evaluation.simulation.users import Goal, Profile, draw_users
from pecrs.linking import Linker

OURS = "model"
"""What is measured is called so, beside its controls."""

_ROUNDS_SHOWN = (1, 3, 5)


@dataclass(frozen=True)
class Settings:
    """How users were simulated.

    Attributes:
        model: What was measured.
        users: ``agenda`` or ``llm``.
        goal: ``target`` or ``free``.
        count: Number of users.
        rounds: Most messages of a user.
        seed: Of the users.
        tastes: Where their tastes come from, in words.
    """

    model: str
    users: str
    goal: Goal
    count: int
    rounds: int = 10
    seed: int = 0
    tastes: str = "drawn from the catalogue"

    def __post_init__(self) -> None:
        """Check the rounds.

        Raises:
            ConfigError: If there is none.
        """
        if self.rounds < 1:
            raise ConfigError(f"rounds: at least one is needed, not {self.rounds}")

    def __str__(self) -> str:
        """Return one line."""
        who = "language-model" if self.users == "llm" else "agenda"
        return (
            f"{self.count:,} {who} users, goal {self.goal}, tastes {self.tastes}, at most {self.rounds} rounds, "
            f"seed {self.seed}; measured: {self.model}"
        )


@dataclass(frozen=True, repr=False)
class Simulation:
    """What came of a simulation; it prints as a table with the rule of sanity below.

    Attributes:
        settings: How users were simulated.
        profiles: The users.
        played: Conversations by recommender, in the order of the users; what is measured first, under ``model``.
        measures: By recommender.
        order: Whether each control scores lower.
    """

    settings: Settings
    profiles: tuple[Profile, ...]
    played: Mapping[str, tuple[Played, ...]]
    measures: Mapping[str, Measures]
    order: tuple[Order, ...]

    @property
    def sane(self) -> bool:
        """Whether all controls score lower, as they must."""
        return all(entry.holds for entry in self.order)

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The measures as text, shares in per cent: each its name and a value a recommender."""
        columns = [_column(measures) for measures in self.measures.values()]
        return [(name, *(column[name] for column in columns)) for name in columns[0]]

    def __repr__(self) -> str:
        """Return the table, the settings and the order of the controls."""
        lines = aligned([("", *self.measures), *self.rows], left=1)
        return "\n".join([*lines, str(self.settings), *map(str, self.order)])

    def record(self) -> dict[str, object]:
        """Return settings, measures and order as values that JSON can hold."""
        order = [{**asdict(entry), "holds": entry.holds} for entry in self.order]
        measures = {name: asdict(measures) for name, measures in self.measures.items()}
        return {"settings": asdict(self.settings), "sane": self.sane, "measures": measures, "order": order}

    def save(self, folder: Path) -> None:
        """Write ``simulation.json`` and ``dialogues.jsonl``.

        Raises:
            DataError: If they cannot be written.
        """
        write_json(folder / "simulation.json", self.record())
        write_jsonl(
            folder / "dialogues.jsonl",
            (dialogue_record(name, played) for name, several in self.played.items() for played in several),
        )


def simulate_users(
    settings: Settings,
    system: System,
    users: Users,
    catalogue: Catalogue,
    popularity: Popularity,
    linker: Linker,
    dialogues: Sequence[Dialogue] = (),
    report: progress.Report = progress.silent,
) -> Simulation:
    """Let users talk to a recommender and to its controls.

    Args:
        settings: How many users, with what goal.
        system: What is measured.
        users: Speaks for the users.
        catalogue: What replies are checked against.
        popularity: The order of the control that recommends what is popular.
        linker: Finds titles for the controls.
        dialogues: Whose tastes the users have; none draws tastes from the catalogue.
        report: Is told how many conversations are over.
    """
    profiles = draw_users(catalogue, settings.goal, settings.count, settings.seed, dialogues)
    copying = LatestMentionThenPopularity(popularity)
    systems: dict[str, System] = {
        OURS: system,
        "popularity": Ranked(popularity, catalogue, linker, new_only=True),
        "copying": Ranked(copying, catalogue, linker, new_only=False),
        "sabotaged": Sabotaged(system, catalogue),
    }
    played: dict[str, tuple[Played, ...]] = {}
    for name, answering in systems.items():
        talks = play(answering, users, profiles, catalogue, settings.rounds)
        played[name] = tuple(progress.tracked(talks, f"users talk to {name}", len(profiles), report))
    measures = {name: measure(several, settings.rounds) for name, several in played.items()}
    order = tuple(compare_order(played[OURS], several, name) for name, several in played.items() if name != OURS)
    return Simulation(settings, profiles, played, measures, order)


def dialogue_record(system: str, played: Played) -> dict[str, object]:
    """Return a conversation as values that JSON can hold."""
    rounds = [
        {
            "user": exchange.message.text,
            "tells": [str(facet) for facet in exchange.message.disclosed],
            "asks": exchange.message.asks,
            "recommender": exchange.reply.turn.text,
            "items": list(exchange.reply.items),
            "verdict": exchange.judgement.verdict.value,
        }
        for exchange in played.exchanges
    ]
    ends = {"success": played.success, "leaked": played.leaked, "gave_up": played.gave_up, "closing": played.closing}
    return {"system": system, "user": played.user, **ends, "rounds": rounds}


def _column(measures: Measures) -> dict[str, str]:
    shown = [t for t in _ROUNDS_SHOWN if t < len(measures.success)]
    final = measures.final
    return {
        **{f"success at {t}": _percent(measures.success[t - 1]) for t in shown},
        f"success at {len(measures.success)}": _percent(final.value),
        "95 % interval": f"{_percent(final.low)}-{_percent(final.high)}",
        "rounds to success": "-" if measures.rounds is None else f"{measures.rounds:.1f}",
        "satisfaction (1-5)": f"{measures.satisfaction:.2f}",
        "constraint violations": _percent(measures.violations),
        "repeats": _percent(measures.repeats),
        "leaked": _percent(measures.leaked),
        "gave up": _percent(measures.gave_up),
        "questions answered": f"{measures.answered} of {measures.asked}",
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
