"""Every failure as OpenAI's clients expect it: ``{"error": {"message", "type", "param", "code"}}``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import ErrorDetails
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from pecrs._settings import explain
from pecrs.errors import DataError, PecrsError
from pecrs.server.engine import BusyError, UnavailableError
from pecrs.server.store import ConflictError

_LOG = logging.getLogger(__name__)
_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
    503: "unavailable_error",
}
_STATUS: tuple[tuple[type[PecrsError], int, str | None], ...] = (
    (BusyError, 429, "1"),
    (UnavailableError, 503, "2"),
    (ConflictError, 409, None),
    (PecrsError, 400, None),
)


class NotFoundError(HTTPException):
    """There is no such thing, or it is someone else's."""

    def __init__(self, what: str) -> None:
        """Name what was asked for."""
        super().__init__(404, f"there is no such {what}")


def body(status: int, message: str, param: str | None = None, code: str | None = None) -> dict[str, object]:
    """Return the body of a failure."""
    kind = _KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def respond(
    status: int, message: str, param: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return a failure as a response."""
    return JSONResponse(body(status, message, param), status, headers)


def of_pecrs(error: PecrsError) -> JSONResponse:
    """Return the response to one of the package's errors."""
    status, retry = next((status, retry) for kind, status, retry in _STATUS if isinstance(error, kind))
    field, message = (error.field, error.reason) if isinstance(error, DataError) else (None, str(error))
    return respond(status, message, field, {"Retry-After": retry} if retry else None)


def install(app: FastAPI) -> None:
    """Let an application answer failures in this form."""

    @app.exception_handler(PecrsError)
    async def _(request: Request, error: PecrsError) -> JSONResponse:
        return of_pecrs(error)

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeoutError)
    async def _(request: Request, error: SQLAlchemyError) -> JSONResponse:
        _LOG.error("the database does not answer: %s", str(error).splitlines()[0])
        return respond(503, "the database does not answer", None, {"Retry-After": "2"})

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> JSONResponse:
        return respond(error.status_code, str(error.detail), None, error.headers)

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> JSONResponse:
        fault = error.errors()[0]
        if fault["type"] == "json_invalid":
            return respond(422, f"the body is not JSON: {fault['ctx']['error']}")
        place = _place(fault, error.body)
        return respond(422, f"{place or 'body'}: {explain(fault)}", place)


def _place(fault: ErrorDetails, body: Any) -> str | None:
    """Return where something is wrong, such as ``messages[0].content``; the validator's own names are left out."""
    source, *parts = fault["loc"]
    if source != "body":
        return ".".join(map(str, parts)) or None
    place, value = "", body
    for number, part in enumerate(parts, start=1):
        if isinstance(part, int) and isinstance(value, list):
            place, value = f"{place}[{part}]", value[part] if part < len(value) else None
        elif isinstance(value, dict) and (part in value or (number == len(parts) and fault["type"] == "missing")):
            place, value = f"{place}.{part}" if part else f"{place}['']", value.get(part)
    return place.removeprefix(".") or None
