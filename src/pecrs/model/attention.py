"""Candidate attention: a stream, and candidate branches that hang off it, in one pass of a stock model.

The mask says which *stream* keys each row may see. It has one row per stream query and one row per *group* of
candidates (all candidates of one ``[REC]``); a candidate sees what its group's row shows, and itself. For a stream of
four positions whose ``[REC]`` stands at position 2, with candidates a, b, c::

              keys   0 1 2 3   a b c
    stream    0      x . . .   . . .
              1      x x . .   . . .
              2 REC  x x x .   . . .
              3      x x x x   . . .
    group     a      x x x .   x . .      one mask row: x x x .
              b      x x x .   . x .
              c      x x x .   . . x

So M candidates cost M x (context + 1) attention entries, never M x M, and the mask M times less than that. The number
of candidates is what the keys have beyond the mask's last dimension; keys and queries end with the candidates, in
group order. Without candidates this is plain scaled dot-product attention.

Source: PECRS §3.3 "Re-ranking", eq. 5; design section 2.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

ATTENTION = "pecrs"
"""Name under which the attention is registered with transformers (``attn_implementation``)."""


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


def group_mask(query: Tensor, branch: Tensor) -> Tensor:
    """Return which stream positions the candidates of each query see: the main line up to ``[REC]``.

    Args:
        query: (batch, groups) position of each ``[REC]``; -1 where a row has fewer queries.
        branch: (batch, length) as in :func:`stream_mask`.

    Returns:
        (batch, 1, groups, length) bool.

    >>> group_mask(torch.tensor([[1, -1]]), torch.zeros(1, 3, dtype=torch.long))[0, 0].int()
    tensor([[1, 1, 0],
            [0, 0, 0]], dtype=torch.int32)
    """
    place = torch.arange(branch.shape[1], device=branch.device)
    return ((branch == 0)[:, None, :] & (place[None, None, :] <= query[:, :, None]))[:, None]


def candidate_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attend over a stream and its candidate branches; the interface is that of transformers.

    Args:
        module: The attention layer.
        query: (batch, heads, stream queries + candidates, head width).
        key: (batch, key heads, stream keys + candidates, head width).
        value: Like ``key``.
        attention_mask: (batch, 1, stream queries + groups, stream keys) bool, or None for causal attention.
        scaling: Factor on the scores; None takes head width ** -0.5.
        dropout: Probability of dropping an attention weight.
        **kwargs: Passed on to transformers' scaled dot-product attention.

    Returns:
        (batch, queries, heads, head width), and no weights.
    """
    candidates = 0 if attention_mask is None else key.shape[2] - attention_mask.shape[3]
    if attention_mask is None or candidates == 0:
        plain = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, dropout=dropout, **kwargs
        )
        return plain[0], None
    rows, keys = query.shape[2] - candidates, attention_mask.shape[3]
    outputs = []
    if rows:
        stream = sdpa_attention_forward(
            module,
            query[:, :, :rows],
            key[:, :, :keys],
            value[:, :, :keys],
            attention_mask[:, :, :rows],
            scaling=scaling,
            dropout=dropout,
            **kwargs,
        )
        outputs.append(stream[0])
    repeats = query.shape[1] // key.shape[1]
    branches = _branch_attention(
        query[:, :, rows:],
        repeat_kv(key, repeats),
        repeat_kv(value, repeats),
        attention_mask[:, :, rows:],
        scaling if scaling is not None else query.shape[3] ** -0.5,
        dropout,
    )
    outputs.append(branches.transpose(1, 2))
    return torch.cat(outputs, dim=1), None


def _branch_attention(q: Tensor, key: Tensor, value: Tensor, mask: Tensor, scaling: float, dropout: float) -> Tensor:
    batch, heads, candidates, _ = q.shape
    groups, keys = mask.shape[2], mask.shape[3]
    context = (q @ key[:, :, :keys].transpose(2, 3)).view(batch, heads, groups, candidates // groups, keys)
    context = context.masked_fill(~mask[:, :, :, None], torch.finfo(context.dtype).min)
    itself = (q * key[:, :, keys:]).sum(-1).view(batch, heads, groups, candidates // groups, 1)
    scores = torch.cat([context, itself], dim=-1) * scaling
    weights = torch.softmax(scores, dim=-1, dtype=torch.promote_types(q.dtype, torch.float32)).to(q.dtype)
    weights = torch.dropout(weights, dropout, train=dropout > 0)
    weights = weights.view(batch, heads, candidates, keys + 1)
    return weights[..., :keys] @ value[:, :, :keys] + weights[..., keys:] * value[:, :, keys:]


AttentionInterface.register(ATTENTION, candidate_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
