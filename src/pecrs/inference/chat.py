"""A conversation on a terminal or in a script: what a person types, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pecrs.data.catalogue import Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.errors import DataError
from pecrs.inference.edits import Edit
from pecrs.inference.explanation import turn_effects
from pecrs.inference.language.rewording import Rewording
from pecrs.inference.recommender import Recommender
from pecrs.inference.state import DialogueState
from pecrs.inference.types import Filters, Reply, TurnEffect
from pecrs.model.generator import ConversationCache

LIKED_SAID = 10
"""So many liked items open a conversation; more would crowd out what is said in it."""

HELP = """/why [TITLE]      what moved the last recommendation, or an item of your choice
/exclude TITLE    never recommend this again in this conversation
/state            what you are looking for, as it was understood
/forget WORDS     take a part of that out again
/history          what has been said
/reset            start over
/help             this list
/quit             leave"""


@dataclass(frozen=True)
class Explanation:
    """Why an item was recommended.

    Attributes:
        title: The item.
        retrieval: Its retrieval score.
        rerank: Its re-ranking score, or None.
        effects: The turns that moved its score, the strongest first.
        turns: The turns that the effects refer to.
    """

    title: str
    retrieval: float | None
    rerank: float | None
    effects: tuple[TurnEffect, ...]
    turns: tuple[Turn, ...]


class Chat:
    """A dialogue in progress.

    Attributes:
        turns: What has been said.
        last: The last reply, or None.
    """

    def __init__(
        self,
        recommender: Recommender,
        *,
        filters: Filters | None = None,
        liked: Sequence[str] = (),
        seed: int | None = None,
        rewording: Rewording | None = None,
    ) -> None:
        """Start empty, or with what the person likes.

        Args:
            recommender: The model.
            filters: What may be recommended, such as all but what was seen (:func:`pecrs.linking.seen.match_seen`).
            liked: Items that the person likes, the dearest first; the first ten are their opening message.
            seed: Seed of sampling; the n-th reply uses seed + n.
            rewording: Words the replies; None leaves them as they are.

        Raises:
            DataError: If a liked item is not in the catalogue, or the filters name a field or value that it lacks.
        """
        self.recommender, self._rewording = recommender, rewording
        self.seed = seed
        self._initial = recommender.replies.candidates.checked(filters)
        self._opening = _likes([recommender.catalogue[item] for item in liked[:LIKED_SAID]]) if liked else None
        self.reset()

    def reset(self) -> None:
        """Forget the dialogue and what was excluded in it."""
        self.turns: list[Turn] = [self._opening] if self._opening else []
        self.last: Reply | None = None
        self._filters = self._initial
        self._asked: tuple[Turn, ...] = ()
        self._cache = ConversationCache()
        self._edits: tuple[Edit, ...] = ()

    @property
    def state(self) -> DialogueState:
        """What the person wants by now, as it was understood; empty where the model reads no messages."""
        return self.recommender.understand(self.turns, self._edits) or DialogueState()

    def forget(self, words: str) -> str:
        """Take a part of :attr:`state` out; what is said later may bring it back.

        Args:
            words: The part, in the words of :meth:`DialogueState.parts`, or the beginning of one.

        Raises:
            DataError: If there is no such part.
        """
        known, said = self.state.parts(), words.strip().lower()
        found = next(((key, part) for key, part in known if said and part.lower().startswith(said)), None)
        if found is None:
            parts = "; ".join(part for _, part in known) or "nothing"
            raise DataError(f"{words.strip()!r} is none of: {parts}", field="state")
        self._edits = (*self._edits, Edit(len(self.turns), found[0]))
        return found[1]

    def say(self, text: str, *, recommend: bool | None = None) -> Reply:
        """Add the seeker's message and answer it.

        Args:
            text: In the person's own words; titles are linked.
            recommend: Force or forbid a recommendation.

        Raises:
            DataError: If the message is empty; the dialogue is then as before.
        """
        if not text.strip():
            raise DataError("the message is empty", field="message")
        asked = (*self.turns, self.recommender.link(text.strip(), self.turns, messages=(len(self.turns),)))
        seed = None if self.seed is None else self.seed + len(self.turns)
        reply = self.recommender.respond(
            asked, filters=self._filters, recommend=recommend, seed=seed, cache=self._cache, edits=self._edits
        )
        if self._rewording is not None:
            reply, _ = self._rewording.word(reply, asked, self.recommender)
        self._asked, self.last = asked, reply
        self.turns = [*asked, replace(reply.turn, messages=(len(asked),))]
        return reply

    def exclude(self, text: str) -> tuple[str, ...]:
        """Leave the named items out from now on and return their titles.

        Raises:
            DataError: If no item is recognised.
        """
        items = self._items(text)
        self._filters = replace(self._filters, exclude=self._filters.exclude | frozenset(items))
        return tuple(self.recommender.catalogue[item].name for item in items)

    def why(self, text: str = "") -> Explanation:
        """Explain the last recommendation, or an item of the person's choice, by leaving out one turn at a time.

        Raises:
            DataError: If nothing was recommended yet and no item is named.
        """
        if self.last is None:
            raise DataError("nothing has been said yet")
        items = {entry.item.id: entry for entry in self.last.items}
        if text.strip():
            chosen = self._items(text)[0]
        elif self.last.items:
            chosen = self.last.items[0].item.id
        else:
            raise DataError("the last reply recommends nothing; name a title")
        effects = turn_effects(self.recommender.ranker, self._asked, [chosen], self._cache)[chosen]
        entry = items.get(chosen)
        return Explanation(
            self.recommender.catalogue[chosen].name,
            entry.retrieval if entry else None,
            entry.rerank if entry else None,
            tuple(sorted(effects, key=lambda effect: -abs(effect.change))),
            self._asked,
        )

    def _items(self, text: str) -> list[str]:
        mentioned = [item for turn in self.turns for item in turn.items]
        quoted = [mention.item for mention in self.recommender.linker.link(f'watched "{text.strip()}"', mentioned)]
        if not quoted:
            raise DataError(f"no item of the catalogue is recognised in {text.strip()!r}")
        return list(dict.fromkeys(quoted))


def _likes(items: Sequence[Item]) -> Turn:
    """Return the seeker's message that names items as liked."""
    text, mentions = "I like ", []
    for place, item in enumerate(items):
        text += "" if place == 0 else " and " if place == len(items) - 1 else ", "
        mentions.append(Mention(len(text), len(text) + len(item.name), item.id))
        text += item.name
    return Turn(Speaker.SEEKER, f"{text}.", tuple(mentions), messages=(0,))


def reply_record(reply: Reply, turn: Turn) -> Mapping[str, object]:
    """Return a reply as values that JSON can hold.

    Args:
        reply: The answer.
        turn: The seeker's linked turn that it answers.
    """
    return {
        "text": reply.text,
        "move": reply.move.value,
        "recommends": reply.recommends,
        "probability": round(reply.probability, 6),
        "mentions": [{"start": m.start, "end": m.end, "item": m.item} for m in turn.mentions],
        "items": [
            {
                "rank": entry.rank,
                "id": entry.item.id,
                "title": entry.item.title,
                "year": entry.item.year,
                "genres": list(entry.item.values("genres")),
                "score": entry.score,
                "retrieval": entry.retrieval,
                "rerank": entry.rerank,
            }
            for entry in reply.items
        ],
        "state": [] if reply.state is None else [words for _, words in reply.state.parts()],
        "timings": dict(reply.timings),
    }


def script_records(chat: Chat, messages: Sequence[str]) -> Iterator[Mapping[str, object]]:
    """Say messages one after another and yield a record of each reply.

    Args:
        chat: The dialogue.
        messages: What the seeker says.
    """
    for message in messages:
        reply = chat.say(message)
        yield reply_record(reply, chat.turns[-2])
