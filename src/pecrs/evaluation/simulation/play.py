"""Conversations between users and a recommender, from the first message to an item or to the end of patience."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Speaker, Turn
from pecrs.evaluation.simulation.conversation import Conversation, Exchange, Message, Played, System, Verdict
from pecrs.evaluation.simulation.judging import judge
from pecrs.evaluation.simulation.users import Profile

_FREE = (Verdict.ANSWERED, Verdict.ACCEPTED)
_ANNOYING = (Verdict.VIOLATES, Verdict.REPEAT)


class Users(Protocol):
    """Speaks for users.

    Attributes:
        at_once: How many conversations go on together.
    """

    at_once: int

    def speak(self, dialogues: Sequence[tuple[Profile, Sequence[Exchange]]]) -> list[Message]:
        """Return each user's next message, given what was said so far."""
        ...

    def end(self, profile: Profile, accepted: bool) -> str:
        """Return a user's last words; they may be empty."""
        ...


@dataclass
class _Open:
    profile: Profile
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        return any(exchange.judgement.verdict is Verdict.ACCEPTED for exchange in self.exchanges)

    @property
    def impatient(self) -> bool:
        verdicts = [exchange.judgement.verdict for exchange in self.exchanges]
        return sum(0 if v in _FREE else 2 if v in _ANNOYING else 1 for v in verdicts) >= self.profile.patience


def play(
    system: System, users: Users, profiles: Sequence[Profile], catalogue: Catalogue, rounds: int
) -> Iterator[Played]:
    """Yield one conversation a user, in order.

    Args:
        system: The recommender.
        users: Speaks for the users.
        profiles: The users.
        catalogue: What replies are checked against.
        rounds: Most messages of a user.
    """
    for start in range(0, len(profiles), users.at_once):
        group = [_Open(profile) for profile in profiles[start : start + users.at_once]]
        going = list(group)
        while going:
            messages = users.speak([(talk.profile, talk.exchanges) for talk in going])
            going = [
                talk
                for talk, message in zip(going, messages, strict=True)
                if _goes_on(talk, message, system, catalogue, rounds)
            ]
        for talk in group:
            gave_up = not talk.accepted and talk.impatient
            closing = users.end(talk.profile, talk.accepted)
            yield Played(talk.profile.id, tuple(talk.exchanges), gave_up, closing)


def _goes_on(talk: _Open, message: Message, system: System, catalogue: Catalogue, rounds: int) -> bool:
    """Have a message answered and judged; tell whether the user goes on."""
    said = [
        turn
        for exchange in talk.exchanges
        for turn in (Turn(Speaker.SEEKER, exchange.message.text), exchange.reply.turn)
    ]
    reply = system.reply(_conversation([*said, Turn(Speaker.SEEKER, message.text)], talk.profile.seed))
    judgement = judge(talk.profile, catalogue, talk.exchanges, message, reply)
    talk.exchanges.append(Exchange(message, reply, judgement))
    return not talk.accepted and not talk.impatient and len(talk.exchanges) < rounds


def _conversation(turns: Sequence[Turn], seed: int) -> Conversation:
    numbered = (
        Turn(turn.speaker, turn.text, turn.mentions, turn.items, (number,)) for number, turn in enumerate(turns)
    )
    return Conversation(tuple(numbered), seed)
