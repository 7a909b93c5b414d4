"""What every loader returns: a catalogue and its dialogues by split; and splits by hash where the source has none.

Messages without any text, and dialogues that hold no other, carry nothing to read or to predict: they are left out of
the splits and counted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self, TypeAlias

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, check_items
from pecrs.data.files import TextFile
from pecrs.data.protocol import standard_instances
from pecrs.errors import DataError

SPLITS: tuple[str, ...] = ("train", "valid", "test")
"""The names of the splits, in order."""


Dialogues: TypeAlias = Sequence[Dialogue] | Mapping[str, Sequence[Dialogue]]
"""Dialogues in one list, of which :func:`hold_out` takes some for validation, or by split."""


@dataclass(frozen=True)
class Prepared:
    """One domain, ready for training and evaluation.

    Attributes:
        catalogue: What can be recommended.
        splits: Dialogues by name (``train``, ``valid``, ``test``); a split that the source lacks is absent.
        empty_messages: Messages without any text that the loader left out, by split.
        empty_dialogues: Dialogues without any other message that the loader left out, by split.
        remarks: What else is to be said of the source: what was not read, and what training lacks.
    """

    catalogue: Catalogue
    splits: Mapping[str, tuple[Dialogue, ...]]
    empty_messages: Mapping[str, int] = field(default_factory=dict)
    empty_dialogues: Mapping[str, int] = field(default_factory=dict)
    remarks: Sequence[str] = ()

    @classmethod
    def of(cls, catalogue: Catalogue, dialogues: Dialogues) -> Self:
        """Make a domain of a catalogue and dialogues.

        Args:
            catalogue: What can be recommended.
            dialogues: In one list, of which about a tenth is held out for validation, or by split.

        Raises:
            DataError: If a split is unknown, two dialogues have one identifier, or an item is not in the catalogue.
        """
        if not isinstance(dialogues, Mapping):
            readings = hold_out([Reading(dialogue, len(dialogue.turns), 1) for dialogue in dialogues])
            dialogues = {name: [reading.dialogue for reading in members] for name, members in readings.items()}
        known, seen = [item.id for item in catalogue], set[str]()
        for name, members in dialogues.items():
            if name not in SPLITS:
                raise DataError(f"one of {', '.join(SPLITS)} is expected, not {name!r}", field="split")
            for dialogue in members:
                if dialogue.id in seen:
                    raise DataError(f"dialogue {dialogue.id!r} is there twice", field="id")
                seen.add(dialogue.id)
            check_items(members, known)
        return cls(catalogue, {name: tuple(members) for name, members in dialogues.items()})

    @property
    def train(self) -> tuple[Dialogue, ...]:
        """Training dialogues; empty where there are none."""
        return self.splits.get("train", ())

    @property
    def valid(self) -> tuple[Dialogue, ...]:
        """Validation dialogues, by which everything is chosen; empty where there are none."""
        return self.splits.get("valid", ())

    @property
    def test(self) -> tuple[Dialogue, ...]:
        """Test dialogues; empty where there are none."""
        return self.splits.get("test", ())


def split_dialogues(data: Prepared, split: str) -> tuple[Dialogue, ...]:
    """Return the dialogues of a split.

    Raises:
        DataError: If the domain has no such split, or it has no dialogues.
    """
    if split in data.splits and not data.splits[split]:
        raise DataError(f"the split {split!r} has no dialogues", field="split")
    if split not in data.splits:
        raise DataError(f"there is no split {split!r}; there are {', '.join(data.splits) or 'none'}", field="split")
    return data.splits[split]


class Reading(NamedTuple):
    """One dialogue as a source has it.

    Attributes:
        dialogue: Its messages with text; perhaps none.
        messages: Number of its messages, empty ones included.
        line: Where it begins in its file, counted from 1.
        moment: When it was held, as a number that grows; None where the source does not say, or nobody asks.
        groups: Whom or what it belongs to, such as its people; empty where the source does not say, or nobody asks.
    """

    dialogue: Dialogue
    messages: int
    line: int
    moment: float | None = None
    groups: tuple[str, ...] = ()


def collect(catalogue: Catalogue, readings: Mapping[str, Sequence[Reading]], remarks: Sequence[str] = ()) -> Prepared:
    """Make a domain of what was read, with empty messages and dialogues left out and counted.

    Args:
        catalogue: What can be recommended.
        readings: Dialogues as their source has them, by split.
        remarks: What else is to be said of the source.
    """
    splits, empty_messages, empty_dialogues = {}, {}, {}
    for split, members in readings.items():
        splits[split] = tuple(reading.dialogue for reading in members if reading.dialogue.turns)
        empty_messages[split] = sum(reading.messages - len(reading.dialogue.turns) for reading in members)
        empty_dialogues[split] = len(members) - len(splits[split])
    return Prepared(catalogue, splits, empty_messages, empty_dialogues, tuple(remarks))


def require_distinct_ids(
    readings: Mapping[str, Sequence[Reading]], paths: Mapping[str, TextFile], field: str, advice: str = ""
) -> None:
    """Refuse a dialogue that stands in two splits: it would be trained on and then asked for.

    Args:
        readings: Dialogues as their source has them, by split.
        paths: The file of each split.
        field: What the source calls the identifier.
        advice: What may help, said after the message.

    Raises:
        DataError: Naming the second file, its line, the field and the first file.
    """
    first: dict[str, str] = {}
    for split, members in readings.items():
        for reading in members:
            identifier = reading.dialogue.id
            if first.setdefault(identifier, split) != split:
                message = f"dialogue {identifier!r} is in {paths[first[identifier]].name} too{advice}"
                raise DataError(message, path=str(paths[split]), line=reading.line, field=field)


def split_by_hash(readings: Iterable[Reading]) -> dict[str, list[Reading]]:
    """Split about 80/10/10 by the SHA-256 of what is said.

    A dialogue's split depends on its own speakers and words alone: it is the same on every machine, does not change
    when dialogues are added, removed or reordered, and copies of one dialogue stay together.

    Args:
        readings: In any order; the order is kept inside each split.

    Returns:
        The dialogues of ``train``, ``valid`` and ``test``; a split may be empty.
    """
    splits: dict[str, list[Reading]] = {name: [] for name in SPLITS}
    for reading in readings:
        bucket = int.from_bytes(_digest(reading)[:8], "big") % 10
        splits[{8: "valid", 9: "test"}.get(bucket, "train")].append(reading)
    return splits


def hold_out(readings: Sequence[Reading]) -> dict[str, list[Reading]]:
    """Split dialogues that are too few for :func:`split_by_hash`: every tenth that can be evaluated is for validation.

    Those in which an item can be predicted (protocol ``standard``) are put in the order of the SHA-256 of what is said;
    the first, the eleventh and so on go to ``valid``. Copies of a dialogue stay together, and where there is but one,
    it is for training.

    Args:
        readings: In any order; the order is kept inside each split.
    """
    digests = sorted({_digest(reading) for reading in readings if standard_instances([reading.dialogue])})
    held_out = set(digests[::10]) if len(digests) > 1 else set()
    splits: dict[str, list[Reading]] = {"train": [], "valid": []}
    for reading in readings:
        splits["valid" if _digest(reading) in held_out else "train"].append(reading)
    return splits


def _digest(reading: Reading) -> bytes:
    content = json.dumps([[turn.speaker.value, turn.text] for turn in reading.dialogue.turns], ensure_ascii=False)
    return hashlib.sha256(content.encode()).digest()
