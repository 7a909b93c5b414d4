"""What every route needs: store, model, limits, and who is asking."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, TypeVar
from weakref import WeakValueDictionary

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, HTTPException, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool

from pecrs.data.dialogue import Speaker, Turn
from pecrs.inference.language.rewording import Rewording
from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Reply
from pecrs.inference.types import Request as Dialogue
from pecrs.server.catalogue import LiveCatalogue
from pecrs.server.database import open_database
from pecrs.server.engine import ModelEngine, UnavailableError
from pecrs.server.errors import NotFoundError
from pecrs.server.keys import SCOPES, Owner
from pecrs.server.metrics import RECOMMENDATIONS, WRITER
from pecrs.server.settings import ServerSettings
from pecrs.server.store import Store, Transcript
from pecrs.server.traces import record_steps

Value = TypeVar("Value")
"""Whatever a call returns."""

_WRITERS = 32
"""Replies that wait for their words at once."""

EVERYONE = Owner("local", frozenset(SCOPES))
"""The owner of everything where no key is asked for."""


@dataclass(eq=False)
class Service:
    """The parts of a running service.

    Attributes:
        name: The model's name, as clients see it.
        settings: Limits and switches.
        store: The database.
        live: The present items.
        engine: The model's thread.
        limiter: Counts each owner's requests of the last minute.
        rewording: Words the replies; None leaves them as they are.
        locks: One a conversation that is being answered.
    """

    name: str
    settings: ServerSettings
    store: Store
    live: LiveCatalogue
    engine: ModelEngine
    rewording: Rewording | None = None
    limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))
    locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _writers: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_WRITERS))

    def close(self) -> None:
        """Answer what waits, and stop."""
        self.engine.close()
        self.store.engine.dispose()

    async def recommender(self) -> Recommender:
        """Return the recommender of the present items; asked once a request, so that all of it sees the same ones."""
        return await run_in_threadpool(self.live.current)

    def require_model(self, name: str) -> None:
        """Refuse a request for another model.

        Raises:
            HTTPException: 404, with the name of the model that is here.
        """
        if name != self.name:
            raise HTTPException(404, f"there is no model {name!r}; the one here is {self.name!r}")

    async def transcript(self, owner: Owner, session: str) -> Transcript:
        """Return a conversation.

        Raises:
            NotFoundError: If the owner has no such one.
        """
        found = await run_in_threadpool(self.store.transcript, owner.id, session)
        if found is None:
            raise NotFoundError("conversation")
        return found

    async def ask(
        self,
        owner: Owner,
        request: Request,
        recommender: Recommender,
        work: Dialogue | Callable[[Recommender], Value],
        conversation: str | None = None,
    ) -> Any:
        """Let the model work for a client, as long as it is there; see :meth:`ModelEngine.ask`."""
        return await self.engine.ask(owner.id, recommender, work, request.is_disconnected, conversation)

    async def respond(
        self,
        owner: Owner,
        request: Request,
        recommender: Recommender,
        asked: Dialogue,
        conversation: str | None = None,
    ) -> Reply:
        """Answer a dialogue; see :meth:`ask`. A writer words the answer while the model works for others."""
        reply: Reply = await self.ask(owner, request, recommender, asked, conversation)
        record_steps(reply.timings)
        if self.rewording is not None:
            work = partial(self.rewording.word, reply, asked.turns, recommender)
            reply, outcome = await to_thread.run_sync(work, limiter=self._writers)
            WRITER.labels(outcome.value).inc()
        RECOMMENDATIONS.labels(str(reply.recommends).lower()).inc()
        return reply

    @asynccontextmanager
    async def turn(self, session: str) -> AsyncIterator[None]:
        """Wait until it is one's turn in a conversation: its messages are answered one after another.

        Raises:
            UnavailableError: If the messages before take too long.
        """
        lock = self.locks.setdefault(session, asyncio.Lock())
        try:
            await asyncio.wait_for(lock.acquire(), self.settings.deadline)
        except TimeoutError:
            raise UnavailableError("the messages before this one take too long") from None
        try:
            yield
        finally:
            lock.release()


def open_service(
    recommender: Recommender, settings: ServerSettings, *, name: str = "pecrs", rewording: Rewording | None = None
) -> Service:
    """Start the parts of a service.

    Args:
        recommender: The model.
        settings: Limits and switches.
        name: What clients call the model.
        rewording: Words the replies; None leaves them as they are.

    Raises:
        ConfigError: If the database cannot be used.
    """
    store = Store(open_database(settings.database))
    live = LiveCatalogue(recommender, store)
    live.current().respond((Turn(Speaker.SEEKER, "Hi!"),), seed=0)  # what is made on first use is made before it
    engine = ModelEngine(
        queue=settings.queue,
        batch=settings.batch,
        gather=settings.gather_ms / 1000,
        kept=settings.kept,
        deadline=settings.deadline,
    )
    return Service(name, settings, store, live, engine, rewording)


def session_name(text: str) -> str:
    """Return the name of a conversation.

    Raises:
        NotFoundError: If none can have this name.
    """
    if not re.fullmatch(r"[\w-]{1,64}", text, re.ASCII):
        raise NotFoundError("conversation")
    return text


def service_of(request: Request) -> Service:
    """Return the service that a request came to."""
    service: Service = request.app.state.service
    return service


ServiceDependency = Annotated[Service, Depends(service_of)]
"""The service, in a route's signature."""


class Needs:
    """Lets through who has a scope, and not too often."""

    def __init__(self, scope: str) -> None:
        """Name the scope."""
        self.scope = scope

    def __call__(self, request: Request, service: ServiceDependency) -> Owner:
        """Return who is asking.

        Raises:
            HTTPException: 401 without a right key, 403 without the scope, 429 too often.
        """
        owner = EVERYONE
        if service.settings.authenticate:
            kind, _, key = request.headers.get("authorization", "").partition(" ")
            known = service.store.owner(key.strip()) if kind.lower() == "bearer" else None
            if known is None:
                raise HTTPException(401, "a valid API key is needed", {"WWW-Authenticate": "Bearer"})
            owner = known
        if not owner.may(self.scope):
            raise HTTPException(403, f"this key has no scope {self.scope!r}")
        rate = service.settings.requests_per_minute
        if rate and not service.limiter.hit(RateLimitItemPerMinute(rate), owner.id):
            raise HTTPException(429, f"at most {rate} requests a minute", {"Retry-After": "5"})
        return owner


Talker = Annotated[Owner, Depends(Needs("chat"))]
"""Who may talk and read."""
Editor = Annotated[Owner, Depends(Needs("items"))]
"""Who may change items."""
