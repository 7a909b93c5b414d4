"""Candidate attention: streams, and candidate branches that hang off them, in one pass of a stock model.

Streams of a batch are *packed*: they stand back to back in one row, all candidates behind them, so that no layer ever
computes a padded position. Only the attention itself sees them apart. A candidate sees its stream up to ``[REC]``, and
itself. For a stream of four positions whose ``[REC]`` stands at position 2, with candidates a, b, c::

              keys   0 1 2 3   a b c
    stream    0      x . . .   . . .
              1      x x . .   . . .
              2 REC  x x x .   . . .
              3      x x x x   . . .
    group     a      x x x .   x . .
              b      x x x .   . x .
              c      x x x .   . . x

All candidates of one ``[REC]`` are a *group*. M candidates cost M x (context + 1) attention entries, never M x M.
Where the streams were read before, candidates come alone, as :class:`Branches`, and the streams themselves go on as
:class:`Continuation`. Without any of these this is plain scaled dot-product attention.

Source: PECRS §3.3 "Re-ranking", eq. 5; design section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

ATTENTION = "pecrs"
"""Name under which the attention is registered with transformers (``attn_implementation``)."""


@dataclass(frozen=True, eq=False)
class Packing:
    """Which packed rows form which stream, and which stream each group of candidates hangs off.

    Rows are S stream positions, then G groups of equally many candidates.

    Attributes:
        keys: (B, L) row of each stream position; any row at padding, which is right of everything.
        cells: (S,) flat index into (B, L) of each row.
        mask: (B, 1, L, L) bool which stream positions see which; None is causal.
        streams: (G,) stream of each group.
        ends: (G,) number of leading stream positions that a group sees.
    """

    keys: Tensor
    cells: Tensor
    mask: Tensor | None
    streams: Tensor
    ends: Tensor

    @classmethod
    def of_sizes(cls, sizes: Tensor, mask: Tensor | None = None) -> Packing:
        """Return the packing of causal streams without candidates.

        Args:
            sizes: (B,) length of each stream.
            mask: As above.
        """
        places = torch.arange(int(sizes.max()), device=sizes.device)
        inside = places < sizes[:, None]
        keys = (places + (torch.cumsum(sizes, 0) - sizes)[:, None]).where(inside, 0)
        nothing = sizes.new_zeros(0)
        return cls(keys, torch.nonzero(inside.flatten())[:, 0], mask, nothing, nothing)

    def to(self, device: torch.device | str | int) -> Packing:
        """Return the same on a device; blocks that lie on another one ask for it there."""
        mask = None if self.mask is None else self.mask.to(device)
        keys, cells, streams, ends = (part.to(device) for part in (self.keys, self.cells, self.streams, self.ends))
        return Packing(keys, cells, mask, streams, ends)


@dataclass(frozen=True, eq=False)
class Branches:
    """G groups of equally many candidates, alone, on top of streams that were read before.

    Attributes:
        past: Keys and values (G, key heads, L, head width) of each layer, in order, where that layer lies.
        ends: (G,) number of leading positions that a group sees; None where all groups see all L.
    """

    past: Sequence[tuple[Tensor, Tensor]]
    ends: Tensor | None

    def to(self, device: torch.device | str | int) -> Branches:
        """Return the same for the layers of a device, where their keys and values are already."""
        return Branches(self.past, None if self.ends is None else self.ends.to(device))


class KVCache:
    """Keys and values of one stream, with room to grow.

    Attributes:
        length: Number of positions that all layers hold.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.length = 0
        self._layers: list[tuple[Tensor, Tensor]] = []

    def copy(self) -> KVCache:
        """Return a stream of the same positions that goes on by itself."""
        twin = KVCache()
        twin.length, twin._layers = self.length, [(keys.clone(), values.clone()) for keys, values in self.layers()]
        return twin

    def layers(self) -> list[tuple[Tensor, Tensor]]:
        """Return keys and values (key heads, length, head width) of each layer."""
        return [(keys[:, : self.length], values[:, : self.length]) for keys, values in self._layers]

    def write(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Write one layer of a stream's next positions and return the layer up to their end.

        Args:
            layer: Its number; layers come in order.
            key: (key heads, new positions, head width).
            value: Like ``key``.

        Returns:
            Keys and values (key heads, length + new positions, head width).
        """
        end = self.length + key.shape[1]
        if layer == len(self._layers):
            self._layers.append((key[:, :0], value[:, :0]))
        if end > self._layers[layer][0].shape[1]:
            self._layers[layer] = (self._grown(self._layers[layer][0], end), self._grown(self._layers[layer][1], end))
        keys, values = self._layers[layer]
        keys[:, self.length : end], values[:, self.length : end] = key, value
        return keys[:, :end], values[:, :end]

    def _grown(self, old: Tensor, end: int) -> Tensor:
        new = old.new_empty(old.shape[0], end + end // 4 + 32, old.shape[2])
        new[:, : self.length] = old[:, : self.length]
        return new


@dataclass(frozen=True, eq=False)
class Continuation:
    """Packed rows that go on with streams that were read before, or begin them; no row sees another stream's.

    Attributes:
        streams: What is kept of each; the rows are written behind it.
        sizes: Number of rows of each stream.
        masks: (rows, kept positions + rows) bool who sees whom in each; None where plain causal attention does.
    """

    streams: Sequence[KVCache]
    sizes: Sequence[int]
    masks: Sequence[Tensor | None]

    @classmethod
    def of_streams(cls, streams: Sequence[KVCache], sizes: Sequence[int], device: torch.device) -> Continuation:
        """Return the continuation of causal streams by so many positions each."""
        masks: list[Tensor | None] = []
        for stream, size in zip(streams, sizes, strict=True):
            plain = size == 1 or not stream.length
            columns = None if plain else torch.arange(stream.length + size, device=device)
            masks.append(None if columns is None else columns <= columns[stream.length :, None])
        return cls(streams, sizes, masks)

    def to(self, device: torch.device | str | int) -> Continuation:
        """Return the same for the layers of a device, where what is kept of them is already."""
        return Continuation(self.streams, self.sizes, [None if m is None else m.to(device) for m in self.masks])


def stream_mask(context_end: Tensor, branch: Tensor) -> Tensor:
    """Return which stream positions see which, response branches included.

    Args:
        context_end: (batch, length) number of leading main positions that a position sees.
        branch: (batch, length) 0 on the main line, a number from 1 inside a response branch.

    Returns:
        (batch, 1, length, length) bool, True where the row may see the column.

    >>> stream_mask(torch.tensor([[1, 2, 1, 1]]), torch.tensor([[0, 0, 1, 1]]))[0, 0].int()
    tensor([[1, 0, 0, 0],
            [1, 1, 0, 0],
            [1, 0, 1, 0],
            [1, 0, 1, 1]], dtype=torch.int32)
    """
    place = torch.arange(branch.shape[1], device=branch.device)
    main = (branch == 0)[:, None, :] & (place[None, None, :] < context_end[:, :, None])
    same = (branch[:, :, None] == branch[:, None, :]) & (branch > 0)[:, None, :] & (place[None, :] <= place[:, None])
    return (main | same)[:, None]


def candidate_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    visible: Packing | Branches | Continuation | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attend over packed streams and their candidates; the interface is that of transformers.

    Args:
        module: The attention layer.
        query: (1, heads, rows, head width).
        key: (1, key heads, rows, head width).
        value: Like ``key``.
        attention_mask: Used without ``visible`` only.
        scaling: Factor on the scores; None takes head width ** -0.5.
        dropout: Probability of dropping an attention weight.
        visible: What the rows are and see; None is plain attention.
        **kwargs: Passed on to transformers' scaled dot-product attention.

    Returns:
        (1, rows, heads, head width), and no weights.
    """
    if visible is None:
        plain = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, dropout=dropout, **kwargs
        )
        return plain[0], None
    scale = scaling if scaling is not None else query.shape[3] ** -0.5
    if isinstance(visible, Branches):
        keys, values = visible.past[module.layer_idx]
        return _group_attention(query[0] * scale, key[0], value[0], keys, values, visible.ends, dropout)[None], None
    if isinstance(visible, Continuation):
        return _continued(module, query, key, value, visible, scale), None
    return _packed(module, query, key, value, visible, scale, dropout), None


