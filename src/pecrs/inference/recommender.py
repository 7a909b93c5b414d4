"""The recommender one can talk to: one façade over one model.

A message is linked once, by :meth:`Recommender.link`; everything else takes linked turns. Chats, services and the
evaluation of words answer by :meth:`Recommender.respond_many`; evaluation of rankings uses :meth:`Recommender.rank`, on
the same scores.

Source: PECRS §3.6; design section 4.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Self

import torch

from pecrs.config import GenerationConfig
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Speaker, Turn
from pecrs.data.protocol import Instance, Ranking
from pecrs.errors import PecrsError
from pecrs.index import ItemIndex
from pecrs.index.encoding import encode_shard, read_text
from pecrs.index.folder import load_index
from pecrs.inference.edits import Edit
from pecrs.inference.preferences import fame_of
from pecrs.inference.ranker import Ranker, known_turns
from pecrs.inference.reader import Reader
from pecrs.inference.replies import ReplyPipeline
from pecrs.inference.state import DialogueState
from pecrs.inference.types import Filters, Reply, Request, ScoredItem
from pecrs.inference.understanding.on_screen import spoken_or_shown
from pecrs.linking import Linker
from pecrs.model.generator import ConversationCache
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import from_pretrained
from pecrs.model.persistence.locate import locate_model_folder
from pecrs.model.text_meaning import text_vectors
from pecrs.ranking.folder import load_reordering
from pecrs.ranking.reordering import Reorderer, Reordering


class Recommender:
    """A trained model with a catalogue, ready to rank and to talk.

    Each conversation may have a :class:`pecrs.model.generator.ConversationCache`, which saves reading it again.

    Attributes:
        ranker: Model, catalogue, index and settings.
        reordering: Features and their weights, where they were fitted.
    """

    def __init__(
        self,
        model: PecrsModel,
        catalogue: Catalogue | None = None,
        index: ItemIndex | None = None,
        settings: GenerationConfig | None = None,
        reordering: Reordering | None = None,
    ) -> None:
        """Wrap a model.

        Args:
            model: With up-to-date catalogue vectors.
            catalogue: The items to recommend; the model's own by default.
            index: Their vectors; the model's own by default.
            settings: How to rank, decide and write; None takes the defaults.
            reordering: Features of the model's own catalogue and their weights; None ranks by the model alone.
        """
        settings = settings or GenerationConfig()
        index = ItemIndex.of_model(model, settings.unseen_bias) if index is None else index
        catalogue, read = catalogue or model.catalogue, partial(text_vectors, model.backbone)
        reorderer = None if reordering is None else Reorderer(reordering, model.catalogue, catalogue, read)
        self.ranker = Ranker(model.eval(), catalogue, index, settings, reorderer)
        self.reordering = reordering
        self._linker_before: Linker | None = None

    @property
    def model(self) -> PecrsModel:
        """The model, in evaluation mode."""
        return self.ranker.model

    @property
    def catalogue(self) -> Catalogue:
        """What is recommended."""
        return self.ranker.catalogue

    @property
    def index(self) -> ItemIndex:
        """The vectors and biases of the catalogue."""
        return self.ranker.index

    @property
    def settings(self) -> GenerationConfig:
        """How it ranks, decides and writes."""
        return self.ranker.settings

    @cached_property
    def linker(self) -> Linker:
        """Finds the catalogue's items in free text; ambiguous titles go by training labels."""
        return _linker(self)

    @cached_property
    def replies(self) -> ReplyPipeline:
        """The steps from requests to replies."""
        return _pipeline(self.ranker)

    @classmethod
    def from_pretrained(
        cls, folder: Path | str | None = None, *, index: Path | str | None = None, device_map: str = ""
    ) -> Self:
        """Load a model folder, the best model of a training run, or an installed model.

        Args:
            folder: The model, ``organisation/name`` of one on a hub, or the name of an installed one: ``films-small``
                comes with this package. None takes ``films`` where that is installed, else ``films-small``.
            index: A folder of an index, whose items are recommended; None takes the model's own.
            device_map: Where the backbone lies: ``auto`` is on all accelerators and then in memory, or devices in
                order, with limits where wanted, as in ``cuda:0=20GiB,cuda:1,cpu,disk``. Empty is the CPU, or where
                quantised weights must be.

        Raises:
            CheckpointError: If there is no such model, the backbone does not fit the devices, or the index is broken
                or another model's.
            ConfigError: If the index needs FAISS, which is missing, or the device map is wrong.
        """
        path = locate_model_folder(folder)
        loaded, reordering = from_pretrained(path, device_map=device_map), load_reordering(path)
        model, settings = loaded.model, loaded.config.generation
        catalogue, vectors = (None, None) if index is None else load_index(model, Path(index), settings.unseen_bias)
        return cls(model, catalogue, vectors, settings, reordering)

    def with_catalogue(self, catalogue: Catalogue) -> Recommender:
        """Return a recommender of another catalogue, of any domain, whose items are known from their text alone."""
        return _over(self, catalogue)

    def with_items(self, changed: Sequence[Item], removed: Iterable[str] = ()) -> Recommender:
        """Return a recommender that also knows new or changed items, from their text alone.

        Args:
            changed: New items and replacements by id.
            removed: Identifiers to drop; DataError where one is unknown.
        """
        return _with_items(self, changed, removed)

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking of the whole catalogue an instance; see :class:`pecrs.inference.ranker.Ranker`."""
        return self.ranker.rank(instances, depth)

    def link(
        self,
        text: str,
        before: Sequence[Turn] = (),
        *,
        speaker: Speaker = Speaker.SEEKER,
        messages: tuple[int, ...] = (),
    ) -> Turn:
        """Return a message as a turn with its titles linked.

        Args:
            text: In the person's own words.
            before: The linked turns before it, which tell apart items of one title.
            speaker: Who says it.
            messages: Position of the message in the conversation, where there is one.
        """
        return self.linker.link_turn(speaker, text, spoken_or_shown(before), messages)

    def linked(self, turns: Sequence[Turn]) -> list[Turn]:
        """Return the turns with titles linked where the seeker's words name items and no item is given yet."""
        linked: list[Turn] = []
        for turn in turns:
            unread = turn.speaker is Speaker.SEEKER and not turn.items
            linked.append(self.link(turn.text, linked, messages=turn.messages) if unread else turn)
        return linked

    def respond(
        self,
        turns: Sequence[Turn],
        *,
        filters: Filters | None = None,
        recommend: bool | None = None,
        count: int = 10,
        seed: int | None = None,
        cache: ConversationCache | None = None,
        edits: Sequence[Edit] = (),
    ) -> Reply:
        """Answer the dialogue so far.

        Where ``generation.words`` are grounded and the model has a message reader, the message is understood first:
        items are chosen among those that fit, questions are answered from the catalogue. Where no item may be
        recommended, the reply says so.

        Args:
            turns: All turns, titles linked.
            filters: What may be recommended; DataError where the catalogue lacks a field or value that they name.
            recommend: Force or forbid a recommendation; None lets the model decide.
            count: Number of ranked items in the reply.
            seed: Seed of sampling; None takes PyTorch's own random state.
            cache: What is kept of this conversation, read here and extended.
            edits: What the person has changed of the state by hand.
        """
        request = Request(tuple(turns), self.replies.candidates.checked(filters), recommend, count, seed, tuple(edits))
        [answer] = self.respond_many([request], None if cache is None else [cache])
        if isinstance(answer, PecrsError):
            raise answer
        return answer

    def respond_many(
        self, requests: Sequence[Request], caches: Sequence[ConversationCache] | None = None
    ) -> list[Reply | PecrsError]:
        """Answer several dialogues together, each as it would be alone, up to the rounding of sums.

        Args:
            requests: Dialogues, each of its own.
            caches: What is kept of them, all distinct; None starts afresh.

        Returns:
            For each request a reply, or the error why it cannot be answered, which stops no other.
        """
        return self.replies.answer(requests, caches)

    def recommend(
        self,
        turns: Sequence[Turn],
        *,
        filters: Filters | None = None,
        count: int = 10,
        cache: ConversationCache | None = None,
        edits: Sequence[Edit] = (),
    ) -> tuple[ScoredItem, ...]:
        """Return the best items for the dialogue so far, none where none is left; arguments are those of `respond`."""
        request = Request(tuple(turns), self.replies.candidates.checked(filters), True, count, edits=tuple(edits))
        return self.replies.recommend(request, cache or ConversationCache())

    def understand(self, turns: Sequence[Turn], edits: Sequence[Edit] = ()) -> DialogueState | None:
        """Return what the person wants by now, or None where the model reads no messages; see `respond`."""
        reader = self.replies.reader
        return None if reader is None else reader.understand(known_turns(turns, self.catalogue), edits).state

    def probability(self, turns: Sequence[Turn], *, cache: ConversationCache | None = None) -> float:
        """Return the model's probability that the next turn recommends. Source: design section 4."""
        return self.ranker.probabilities([self.ranker.context(turns)], [cache or ConversationCache()])[0]


