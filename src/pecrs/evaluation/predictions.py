"""``predictions.jsonl``: one ranking a line, the only thing metrics are computed from.

Each line reads ``{"conversation_id": str, "message_index": int, "ranking": [item ids, best first], "scores":
[numbers]}``, where ``message_index`` is the position of the predicted message in the source's list of messages.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pecrs.data.catalogue import Catalogue
from pecrs.data.files import read_jsonl, write_jsonl
from pecrs.data.protocol import Instance, Ranking
from pecrs.data.records import located
from pecrs.errors import DataError

DEPTH = 100
"""A ranking holds so many items at least, or the whole catalogue where that is smaller."""

Key: TypeAlias = tuple[str, int]
"""Identifies a prediction: conversation id and message index."""

_FIELDS = ("conversation_id", "message_index", "ranking", "scores")


def key_of(instance: Instance) -> Key:
    """Return the key of the prediction for an instance; instances of one message share it."""
    return instance.dialogue.id, instance.message_index


def write_predictions(path: Path, predictions: Iterable[tuple[Key, Ranking]], catalogue: Catalogue) -> None:
    """Write predictions atomically; nothing is left behind if one of them is wrong.

    Args:
        path: Destination file.
        predictions: Keys with their rankings, consumed one by one.
        catalogue: What was ranked.

    Raises:
        DataError: If a ranking is too short, holds an item twice or an unknown one, has scores that are not finite or
            increase, or a key comes twice.
    """
    write_jsonl(path, _records(path, predictions, catalogue))


def read_predictions(path: Path, catalogue: Catalogue, instances: Sequence[Instance]) -> dict[Key, Ranking]:
    """Read predictions and check them against the instances they must cover.

    Args:
        path: What :func:`write_predictions`, or any other program, wrote.
        catalogue: What was ranked.
        instances: The points of the protocol; every one needs a prediction, and nothing else may have one.

    Raises:
        DataError: Naming file, line and field of the first thing wrong.
    """
    wanted = dict.fromkeys(map(key_of, instances))
    rankings: dict[Key, Ranking] = {}
    superfluous: list[tuple[int, Key]] = []
    for line, record in read_jsonl(path):
        with located(path, line):
            key, ranking = _parse(record)
            _check(key, ranking, catalogue, rankings)
        rankings[key] = ranking
        if key not in wanted:
            superfluous.append((line, key))
    if superfluous:
        line, key = superfluous[0]
        message = f"{len(superfluous)} predictions for no instance of the protocol, the first for {_name(key)}"
        raise DataError(message, path=path, line=line, field="message_index")
    missing = [key for key in wanted if key not in rankings]
    if missing:
        message = f"{len(missing)} of {len(wanted)} instances have no prediction, the first is {_name(missing[0])}"
        raise DataError(message, path=path)
    return rankings


def _records(
    path: Path, predictions: Iterable[tuple[Key, Ranking]], catalogue: Catalogue
) -> Iterable[Mapping[str, object]]:
    written: set[Key] = set()
    for line, (key, ranking) in enumerate(predictions, start=1):
        with located(path, line):
            _check(key, ranking, catalogue, written)
        written.add(key)
        yield dict(zip(_FIELDS, (*key, list(ranking.items), list(ranking.scores)), strict=True))


def _parse(record: Mapping[str, Any]) -> tuple[Key, Ranking]:
    for name in _FIELDS:
        if name not in record:
            raise DataError("is missing", field=name)
    for name in record:
        if name not in _FIELDS:
            raise DataError(f"is unknown; the fields are {', '.join(_FIELDS)}", field=name)
    conversation, index, items, scores = (record[name] for name in _FIELDS)
    if not isinstance(conversation, str):
        raise DataError("a string is expected", field="conversation_id")
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise DataError("an integer of at least 0 is expected", field="message_index")
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise DataError("a list of item ids (strings) is expected", field="ranking")
    if not isinstance(scores, list) or not all(_is_number(score) for score in scores):
        raise DataError("a list of numbers is expected", field="scores")
    return (conversation, index), Ranking(tuple(items), tuple(map(float, scores)))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check(key: Key, ranking: Ranking, catalogue: Catalogue, earlier: Iterable[Key]) -> None:
    if key in earlier:
        raise DataError(f"a second prediction for {_name(key)}", field="message_index")
    seen: set[str] = set()
    for item in ranking.items:
        if item not in catalogue:
            raise DataError(f"item {item!r} is not in the catalogue", field="ranking")
        if item in seen:
            raise DataError(f"item {item!r} is ranked twice", field="ranking")
        seen.add(item)
    least = min(DEPTH, len(catalogue))
    if len(seen) < least:
        raise DataError(f"{len(seen)} items are ranked, at least {least} are needed", field="ranking")
    if len(ranking.scores) != len(ranking.items):
        raise DataError(f"{len(ranking.scores)} scores for {len(ranking.items)} items", field="scores")
    for position, score in enumerate(ranking.scores):
        if not math.isfinite(score):
            raise DataError(f"the score of rank {position + 1} is {score}, not a finite number", field="scores")
        if position and score > ranking.scores[position - 1]:
            raise DataError(f"the score of rank {position + 1} is higher than the one before it", field="scores")


def _name(key: Key) -> str:
    return f"conversation {key[0]!r}, message {key[1]}"
