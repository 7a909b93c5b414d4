"""The loader of the messages that were labelled for this package: ``labelled_messages.jsonl``, shipped with it.

Messages of ReDial stand there with text and context. Those of INSPIRED are labels alone, which are joined to your own
copy of the corpus: a message is found by a hash of its text and of what was said before it, so either published form
of the corpus will do. What the labels mean and how they were made is in ``docs/labelled_messages.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from pecrs.data.acts import ACTS, LabelledMessage, LabelledSpan
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.files import read_jsonl
from pecrs.data.records import located
from pecrs.errors import DataError

CONTEXT_TURNS = 3
"""How many utterances before a message are its context."""

_HELD_OUT_SHARE = 5


_Said = tuple[tuple[tuple[Speaker, str], ...], str]
"""The context of a message, and its text."""


def load_labelled(
    inspired: Iterable[Dialogue] = (), *, held_out: bool = False, path: Path | None = None
) -> list[LabelledMessage]:
    """Load the labelled messages of one part: four fifths to train on, or the fifth that is held out.

    The parts are drawn by a hash of the dialogue's identifier, so the messages of a dialogue stay together.

    Args:
        inspired: The train dialogues of INSPIRED, not merged; without them its messages are left out.
        held_out: Whether to return the part that is held out.
        path: A file in the same form instead of the one that comes with the package.

    Returns:
        The messages in the file's order; all acts and kinds of facts are known.

    Raises:
        DataError: Naming file, line and field of what is wrong, or if ``inspired`` holds none of the messages.
    """
    found = _by_fingerprint(inspired)
    path = path or Path(str(resources.files("pecrs.data").joinpath("labelled_messages.jsonl")))
    messages, joined = [], not found
    for line, record in read_jsonl(path):
        with located(path, line):
            said = _said(record, found)
            joined |= said is not None and "fingerprint" in record
            if said is not None and is_held_out(_string(record, "source"), _string(record, "dialogue")) is held_out:
                messages.append(_message(record, *said))
    if not joined:
        raise DataError("the dialogues given as INSPIRED hold none of the labelled messages", path=path)
    return messages


def is_held_out(source: str, dialogue: str) -> bool:
    """Tell whether the messages of a dialogue are held out for validation: about a fifth of the dialogues.

    Args:
        source: ``redial`` or ``inspired``.
        dialogue: The dialogue's identifier.
    """
    return int(hashlib.sha256(f"{source}/{dialogue}".encode()).hexdigest(), 16) % _HELD_OUT_SHARE == 0


def fingerprint(turns: Sequence[Turn]) -> str:
    """Return what a message is found by: a hash of its text and of the utterance before it.

    Args:
        turns: A dialogue up to and including the message.
    """
    return hashlib.sha256("\n".join(turn.text for turn in turns[-2:]).encode()).hexdigest()[:16]


def _by_fingerprint(dialogues: Iterable[Dialogue]) -> dict[str, _Said]:
    found: dict[str, _Said] = {}
    for dialogue in dialogues:
        for position, turn in enumerate(dialogue.turns):
            if turn.speaker is Speaker.SEEKER:
                before = dialogue.turns[max(0, position - CONTEXT_TURNS) : position]
                context = tuple((earlier.speaker, earlier.text) for earlier in before)
                found.setdefault(fingerprint(dialogue.turns[: position + 1]), (context, turn.text))
    return found


def _said(record: Mapping[str, Any], found: Mapping[str, _Said]) -> _Said | None:
    if "fingerprint" in record:
        return found.get(_string(record, "fingerprint"))
    context = []
    for index, pair in enumerate(_list(record, "context")):
        if not isinstance(pair, list) or len(pair) != 2 or pair[0] not in (*Speaker,) or not isinstance(pair[1], str):
            raise DataError("[seeker or recommender, text] is expected", field=f"context[{index}]")
        context.append((Speaker(pair[0]), pair[1]))
    return tuple(context), _string(record, "text")


def _message(record: Mapping[str, Any], context: tuple[tuple[Speaker, str], ...], text: str) -> LabelledMessage:
    spans = []
    for index, span in enumerate(_list(record, "spans")):
        if not isinstance(span, list) or [type(value) for value in span] != [int, int, str, str]:
            raise DataError("[start, end, kind, role] is expected", field=f"spans[{index}]")
        spans.append(LabelledSpan(*span))
    return LabelledMessage(
        context=context,
        text=text,
        acts=frozenset(_list(record, "acts")),
        known=frozenset(ACTS),
        spans=tuple(spans),
        facts=frozenset(_list(record, "facts")),
        facts_known=True,
        source=f"labelled_{record['source']}",
    )


def _string(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise DataError("a string is expected", field=name)
    return value


def _list(record: Mapping[str, Any], name: str) -> list[Any]:
    value = record.get(name)
    if not isinstance(value, list):
        raise DataError("a list is expected", field=name)
    return value
