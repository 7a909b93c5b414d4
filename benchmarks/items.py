"""Reading a catalogue with the frozen backbone: items a second cold, and the seconds of a warm start from the cache.

    python benchmarks/items.py [--shapes gpt2] [--data FOLDER] [--tokenizer FOLDER] [--items 200] [--json]

Cold reads the first ``--items`` items (0: all of them). Useful work is 2 x the weights of the blocks per token of text,
without padding. Warm asks for the states of the whole catalogue when they are on disk already (random ones of the right
size, so that the cold pass need not be run in full), which takes a fingerprint of weights and texts and one read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import torch
from common import (
    block_weights,
    load_world,
    make_model,
    make_vocabulary,
    matmul_peak,
    median_seconds,
    parser,
    peak_memory,
    seconds,
    show,
)

from pecrs.config import Config
from pecrs.model import item_states
from pecrs.model.backbone import Backbone
from pecrs.model.item_states import ItemStates, cached_item_states, encode_items, item_texts


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--items", type=int, default=200, help="items of the cold pass; 0 for all")
    options.add_argument("--repeats", type=int, default=3)
    arguments = options.parse_args()
    config = Config()
    catalogue, dialogues = load_world(arguments.data, 100)
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    model = make_model(arguments.shapes, vocabulary, catalogue, config)
    backbone, limit = model.backbone, config.data.max_item_tokens
    some = list(catalogue)[: arguments.items or None]
    texts: list[tuple[int, ...]] = []
    tokenising = seconds(lambda: texts.extend(item_texts(backbone, some, catalogue.fields, limit)))
    tokens = sum(map(len, texts))
    cold = median_seconds(lambda: encode_items(backbone, texts), arguments.repeats)
    rate = 2 * block_weights(backbone)[0] * tokens / cold
    peak = matmul_peak(torch.float32)

    def drawn(reader: Backbone, every: Sequence[tuple[int, ...]]) -> ItemStates:
        offsets = torch.tensor([0, *map(len, every)]).cumsum(0)
        return ItemStates(torch.randn(int(offsets[-1]), reader.width), offsets)

    with tempfile.TemporaryDirectory() as folder:
        with mock.patch.object(item_states, "encode_items", drawn):
            cached_item_states(backbone, catalogue, limit, Path(folder))
        warm = median_seconds(lambda: cached_item_states(backbone, catalogue, limit, Path(folder)), arguments.repeats)
    rows = [
        {
            "start": "cold",
            "items": len(some),
            "tokens": tokens,
            "seconds": cold + tokenising,
            "items/s": len(some) / (cold + tokenising),
            "tokens/s": tokens / cold,
            "GFLOP/s": rate / 1e9,
            "share of peak": rate / peak,
            "memory MiB": peak_memory(),
        },
        {"start": "warm", "items": len(catalogue), "tokens": None, "seconds": warm, "items/s": len(catalogue) / warm}
        | dict.fromkeys(("tokens/s", "GFLOP/s", "share of peak"))
        | {"memory MiB": peak_memory()},
    ]
    parts = {"tokenising": round(tokenising, 3), "fingerprint": round(seconds(backbone.fingerprint), 3)}
    show(f"item encoding, {arguments.shapes} shapes", rows, arguments.json, peak_gflops=round(peak / 1e9, 1), **parts)


if __name__ == "__main__":
    main()
