"""What pre-training minimises: the next token's loss, and how far the reading of item texts has drifted from the start.

Source: design section 8.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from pecrs.data.progress import Report, silent, tracked
from pecrs.model.attention import Packing
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.precision import autocast
from pecrs.model.backbone.token_losses import token_losses
from pecrs.model.item_states import read_texts
from pecrs.training.pretrain.corpora import Chunk
from pecrs.training.step import micro_batch_budget, split_micro_batches


class Objective:
    """Losses of a backbone that is pre-trained.

    Attributes:
        backbone: What is trained.
        teacher: The backbone as it was at the start, or None where its reading need not stay.
        device: Where they compute.
    """

    def __init__(self, backbone: Backbone, precision: str, *, keep_reading: bool) -> None:
        """Take the start as it is.

        Args:
            backbone: What is trained.
            precision: ``auto``, ``fp32`` or ``bf16``.
            keep_reading: Whether item texts must go on being read as the start reads them.
        """
        self.backbone, self.precision = backbone, precision
        self.device = next(backbone.parameters()).device
        self.teacher: Backbone | None = None
        if keep_reading:
            twin = Backbone(copy.deepcopy(backbone.model), backbone.vocabulary, backbone.tuning)
            self.teacher = twin.eval().requires_grad_(False)

    def micro_batches(self, chunks: Sequence[Chunk]) -> list[list[Chunk]]:
        """Return chunks in groups that are computed together."""
        parts = split_micro_batches([len(chunk.tokens) for chunk in chunks], micro_batch_budget(self.device))
        return [[chunks[i] for i in part] for part in parts]

    def token_losses(self, chunks: Sequence[Chunk]) -> Tensor:
        """Return minus the log-probability (T,) of each token of packed chunks but the first of each."""
        tokens = torch.tensor([token for chunk in chunks for token in chunk.tokens], device=self.device)
        places = torch.tensor([place for chunk in chunks for place in range(len(chunk.tokens))], device=self.device)
        sizes = torch.tensor([len(chunk.tokens) for chunk in chunks], device=self.device)
        with autocast(self.device, self.precision):
            states = self.backbone(self.backbone.embed(tokens)[None], places[None], Packing.of_sizes(sizes))[0]
            wanted = torch.nonzero(places > 0)[:, 0]
            return token_losses(self.backbone, states[wanted - 1], tokens[wanted])

    def drift(self, texts: Sequence[tuple[int, ...]]) -> Tensor:
        """Return one minus the mean cosine between what the start and the present make of item texts."""
        assert self.teacher is not None
        with autocast(self.device, self.precision):
            with torch.no_grad():
                wanted = _means(read_texts(self.teacher, texts), texts)
            return 1 - F.cosine_similarity(_means(read_texts(self.backbone, texts), texts), wanted).mean()

    @torch.no_grad()
    def bits_per_byte(self, chunks: Sequence[Chunk], report: Report = silent) -> float:
        """Return what a byte of text costs, in bits.

        Args:
            chunks: The text.
            report: Is told how many micro-batches are read.
        """
        self.backbone.eval()
        parts = self.micro_batches(chunks)
        losses = (self.token_losses(part) for part in tracked(parts, "validating", len(parts), report))
        nats = sum(float(part.double().sum()) for part in losses)
        return nats / math.log(2) / sum(chunk.size for chunk in chunks)


def _means(states: Tensor, texts: Sequence[Sequence[int]]) -> Tensor:
    return torch.stack([part.float().mean(0) for part in torch.split(states, [len(text) for text in texts])])
