"""PecrsModel composes the parts: one pass over streams and candidate branches, and all scores from its states.

Source: PECRS figure 2 and §3; design sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from pecrs.config import Config
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.collator import Batch
from pecrs.data.dialogue import Speaker
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import ConfigError
from pecrs.model.attention import group_mask, stream_mask
from pecrs.model.backbone import Backbone
from pecrs.model.item_encoder import ItemEncoder
from pecrs.model.item_states import ItemStates, encode_items, item_texts
from pecrs.model.reranker import Reranker
from pecrs.model.retriever import Retriever


@dataclass(frozen=True, eq=False)
class PecrsOutput:
    """The scores of a training batch; n queries, K right items at most, M negatives, T tokens, D decisions.

    Attributes:
        positive_mask: (n, K) True where a right item stands.
        recall_positive: (n, K) retrieval scores of the right items.
        recall_negative: (n, M) retrieval scores of the negatives; -inf on right items.
        rerank_positive: (n, K) re-ranking scores, or None without a re-ranker.
        rerank_negative: (n, M') re-ranking scores of the negatives, or None.
        token_logits: (T, vocabulary) logits of the response tokens.
        decision_logits: (D, 2) logits of the recommender's prefix and of ``[REC]``.
    """

    positive_mask: Tensor
    recall_positive: Tensor
    recall_negative: Tensor
    rerank_positive: Tensor | None
    rerank_negative: Tensor | None
    token_logits: Tensor
    decision_logits: Tensor


@dataclass(frozen=True)
class TrainedParameters:
    """How much of a model is trained; ``str`` makes a line of it.

    Attributes:
        trained: Number of trained parameters: adapters, token rows and heads, or all.
        total: Number of all parameters, shared ones counted once.
    """

    trained: int
    total: int

    @property
    def share(self) -> float:
        """Trained over total, in [0, 1]."""
        return self.trained / self.total

    def __str__(self) -> str:
        """Return ``trained X of Y parameters (Z %)``."""
        return f"trained {self.trained:,} of {self.total:,} parameters ({100 * self.share:.2f} %)"


class PecrsModel(nn.Module):
    """The conversational recommender as one module.

    Attributes:
        config: Everything that defines it.
        catalogue: The items it was made for, in index order.
        backbone: The language model.
        item_encoder: Item states -> vectors.
        retriever: State at ``[REC]`` -> scores.
        reranker: Candidate state -> score, or None.
        states: Token states of the catalogue; None until :meth:`attach_states` where only inference is wanted.
        catalogue_vectors: (N, d) vectors of the catalogue for inference; see :meth:`refresh_vectors`.
        reader: Reads item text for new items: the backbone with adapters off, or the untuned base.
    """

    catalogue_vectors: Tensor

    def __init__(
        self,
        config: Config,
        catalogue: Catalogue,
        backbone: Backbone,
        reader: Backbone,
        popularity: Sequence[int],
        named: Sequence[bool] | None = None,
    ) -> None:
        """Make the heads around a backbone.

        Args:
            config: Its model and data sections are used.
            catalogue: The items.
            backbone: With adapters, or the base to be tuned whole.
            reader: The untuned base that reads item text; the backbone itself with adapters.
            popularity: How often each item was the right answer in training, in catalogue order.
            named: Whether the training dialogues name each item at all; None takes ``popularity > 0``.

        Raises:
            ConfigError: If the configuration does not suit the backbone.
        """
        super().__init__()
        self.config, self.catalogue, self.backbone = config, catalogue, backbone
        object.__setattr__(self, "reader", reader)  # not a submodule: never trained, never saved with the heads
        self.states: ItemStates | None = None
        model, width = config.model, backbone.width
        self._check(config, backbone)
        rows = reader.embed(torch.arange(min(reader.vocabulary.special))).detach()
        seen = torch.tensor(popularity) > 0 if named is None else torch.tensor(named)
        self.item_encoder = ItemEncoder(
            width,
            config.data.max_item_tokens,
            scale=float(rows.norm(dim=-1).mean()),
            seen=seen if model.item_embedding else None,
        )
        self.retriever = Retriever(
            width,
            torch.tensor(popularity),
            kind=model.similarity,
            scale=model.scale,
            learn_scale=model.learn_scale,
            bias=model.popularity_bias,
            mentions=model.mention_feature,
        )
        self.reranker = Reranker(width) if model.reranker else None
        self.register_buffer("catalogue_vectors", torch.zeros(len(catalogue), width), persistent=False)
        self._choose_trained()

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokeniser and special ids."""
        return self.backbone.vocabulary

    @property
    def device(self) -> torch.device:
        """Where the parameters live."""
        return self.item_encoder.pooling.device

    def trained_parameters(self) -> dict[str, nn.Parameter]:
        """Return the trained parameters by name: what ``tuning`` names of the backbone, and all heads.

        Source: PECRS §3.5: LoRA layers, the heads f, g and h_item, and the four token rows.
        """
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}

    def describe_trained(self) -> TrainedParameters:
        """Return how much of the model is trained. Source: PECRS §3.5."""
        sizes = [(p.numel(), p.requires_grad) for p in self.parameters()]
        return TrainedParameters(sum(n for n, trained in sizes if trained), sum(n for n, _ in sizes))

    def item_vectors(self, items: Tensor) -> Tensor:
        """Return the vectors (n, d) of catalogue indices (n,) from the cached states, with gradient."""
        if self.states is None:
            raise ConfigError("the model has no item states; call attach_states first")
        return cast(Tensor, self.item_encoder(self.states, items))

    def attach_states(self, states: ItemStates) -> None:
        """Give the model the catalogue's token states and recompute its vectors."""
        self.states = states
        self.refresh_vectors()

    @torch.no_grad()
    def refresh_vectors(self) -> None:
        """Recompute ``catalogue_vectors`` with the present pooling, head and embeddings."""
        items = torch.arange(len(self.catalogue), device=self.device)
        self.catalogue_vectors = self.item_vectors(items).detach()

    @torch.no_grad()
    def encode_new_items(self, items: Sequence[Item]) -> Tensor:
        """Return the vectors (n, d) of items that training never saw, from their text alone.

        Args:
            items: New or changed items.
        """
        reader = cast(Backbone, self.reader)
        texts = item_texts(reader, items, self.catalogue.fields, self.config.data.max_item_tokens)
        states = encode_items(reader, texts).to(self.device)
        everything = torch.arange(len(items), device=self.device)
        return cast(Tensor, self.item_encoder(states, everything, learned=False))

    def embed(self, tokens: Tensor, items: Tensor, vectors: Tensor) -> Tensor:
        """Return the input embeddings of a stream: token rows, and item vectors at the slots.

        Args:
            tokens: (batch, length) token ids.
            items: (batch, length) rows of ``vectors`` at item slots, -1 elsewhere.
            vectors: (n, d).

        Returns:
            (batch, length, d).
        """
        embedded = self.backbone.embed(tokens)
        slots = vectors[items.clamp_min(0)].to(embedded.dtype)
        return torch.where((items >= 0)[..., None], slots, embedded)

    @staticmethod
    def mentioned(slots: Tensor, queries: Tensor, vectors: Tensor) -> Tensor:
        """Return the mean vector of the items that stand before each query.

        Args:
            slots: (B, L) rows of ``vectors`` at the main line's item slots, -1 elsewhere.
            queries: (B, Q) position of each ``[REC]``.
            vectors: (n, d).

        Returns:
            (B, Q, d), zero where no item stands before.
        """
        place = torch.arange(slots.shape[1], device=slots.device)
        before = ((slots >= 0)[:, None] & (place < queries[:, :, None])).to(vectors.dtype)  # (B, Q, L)
        total = before @ vectors[slots.clamp_min(0)]  # (B, Q, d)
        return total / before.sum(-1, keepdim=True).clamp_min(1)

    def embed_candidates(self, vectors: Tensor, queries: Tensor) -> tuple[Tensor, Tensor]:
        """Return candidates' input embeddings and position ids.

        Args:
            vectors: (batch, groups, M, d) item vectors.
            queries: (batch, groups) position of each group's ``[REC]``.

        Returns:
            (batch, groups * M, d) and (batch, groups * M).

        Source: PECRS §3.3, "positional embeddings are removed for item tokens"; design section 1.
        """
        choice = self.config.model.candidate_position
        if choice == "none":
            table = self.backbone.position_table
            assert table is not None
            vectors = vectors - table[0]  # the model adds it back
        place = queries + 1 if choice == "after_rec" else torch.zeros_like(queries)
        positions = place.clamp_min(0)[..., None].expand(vectors.shape[:3])
        return vectors.flatten(1, 2), positions.flatten(1, 2)

    def read(
        self, batch: Batch, slots: Tensor, vectors: Tensor, candidates: Tensor | None, cache: Any = None
    ) -> tuple[Tensor, Tensor | None]:
        """Run one pass over streams and, where given, their candidate branches.

        Args:
            batch: Padded streams.
            slots: (B, L) rows of ``vectors`` at item slots, -1 elsewhere.
            vectors: (n, d) item vectors.
            candidates: (B, Q, M) rows of ``vectors``, or None.
            cache: A cache to fill with the stream's keys and values.

        Returns:
            (B, L, d) stream states and (B, Q, M, d) candidate states.
        """
        embeddings = self.embed(batch.tokens, slots, vectors)
        mask = stream_mask(batch.context_end, batch.branch)
        if candidates is None:
            return self.backbone(embeddings, batch.positions, mask, cache), None
        branches, places = self.embed_candidates(vectors[candidates], batch.queries)
        hidden = self.backbone(
            torch.cat([embeddings, branches.to(embeddings.dtype)], dim=1),
            torch.cat([batch.positions, places], dim=1),
            torch.cat([mask, group_mask(batch.queries, batch.branch)], dim=2),
        )
        length = embeddings.shape[1]
        return hidden[:, :length], hidden[:, length:].unflatten(1, candidates.shape[1:])

    def rerank_scores(self, states: Tensor) -> Tensor:
        """Return r = g(f(state)) of candidate states (..., M, d) as (..., M). Source: PECRS eq. 5."""
        assert self.reranker is not None
        return cast(Tensor, self.reranker(self.retriever.head(states)))

    def decision_logits(self, states: Tensor) -> Tensor:
        """Return logits (n, 2) of the recommender's prefix and ``[REC]`` from states (n, d) at an EOS."""
        vocabulary = self.vocabulary
        pair = [vocabulary.prefixes[Speaker.RECOMMENDER][0], vocabulary.rec]
        return self.backbone.logits(states)[:, pair]

    def forward(self, batch: Batch, negatives: Tensor | None, rerank_negatives: Tensor | None) -> PecrsOutput:
        """Score a training batch in one pass.

        Args:
            batch: Padded streams.
            negatives: (M,) catalogue indices shared by all queries, or None for the whole catalogue.
            rerank_negatives: (M',) catalogue indices, or None to leave re-ranking out.
        """
        count = len(self.catalogue)
        used = [batch.items.flatten(), batch.positives.flatten()]
        used += [extra for extra in (negatives, rerank_negatives) if extra is not None]
        everything = torch.arange(count, device=self.device)
        needed = torch.unique(torch.cat(used))
        items = everything if negatives is None else needed[needed >= 0]
        vectors = self.item_vectors(items)  # (n, d)
        row = torch.full((count + 1,), -1, device=self.device)
        row[items] = torch.arange(len(items), device=self.device)
        slots, positives = row[batch.items], row[batch.positives]  # index -1 reads the last entry, which stays -1
        mask = positives >= 0
        candidates = None
        if rerank_negatives is not None and self.reranker is not None:
            shared = row[rerank_negatives].expand(*positives.shape[:2], -1)
            candidates = torch.cat([positives.clamp_min(0), shared], dim=2)
        stream, branches = self.read(batch, slots, vectors, candidates)
        b, q = torch.nonzero(batch.queries >= 0, as_tuple=True)
        wanted, found = positives[b, q].clamp_min(0), mask[b, q]
        history = self.mentioned(slots.masked_fill(batch.branch > 0, -1), batch.queries, vectors)[b, q]
        bias = self.retriever.item_bias(items)
        scores = self.retriever(stream[b, batch.queries[b, q]], vectors, bias, history)
        if negatives is None:
            columns = torch.where(found, wanted, count)  # padding falls into an extra column
            right = scores.new_zeros(len(scores), count + 1, dtype=torch.bool).scatter_(1, columns, True)
            negative = scores.masked_fill(right[:, :count], -torch.inf)
        else:
            negative = scores[:, row[negatives]]
        depth = positives.shape[2]
        reranked = None if branches is None else self.rerank_scores(branches[b, q])
        return PecrsOutput(
            positive_mask=found,
            recall_positive=scores.gather(1, wanted),
            recall_negative=negative,
            rerank_positive=None if reranked is None else reranked[:, :depth],
            rerank_negative=None if reranked is None else reranked[:, depth:],
            token_logits=self.backbone.logits(stream[batch.targets[:, 0], batch.targets[:, 1]]),
            decision_logits=self.decision_logits(stream[batch.decisions[:, 0], batch.decisions[:, 1]]),
        )

    def _choose_trained(self) -> None:
        wanted = {f"backbone.{name}" for name in self.backbone.trainable_names()}
        for name, parameter in self.backbone.named_parameters(prefix="backbone"):
            parameter.requires_grad_(name in wanted)

    @staticmethod
    def _check(config: Config, backbone: Backbone) -> None:
        needed = config.data.max_context_tokens + config.data.max_response_tokens + 16
        if needed > backbone.max_positions:
            raise ConfigError(
                f"data.max_context_tokens + data.max_response_tokens + 16 = {needed} positions, but the backbone "
                f"has {backbone.max_positions}"
            )
        if backbone.attention_window is not None and needed > backbone.attention_window:
            raise ConfigError(
                f"data.max_context_tokens: {needed} positions exceed the backbone's attention window of "
                f"{backbone.attention_window}"
            )
        if config.model.candidate_position == "none" and backbone.position_table is None:
            raise ConfigError(
                "model.candidate_position: 'none' needs an additive position table, which this backbone has not: "
                "use zero or after_rec"
            )
