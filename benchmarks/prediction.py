"""Batch prediction for evaluation: instances a second through ``Ranker``, retrieval and re-ranking together.

    python benchmarks/prediction.py [--shapes gpt2] [--data FOLDER] [--tokenizer FOLDER] [--dialogues 50] [--json]

One pass over each dialogue serves all its turns; candidates hang off its cached keys and values, and the ranking goes
by their scores alone (``generation.rerank_weight: 1``). Where the CPU multiplies bfloat16 itself, everything is ranked
once more with ``generation.ranking_precision: bf16``, and the rankings are compared. Useful work is 2 x the weights of
the blocks, adapters left out, per position of a stream and per candidate, and 4 x layers x width per pair of positions
of which one sees the other. It leaves out what the heads and the search compute, so the share of the peak is a lower
bound.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch
from common import (
    CPU,
    block_flops,
    load_world,
    make_model,
    make_vocabulary,
    matmul_peak,
    parser,
    peak_memory,
    show,
)

from pecrs.config import Config
from pecrs.data.protocol import Ranking, standard_instances
from pecrs.inference.ranker import Ranker
from pecrs.model.backbone.precision import native_bf16


def overlap(left: Sequence[Ranking], right: Sequence[Ranking], depth: int) -> float:
    """Return the mean share of the first items that two rankings of the same points have in common."""
    common = [len({*a.items[:depth]} & {*b.items[:depth]}) / depth for a, b in zip(left, right, strict=True)]
    return sum(common) / len(common)


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
    ranker, points = Ranker.of_model(model, config.generation), standard_instances(dialogues)
    streams = [stream for dialogue in dialogues for stream in ranker.layout.streams(dialogue)]
    queries = [[p.ranked_at for p in stream.points if p.ranked_at is not None] for stream in streams]
    sizes = [len(stream.sequence) for stream, found in zip(streams, queries, strict=True) if found]
    ends = [query + 1 for found in queries for query in found]  # what a candidate sees besides itself
    seen = sum(size * (size + 1) // 2 for size in sizes) + shortlist * sum(end + 1 for end in ends)
    useful = block_flops(model.backbone, sum(sizes) + shortlist * len(ends), seen)
    rows: list[dict[str, float | str | None]] = []
    rankings: list[list[Ranking]] = []
    precisions = {"fp32": torch.float32, "bf16": torch.bfloat16}
    for precision in list(precisions)[: 1 + native_bf16(CPU)]:
        settings = config.generation.model_copy(update={"ranking_precision": precision})
        ranker = Ranker(model, catalogue, ranker.index, settings)
        list(ranker.rank(points[:8], depth=100))  # does not count
        started = time.perf_counter()
        rankings.append(list(ranker.rank(points, depth=100)))
        taken = time.perf_counter() - started
        memory, peak = peak_memory(), matmul_peak(precisions[precision])
        rows.append(
            {
                "precision": precision,
                "instances": len(points),
                "seconds": taken,
                "instances/s": len(points) / taken,
                "candidates/s": shortlist * len(ends) / taken,
                "GFLOP/s": useful / taken / 1e9,
                "peak GFLOP/s": peak / 1e9,
                "share of peak": useful / taken / peak,
                "memory MiB": memory,
                "top 10 as in fp32": overlap(rankings[0], rankings[-1], 10),
            }
        )
    title = f"batch prediction, {arguments.shapes} shapes, M_inference = {shortlist} of {len(catalogue)} items"
    show(title, rows, arguments.json, dialogues=len(dialogues))


if __name__ == "__main__":
    main()
