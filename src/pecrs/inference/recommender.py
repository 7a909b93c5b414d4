"""The recommender one can talk to.

``Recommender.respond_many`` and ``Conversation.respond`` are one path, which chat, services and the evaluation of words
share; evaluation of rankings uses ``Recommender.rank``, on the same scores.

Source: PECRS §3.6; design section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Turn
from pecrs.data.protocol import Instance, Ranking
from pecrs.data.truecase import Truecaser
from pecrs.errors import PecrsError
from pecrs.index import ItemIndex
from pecrs.index.folder import load_index
from pecrs.inference.ranker import Ranker
from pecrs.inference.responder import Responder
from pecrs.inference.types import Filters, Reply, Request, ScoredItem, TurnEffect
from pecrs.inference.understanding import ConstraintReader
from pecrs.linking import Linker
from pecrs.model.generator import ConversationCache
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import BUNDLED, from_pretrained, model_folder


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
        self.responder = Responder(self.ranker)

    @property
    def linker(self) -> Linker:
        """Finds the catalogue's items in free text; ambiguous titles go by training labels."""
        return self.responder.linker

    @property
    def constraint_reader(self) -> ConstraintReader:
        """Reads what the seeker asks for in so many words."""
        return self.responder.constraint_reader

    @property
    def truecaser(self) -> Truecaser | None:
        """How words and names are written, where the vocabulary has no capitals."""
        return self.responder.truecaser

    @classmethod
    def from_pretrained(
        cls, folder: Path | str | None = None, *, index: Path | str | None = None, device_map: str = ""
    ) -> Self:
        """Load a model folder, or the best model of a training run; without one, the model of the package.

        Args:
            folder: The model.
            index: A folder of an index, whose items are recommended; None takes the model's own.
            device_map: Where the backbone lies: ``auto`` is on all accelerators and then in memory, or devices in
                order, with limits where wanted, as in ``cuda:0=20GiB,cuda:1,cpu,disk``. Empty is the CPU, or where
                quantised weights must be.

        Raises:
            CheckpointError: If the folder holds neither, the backbone does not fit the devices, or the index is broken
                or another model's.
            ConfigError: If the index needs FAISS, which is missing, or the device map is wrong.
        """
        model = from_pretrained(BUNDLED if folder is None else model_folder(Path(folder)), device_map=device_map)
        return cls(model) if index is None else cls(model, *load_index(model, Path(index)))

    def with_items(self, changed: Sequence[Item], removed: Iterable[str] = ()) -> Recommender:
        """Return a recommender that also knows new or changed items, from their text alone, without the removed ones.

        Args:
            changed: New items and replacements by id.
            removed: Identifiers to drop.

        Raises:
            DataError: If a removed identifier is unknown.
        """
        catalogue = self.catalogue.with_items(changed, removed)
        new = {item.id: item for item in changed}
        kept = [item.id in catalogue and item.id not in new for item in self.catalogue]
        places = [catalogue.index(item.id) if stays else -1 for item, stays in zip(self.catalogue, kept, strict=True)]
        fresh = [catalogue.index(item) for item in new]
        vectors = self.model.encode_new_items(list(new.values())) if new else self.index.vectors[:0]
        unseen = self.model.config.generation.unseen_bias
        index = self.index.changed(torch.tensor(places), torch.tensor(fresh, dtype=torch.long), vectors, unseen)
        return Recommender(self.model, catalogue, index)

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking of the whole catalogue an instance; see :class:`pecrs.inference.ranker.Ranker`."""
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

    def respond_many(
        self, requests: Sequence[Request], conversations: Sequence[Conversation] | None = None
    ) -> list[Reply | PecrsError]:
        """Answer several dialogues together; a request that cannot be answered gets its error and stops no other.

        Replies are those that each request would get alone, up to the rounding of sums; a seed is its request's own.

        Args:
            requests: Dialogues, each of its own.
            conversations: Their conversations, all distinct, whose keys and values are kept; None starts afresh.

        Returns:
            A reply or an error for each request, in order.

        Raises:
            DataError: If there is not one conversation a request.
        """
        caches = None if conversations is None else [conversation.cache for conversation in conversations]
        return self.responder.respond(requests, caches)

    def linked(self, turns: Sequence[Turn]) -> list[Turn]:
        """Return the turns with titles linked where the seeker's words name items and no item is given yet."""
        return self.responder.linked(turns)


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

        Where ``generation.follow_constraints`` is on, items are chosen among those that were asked for, and a question
        of fact is answered from the catalogue, unless ``recommend`` says what to do.

        Args:
            turns: All turns; titles in the seeker's words are linked first.
            filters: What may be recommended.
            recommend: Force or forbid a recommendation; None lets the model decide.
            count: Number of ranked items in the reply.
            seed: Seed of sampling; None takes PyTorch's own random state.

        Raises:
            DataError: If nothing passes the filters while a recommendation is made, or ``count`` is below 1.
        """
        request = Request(tuple(turns), filters or Filters(), recommend, count, seed)
        [answer] = self.recommender.respond_many([request], [self])
        if isinstance(answer, PecrsError):
            raise answer
        return answer

    def decide(self, turns: Sequence[Turn]) -> float:
        """Return the probability that the next turn recommends. Source: design section 4."""
        responder = self.recommender.responder
        return responder.decide([responder.context(turns)], [self.cache])[0]

    def recommend(
        self, turns: Sequence[Turn], *, filters: Filters | None = None, count: int = 10
    ) -> tuple[ScoredItem, ...]:
        """Return the best items for the dialogue so far: retrieval, then re-ranking of the shortlist.

        Args:
            turns: All turns so far, titles linked.
            filters: What may be recommended.
            count: How many to return.

        Raises:
            DataError: If nothing passes the filters.
        """
        return self.recommender.responder.recommend(turns, filters or Filters(), count, self.cache)

    def explain(self, turns: Sequence[Turn], item_id: str) -> tuple[TurnEffect, ...]:
        """Return how an item's retrieval score depends on each turn; see :meth:`effects`."""
        return self.effects(turns, [item_id])[item_id]

    def effects(
        self, turns: Sequence[Turn], items: Sequence[str], latest: int | None = None
    ) -> Mapping[str, tuple[TurnEffect, ...]]:
        """Return how items' retrieval scores depend on each turn, by leaving one turn out at a time.

        Args:
            turns: The turns before the recommendation.
            items: The recommended items.
            latest: Leave out only these many turns from the end; each costs a reading of what follows it.
        """
        first = 0 if latest is None else max(0, len(turns) - latest)
        places = [self.recommender.catalogue.index(item) for item in items]
        responder = self.recommender.responder

        def standing(kept: Sequence[Turn]) -> Tensor:
            scores = responder.scores([responder.context(kept)], [self.cache])[0]
            return scores[places] - scores.mean()

        whole = standing(turns)
        left_out = range(first, len(turns))
        changes = [(whole - standing([*turns[:i], *turns[i + 1 :]])).tolist() for i in left_out]
        return {
            item: tuple(TurnEffect(i, change[place]) for i, change in zip(left_out, changes, strict=True))
            for place, item in enumerate(items)
        }
