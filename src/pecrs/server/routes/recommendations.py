"""Rankings without words, and what people think of items."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from pecrs.errors import DataError
from pecrs.server.errors import NotFoundError
from pecrs.server.schemas import FeedbackBody, Recommendation, RecommendBody, Standing
from pecrs.server.service import ServiceDependency, Talker
from pecrs.server.wire import context_of, dialogue_of, edits_of, filters_of, recommend, standing

router = APIRouter(prefix="/v1", tags=["recommendations"])


@router.post("/recommend", response_model=Recommendation)
async def rank(request: Request, service: ServiceDependency, owner: Talker, body: RecommendBody) -> Any:
    """Rank the items for a dialogue or for a conversation that is kept, and with `explain` say what moved each."""
    if (body.messages is None) == (body.session_id is None):
        raise DataError("either messages or session_id is needed", field="messages")
    recommender = await service.recommender()
    if body.filters is not None:
        await run_in_threadpool(recommender.replies.candidates.checked, body.filters.value())
    if body.session_id is not None:
        transcript = await service.transcript(owner, body.session_id)
        said = [stored.turn for stored in transcript.turns[: body.position]]
        earlier = [opinion for opinion in transcript.feedback if body.position is None or opinion.after < body.position]
        turns = context_of(said, earlier, recommender.catalogue)
        saved = transcript.session.filters if body.filters is None else body.filters.model_dump()
        filters = filters_of(saved, earlier)
        edits = edits_of(transcript, recommender.catalogue, body.position)
    else:
        turns = await run_in_threadpool(dialogue_of, body.messages or [], recommender, service.settings)
        filters = filters_of({} if body.filters is None else body.filters.model_dump(), ())
        edits = ()
    if not turns:
        raise DataError("nothing has been said yet", field="session_id")
    work = partial(recommend, turns=turns, filters=filters, k=body.k, edits=edits, explain=body.explain)
    return await service.ask(owner, request, recommender, work)


@router.post("/feedback", response_model=Standing)
async def feedback(request: Request, service: ServiceDependency, owner: Talker, body: FeedbackBody) -> Any:
    """Keep that a person likes or dislikes an item or has seen it, and rank anew.

    What is liked counts as if the person had named it; what is disliked or seen is not recommended again.
    """
    transcript = await service.transcript(owner, body.session_id)
    recommender = await service.recommender()
    if body.item_id not in recommender.catalogue:
        raise NotFoundError("item")
    said = len(transcript.turns)
    await run_in_threadpool(service.store.set_feedback, body.session_id, body.item_id, body.value, said)
    transcript = await service.transcript(owner, body.session_id)
    return await service.ask(owner, request, recommender, partial(standing, transcript=transcript, k=body.k))
