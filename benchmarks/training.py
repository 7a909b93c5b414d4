"""Speed and memory of a training step: data points and tokens a second, and the share of the matmul peak.

    python benchmarks/training.py [--shapes gpt2] [--data FOLDER] [--tokenizer FOLDER] [--negatives 150] [--json]

Three ways to do the same work, each in a process of its own:

- stream: one pass over each dialogue, candidates as branches (what ``pecrs train`` does);
- windows: the same code with one window per recommender turn, packed and with cached item states
  (``data.layout: windows``): a well-batched program that works turn by turn;
- reference: the slow program of the tests, one unpadded sequence per turn and per candidate, every item text read
  again each step; each score is sent backward as soon as it is there, since a graph of all fills the memory. It gets
  ``--reference-dialogues`` dialogues only (0 leaves it out) and is compared by the point.

Useful work is counted as: blocks 4 x weights per position (forward, and backward through frozen weights), adapters
6 x weights per position, output layer 4 x vocabulary x width per response token, attention 12 x width x layers per
pair of a position and one that it sees. What is computed again to save memory does not count.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from common import (
    CPU,
    block_flops,
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
    smaller,
)
from torch import Tensor

from pecrs.config import Config
from pecrs.data.dialogue import Dialogue, Speaker
from pecrs.data.stream import StreamLayout
from pecrs.model.backbone.precision import autocast, computes_bf16
from pecrs.model.pecrs import PecrsModel
from pecrs.training.step import MicroBatches, compute_step, prepare_step

MODES = ("stream", "windows", "reference")


def useful_flops(model: PecrsModel, step: MicroBatches) -> float:
    """Return the operations that a step needs, counted as above."""
    negatives = step.drawn[0].candidates
    targets = sum(len(part.targets) for part in step.micro_batches)
    pairs = 0
    for part in step.micro_batches:
        depth = part.positives.shape[1]
        pairs += int(part.context_end.flatten()[part.cells].sum())
        pairs += int((part.query_positions + 2).sum()) * (negatives + depth if negatives else 0)
    head = 4.0 * targets * model.backbone.width * model.backbone.causal_lm.config.vocab_size
    adapters = 6.0 * block_weights(model.backbone)[1] * step.positions
    blocks = 2 * block_flops(model.backbone, step.positions, 0) + 3 * block_flops(model.backbone, 0, pairs)
    return blocks + adapters + head


def reference(
    model: PecrsModel, config: Config, dialogues: list[Dialogue], layout: StreamLayout
) -> Callable[[], object]:
    """Return a training step of the tests' slow program."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    from models import TinyModel
    from oracle.reference import Reference

    stock = copy.deepcopy(model.backbone.causal_lm)
    named = {model.catalogue.index(item) for d in dialogues for turn in d.turns for item in turn.items}
    shared = [j for j in range(len(model.catalogue)) if j not in named]

    def work() -> None:
        slow = Reference(TinyModel(model, config, stock, layout), merged=False)
        encoded = slow.vectors
        slow.vectors = [vector.detach().requires_grad_() for vector in encoded]
        for dialogue in dialogues:
            for t, turn in enumerate(dialogue.turns):
                if turn.speaker is Speaker.RECOMMENDER:
                    for score in pieces(slow, dialogue, t):
                        torch.autograd.backward(score)
        torch.autograd.backward(encoded, [vector.grad for vector in slow.vectors])

    def pieces(slow: Reference, dialogue: Dialogue, t: int) -> Iterator[Tensor]:
        """Yield the scores of a turn one by one, so that memory holds one graph at a time."""
        turn, context = dialogue.turns[t], slow.context(dialogue.turns[:t])
        items = [model.catalogue.index(item) for item in turn.items]
        if items and t:
            states, _ = slow.read([*context, ("token", slow.vocabulary.rec)])
            yield sum(slow.retrieval_score(states, j, context) for j in [*items, *shared])
            yield from (slow.rerank_score(context, j) for j in [*items, *shared])
        yield sum(slow.response(context, items, turn))
        _, logits = slow.read(context)
        yield logits[-1].sum()

    return work


def measure(mode: str, arguments: argparse.Namespace) -> dict[str, float | str | None]:
    """Time one mode in this process."""
    count = arguments.reference_dialogues if mode == "reference" else arguments.dialogues
    catalogue, dialogues = load_world(arguments.data, arguments.dialogues)
    config = Config.from_dict(
        {"training": {"negatives": arguments.negatives, "micro_batch_tokens": arguments.micro_batch_tokens}}
    )
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    dialogues = dialogues[:count]
    model = make_model(arguments.shapes, vocabulary, smaller(catalogue, dialogues, arguments.negatives), config).train()
    layout = StreamLayout(vocabulary, model.catalogue, config.data)
    streams = [s for dialogue in dialogues for s in layout.streams(dialogue, windows=mode == "windows")]
    step = prepare_step(streams, model, config.training, seed=0)
    if mode == "reference":
        with autocast(CPU, config.training.precision):
            taken = seconds(reference(model, config, dialogues, layout))
    else:
        taken = median_seconds(lambda: compute_step(model, step, config.training), arguments.repeats)
    peak = matmul_peak(torch.bfloat16 if computes_bf16(CPU, config.training.precision) else torch.float32)
    useful = useful_flops(model, step) / taken
    fast = mode != "reference"
    return {
        "mode": mode,
        "seconds": taken,
        "points": step.points,
        "points/s": step.points / taken,
        "dialogues/s": len(dialogues) / taken,
        "tokens/s": step.positions / taken if fast else None,
        "GFLOP/s": useful / 1e9 if fast else None,
        "share of peak": useful / peak if fast else None,
        "peak GFLOP/s": peak / 1e9,
        "memory MiB": peak_memory(),
    }


def main() -> None:
    """Run each mode in a process of its own and print the table."""
    options = parser(__doc__)
    options.add_argument("--dialogues", type=int, default=8)
    options.add_argument("--reference-dialogues", type=int, default=1)
    options.add_argument("--negatives", type=int, default=150, help="M_train")
    options.add_argument("--micro-batch-tokens", type=int, default=0, help="training.micro_batch_tokens")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--mode", choices=MODES, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.mode:
        print(json.dumps(measure(arguments.mode, arguments)))
        return
    modes = MODES if arguments.reference_dialogues else MODES[:2]
    rows = []
    for mode in modes:
        command = [sys.executable, __file__, *sys.argv[1:], "--mode", mode]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        rows.append(json.loads(output.splitlines()[-1]))
    for row in rows:
        row["slower than stream"] = rows[0]["points/s"] / row["points/s"]
    title = f"a training step, {arguments.shapes} shapes, M_train = {arguments.negatives}"
    show(title, rows, arguments.json, dialogues=arguments.dialogues)


if __name__ == "__main__":
    main()
