"""Commands for people who compare answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from pecrs.cli.app import Data, Split, app, out
from pecrs.errors import ConfigError

annotate = typer.Typer(help="Let people compare the answers of two models.", no_args_is_help=True)
app.add_typer(annotate, name="annotate")

Kit = Annotated[Path, typer.Argument(help="A folder that `pecrs annotate sample` wrote.")]


@annotate.command("sample")
def sample_pairs(
    first: Annotated[Path, typer.Argument(help="responses.jsonl of `pecrs evaluate --conversations`, or its folder.")],
    second: Annotated[Path, typer.Argument(help="The same of another model.")],
    data: Data,
    output: Annotated[Path, typer.Option("--output", help="The kit to make.")],
    split: Split = "valid",
    count: Annotated[int, typer.Option("--count", min=1, help="Number of pairs.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Of turns and sides.")] = 0,
    words: Annotated[
        Literal["free", "gated"],
        typer.Option("--words", help="What a model says by itself, or given whether the person recommended."),
    ] = "free",
) -> None:
    """Draw pairs of different answers and write the page to vote on.

    The sides are shuffled and the names are hidden.
    """
    from pecrs.data.loaders.prepare import load_prepared
    from pecrs.data.splits import split_dialogues
    from pecrs.evaluation.evaluator import result_file
    from pecrs.evaluation.human.kit import KEY, PAGE, sample, save_kit
    from pecrs.evaluation.metrics.conversation import RESPONSES, read_responses

    if first.resolve() == second.resolve():
        raise ConfigError("two different files are expected")
    answers = {str(path): read_responses(result_file(path, RESPONSES)) for path in (first, second)}
    kit = sample(answers, split_dialogues(load_prepared(data), split), count, seed=seed, words=words)
    save_kit(kit, output)
    key = kit.key
    drawn = f"{len(kit.pairs):,} pairs of {key.answered - key.alike:,} turns answered differently"
    out.print(f"{drawn} ({key.alike:,} more are alike); send annotators {output / PAGE} and keep {KEY}", soft_wrap=True)


@annotate.command("report")
def report_votes(
    kit: Kit,
    votes: Annotated[
        list[Path] | None, typer.Argument(help="Files that annotators saved; those in votes/ of the kit if left out.")
    ] = None,
) -> None:
    """Count the votes.

    Wins, ties and losses, with a sign test and the agreement of annotators.
    """
    from pecrs.cli.display import preference_table
    from pecrs.evaluation.human.kit import VOTES, load_key
    from pecrs.evaluation.human.report import report
    from pecrs.evaluation.human.votes import load_votes

    key = load_key(kit)
    paths = votes or sorted((kit / VOTES).glob("*.json"))
    people = [load_votes(path, key.kit, len(key.turns)) for path in paths]
    out.print(preference_table(report(key, people)))


@annotate.command("serve", hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def serve_kit() -> None:
    """Removed: open vote.html of the kit in a browser instead."""
    raise ConfigError(
        "there is no server to vote on any more: open vote.html of the kit in a browser, save the votes as a file and "
        "give it to `pecrs annotate report`"
    )
