"""What every loader returns: a catalogue and its dialogues by split; and a split by hash where the source has none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue

SPLITS: tuple[str, ...] = ("train", "valid", "test")
"""The names of the splits, in order."""


@dataclass(frozen=True)
class Prepared:
    """One domain, ready for training and evaluation.

    Attributes:
        catalogue: What can be recommended.
        splits: Dialogues by name (``train``, ``valid``, ``test``); a split that the source lacks is absent.
        empty_messages: Messages without any text that the loader left out, by split.
    """

    catalogue: Catalogue
    splits: Mapping[str, tuple[Dialogue, ...]]
    empty_messages: Mapping[str, int] = field(default_factory=dict)

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


def split_by_hash(dialogues: Iterable[Dialogue]) -> dict[str, tuple[Dialogue, ...]]:
    """Split about 80/10/10 by the SHA-256 of what is said.

    A dialogue's split depends on its own speakers and words alone: it is the same on every machine, does not change
    when dialogues are added, removed or reordered, and copies of one dialogue stay together.

    Args:
        dialogues: In any order; the order is kept inside each split.

    Returns:
        The dialogues of ``train``, ``valid`` and ``test``; a split may be empty.
    """
    splits: dict[str, list[Dialogue]] = {name: [] for name in SPLITS}
    for dialogue in dialogues:
        content = json.dumps([[turn.speaker.value, turn.text] for turn in dialogue.turns], ensure_ascii=False)
        bucket = int.from_bytes(hashlib.sha256(content.encode()).digest()[:8], "big") % 10
        splits[{8: "valid", 9: "test"}.get(bucket, "train")].append(dialogue)
    return {name: tuple(members) for name, members in splits.items()}
