"""Evaluation protocols: which points of a dialogue are asked for a ranking, and what counts as right.

=============  =================  ==============================================  ==================
protocol       turns              instance                                        labels an instance
=============  =================  ==============================================  ==================
``standard``   messages           a recommender's message with items              all its items
``pecrs``      merged utterances  each distinct item of a recommender's turn      that item
``inspired``   merged utterances  the same, under the name used for INSPIRED      that item
=============  =================  ==============================================  ==================

A point without any context (the dialogue's opening) is never an instance. Variant ``all`` keeps every label; ``novel``
drops labels that were mentioned earlier in the dialogue, by whomever, and the instances that this leaves empty.

Source: Kostric & Balog, SIGIR 2026 (``standard``); PECRS §4.1 (``pecrs``); design section 5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from pecrs.data.dialogue import Dialogue, Speaker, merge_turns, named_items
from pecrs.errors import ConfigError, DataError

PROTOCOLS: tuple[str, ...] = ("standard", "pecrs", "inspired")
"""The names that :func:`instances` knows."""

VARIANTS: tuple[str, ...] = ("all", "novel")
"""The variants of every protocol."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One point at which a recommender must rank the whole catalogue.

    Attributes:
        dialogue: The dialogue; only ``dialogue.turns[:turn]`` may be looked at.
        turn: Index of the recommender's turn whose items are to be predicted.
        labels: The positives, distinct, in text order.
    """

    dialogue: Dialogue
    turn: int
    labels: tuple[str, ...]

    @property
    def message_index(self) -> int:
        """Position of the turn in the source's list of messages; of its first message where several are merged.

        A turn that no source numbers stands at its own position in the dialogue.
        """
        messages = self.dialogue.turns[self.turn].messages
        return messages[0] if messages else self.turn

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


def standard_instances(dialogues: Sequence[Dialogue], variant: str = "all") -> list[Instance]:
    """Protocol ``standard``: each recommender *message* with an item and a non-empty context.

    Args:
        dialogues: Per-message dialogues (never merged).
        variant: ``all`` or ``novel``.

    Raises:
        ConfigError: If the variant is unknown.

    Source: Kostric & Balog, SIGIR 2026; design section 5.
    """
    return instances(dialogues, "standard", variant)


def instances(dialogues: Sequence[Dialogue], protocol: str = "standard", variant: str = "all") -> list[Instance]:
    """Return the instances of a named protocol, in order of dialogue, turn and text.

    Those of ``pecrs`` and ``inspired`` refer to the merged dialogue, so ``message_index`` is that of the turn's first
    message.

    Args:
        dialogues: Per-message dialogues; consecutive messages of one speaker are merged here where the protocol does.
        protocol: One of :data:`PROTOCOLS`.
        variant: One of :data:`VARIANTS`.

    Raises:
        ConfigError: If a name is unknown.

    Source: Kostric & Balog, SIGIR 2026; PECRS §4.1; design section 5.
    """
    if protocol not in PROTOCOLS:
        raise ConfigError(f"protocol: {protocol!r} is unknown; one of {', '.join(PROTOCOLS)} is expected")
    if variant not in VARIANTS:
        raise ConfigError(f"variant: {variant!r} is unknown; one of {', '.join(VARIANTS)} is expected")
    if protocol == "standard":
        return [point for dialogue in dialogues for point in _points(dialogue, variant)]
    merged = [point for dialogue in dialogues for point in _points(merge_turns(dialogue), variant)]
    return [replace(point, labels=(label,)) for point in merged for label in point.labels]


def cold_instances(instances: Sequence[Instance], known: Collection[str]) -> list[Instance]:
    """Keep the labels that are not known, and the instances that have any: what only an item's text can tell.

    Args:
        instances: Of any protocol and variant.
        known: Items that the training dialogues name.
    """
    cold = (replace(point, labels=tuple(label for label in point.labels if label not in known)) for point in instances)
    return [point for point in cold if point.labels]


def protocol_variants(
    dialogues: Sequence[Dialogue], protocol: str, train: Sequence[Dialogue] = ()
) -> dict[str, list[Instance]]:
    """Return the instances of each variant of a protocol; a variant without any is left out.

    Args:
        dialogues: What is evaluated.
        protocol: Name of the protocol.
        train: Where these are given, ``cold`` holds the labels that they never name.

    Raises:
        ConfigError: If the protocol is unknown.
        DataError: If there is no instance at all.
    """
    variants = {name: instances(dialogues, protocol, name) for name in VARIANTS}
    if not variants["all"]:
        raise DataError(f"the dialogues hold no instance of protocol {protocol}")
    if train:
        variants["cold"] = cold_instances(variants["all"], named_items(train))
    return {name: points for name, points in variants.items() if points}


def label_counts(dialogues: Sequence[Dialogue]) -> Counter[str]:
    """Count how often each item was the right answer: the popularity that baselines, model and linker go by.

    What is counted are the labels of protocol ``standard``, variant ``all``: what recommenders recommended, each item
    once a message, openings excluded. Seekers' mentions do not count, as they are mostly of what was seen already.

    Args:
        dialogues: Per-message training dialogues.

    Returns:
        Counts by item id; items that were never a label are absent and read as 0.
    """
    return Counter(label for instance in standard_instances(dialogues) for label in instance.labels)


def _points(dialogue: Dialogue, variant: str) -> Iterator[Instance]:
    mentioned: set[str] = set()
    context = False
    for position, turn in enumerate(dialogue.turns):
        if context and turn.speaker is Speaker.RECOMMENDER:
            labels = tuple(item for item in turn.items if variant == "all" or item not in mentioned)
            if labels:
                yield Instance(dialogue, position, labels)
        mentioned.update(turn.items)
        context = context or bool(turn.text.strip())
