"""OpenAI's conventions: clients of that API work unchanged."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Request as Dialogue
from pecrs.server.history import require_supported
from pecrs.server.schemas import Completion, Extras
from pecrs.server.service import ServiceDependency, Talker
from pecrs.server.wire import chunks, count_tokens, dialogue_of, reply_record

router = APIRouter(prefix="/v1", tags=["OpenAI"])
_STARTED = int(time.time())


@router.get("/models")
async def models(service: ServiceDependency, owner: Talker) -> dict[str, Any]:
    """List the one model that is served."""
    return {"object": "list", "data": [_model(service.name)]}


@router.get("/models/{name}")
async def model(service: ServiceDependency, owner: Talker, name: str) -> dict[str, Any]:
    """Return the model that is served."""
    if name != service.name:
        raise HTTPException(404, f"there is no model {name!r}")
    return _model(name)


@router.post("/chat/completions")
async def complete(request: Request, service: ServiceDependency, owner: Talker, body: Completion) -> Any:
    """Answer a dialogue that the client keeps.

    Ranked items and what the person wants by now come in the additional field `pecrs`, in the form of a kept answer's
    `reply`, in a stream with the last chunk. The model writes as it was
    trained to: temperature, penalties and lengths are accepted and have no effect. System messages, tools and their
    results are not read, and messages without words are passed over.
    """
    require_supported(body)
    service.require_model(body.model)
    recommender = await service.recommender()
    turns = await run_in_threadpool(dialogue_of, body.messages, recommender, service.settings)
    extras = body.pecrs or Extras()
    filters = await run_in_threadpool(
        recommender.replies.candidates.checked, None if extras.filters is None else extras.filters.value()
    )
    asked = Dialogue(turns, filters, extras.recommend, extras.k, body.seed)
    reply = await service.respond(owner, request, recommender, asked)
    read = [message.words for message in body.messages]
    usage = await run_in_threadpool(_usage, recommender, read, reply.text)
    head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": service.name}
    extension = reply_record(reply, recommender.catalogue)
    if body.stream:
        counted = usage if (body.stream_options or {}).get("include_usage") else None
        return StreamingResponse(_chunks(head, reply.text, extension, counted), media_type="text/event-stream")
    message = {"role": "assistant", "content": reply.text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {**head, "object": "chat.completion", "choices": [choice], "usage": usage, "pecrs": extension}


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _STARTED, "owned_by": "pecrs"}


def _usage(recommender: Recommender, read: list[str], written: str) -> dict[str, int]:
    prompt, completion = count_tokens(recommender, read), count_tokens(recommender, [written])
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _chunks(head: dict[str, Any], text: str, extension: dict[str, Any], usage: dict[str, int] | None) -> Iterator[str]:
    head = {**head, "object": "chat.completion.chunk"}
    yield _chunk(head, {"role": "assistant", "content": ""})
    for chunk in chunks(text):
        yield _chunk(head, {"content": chunk})
    yield _chunk({**head, "pecrs": extension}, {}, "stop")
    if usage is not None:
        yield f"data: {json.dumps({**head, 'choices': [], 'usage': usage})}\n\n"
    yield "data: [DONE]\n\n"


def _chunk(head: dict[str, Any], delta: dict[str, Any], reason: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
    return f"data: {json.dumps({**head, 'choices': [choice]})}\n\n"
