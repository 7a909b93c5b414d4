"""A model answers every recommender turn of dialogues, and says how likely the person's own words were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from pecrs.data.collator import collate
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.protocol import Instance
from pecrs.data.stream import Point, Stream
from pecrs.evaluation.conversation import AnsweredTurn
from pecrs.recommender import Recommender


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


def answer(recommender: Recommender, dialogues: Sequence[Dialogue], *, seed: int = 0) -> Iterator[AnsweredTurn]:
    """Answer each recommender turn that has words and a turn before it.

    Args:
        recommender: The model.
        dialogues: Per-message dialogues; the person's own turns are the context throughout.
        seed: Of sampling.

    Source: PECRS §3.6, table 3; design section 5.
    """
    for dialogue in dialogues:
        judged = likelihoods(recommender, dialogue)
        conversation = recommender.conversation()
        for number, turn in enumerate(dialogue.turns):
            if turn.speaker is not Speaker.RECOMMENDER or not number or not turn.text.strip():
                continue
            before, recommends = dialogue.turns[:number], bool(turn.items)
            free = gated = conversation.respond(before, seed=seed + number)
            if free.recommends != recommends:
                gated = conversation.respond(before, recommend=recommends, seed=seed + number)
            judgement = judged[number]
            yield AnsweredTurn(
                conversation_id=dialogue.id,
                message_index=Instance(dialogue, number, turn.items).message_index,
                reference=turn.text,
                recommends=recommends,
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
def likelihoods(recommender: Recommender, dialogue: Dialogue) -> dict[int, Likelihood]:
    """Return how likely the words of each recommender turn are, in one pass over the dialogue.

    Args:
        recommender: The model.
        dialogue: Per-message or merged.
    """
    layout = recommender.ranker.layout
    found: dict[int, Likelihood] = {}
    for stream in layout.streams(dialogue):
        plain = Stream(stream.dialogue, stream.sequence, stream.points)
        for point, judgement in zip(stream.points, _judge(recommender, plain), strict=True):
            found[point.turn] = judgement
    return found


def _judge(recommender: Recommender, stream: Stream) -> Iterator[Likelihood]:
    model = recommender.model
    batch = collate([stream]).to(model.device)
    states, _ = model.read(batch, batch.items, recommender.index.vectors)
    for point in stream.points:
        probability = float(model.decision_logits(states[point.decision][None]).softmax(-1)[0, 1])
        if _is_cut(recommender, stream, point):
            yield Likelihood(0.0, 0, probability)
            continue
        start, end = point.response
        losses = model.backbone.token_losses(states[start - 1 : end - 1], batch.tokens[start:end])
        yield Likelihood(float(losses.double().sum()), end - start, probability)


def _is_cut(recommender: Recommender, stream: Stream, point: Point) -> bool:
    return stream.sequence.tokens[point.response[1] - 1] != recommender.model.vocabulary.eos


def _size(turn: Turn) -> int:
    titles = sum(len(turn.text[mention.start : mention.end].encode()) - 1 for mention in turn.mentions)
    return len(turn.text.encode()) - titles + 1
