"""What training reads of dialogues: streams, and how often each item is the label."""

from __future__ import annotations

from collections.abc import Sequence

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, merge_turns
from pecrs.data.protocol import label_counts
from pecrs.data.stream import Stream, StreamLayout
from pecrs.errors import ContextTooLongError, DataError


def training_streams(dialogues: Sequence[Dialogue], layout: StreamLayout, positions: int) -> list[Stream]:
    """Lay out the training dialogues as the configuration says, leaving out those without a recommender's turn.

    Args:
        dialogues: Per-message dialogues.
        layout: The layout of the model's vocabulary and catalogue.
        positions: Number of positions that the backbone has.

    Raises:
        ContextTooLongError: If a stream exceeds the backbone's positions.
        DataError: If nothing is left.
    """
    config = layout.config
    streams: list[Stream] = []
    for dialogue in dialogues:
        laid = merge_turns(dialogue) if config.utterances == "merged" else dialogue
        streams += layout.streams(laid, windows=config.layout == "windows")
    if not streams:
        raise DataError("no dialogue has a turn of the recommender")
    for stream in streams:
        if len(stream.sequence) > positions:
            message = (
                f"dialogue {stream.dialogue!r} takes {len(stream.sequence)} positions; the backbone has {positions}"
            )
            raise ContextTooLongError(message)
    return streams


def popularity_counts(dialogues: Sequence[Dialogue], catalogue: Catalogue) -> list[int]:
    """Return how often each item was the right answer in training, in catalogue order; see ``label_counts``."""
    counts = label_counts(dialogues)
    return [counts[item.id] for item in catalogue]
