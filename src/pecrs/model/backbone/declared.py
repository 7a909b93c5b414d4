"""Whether a model declares more weights than come with it: known before memory is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from transformers import AutoModelForCausalLM

_COUNTED = re.compile(r"(?<!max_window_)(?:layers?|experts)$")
"""Settings of a backbone that say how many modules are made; Qwen's ``max_window_layers`` is a place among them."""
_SPARE = 2
"""So many times the weights in its files a backbone may declare: an encoder lacks what writing takes."""


def overdeclared(values: Any, sizes: Sequence[int], config: Callable[[], Any]) -> str:
    """Say what is declared too much; empty where nothing is.

    Args:
        values: A model's settings, as JSON holds them.
        sizes: Number of values of each tensor that comes with it.
        config: Makes transformers' configuration of the same settings, once they have been looked at.

    Raises:
        Exception: Whatever transformers raises on settings that make no model.
    """
    for name, value in leaves(values):
        if isinstance(value, int) and _COUNTED.search(name) and value > len(sizes):
            return f"{name}: {value} is declared; the files hold {len(sizes)} tensors"
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config(), trust_remote_code=False)
    declared = sum(parameter.numel() for parameter in model.parameters())
    return f"{declared:,} weights are declared; the files hold {sum(sizes):,}" if declared > _SPARE * sum(sizes) else ""


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of nested maps by their dotted names."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{name}.{key}" if name else str(key))
    else:
        yield name, value
