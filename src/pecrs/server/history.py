"""Requests of OpenAI's clients: what is read of their messages, what is passed over, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pecrs.data.dialogue import Speaker
from pecrs.errors import DataError
from pecrs.server.schemas import Completion, Message

_SPEAKERS = {"user": Speaker.SEEKER, "assistant": Speaker.RECOMMENDER}
_READ = ("text", "refusal")
_FREE = (None, "none", "auto")
"""Choices of tools that allow an answer without any."""


def spoken(messages: Sequence[Message]) -> list[tuple[Speaker, str]]:
    """Return who said what; messages without words are left out, and so are those of the system and of tools.

    Clients send back whatever they kept: answers that were interrupted, calls of another model's tools.

    Raises:
        DataError: If the last message is not the user's or is empty, or one holds more than text.
    """
    kept = [
        (place, message)
        for place, message in enumerate(messages)
        if message.role in _SPEAKERS and not (_calls_tools(message) and not message.words.strip())
    ]
    if not kept or kept[-1][1].role != "user":
        raise DataError("the last message must be the user's", field="messages")
    for place, message in kept:
        _require_text(place, message)
    place, last = kept[-1]
    if not last.words.strip():
        raise DataError("the last message is empty", field=f"messages[{place}].content")
    return [(_SPEAKERS[message.role], message.words) for _, message in kept if message.words.strip()]


def require_supported(request: Completion) -> None:
    """Refuse what this model cannot do, rather than answer as if it had not been asked.

    Raises:
        DataError: Naming the field.
    """
    if request.n not in (None, 1):
        raise DataError(f"one answer is given at a time, not {request.n}", field="n")
    for name in ("tool_choice", "function_call"):
        if _forced(getattr(request, name)):
            raise DataError("this model calls no tools, so none can be required", field=name)
    if any(kind != "text" for kind in request.modalities or ()):
        raise DataError("this model answers in text only", field="modalities")
    form = request.response_format
    if form is not None and not (isinstance(form, dict) and form.get("type") == "text"):
        raise DataError("this model answers in plain text only", field="response_format")


def _calls_tools(message: Message) -> bool:
    return message.role == "assistant" and bool(message.tool_calls or message.function_call)


def _require_text(place: int, message: Message) -> None:
    for number, part in enumerate(message.content if isinstance(message.content, list) else ()):
        if part.type not in _READ:
            field = f"messages[{place}].content[{number}]"
            raise DataError(f"parts of type {part.type[:40]!r} cannot be read, only text", field=field)


def _forced(choice: Any) -> bool:
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        allowed = choice.get("allowed_tools")
        choice = allowed.get("mode") if isinstance(allowed, dict) else choice
    return isinstance(choice, dict) or choice not in _FREE
