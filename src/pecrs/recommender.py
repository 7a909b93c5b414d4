"""The recommender one can talk to: link, decide, retrieve, re-rank, respond.

``Recommender.respond`` is the path that chat and services share; evaluation uses ``Recommender.rank``, on the
same scores.

Source: PECRS §3.6; design section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.data.protocol import Instance, Ranking
from pecrs.data.spelling import Spelling
from pecrs.data.stream import NO_ITEM, TokenSequence
from pecrs.errors import DataError, PecrsError
from pecrs.index import ItemIndex
from pecrs.linking import Linker
from pecrs.model.generator import ConversationCache
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence import BUNDLED, from_pretrained, model_folder
from pecrs.ranker import Ranker, rerank_shortlist
from pecrs.reply import Filters, Reply, Request, ScoredItem, Stopwatch, TurnEffect, Wishes
from pecrs.wishes import WishReader

_REPAIR = "How about"
_SILENCE = "Tell me more."
_UNNAMED = "that one"


class Recommender:
    """A trained model with a catalogue, ready to rank and to talk.

    One instance may hold several conversations at once through :meth:`conversation`.
    """

    def __init__(self, model: PecrsModel, catalogue: Catalogue | None = None, index: ItemIndex | None = None) -> None:
        """Wrap a model.

        Args:
            model: With up-to-date catalogue vectors.
            catalogue: The items to recommend; the model's own by default.
            index: Their vectors; the model's own by default.
        """
        self.model = model.eval()
        self.catalogue = model.catalogue if catalogue is None else catalogue
        self.index = ItemIndex.of_model(model) if index is None else index
        self.ranker = Ranker(model, self.catalogue, self.index)

    @cached_property
    def linker(self) -> Linker:
        """Finds the catalogue's items in free text; ambiguous titles go by training labels."""
        counts = torch.expm1(self.model.retriever.log_popularity).round().long().tolist()
        return Linker(self.catalogue, {item.id: n for item, n in zip(self.model.catalogue, counts, strict=True)})

    @cached_property
    def wish_reader(self) -> WishReader:
        """Reads what the seeker asks for in so many words."""
        return WishReader(self.catalogue)

    @cached_property
    def spelling(self) -> Spelling | None:
        """How words and names are written, where the vocabulary has no capitals."""
        return self.model.spelling and self.model.spelling.with_names(self.catalogue)

    @classmethod
    def from_pretrained(cls, folder: Path | str | None = None) -> Self:
        """Load a model folder, or the best model of a training run; without one, the model of the package.

        Raises:
            CheckpointError: If the folder holds neither.
        """
        return cls(from_pretrained(BUNDLED if folder is None else model_folder(Path(folder))))

    def with_items(self, changed: Sequence[Item], removed: Iterable[str] = ()) -> Recommender:
        """Return a recommender that also knows new or changed items, from their text alone, without the removed ones.

        Args:
            changed: New items and replacements by id.
            removed: Identifiers to drop.

        Raises:
            DataError: If a removed identifier is unknown.
        """
        catalogue = self.catalogue.with_items(changed, removed)
        fresh = {item.id: row for row, item in enumerate(changed)}
        new = self.model.encode_new_items(changed) if changed else self.index.vectors[:0]
        vectors = [
            new[fresh[item.id]] if item.id in fresh else self.index.vectors[self.catalogue.index(item.id)]
            for item in catalogue
        ]
        bias = self.index.bias
        if bias is not None:
            known = [self.catalogue.index(item.id) if item.id in self.catalogue else None for item in catalogue]
            unseen = torch.full_like(bias[0], self.model.config.generation.unseen_bias)
            bias = torch.stack([unseen if i is None else bias[i] for i in known])
        index = replace(self.index, vectors=torch.stack(vectors), bias=bias)
        return Recommender(self.model, catalogue, index)

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking of the whole catalogue an instance; see :class:`pecrs.ranker.Ranker`."""
        return self.ranker.rank(instances, depth)

    def conversation(self) -> Conversation:
        """Start a conversation with a cache of its own."""
        return Conversation(self)

    def respond(
        self,
        turns: Sequence[Turn],
        *,
        filters: Filters | None = None,
        recommend: bool | None = None,
        count: int = 10,
        seed: int | None = None,
    ) -> Reply:
        """Answer a dialogue from scratch; see :meth:`Conversation.respond`."""
        return self.conversation().respond(turns, filters=filters, recommend=recommend, count=count, seed=seed)

    def respond_many(self, requests: Sequence[Request]) -> list[Reply | PecrsError]:
        """Answer several dialogues; a request that cannot be answered gets its error and stops no other.

        Args:
            requests: Dialogues, each of its own.

        Returns:
            A reply or an error for each request, in order.
        """
        answers: list[Reply | PecrsError] = []
        for request in requests:
            try:
                answers.append(
                    self.respond(
                        request.turns,
                        filters=request.filters,
                        recommend=request.recommend,
                        count=request.count,
                        seed=request.seed,
                    )
                )
            except PecrsError as error:
                answers.append(error)
        return answers

    def wishes(self, turns: Sequence[Turn]) -> Wishes:
        """Return what the seeker has asked for in so many words, where replies follow that."""
        return self.wish_reader.wishes(turns) if self.model.config.generation.follow_wishes else Wishes()

    def linked(self, turns: Sequence[Turn]) -> list[Turn]:
        """Return the turns with titles linked where the seeker's words name items and no item is given yet."""
        linked: list[Turn] = []
        for turn in turns:
            if turn.speaker is Speaker.SEEKER and not turn.items:
                mentioned = [item for earlier in linked for item in earlier.items]
                turn = self.linker.link_turn(turn.speaker, turn.text, mentioned, turn.messages)
            linked.append(turn)
        return linked


