"""What UserSimCRS speaks to a recommender: a context and a message in, plain text out.

Source: Afzali et al., "UserSimCRS: A User Simulation Toolkit for Evaluating Conversational Recommender Systems", WSDM
2023; the agent ``iEvaLMAgent`` of its package.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from pecrs.inference.types import Request as Dialogue
from pecrs.server.schemas import Message, Utterances
from pecrs.server.service import ServiceDependency, Talker
from pecrs.server.wire import dialogue_of

router = APIRouter(prefix="/v1", tags=["UserSimCRS"])
_ROLES = ("user", "assistant")


@router.get("/simulator", response_class=PlainTextResponse)
async def ready(service: ServiceDependency, owner: Talker) -> str:
    """Say that simulated users may come."""
    return f"{service.name} is ready"


@router.post("/simulator", response_class=PlainTextResponse)
async def answer(request: Request, service: ServiceDependency, owner: Talker, body: Utterances) -> str:
    """Answer a simulated user's message with plain text.

    The speakers of the context take turns, and the recommender speaks before the message. The context may end with the
    message itself, as that of UserSimCRS does.
    """
    recommender = await service.recommender()
    turns = await run_in_threadpool(dialogue_of, messages_of(body), recommender, service.settings)
    reply = await service.respond(owner, request, recommender, Dialogue(turns))
    return reply.text


def messages_of(body: Utterances) -> list[Message]:
    """Return context and message with their speakers, counted back from the message.

    >>> [said.role for said in messages_of(Utterances(context=["Hi", "Hello!", "A comedy?"], message="A comedy?"))]
    ['user', 'assistant', 'user']
    """
    context = body.context[:-1] if body.context[-1:] == [body.message] else body.context
    texts = [*context, body.message]
    return [Message(role=_ROLES[(len(texts) - 1 - n) % 2], content=text) for n, text in enumerate(texts)]
