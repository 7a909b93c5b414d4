"""Context and chosen items -> response, over keys and values that are kept between turns.

Several conversations are read and written together: the new positions of all are packed into one pass, whether they are
contexts or single tokens, and a response that has come to its end takes no further part. Nothing is padded.

Source: PECRS §3.4, eq. 6, and §3.6; design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import ReferenceType, ref

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812
from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from pecrs.config import GenerationConfig as Settings
from pecrs.data.stream import TokenSequence
from pecrs.model.attention import Branches, Continuation, KVCache
from pecrs.model.backbone.beams import BeamSearch
from pecrs.model.pecrs import PecrsModel

CANDIDATES, DEVICE_CANDIDATES = 1024, 16384
"""Candidates of one pass on a CPU, and on any other device; bounds memory, changes no score."""


def _candidates_together(device: torch.device) -> int:
    """Return how many candidates are read in one pass on a device."""
    return CANDIDATES if device.type == "cpu" else DEVICE_CANDIDATES


class ConversationCache:
    """The keys and values of one conversation's stream.

    Any sequence can be asked for: what it shares with the cached one is kept, the rest is dropped and read. So a
    speculative ``[REC]``, a chosen item and a truncated context need no special care. With other item vectors, those
    of a changed catalogue, it begins anew.

    Attributes:
        sequence: What the cache holds.
        kept: Its keys and values.
        states: (positions, d) last hidden states.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.kept = KVCache()
        self._read_with: ReferenceType[Tensor] | None = None

    def keep_common(self, sequence: TokenSequence, vectors: Tensor) -> int:
        """Drop what does not begin a sequence, and return how much is left.

        Args:
            sequence: What will be read.
            vectors: (N, d) the item vectors that it will be read with.
        """
        if self._read_with is None or self._read_with() is not vectors:
            self._read_with = ref(vectors)
            self.sequence, self.states = TokenSequence((), ()), vectors.new_empty(0, vectors.shape[1])
        length = _common(self.sequence, sequence)
        if length < len(self.sequence):
            self.sequence = TokenSequence(self.sequence.tokens[:length], self.sequence.items[:length])
            self.states = self.states[:length]
        self.kept.length = length
        return length

    def append(self, sequence: TokenSequence, states: Tensor) -> None:
        """Take over the states (new positions, d) at the end of a sequence whose keys and values are written."""
        self.sequence, self.states = sequence, torch.cat([self.states, states])
        self.kept.length = len(sequence)


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
def read(
    model: PecrsModel, caches: Sequence[ConversationCache], sequences: Sequence[TokenSequence], vectors: Tensor
) -> list[Tensor]:
    """Read up to the end of each sequence, in one pass over all positions that the caches lack.

    Args:
        model: In evaluation mode.
        caches: Distinct caches, of this model alone.
        sequences: What each is to hold; not empty.
        vectors: (N, d) item vectors of the catalogue.

    Returns:
        The states (positions, d) of all of each sequence.
    """
    pairs = zip(caches, sequences, strict=True)
    unread = [(cache, sequence) for cache, sequence in pairs if cache.keep_common(sequence, vectors) < len(sequence)]
    if unread:
        _extend(model, unread, vectors)
    return [cache.states for cache in caches]


def _extend(model: PecrsModel, unread: Sequence[tuple[ConversationCache, TokenSequence]], vectors: Tensor) -> None:
    device = vectors.device
    rest = [(sequence, len(cache.sequence)) for cache, sequence in unread]
    tokens = torch.tensor([token for sequence, start in rest for token in sequence.tokens[start:]], device=device)
    items = torch.tensor([item for sequence, start in rest for item in sequence.items[start:]], device=device)
    positions = torch.tensor(
        [place for sequence, start in rest for place in range(start, len(sequence))], device=device
    )
    sizes = [len(sequence) - start for sequence, start in rest]
    visible = Continuation.of_streams([cache.kept for cache, _ in unread], sizes, device)
    states = model.backbone(model.backbone.embed_stream(tokens, items, vectors)[None], positions[None], visible)[0]
    for (cache, sequence), own in zip(unread, states.split(sizes), strict=True):
        cache.append(sequence, own)


