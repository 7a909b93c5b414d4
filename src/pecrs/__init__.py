"""pecrs: a conversational recommender in one language model.

The heavy names load on first use, so that ``import pecrs`` is instant.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from pecrs.config import Config
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.errors import PecrsError

if TYPE_CHECKING:
    from pecrs.data.catalogue import Catalogue, Item
    from pecrs.inference.chat import Chat
    from pecrs.inference.recommender import Recommender

__version__ = version("pecrs")
__all__ = ["Catalogue", "Chat", "Config", "Dialogue", "Item", "PecrsError", "Recommender", "Speaker", "Turn"]

_LAZY = {
    "Catalogue": "pecrs.data.catalogue",
    "Chat": "pecrs.inference.chat",
    "Item": "pecrs.data.catalogue",
    "Recommender": "pecrs.inference.recommender",
}


def __getattr__(name: str) -> object:
    """Import a heavy public name when it is first asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'pecrs' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
