"""Context and chosen items -> response, over keys and values that are kept between turns.

Several conversations are read and answered together. What they have in common is one pass, not a padded row: new
positions are packed, and rows that are written to the end leave. A conversation gets what it would get alone.

Source: PECRS §3.4, eq. 6, and §3.6; design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from transformers import DynamicCache, LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper

from pecrs.config import GenerationConfig as Settings
from pecrs.data.stream import TokenSequence
from pecrs.model.attention import Branches, Packing
from pecrs.model.pecrs import PecrsModel

CANDIDATES = 1024
"""Candidates of one pass; bounds memory, changes no score."""


class ConversationCache:
    """The keys and values of one conversation's stream.

    Any sequence can be asked for: what it shares with the cached one is kept, the rest is dropped and read. So a
    speculative ``[REC]``, a chosen item and a truncated context need no special care.

    Attributes:
        model: In evaluation mode.
        sequence: What the cache holds.
        layers: Keys and values (key heads, positions, head width) of each layer; empty before the first pass.
        states: (positions, d) last hidden states.
    """

    def __init__(self, model: PecrsModel) -> None:
        """Start empty.

        Args:
            model: In evaluation mode.
        """
        self.model = model
        self.sequence = TokenSequence((), ())
        self.layers: list[tuple[Tensor, Tensor]] = []
        self.states = model.catalogue_vectors[:0]

    def keep_common(self, sequence: TokenSequence) -> int:
        """Drop what does not begin a sequence, and return how much is left."""
        length = _common(self.sequence, sequence)
        if length < len(self.sequence):
            self.sequence = TokenSequence(self.sequence.tokens[:length], self.sequence.items[:length])
            self.layers = [(keys[:, :length], values[:, :length]) for keys, values in self.layers]
            self.states = self.states[:length]
        return length

    def append(self, sequence: TokenSequence, layers: Sequence[tuple[Tensor, Tensor]], states: Tensor) -> None:
        """Take over what a pass made of the end of a sequence.

        Args:
            sequence: All of it.
            layers: Keys and values (key heads, new positions, head width) of each layer.
            states: (new positions, d).
        """
        self.layers = [
            (torch.cat([keys, more[0]], dim=1), torch.cat([values, more[1]], dim=1))
            for (keys, values), more in zip(self.layers or _nothing(layers), layers, strict=True)
        ]
        self.sequence, self.states = sequence, torch.cat([self.states, states])


@dataclass(frozen=True)
class Prompt:
    """What a response is to follow.

    Attributes:
        sequence: The context, the chosen items' wrapper and the role prefix.
        banned: Token ids that must not be written.
        seed: Of sampling; None takes PyTorch's own random state.
    """

    sequence: TokenSequence
    banned: frozenset[int] = frozenset()
    seed: int | None = None


@torch.inference_mode()
def read(caches: Sequence[ConversationCache], sequences: Sequence[TokenSequence], vectors: Tensor) -> list[Tensor]:
    """Read up to the end of each sequence, in one pass over all positions that the caches lack.

    Args:
        caches: Distinct caches of one model.
        sequences: What each is to hold; not empty.
        vectors: (N, d) item vectors of the catalogue.

    Returns:
        The states (positions, d) of all of each sequence.
    """
    pairs = zip(caches, sequences, strict=True)
    unread = [(cache, sequence) for cache, sequence in pairs if cache.keep_common(sequence) < len(sequence)]
    if unread:
        _extend(unread, vectors)
    return [cache.states for cache in caches]


def _extend(unread: Sequence[tuple[ConversationCache, TokenSequence]], vectors: Tensor) -> None:
    model, device = unread[0][0].model, vectors.device
    starts = [len(cache.sequence) for cache, _ in unread]
    sizes = [len(sequence) - start for (_, sequence), start in zip(unread, starts, strict=True)]
    rest = [(sequence, start) for (_, sequence), start in zip(unread, starts, strict=True)]
    tokens = torch.tensor([token for sequence, start in rest for token in sequence.tokens[start:]], device=device)
    items = torch.tensor([item for sequence, start in rest for item in sequence.items[start:]], device=device)
    positions = torch.cat([torch.arange(start, len(sequence), device=device) for sequence, start in rest])
    mask = past = None
    if any(starts):
        longest, width = max(starts), max(sizes)
        columns = torch.arange(longest + width, device=device)
        mask = columns <= columns[longest:, None]  # (L, P + L)
        mask = mask & (columns >= longest - torch.tensor(starts, device=device)[:, None, None])
        mask, past = mask[:, None], _stack([cache for cache, _ in unread])
    fresh = DynamicCache()
    packing = Packing.of_sizes(torch.tensor(sizes, device=device), mask, past)
    states = model.backbone(model.embed(tokens, items, vectors)[None], positions[None], packing, cache=fresh)[0]
    end = 0
    for (cache, sequence), size in zip(unread, sizes, strict=True):
        begin, end = end, end + size
        layers = [(layer.keys[0, :, begin:end], layer.values[0, :, begin:end]) for layer in fresh.layers]
        cache.append(sequence, layers, states[begin:end])


def candidate_scores(caches: Sequence[ConversationCache], vectors: Tensor) -> Tensor:
    """Return the re-ranking scores (G, M) of candidates that hang off the last position, which is a ``[REC]``.

    Args:
        caches: G caches, all at a ``[REC]``.
        vectors: (G, M, d) item vectors.

    Source: PECRS eq. 5.
    """
    places = torch.tensor([len(cache.sequence) - 1 for cache in caches], device=vectors.device)
    past = _stack(caches, left=False)
    return branch_scores(caches[0].model, past, vectors, torch.arange(len(caches), device=vectors.device), places)


@torch.inference_mode()
def generate(
    caches: Sequence[ConversationCache], prompts: Sequence[Prompt], vectors: Tensor, settings: Settings
) -> list[list[int]]:
    """Return the tokens of a response to each prompt, without its EOS; the caches then hold the prompts.

    Args:
        caches: Distinct caches of one model.
        prompts: One a cache.
        vectors: (N, d) item vectors of the catalogue.
        settings: Decoding strategy.
    """
    model, device = caches[0].model, vectors.device
    states = read(caches, [prompt.sequence for prompt in prompts], vectors)
    last = torch.stack([some[-1] for some in states])
    lengths = torch.tensor([len(prompt.sequence) for prompt in prompts], device=device)
    longest, rows = int(lengths.max()), list(range(len(prompts)))
    past = DynamicCache(_stack(caches))
    choose = _Choice(prompts, settings, model.vocabulary.eos, last)
    written: list[list[int]] = [[] for _ in prompts]
    limit = model.config.data.max_response_tokens
    for step in range(1, limit + 1):
        tokens = choose(model.backbone.logits(last), rows, first=step == 1)
        for row, token in zip(rows, tokens.tolist(), strict=True):
            written[row].append(token)
        going = torch.nonzero(tokens != model.vocabulary.eos)[:, 0]
        if not len(going) or step == limit:
            break
        if len(going) < len(rows):
            rows, tokens, lengths = [rows[i] for i in going.tolist()], tokens[going], lengths[going]
            past.batch_select_indices(going)
        columns = torch.arange(longest + step, device=device)
        mask = (columns >= longest - lengths[:, None])[:, None, None]
        embedded = model.backbone.embed(tokens)[:, None]
        last = model.backbone(embedded, (lengths + step - 1)[:, None], mask, cache=past)[:, 0]
    return [tokens[:-1] if tokens[-1:] == [model.vocabulary.eos] else tokens for tokens in written]


class _Choice:
    """Next tokens from logits; a row's choice hangs on nothing but its own logits, bans and seed."""

    def __init__(self, prompts: Sequence[Prompt], settings: Settings, eos: int, like: Tensor) -> None:
        self.eos = eos
        self.banned = [torch.tensor(sorted(prompt.banned), dtype=torch.long, device=like.device) for prompt in prompts]
        self.random = [_generator(prompt.seed, like.device) for prompt in prompts]
        self.sample = settings.strategy == "sample"
        self.warp = LogitsProcessorList(
            [TemperatureLogitsWarper(float(settings.temperature)), TopKLogitsWarper(settings.top_k)]
        )

    def __call__(self, logits: Tensor, rows: Sequence[int], *, first: bool) -> Tensor:
        """Return a token (n,) for each of the rows still written, from their logits (n, vocabulary)."""
        logits = logits.to(torch.float32, copy=True)
        for place, row in enumerate(rows):
            logits[place].index_fill_(0, self.banned[row], -torch.inf)
        if first:
            logits[:, self.eos] = -torch.inf
        if not self.sample:
            return logits.argmax(-1)
        unread = torch.empty(len(rows), 0, dtype=torch.long, device=logits.device)
        chances = self.warp(unread, logits).softmax(-1)
        drawn = [torch.multinomial(chances[place], 1, generator=self.random[row]) for place, row in enumerate(rows)]
        return torch.cat(drawn)


