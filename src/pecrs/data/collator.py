"""Streams -> a packed batch of index tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from pecrs.data.stream import NO_ITEM, Point, Stream


@dataclass(frozen=True, eq=False)
class Batch:
    """Packed streams: B streams of at most L positions back to back in S rows; G queries of at most K items.

    Response branches follow their stream's main line.

    Attributes:
        tokens: (S,) token ids; 0 at item slots.
        items: (S,) catalogue indices at item slots, -1 elsewhere.
        positions: (S,) position ids; a branch continues its context's count.
        keys: (B, L) row of each stream position; 0 at padding, which is right of everything.
        cells: (S,) flat index into (B, L) of each row.
        context_end: (B, L) number of leading main positions visible to a position.
        branch: (B, L) 0 on the main line and padding, a number from 1 inside a response branch.
        branched: Whether any stream has a response branch; without one, streams are plainly causal.
        queries: (G,) row of each ``[REC]`` that carries retrieval and re-ranking.
        query_streams: (G,) its stream.
        query_positions: (G,) its position in the stream.
        positives: (G, K) catalogue indices of the positives, -1 for none.
        mentions: (R, 3) query, catalogue index and stream row of the last slot of each distinct item before a query.
        turns: (G,) index of each query's turn in its dialogue.
        targets: (T, 2) row of the predicting state and token id of each response token.
        target_weights: (T,) weight of each token in the generation loss before the division by ``points``.
        decisions: (D, 2) row of the deciding EOS, and 1 where the turn recommends, else 0.
        decision_weights: (D,) the paper's data points per decision.
        named: (n,) distinct catalogue indices among slots and positives, increasing.
        points: Number of the paper's data points in the batch.
    """

    tokens: Tensor
    items: Tensor
    positions: Tensor
    keys: Tensor
    cells: Tensor
    context_end: Tensor
    branch: Tensor
    branched: bool
    queries: Tensor
    query_streams: Tensor
    query_positions: Tensor
    positives: Tensor
    mentions: Tensor
    turns: Tensor
    targets: Tensor
    target_weights: Tensor
    decisions: Tensor
    decision_weights: Tensor
    named: Tensor
    points: int

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on a device."""
        tensors = {k: v for k, v in vars(self).items() if isinstance(v, Tensor)}
        moved: dict[str, Any] = {name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()}
        return replace(self, **moved)


def collate(streams: Sequence[Stream]) -> Batch:
    """Pack streams into one batch.

    The generation loss of a turn is the mean over its response tokens, counted once per data point of the turn: a
    joint response of k items counts k times, k response branches count once each.

    Args:
        streams: At least one.

    Source: PECRS eq. 7; design sections 1 and 2.
    """
    rows = [_row(stream) for stream in streams]
    starts = list(accumulate((len(row.tokens) for row in rows), initial=0))
    width = max(len(row.tokens) for row in rows)
    queries = _queries(streams)
    depth = max((len(point.items) for _, _, point in queries), default=1)
    mentions = [
        (g, item, starts[b] + slot)
        for g, (b, place, _) in enumerate(queries)
        for item, slot in streams[b].sequence.last_slots(place).items()
    ]
    items = _flat(row.items for row in rows)
    positives = [(*point.items, *([NO_ITEM] * (depth - len(point.items)))) for _, _, point in queries]
    named = {*items, *(item for row in positives for item in row)} - {NO_ITEM}
    return Batch(
        tokens=_ints(_flat(row.tokens for row in rows)),
        items=_ints(items),
        positions=_ints(_flat(row.positions for row in rows)),
        keys=_pad([range(starts[b], starts[b + 1]) for b in range(len(rows))], width, 0),
        cells=_ints(_flat(range(b * width, b * width + len(row.tokens)) for b, row in enumerate(rows))),
        context_end=_pad([row.context_end for row in rows], width, 1),
        branch=_pad([row.branch for row in rows], width, 0),
        branched=any(stream.branches for stream in streams),
        queries=_ints([starts[b] + place for b, place, _ in queries]),
        query_streams=_ints([b for b, _, _ in queries]),
        query_positions=_ints([place for _, place, _ in queries]),
        positives=_ints(positives).view(-1, depth),
        mentions=_ints(mentions).view(-1, 3),
        turns=_ints([point.turn for _, _, point in queries]),
        targets=_ints([(starts[b] + place, token) for b, row in enumerate(rows) for place, token in row.targets]).view(
            -1, 2
        ),
        target_weights=torch.tensor([weight for row in rows for weight in row.weights]),
        decisions=_decisions(streams, starts),
        decision_weights=torch.tensor([float(point.weight) for s in streams for point in s.points]),
        named=_ints(sorted(named)),
        points=sum(stream.weight for stream in streams),
    )


