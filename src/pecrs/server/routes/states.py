"""What a person wants by now in a conversation: read, and corrected by hand."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from pecrs.errors import DataError
from pecrs.inference.edits import SETTINGS
from pecrs.server.facets import knows_fame
from pecrs.server.schemas import Standing, StateChange
from pecrs.server.service import ServiceDependency, Talker, session_name
from pecrs.server.states import StateBody, keys_of, popularity_edit
from pecrs.server.wire import standing, understood

router = APIRouter(prefix="/v1/sessions/{session}/state", tags=["conversations"])


@router.get("", response_model=StateBody | None)
async def read(request: Request, service: ServiceDependency, owner: Talker, session: str) -> Any:
    """Return what the person wants by now, or `null` where the model reads no messages."""
    transcript = await service.transcript(owner, session_name(session))
    work = partial(understood, transcript=transcript)
    return await service.ask(owner, request, await service.recommender(), work)


@router.patch("", response_model=Standing)
async def change(request: Request, service: ServiceDependency, owner: Talker, session: str, body: StateChange) -> Any:
    """Remove parts of the state by their keys, set how well known items should be, and rank anew.

    What the person says later may bring a part back, or ask for other items than `popularity` does. A removed `like:`,
    `dislike:` or `seen:` also takes back such feedback on the item. A part that was removed before stays removed; any
    other unknown key is refused, and so is a `popularity` where nothing says how well known items are; then nothing is
    changed.
    """
    async with service.turn(session_name(session)):
        transcript = await service.transcript(owner, session)
        recommender = await service.recommender()
        state = await service.ask(owner, request, recommender, partial(understood, transcript=transcript))
        known, before = keys_of(state), {edit.key for edit in transcript.edits} - SETTINGS.keys()
        for place, key in enumerate(body.remove):
            if key not in known | before:
                raise DataError(f"there is no part {key[:100]!r}", field=f"remove[{place}]")
        fresh = [key for key in dict.fromkeys(body.remove) if key in known]
        if body.popularity is not None:
            if not knows_fame(recommender):
                raise DataError("nothing says how well known these items are", field="popularity")
            fresh = [key for key in fresh if key != "popularity"] + popularity_edit(state, body.popularity)
        await run_in_threadpool(service.store.add_edits, session, fresh, len(transcript.turns))
        for opinion in transcript.feedback:
            if f"{opinion.value}:{opinion.item}" in fresh:
                await run_in_threadpool(service.store.set_feedback, session, opinion.item, None, 0)
        transcript = await service.transcript(owner, session)
    return await service.ask(owner, request, recommender, partial(standing, transcript=transcript, k=body.k))
