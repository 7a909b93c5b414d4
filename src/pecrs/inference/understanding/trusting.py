"""Where the model is sure what a span means, rules do not outweigh it, but for words that refuse.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pecrs.inference.understanding.message import Message, Scores
from pecrs.inference.understanding.reading import Reading
from pecrs.linking.spans import Span

SURE = 0.7
"""From this chance on the model's role stands: chosen on held-out messages, of whose roles rules got fewer right."""


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
    """Return a reading in which spans have the roles of which the model is sure.

    Args:
        reading: After rules were applied.
        sure: By span, see :func:`sure_roles`.
    """
    values = tuple(replace(read, role=_role(read.role, sure.get((read.start, read.end)))) for read in reading.values)
    items = tuple(replace(e, role=_role(e.role, sure.get((e.start, e.end)))) for e in reading.items)
    return replace(reading, values=values, items=items)


def _role(role: str, model: str | None) -> str:
    """Return the model's role, if it is sure of one, but where words refuse something."""
    return role if model is None or role == "avoid" else model
