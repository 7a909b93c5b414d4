"""Beam search over kept keys and values: plain, in groups that keep apart, and with drawn continuations.

Source: PECRS table 8; Vijayakumar et al., "Diverse Beam Search: Decoding Diverse Solutions from Neural Sequence
Models", AAAI 2018.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import LogitsProcessorList

from pecrs.config import GenerationConfig as Settings
from pecrs.model.attention import Continuation, KVCache
from pecrs.model.backbone.backbone import Backbone


@dataclass(frozen=True, eq=False)
class _Beam:
    """A response so far.

    Attributes:
        tokens: What is written.
        score: Sum of its tokens' log-probabilities, less what diversity cost.
        stream: Keys and values of the prompt and of all tokens but the last.
        state: (d,) the last hidden state.
    """

    tokens: tuple[int, ...]
    score: float
    stream: KVCache
    state: Tensor


@dataclass
class _Group:
    """Beams that compete with one another alone.

    Attributes:
        live: Those still written, best first.
        ended: Mean log-probability and tokens of those that came to their end, best first.
    """

    live: list[_Beam]
    ended: list[tuple[float, tuple[int, ...]]] = field(default_factory=list)

    def end(self, score: float, tokens: tuple[int, ...], width: int) -> None:
        """Note a response that came to its end; the mean counts its EOS."""
        self.ended = sorted([*self.ended, (score / (len(tokens) + 1), tokens)], reverse=True)[:width]

    def finished(self, width: int) -> bool:
        """Tell whether nothing live can still displace what ended, were its next token certain."""
        best = max((beam.score / (len(beam.tokens) + 1) for beam in self.live), default=float("-inf"))
        return not self.live or (len(self.ended) == width and best <= self.ended[-1][0])


class BeamSearch:
    """Finds the response of the highest mean log-probability that a search of bounded width comes across."""

    def __init__(self, backbone: Backbone, settings: Settings, eos: int, limit: int) -> None:
        """Keep the settings.

        Args:
            backbone: In evaluation mode.
            settings: Number of beams and groups, diversity, and whether continuations are drawn.
            eos: Ends a response.
            limit: Longest response in tokens, its EOS included.
        """
        self.backbone, self.eos, self.limit = backbone, eos, limit
        self.width, self.diversity = settings.beams // settings.beam_groups, settings.diversity
        self.groups, self.sample = settings.beam_groups, settings.strategy == "sample"

    def __call__(
        self,
        prompt: KVCache,
        state: Tensor,
        banned: Sequence[int],
        warp: LogitsProcessorList,
        random: torch.Generator | None,
    ) -> list[int]:
        """Return the tokens of a response, without its EOS.

        Args:
            prompt: Keys and values of what the response follows; left as they are.
            state: (d,) its last hidden state.
            banned: Token ids that must not be written.
            warp: What is done to scores before continuations are drawn.
            random: Source of the draws; None takes PyTorch's own random state.
        """
        groups = [_Group([_Beam((), 0.0, prompt, state)]) for _ in range(self.groups)]
        for step in range(self.limit):
            chosen: Counter[int] = Counter()
            grown: list[tuple[_Group, _Beam, int, float]] = []
            for group in groups:
                if group.finished(self.width):
                    group.live = []
                    continue
                scores = self._scores(group, banned, chosen, first=step == 0)
                found = self._continuations(scores, warp, random)
                own = self._split(group, found)
                chosen.update(token for _, token, _ in own)
                grown += [(group, *continuation) for continuation in own]
            if not grown:
                break
            self._read(groups, grown)
        return list(max(self._best(group) for group in groups)[1])

    def _scores(self, group: _Group, banned: Sequence[int], chosen: Counter[int], *, first: bool) -> Tensor:
        """Return the score (live beams, vocabulary) of each continuation of a group."""
        logits = self.backbone.logits(torch.stack([beam.state for beam in group.live])).float()
        logits[:, [*banned, *([self.eos] if first else [])]] = -torch.inf
        scores = logits.log_softmax(-1) + logits.new_tensor([[beam.score] for beam in group.live])
        for token, times in chosen.items():
            scores[:, token] -= self.diversity * times
        return scores

    def _continuations(
        self, scores: Tensor, warp: LogitsProcessorList, random: torch.Generator | None
    ) -> list[tuple[int, int, float]]:
        """Return beam, token and score of up to twice as many continuations as there are beams, best first."""
        if self.sample:
            scores = warp(torch.empty(len(scores), 0, dtype=torch.long, device=scores.device), scores)
        flat = scores.flatten()
        count = min(2 * self.width, int(torch.isfinite(flat).sum()))
        if self.sample:
            drawn = torch.multinomial(flat.softmax(0), count, generator=random)
            best = drawn[flat[drawn].argsort(descending=True)]
        else:
            best = flat.topk(count).indices
        size = scores.shape[1]
        return [(place // size, place % size, float(flat[place])) for place in best.tolist()]

    def _split(self, group: _Group, found: Sequence[tuple[int, int, float]]) -> list[tuple[_Beam, int, float]]:
        """Note those that end among the best, and return the beams, tokens and scores to go on with."""
        going: list[tuple[_Beam, int, float]] = []
        for rank, (place, token, score) in enumerate(found):
            if token != self.eos and len(going) < self.width:
                going.append((group.live[place], token, score))
            elif token == self.eos and rank < self.width:
                group.end(score, group.live[place].tokens, self.width)
        return going

    def _read(self, groups: Sequence[_Group], grown: Sequence[tuple[_Group, _Beam, int, float]]) -> None:
        """Read the chosen tokens of all groups in one pass."""
        streams = [beam.stream.copy() for _, beam, _, _ in grown]
        device = grown[0][1].state.device
        tokens = torch.tensor([token for _, _, token, _ in grown], device=device)
        positions = torch.tensor([stream.length for stream in streams], device=device)
        visible = Continuation.of_streams(streams, [1] * len(streams), device)
        states = self.backbone(self.backbone.embed(tokens)[None], positions[None], visible)[0]
        for group in groups:
            group.live = []
        for (group, beam, token, score), stream, state in zip(grown, streams, states, strict=True):
            stream.length += 1
            group.live.append(_Beam((*beam.tokens, token), score, stream, state))

    @staticmethod
    def _best(group: _Group) -> tuple[float, tuple[int, ...]]:
        """Return the best that ended, or that the limit cut."""
        live = [(beam.score / len(beam.tokens), beam.tokens) for beam in group.live if beam.tokens]
        return max([*group.ended, *live])
