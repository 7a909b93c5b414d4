"""``pecrs demo``: train the smallest model for a few minutes and play a conversation against it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from pecrs.config import Config
from pecrs.data.redial import load_redial
from pecrs.data.splits import Prepared
from pecrs.data.synthetic import film_world
from pecrs.errors import DataError
from pecrs.pipeline import train_run
from pecrs.recommender import Recommender

_WORLD = 600
_HELD_OUT = 60
_MOST_DIALOGUES = 4000

_SMALLEST = {
    "data": {"max_context_tokens": 256, "max_response_tokens": 48, "max_item_tokens": 32},
    "model": {
        "scratch": {
            "vocabulary": 4096, "hidden": 128, "layers": 2, "heads": 4, "intermediate": 384, "positions": 384,
        },
        "tuning": "full",
        "popularity_bias": "learned",
    },
    "training": {
        "batch_size": 16, "learning_rate": 2e-3, "head_learning_rate": 2e-3, "warmup_epochs": 0.1,
        "negatives": 0, "rerank_negatives": 8, "recall_weight": 1.0, "rerank_weight": 0.3, "generation_weight": 0.7,
        "validation_dialogues": 60, "checkpoint_minutes": 60, "max_minutes": 3.5,
    },
    "generation": {"shortlist": 20, "rerank_weight": 0.0, "strategy": "greedy"},
}  # fmt: skip


def demo_data(folder: Path | None) -> tuple[Prepared, str]:
    """Return the dialogues to train on, and what they are called.

    Args:
        folder: The data folder, with ReDial in ``redial/``; None takes ``PECRS_DATA``. Without either a small
            synthetic film world stands in.

    Raises:
        DataError: If a folder is given that has no ``redial/``.
    """
    if folder is not None and not (folder / "redial").is_dir():
        raise DataError("there is no redial/ in it", path=folder)
    folder = folder or (Path(os.environ["PECRS_DATA"]) if os.environ.get("PECRS_DATA") else None)
    if folder is not None and (folder / "redial").is_dir():
        return load_redial(folder / "redial"), "ReDial"
    catalogue, dialogues = film_world(seed=0, dialogues=_WORLD)
    splits = {"train": tuple(dialogues[:-_HELD_OUT]), "valid": tuple(dialogues[-_HELD_OUT:])}
    return Prepared(catalogue, splits), "a synthetic film world"


def demo_config(name: str) -> Config:
    """Return the smallest preset, for ReDial or for the film world."""
    config = Config.from_dict(_SMALLEST).to_dict()
    world = name != "ReDial"
    config["training"] |= {"epochs": 6 if world else 1, "validate_every_epochs": 6.0 if world else 1.0}
    return Config.from_dict(config)


def script(data: Prepared, name: str) -> Sequence[str]:
    """Return what the seeker says in the demonstration."""
    if name == "ReDial":
        return (
            "Hi! I am looking for a good movie.",
            "I love superhero movies like The Avengers and Black Panther.",
            "I have seen that one. What about something funny?",
            "Great, thank you! Bye.",
        )
    liked = max(data.catalogue, key=lambda item: sum(item.id in t.items for d in data.train for t in d.turns))
    genre = liked.values("genres")[0]
    return (
        "Hello!",
        f"I love {genre} films. My favourite is {liked.name}.",
        "I have seen that one. Something else?",
        "Great, thank you! Bye.",
    )


def train_demo(folder: Path | None, console: Console) -> tuple[Recommender, Sequence[str]]:
    """Train the smallest model and return it with the script.

    Args:
        folder: The data folder, or None.
        console: Where progress is shown.
    """
    data, name = demo_data(folder)
    data = replace(data, splits={**data.splits, "train": data.train[:_MOST_DIALOGUES]})
    console.print(f"training the smallest preset on {name} ({len(data.train):,} dialogues); this takes a few minutes")
    with tempfile.TemporaryDirectory() as temporary:
        run = Path(temporary) / "run"
        train_run(demo_config(name), data, run, console)
        return Recommender.from_pretrained(run), script(data, name)
