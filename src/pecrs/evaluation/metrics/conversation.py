"""Metrics of the words: pure functions of ``responses.jsonl``, one answered recommender turn a line.

Published figures give a model the *decision* of the person whose turn it answers: an item is in reach only where that
person named one. Both are reported here, side by side: ``gated`` (comparable with the paper) and ``free`` (what a user
would have got).

Source: PECRS §4.1 and table 3; design sections 1 and 5.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, StrictBool, StrictFloat, StrictInt, StrictStr, TypeAdapter

from pecrs.data.files import write_jsonl
from pecrs.data.records import read_records
from pecrs.errors import ConfigError, DataError

RESPONSES = "responses.jsonl"
"""Name of the file of answered turns in an evaluation's folder."""

ROUGE: tuple[str, ...] = ("rouge1", "rouge2", "rougeL")
DISTINCT: tuple[int, ...] = (2, 3, 4)
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class AnsweredTurn:
    """What a person wrote and what a model would have.

    Attributes:
        conversation_id: The dialogue.
        message_index: Position of the person's message in the source's list.
        reference: The person's words, titles included.
        recommends: Whether they name an item.
        free: The model's words, whatever it decided.
        free_recommends: Whether they name an item.
        gated: The model's words, given whether the person recommended; items are the model's own.
        gated_recommends: Whether they name an item.
        probability: The model's probability of recommending.
        nats: Minus the log-likelihood of the person's words, given their items; 0 where they were cut.
        tokens: Number of tokens that this covers, a title being one; 0 where they were cut.
        size: UTF-8 bytes that this covers, a title and the end of the turn being one each; 0 where they were cut.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    conversation_id: StrictStr
    message_index: StrictInt
    reference: StrictStr
    recommends: StrictBool
    free: StrictStr
    free_recommends: StrictBool
    gated: StrictStr
    gated_recommends: StrictBool
    probability: StrictFloat
    nats: StrictFloat
    tokens: StrictInt
    size: StrictInt


_TURN = TypeAdapter(AnsweredTurn)


@dataclass(frozen=True)
class Wording:
    """Metrics of one set of responses.

    Attributes:
        rouge: Mean F-measure by name, against the person's words (``rouge-score``, no stemming, titles as words); empty
            for the person's own.
        ratio: By n, distinct n-grams over all n-grams (Li et al. 2016).
        per_response: By n, distinct n-grams over the number of responses, the convention of this literature.
    """

    rouge: dict[str, float]
    ratio: dict[int, float]
    per_response: dict[int, float]


@dataclass(frozen=True)
class Decision:
    """How well a model recommends when a person did; F1 is that of naming an item.

    Attributes:
        precision: Share of the turns in which it names an item where the person did.
        recall: Share of the turns in which the person did where it names one.
        f1: Harmonic mean, 0 where both are.
    """

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class ConversationMetrics:
    """The metrics of answered turns.

    Attributes:
        turns: How many.
        wording: Of ``free`` and ``gated`` responses and of the ``person``.
        decision: Of ``free`` and ``gated`` responses and of ``always`` recommending.
        perplexity: Per token of the person's words; None where all were cut.
        bits_per_byte: Per byte of them, which does not depend on the tokeniser; None where all were cut.
    """

    turns: int
    wording: dict[str, Wording]
    decision: dict[str, Decision]
    perplexity: float | None
    bits_per_byte: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return nested dictionaries."""
        return dataclasses.asdict(self)


def converse_metrics(turns: Sequence[AnsweredTurn]) -> ConversationMetrics:
    """Compute the metrics of answered turns.

    Args:
        turns: At least one.

    Raises:
        DataError: If there is none.
        ConfigError: If ``rouge-score`` is not installed.
    """
    if not turns:
        raise DataError("no turn of the recommender was answered")
    people = [turn.reference for turn in turns]
    said = {"free": [turn.free for turn in turns], "gated": [turn.gated for turn in turns]}
    wording = {name: _wording(texts, _rouge(people, texts)) for name, texts in said.items()}
    named = {
        "free": [turn.free_recommends for turn in turns],
        "gated": [turn.gated_recommends for turn in turns],
        "always": [True] * len(turns),
    }
    right = [turn.recommends for turn in turns]
    tokens, size = sum(turn.tokens for turn in turns), sum(turn.size for turn in turns)
    nats = math.fsum(turn.nats for turn in turns)
    return ConversationMetrics(
        len(turns),
        {**wording, "person": _wording(people, {})},
        {name: decision(chosen, right) for name, chosen in named.items()},
        math.exp(nats / tokens) if tokens else None,
        nats / math.log(2) / size if size else None,
    )


def decision(chosen: Sequence[bool], right: Sequence[bool]) -> Decision:
    """Return precision, recall and F1 of naming an item.

    >>> decision([True, True, False, False], [True, False, True, False])
    Decision(precision=0.5, recall=0.5, f1=0.5)
    """
    both = sum(a and b for a, b in zip(chosen, right, strict=True))
    precision = both / sum(chosen) if any(chosen) else 0.0
    recall = both / sum(right) if any(right) else 0.0
    return Decision(precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0)


def distinct(texts: Iterable[str], n: int) -> tuple[int, int]:
    """Return the number of distinct n-grams and of all; words in lower case, punctuation apart.

    >>> distinct(["Try it. Try it!", "Try"], 2)
    (4, 5)
    """
    grams: list[tuple[str, ...]] = []
    for text in texts:
        words = _WORD.findall(text.lower())
        grams += zip(*(words[start:] for start in range(n)), strict=False)
    return len(set(grams)), len(grams)


def write_responses(path: Path, turns: Iterable[AnsweredTurn]) -> None:
    """Write answered turns, one JSON object a line, atomically."""
    write_jsonl(path, (dataclasses.asdict(turn) for turn in turns))


def read_responses(path: Path) -> list[AnsweredTurn]:
    """Read what :func:`write_responses` wrote.

    Raises:
        DataError: Naming file, line and field of the first thing wrong.
    """
    return [turn for _, turn in read_records(path, _TURN)]


def _wording(texts: Sequence[str], rouge: dict[str, float]) -> Wording:
    counts = {n: distinct(texts, n) for n in DISTINCT}
    return Wording(
        rouge,
        {n: different / total if total else 0.0 for n, (different, total) in counts.items()},
        {n: different / len(texts) for n, (different, _) in counts.items()},
    )


def _rouge(references: Sequence[str], texts: Sequence[str]) -> dict[str, float]:
    scores = rouge_scores(references, texts)
    return {name: math.fsum(score[name] for score in scores) / len(scores) for name in ROUGE}


def rouge_scores(references: Sequence[str], texts: Sequence[str]) -> list[dict[str, float]]:
    """Return the F-measures of each text against its reference, by name.

    Raises:
        ConfigError: If ``rouge-score`` is not installed.
    """
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ModuleNotFoundError:
        raise ConfigError("metrics of responses need pip install 'pecrs[eval]'") from None
    scorer = RougeScorer(list(ROUGE))
    scored = [scorer.score(reference, text) for reference, text in zip(references, texts, strict=True)]
    return [{name: float(score[name].fmeasure) for name in ROUGE} for score in scored]
