"""Several processes against one: data points a second, and how far their losses lie apart.

    python benchmarks/workers.py [--processes 2] [--shapes tiny] [--steps 5] [--dialogues 8] [--json]

All runs train the same model on the same batches, each batch being that of the whole run; processes exchange gradients
over gloo, on this machine. Every process computes with ``OMP_NUM_THREADS`` threads, one if that is not set, so speed
grows only where there is a core for each. The first step warms up and does not count; losses are compared at all steps,
in single precision, where sums in another order move the last bits. Then the processes share the frozen blocks
(``training.shard_backbone``): each holds its part, and gets the others' while it computes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

import torch
from common import load_world, make_model, make_vocabulary, parser, seconds, show, smaller
from torch.distributed.tensor import DTensor

from pecrs.config import Config
from pecrs.data.stream import StreamLayout
from pecrs.model.backbone.blocks import shard_blocks
from pecrs.training.step import MicroBatches, compute_step, prepare_step
from pecrs.training.workers import Workers


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Train in this process among the others; return points a second and the losses of each step."""
    workers = Workers()
    catalogue, dialogues = load_world(arguments.data, arguments.dialogues * arguments.steps)
    config = Config.from_dict({"training": {"negatives": arguments.negatives, "precision": "fp32"}})
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    model = make_model(arguments.shapes, vocabulary, smaller(catalogue, dialogues, arguments.negatives), config).train()
    layout = StreamLayout(vocabulary, model.catalogue, config.data)
    streams = [stream for dialogue in dialogues for stream in layout.streams(dialogue)]
    parameters = list(model.trained_parameters().values())
    if arguments.shard:
        shard_blocks(model.backbone, workers.mesh)
    held = sum(local(parameter).nbytes for parameter in model.backbone.parameters() if not parameter.requires_grad)
    workers.start_alike(parameters)
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, fused=True)
    points, taken, losses = 0, 0.0, []
    for number in range(arguments.steps):
        batch = streams[number * arguments.dialogues : (number + 1) * arguments.dialogues]
        step = prepare_step(batch, model, config.training, number, workers.count)

        def train(step: MicroBatches = step) -> None:
            idle = workers.idle(len(step.micro_batches)) if arguments.shard else 0
            own = compute_step(model, step, config.training, mine=workers.share, idle=idle)
            losses.append(float(workers.total(own.total)))
            workers.add_gradients(parameters)
            optimizer.step()
            optimizer.zero_grad()

        workers.wait()
        spent = seconds(train)
        if number:
            points, taken = points + step.points, taken + spent
    return {
        "processes": workers.count,
        "backbone": "sharded" if arguments.shard else "whole in each",
        "frozen MiB a process": held / 2**20,
        "points/s": points / taken,
        "losses": losses,
        "main": workers.main,
    }


def local(parameter: torch.Tensor) -> torch.Tensor:
    """Return what this process holds of a parameter."""
    return parameter.to_local() if isinstance(parameter, DTensor) else parameter


def launched(processes: int, *arguments: str) -> dict[str, object]:
    """Run this program in so many processes and return what the first of them measured."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    command = [sys.executable, *(launcher if processes > 1 else ()), __file__, *sys.argv[1:], "--inside", *arguments]
    variables = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""} | dict(os.environ)
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=variables).stdout
    return dict(json.loads(output.splitlines()[-1]))


def main() -> None:
    """Run one process, then several, and print the table."""
    options = parser(__doc__)
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--dialogues", type=int, default=8, help="of a batch")
    options.add_argument("--steps", type=int, default=5)
    options.add_argument("--negatives", type=int, default=150, help="M_train")
    options.add_argument("--shard", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.inside:
        measured = measure(arguments)
        if measured.pop("main"):
            print(json.dumps(measured))
        return
    rows = [launched(1), launched(arguments.processes), launched(arguments.processes, "--shard")]
    alone = rows[0]["losses"]
    for row in rows:
        apart = [abs(a - b) / abs(a) for a, b in zip(alone, row.pop("losses"), strict=True)]  # type: ignore[call-overload]
        row["largest difference of losses"] = max(apart)
        row["times one"] = row["points/s"] / rows[0]["points/s"]  # type: ignore[operator]
    show(f"processes of one run, {arguments.shapes} shapes", rows, arguments.json, steps=arguments.steps)


if __name__ == "__main__":
    main()