def candidate_scores(model: PecrsModel, caches: Sequence[ConversationCache], vectors: Tensor) -> Tensor:
    """Return the re-ranking scores (G, M) of candidates that hang off the last position, which is a ``[REC]``.

    Args:
        model: In evaluation mode, with a re-ranker.
        caches: G caches, all at a ``[REC]``.
        vectors: (G, M, d) item vectors.

    Source: PECRS eq. 5.
    """
    scores, together = [], max(1, _candidates_together(vectors.device) // vectors.shape[1])
    for first in range(0, len(caches), together):
        some = caches[first : first + together]
        places = torch.tensor([len(cache.sequence) - 1 for cache in some], device=vectors.device)
        groups = torch.arange(len(some), device=vectors.device)
        scores.append(branch_scores(model, _stack(some), vectors[first : first + together], groups, places))
    return torch.cat(scores)


@torch.inference_mode()
def generate(
    model: PecrsModel,
    caches: Sequence[ConversationCache],
    prompts: Sequence[Prompt],
    vectors: Tensor,
    settings: Settings,
) -> list[list[int]]:
    """Return the tokens of a response to each prompt, without its EOS; the caches then hold the prompts.

    Args:
        model: In evaluation mode.
        caches: Distinct caches, of this model alone.
        prompts: One a cache.
        vectors: (N, d) item vectors of the catalogue.
        settings: Decoding strategy.
    """
    device = vectors.device
    states = read(model, caches, [prompt.sequence for prompt in prompts], vectors)
    if settings.beams > 1:
        search = BeamSearch(model.backbone, settings, model.vocabulary.eos, model.data.max_response_tokens)
        randoms = [_generator(prompt.seed, device) for prompt in prompts]
        return [
            search(cache.kept, own[-1], sorted(prompt.banned), warpers(settings), random)
            for cache, own, prompt, random in zip(caches, states, prompts, randoms, strict=True)
        ]
    last = torch.stack([some[-1] for some in states])
    choose = _Choice(prompts, settings, model.vocabulary.eos, device)
    written: list[list[int]] = [[] for _ in prompts]
    rows, limit = list(range(len(prompts))), model.data.max_response_tokens
    for step in range(1, limit + 1):
        tokens = choose(model.backbone.logits(last), rows, first=step == 1)
        for row, token in zip(rows, tokens.tolist(), strict=True):
            written[row].append(token)
        going = torch.nonzero(tokens != model.vocabulary.eos)[:, 0]
        if not len(going) or step == limit:
            break
        rows, tokens = [rows[i] for i in going.tolist()], tokens[going]
        streams = [caches[row].kept for row in rows]
        positions = torch.tensor([stream.length for stream in streams], device=device)
        visible = Continuation.of_streams(streams, [1] * len(rows), device)
        last = model.backbone(model.backbone.embed(tokens)[None], positions[None], visible)[0]
        for stream in streams:
            stream.length += 1
    for cache in caches:
        cache.kept.length = len(cache.sequence)
    return [tokens[:-1] if tokens[-1:] == [model.vocabulary.eos] else tokens for tokens in written]


class _Choice:
    """Next tokens from logits; a row's choice depends on nothing but its own logits, bans and seed."""

    def __init__(self, prompts: Sequence[Prompt], settings: Settings, eos: int, device: torch.device) -> None:
        self.eos = eos
        self.banned = [torch.tensor(sorted(prompt.banned), dtype=torch.long, device=device) for prompt in prompts]
        self.random = [_generator(prompt.seed, device) for prompt in prompts]
        self.sample = settings.strategy == "sample"
        self.warp = warpers(settings)

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


def warpers(settings: Settings) -> LogitsProcessorList:
    """Return what sampling does to logits before it draws: temperature, the most probable tokens, the nucleus."""
    found = LogitsProcessorList([TemperatureLogitsWarper(float(settings.temperature))])
    if settings.top_k:
        found.append(TopKLogitsWarper(settings.top_k))
    if settings.top_p < 1:
        found.append(TopPLogitsWarper(settings.top_p))
    return found


def _generator(seed: int | None, device: torch.device) -> torch.Generator | None:
    return None if seed is None else torch.Generator(device).manual_seed(seed)


def _stack(caches: Sequence[ConversationCache]) -> list[tuple[Tensor, Tensor]]:
    """Return keys and values (B, key heads, longest, head width) of each layer, padded on the right."""
    longest = max(len(cache.sequence) for cache in caches)

    def padded(rows: Sequence[Tensor]) -> Tensor:
        return torch.stack([F.pad(row, (0, 0, 0, longest - row.shape[1])) for row in rows])

    layers = zip(*(cache.kept.layers() for cache in caches), strict=True)
    return [(padded([keys for keys, _ in layer]), padded([values for _, values in layer])) for layer in layers]


@torch.inference_mode()
def branch_scores(
    model: PecrsModel, past: Sequence[tuple[Tensor, Tensor]], vectors: Tensor, streams: Tensor, places: Tensor
) -> Tensor:
    """Re-rank candidates on top of streams that were read before, in chunks of bounded memory.

    Args:
        model: In evaluation mode, with a re-ranker.
        past: Keys and values (B, key heads, L, head width) of each layer, where it lies.
        vectors: (G, M, d) candidates' item vectors.
        streams: (G,) stream of each group.
        places: (G,) position of each group's ``[REC]`` in its stream.

    Returns:
        (G, M) scores.

    Source: PECRS eq. 5.
    """
    assert model.reranker is not None
    scores = torch.empty_like(vectors[..., 0])
    count, ends = vectors.shape[1], (places + 1).tolist()
    most = _candidates_together(vectors.device)
    together = max(1, most // count)
    for first in range(0, len(vectors), together):
        groups = slice(first, first + together)
        longest, equal = max(ends[groups]), len(set(ends[groups])) == 1
        seen = []
        for keys, values in past:
            rows = streams[groups].to(keys.device)
            seen.append((keys[rows, :, :longest], values[rows, :, :longest]))
        branches = Branches(seen, None if equal else places[groups] + 1)
        for start in range(0, count, most):
            part = groups, slice(start, start + most)
            embedded, positions = model.reranker.embed(vectors[part], places[groups], model.backbone.position_table)
            hidden = model.backbone(embedded[None], positions[None], branches)
            scores[part] = model.reranker(hidden, model.retriever.head).view(scores[part].shape)
    return scores


def _common(left: TokenSequence, right: TokenSequence) -> int:
    """Return how many positions two sequences begin with alike."""
    longest = min(len(left), len(right))
    pairs = zip(zip(left.tokens, left.items, strict=True), zip(right.tokens, right.items, strict=True), strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), longest)
