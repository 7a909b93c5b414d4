"""What every command shares: the application, the console and the options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from pecrs import __version__
from pecrs.errors import ConfigError

if TYPE_CHECKING:
    from pecrs.cluster.session import ClusterSettings

app = typer.Typer(
    name="pecrs",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = Console(highlight=False, emoji=False)


def _print_version(asked: bool) -> None:
    if asked:
        out.print(f"pecrs {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A conversational recommender in one language model."""


Data = Annotated[Path, typer.Option("--data", help="A prepared folder (see `pecrs prepare`).")]
Model = Annotated[
    Path | None,
    typer.Option(
        "--model",
        help="A model folder, a training run, or the name of an installed model. Default: films where that is "
        "installed, else films-small, the model of the package.",
    ),
]
Index = Annotated[
    Path | None, typer.Option("--index", help="Recommend the items of this index (see `pecrs index build`).")
]
Protocol = Annotated[str, typer.Option("--protocol", help="Evaluation protocol: standard, pecrs or inspired.")]
Split = Annotated[str, typer.Option("--split", help="Split of the data: train, valid or test.")]

AnswerTokens = Annotated[
    int | None,
    typer.Option(
        "--answer-tokens",
        min=1,
        help="Longest answer of a language model; 320 for titles and 160 for a list if left out. Models that think "
        "first need more.",
    ),
]
DeviceMap = Annotated[
    str,
    typer.Option(
        "--device-map",
        help="Where to put the backbone: auto (all accelerators, then memory), or devices in order, with memory limits "
        "if you like: cuda:0=20GiB,cuda:1,cpu,disk. Default: the CPU; quantised weights go where they can be used.",
    ),
]


Engine = Literal["local", "ray"]
Where = Annotated[Engine, typer.Option("--engine", help="Where the work is done: in this process or on a Ray cluster.")]
Workers = Annotated[
    list[str] | None,
    typer.Option(
        "--workers",
        help="With --engine ray; may be repeated: workers=4, threads=1, gpus=0, address=HOST:PORT of a cluster.",
    ),
]


def cluster_settings(engine: Engine, assignments: list[str] | None) -> ClusterSettings | None:
    """Return what the options say of a cluster; None where the work is done here.

    Raises:
        ConfigError: If an assignment is wrong, or has no engine.
    """
    from pecrs.cluster.session import ClusterSettings

    if engine == "local" and assignments:
        raise ConfigError("--workers goes with --engine ray")
    return ClusterSettings().override(assignments or ()) if engine == "ray" else None