def _queries(streams: Sequence[Stream]) -> list[tuple[int, int, Point]]:
    """Return stream, position and turn of each query."""
    return [
        (number, place, point)
        for number, stream in enumerate(streams)
        for point in stream.points
        if (place := point.ranked_at) is not None
    ]


def _decisions(streams: Sequence[Stream], starts: Sequence[int]) -> Tensor:
    """Return (D, 2) row of each decision, and 1 where the turn has items."""
    points = ((start, point) for start, stream in zip(starts, streams, strict=False) for point in stream.points)
    return _ints([(start + point.decision, int(point.query is not None)) for start, point in points]).view(-1, 2)


def like_lengths(lengths: Sequence[int], positions: int) -> Iterator[list[int]]:
    """Yield the indices of sequences to be computed together, shortest first: those of like length side by side.

    Args:
        lengths: Of the sequences.
        positions: Most positions of a batch, padding included; a longer sequence is alone.

    >>> list(like_lengths([5, 2, 9, 3], 10))
    [[1, 3], [0], [2]]
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[index] * (len(batch) + 1) > positions:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


@dataclass
class _Row:
    tokens: list[int]
    items: list[int]
    positions: list[int]
    context_end: list[int]
    branch: list[int]
    targets: list[tuple[int, int]]
    weights: list[float]

    def predict(self, sequence: Sequence[int], span: tuple[int, int], offset: int, weight: float) -> None:
        """Let the states before ``span`` predict its tokens; ``offset`` is where the sequence stands in the row."""
        start, end = span
        self.targets += [(offset + place - 1, sequence[place]) for place in range(start, end)]
        self.weights += [weight / (end - start)] * (end - start)


def _row(stream: Stream) -> _Row:
    main = stream.sequence
    size = len(main)
    row = _Row(
        tokens=[token if item == NO_ITEM else 0 for token, item in zip(main.tokens, main.items, strict=True)],
        items=list(main.items),
        positions=list(range(size)),
        context_end=list(range(1, size + 1)),
        branch=[0] * size,
        targets=[],
        weights=[],
    )
    branched = {branch.context for branch in stream.branches}
    for point in stream.points:
        if point.query not in branched:
            row.predict(main.tokens, point.response, 0, float(point.weight))
    for number, branch in enumerate(stream.branches, start=1):
        offset, sequence = len(row.tokens), branch.sequence
        pairs = zip(sequence.tokens, sequence.items, strict=True)
        row.tokens += [token if item == NO_ITEM else 0 for token, item in pairs]
        row.items += sequence.items
        row.positions += range(branch.context, branch.context + len(sequence))
        row.context_end += [branch.context] * len(sequence)
        row.branch += [number] * len(sequence)
        row.predict(sequence.tokens, branch.response, offset, 1.0)
    return row


def _flat(rows: Iterable[Iterable[int]]) -> list[int]:
    return [value for row in rows for value in row]


def _ints(values: Sequence[object]) -> Tensor:
    return torch.tensor(values, dtype=torch.long)


def _pad(rows: Sequence[Sequence[int]], width: int, fill: int) -> Tensor:
    return _ints([[*row, *([fill] * (width - len(row)))] for row in rows])
