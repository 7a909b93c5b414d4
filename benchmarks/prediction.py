"""Batch prediction for evaluation: instances a second through ``Ranker``, retrieval and re-ranking together.

    python benchmarks/prediction.py [--shapes gpt2] [--data FOLDER] [--tokenizer FOLDER] [--dialogues 50] [--json]

One pass over each dialogue serves all its turns; candidates hang off its cached keys and values, and the ranking goes
by their scores alone (``generation.rerank_weight: 1``). Useful work is 2 x the weights of the blocks, adapters left
out, per position of a stream and per candidate, and 4 x layers x width per pair of positions of which one sees the
other. It leaves out what the heads and the search compute, so the share of the peak is a lower bound.
"""

from __future__ import annotations

import torch
from common import (
    block_flops,
    load_world,
    make_model,
    make_vocabulary,
    matmul_peak,
    parser,
    peak_memory,
    seconds,
    show,
)

from pecrs.config import Config
from pecrs.data.protocol import standard_instances
from pecrs.ranker import Ranker


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--dialogues", type=int, default=1000, help="the first so many")
    options.add_argument("--shortlist", type=int, default=700, help="M_inference")
    arguments = options.parse_args()
    catalogue, dialogues = load_world(arguments.data, arguments.dialogues)
    shortlist = min(arguments.shortlist, len(catalogue))
    tuning = {"tuning": "full" if arguments.shapes == "tiny" else "lora"}  # as the presets of these shapes
    config = Config.from_dict({"generation": {"shortlist": shortlist, "rerank_weight": 1.0}, "model": tuning})
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    model = make_model(arguments.shapes, vocabulary, catalogue, config, states=False)
    ranker, points = Ranker.of_model(model), standard_instances(dialogues)
    list(ranker.rank(points[:8], depth=100))  # does not count
    taken = seconds(lambda: list(ranker.rank(points, depth=100)))
    memory, peak = peak_memory(), matmul_peak(torch.float32)
    streams = [stream for dialogue in dialogues for stream in ranker.layout.streams(dialogue)]
    queries = [[p.ranked_at for p in stream.points if p.ranked_at is not None] for stream in streams]
    sizes = [len(stream.sequence) for stream, found in zip(streams, queries, strict=True) if found]
    ends = [query + 1 for found in queries for query in found]  # what a candidate sees besides itself
    seen = sum(size * (size + 1) // 2 for size in sizes) + shortlist * sum(end + 1 for end in ends)
    rate = block_flops(model.backbone, sum(sizes) + shortlist * len(ends), seen) / taken
    row = {
        "instances": len(points),
        "seconds": taken,
        "instances/s": len(points) / taken,
        "candidates/s": shortlist * len(ends) / taken,
        "GFLOP/s": rate / 1e9,
        "share of peak": rate / peak,
        "memory MiB": memory,
    }
    title = f"batch prediction, {arguments.shapes} shapes, M_inference = {shortlist} of {len(catalogue)} items"
    show(title, [row], arguments.json, dialogues=len(dialogues), peak_gflops=peak / 1e9)


if __name__ == "__main__":
    main()
