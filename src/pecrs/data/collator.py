"""Streams -> a padded batch of index tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from pecrs.data.stream import NO_ITEM, Stream


@dataclass(frozen=True, eq=False)
class Batch:
    """A padded batch of streams; B streams, L positions, Q queries a stream at most, K items a query at most.

    Response branches follow their stream's main line in the same row. Padding is right of everything.

    Attributes:
        tokens: (B, L) token ids; 0 at item slots and padding.
        items: (B, L) catalogue indices at item slots, -1 elsewhere.
        positions: (B, L) position ids; a branch continues its context's count.
        context_end: (B, L) number of leading main positions visible to a position.
        branch: (B, L) 0 on the main line and padding, a number from 1 inside a response branch.
        queries: (B, Q) position of each ``[REC]`` that carries retrieval and re-ranking, -1 for none.
        positives: (B, Q, K) catalogue indices of the right items, -1 for none.
        targets: (T, 3) response tokens to predict: row, position of the predicting state, token id.
        target_weights: (T,) weight of each token in the generation loss before the division by ``points``.
        decisions: (D, 3) row, position of the deciding EOS, and 1 where the turn recommends, else 0.
        decision_weights: (D,) the paper's data points per decision.
        points: Number of the paper's data points in the batch.
        turns: (B, Q) index of each query's turn in its dialogue, -1 for none.
    """

    tokens: Tensor
    items: Tensor
    positions: Tensor
    context_end: Tensor
    branch: Tensor
    queries: Tensor
    positives: Tensor
    targets: Tensor
    target_weights: Tensor
    decisions: Tensor
    decision_weights: Tensor
    points: int
    turns: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on a device."""
        names = [entry.name for entry in fields(self) if entry.name != "points"]
        return replace(self, **{name: getattr(self, name).to(device) for name in names})


def collate(streams: Sequence[Stream]) -> Batch:
    """Pad streams to one batch.

    The generation loss of a turn is the mean over its response tokens, counted once per data point of the turn: a
    joint response of k items counts k times, k response branches count once each.

    Args:
        streams: At least one.

    Source: PECRS eq. 7; design sections 1 and 2.
    """
    rows = [_row(stream) for stream in streams]
    width = max(len(row.tokens) for row in rows)
    kept = [[p for p in s.points if p.query is not None and p.has_context] for s in streams]
    queries = max([1, *map(len, kept)])
    depth = max((len(point.items) for points in kept for point in points), default=1)
    query = torch.full((len(rows), queries), -1)
    turns = torch.full((len(rows), queries), -1)
    positives = torch.full((len(rows), queries, depth), NO_ITEM)
    for b, points in enumerate(kept):
        for q, point in enumerate(points):
            assert point.query is not None
            query[b, q], turns[b, q] = point.query, point.turn
            positives[b, q, : len(point.items)] = torch.tensor(point.items)
    targets = [(b, *target) for b, row in enumerate(rows) for target in row.targets]
    decisions = [(b, point.decision, int(point.query is not None)) for b, s in enumerate(streams) for point in s.points]
    return Batch(
        tokens=_pad([row.tokens for row in rows], width, 0),
        items=_pad([row.items for row in rows], width, NO_ITEM),
        positions=_pad([row.positions for row in rows], width, 0),
        context_end=_pad([row.context_end for row in rows], width, 1),
        branch=_pad([row.branch for row in rows], width, 0),
        queries=query,
        positives=positives,
        targets=torch.tensor([target[:3] for target in targets], dtype=torch.long).view(-1, 3),
        target_weights=torch.tensor([weight for row in rows for weight in row.weights]),
        decisions=torch.tensor(decisions, dtype=torch.long).view(-1, 3),
        decision_weights=torch.tensor([float(point.weight) for s in streams for point in s.points]),
        points=sum(stream.weight for stream in streams),
        turns=turns,
    )


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


def _pad(rows: Sequence[Sequence[int]], width: int, fill: int) -> Tensor:
    return torch.tensor([[*row, *([fill] * (width - len(row)))] for row in rows])
