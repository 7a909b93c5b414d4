"""A model answers every recommender turn of dialogues, and says how likely the person's own words were."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import torch

from pecrs.data.collator import collate, like_lengths
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.progress import Progress, Report, silent
from pecrs.data.protocol import Instance
from pecrs.data.stream import Stream
from pecrs.errors import PecrsError
from pecrs.evaluation.metrics.conversation import AnsweredTurn
from pecrs.inference.recommender import Recommender
from pecrs.inference.replies import BATCH_POSITIONS
from pecrs.inference.types import Reply, Request
from pecrs.model.backbone.token_losses import token_losses
from pecrs.model.generator import ConversationCache

TOGETHER = 32
"""Dialogues that are answered together; bounds memory, changes no answer."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How a model judges what a person wrote.

    Attributes:
        nats: Minus the log-likelihood of text and end of turn, given the turn's items; 0 where the text was cut.
        tokens: Number of tokens; 0 where the text was cut.
        probability: Of recommending, before the turn.
    """

    nats: float
    tokens: int
    probability: float


@dataclass(frozen=True, slots=True)
class _Asked:
    cache: ConversationCache
    dialogue: Dialogue
    number: int
    judgement: Likelihood
    seed: int

    @property
    def turn(self) -> Turn:
        return self.dialogue.turns[self.number]


def answer(
    recommender: Recommender, dialogues: Sequence[Dialogue], *, seed: int = 0, report: Report = silent
) -> Iterator[AnsweredTurn]:
    """Answer each recommender turn that has words and a turn before it.

    Dialogues go on side by side, turn after turn, each on its own kept keys and values; those with equally many turns
    to answer go together.

    Args:
        recommender: The model.
        dialogues: Per-message dialogues; the person's own turns are the context throughout.
        seed: Of sampling.
        report: Is told how many dialogues are answered.

    Source: PECRS §3.6, table 3; design section 5.
    """
    answered: dict[int, list[AnsweredTurn]] = {}
    places = sorted(range(len(dialogues)), key=lambda place: len(_numbers(dialogues[place])))
    report(Progress("answering dialogues", 0, len(places)))
    for start in range(0, len(places), TOGETHER):
        some = places[start : start + TOGETHER]
        found = _answer(recommender, [dialogues[place] for place in some], seed)
        answered |= zip(some, found, strict=True)
        report(Progress("answering dialogues", len(answered), len(places)))
    for place in range(len(dialogues)):
        yield from answered[place]


def likelihoods(recommender: Recommender, dialogues: Sequence[Dialogue]) -> list[dict[int, Likelihood]]:
    """Return how likely the words of each recommender turn are, by its number in the dialogue, in one pass over each.

    Args:
        recommender: The model.
        dialogues: Per-message or merged.
    """
    layout = recommender.ranker.layout
    found: list[dict[int, Likelihood]] = [{} for _ in dialogues]
    streams = [(place, stream) for place, dialogue in enumerate(dialogues) for stream in layout.streams(dialogue)]
    for some in like_lengths([len(stream.sequence) for _, stream in streams], BATCH_POSITIONS):
        plain = [Stream(stream.dialogue, stream.sequence, stream.points) for _, stream in (streams[i] for i in some)]
        for i, judged in zip(some, _judge(recommender, plain), strict=True):
            found[streams[i][0]] |= judged
    return found


def _answer(recommender: Recommender, dialogues: Sequence[Dialogue], seed: int) -> list[list[AnsweredTurn]]:
    """Answer dialogues side by side: the first turn to answer of each, then the second of each that has one."""
    judged = likelihoods(recommender, dialogues)
    waiting = []
    for dialogue, judgements in zip(dialogues, judged, strict=True):
        linked, cache = replace(dialogue, turns=tuple(recommender.linked(dialogue.turns))), ConversationCache()
        waiting.append([_Asked(cache, linked, n, judgements[n], seed + n) for n in _numbers(dialogue)])
    answered: list[list[AnsweredTurn]] = [[] for _ in dialogues]
    for step in range(max(map(len, waiting), default=0)):
        going = [place for place, asked in enumerate(waiting) if step < len(asked)]
        turns = _answer_once(recommender, [waiting[place][step] for place in going])
        for place, turn in zip(going, turns, strict=True):
            answered[place].append(turn)
    return answered


def _answer_once(recommender: Recommender, asked: Sequence[_Asked]) -> list[AnsweredTurn]:
    free = _replies(recommender, asked, gated=False)
    other = [i for i, one in enumerate(asked) if free[i].recommends != bool(one.turn.items)]
    gated = dict(zip(other, _replies(recommender, [asked[i] for i in other], gated=True), strict=True))
    return [_turn(one, reply, gated.get(i, reply)) for i, (one, reply) in enumerate(zip(asked, free, strict=True))]


def _replies(recommender: Recommender, asked: Sequence[_Asked], *, gated: bool) -> list[Reply]:
    requests = [
        Request(one.dialogue.turns[: one.number], recommend=bool(one.turn.items) if gated else None, seed=one.seed)
        for one in asked
    ]
    replies = []
    for reply in recommender.respond_many(requests, [one.cache for one in asked]):
        if isinstance(reply, PecrsError):
            raise reply
        replies.append(reply)
    return replies


def _turn(asked: _Asked, free: Reply, gated: Reply) -> AnsweredTurn:
    turn, judgement = asked.turn, asked.judgement
    return AnsweredTurn(
        conversation_id=asked.dialogue.id,
        message_index=Instance(asked.dialogue, asked.number, turn.items).message_index,
        reference=turn.text,
        recommends=bool(turn.items),
        free=free.text,
        free_recommends=free.recommends,
        gated=gated.text,
        gated_recommends=gated.recommends,
        probability=judgement.probability,
        nats=judgement.nats,
        tokens=judgement.tokens,
        size=_size(turn) if judgement.tokens else 0,
    )


@torch.inference_mode()
def _judge(recommender: Recommender, streams: Sequence[Stream]) -> list[dict[int, Likelihood]]:
    """Judge the turns of streams without response branches, which are read in one pass."""
    model = recommender.model
    batch = collate(streams).to(model.device)
    states, _ = model.read(batch, batch.items, recommender.index.vectors)
    chances = iter(model.decision_logits(states[batch.decisions[:, 0]]).softmax(-1)[:, 1].tolist())
    losses = iter(token_losses(model.backbone, states[batch.targets[:, 0]], batch.targets[:, 1]).tolist())
    found: list[dict[int, Likelihood]] = []
    for stream in streams:
        found.append({})
        for point in stream.points:
            nats = list(islice(losses, point.response[1] - point.response[0]))
            cut = stream.sequence.tokens[point.response[1] - 1] != model.vocabulary.eos
            tokens = 0 if cut else len(nats)
            found[-1][point.turn] = Likelihood(0.0 if cut else math.fsum(nats), tokens, next(chances))
    return found


def _numbers(dialogue: Dialogue) -> list[int]:
    return [
        number
        for number, turn in enumerate(dialogue.turns)
        if turn.speaker is Speaker.RECOMMENDER and number and turn.text.strip()
    ]


def _size(turn: Turn) -> int:
    titles = sum(len(turn.text[mention.start : mention.end].encode()) - 1 for mention in turn.mentions)
    return len(turn.text.encode()) - titles + 1
