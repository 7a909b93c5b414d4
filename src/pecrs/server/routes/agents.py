"""The Model Context Protocol over HTTP, with the same keys and limits as all else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Request
from fastapi.responses import Response
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import Receive, Scope, Send

from pecrs.server.agents import mcp_server
from pecrs.server.service import Service, Talker

router = APIRouter()


@asynccontextmanager
async def serving(service: Service) -> AsyncIterator[StreamableHTTPSessionManager]:
    """Run what answers; each request stands alone, so any replica may get it."""
    server = mcp_server(service)
    server.streamable_http_app(
        json_response=True,
        stateless_http=True,
        max_request_body_size=service.settings.largest_body,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # hosts are checked before
    )
    manager = server.session_manager
    async with manager.run():
        yield manager


class _Handed(Response):
    """Hands a request on, once it is known who asks."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        super().__init__()
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._manager.handle_request(scope, receive, send)


@router.api_route("/mcp", methods=["GET", "POST", "DELETE"], include_in_schema=False)
async def mcp(request: Request, owner: Talker) -> Response:
    """Answer agents."""
    request.state.owner = owner
    return _Handed(request.app.state.agents)
