"""The commands of an interactive chat."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from pecrs.cli.display import show_explanation, show_reply
from pecrs.errors import DataError
from pecrs.inference.chat import HELP, Chat


def _reset(chat: Chat, argument: str, console: Console) -> None:
    chat.reset()
    console.print("starting over")


def _history(chat: Chat, argument: str, console: Console) -> None:
    for turn in chat.turns:
        console.print(f"[bold]{turn.speaker.value}[/]  {escape(turn.text)}")


def _exclude(chat: Chat, argument: str, console: Console) -> None:
    console.print(f"never again: {', '.join(chat.exclude(argument))}", markup=False)


def _forget(chat: Chat, argument: str, console: Console) -> None:
    console.print(f"no longer: {chat.forget(argument)}", markup=False)


def _why(chat: Chat, argument: str, console: Console) -> None:
    show_explanation(console, chat.why(argument))


def _help(chat: Chat, argument: str, console: Console) -> None:
    console.print(HELP, markup=False)


def _state(chat: Chat, argument: str, console: Console) -> None:
    parts = [words for _, words in chat.state.parts()]
    console.print("\n".join(parts) if parts else "nothing in particular", markup=False)


_COMMANDS = {
    "/help": _help,
    "/reset": _reset,
    "/history": _history,
    "/exclude": _exclude,
    "/state": _state,
    "/forget": _forget,
    "/why": _why,
}


def run_command(chat: Chat, line: str, console: Console) -> bool:
    """Act on one line: a message, or a command that begins with a slash.

    Args:
        chat: The dialogue.
        line: What was typed; blank lines do nothing.
        console: Where answers go.

    Returns:
        False when the person wants to leave.

    Raises:
        DataError: If the command is unknown or its argument is not recognised.
    """
    name, _, argument = line.strip().partition(" ")
    if not name.startswith("/"):
        if line.strip():
            show_reply(console, chat.say(line))
        return True
    if name in ("/quit", "/exit"):
        return False
    if name not in _COMMANDS:
        raise DataError(f"unknown command {name}; /help lists them")
    _COMMANDS[name](chat, argument, console)
    return True
