"""A message with what it names, and what the language model makes of it: acts, kinds of facts, roles.

Source: design section 4.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import torch

from pecrs.data.acts import ACTS, ROLES
from pecrs.data.dialogue import Speaker
from pecrs.data.messages import collate_messages, lay_out
from pecrs.inference.understanding.sentences import sentences
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import spans_of
from pecrs.linking.unknown import UnknownName
from pecrs.linking.values import FacetValue
from pecrs.model.message_reader import MessageReader, message_states
from pecrs.model.pecrs import PecrsModel

REMEMBERED = 4096
"""Messages whose scores are kept: those of a dialogue come again with each of its turns."""

_TOGETHER = 64
"""Messages read in one pass."""

_BY_THE_WAY = ROLES.index("incidental")


@dataclass(frozen=True, slots=True)
class Message:
    """A seeker's message with what it names, before its roles are known.

    Attributes:
        context: The two messages before it.
        text: Its words.
        items: Spans that name items, with their identifiers.
        values: Values and numbers that it says.
        unknown: Names that the catalogue lacks.
    """

    context: tuple[tuple[Speaker, str], ...]
    text: str
    items: tuple[tuple[int, int, str], ...]
    values: tuple[FacetValue | Quantity, ...]
    unknown: tuple[UnknownName, ...] = ()

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where it names items and says values."""
        return (*((start, end) for start, end, _ in self.items), *spans_of(self.values))

    def parts(self) -> tuple[Message, ...]:
        """Return its sentences as messages of their own; none where it has only one."""
        found = sentences(self.text, [*self.spans, *spans_of(self.unknown)])
        return tuple(self._part(start, end) for start, end in found) if len(found) > 1 else ()

    def _part(self, start: int, end: int) -> Message:
        items = tuple((a - start, b - start, item) for a, b, item in self.items if start <= a and b <= end)
        values, unknown = _part_of(self.values, start, end), _part_of(self.unknown, start, end)
        return Message(self.context, self.text[start:end], items, values, unknown)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model makes of a message: chances of acts and of kinds of facts, and the role of each span.

    Attributes:
        acts: By act.
        facts: By kind of fact.
        roles: The likeliest role of each span.
        meant: The chance of each span that it is not said by the way.
        sure: The chance of each span's role.
    """

    acts: tuple[float, ...]
    facts: tuple[float, ...]
    roles: tuple[str, ...]
    meant: tuple[float, ...]
    sure: tuple[float, ...]


class MessageScorer:
    """Scores messages with one model; those read before are remembered.

    Attributes:
        thresholds: By act, the score from which it holds.
    """

    def __init__(self, model: PecrsModel, head: MessageReader) -> None:
        """Keep the model and its message reader."""
        self._model, self._head = model, head
        self.thresholds: Mapping[str, float] = dict(zip(ACTS, head.thresholds.tolist(), strict=True))
        self._known: OrderedDict[Message, Scores] = OrderedDict()

    @torch.inference_mode()
    def __call__(self, messages: Sequence[Message]) -> list[Scores]:
        """Return the scores of some messages."""
        new = [message for message in dict.fromkeys(messages) if message not in self._known]
        for first in range(0, len(new), _TOGETHER):
            some = new[first : first + _TOGETHER]
            for message, own in zip(some, _scores(self._model, self._head, some), strict=True):
                self._known[message] = own
        found = [self._known[message] for message in messages]
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found


def _scores(model: PecrsModel, head: MessageReader, messages: Sequence[Message]) -> Iterable[Scores]:
    laid_out = [lay_out(model.vocabulary, message.context, message.text, message.spans) for message in messages]
    states = message_states(model.reader, laid_out, head.adapter)
    output = head(states, collate_messages(laid_out).to(model.device))
    roles = iter(output.roles.argmax(1).tolist())
    shares = output.roles.softmax(1)
    meant, sure = iter((1 - shares[:, _BY_THE_WAY]).tolist()), iter(shares.max(1).values.tolist())
    acts, facts = output.acts.sigmoid().tolist(), output.facts.sigmoid().tolist()
    for number, laid in enumerate(laid_out):
        own = tuple(ROLES[next(roles)] if first < end else "incidental" for first, end in laid.spans)
        chances = tuple(next(meant) if first < end else 0.0 for first, end in laid.spans)
        certain = tuple(next(sure) if first < end else 0.0 for first, end in laid.spans)
        yield Scores(tuple(acts[number]), tuple(facts[number]), own, chances, certain)


_Found = TypeVar("_Found", FacetValue | Quantity, UnknownName)


def _part_of(found: Iterable[_Found], start: int, end: int) -> tuple[_Found, ...]:
    """Return what stands in a part of a text, as it stands in the part alone."""
    own = (one for one in found if start <= one.start and one.end <= end)
    return tuple(replace(one, start=one.start - start, end=one.end - start) for one in own)
