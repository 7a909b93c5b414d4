"""Around every request: a bound on its body, headers that keep browsers from harm, and counts for Prometheus."""

from __future__ import annotations

import logging
import time

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
_TOO_LARGE = 413
_LOG = logging.getLogger(__name__)
_DOCS_POLICY = "default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
"""The pages of the API's documentation start their own scripts inline."""
_DOCS = ("/docs", "/redoc", "/static-offline-docs")


class _TooLargeError(Exception):
    pass


class Guard:
    """An ASGI middleware."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        """Wrap an application.

        Args:
            app: What answers.
            largest: Bytes of a body.
        """
        self.app, self.largest = app, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            await _Exchange(scope, receive, send, self.largest).run(self.app)
        else:
            await self.app(scope, receive, send)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, largest: int) -> None:
        self.scope, self.largest = scope, largest
        self._receive, self._send = receive, send
        self.taken, self.status = 0, 0
        self.large = _declared(scope) > largest

    async def run(self, app: ASGIApp) -> None:
        started = time.perf_counter()
        try:
            if not self.large:
                await app(self.scope, self.receive, self.send)
        except _TooLargeError:
            pass
        except Exception:  # whatever it is, clients get an answer and operators the cause
            _LOG.exception("%s %s failed", self.scope["method"], self.scope["path"])
        finally:
            if self.large:
                message = f"a request may have {self.largest:,} bytes"
                await self._finish(respond(_TOO_LARGE, message, headers={"Connection": "close"}))
            elif not self.status:
                await self._finish(respond(500, "something went wrong on our side"))
            route = getattr(self.scope.get("route"), "path", "none")
            REQUESTS.labels(route, self.scope["method"], str(self.status)).inc()
            SECONDS.labels(route).observe(time.perf_counter() - started)

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
            if self.scope["path"].startswith(_DOCS):
                headers["content-security-policy"] = _DOCS_POLICY
        await self._send(message)

    async def _finish(self, answer: JSONResponse) -> None:
        self.large = False
        await answer(self.scope, self._receive, self.send)


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdecimal() else 0
