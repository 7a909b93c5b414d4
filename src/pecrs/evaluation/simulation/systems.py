"""Recommenders that simulated users talk to: a model, a service by its address, baselines, one made bad on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import requests

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
from pecrs.data.protocol import Instance
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.baselines.simple import ConversationalRecommender
from pecrs.evaluation.simulation.conversation import Conversation, System, SystemReply
from pecrs.inference.moves import MoveKind
from pecrs.inference.recommender import Recommender
from pecrs.linking import Linker
from pecrs.model.generator import ConversationCache

_WORDS = ("Have you seen {}?", "How about {}?", "You could try {}.", "I would suggest {}.")
_SECONDS = 60


@dataclass
class Model(System):
    """A model of this package, as its chat answers."""

    recommender: Recommender
    _cache: ConversationCache = field(default_factory=ConversationCache)

    def reply(self, conversation: Conversation) -> SystemReply:
        """Answer the latest message; see :class:`System`."""
        turns = self.recommender.linked(conversation.turns)
        seed = conversation.seed + len(turns) - 1  # as a chat counts
        reply = self.recommender.respond(turns, seed=seed, cache=self._cache)
        if reply.move is MoveKind.LIST:
            return SystemReply(reply.turn, reply.turn.items)
        return SystemReply(reply.turn, (reply.items[0].item.id,) if reply.recommends else ())


@dataclass
class Ranked(System):
    """A ranking that is put into words: the best item is recommended in every reply.

    Attributes:
        ranker: Ranks the catalogue.
        catalogue: What it ranks.
        linker: Finds titles in what the user says.
        new_only: Whether what the dialogue has named is passed over.
    """

    ranker: ConversationalRecommender
    catalogue: Catalogue
    linker: Linker
    new_only: bool

    def reply(self, conversation: Conversation) -> SystemReply:
        """Answer the latest message; see :class:`System`."""
        turns: list[Turn] = []
        for turn in conversation.turns:
            named = [item for earlier in turns for item in earlier.items]
            seeker = turn.speaker is Speaker.SEEKER
            turns.append(self.linker.link_turn(turn.speaker, turn.text, named, turn.messages) if seeker else turn)
        named = [item for turn in turns for item in turn.items]
        dialogue = Dialogue("simulated", (*turns, Turn(Speaker.RECOMMENDER, "")))
        [ranking] = self.ranker.rank([Instance(dialogue, len(turns), ())], len(set(named)) + 1)
        best = next((item for item in ranking.items if not (self.new_only and item in named)), ranking.items[0])
        words = _WORDS[len(turns) // 2 % len(_WORDS)]
        return SystemReply(_named(words.split("{}"), self.catalogue, [best]), (best,))


@dataclass
class Sabotaged(System):
    """A recommender whose every recommendation is replaced by an item drawn at random, the words around it kept."""

    system: System
    catalogue: Catalogue

    def reply(self, conversation: Conversation) -> SystemReply:
        """Answer the latest message; see :class:`System`."""
        said = self.system.reply(conversation)
        if not said.items:
            return said
        lot = Random(f"{conversation.seed} {len(conversation.turns)}")
        others = lot.sample([item.id for item in self.catalogue], min(len(said.items), len(self.catalogue)))
        instead = dict(zip(said.items, others, strict=False))
        order = [instead.get(mention.item, mention.item) for mention in said.turn.mentions]
        return SystemReply(_named(said.turn.words, self.catalogue, order), tuple(others))


@dataclass
class Remote(System):
    """A service that takes ``{"context": [...], "message": ...}`` and answers with plain text, as UserSimCRS has it.

    Items are found in the text by their titles. Those that the user named are taken for references, unless there are
    no others.

    Attributes:
        url: Where it is.
        linker: Finds titles of the catalogue.

    Source: Afzali et al., "UserSimCRS", WSDM 2023; its ``iEvaLMAgent``.
    """

    url: str
    linker: Linker

    def reply(self, conversation: Conversation) -> SystemReply:
        """Answer the latest message; see :class:`System`.

        Raises:
            ConfigError: If the service cannot be reached or refuses.
            DataError: If it says nothing.
        """
        texts = [turn.text for turn in conversation.turns]
        body = {"context": texts, "message": texts[-1]}
        try:
            answer = requests.post(self.url, json=body, timeout=_SECONDS)
        except requests.RequestException as error:
            raise ConfigError(f"{self.url} cannot be reached: {type(error).__name__}") from None
        if not answer.ok:
            raise ConfigError(f"{self.url} answers {answer.status_code}: {' '.join(answer.text.split())[:200]}")
        if not answer.text.strip():
            raise DataError(f"{self.url} answers with no text", field="reply")
        own = [item for turn in conversation.turns for item in turn.items]
        turn = self.linker.link_turn(Speaker.RECOMMENDER, answer.text.strip(), own)
        user = [m.item for t in conversation.turns if t.speaker is Speaker.SEEKER for m in self.linker.link(t.text)]
        return SystemReply(turn, tuple(item for item in turn.items if item not in user) or turn.items)


def _named(words: Sequence[str], catalogue: Catalogue, items: Sequence[str]) -> Turn:
    """Return a turn with the names of items between words, of which there is one more."""
    text, mentions = words[0], []
    for item, after in zip(items, words[1:], strict=True):
        name = catalogue[item].name
        mentions.append(Mention(len(text), len(text) + len(name), item))
        text += name + after
    return Turn(Speaker.RECOMMENDER, text, tuple(mentions))
