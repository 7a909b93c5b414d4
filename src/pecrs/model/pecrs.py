"""PecrsModel composes the parts: one pass over streams and candidate branches, and all scores from its states.

Source: PECRS figure 2 and §3; design sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from pecrs.config import Config
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.collator import Batch
from pecrs.data.dialogue import Speaker
from pecrs.data.truecase import Truecaser
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import ConfigError
from pecrs.model.attention import Packing, stream_mask
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.quantization import weight_count
from pecrs.model.backbone.token_losses import token_losses
from pecrs.model.item_encoder import ItemEncoder
from pecrs.model.item_states import ItemStates, encode_items, item_texts
from pecrs.model.output import ItemPool, PecrsOutput, TrainedParameters
from pecrs.model.reranker import Reranker
from pecrs.model.retriever import Mentions, Retriever

VECTORS_TOGETHER = 2**16
"""Items whose vectors are recomputed at once; bounds memory, changes no vector."""


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
        truecaser: How words are written, where the vocabulary has no capitals.
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
        self.truecaser: Truecaser | None = None
        model, width = config.model, backbone.width
        self._check(config, backbone)
        rows = reader.embed(torch.arange(min(reader.vocabulary.special), device=reader.device)).detach()
        seen = torch.tensor(popularity) > 0 if named is None else torch.tensor(named)
        self.item_encoder = ItemEncoder(
            width,
            config.data.max_item_tokens,
            scale=float(rows.norm(dim=-1).mean()),
            seen=seen if model.item_embedding else None,
            dropout=(config.training.embedding_dropout, config.training.text_dropout),
            learn_pooling=model.item_pooling == "learned",
            head=model.item_head,
        )
        self.retriever = Retriever(
            width,
            torch.tensor(popularity),
            kind=model.similarity,
            scale=model.scale,
            learn_scale=model.learn_scale,
            bias=model.popularity_bias,
            mentions=model.mention_feature,
            repeats=model.repeat_feature,
            linear=model.heads == "linear",
        )
        self.reranker = Reranker(width, linear=model.heads == "linear") if model.reranker else None
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
        sizes = [(weight_count(p), p.requires_grad) for p in self.parameters()]
        return TrainedParameters(sum(n for n, trained in sizes if trained), sum(n for n, _ in sizes))

    def item_vectors(self, items: Tensor, *, drop: bool = False) -> Tensor:
        """Return the vectors (n, d) of catalogue indices (n,) from the cached states, with gradient.

        Args:
            items: (n,) on the CPU.
            drop: Drop embeddings and texts as training does.
        """
        if self.states is None:
            raise ConfigError("the model has no item states; call attach_states first")
        return cast(Tensor, self.item_encoder(self.states, items, drop=drop))

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
    def encode_new_items(self, items: Sequence[Item]) -> Tensor:
        """Return the vectors (n, d) of items that training never saw, from their text alone.

        Args:
            items: New or changed items.
        """
        reader = cast(Backbone, self.reader)
        texts = item_texts(reader, items, self.catalogue.fields, self.config.data.max_item_tokens)
        states = encode_items(reader, texts).to(self.device)
        return cast(Tensor, self.item_encoder(states, torch.arange(len(items)), learned=False))

    def pool(self, named: Tensor, negatives: Tensor | None, rerank: Tensor | None) -> ItemPool:
        """Encode the items that a batch needs, with gradient; indices come on the CPU.

        Args:
            named: (n,) distinct catalogue indices that streams and positives hold.
            negatives: (M,) catalogue indices of the retriever's negatives, or None for the whole catalogue.
            rerank: (M',) catalogue indices of the re-ranker's negatives, or None.
        """
        count, device = len(self.catalogue), self.device
        items = torch.arange(count)
        if negatives is not None:
            items = torch.unique(torch.cat([named, negatives, *([] if rerank is None else [rerank])]))
        rows = torch.full((count + 1,), -1)
        rows[items] = torch.arange(len(items))
        whole = ItemPool(items.to(device), self.item_vectors(items, drop=self.training), rows.to(device), None, None)
        return whole.against(negatives, rerank)

    def embed(self, tokens: Tensor, slots: Tensor, vectors: Tensor) -> Tensor:
        """Return the input embeddings of a stream: token rows, and item vectors at the slots.

        Args:
            tokens: (...) token ids.
            slots: (...) rows of ``vectors`` at item slots, -1 elsewhere.
            vectors: (n, d).

        Returns:
            (..., d).
        """
        embedded = self.backbone.embed(tokens)
        return torch.where((slots >= 0)[..., None], vectors[slots.clamp_min(0)].to(embedded.dtype), embedded)

    @staticmethod
    def mentions(named: Tensor, count: int, vectors: Tensor, stream: Tensor) -> Mentions:
        """Return the items that stand before each query.

        Args:
            named: (R, 3) query, row of ``vectors`` and row of ``stream`` of each distinct item before a query.
            count: Number of queries.
            vectors: (n, d).
            stream: (S, d) stream states.
        """
        queries, rows, places = named.unbind(1)
        total = vectors.new_zeros(count, vectors.shape[1]).index_add(0, queries, vectors[rows])
        sizes = vectors.new_zeros(count).index_add(0, queries, vectors.new_ones(len(queries)))
        return Mentions(total / sizes.clamp_min(1)[:, None], sizes, queries, rows, stream[places])

    def embed_candidates(self, vectors: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return candidates' input embeddings and position ids.

        Args:
            vectors: (G, M, d) item vectors.
            places: (G,) position of each group's ``[REC]`` in its stream.

        Returns:
            (G * M, d) and (G * M,).

        Source: PECRS §3.3, "positional embeddings are removed for item tokens"; design section 1.
        """
        choice = self.config.model.candidate_position
        if choice == "none":
            table = self.backbone.position_table
            assert table is not None
            vectors = vectors - table[0]  # the model adds it back
        places = places + 1 if choice == "after_rec" else torch.zeros_like(places)
        return vectors.flatten(0, 1), places[:, None].expand(vectors.shape[:2]).flatten()

    def read(
        self, batch: Batch, slots: Tensor, vectors: Tensor, candidates: Tensor | None = None, cache: Any = None
    ) -> tuple[Tensor, Tensor | None]:
        """Run one pass over packed streams and, where given, their candidate branches.

        Args:
            batch: Packed streams.
            slots: (S,) rows of ``vectors`` at item slots, -1 elsewhere.
            vectors: (n, d) item vectors.
            candidates: (G, M) rows of ``vectors``, or None.
            cache: A cache to fill with the streams' keys and values.

        Returns:
            (S, d) stream states and (G, M, d) candidate states.
        """
        embeddings, positions = self.embed(batch.tokens, slots, vectors), batch.positions
        mask = stream_mask(batch.context_end, batch.branch) if batch.branched else None
        packing = Packing(batch.keys, batch.cells, mask, batch.query_streams, batch.query_positions + 1)
        if candidates is not None:
            branches, places = self.embed_candidates(vectors[candidates], batch.query_positions)
            embeddings = torch.cat([embeddings, branches.to(embeddings.dtype)])
            positions = torch.cat([positions, places])
        hidden = self.backbone(embeddings[None], positions[None], packing, cache=cache)[0]
        if candidates is None:
            return hidden, None
        length = len(batch.tokens)
        return hidden[:length], hidden[length:].unflatten(0, candidates.shape)

    def rerank_scores(self, states: Tensor) -> Tensor:
        """Return r = g(f(state)) of candidate states (..., M, d) as (..., M); g(state) with linear heads.

        Source: PECRS eq. 5.
        """
        assert self.reranker is not None
        with torch.autocast(states.device.type, enabled=False):  # bf16 would make scores of a shortlist equal
            states = states.to(self.item_encoder.scale.dtype)
            projected = states if self.config.model.heads == "linear" else self.retriever.head(states)
            return cast(Tensor, self.reranker(projected))

    def decision_logits(self, states: Tensor) -> Tensor:
        """Return logits (n, 2) of the recommender's prefix and ``[REC]`` from states (n, d) at an EOS."""
        vocabulary = self.vocabulary
        return self.backbone.logits(states, (vocabulary.prefixes[Speaker.RECOMMENDER][0], vocabulary.rec))

    def forward(self, batch: Batch, pool: ItemPool) -> PecrsOutput:
        """Score a micro-batch in one forward pass.

        Args:
            batch: Packed streams.
            pool: The items they need, and the negatives.
        """
        positives = pool.rows[batch.positives]  # (G, K)
        found, wanted = positives >= 0, positives.clamp_min(0)
        slots = pool.rows[batch.items]
        drawn = self._rerank_negatives(batch, pool, slots) if self.reranker is not None and len(wanted) else None
        candidates = None if drawn is None else torch.cat([wanted, drawn], dim=1)
        stream, branches = self.read(batch, slots, pool.vectors, candidates)
        scores = self._retrieval(batch, pool, stream)
        negative = _without(scores, positives)
        negative = negative if pool.negatives is None else negative[:, pool.negatives]
        reranked = None if branches is None else self.rerank_scores(branches)
        depth = wanted.shape[1]
        return PecrsOutput(
            positive_mask=found,
            recall_positive=scores.gather(1, wanted),
            recall_negative=negative,
            rerank_positive=None if reranked is None else reranked[:, :depth],
            rerank_negative=None if reranked is None else reranked[:, depth:],
            token_losses=token_losses(self.backbone, stream[batch.targets[:, 0]], batch.targets[:, 1]),
            decision_logits=self.decision_logits(stream[batch.decisions[:, 0]]),
        )

    def _retrieval(self, batch: Batch, pool: ItemPool, stream: Tensor) -> Tensor:
        """Return the retrieval scores (G, n) of a pool's items from stream states (S, d)."""
        queries, items, places = batch.mentions.unbind(1)
        named = torch.stack([queries, pool.rows[items], places], dim=1)
        history = self.mentions(named, len(batch.queries), pool.vectors, stream)
        bias, norm = self.retriever.item_bias(pool.items), self.item_encoder.scale
        return cast(Tensor, self.retriever(stream[batch.queries], pool.vectors, norm, bias, history))

    @torch.no_grad()
    def _rerank_negatives(self, batch: Batch, pool: ItemPool, slots: Tensor) -> Tensor | None:
        """Return rows (G, M') of the re-ranker's negatives: those that are shared, or a draw from each shortlist.

        A shortlist costs a pass of its own, without gradient, by the present weights.
        """
        count = len(batch.queries)
        if pool.shortlist is None:
            return None if pool.rerank is None else pool.rerank.expand(count, -1)
        stream, _ = self.read(batch, slots, pool.vectors)
        torch.clear_autocast_cache()  # casts of weights that were made here would take no gradient
        positives = pool.rows[batch.positives]
        scores = _without(self._retrieval(batch, pool, stream), positives)
        size = min(pool.shortlist.size, scores.shape[1] - positives.shape[1])
        best = torch.topk(scores, size, dim=1).indices  # (G, size)
        chosen = torch.rand(count, size, device=best.device).argsort(1)[:, : pool.shortlist.drawn]
        return best.gather(1, chosen)

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


def _without(scores: Tensor, right: Tensor) -> Tensor:
    """Return scores (G, n) with -inf on the positives (G, K), which -1 pads."""
    columns = torch.where(right >= 0, right, scores.shape[1])  # padding falls into an extra column
    hidden = scores.new_zeros(len(scores), scores.shape[1] + 1, dtype=torch.bool).scatter_(1, columns, True)
    return scores.masked_fill(hidden[:, :-1], -torch.inf)
