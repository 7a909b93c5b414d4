"""The application: nothing happens before :func:`create_app` is called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

from pecrs.data.dialogue import Speaker, Turn
from pecrs.inference.recommender import Recommender
from pecrs.server import errors
from pecrs.server.catalogue import LiveCatalogue
from pecrs.server.database import open_database
from pecrs.server.engine import ModelEngine
from pecrs.server.middleware import Guard
from pecrs.server.routes import completions, items, operations, recommendations, sessions, states
from pecrs.server.service import Service
from pecrs.server.settings import ServerSettings
from pecrs.server.store import Store

_ABOUT = """A conversational recommender. Send `Authorization: Bearer KEY`; who runs the service makes keys."""


def create_app(recommender: Recommender, settings: ServerSettings, *, name: str = "pecrs") -> FastAPI:
    """Return the service as an ASGI application.

    Args:
        recommender: The model.
        settings: Limits and switches.
        name: What clients call the model.

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

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(engine.close)
        store.engine.dispose()

    app = FastAPIOffline(title="pecrs", version=version("pecrs"), description=_ABOUT, lifespan=lifespan)
    app.state.service = Service(name, settings, store, live, engine)
    errors.install(app)
    for part in (completions, sessions, states, recommendations, items, operations):
        app.include_router(part.router)
    app.add_middleware(Guard, largest=settings.largest_body, hosts=settings.hosts, root_path=settings.root_path)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["*"],  # OpenAI's client sends many of its own, and others with each version
            expose_headers=["Retry-After"],
        )
    return app