def _packed(
    module: Any, query: Tensor, key: Tensor, value: Tensor, visible: Packing, scale: float, dropout: float
) -> Tensor:
    """Attend over streams as a padded batch, and over candidates by groups."""
    rows = len(visible.cells)
    keys, values = unpack(key[:, :, :rows], visible.keys), unpack(value[:, :, :rows], visible.keys)
    attended, _ = sdpa_attention_forward(
        module,
        unpack(query[:, :, :rows], visible.keys),
        keys,
        values,
        visible.mask,
        scaling=scale,
        dropout=dropout,
        is_causal=visible.mask is None,
    )  # (B, L, heads, head width)
    output: Tensor = attended.flatten(0, 1).index_select(0, visible.cells)
    if query.shape[2] == rows:
        return output[None]
    query, key, value = (x[0, :, rows:] for x in (query, key, value))
    keys, values = (part.index_select(0, visible.streams) for part in (keys, values))
    branches = _group_attention(query * scale, key, value, keys, values, visible.ends, dropout)
    return torch.cat([output, branches])[None]


def _continued(module: Any, query: Tensor, key: Tensor, value: Tensor, visible: Continuation, scale: float) -> Tensor:
    """Attend stream by stream: nothing is padded, and what is kept is read where it lies."""
    parts, end = [], 0
    for stream, size, mask in zip(visible.streams, visible.sizes, visible.masks, strict=True):
        begin, end = end, end + size
        keys, values = stream.write(module.layer_idx, key[0, :, begin:end], value[0, :, begin:end])
        causal = mask is None and size > 1
        parts.append(
            sdpa_attention_forward(
                module, query[:, :, begin:end], keys[None], values[None], mask, scaling=scale, is_causal=causal
            )[0]
        )
    return torch.cat(parts, dim=1)


