"""PecrsModel composes the parts: one pass over streams and candidate branches, and all scores from its states.

Source: PECRS figure 2 and §3; design sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, cast

import torch
from torch import Tensor, nn

from pecrs.config import DataConfig, ModelConfig
from pecrs.data.catalogue import Catalogue, Item, ItemText
from pecrs.data.collator import Batch
from pecrs.data.dialogue import Speaker
from pecrs.data.truecase import Truecaser
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import ConfigError
from pecrs.model.attention import Packing, stream_mask
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.quantization import weight_count
from pecrs.model.backbone.token_losses import token_losses
from pecrs.model.item_encoder import NO_DROPOUT, ItemEncoder
from pecrs.model.item_pool import ItemPool, without
from pecrs.model.item_states import ItemStates, encode_items, item_texts
from pecrs.model.message_reader import MessageReader
from pecrs.model.reranker import Reranker
from pecrs.model.retriever import Mentions, Retriever

VECTORS_TOGETHER = 2**16
"""Items whose vectors are recomputed at once; bounds memory, changes no vector."""


@dataclass(frozen=True, eq=False)
class PecrsOutput:
    """The scores of a training batch; G queries, K positives at most, M negatives, T tokens, D decisions.

    Attributes:
        positive_mask: (G, K) True where a positive stands.
        recall_positive: (G, K) retrieval scores of the positives.
        recall_negative: (G, M) retrieval scores of the negatives; -inf on positives.
        rerank_positive: (G, K) re-ranking scores, or None without a re-ranker.
        rerank_negative: (G, M') re-ranking scores of the negatives, or None.
        token_losses: (T,) minus log-probabilities of the response tokens.
        decision_logits: (D, 2) logits of the recommender's prefix and of ``[REC]``.
    """

    positive_mask: Tensor
    recall_positive: Tensor
    recall_negative: Tensor
    rerank_positive: Tensor | None
    rerank_negative: Tensor | None
    token_losses: Tensor
    decision_logits: Tensor

    def exact(self) -> PecrsOutput:
        """Return the scores in single precision at least, for the losses."""
        low = {k: v for k, v in vars(self).items() if v is not None and v.dtype in (torch.bfloat16, torch.float16)}
        return replace(self, **{name: scores.float() for name, scores in low.items()})


@dataclass(frozen=True)
class TrainedParameters:
    """How much of a model is trained; ``str`` makes a line of it.

    Attributes:
        trained: Number of trained parameters: adapters, token rows and heads, or all.
        total: Number of all parameters, shared ones counted once.
    """

    trained: int
    total: int

    @classmethod
    def of_model(cls, model: nn.Module) -> Self:
        """Count the parameters of a model. Source: PECRS §3.5."""
        sizes = [(weight_count(p), p.requires_grad) for p in model.parameters()]
        return cls(sum(n for n, trained in sizes if trained), sum(n for n, _ in sizes))

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
        settings: Its heads.
        data: Its limits, and how dialogues are laid out for it.
        catalogue: The items it was made for, in index order.
        backbone: The language model.
        item_encoder: Item states -> vectors.
        retriever: State at ``[REC]`` -> scores.
        reranker: Candidate state -> score, or None.
        states: Token states of the catalogue; None until :meth:`attach_states` where only inference is wanted.
        catalogue_vectors: (N, d) vectors of the catalogue for inference; see :meth:`refresh_vectors`.
        reader: Reads item text for new items: the backbone with adapters off, or the untuned base.
        truecaser: How words are written, where the vocabulary has no capitals.
        message_reader: Says what messages do, or None where none was trained; it learns apart from all else.
    """

    catalogue_vectors: Tensor
    reader: Backbone

    def __init__(
        self,
        settings: ModelConfig,
        data: DataConfig,
        catalogue: Catalogue,
        backbone: Backbone,
        reader: Backbone,
        popularity: Sequence[int],
        named: Sequence[bool] | None = None,
    ) -> None:
        """Make the heads around a backbone.

        Args:
            settings: Which heads, and what they compute.
            data: Limits and layout.
            catalogue: The items.
            backbone: With adapters, or the base to be tuned whole.
            reader: The untuned base that reads item text; the backbone itself with adapters.
            popularity: How often each item was the label in training, in catalogue order.
            named: Whether the training dialogues name each item at all; None takes ``popularity > 0``.

        Raises:
            ConfigError: If the settings do not suit the backbone.
        """
        super().__init__()
        _check_backbone(settings, data, backbone)
        self.settings, self.data, self.catalogue, self.backbone = settings, data, catalogue, backbone
        object.__setattr__(self, "reader", reader)  # not a submodule: never trained, never saved with the heads
        self.states: ItemStates | None = None
        self.truecaser: Truecaser | None = None
        self.message_reader: MessageReader | None = None
        width, counts = backbone.width, torch.tensor(popularity)
        self.item_encoder = _item_encoder(settings, data, reader, counts > 0 if named is None else named)
        self.retriever = _retriever(settings, width, counts)
        self.reranker = _reranker(settings, width)
        self.register_buffer("catalogue_vectors", torch.zeros(len(catalogue), width), persistent=False)
        _freeze_rest(backbone)

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokeniser and special ids."""
        return self.backbone.vocabulary

    @property
    def device(self) -> torch.device:
        """Where the parameters live."""
        return self.item_encoder.pooling.device

    def trained_parameters(self) -> dict[str, nn.Parameter]:
        """Return the trained parameters by name: what ``tuning`` names of the backbone, and all heads (§3.5)."""
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}

    def item_vectors(self, items: Tensor, dropout: tuple[float, float] = NO_DROPOUT) -> Tensor:
        """Return the vectors (n, d) of catalogue indices (n,) from the cached states, with gradient.

        Args:
            items: (n,) on the CPU.
            dropout: See :class:`ItemEncoder`.
        """
        if self.states is None:
            raise ConfigError("the model has no item states; call attach_states first")
        return cast(Tensor, self.item_encoder(self.states, items, dropout=dropout))

    def attach_states(self, states: ItemStates) -> None:
        """Give the model the catalogue's token states and recompute its vectors."""
        self.states = states
        self.refresh_vectors()

    @torch.no_grad()
    def refresh_vectors(self) -> None:
        """Recompute ``catalogue_vectors`` with the present pooling, head and embeddings."""
        parts = torch.split(torch.arange(len(self.catalogue)), VECTORS_TOGETHER)
        self.catalogue_vectors = torch.cat([self.item_vectors(part) for part in parts])

    @torch.no_grad()
    def encode_new_items(self, items: Sequence[Item], described: Catalogue | ItemText | None = None) -> Tensor:
        """Return the vectors (n, d) of items that training never saw, from their text alone.

        Args:
            items: Of any catalogue.
            described: Says which fields make a text; None takes the model's own catalogue.
        """
        texts = item_texts(self.reader, described or self.catalogue, items, self.data.max_item_tokens)
        states = encode_items(self.reader, texts).to(self.device)
        return cast(Tensor, self.item_encoder(states, torch.arange(len(items)), learned=False))

    def read(
        self, batch: Batch, slots: Tensor, vectors: Tensor, candidates: Tensor | None = None, cache: Any = None
    ) -> tuple[Tensor, Tensor | None]:
        """Return the states (S, d) of packed streams and (G, M, d) of their candidate branches, in one pass.

        Args:
            batch: Packed streams.
            slots: (S,) rows of ``vectors`` at item slots, -1 elsewhere.
            vectors: (n, d) item vectors.
            candidates: (G, M) rows of ``vectors``, or None.
            cache: A cache to fill with the streams' keys and values.
        """
        embeddings, positions = self.backbone.embed_stream(batch.tokens, slots, vectors), batch.positions
        mask = stream_mask(batch.context_end, batch.branch) if batch.branched else None
        packing = Packing(batch.keys, batch.cells, mask, batch.query_streams, batch.query_positions + 1)
        if candidates is not None:
            assert self.reranker is not None
            chosen, places = self.reranker.embed(
                _rows(vectors, candidates), batch.query_positions, self.backbone.position_table
            )
            embeddings = torch.cat([embeddings, chosen.to(embeddings.dtype)])
            positions = torch.cat([positions, places])
        hidden = self.backbone(embeddings[None], positions[None], packing, cache=cache)[0]
        if candidates is None:
            return hidden, None
        return hidden[: len(batch.tokens)], hidden[len(batch.tokens) :].unflatten(0, candidates.shape)

    def decision_logits(self, states: Tensor) -> Tensor:
        """Return logits (n, 2) of the recommender's prefix and ``[REC]`` from states (n, d) at an EOS."""
        return self.backbone.logits(states, (self.vocabulary.prefixes[Speaker.RECOMMENDER][0], self.vocabulary.rec))

    def forward(self, batch: Batch, pool: ItemPool) -> PecrsOutput:
        """Score a micro-batch of training in one forward pass.

        Args:
            batch: Packed streams.
            pool: The items they need, and the negatives.
        """
        positives, slots = pool.rows[batch.positives], pool.rows[batch.items]  # (G, K) and (S,)
        negatives = self._rerank_negatives(batch, pool, slots) if self.reranker is not None and len(positives) else None
        candidates = None if negatives is None else torch.cat([positives.clamp_min(0), negatives], dim=1)
        stream, branches = self.read(batch, slots, pool.vectors, candidates)
        scores = self._retrieval_scores(batch, pool, stream)
        others = without(scores, positives)
        reranked = None if branches is None or self.reranker is None else self.reranker(branches, self.retriever.head)
        depth = positives.shape[1]
        return PecrsOutput(
            positive_mask=positives >= 0,
            recall_positive=scores.gather(1, positives.clamp_min(0)),
            recall_negative=others if pool.negatives is None else others[:, pool.negatives],
            rerank_positive=None if reranked is None else reranked[:, :depth],
            rerank_negative=None if reranked is None else reranked[:, depth:],
            token_losses=token_losses(self.backbone, stream.index_select(0, batch.targets[:, 0]), batch.targets[:, 1]),
            decision_logits=self.decision_logits(stream.index_select(0, batch.decisions[:, 0])),
        )

    def _retrieval_scores(self, batch: Batch, pool: ItemPool, stream: Tensor) -> Tensor:
        """Return the retrieval scores (G, n) of a pool's items from stream states (S, d)."""
        queries, items, places = batch.mentions.unbind(1)
        named = torch.stack([queries, pool.rows[items], places], dim=1)
        mentions = Mentions.gather(named, len(batch.queries), pool.vectors, stream)
        bias, norm = self.retriever.item_bias(pool.items), self.item_encoder.scale
        return cast(Tensor, self.retriever(stream[batch.queries], pool.vectors, norm, bias, mentions))

    @torch.no_grad()
    def _rerank_negatives(self, batch: Batch, pool: ItemPool, slots: Tensor) -> Tensor | None:
        """Return rows (G, M') of the re-ranker's negatives: those that are shared, or a draw from each shortlist.

        A shortlist costs a pass of its own, without gradient, by the present weights.
        """
        if pool.shortlist is None:
            return None if pool.rerank is None else pool.rerank.expand(len(batch.queries), -1)
        stream, _ = self.read(batch, slots, pool.vectors)
        torch.clear_autocast_cache()  # casts of weights that were made here would take no gradient
        return pool.shortlist.draw(self._retrieval_scores(batch, pool, stream), pool.rows[batch.positives])


def _rows(vectors: Tensor, places: Tensor) -> Tensor:
    """Return the rows (..., d) of vectors (n, d) at places (...); plain indexing takes longer on the way back."""
    return vectors.index_select(0, places.flatten()).view(*places.shape, vectors.shape[1])


def _item_encoder(
    settings: ModelConfig, data: DataConfig, reader: Backbone, seen: Tensor | Sequence[bool]
) -> ItemEncoder:
    rows = reader.embed(torch.arange(min(reader.vocabulary.special), device=reader.device)).detach()
    return ItemEncoder(
        reader.width,
        data.max_item_tokens,
        scale=float(rows.norm(dim=-1).mean()),
        seen=torch.as_tensor(seen) if settings.item_embedding else None,
        learn_pooling=settings.item_pooling == "learned",
        head=settings.item_head,
    )


def _retriever(settings: ModelConfig, width: int, popularity: Tensor) -> Retriever:
    return Retriever(
        width,
        popularity,
        kind=settings.similarity,
        scale=settings.scale,
        learn_scale=settings.learn_scale,
        bias=settings.popularity_bias,
        mentions=settings.mention_feature,
        repeats=settings.repeat_feature,
        linear=settings.heads == "linear",
    )


def _reranker(settings: ModelConfig, width: int) -> Reranker | None:
    if not settings.reranker:
        return None
    return Reranker(width, linear=settings.heads == "linear", position=settings.candidate_position)


def _freeze_rest(backbone: Backbone) -> None:
    """Let only those parameters of a backbone be trained that its tuning names."""
    wanted = backbone.trainable_names()
    for name, parameter in backbone.named_parameters():
        parameter.requires_grad_(name in wanted)


def _check_backbone(settings: ModelConfig, data: DataConfig, backbone: Backbone) -> None:
    needed = data.max_context_tokens + data.max_response_tokens + 16
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
    if settings.candidate_position == "none" and backbone.position_table is None:
        raise ConfigError(
            "model.candidate_position: 'none' needs an additive position table, which this backbone has not: "
            "use zero or after_rec"
        )
