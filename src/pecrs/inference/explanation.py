"""What moved a recommendation: the turns of a dialogue, left out one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from pecrs.data.dialogue import Turn
from pecrs.inference.ranker import Ranker
from pecrs.inference.retrieval import queries_of
from pecrs.inference.types import TurnEffect
from pecrs.model.generator import ConversationCache


@torch.inference_mode()
def turn_effects(
    ranker: Ranker, turns: Sequence[Turn], items: Sequence[str], cache: ConversationCache, *, latest: int | None = None
) -> Mapping[str, tuple[TurnEffect, ...]]:
    """Return how the scores that order items depend on each turn.

    Args:
        ranker: Model and catalogue.
        turns: The linked turns before the recommendation.
        items: Identifiers of the recommended items.
        cache: What is kept of the conversation.
        latest: Leave out only these many turns from the end; each costs a reading of what follows it.
    """
    first = 0 if latest is None else max(0, len(turns) - latest)
    places = [ranker.catalogue.index(item) for item in items]
    if not places:
        return {}

    def standing(kept: Sequence[Turn]) -> Tensor:
        context = ranker.context(kept)
        if ranker.retrieval.reorderer is not None:
            query = queries_of(ranker.model, ranker.index, [context], [cache], ranker.end)
            return ranker.retrieval.reordered(*query, kept, places)
        scores = ranker.scores([context], [cache])[0]
        return scores[places] - scores.mean()

    whole = standing(turns)
    left_out = range(first, len(turns))
    changes = [(whole - standing([*turns[:i], *turns[i + 1 :]])).tolist() for i in left_out]
    return {
        item: tuple(TurnEffect(i, change[place]) for i, change in zip(left_out, changes, strict=True))
        for place, item in enumerate(items)
    }
