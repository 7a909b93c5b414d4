"""Metrics of judged points and answered turns with their intervals, in the units of the paper's tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pecrs.evaluation.metrics.conversation import DISTINCT, AnsweredTurn, distinct, rouge_scores
from pecrs.evaluation.metrics.ranking import RECALL_AT, Estimate, InstanceResult, measure, ratio
from pecrs.reproduce.tables import percent, point


def recommendation(results: Sequence[InstanceResult]) -> dict[str, Estimate]:
    """Return recall in per cent and the number of distinct first items, which has no interval."""
    metrics = measure(results)
    recalls = {f"R@{k}": percent(metrics.recall[k]) for k in RECALL_AT}
    return {**recalls, "Unique": point(metrics.unique)}


def conversation(turns: Sequence[AnsweredTurn], *, gated: bool) -> dict[str, Estimate | None]:
    """Return the metrics of the words; Dist@n has no interval, since drawing texts twice makes no n-gram new.

    Args:
        turns: At least one.
        gated: Take the responses that were given whether the person recommends, or the free ones.

    Source: PECRS §4.1, table 3: Dist@n is the number of distinct n-grams over that of responses.
    """
    texts = [turn.gated if gated else turn.free for turn in turns]
    dialogues, ones = [turn.conversation_id for turn in turns], [1.0] * len(turns)
    scores = rouge_scores([turn.reference for turn in turns], texts)
    found: dict[str, Estimate | None] = {
        f"RG-{n}": percent(ratio(dialogues, [score[f"rouge{n}"] for score in scores], ones)) for n in (1, 2)
    }
    found["F-1"] = decision(turns, [turn.gated_recommends if gated else turn.free_recommends for turn in turns])
    found["PPL"] = perplexity(turns)
    return {**found, **{f"Dist@{n}": point(distinct(texts, n)[0] / len(texts)) for n in DISTINCT}}


def decision(turns: Sequence[AnsweredTurn], named: Sequence[bool]) -> Estimate:
    """Return the F1, in per cent, of naming an item where the person did.

    Args:
        turns: What people did.
        named: Whether the model named an item, by turn.
    """
    both = [2.0 * (turn.recommends and said) for turn, said in zip(turns, named, strict=True)]
    all_of_them = [float(turn.recommends) + float(said) for turn, said in zip(turns, named, strict=True)]
    return percent(ratio([turn.conversation_id for turn in turns], both, all_of_them))


def perplexity(turns: Sequence[AnsweredTurn]) -> Estimate | None:
    """Return the perplexity per token of the people's words; None where all of them were cut."""
    judged = [turn for turn in turns if turn.tokens]
    if not judged:
        return None
    mean = ratio([t.conversation_id for t in judged], [t.nats for t in judged], [float(t.tokens) for t in judged])
    return Estimate(*(math.exp(nats) for nats in (mean.value, mean.low, mean.high)))