def training_counts(model: PecrsModel) -> dict[str, int]:
    """Return how often training named each item, by id."""
    counts = torch.expm1(model.retriever.log_popularity).round().long().tolist()
    return {item.id: n for item, n in zip(model.catalogue, counts, strict=True)}


@contextmanager
def _collector_waits() -> Iterator[None]:
    """Let the garbage collector wait: it would look at all that is made here again and again, and free nothing."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@_collector_waits()
def _pipeline(ranker: Ranker) -> ReplyPipeline:
    model, catalogue = ranker.model, ranker.catalogue
    truecaser = model.truecaser and model.truecaser.with_names(catalogue)
    grounded = ranker.settings.words == "grounded" and model.message_reader is not None
    reader = Reader(model, catalogue) if grounded else None
    return ReplyPipeline(ranker, reader, truecaser, fame_of(model, catalogue))


@_collector_waits()
def _linker(recommender: Recommender) -> Linker:
    before, recommender._linker_before = recommender._linker_before, None
    catalogue = recommender.catalogue
    return before.of(catalogue) if before else Linker(catalogue, training_counts(recommender.model))


def _over(recommender: Recommender, catalogue: Catalogue) -> Recommender:
    """Return a recommender of another catalogue; features keep their weights, but nothing was ever counted there."""
    model, reordering = recommender.model, recommender.reordering
    uncounted = None if reordering is None else replace(reordering, counts=reordering.counts.elsewhere(model.catalogue))
    return Recommender(model, *_read_anew(recommender.ranker, catalogue), recommender.settings, uncounted)


def _with_items(recommender: Recommender, changed: Sequence[Item], removed: Iterable[str]) -> Recommender:
    """Return a recommender of changed items; its linker, if asked for, takes over what was read before."""
    catalogue, index = _changed(recommender.ranker, changed, removed)
    made = Recommender(recommender.model, catalogue, index, recommender.settings, recommender.reordering)
    made._linker_before = vars(recommender).get("linker", recommender._linker_before)
    return made


def _changed(ranker: Ranker, changed: Sequence[Item], removed: Iterable[str]) -> tuple[Catalogue, ItemIndex]:
    """Return a changed catalogue and its index, new items read from their text alone."""
    catalogue, new = ranker.catalogue.with_items(changed, removed), {item.id: item for item in changed}
    kept = [item.id in catalogue and item.id not in new for item in ranker.catalogue]
    places = [catalogue.index(item.id) if stays else -1 for item, stays in zip(ranker.catalogue, kept, strict=True)]
    fresh = torch.tensor([catalogue.index(item) for item in new], dtype=torch.long)
    vectors = ranker.index.vectors[:0]
    if new:
        vectors = ranker.model.encode_new_items(list(new.values()), ranker.catalogue)
    return catalogue, ranker.index.changed(torch.tensor(places), fresh, vectors, ranker.settings.unseen_bias)


def _read_anew(ranker: Ranker, catalogue: Catalogue) -> tuple[Catalogue, ItemIndex]:
    """Return a catalogue described by the fields that are read of it, and its index."""
    model, text = ranker.model, read_text(ranker.model, catalogue.fields, catalogue.limits)
    read = Catalogue(catalogue.items, text.fields, text.limits)
    vectors = encode_shard(model, read.items, text=text)
    return read, ItemIndex.of_catalogue(model, read, vectors, ranker.settings.unseen_bias)
