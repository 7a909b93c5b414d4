"""Context and chosen items -> response, over keys and values that are kept between turns.

Source: PECRS §3.4, eq. 6, and §3.6; design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import DynamicCache, GenerationConfig

from pecrs.config import GenerationConfig as Settings
from pecrs.data.stream import TokenSequence
from pecrs.model.attention import Branches
from pecrs.model.pecrs import PecrsModel

CANDIDATES = 1024
"""Candidates of one pass; bounds memory, changes no score."""


class ConversationCache:
    """The keys and values of one conversation's stream.

    Any sequence can be asked for: what it shares with the cached one is kept, the rest is rolled back and read. So a
    speculative ``[REC]``, generated tokens and a truncated context need no special care.

    Attributes:
        sequence: What the cache holds.
    """

    def __init__(self, model: PecrsModel) -> None:
        """Start empty.

        Args:
            model: In evaluation mode.
        """
        self.model = model
        self.sequence = TokenSequence((), ())
        self._cache = DynamicCache()
        self._states = model.catalogue_vectors[:0]  # (positions, d)

    @torch.inference_mode()
    def read(self, sequence: TokenSequence, vectors: Tensor) -> Tensor:
        """Read up to the end of a sequence, which is not empty, and return the states (positions, d) of all of it.

        Args:
            sequence: What the cache is to hold.
            vectors: (N, d) item vectors of the catalogue.
        """
        shared = _common(self.sequence, sequence)
        self._keep(shared)
        if shared == len(sequence):
            return self._states
        device = self.model.device
        tokens = torch.tensor([sequence.tokens[shared:]], device=device)
        items = torch.tensor([sequence.items[shared:]], device=device)
        positions = torch.arange(shared, len(sequence), device=device)[None]
        mask = torch.arange(len(sequence), device=device) <= positions[0, :, None]
        embedded = self.model.embed(tokens, items, vectors)
        hidden = self.model.backbone(embedded, positions, mask[None, None], cache=self._cache)
        self.sequence, self._states = sequence, torch.cat([self._states, hidden[0]])
        return self._states

    def candidate_scores(self, vectors: Tensor) -> Tensor:
        """Return the re-ranking scores (M,) of candidates that hang off the last position, which is a ``[REC]``.

        Args:
            vectors: (M, d) item vectors.

        Source: PECRS eq. 5.
        """
        past = [(layer.keys, layer.values) for layer in self._cache.layers]
        place = torch.tensor([len(self.sequence) - 1], device=vectors.device)
        return branch_scores(self.model, past, vectors[None], torch.zeros_like(place), place)[0]

    @torch.inference_mode()
    def generate(
        self, sequence: TokenSequence, vectors: Tensor, settings: Settings, banned: Sequence[int]
    ) -> list[int]:
        """Return the tokens of a response after a sequence, without its EOS; the cache is rolled back to it.

        Args:
            sequence: The context, the chosen items' wrapper and the role prefix.
            vectors: (N, d) item vectors of the catalogue.
            settings: Decoding strategy.
            banned: Token ids that must not be written.
        """
        model, end = self.model, len(sequence)
        self.read(TokenSequence(sequence.tokens[:-1], sequence.items[:-1]), vectors)
        device = model.device
        embedded = model.embed(
            torch.tensor([sequence.tokens], device=device), torch.tensor([sequence.items], device=device), vectors
        )
        sample = settings.strategy == "sample"
        options = GenerationConfig(
            max_new_tokens=model.config.data.max_response_tokens,
            min_new_tokens=1,
            do_sample=sample,
            top_k=settings.top_k if sample else None,
            temperature=settings.temperature if sample else None,
            eos_token_id=model.vocabulary.eos,
            pad_token_id=model.vocabulary.eos,
            suppress_tokens=sorted(set(banned)) or None,
        )
        written = model.backbone.causal_lm.generate(
            inputs_embeds=embedded,
            attention_mask=torch.ones(1, end, dtype=torch.long, device=device),
            past_key_values=self._cache,
            generation_config=options,
        )
        self._keep(end - 1)
        tokens = [int(token) for token in written[0]]
        return tokens[: tokens.index(model.vocabulary.eos)] if model.vocabulary.eos in tokens else tokens

    def _keep(self, length: int) -> None:
        surplus = int(self._cache.get_seq_length()) - length
        if surplus > 0:
            self._cache.crop(-surplus)
        self._states = self._states[:length]
        self.sequence = TokenSequence(self.sequence.tokens[:length], self.sequence.items[:length])


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
