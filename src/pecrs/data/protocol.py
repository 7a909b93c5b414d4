"""Evaluation protocols: which points of a dialogue are asked for a ranking, and what counts as right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecrs.data.dialogue import Dialogue


@dataclass(frozen=True, slots=True)
class Instance:
    """One point at which a recommender must rank the whole catalogue.

    Attributes:
        dialogue: The dialogue; only ``dialogue.turns[:turn]`` may be looked at.
        turn: Index of the recommender's turn whose items are to be predicted.
        labels: The right items, distinct, in text order.
    """

    dialogue: Dialogue
    turn: int
    labels: tuple[str, ...]

    @property
    def message_index(self) -> int:
        """Position of the turn's first message in the source's list of messages."""
        return self.dialogue.turns[self.turn].messages[0]

    @property
    def mentioned(self) -> tuple[str, ...]:
        """Items named before the turn, in order of first mention."""
        return self.dialogue.mentioned_before(self.turn)


@dataclass(frozen=True, slots=True)
class Ranking:
    """A ranking of the catalogue, best first.

    Attributes:
        items: Item ids; no item twice.
        scores: One score an item, never increasing; higher is better.
    """

    items: tuple[str, ...]
    scores: tuple[float, ...]


def standard_instances(dialogues: Sequence[Dialogue]) -> list[Instance]:
    """Protocol ``standard``: each recommender *message* with an item and a non-empty context.

    Args:
        dialogues: Per-message dialogues (never merged).

    Source: Kostric & Balog, SIGIR 2026; design section 5.
    """
    raise NotImplementedError
