"""API keys: random, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

SCOPES: tuple[str, ...] = ("chat", "items", "admin")
"""What a key may do: talk and read; change items; everything."""

_MARK = "pecrs"


@dataclass(frozen=True)
class Owner:
    """Who asks.

    Attributes:
        id: The key's, or ``local`` where none is asked for.
        scopes: What the key may do.
    """

    id: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Tell whether a scope is granted."""
        return scope in self.scopes or "admin" in self.scopes


def new_key() -> tuple[str, str, str]:
    """Return a key's id, its full text, and the hash of its secret. The secret has 256 random bits."""
    identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return identity, f"{_MARK}_{identity}_{secret}", digest(secret)


def split_key(text: str) -> tuple[str, str] | None:
    """Return a key's id and secret, or None where the text is no key."""
    mark, _, rest = text.partition("_")
    identity, _, secret = rest.partition("_")
    return (identity, secret) if mark == _MARK and identity and secret else None


def digest(secret: str) -> str:
    """Return the hash that is kept; a fast one will do, since nobody guesses 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
