"""Conversations that are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pecrs.data.dialogue import Speaker
from pecrs.errors import DataError
from pecrs.server.errors import NotFoundError
from pecrs.server.keys import Owner
from pecrs.server.schemas import Exchange, NewMessage, NewSession, SessionBody, SessionChange, SessionPage, WholeSession
from pecrs.server.service import Service, ServiceDependency, Talker, session_name
from pecrs.server.store import ConflictError, StoredTurn, Transcript
from pecrs.server.wire import check_length, chunks, link, reply_record, request_of, turn_record

router = APIRouter(prefix="/v1/sessions", tags=["conversations"])

Retry = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200, pattern=r"^[\x21-\x7e]+$")]


@router.post("", status_code=201, response_model=SessionBody)
async def create(service: ServiceDependency, owner: Talker, body: NewSession) -> Any:
    """Begin a conversation."""
    await run_in_threadpool((await service.recommender()).replies.candidates.checked, body.filters.value())
    created = await run_in_threadpool(service.store.create_session, owner.id, body.filters.model_dump())
    return asdict(created)


@router.get("", response_model=SessionPage)
async def some(
    service: ServiceDependency,
    owner: Talker,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[str | None, Query(max_length=64, pattern=r"^[\w-]*$")] = None,
) -> Any:
    """List one's conversations, the latest first."""
    found = await run_in_threadpool(service.store.sessions, owner.id, limit + 1, after)
    return {"data": [asdict(session) for session in found[:limit]], "has_more": len(found) > limit}


@router.get("/{session}", response_model=WholeSession)
async def read(service: ServiceDependency, owner: Talker, session: str) -> Any:
    """Return a conversation with all that was said in it."""
    found = await service.transcript(owner, session_name(session))
    return {
        **asdict(found.session),
        "turns": [turn_record(turn) for turn in found.turns],
        "feedback": {opinion.item: opinion.value for opinion in found.feedback},
    }


@router.patch("/{session}", response_model=SessionBody)
async def change(service: ServiceDependency, owner: Talker, session: str, body: SessionChange) -> Any:
    """Change a conversation's title or filters."""
    await service.transcript(owner, session_name(session))
    filters = None
    if body.filters is not None:
        await run_in_threadpool((await service.recommender()).replies.candidates.checked, body.filters.value())
        filters = body.filters.model_dump()
    return asdict(await run_in_threadpool(service.store.change_session, session, title=body.title, filters=filters))


@router.delete("/{session}", status_code=204)
async def delete(service: ServiceDependency, owner: Talker, session: str) -> None:
    """Delete a conversation with all that was said in it."""
    if not await run_in_threadpool(service.store.delete_session, owner.id, session_name(session)):
        raise NotFoundError("conversation")


@router.post("/{session}/messages", response_model=Exchange)
async def say(
    request: Request, service: ServiceDependency, owner: Talker, session: str, body: NewMessage, retry: Retry = None
) -> Any:
    """Say something and get an answer; both are kept before the answer is sent.

    With the Idempotency-Key of a message that was answered before, that answer comes again and nothing is added; with
    other words under the same key, the request is refused (422). With `stream`, the answer comes as server-sent events:
    `delta` with some words, then `done` with both turns.
    """
    async with service.turn(session_name(session)):
        pair = await _answered(request, service, owner, session, body, retry)
    if not body.stream:
        return pair
    return StreamingResponse(_events(pair), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _answered(
    request: Request, service: Service, owner: Owner, session: str, body: NewMessage, retry: str | None
) -> dict[str, Any]:
    transcript = await service.transcript(owner, session)
    answered = _answered_before(transcript, retry, body.text)
    if answered is not None:
        return answered
    place = len(transcript.turns)
    if place + 2 > service.settings.most_messages:
        raise DataError(f"a conversation may have {service.settings.most_messages} messages", field="session")
    check_length((body.text, *(stored.turn.text for stored in transcript.turns)), service.settings, "session")
    recommender = await service.recommender()
    before = [stored.turn for stored in transcript.turns]
    message = await run_in_threadpool(link, recommender, Speaker.SEEKER, body.text, before, service.settings)
    asked = request_of(transcript, message, recommender.catalogue, body.k, body.recommend)
    reply = await service.respond(owner, request, recommender, asked, session)
    pair = StoredTurn(place, message), StoredTurn(place + 1, reply.turn, reply_record(reply, recommender.catalogue))
    try:
        await run_in_threadpool(service.store.add_exchange, session, *pair, retry)
    except ConflictError:
        answered = _answered_before(await service.transcript(owner, session), retry, body.text)
        if answered is None:
            raise
        return answered  # another replica was given the same message and was faster
    return _pair(*pair)


def _answered_before(transcript: Transcript, retry: str | None, text: str) -> dict[str, Any] | None:
    place = None if retry is None else transcript.answered.get(retry)
    if place is None:
        return None
    message, answer = transcript.turns[place : place + 2]
    if message.turn.text != text.strip():
        raise HTTPException(422, "Idempotency-Key: another message of this conversation has this key; use a new one")
    return _pair(message, answer)


def _pair(message: StoredTurn, answer: StoredTurn) -> dict[str, Any]:
    return {"seeker": turn_record(message), "recommender": turn_record(answer)}


def _events(pair: dict[str, Any]) -> Iterator[str]:
    for chunk in chunks(pair["recommender"]["text"]):
        yield _event({"type": "delta", "text": chunk})
    yield _event({"type": "done", **pair})


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value)}\n\n"