def unpack(rows: Tensor, places: Tensor) -> Tensor:
    """Return packed rows (1, heads, S, width) as (B, heads, L, width), by the places (B, L) of a packing."""
    _, heads, _, width = rows.shape
    flat = rows[0].transpose(0, 1).flatten(1)  # a view where the model split its heads
    chosen = flat.index_select(0, places.flatten().to(flat.device))  # its gradient sorts nothing
    return chosen.view(*places.shape, heads, width).transpose(1, 2)


def _group_attention(
    q: Tensor, own_key: Tensor, own_value: Tensor, keys: Tensor, values: Tensor, ends: Tensor | None, dropout: float
) -> Tensor:
    """(heads, G * M, width) queries over (G, key heads, L, width) keys and their own -> (G * M, heads, width)."""
    groups, key_heads, length, width = keys.shape
    repeats = q.shape[0] // key_heads

    def grouped(x: Tensor) -> Tensor:  # (heads, G * M, width) -> (G, key heads, repeats, M, width)
        return x.view(key_heads, -1, groups, x.shape[1] // groups, width).permute(2, 0, 1, 3, 4)

    q, own_key, own_value = grouped(q), grouped(own_key), grouped(own_value)
    context = q.reshape(groups, key_heads, -1, width) @ keys.transpose(2, 3)  # (G, key heads, repeats * M, L)
    if ends is not None:
        hidden = torch.arange(length, device=q.device) >= ends[:, None]  # (G, L)
        context = context.masked_fill(hidden[:, None, None], -torch.inf)
    context = context.view(*q.shape[:4], length)
    itself = (q * own_key).sum(-1, keepdim=True)
    scores = torch.cat([context, itself], dim=-1)
    weights = torch.softmax(scores, dim=-1, dtype=torch.promote_types(q.dtype, torch.float32)).to(q.dtype)
    weights = torch.dropout(weights, dropout, train=dropout > 0)
    seen = weights[..., :length].reshape(groups, key_heads, -1, length) @ values
    output = seen.view(q.shape) + weights[..., length:] * own_value
    return output.permute(0, 3, 1, 2, 4).reshape(-1, repeats * key_heads, width)


AttentionInterface.register(ATTENTION, candidate_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
