"""Batch prediction for evaluation: instances a second through ``Ranker``, retrieval and re-ranking together.

    python benchmarks/prediction.py [--shapes tiny] [--data FOLDER] [--dialogues 1000] [--shortlist 700] [--json]

One pass over each dialogue serves all its turns; candidates hang off its cached keys and values. Useful work is 2 x the
weights of the blocks, adapters included, per stream token and per candidate.
"""

from __future__ import annotations

import torch
from common import (
    block_weights,
    load_world,
    make_model,
    make_vocabulary,
    matmul_peak,
    parser,
    peak_memory,
    random_vectors,
    seconds,
    show,
)

from pecrs.config import Config
from pecrs.data.protocol import instances
from pecrs.ranker import Ranker


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--dialogues", type=int, default=1000)
    options.add_argument("--shortlist", type=int, default=700, help="M_inference")
    arguments = options.parse_args()
    config = Config.from_dict({"generation": {"shortlist": arguments.shortlist}})
    catalogue, dialogues = load_world(arguments.data, arguments.dialogues)
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    model = make_model(arguments.shapes, vocabulary, catalogue, config)
    model.catalogue_vectors = random_vectors(model, len(catalogue))
    ranker, points = Ranker.of_model(model), instances(dialogues, "standard", "all")
    list(ranker.rank(points[:8], depth=100))
    taken = seconds(lambda: list(ranker.rank(points, depth=100)))
    asked = {id(point.dialogue): point.dialogue for point in points}.values()
    streams = [stream for dialogue in asked for stream in ranker.layout.streams(dialogue)]
    read = sum(len(stream.sequence) for stream in streams)
    positions = read + len(points) * min(arguments.shortlist, len(catalogue))
    rate = 2 * sum(block_weights(model.backbone)) * positions / taken
    peak = matmul_peak(torch.float32)
    row = {
        "instances": len(points),
        "seconds": taken,
        "instances/s": len(points) / taken,
        "candidates/s": len(points) * min(arguments.shortlist, len(catalogue)) / taken,
        "GFLOP/s": rate / 1e9,
        "share of peak": rate / peak,
        "memory MiB": peak_memory(),
    }
    title = f"batch prediction, {arguments.shapes} shapes, M_inference = {arguments.shortlist}"
    show(title, [row], arguments.json, peak_gflops=round(peak / 1e9, 1))


if __name__ == "__main__":
    main()
