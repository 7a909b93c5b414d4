"""What is to be trained: presets cut to a scale, with the changes of an experiment.

A run is known by its content, so that experiments that need the same model share it, and a second call finds it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import NonNegativeInt

from pecrs._settings import Settings
from pecrs.config import Config
from pecrs.errors import ConfigError

Preset = Literal["paper", "authors_code", "ours"]
BUNDLED_BACKBONE = "bundled"
"""Stands for the backbone of the package's own model, wherever that is installed."""


class Presets(Settings):
    """The settings that are compared, before a scale is applied."""

    paper: Config
    """As printed; configs/paper.yaml."""
    authors_code: Config
    """As the authors' program has it; configs/authors-code.yaml."""
    ours: Config
    """As the model of the package was trained; configs/redial-minilm.yaml."""


class Sampled(Settings):
    """Sizes of the paper's samples at a scale."""

    negatives: int
    """M_train."""
    shortlist: int
    """M_inference."""


class Scale(Settings):
    """How much data and computing each run is given; the same for all."""

    name: str
    """How it is called."""
    remark: str
    """What a reader of its figures must know."""
    backbone: Literal["bundled", "scratch"]
    """The backbone of the package's own model, or one made from nothing for each data set."""
    train_dialogues: NonNegativeInt
    """Train on the first so many; 0 takes all."""
    evaluated_dialogues: NonNegativeInt
    """Evaluate rankings on the first so many; 0 takes all."""
    answered_dialogues: NonNegativeInt
    """Answer the turns of the first so many; 0 takes all."""
    whole_catalogue: bool
    """Rank the whole catalogue, or the items alone that the kept dialogues name."""
    overrides: tuple[str, ...]
    """Changes to every preset."""
    inspired: tuple[str, ...]
    """More of them for data sets as small as INSPIRED."""
    sampled: Sampled
    """The paper's sample sizes."""
    train_negatives: tuple[int, ...]
    """M_train of figure 3; 0 is the whole catalogue."""
    shortlists: tuple[int, ...]
    """M_inference of figure 3; the whole catalogue comes on top."""


class _Scales(Settings):
    scales: tuple[Scale, ...]


@dataclass(frozen=True)
class Run:
    """A model to be trained.

    Attributes:
        title: What people read.
        role: The data set, see :class:`pecrs.reproduce.domains.Domain`.
        config: Everything that defines it; the backbone may be :data:`BUNDLED_BACKBONE`.
        data: Fingerprint of the data it is trained on.
    """

    title: str
    role: str
    config: Config
    data: str

    @property
    def key(self) -> str:
        """The name of its folder: the data set and a hash over all that defines it, which the title does not."""
        return f"{self.role}-{fingerprint(self.config.to_dict(), self.data)}"

    def resolved(self, backbone: Path) -> Config:
        """Return the configuration with the path of the bundled backbone, where it stands on that."""
        if self.config.model.backbone != BUNDLED_BACKBONE:
            return self.config
        return self.config.override([f"model.backbone={json.dumps(str(backbone))}"])


def fingerprint(*values: object) -> str:
    """Return twelve hexadecimal digits over values that JSON can hold."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


@cache
def presets() -> Presets:
    """Return the presets of the package."""
    return Presets.from_yaml(Path(__file__).with_name("presets.yaml"))


def scale_named(name: str) -> Scale:
    """Return a scale of the package.

    Raises:
        ConfigError: If there is none of that name.
    """
    read = _Scales.from_yaml(Path(__file__).with_name("scales.yaml"))
    known = {scale.name: scale for scale in read.scales}
    if name not in known:
        raise ConfigError(f"scale: one of {', '.join(known)} is expected, not {name!r}")
    return known[name]


def configured(preset: Preset, scale: Scale, *, small: bool, changes: Sequence[str] = ()) -> Config:
    """Return a preset at a scale.

    Args:
        preset: Its name.
        scale: Budget, backbone and sizes of samples.
        small: Whether the data set is as small as INSPIRED.
        changes: The experiment's own, applied last.
    """
    config: Config = getattr(presets(), preset)
    backbone = BUNDLED_BACKBONE if scale.backbone == "bundled" else "scratch"
    assignments = [f"model.backbone={backbone}", *scale.overrides, *(scale.inspired if small else ())]
    if config.training.negatives:
        sizes = scale.sampled
        assignments += [f"training.negatives={sizes.negatives}", f"training.rerank_negatives={sizes.negatives}"]
        assignments.append(f"generation.shortlist={sizes.shortlist}")
    if scale.backbone == "scratch" and config.model.candidate_position == "none":
        assignments.append("model.candidate_position=zero")  # rotary positions cannot be removed
    return config.override([*assignments, *changes])
