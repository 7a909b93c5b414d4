"""Reading a catalogue with the frozen backbone: items a second cold, and the seconds of a warm start from the cache.

    python benchmarks/items.py [--shapes gpt2] [--data FOLDER] [--tokenizer FOLDER] [--items 200] [--json]

Cold tokenises and encodes the first ``--items`` items (0: all of them). Useful work is 2 x the weights of the blocks
per token of text, without padding, and 4 x layers x width per pair of tokens of which one sees the other.

Warm asks for the states of the whole catalogue when they are on disk already (random ones of the right size, so that
the cold pass need not be run in full). Nothing is tokenised then; most of it is the fingerprint of the weights. It
ends when the file is mapped; reading every state once comes on top, from a file that the operating system still holds
in memory.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import torch
from common import (
    block_flops,
    load_world,
    make_model,
    make_vocabulary,
    matmul_peak,
    median_seconds,
    parser,
    peak_memory,
    random_states,
    seconds,
    show,
)

from pecrs.config import Config
from pecrs.data.catalogue import Catalogue
from pecrs.model import item_states
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.item_states import ItemStates, cached_item_states, encode_items, item_texts


def warm_seconds(backbone: Backbone, catalogue: Catalogue, limit: int, repeats: int) -> dict[str, float]:
    """Return the seconds of a warm start, of its parts, and of reading all states afterwards."""

    def drawn(reader: Backbone, texts: Sequence[tuple[int, ...]], **_: object) -> ItemStates:
        return random_states(texts, reader.width)

    with tempfile.TemporaryDirectory() as name:

        def start() -> ItemStates:
            return cached_item_states(backbone, catalogue, limit, Path(name))

        with mock.patch.object(item_states, "encode_items", drawn):
            start()
        return {
            "warm start": median_seconds(start, repeats),
            "of it fingerprint": median_seconds(backbone.fingerprint, repeats),
            "reading": statistics.median(seconds(start().states.sum) for _ in range(repeats)),  # freshly mapped
        }


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--items", type=int, default=200, help="items of the cold pass; 0 for all")
    options.add_argument("--repeats", type=int, default=3)
    arguments = options.parse_args()
    config = Config()
    catalogue, dialogues = load_world(arguments.data, 100)
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    backbone = make_model(arguments.shapes, vocabulary, catalogue, config, states=False).backbone
    limit, some = config.data.max_item_tokens, catalogue.items[: arguments.items or None]
    texts = item_texts(backbone, catalogue, some, limit)
    tokens = sum(map(len, texts))
    cold = {
        "tokenise": median_seconds(lambda: item_texts(backbone, catalogue, some, limit), arguments.repeats),
        "encode": median_seconds(lambda: encode_items(backbone, texts), arguments.repeats),
    }
    memory, peak = peak_memory(), matmul_peak(torch.float32)
    pairs = sum(size * size if backbone.bidirectional else size * (size + 1) // 2 for size in map(len, texts))
    rate = block_flops(backbone, tokens, pairs) / cold["encode"]
    warm = warm_seconds(backbone, catalogue, limit, arguments.repeats)
    rows = [
        {"step": step, "items": count, "seconds": taken, "items/s": count / taken}
        for steps, count in ((cold, len(some)), (warm, len(catalogue)))
        for step, taken in steps.items()
    ]
    show(
        f"item encoding, {arguments.shapes} shapes",
        rows,
        arguments.json,
        encoded_tokens=tokens,
        encoded_tokens_per_s=tokens / cold["encode"],
        gflops=rate / 1e9,
        peak_gflops=peak / 1e9,
        share_of_peak=rate / peak,
        memory_mib=memory,
    )


if __name__ == "__main__":
    main()
