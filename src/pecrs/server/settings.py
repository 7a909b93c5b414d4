"""What an operator chooses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pecrs.strict_yaml import require

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine: what a service that asks for no key answers to."""


@dataclass(frozen=True)
class ServerSettings:
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
    largest_body: int = 262_144
    longest_message: int = 4_000
    longest_dialogue: int = 32_000
    most_messages: int = 400
    requests_per_minute: int = 240
    queue: int = 128
    batch: int = 16
    gather_ms: float = 4.0
    kept: int = 32
    deadline: float = 30.0

    def __post_init__(self) -> None:
        """Refuse limits that let nothing through."""
        for name in (
            "largest_body",
            "longest_message",
            "longest_dialogue",
            "most_messages",
            "queue",
            "batch",
            "deadline",
        ):
            require(getattr(self, name) > 0, name, "must be positive")
        right = self.root_path == "" or re.fullmatch(r"(/[\w.~-]+)+", self.root_path, re.ASCII)
        require(bool(right), "root_path", "a path such as /films is expected, without a slash at its end")
        for name in ("requests_per_minute", "gather_ms", "kept"):
            require(getattr(self, name) >= 0, name, "must not be negative")
