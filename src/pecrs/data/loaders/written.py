"""The loader of the conversations that were written and labelled for this package: ``labelled_conversations.jsonl``.

They are read by the same type as all labelled messages. What the labels mean and how they were made is in
``docs/labelled_messages.md``.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import TypeAdapter

from pecrs.data.acts import ACTS, LabelledMessage, LabelledSpan
from pecrs.data.dialogue import Speaker
from pecrs.data.loaders.labelled import CONTEXT_TURNS
from pecrs.data.records import FromList, Record, located, read_records

HELD_OUT_HANDS = frozenset({5, 12})
"""Writers whose conversations are held out."""

_Strings = Annotated[tuple[str, ...], FromList]
_Span = Annotated[tuple[int, int, str, str], FromList]


class WrittenMessage(Record):
    """A message of the person, and the reply to it.

    Attributes:
        text: The message.
        acts: What it does, of :data:`pecrs.data.acts.ACTS`.
        spans: First character, one past the last, kind and role of what it names.
        facts: Kinds of facts asked for.
        move: The right next move: ``recommend``, ``fact Heat (1995)``, ``acknowledge A + B``, several with commas.
        wants: What an item offered then must have; with ``-`` what it must not have, with ``~like:`` an example.
        reply: What the recommender said; empty at the end.
    """

    text: str
    acts: _Strings
    spans: Annotated[tuple[_Span, ...], FromList] = ()
    facts: _Strings = ()
    move: str = ""
    wants: _Strings = ()
    reply: str = ""


class WrittenConversation(Record):
    """A conversation.

    Attributes:
        hand: Who wrote it.
        domain: ``films``, ``books`` or ``shop``.
        about: The person and the request, in a line.
        messages: In order.
    """

    hand: int
    domain: str
    about: str
    messages: Annotated[tuple[WrittenMessage, ...], FromList]


_CONVERSATION = TypeAdapter(WrittenConversation)


def load_conversations(path: Path | None = None) -> list[tuple[WrittenConversation, list[LabelledMessage]]]:
    """Load the conversations with their messages as labelled messages; all acts and kinds of facts are known.

    Args:
        path: A file in the same form instead of the one that comes with the package.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    path = path or Path(str(resources.files("pecrs.data").joinpath("labelled_conversations.jsonl")))
    found = []
    for line, conversation in read_records(path, _CONVERSATION):
        with located(path, line):
            found.append((conversation, _labelled(conversation)))
    return found


def written_messages(*, held_out: bool = False, path: Path | None = None) -> list[LabelledMessage]:
    """Load the messages of one part: those to learn from, or those of the hands that are held out.

    Args:
        held_out: Whether to return the part that is held out.
        path: As for :func:`load_conversations`.
    """
    conversations = load_conversations(path)
    return [
        message for own, messages in conversations if (own.hand in HELD_OUT_HANDS) is held_out for message in messages
    ]


def _labelled(conversation: WrittenConversation) -> list[LabelledMessage]:
    said: list[tuple[Speaker, str]] = []
    found = []
    for message in conversation.messages:
        spans = tuple(LabelledSpan(*span) for span in message.spans)
        found.append(
            LabelledMessage(
                context=tuple(said[-CONTEXT_TURNS:]),
                text=message.text,
                acts=frozenset(message.acts),
                known=frozenset(ACTS),
                spans=spans,
                facts=frozenset(message.facts),
                facts_known=True,
                source=f"written_{conversation.domain}",
            )
        )
        said.append((Speaker.SEEKER, message.text))
        if message.reply:
            said.append((Speaker.RECOMMENDER, message.reply))
    return found
