"""What an operator chooses."""

from __future__ import annotations

import re
from typing import Self

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from pecrs._settings import Settings, require

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine: what a service that asks for no key answers to."""


class ServerSettings(Settings):
    """Limits and switches of the service.

    Attributes:
        database: SQLAlchemy URL.
        authenticate: Whether a key is asked for; without, everyone is the same owner.
        origins: Foreign origins whose pages may call the service; none by default.
        root_path: Where a proxy has put the service, such as ``/films``; the proxy may take it off or leave it on.
        hosts: Names in a request's ``Host`` that are answered to, without port; any if empty.
        largest_body: Bytes of a request.
        longest_message: Characters of one message.
        longest_dialogue: Characters of all messages of one request, or of one conversation.
        most_messages: Messages of one request, and of one conversation.
        requests_per_minute: Of one key; 0 sets no limit.
        queue: Requests that may wait for the model; more are turned away with 429.
        batch: Requests that the model answers together.
        gather_ms: How long the first of them waits for others, in milliseconds.
        kept: Conversations whose keys and values stay in memory, so that only what is new is read; some 8 MB each with
            the model of the package.
        deadline: Seconds after which a waiting request is given up with 503.
    """

    database: str = "sqlite:///pecrs.db"
    authenticate: bool = True
    origins: tuple[str, ...] = ()
    root_path: str = ""
    hosts: tuple[str, ...] = ()
    largest_body: PositiveInt = 262_144
    longest_message: PositiveInt = 4_000
    longest_dialogue: PositiveInt = 32_000
    most_messages: PositiveInt = 400
    requests_per_minute: NonNegativeInt = 240
    queue: PositiveInt = 128
    batch: PositiveInt = 16
    gather_ms: NonNegativeFloat = 4.0
    kept: NonNegativeInt = 32
    deadline: PositiveFloat = 30.0

    @model_validator(mode="after")
    def _check_root_path(self) -> Self:
        right = self.root_path == "" or re.fullmatch(r"(/[\w.~-]+)+", self.root_path, re.ASCII)
        require(bool(right), "root_path", "a path such as /films is expected, without a slash at its end")
        return self
