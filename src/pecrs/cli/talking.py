"""Commands that talk."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pecrs.cli.app import DeviceMap, Index, Model, app, out
from pecrs.cli.writing import NO_WRITER, Writer, rewording_of
from pecrs.errors import ConfigError, PecrsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pecrs.data.loaders.seen_exports import SeenExport
    from pecrs.inference.chat import Chat
    from pecrs.inference.language.rewording import Rewording
    from pecrs.inference.recommender import Recommender
    from pecrs.inference.types import Filters


Where = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        help="Recommend only what fulfils this, of any field: 'price<=50', 'weight<2 kg', 'year=1990..1999', "
        "'brand=Acme|Nord', 'genres!=horror', 'waterproof=yes'. May be repeated; all must hold.",
    ),
]
Sort = Annotated[
    str, typer.Option("--sort", help="A field of numbers: price puts the cheapest first, -year the newest.")
]

_DEMONSTRATION = (
    "Hi! I am looking for a good movie.",
    "I love superhero movies like The Avengers and Black Panther.",
    "I have seen that one. What about something funny?",
    "Who is in it?",
    "Anything from the 80s?",
    "Great, thank you! Bye.",
)


@app.command()
def chat(
    model: Model = None,
    index: Index = None,
    device_map: DeviceMap = "",
    message: Annotated[
        list[str] | None, typer.Option("--message", help="Say this instead of asking for input. May be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each reply as a JSON object on one line.")] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed for sampling.")] = None,
    seen: Annotated[
        list[Path] | None,
        typer.Option(
            "--seen",
            help="What you have seen, not to be recommended: an export of Letterboxd, IMDb or Trakt, or a table with "
            "title, year and rating. May be repeated.",
        ),
    ] = None,
    liked_from: Annotated[
        float, typer.Option("--liked-from", min=0, max=10, help="The rating of ten from which a seen title is liked.")
    ] = 7.0,
    where: Where = None,
    sort: Sort = "",
    writer: Writer = NO_WRITER,
) -> None:
    """Talk to a model. On a terminal, /help lists the commands."""
    from pecrs.data.loaders.seen_exports import read_seen
    from pecrs.inference.chat import script_records
    from pecrs.inference.recommender import Recommender
    from pecrs.inference.types import Filters

    if as_json and not message:
        raise ConfigError("--json needs --message")
    filters = Filters.of(*where or (), sort=sort)
    exports = [read_seen(path) for path in seen or ()]
    recommender = Recommender.from_pretrained(model, index=index, device_map=device_map)
    dialogue = _start(recommender, filters, exports, liked_from, seed, rewording_of(writer, recommender))
    if not message:
        _talk(dialogue)
        return
    if as_json:
        for record in script_records(dialogue, message):
            out.print_json(json.dumps(record, ensure_ascii=False), indent=None)
        return
    _play(dialogue, message)


@app.command()
def demo() -> None:
    """Play a short conversation with the model of the package.

    On a terminal you can go on talking.
    """
    from pecrs.inference.chat import Chat
    from pecrs.inference.recommender import Recommender

    dialogue = Chat(Recommender.from_pretrained(), seed=0)
    _play(dialogue, _DEMONSTRATION)
    if sys.stdin.isatty():
        _talk(dialogue)


def _start(
    recommender: Recommender,
    filters: Filters,
    exports: Sequence[SeenExport],
    liked_from: float,
    seed: int | None,
    rewording: Rewording | None,
) -> Chat:
    """Begin a conversation with what was seen left out, and say what of it was found."""
    from pecrs.inference.chat import Chat
    from pecrs.linking.seen import match_seen

    reports = [match_seen(export, recommender.catalogue, liked_from=liked_from) for export in exports]
    for line in (line for report in reports for line in report.lines):
        typer.echo(line, err=True)
    seen = frozenset(item for report in reports for item in report.seen)
    liked = tuple(dict.fromkeys(item for report in reports for item in report.liked))
    return Chat(recommender, filters=replace(filters, exclude=seen), liked=liked, seed=seed, rewording=rewording)


def _play(dialogue: Chat, messages: Sequence[str]) -> None:
    from rich.markup import escape

    from pecrs.cli.display import show_reply

    for message in messages:
        reply = dialogue.say(message)
        out.print(f"\n[bold]you[/]    {escape(message)}")
        show_reply(out, reply)


def _talk(dialogue: Chat) -> None:
    from pecrs.cli.terminal import run_command

    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # bytes that are not UTF-8 are refused with their message
    out.print("\nType a message, /help for the commands, /quit to leave.")
    while True:
        try:
            line = out.input("[bold]you[/]    ")
        except EOFError:
            return
        try:
            if not run_command(dialogue, line, out):
                return
        except PecrsError as error:
            out.print(str(error), style="red", markup=False)
