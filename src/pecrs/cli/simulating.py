"""The command that lets simulated users talk to a model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pecrs.cli.app import Split, app, out
from pecrs.cli.progress import ProgressDisplay
from pecrs.errors import ConfigError

if TYPE_CHECKING:
    from pecrs.evaluation.baselines.language_models import LanguageModel

_NOBODY = ("", "")

Users = Annotated[
    Literal["agenda", "llm"],
    typer.Option("--users", help="Users with an agenda, or with words of a language model."),
]
Goal = Annotated[
    Literal["target", "free"], typer.Option("--goal", help="One item in mind, or any that fits and is new.")
]


@app.command()
def simulate(
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            help="A model folder, a training run, the name of an installed model, or the address of a service to which "
            "{context, message} is posted. Default: as for `pecrs chat`.",
        ),
    ] = None,
    users: Users = "agenda",
    goal: Goal = "target",
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="A prepared folder (see `pecrs prepare`), whose dialogues give the users' tastes. Default: tastes are "
            "drawn from the model's catalogue. A service needs it.",
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="The folder for the report.")] = None,
    split: Split = "valid",
    count: Annotated[int, typer.Option("--count", min=1, help="Number of users.")] = 200,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Most messages of a user.")] = 10,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the users.")] = 0,
    user_model: Annotated[
        tuple[str, str],
        typer.Option(
            "--user-model",
            metavar="URL MODEL",
            help="With --users llm: a model behind an endpoint of OpenAI's conventions. OPENAI_API_KEY is sent if set.",
            show_default=False,
        ),
    ] = _NOBODY,
) -> None:
    """Let simulated users talk to a model, beside controls that must score lower."""
    from pecrs.cli.display import simulation_table
    from pecrs.evaluate import simulate as run

    if (users == "llm") is (user_model == _NOBODY):
        raise ConfigError("--users llm and --user-model go together")
    writer = None if user_model == _NOBODY else _writer(*user_model)
    with ProgressDisplay(out) as report:
        result = run(
            model, data, output, users=users, goal=goal, count=count, rounds=rounds, seed=seed, split=split,
            user_model=writer, progress=report,
        )  # fmt: skip
    out.print(simulation_table(result))


def _writer(url: str, model: str) -> LanguageModel:
    from pecrs.evaluation.baselines.language_models import Endpoint

    return Endpoint(model, url, os.environ.get("OPENAI_API_KEY", ""))
