"""Training on dialogues that are made from the catalogue, beside others or alone. Source: design section 10."""

from __future__ import annotations

import math
from dataclasses import replace

from pecrs.config import Config
from pecrs.data.dialogue import Dialogue
from pecrs.data.splits import Prepared
from pecrs.data.templates.dialogues import catalogue_dialogues
from pecrs.errors import ConfigError
from pecrs.training.streams import popularity_counts

_HELD_OUT = 300
"""Validation dialogues, at most; a fifth of the training's where those are fewer."""


def with_catalogue_dialogues(config: Config, data: Prepared) -> tuple[Dialogue, ...]:
    """Return the training dialogues and those made from the catalogue, as many as the configuration says.

    The more an item is talked about, the more often it is asked for: by the root of how often it was the answer.
    """
    weights = [math.sqrt(1 + count) for count in popularity_counts(data.train, data.catalogue)]
    made = catalogue_dialogues(data.catalogue, config.training.catalogue_dialogues, config.training.seed, weights)
    return (*data.train, *made)


def without_dialogues(config: Config, data: Prepared) -> tuple[Config, Prepared]:
    """Return what trains and validates a model on dialogues made from the catalogue alone.

    Args:
        config: Says how many dialogues; all items are asked for alike.
        data: Its dialogues are left out.

    Returns:
        The configuration without further catalogue dialogues, and the data with those that were made. Validation has
        wordings of its own.

    Raises:
        ConfigError: If the configuration says none.
        DataError: If no item has facts to be asked for by.
    """
    count, seed = config.training.catalogue_dialogues, config.training.seed
    if not count:
        raise ConfigError("training.catalogue_dialogues: a number above 0 is needed to train without dialogues")

    def made(number: int, held_out: bool) -> tuple[Dialogue, ...]:
        return tuple(catalogue_dialogues(data.catalogue, number, seed + held_out, held_out=held_out))

    splits = {"train": made(count, False), "valid": made(min(_HELD_OUT, 1 + count // 5), True)}
    training = config.training.model_copy(update={"catalogue_dialogues": 0})
    return config.model_copy(update={"training": training}), replace(data, splits=splits)
