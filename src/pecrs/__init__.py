"""pecrs: a conversational recommender in one language model.

Everything that is needed to prepare data, train, evaluate, recommend and chat is named here. The names load on first
use, so that ``import pecrs`` is instant.

>>> import pecrs
>>> "Recommender" in dir(pecrs)
True
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from pecrs.errors import CheckpointError, ConfigError, ContextTooLongError, DataError, PecrsError
from pecrs.evaluate import compare, evaluate, predict, score, simulate
from pecrs.train import TrainingResult, export, fit_ranking, prepare, push_to_hub, train

if TYPE_CHECKING:
    from pecrs.config import Config
    from pecrs.data.catalogue import Catalogue, Item
    from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
    from pecrs.evaluation.results import Comparison, Evaluation
    from pecrs.evaluation.simulation.run import Simulation
    from pecrs.inference.chat import Chat
    from pecrs.inference.recommender import Recommender
    from pecrs.inference.types import Filters, Reply, ScoredItem
    from pecrs.linking.conditions import Condition
    from pecrs.server.client import Client

__version__ = version("pecrs")
__all__ = [
    "Catalogue",
    "Chat",
    "CheckpointError",
    "Client",
    "Comparison",
    "Condition",
    "Config",
    "ConfigError",
    "ContextTooLongError",
    "DataError",
    "Dialogue",
    "Evaluation",
    "Filters",
    "Item",
    "Mention",
    "PecrsError",
    "Recommender",
    "Reply",
    "ScoredItem",
    "Simulation",
    "Speaker",
    "TrainingResult",
    "Turn",
    "compare",
    "evaluate",
    "export",
    "fit_ranking",
    "predict",
    "prepare",
    "push_to_hub",
    "score",
    "simulate",
    "train",
]

_LAZY = {
    "Catalogue": "pecrs.data.catalogue",
    "Chat": "pecrs.inference.chat",
    "Client": "pecrs.server.client",
    "Comparison": "pecrs.evaluation.results",
    "Condition": "pecrs.linking.conditions",
    "Config": "pecrs.config",
    "Dialogue": "pecrs.data.dialogue",
    "Evaluation": "pecrs.evaluation.results",
    "Filters": "pecrs.inference.types",
    "Item": "pecrs.data.catalogue",
    "Mention": "pecrs.data.dialogue",
    "Recommender": "pecrs.inference.recommender",
    "Reply": "pecrs.inference.types",
    "ScoredItem": "pecrs.inference.types",
    "Simulation": "pecrs.evaluation.simulation.run",
    "Speaker": "pecrs.data.dialogue",
    "Turn": "pecrs.data.dialogue",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'pecrs' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
