"""The application: nothing happens before :func:`create_app` is called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

from pecrs.inference.language.rewording import Rewording
from pecrs.inference.recommender import Recommender
from pecrs.server import errors
from pecrs.server.middleware import Guard
from pecrs.server.routes import (
    completions,
    documents,
    items,
    operations,
    recommendations,
    seen,
    sessions,
    simulators,
    states,
)
from pecrs.server.service import open_service
from pecrs.server.settings import ServerSettings

_ABOUT = """A conversational recommender. Send `Authorization: Bearer KEY`; who runs the service makes keys."""


def create_app(
    recommender: Recommender, settings: ServerSettings, *, name: str = "pecrs", rewording: Rewording | None = None
) -> FastAPI:
    """Return the service as an ASGI application.

    Args:
        recommender: The model.
        settings: Limits and switches.
        name: What clients call the model.
        rewording: Words the replies; None leaves them as they are.

    Raises:
        ConfigError: If the database cannot be used.
    """
    service = open_service(recommender, settings, name=name, rewording=rewording)
    agents = import_module("pecrs.server.routes.agents") if find_spec("mcp") else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with agents.serving(service) if agents else nullcontext() as app.state.agents:
            yield
        await run_in_threadpool(service.close)

    app = FastAPIOffline(title="pecrs", version=version("pecrs"), description=_ABOUT, lifespan=lifespan)
    app.state.service = service
    errors.install(app)
    parts = (completions, sessions, states, recommendations, seen, simulators, documents, items, operations)
    for part in (*parts, *([agents] if agents else [])):
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
