"""An untrained model from its settings: a backbone, its adapters, item states and heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from pecrs.config import DataConfig, ModelConfig
from pecrs.data.catalogue import Catalogue
from pecrs.data.progress import Report, silent
from pecrs.data.vocabulary import Vocabulary
from pecrs.errors import ConfigError
from pecrs.model.backbone.adapters import add_adapters
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.base import load_base, load_tokenizer
from pecrs.model.item_states import cached_item_states
from pecrs.model.pecrs import PecrsModel


def build_model(
    settings: ModelConfig,
    data: DataConfig,
    catalogue: Catalogue,
    popularity: Sequence[int],
    base: str,
    *,
    seed: int,
    named: Sequence[bool] | None = None,
    tokenizer: str | None = None,
    cache: Path | None = None,
    device_map: str = "",
    report: Report = silent,
) -> PecrsModel:
    """Make an untrained model on a base backbone, its item states read and attached.

    Args:
        settings: Backbone, tuning and heads.
        data: Limits and layout.
        catalogue: The items.
        popularity: How often each item was the label in training, in catalogue order.
        base: Name or path of the backbone.
        seed: Of the initial weights of adapters and heads.
        named: Whether the training dialogues name each item at all; None takes ``popularity > 0``.
        tokenizer: Name or path of the tokeniser, where it does not lie with the backbone.
        cache: Folder of the item states.
        device_map: Where the backbone is put; see :func:`pecrs.model.backbone.base.load_base`. The rest goes to its
            first device.
        report: Is told how far the reading of item texts has come.

    Raises:
        ConfigError: If the backbone does not load or does not suit the configuration.
    """
    torch.manual_seed(seed)
    vocabulary = Vocabulary.from_tokenizer(load_tokenizer(tokenizer or base), data)
    untuned = load_untuned(settings, base, vocabulary, None, device_map)
    if settings.tuning == "lora":
        backbone = reader = add_adapters(untuned, settings.lora)
    else:
        backbone, reader = untuned, load_base(base, vocabulary, device_map=device_map)
    model = PecrsModel(settings, data, catalogue, backbone, reader, popularity, named).to(backbone.device)
    states = cached_item_states(reader, catalogue, data.max_item_tokens, cache, report).to(backbone.device)
    model.item_encoder.standardise(states)
    model.attach_states(states)
    return model


def load_untuned(
    settings: ModelConfig, name: str, vocabulary: Vocabulary, rows: torch.Tensor | None, device_map: str
) -> Backbone:
    """Load the backbone of a model as it was before tuning.

    Args:
        settings: How its blocks are held, and how it is tuned.
        name: Name or path.
        vocabulary: Tokeniser with the special tokens.
        rows: (4, width) initial rows of the special tokens; None makes them.
        device_map: Where it is put.

    Raises:
        ConfigError: If it does not load, or blocks that are tuned would lie on several devices.
    """
    base = load_base(name, vocabulary, token_rows=rows, quantization=settings.quantization, device_map=device_map)
    if base.spread and settings.tuning == "full":
        raise ConfigError("device_map: blocks on several devices are not tuned; model.tuning must be lora")
    return base
