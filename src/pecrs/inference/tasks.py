"""Ranking in bulk, cut into passes that may run anywhere.

Evaluation reads a dialogue once for all its turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pecrs.data.collator import like_lengths
from pecrs.data.dialogue import Dialogue, Turn
from pecrs.data.protocol import Instance, Ranking
from pecrs.data.stream import Stream, StreamLayout

BATCH_POSITIONS = 1024
"""Padded stream positions read in one pass; bounds memory, changes no score."""


@dataclass(frozen=True, eq=False)
class RankTask:
    """Streams that are ranked in one pass; what others are in it moves the last bits of scores.

    Attributes:
        streams: Each with the number of its dialogue.
        turns: (number of a dialogue, turn) of what is asked for.
        dialogues: By number.
    """

    streams: tuple[tuple[int, Stream], ...]
    turns: frozenset[tuple[int, int]]
    dialogues: Mapping[int, Dialogue]

    def before(self, key: tuple[int, int]) -> Sequence[Turn]:
        """Return the turns before one of :attr:`turns`."""
        number, turn = key
        return self.dialogues[number].turns[:turn]


Ranked = Mapping[tuple[int, int], Ranking]
"""Rankings by number of the dialogue and turn."""

RankTasks = Callable[[Iterable[RankTask], int], Iterable[Ranked]]
"""Tasks and a depth -> their rankings, in any order: on this machine, or spread over a cluster."""


def keys_of(instances: Sequence[Instance]) -> list[tuple[int, int]]:
    """Return the number of each instance's dialogue, equal dialogues apart, and its turn."""
    numbers: dict[int, int] = {}  # by identity: equal dialogues may come twice
    return [(numbers.setdefault(id(point.dialogue), len(numbers)), point.turn) for point in instances]


def tasks_of(layout: StreamLayout, instances: Sequence[Instance], keys: Sequence[tuple[int, int]]) -> list[RankTask]:
    """Return the passes that rank instances.

    Args:
        layout: Lays their dialogues out.
        instances: Recommender turns with items and a context.
        keys: Their own, by :func:`keys_of`.
    """
    wanted = set(keys)
    dialogues = {number: instance.dialogue for (number, _), instance in zip(keys, instances, strict=True)}
    streams = [
        (number, stream)
        for number, dialogue in dialogues.items()
        for stream in layout.streams(dialogue)
        if any((number, point.turn) in wanted for point in stream.points)
    ]
    tasks = []
    for batch in like_lengths([len(stream.sequence) for _, stream in streams], BATCH_POSITIONS):
        chosen = tuple(streams[i] for i in batch)
        turns = {(number, point.turn) for number, stream in chosen for point in stream.points}
        some = {number: dialogues[number] for number, _ in chosen}
        tasks.append(RankTask(chosen, frozenset(turns & wanted), some))
    return tasks
