"""A message and what was said before it, laid out for reading: what it does is read before its items are known.

    EOS  Recommender: text EOS  Seeker: text EOS
                                        ^^^^^^^^ the message; its states say acts and facts asked for, its spans roles

Titles stand as words here, in the message and before it. Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from pecrs.data.acts import ACTS, FACTS, ROLES, LabelledMessage
from pecrs.data.dialogue import Speaker
from pecrs.data.vocabulary import Vocabulary

CONTEXT_TURNS = 2
"""Utterances before the message that are read with it."""

CONTEXT_TOKENS = 48
"""Longest part of each of them, from its end."""

MESSAGE_TOKENS = 128
"""Longest message; the rest is not read."""


@dataclass(frozen=True, slots=True)
class LaidOutMessage:
    """Token ids of a message with its context.

    Attributes:
        tokens: All ids.
        start: Position of the message's first token; the message ends with the last one, its EOS.
        spans: (first, end) positions of each span, end exclusive; an empty range where the span was cut off.
    """

    tokens: tuple[int, ...]
    start: int
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class MessageBatch:
    """Where M messages and S spans stand in sequences that are back to back.

    Attributes:
        sizes: (M,) length of each sequence.
        starts: (M,) position of each message's first token in its sequence.
        inside: (T,) True for the tokens of messages, False for what was said before.
        spans: (S, 3) message, first position and one past the last of each span, within the message's sequence.
    """

    sizes: Tensor
    starts: Tensor
    inside: Tensor
    spans: Tensor

    def to(self, device: torch.device) -> MessageBatch:
        """Return the same on a device."""
        return MessageBatch(*(getattr(self, entry.name).to(device) for entry in fields(self)))


@dataclass(frozen=True, eq=False)
class MessageLabels:
    """What M messages do, for training.

    Attributes:
        acts: (M, acts) 1 where an act holds.
        known: (M, acts) whether the act is labelled.
        facts: (M, facts) 1 where a kind of fact is asked for.
        facts_known: (M, facts) whether that is labelled.
        roles: (S,) role of each span, -1 where it is not labelled.
    """

    acts: Tensor
    known: Tensor
    facts: Tensor
    facts_known: Tensor
    roles: Tensor


def lay_out(
    vocabulary: Vocabulary,
    context: Sequence[tuple[Speaker, str]],
    text: str,
    spans: Iterable[tuple[int, int]] = (),
) -> LaidOutMessage:
    """Return a seeker's message with the end of what was said before it.

    Args:
        vocabulary: Tokeniser and role prefixes.
        context: Speakers and texts before it, oldest first.
        text: The message.
        spans: Characters of the message whose roles are to be read.
    """
    tokens = [vocabulary.eos]
    for speaker, said in context[-CONTEXT_TURNS:]:
        tokens += [*vocabulary.prefixes[speaker], *vocabulary.encode_texts([said])[0][-CONTEXT_TOKENS:], vocabulary.eos]
    tokens += vocabulary.prefixes[Speaker.SEEKER]
    start = len(tokens)
    ids, offsets = vocabulary.encode_with_offsets(text)
    ids, offsets = ids[:MESSAGE_TOKENS], offsets[:MESSAGE_TOKENS]
    places = []
    for first, end in spans:
        inside = [place for place, (a, b) in enumerate(offsets) if a < end and first < b]
        places.append((start + inside[0], start + inside[-1] + 1) if inside else (start, start))
    return LaidOutMessage((*tokens, *ids, vocabulary.eos), start, tuple(places))


def lay_out_labelled(vocabulary: Vocabulary, message: LabelledMessage) -> LaidOutMessage:
    """Return a labelled message with its context and the places of its spans."""
    return lay_out(vocabulary, message.context, message.text, ((span.start, span.end) for span in message.spans))


def collate_messages(messages: Sequence[LaidOutMessage]) -> MessageBatch:
    """Say where messages and their spans stand; spans that were cut off are left out.

    Args:
        messages: At least one.
    """
    sizes = [len(message.tokens) for message in messages]
    spans = [
        (number, first, end) for number, message in enumerate(messages) for first, end in message.spans if first < end
    ]
    inside = [torch.arange(size) >= message.start for size, message in zip(sizes, messages, strict=True)]
    return MessageBatch(
        torch.tensor(sizes),
        torch.tensor([message.start for message in messages]),
        torch.cat(inside),
        torch.tensor(spans, dtype=torch.long).view(-1, 3),
    )


def label_messages(messages: Sequence[LabelledMessage], laid_out: Sequence[LaidOutMessage]) -> MessageLabels:
    """Return the labels of messages as tensors, in the order of :func:`collate_messages`.

    Args:
        messages: The labels.
        laid_out: The same messages, laid out; spans that were cut off there have no label.
    """
    roles = [
        -1 if span.role is None else ROLES.index(span.role)
        for message, laid in zip(messages, laid_out, strict=True)
        for span, (first, end) in zip(message.spans, laid.spans, strict=True)
        if first < end
    ]
    return MessageLabels(
        _flags([message.acts for message in messages], ACTS),
        _flags([message.known for message in messages], ACTS),
        _flags([message.facts for message in messages], FACTS),
        _flags([FACTS if message.facts_known else () for message in messages], FACTS),
        torch.tensor(roles, dtype=torch.long),
    )


def _flags(sets: Sequence[Iterable[str]], names: Sequence[str]) -> Tensor:
    flags = torch.zeros(len(sets), len(names))
    for row, own in enumerate(sets):
        flags[row, [names.index(name) for name in own]] = 1
    return flags
