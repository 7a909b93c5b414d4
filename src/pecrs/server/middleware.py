"""Around every request: a bound on its body, headers that keep browsers from harm, and counts for Prometheus."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pecrs.server.errors import respond
from pecrs.server.metrics import REQUESTS, SECONDS

_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_TOO_LARGE, _MISDIRECTED = 413, 421
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_LOG = logging.getLogger(__name__)
_DOCS_POLICY = "default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
"""The pages of the API's documentation start their own scripts inline."""
_DOCS = ("/docs", "/redoc", "/static-offline-docs")


class _TooLargeError(Exception):
    pass


class Guard:
    """An ASGI middleware."""

    def __init__(self, app: ASGIApp, largest: int, hosts: Collection[str] = (), root_path: str = "") -> None:
        """Wrap an application.

        Args:
            app: What answers.
            largest: Bytes of a body.
            hosts: Names that the service answers to; empty stands for any. Without keys this is what keeps foreign
                pages out, whose own name may be made to lead to this machine.
            root_path: Where a proxy has put the service.
        """
        self.app, self.largest, self.hosts, self.root_path = app, largest, frozenset(hosts), root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and self.hosts and _host(scope) not in self.hosts:
            await respond(_MISDIRECTED, "this service has another name")(scope, receive, send)
        elif scope["type"] == "http":
            await _Exchange(_below(scope, self.root_path), receive, send, self.largest).run(self.app)
        else:
            await self.app(scope, receive, send)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, largest: int) -> None:
        self.scope, self.largest = scope, largest
        self._receive, self._send = receive, send
        self.taken, self.status = 0, 0
        self.documents = scope["path"].removeprefix(scope.get("root_path", "")).startswith(_DOCS)
        self.large = _declared(scope) > largest

    async def run(self, app: ASGIApp) -> None:
        started = time.perf_counter()
        try:
            if not self.large:
                await app(self.scope, self.receive, self.send)
        except _TooLargeError:
            pass
        except Exception:  # whatever it is, clients get an answer and operators the cause
            _LOG.exception("%s failed", self.route)
        finally:
            if self.large:
                message = f"a request may have {self.largest:,} bytes"
                await self._finish(respond(_TOO_LARGE, message, headers={"Connection": "close"}))
            elif not self.status:
                await self._finish(respond(500, "something went wrong on our side"))
            method = self.scope["method"] if self.scope["method"] in _METHODS else "other"
            REQUESTS.labels(self.route, method, str(self.status)).inc()
            SECONDS.labels(self.route).observe(time.perf_counter() - started)

    @property
    def route(self) -> str:
        """The path's pattern: paths would fill logs with names of conversations, and metrics with anything."""
        return getattr(self.scope.get("route"), "path", "none")

    async def receive(self) -> Message:
        message = await self._receive()
        self.taken += len(message.get("body", b""))
        self.large = self.large or self.taken > self.largest
        if self.large:
            raise _TooLargeError
        return message

    async def send(self, message: Message) -> None:
        if self.large:
            return  # what the application makes of a body that was cut off
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if self.documents:
                headers["content-security-policy"] = _DOCS_POLICY
        await self._send(message)

    async def _finish(self, answer: JSONResponse) -> None:
        self.large = False
        await answer(self.scope, self._receive, self.send)


def _below(scope: Scope, root: str) -> Scope:
    """Return a scope whose path begins with the root, as ASGI has it, whether a proxy has taken it off or not."""
    if not root:
        return scope
    path: str = scope["path"]
    return {**scope, "root_path": root, "path": path if f"{path}/".startswith(f"{root}/") else root + path}


def _host(scope: Scope) -> str:
    return re.sub(r":\d*$", "", Headers(scope=scope).get("host", "").lower())


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdecimal() else 0
