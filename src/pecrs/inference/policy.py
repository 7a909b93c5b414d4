"""From what was understood to what is done: one pure function."""

from __future__ import annotations

from pecrs.config import GenerationConfig
from pecrs.inference.types import Move, MoveKind, Request, Understanding

NOTHING_LEFT = "I have nothing left to recommend: everything here has been named or ruled out."
"""Said where the dialogue has used the catalogue up."""

NOTHING_PASSES = "I have nothing left that passes these filters."
"""Said where filters are set."""


def decide(
    request: Request, understood: Understanding, probability: float, settings: GenerationConfig, *, left: bool
) -> Move:
    """Return what to do next.

    Args:
        request: The dialogue, and what the caller wants.
        understood: What the seeker's words mean.
        probability: The model's probability of recommending at this point.
        settings: Threshold and kind of the decision.
        left: Whether there is any item that may be recommended.
    """
    fact, recommends, tentative = understood.fact, request.recommend, False
    if recommends is None:
        if fact is not None:
            return Move(MoveKind.TELL, fact.words, fact.item)
        tentative = settings.decision == "paper"
        certain = probability >= settings.decision_threshold and not understood.closes
        recommends = tentative or understood.asks or certain
    if not recommends:
        return Move(MoveKind.CHAT)
    if not left:
        words = NOTHING_PASSES if request.filters.narrow else NOTHING_LEFT
        return Move(MoveKind.NOTHING_LEFT, words, tentative=tentative)
    return Move(MoveKind.RECOMMEND, tentative=tentative)
