"""A kit: pairs of answers to vote on, with sides drawn by lot, and apart from them the key that tells whose is whose.

    KIT/
    ├── vote.html      the page to vote on, the pairs in it; all that annotators need
    ├── key.json       names, and on which side the first model stands; not for annotators
    └── votes/         for the files that annotators send back

Source: PECRS §4.2 and table 4.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pecrs.data.dialogue import Dialogue, Turn
from pecrs.data.files import atomic_write, read_json, write_json
from pecrs.data.protocol import Instance
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.human.votes import ASPECTS
from pecrs.evaluation.metrics.conversation import AnsweredTurn
from pecrs.evaluation.pages import fill_page
from pecrs.evaluation.predictions import key_of

PAGE, KEY, VOTES = "vote.html", "key.json", "votes"
"""Names of what a kit holds."""

Words = Literal["free", "gated"]


@dataclass(frozen=True, slots=True)
class Line:
    """One earlier message.

    Attributes:
        speaker: ``seeker`` or ``recommender``.
        text: What was said.
    """

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one dialogue.

    Attributes:
        id: Number in the kit, from 1.
        context: The messages before.
        left: One answer.
        right: The other.
    """

    id: int
    context: tuple[Line, ...]
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Key:
    """Whose answers a kit's are.

    Attributes:
        kit: Identifies the pairs, so that votes on others are recognised.
        first: Name of one model.
        second: Name of the other.
        first_left: By pair, in order, whether the first model stands on the left.
        turns: By pair, the dialogue and the position of the answered message.
        alike: Turns that both answer with the same words, of which no pair was made.
        answered: Turns that both answer.
    """

    kit: str
    first: str
    second: str
    first_left: tuple[bool, ...]
    turns: tuple[tuple[str, int], ...]
    alike: int
    answered: int


@dataclass(frozen=True, slots=True)
class Kit:
    """Pairs and their key.

    Attributes:
        pairs: In the order of voting.
        key: Not for annotators.
    """

    pairs: tuple[Pair, ...]
    key: Key


def sample(
    responses: Mapping[str, Sequence[AnsweredTurn]],
    dialogues: Sequence[Dialogue],
    count: int,
    *,
    seed: int,
    words: Words = "free",
) -> Kit:
    """Draw turns that two models answer differently, and a side for each.

    Args:
        responses: Two models' answered turns, by name; the turns need not be the same.
        dialogues: Where the turns stand.
        count: How many pairs; fewer where there are no more.
        seed: Of the draw.
        words: Which of a model's answers: what it says by itself, or given whether the person recommended.

    Raises:
        DataError: If the models answer no turn of the dialogues differently.
    """
    (first, ours), (second, theirs) = responses.items()
    points = [Instance(dialogue, place, ()) for dialogue in dialogues for place in range(len(dialogue.turns))]
    spoken = {key_of(point): point.dialogue.turns[: point.turn] for point in points}
    texts = [{(t.conversation_id, t.message_index): _said(t, words) for t in turns} for turns in (ours, theirs)]
    both = [turn for turn in texts[0] if turn in texts[1]]
    missing = [turn for turn in both if turn not in spoken]
    if missing:
        message = f"conversation {missing[0][0]!r}, message {missing[0][1]} is in no dialogue of the split"
        raise DataError(message, field="conversation_id")
    differing = sorted(turn for turn in both if texts[0][turn] != texts[1][turn])
    if not differing:
        raise DataError("the two files answer no turn differently")
    lot = random.Random(seed)
    drawn = lot.sample(differing, min(count, len(differing)))
    sides = tuple(lot.random() < 0.5 for _ in drawn)
    pairs = tuple(
        Pair(number, _lines(spoken[turn]), *([t[turn] for t in texts][:: 1 if first_left else -1]))
        for number, (turn, first_left) in enumerate(zip(drawn, sides, strict=True), start=1)
    )
    key = Key(_identity(pairs), first, second, sides, tuple(drawn), len(both) - len(differing), len(both))
    return Kit(pairs, key)


def _identity(pairs: Sequence[Pair]) -> str:
    return hashlib.sha256(json.dumps([asdict(pair) for pair in pairs]).encode()).hexdigest()[:16]


def _said(turn: AnsweredTurn, words: Words) -> str:
    return (turn.free if words == "free" else turn.gated).strip()


def _lines(turns: Sequence[Turn]) -> tuple[Line, ...]:
    return tuple(Line(turn.speaker.value, turn.text) for turn in turns)


def save_kit(kit: Kit, folder: Path) -> None:
    """Write a new kit.

    Args:
        kit: What to write.
        folder: Destination, empty or missing: votes belong to one draw.

    Raises:
        ConfigError: If something lies there.
        DataError: If it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder}: a kit is made in an empty folder; votes belong to one draw")
    write_json(folder / KEY, asdict(kit.key))
    with atomic_write(folder / PAGE) as stream:
        stream.write(_page(kit))
    (folder / VOTES).mkdir()


def _page(kit: Kit) -> str:
    """Return one HTML file without a server: it sends nothing; people save their votes as a file."""
    pairs = [asdict(pair) for pair in kit.pairs]
    data = json.dumps({"kit": kit.key.kit, "pairs": pairs, "aspects": ASPECTS}, ensure_ascii=False)
    return fill_page("pecrs.evaluation.human", kit=data.replace("<", "\\u003c"))


def load_key(folder: Path) -> Key:
    """Read the key of a kit that :func:`save_kit` wrote.

    Raises:
        DataError: If the file is missing or wrong.
    """
    record = read_json(folder / KEY)
    try:
        sides, turns = tuple(record["first_left"]), tuple((str(d), int(n)) for d, n in record["turns"])
        key = Key(**{**record, "first_left": sides, "turns": turns})
    except (TypeError, KeyError, ValueError):
        raise DataError("not the key of a kit", path=folder / KEY) from None
    if len(key.first_left) != len(key.turns):
        message = f"{len(key.first_left)} sides for {len(key.turns)} turns"
        raise DataError(message, path=folder / KEY, field="first_left")
    return key