class Conversation:
    """One conversation: its turns' keys and values are kept, the rest is computed anew for each reply."""

    def __init__(self, recommender: Recommender) -> None:
        """Start with an empty cache.

        Args:
            recommender: Model, catalogue and linker.
        """
        self.recommender = recommender
        self.cache = ConversationCache(recommender.model)

    def respond(
        self,
        turns: Sequence[Turn],
        *,
        filters: Filters | None = None,
        recommend: bool | None = None,
        count: int = 10,
        seed: int | None = None,
    ) -> Reply:
        """Answer the dialogue so far.

        Where ``generation.follow_wishes`` is on, items are chosen among those that were asked for, and a question of
        fact is answered from the catalogue, unless ``recommend`` says what to do.

        Args:
            turns: All turns; titles in the seeker's words are linked first.
            filters: What may be recommended.
            recommend: Force or forbid a recommendation; None lets the model decide.
            count: Number of ranked items in the reply.
            seed: Seed of sampling; None draws one.

        Raises:
            DataError: If nothing passes the filters while a recommendation is made, or ``count`` is below 1.
        """
        if count < 1:
            raise DataError("at least 1 is expected", field="count")
        watch = Stopwatch()
        rec, settings = self.recommender, self.recommender.model.config.generation
        turns = rec.linked(turns)
        wishes = rec.wishes(turns)
        asked = rec.wish_reader.fact(turns) if settings.follow_wishes and recommend is None else None
        watch.lap("link")
        context = rec.ranker.layout.context(self._known(turns))
        probability = self.decide(context)
        watch.lap("decide")
        if asked is not None:
            text, turn = self._tell(*asked)
            return Reply(text, (), False, probability, turn, watch.laps, wishes)
        wanted = wishes.now or probability >= settings.decision_threshold if recommend is None else recommend
        writes_first = settings.decision == "paper" and recommend is None
        ranked: tuple[ScoredItem, ...] = ()
        if wanted or writes_first:
            ranked = self._recommend(turns, filters or Filters(), wishes, count, watch)
        with torch.random.fork_rng(enabled=seed is not None):
            if seed is not None:
                torch.manual_seed(seed)
            tokens = self._write(context, ranked)
        watch.lap("generate")
        if writes_first and rec.model.vocabulary.item not in tokens:
            ranked = ()
        text, turn = self._finish(tokens, ranked)
        return Reply(text, ranked, bool(ranked), probability, turn, watch.laps, wishes)

    def decide(self, context: TokenSequence) -> float:
        """Return the probability of ``[REC]`` against the recommender's prefix. Source: design section 4."""
        model = self.recommender.model
        state = self.cache.read(context, self.recommender.index.vectors)[-1]
        with torch.inference_mode():
            return float(model.decision_logits(state[None]).softmax(-1)[0, 1])

    def recommend(
        self, turns: Sequence[Turn], *, filters: Filters | None = None, count: int = 10
    ) -> tuple[ScoredItem, ...]:
        """Return the best items for the dialogue so far: retrieval, then re-ranking of the shortlist.

        Args:
            turns: All turns so far.
            filters: What may be recommended.
            count: How many to return.

        Raises:
            DataError: If nothing passes the filters.
        """
        turns = self.recommender.linked(turns)
        wishes = self.recommender.wishes(turns)
        return self._recommend(turns, filters or Filters(), wishes, count, Stopwatch())

    def probability(self, turns: Sequence[Turn]) -> float:
        """Return the probability that a recommendation comes next."""
        return self.decide(self.recommender.ranker.layout.context(self._known(self.recommender.linked(turns))))

    def explain(self, turns: Sequence[Turn], item_id: str) -> tuple[TurnEffect, ...]:
        """Return how an item's retrieval score hangs on each turn; see :meth:`effects`."""
        return self.effects(turns, [item_id])[item_id]

    def effects(self, turns: Sequence[Turn], items: Sequence[str]) -> Mapping[str, tuple[TurnEffect, ...]]:
        """Return how items' retrieval scores hang on each turn, by leaving one turn out at a time.

        Args:
            turns: The turns before the recommendation.
            items: The recommended items.
        """
        places = [self.recommender.catalogue.index(item) for item in items]

        def standing(kept: Sequence[Turn]) -> Tensor:
            scores = self._retrieve(kept)
            return scores[places] - scores.mean()

        whole = standing(turns)
        changes = [(whole - standing([*turns[:i], *turns[i + 1 :]])).tolist() for i in range(len(turns))]
        return {
            item: tuple(TurnEffect(i, change[place]) for i, change in enumerate(changes))
            for place, item in enumerate(items)
        }

    @torch.inference_mode()
    def _recommend(
        self, turns: Sequence[Turn], filters: Filters, wishes: Wishes, count: int, watch: Stopwatch
    ) -> tuple[ScoredItem, ...]:
        rec = self.recommender
        allowed = self._allowed(turns, filters)
        if not allowed.any():
            raise DataError("no item passes the filters", field="filters")
        retrieval = self._retrieve(turns)[None].masked_fill(~self._wished(allowed, wishes), -torch.inf)
        watch.lap("retrieve")
        found = rerank_shortlist(
            rec.model, retrieval, lambda some: self.cache.candidate_scores(rec.index.vectors[some[0]])[None], count
        )
        watch.lap("rerank")
        reranked: dict[int, float] = {}
        if found.rerank is not None:
            reranked = dict(zip(found.shortlist[0].tolist(), found.rerank[0].tolist(), strict=True))
        best = zip(found.items[0].tolist(), found.scores[0].tolist(), strict=True)
        return tuple(
            ScoredItem(rec.catalogue.items[i], rank, score, float(retrieval[0, i]), reranked.get(i))
            for rank, (i, score) in enumerate(best, start=1)
        )

    def _retrieve(self, turns: Sequence[Turn]) -> Tensor:
        rec = self.recommender
        context = rec.ranker.layout.context(self._known(turns))
        rec_token = TokenSequence((rec.model.vocabulary.rec,), (NO_ITEM,))
        states = self.cache.read(context + rec_token, rec.index.vectors)
        slots = [(0, item, slot) for item, slot in context.last_slots().items()]
        named = torch.tensor(slots, dtype=torch.long, device=rec.model.device).view(-1, 3)
        with torch.inference_mode():
            mentions = rec.model.mentions(named, 1, rec.index.vectors, states)
            return rec.index.scores(states[-1:], mentions)[0]

    def _allowed(self, turns: Sequence[Turn], filters: Filters) -> Tensor:
        rec = self.recommender
        allowed = torch.ones(len(rec.catalogue), dtype=torch.bool, device=rec.model.device)
        if filters.restrict:
            allowed = torch.tensor([filters.allows(item) for item in rec.catalogue], device=rec.model.device)
        if filters.exclude_mentioned:
            mentioned = {item for turn in self._known(turns) for item in turn.items}
            allowed[[rec.catalogue.index(item) for item in mentioned]] = False
        return allowed

    def _wished(self, allowed: Tensor, wishes: Wishes) -> Tensor:
        """Narrow what is allowed to what was asked for; a wish that nothing fulfils is given up step by step."""
        catalogue = self.recommender.catalogue
        either = replace(wishes, every=False)
        steps = (wishes, either, replace(either, years=None), Wishes(avoided=wishes.avoided))
        for wish in steps if wishes.restrict else ():
            narrowed = allowed & torch.tensor([wish.allows(item) for item in catalogue], device=allowed.device)
            if narrowed.any():
                return narrowed
        return allowed

    def _tell(self, item: Item, answer: str) -> tuple[str, Turn]:
        text = f"{item.name} {answer}"
        return text, Turn(Speaker.RECOMMENDER, text, (Mention(0, len(item.name), item.id),))

    def _write(self, context: TokenSequence, ranked: Sequence[ScoredItem]) -> list[int]:
        rec = self.recommender
        v = rec.model.vocabulary
        chosen = [rec.catalogue.index(ranked[0].item.id)] if ranked else []
        banned = {v.sep, v.rec, v.rec_end, *v.tokenizer.all_special_ids} - {v.eos, v.item}
        if not ranked:
            banned.add(v.item)
        prefix = rec.ranker.layout.reply_prefix(chosen)
        settings = rec.model.config.generation
        return self.cache.generate(context + prefix, rec.index.vectors, settings, sorted(banned))

    def _finish(self, tokens: Sequence[int], ranked: Sequence[ScoredItem]) -> tuple[str, Turn]:
        """Fill titles in, best first, and build the canonical turn with every item that is shown."""
        rec = self.recommender
        names = [entry.item.name for entry in ranked] + [_UNNAMED] * len(tokens)
        text, spans = rec.model.vocabulary.decode(tokens, names)
        if not spans and not any(map(str.isalnum, text)):
            text = ""
        if rec.spelling is not None:
            text, spans = rec.spelling.write(text, spans)
        mentions = [Mention(start, end, entry.item.id) for (start, end), entry in zip(spans, ranked, strict=False)]
        if ranked and not mentions:
            title = ranked[0].item.name
            stop = "." if text and text[-1] not in ".!?" else ""
            text = f"{text}{stop} {_REPAIR}".strip()
            mentions = [Mention(len(text) + 1, len(text) + 1 + len(title), ranked[0].item.id)]
            text = f"{text} {title}?"
        return text or _SILENCE, Turn(Speaker.RECOMMENDER, text or _SILENCE, tuple(mentions))

    def _known(self, turns: Sequence[Turn]) -> list[Turn]:
        """Leave out items that have been removed from the catalogue since they were mentioned; the words stay."""
        catalogue = self.recommender.catalogue
        return [
            turn
            if all(item in catalogue for item in turn.items)
            else Turn(
                turn.speaker,
                turn.text,
                tuple(mention for mention in turn.mentions if mention.item in catalogue),
                tuple(item for item in turn.items if item in catalogue),
                turn.messages,
            )
            for turn in turns
        ]
