"""What every command shares: the application, the console and the options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    name="pecrs",
    help="A conversational recommender in one language model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = Console(highlight=False)

Data = Annotated[Path, typer.Option("--data", help="A folder that `pecrs prepare` wrote.")]
Model = Annotated[
    Path | None, typer.Option("--model", help="A model folder, or a training run; the package's own if left out.")
]
Index = Annotated[
    Path | None, typer.Option("--index", help="A folder of `pecrs index build`: its items instead of the model's own.")
]
Protocol = Annotated[str, typer.Option("--protocol", help="standard, pecrs or inspired.")]
Split = Annotated[str, typer.Option("--split", help="train, valid or test.")]
