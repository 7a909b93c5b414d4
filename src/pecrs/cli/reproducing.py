"""The command that makes the paper's tables and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pecrs.cli.app import AnswerTokens, app, out
from pecrs.cli.progress import ProgressDisplay


@app.command()
def reproduce(
    what: Annotated[list[str], typer.Argument(help="table1 to table10, figure3, figure4, or all of these; ablations.")],
    output: Annotated[Path, typer.Option("--output", help="The folder for runs and results; what is there is reused.")],
    data: Annotated[
        Path | None,
        typer.Option("--data", help="A folder with redial/ and others, prepared or original. Default: made-up films."),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            "--scale", help="smoke (minutes), small, eighth (hours) or full (a day): the budget of every run."
        ),
    ] = "smoke",
    split: Annotated[str, typer.Option("--split", help="What is evaluated: valid or test.")] = "valid",
    votes: Annotated[
        Path | None, typer.Option("--votes", help="A kit of `pecrs annotate` with votes, for table 4.")
    ] = None,
    language_model: Annotated[
        list[str] | None,
        typer.Option("--language-model", help="One for table 7: llm:NAME_OR_PATH or openai:MODEL. May be repeated."),
    ] = None,
    answer_tokens: AnswerTokens = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only list what would be trained.")] = False,
) -> None:
    """Make the tables and figures of the paper.

    Our figures stand beside the published ones.
    """
    from pecrs.reproduce.experiments import chosen, open_runner, planned
    from pecrs.reproduce.experiments import reproduce as make

    names = chosen(what)
    with ProgressDisplay(out) as report:
        runner = open_runner(data, output, scale, split, report, votes, language_model or (), answer_tokens)
        if plan:
            for run in planned(runner, names):
                out.print(f"{run.key}  {'done' if runner.is_finished(run) else 'to do'}  {run.title}", soft_wrap=True)
            return
        paths = make(runner, names)
    out.print(f"{len(paths)} files in {output / 'results'}", soft_wrap=True)
