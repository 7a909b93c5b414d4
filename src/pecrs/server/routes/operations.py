"""What operators and the page ask."""

from __future__ import annotations

from importlib import resources
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool

from pecrs.server.errors import NotFoundError, respond
from pecrs.server.schemas import Me
from pecrs.server.service import EVERYONE, ServiceDependency, service_of

router = APIRouter()
_SCRIPTS = ("api", "conversation", "early", "fame", "filters", "page", "seen", "sidebar", "state", "view")
_PAGE = {
    "index.html": "text/html",
    "page.css": "text/css",
    "icon.svg": "image/svg+xml",
    **dict.fromkeys((f"{name}.js" for name in _SCRIPTS), "text/javascript"),
}
"""The files of the page; nothing else is ever read from disk."""


@router.get("/healthz", tags=["operations"])
async def health() -> dict[str, str]:
    """Tell that the process is alive."""
    return {"status": "ok"}


@router.get("/readyz", tags=["operations"])
async def ready(service: ServiceDependency) -> Any:
    """Tell whether model and database answer."""
    try:
        await run_in_threadpool(service.store.check)
    except Exception:  # whatever it is, it is not ready
        return respond(503, "the database does not answer", headers={"Retry-After": "2"})
    return {"status": "ok"}


@router.get("/metrics", tags=["operations"])
async def metrics() -> Response:
    """Return what Prometheus reads."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/me", tags=["operations"], response_model=Me)
async def me(request: Request, service: ServiceDependency) -> Any:
    """Tell whether keys are asked for, and what the one that was sent may do."""
    owner = EVERYONE
    if service.settings.authenticate:
        key = request.headers.get("authorization", "").partition(" ")[2].strip()
        known = await run_in_threadpool(service_of(request).store.owner, key) if key else None
        if known is None:
            return {"auth": True, "scopes": [], "model": service.name}
        owner = known
    return {"auth": service.settings.authenticate, "scopes": sorted(owner.scopes), "model": service.name}


@router.get("/", include_in_schema=False)
async def page(service: ServiceDependency) -> Response:
    """Return the page; under a path that a proxy takes off, ``/films`` and ``/films/`` look alike here."""
    root = service.settings.root_path
    return _file("index.html", f"{root}/static/" if root else "static/")


@router.get("/static/{name}", include_in_schema=False)
async def static(name: str) -> Response:
    """Return a file of the page."""
    return _file(name)


def _file(name: str, beside: str = "static/") -> Response:
    if name not in _PAGE:
        raise NotFoundError("file")
    content = (resources.files("pecrs.server") / "page" / name).read_bytes()
    content = content.replace(b'="static/', f'="{beside}'.encode())
    return Response(content, media_type=_PAGE[name], headers={"Cache-Control": "no-cache"})
