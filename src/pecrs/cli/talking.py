"""Commands that talk."""

from __future__ import annotations

import json
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated

import typer

from pecrs.cli.app import DeviceMap, Index, Model, app, out
from pecrs.cli.writing import NO_WRITER, Writer, rewording_of
from pecrs.errors import ConfigError, PecrsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pecrs.inference.chat import Chat


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
    writer: Writer = NO_WRITER,
) -> None:
    """Talk to a model. On a terminal, /help lists the commands."""
    from pecrs.inference.chat import Chat, script_records
    from pecrs.inference.recommender import Recommender

    if as_json and not message:
        raise ConfigError("--json needs --message")
    recommender = Recommender.from_pretrained(model, index=index, device_map=device_map)
    dialogue = Chat(recommender, seed=seed, rewording=rewording_of(writer, recommender))
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