def _generator(seed: int | None, device: torch.device) -> torch.Generator | None:
    return None if seed is None else torch.Generator(device).manual_seed(seed)


def _stack(caches: Sequence[ConversationCache], *, left: bool = True) -> list[tuple[Tensor, Tensor]]:
    """Return keys and values (B, key heads, longest, head width) of each layer, padded on one side."""
    longest = max(len(cache.sequence) for cache in caches)
    like = next(cache.layers for cache in caches if cache.layers)
    every = [cache.layers or _nothing(like) for cache in caches]

    def padded(rows: Sequence[Tensor]) -> Tensor:
        gaps = [longest - row.shape[1] for row in rows]
        sides = [(0, 0, gap, 0) if left else (0, 0, 0, gap) for gap in gaps]
        return torch.stack([F.pad(row, side) for row, side in zip(rows, sides, strict=True)])

    return [
        (padded([layer[0] for layer in layers]), padded([layer[1] for layer in layers]))
        for layers in zip(*every, strict=True)
    ]


def _nothing(layers: Sequence[tuple[Tensor, Tensor]]) -> list[tuple[Tensor, Tensor]]:
    return [(keys[:, :0], values[:, :0]) for keys, values in layers]


@torch.inference_mode()
def branch_scores(
    model: PecrsModel, past: Sequence[tuple[Tensor, Tensor]], vectors: Tensor, streams: Tensor, places: Tensor
) -> Tensor:
    """Re-rank candidates on top of streams that were read before, in chunks of bounded memory.

    Args:
        model: In evaluation mode, with a re-ranker.
        past: Keys and values (B, key heads, L, head width) of each layer.
        vectors: (G, M, d) candidates' item vectors.
        streams: (G,) stream of each group.
        places: (G,) position of each group's ``[REC]`` in its stream.

    Returns:
        (G, M) scores.

    Source: PECRS eq. 5.
    """
    scores = torch.empty_like(vectors[..., 0])
    count, ends = vectors.shape[1], (places + 1).tolist()
    together = max(1, CANDIDATES // count)
    for first in range(0, len(vectors), together):
        groups = slice(first, first + together)
        longest, equal = max(ends[groups]), len(set(ends[groups])) == 1
        seen = [(k[streams[groups], :, :longest], v[streams[groups], :, :longest]) for k, v in past]
        branches = Branches(seen, None if equal else places[groups] + 1)
        for start in range(0, count, CANDIDATES):
            part = groups, slice(start, start + CANDIDATES)
            embedded, positions = model.embed_candidates(vectors[part], places[groups])
            hidden = model.backbone(embedded[None], positions[None], branches)
            scores[part] = model.rerank_scores(hidden).view(scores[part].shape)
    return scores


def _common(left: TokenSequence, right: TokenSequence) -> int:
    count = 0
    for a, b in zip(
        zip(left.tokens, left.items, strict=True), zip(right.tokens, right.items, strict=True), strict=False
    ):
        if a != b:
            break
        count += 1
    return count
