"""A smaller WordPiece vocabulary: an encoder's pieces that the text never needs are not carried along.

The output layer costs as much as the blocks of a small model, and half of an encoder's pieces are of other domains and
languages. What is dropped is written with shorter pieces: single characters always stay.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch
from tokenizers import Tokenizer

from pecrs.errors import ConfigError

_TOGETHER = 5000


def keep_frequent_pieces(tokenizer: Any, model: Any, texts: Sequence[str], floor: int) -> None:
    """Drop pieces that occur in fewer than ``floor`` places of the text, from tokeniser and model, in place.

    Args:
        tokenizer: A fast WordPiece tokeniser.
        model: The language model with its token rows and output layer.
        texts: What the vocabulary is for.
        floor: Least count of a piece; special tokens and single characters stay in any case.

    Raises:
        ConfigError: If the tokeniser is of another kind.
    """
    rules = json.loads(tokenizer.backend_tokenizer.to_str())
    if rules["model"]["type"] != "WordPiece":
        raise ConfigError(f"vocabulary_floor: WordPiece is expected; the start's tokeniser is {rules['model']['type']}")
    counts: Counter[int] = Counter()
    for first in range(0, len(texts), _TOGETHER):
        for ids in tokenizer(list(texts[first : first + _TOGETHER]), add_special_tokens=False)["input_ids"]:
            counts.update(ids)
    prefix = rules["model"]["continuing_subword_prefix"]
    special = set(tokenizer.all_special_ids)
    pieces = sorted(rules["model"]["vocab"].items(), key=lambda entry: entry[1])
    kept = [
        (piece, old)
        for piece, old in pieces
        if counts[old] >= floor or old in special or len(piece.removeprefix(prefix)) == 1
    ]
    new = {old: place for place, (_, old) in enumerate(kept)}
    rules["model"]["vocab"] = {piece: new[old] for piece, old in kept}
    if any(token["id"] not in new for token in rules["added_tokens"]):
        raise ConfigError("vocabulary_floor: the start is an earlier run, whose tokens stay as they are; set it to 0")
    for token in rules["added_tokens"]:
        token["id"] = new[token["id"]]
    for token in ((rules["post_processor"] or {}).get("special_tokens") or {}).values():
        token["ids"] = [new[old] for old in token["ids"]]
    tokenizer._tokenizer = Tokenizer.from_str(json.dumps(rules))
    _keep_rows(model, [old for _, old in kept])
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        for settings in (model.config, model.generation_config):
            setattr(settings, name, new.get(getattr(settings, name, None)))


@torch.no_grad()
def _keep_rows(model: Any, kept: Sequence[int]) -> None:
    rows = model.get_input_embeddings().weight[list(kept)].clone()
    output = model.get_output_embeddings()
    bias = None if output.bias is None else output.bias[list(kept)].clone()
    model.resize_token_embeddings(len(kept))
    model.get_input_embeddings().weight.copy_(rows)
    if bias is not None:
        model.get_output_embeddings().bias.copy_(bias)
