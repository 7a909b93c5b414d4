"""Between what is stored or sent and what the recommender knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.errors import DataError
from pecrs.inference.edits import Edit
from pecrs.inference.explanation import turn_effects
from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Filters, Reply, Request, ScoredItem, TurnEffect
from pecrs.model.generator import ConversationCache
from pecrs.server.filters import FiltersBody
from pecrs.server.history import spoken
from pecrs.server.schemas import Message
from pecrs.server.settings import ServerSettings
from pecrs.server.states import state_record
from pecrs.server.store import Opinion, StoredTurn, Transcript

EXPLAINED = 8
"""Turns whose effect is worked out, the latest ones: all of a long dialogue would hold up everybody else."""

_LIKES = "I like "


def item_record(item: Item) -> dict[str, Any]:
    """Return an item as it goes over the wire."""
    fields = {name: list(values) for name, values in item.facts.items()}
    return {"id": item.id, "title": item.title, "year": item.year, "fields": fields}


def ranked_records(
    items: Sequence[ScoredItem],
    effects: Mapping[str, Sequence[TurnEffect]] | None = None,
    turns: Sequence[Turn] = (),
) -> list[dict[str, Any]]:
    """Return ranked items as they go over the wire.

    Args:
        items: Best first.
        effects: What moved each of them, by id.
        turns: The turns that the effects refer to.
    """
    return [
        {
            "rank": entry.rank,
            "item": item_record(entry.item),
            "score": entry.score,
            "retrieval": entry.retrieval,
            "rerank": entry.rerank,
            "why": None if effects is None else [_why(effect, turns) for effect in effects[entry.item.id]],
        }
        for entry in items
    ]


def _why(effect: TurnEffect, turns: Sequence[Turn]) -> dict[str, Any]:
    turn = turns[effect.turn]
    return {"turn": effect.turn, "speaker": turn.speaker.value, "text": turn.text, "change": effect.change}


def reply_record(reply: Reply, catalogue: Catalogue) -> dict[str, Any]:
    """Return what an answer comes with, as it goes over the wire and into the database."""
    return {
        "move": reply.move.value,
        "recommends": reply.recommends,
        "probability": reply.probability,
        "items": ranked_records(reply.items),
        "mentions": mention_records(reply.turn),
        "constraints": "" if reply.state is None else str(reply.state),
        "state": state_record(reply.state, catalogue),
        "timings": dict(reply.timings),
    }


def mention_records(turn: Turn) -> list[dict[str, Any]]:
    """Return where a turn names items."""
    return [{"start": m.start, "end": m.end, "item": m.item} for m in turn.mentions]


def turn_record(stored: StoredTurn) -> dict[str, Any]:
    """Return a turn as it goes over the wire."""
    turn = stored.turn
    return {
        "position": stored.position,
        "speaker": turn.speaker.value,
        "text": turn.text,
        "mentions": mention_records(turn),
        "reply": stored.reply,
    }


def chunks(text: str) -> Iterator[str]:
    """Yield a text word by word.

    >>> list(chunks("Have you seen it?"))
    ['Have ', 'you ', 'seen ', 'it?']
    """
    yield from re.findall(r"\s*\S+\s*", text)


def count_tokens(recommender: Recommender, texts: Iterable[str]) -> int:
    """Return how many tokens texts have for the model."""
    tokenizer = recommender.model.vocabulary.tokenizer
    return sum(len(tokenizer.encode(text, add_special_tokens=False)) for text in texts)


def dialogue_of(messages: Sequence[Message], recommender: Recommender, settings: ServerSettings) -> tuple[Turn, ...]:
    """Return messages as linked turns; see :func:`pecrs.server.history.spoken` for those that are left out.

    Raises:
        DataError: If there are too many or too long ones, or what :func:`pecrs.server.history.spoken` refuses.
    """
    said = spoken(messages)
    if len(said) > settings.most_messages:
        raise DataError(f"at most {settings.most_messages} messages are read", field="messages")
    check_length((words for _, words in said), settings, "messages")
    turns: list[Turn] = []
    for speaker, words in said:
        turns.append(link(recommender, speaker, words, turns, settings, "messages"))
    return tuple(turns)


def link(
    recommender: Recommender,
    speaker: Speaker,
    text: str,
    before: Sequence[Turn],
    settings: ServerSettings,
    field: str = "text",
) -> Turn:
    """Return a text as the turn that follows others, with its titles linked.

    Raises:
        DataError: If it is empty or too long.
    """
    if not text.strip():
        raise DataError("the message is empty", field=field)
    if len(text) > settings.longest_message:
        raise DataError(f"a message may have {settings.longest_message:,} characters", field=field)
    return recommender.link(text.strip(), before, speaker=speaker, messages=(len(before),))


def check_length(texts: Iterable[str], settings: ServerSettings, field: str) -> None:
    """Refuse a dialogue that is too long to be read for one answer among many.

    Raises:
        DataError: Saying how long it may be.
    """
    if sum(map(len, texts)) > settings.longest_dialogue:
        raise DataError(f"a conversation may have {settings.longest_dialogue:,} characters", field=field)


def context_of(turns: Sequence[Turn], opinions: Sequence[Opinion], catalogue: Catalogue) -> tuple[Turn, ...]:
    """Return a conversation with what the person liked said in words, where it was said.

    Args:
        turns: As spoken.
        opinions: What was thought of items.
        catalogue: Items that are gone have no say.
    """
    liked = [opinion for opinion in opinions if opinion.value == "like" and opinion.item in catalogue]
    context: list[Turn] = []
    for number in range(len(turns) + 1):
        context += [_liking(catalogue[opinion.item]) for opinion in liked if min(opinion.after, len(turns)) == number]
        context += turns[number : number + 1]
    return tuple(context)


def _liking(item: Item) -> Turn:
    text, start = f"{_LIKES}{item.name}.", len(_LIKES)
    return Turn(Speaker.SEEKER, text, (Mention(start, start + len(item.name), item.id),))


def filters_of(saved: Mapping[str, Any], opinions: Sequence[Opinion]) -> Filters:
    """Return what may be recommended in a conversation: its filters, less what was disliked or seen.

    Filters are checked where they are set. What the catalogue has lost since is no failure: it is held by no item.
    """
    filters = FiltersBody.model_validate(saved).value()
    away = {opinion.item for opinion in opinions if opinion.value != "like"}
    return replace(filters, exclude=filters.exclude | away)


def edits_of(transcript: Transcript, catalogue: Catalogue, before: int | None = None) -> tuple[Edit, ...]:
    """Return what a person changed of the state by hand, counted in the turns of :func:`context_of`.

    Args:
        transcript: The conversation.
        catalogue: Liked items that it lacks are no turns.
        before: Only what was changed before this turn; None takes all.
    """
    likes = [opinion for opinion in transcript.feedback if opinion.value == "like" and opinion.item in catalogue]
    return tuple(
        Edit(edit.after + sum((like.after, like.at) < (edit.after, edit.at) for like in likes), edit.key)
        for edit in transcript.edits
        if before is None or edit.after < before
    )


def request_of(transcript: Transcript, message: Turn, catalogue: Catalogue, k: int, recommend: bool | None) -> Request:
    """Return a conversation that waits for the answer to one more message."""
    turns = [*(stored.turn for stored in transcript.turns), message]
    context = context_of(turns, transcript.feedback, catalogue)
    filters = filters_of(transcript.session.filters, transcript.feedback)
    return Request(context, filters, recommend, k, len(transcript.turns), edits_of(transcript, catalogue))


def recommend(
    recommender: Recommender,
    turns: Sequence[Turn],
    filters: Filters,
    k: int,
    *,
    edits: Sequence[Edit] = (),
    explain: bool = False,
) -> dict[str, Any]:
    """Rank the items for a dialogue, and say what moved them; where nothing passes the filters, there are none."""
    cache = ConversationCache()
    items = recommender.replies.recommend(Request(tuple(turns), filters, True, k, edits=tuple(edits)), cache)
    chosen, effects = [entry.item.id for entry in items], None
    if explain:
        effects = turn_effects(recommender.ranker, turns, chosen, cache, latest=EXPLAINED)
    return {
        "items": ranked_records(items, effects, turns),
        "probability": recommender.probability(turns, cache=cache),
        "state": state_record(recommender.understand(turns, edits), recommender.catalogue),
    }


def understood(recommender: Recommender, transcript: Transcript) -> dict[str, Any] | None:
    """Return what the person wants by now in a conversation, as it goes over the wire."""
    turns = context_of([stored.turn for stored in transcript.turns], transcript.feedback, recommender.catalogue)
    edits = edits_of(transcript, recommender.catalogue)
    return state_record(recommender.understand(turns, edits), recommender.catalogue)


def standing(recommender: Recommender, transcript: Transcript, k: int) -> dict[str, Any]:
    """Return the ranking and the state as they are now, and what was said of items."""
    turns = context_of([stored.turn for stored in transcript.turns], transcript.feedback, recommender.catalogue)
    filters = filters_of(transcript.session.filters, transcript.feedback)
    edits = edits_of(transcript, recommender.catalogue)
    ranked = recommend(recommender, turns, filters, k, edits=edits)["items"] if turns else []
    opinions = {opinion.item: opinion.value for opinion in transcript.feedback}
    return {"items": ranked, "state": understood(recommender, transcript), "feedback": opinions}
