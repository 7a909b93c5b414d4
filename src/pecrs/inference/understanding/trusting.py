"""Where the model is sure what a span means, and rules are worse at it, rules do not outweigh the model.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pecrs.inference.understanding.message import Message, Scores
from pecrs.inference.understanding.reading import Reading, ReadValue
from pecrs.linking.spans import Span
from pecrs.linking.tones import TONE
from pecrs.linking.value_words import placed
from pecrs.linking.values import is_of

SURE = 0.9
"""From this chance on the model's role stands."""


_PRONOUNS = frozenset({"he", "she", "him", "her", "his", "hers", "they", "them", "their", "it", "its"})
"""Of whom they mean the model is told nothing."""


def sure_roles(message: Message, scores: Scores) -> Mapping[Span, str]:
    """Return the roles of which the model is sure, by span.

    Args:
        message: What was read.
        scores: What the model makes of it.
    """
    found: dict[Span, str] = {}
    for span, role, chance in zip(message.spans, scores.roles, scores.sure, strict=True):
        if chance >= SURE and message.text[slice(*span)].lower() not in _PRONOUNS:
            found.setdefault(span, role)
    return found


def trusting(reading: Reading, sure: Mapping[Span, str]) -> Reading:
    """Return a reading in which values have the roles of which the model is sure, where rules are worse at them.

    Args:
        reading: After rules were applied.
        sure: By span, see :func:`sure_roles`.
    """
    return replace(
        reading,
        values=tuple(
            read
            if placed(reading.text, read.start, read.end)  # "that takes place at Christmas"
            else _trusted(read, sure.get((read.start, read.end)))
            for read in reading.values
        ),
    )


def _trusted(read: ReadValue, role: str | None) -> ReadValue:
    better = (role, read.role) in _BETTER and not is_of(read.value, TONE)
    return replace(read, role=role) if better and role is not None else read


_BETTER = frozenset({("incidental", "want"), ("incidental", "like"), ("incidental", "dislike"), ("want", "ask")})
"""The model's role and that of rules, of which the model was right more often on held-out messages."""
