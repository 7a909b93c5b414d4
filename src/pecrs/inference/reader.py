"""Reads dialogues with the language model: each message's acts, the roles of what it names, and the state after it.

Source: design section 4.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from pecrs.data.acts import ACTS, FACTS, ROLES
from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Speaker, Turn
from pecrs.data.messages import collate_messages, lay_out
from pecrs.errors import ConfigError
from pecrs.inference.policy import Situation, offered_items
from pecrs.inference.reading import Reading, ReadItem, ReadValue, answering_offer, references
from pecrs.inference.state import DialogueState, Edit, update
from pecrs.linking.facets import YEAR, Facets
from pecrs.linking.quantities import Quantity, read_quantities
from pecrs.linking.values import FacetValue, ValueFinder
from pecrs.model.message_reader import MessageReader, message_states
from pecrs.model.pecrs import PecrsModel

REMEMBERED = 4096
"""Messages whose scores are kept: those of a dialogue come again with each of its turns."""

_TOGETHER = 64
"""Messages read in one pass."""


@dataclass(frozen=True)
class Understood:
    """A dialogue, read up to its last message.

    Attributes:
        reading: The last message.
        state: What the person wants, that message included.
        situation: What else the next move depends on; the model's probability is not in it.
        before: What the person wanted before the last message.
    """

    reading: Reading
    state: DialogueState
    situation: Situation
    before: DialogueState


@dataclass(frozen=True, slots=True)
class _Message:
    """A seeker's message with what it names, before its roles are known."""

    context: tuple[tuple[Speaker, str], ...]
    text: str
    items: tuple[tuple[int, int, str], ...]
    values: tuple[FacetValue | Quantity, ...]

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        return (*((start, end) for start, end, _ in self.items), *((value.start, value.end) for value in self.values))


@dataclass(frozen=True, slots=True)
class _Scores:
    acts: tuple[float, ...]
    facts: tuple[float, ...]
    roles: tuple[str, ...]


class Reader:
    """Reads messages of one catalogue with one model.

    Attributes:
        facets: What the catalogue's fields hold.
        finder: Finds their values in text.
    """

    def __init__(self, model: PecrsModel, catalogue: Catalogue) -> None:
        """Index the catalogue's values.

        Args:
            model: With a trained message reader.
            catalogue: The items.

        Raises:
            ConfigError: If the model has no message reader.
        """
        if model.message_reader is None:
            raise ConfigError("model.message_reader: this model was trained without one")
        self._model, self._head = model, model.message_reader
        self.facets = Facets(catalogue)
        self.finder = ValueFinder(self.facets)
        years = self.facets.numbers(YEAR)
        known = years[~np.isnan(years)]
        self._years = (int(known.min()), int(known.max())) if len(known) else (0, 0)
        self._known: OrderedDict[_Message, _Scores] = OrderedDict()

    def understand(self, turns: Sequence[Turn], edits: Sequence[Edit] = ()) -> Understood:
        """Read a dialogue whose last turn is the seeker's.

        Args:
            turns: Linked turns.
            edits: What the person took out of the state by hand.
        """
        messages = [self._message(turns, place) for place in _places(turns)]
        scores = self._read(messages)
        state = earlier = DialogueState()
        reading = Reading("")
        waiting = sorted(edits, key=lambda edit: edit.turns)
        for place, message, own in zip(_places(turns), messages, scores, strict=True):
            before = turns[:place]
            while waiting and waiting[0].turns <= place:
                state = state.without(waiting.pop(0).key)
            reading = self._reading(message, own)
            if before and before[-1].speaker is Speaker.RECOMMENDER and before[-1].items:
                reading = answering_offer(reading)
            earlier, state = state, update(state, reading, _offered(before), self._years)
        for edit in waiting:
            state = state.without(edit.key)
        return Understood(reading, state, _situation(turns), earlier)

    def _message(self, turns: Sequence[Turn], place: int) -> _Message:
        turn, before = turns[place], turns[:place]
        named = [(mention.start, mention.end, mention.item) for mention in turn.mentions]
        pointed = [
            entry
            for entry in references(turn.text, _offered(before))
            if not _meets(entry, [span[:2] for span in named])
        ]
        quantities = [
            quantity
            for quantity in read_quantities(turn.text, datetime.datetime.now(tz=datetime.UTC).year)
            if not _meets((quantity.start, quantity.end), [span[:2] for span in named])
        ]
        taken = [*(entry[:2] for entry in named), *((quantity.start, quantity.end) for quantity in quantities)]
        values: list[FacetValue | Quantity] = [*self.finder.find(turn.text, taken), *quantities]
        context = tuple((earlier.speaker, earlier.text) for earlier in before[-2:])
        items = tuple(sorted([*named, *pointed]))
        return _Message(context, turn.text, items, tuple(sorted(values, key=lambda value: value.start)))

    @torch.inference_mode()
    def _read(self, messages: Sequence[_Message]) -> list[_Scores]:
        """Return the scores of messages; those read before are remembered."""
        new = [message for message in dict.fromkeys(messages) if message not in self._known]
        for first in range(0, len(new), _TOGETHER):
            some = new[first : first + _TOGETHER]
            for message, own in zip(some, _scores(self._model, self._head, some), strict=True):
                self._known[message] = own
        found = [self._known[message] for message in messages]
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    def _reading(self, message: _Message, scores: _Scores) -> Reading:
        split = len(message.items)
        items = tuple(
            ReadItem(item, role, start, end)
            for (start, end, item), role in zip(message.items, scores.roles[:split], strict=True)
        )
        values = tuple(ReadValue(value, role) for value, role in zip(message.values, scores.roles[split:], strict=True))
        likely = sorted(zip(scores.facts, FACTS, strict=True), reverse=True)
        facts = tuple(name for chance, name in likely if chance >= 0.5) or (likely[0][1],)
        thresholds = dict(zip(ACTS, self._head.thresholds.tolist(), strict=True))
        return Reading(message.text, dict(zip(ACTS, scores.acts, strict=True)), items, values, facts, thresholds)


def _scores(model: PecrsModel, head: MessageReader, messages: Sequence[_Message]) -> Iterable[_Scores]:
    laid_out = [lay_out(model.vocabulary, message.context, message.text, message.spans) for message in messages]
    output = head(message_states(model.reader, laid_out), collate_messages(laid_out).to(model.device))
    roles = iter(output.roles.argmax(1).tolist())
    acts, facts = output.acts.sigmoid().tolist(), output.facts.sigmoid().tolist()
    for number, laid in enumerate(laid_out):
        own = tuple(ROLES[next(roles)] if first < end else "incidental" for first, end in laid.spans)
        yield _Scores(tuple(acts[number]), tuple(facts[number]), own)


def _places(turns: Sequence[Turn]) -> list[int]:
    return [place for place, turn in enumerate(turns) if turn.speaker is Speaker.SEEKER and turn.text.strip()]


def _offered(turns: Sequence[Turn]) -> tuple[str, ...]:
    return offered_items([turn.items for turn in turns if turn.speaker is Speaker.RECOMMENDER])


def _meets(span: Sequence[object], others: Sequence[tuple[int, int]]) -> bool:
    start, end = int(str(span[0])), int(str(span[1]))
    return any(start < other_end and other_start < end for other_start, other_end in others)


def _situation(turns: Sequence[Turn]) -> Situation:
    replies = [turn for turn in turns if turn.speaker is Speaker.RECOMMENDER]
    asked = bool(replies) and not replies[-1].items and replies[-1].text.rstrip().endswith("?")
    named = tuple(item for turn in turns[:-1] for item in turn.items)
    return Situation(_offered(turns), named, asked)
