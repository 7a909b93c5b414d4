"""Memory of a training step and of ranking: what is predicted from shapes, beside what a process took.

    python benchmarks/memory.py [--measure tiny gpt2] [--dialogues 8] [--micro-batch-tokens 1024] [--json]

Each measured figure is the peak of resident memory in a process of its own, less what the process held before it made
the model. Activations, which depend on what autograd keeps, are the uncertain part. Shapes that are not measured are
predicted for the same pass: gpt2-medium, qwen3-0.6b, and a Llama of 7 billion weights in the precisions of its matrices
(this package loads fp32, 8bit and 4bit; bf16 stands for comparison). With ``checkpointing``, one block's activations
are held at a time. Item states are those of the synthetic world or of ``--data``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping

import torch
from common import SHAPES, load_world, make_model, make_vocabulary, parser, peak_memory, show, smaller
from predicted_memory import Load, Memory, Precision, Shape, inference_memory, training_memory
from transformers import LlamaConfig, PreTrainedConfig

from pecrs.config import Config
from pecrs.data.catalogue import Catalogue
from pecrs.data.collator import Batch
from pecrs.data.protocol import instances
from pecrs.data.stream import StreamLayout
from pecrs.data.vocabulary import Vocabulary
from pecrs.inference.ranker import Ranker
from pecrs.inference.tasks import BATCH_POSITIONS
from pecrs.model.backbone.blocks import recompute_blocks
from pecrs.training.step import MicroBatches, compute_step, prepare_step

WORK = ("training", "checkpointing", "ranking")
MEBI = 2**20


def llama_7b(size: int) -> PreTrainedConfig:
    """Return the shape of the first Llama of seven billion weights."""
    return LlamaConfig(
        vocab_size=max(size, 32000), hidden_size=4096, num_hidden_layers=32, num_attention_heads=32,
        intermediate_size=11008, max_position_embeddings=4096, tie_word_embeddings=False,
    )  # fmt: skip


LARGE: Mapping[str, tuple[Precision, ...]] = {
    "gpt2-medium": ("fp32",),
    "qwen3-0.6b": ("fp32",),
    "llama-7b": ("fp32", "bf16", "8bit", "4bit"),
}
"""Shapes that are predicted only, and how their matrices are held."""


class Setting:
    """The data of all rows, and the pass that is predicted for."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Read the world."""
        catalogue, self.dialogues = load_world(arguments.data, arguments.dialogues)
        training = {
            "negatives": arguments.negatives,
            "micro_batch_tokens": arguments.micro_batch_tokens,
            "precision": "fp32",
        }
        self.config = Config.from_dict({"training": training, "generation": {"shortlist": arguments.shortlist}})
        self.vocabulary: Vocabulary = make_vocabulary(arguments.tokenizer, catalogue, self.dialogues, self.config)
        self.catalogue: Catalogue = smaller(catalogue, self.dialogues, arguments.others)

    def tokens(self) -> int:
        """Return the number of tokens of all item texts."""
        limit = self.config.data.max_item_tokens
        return sum(map(len, self.vocabulary.encode_items([*map(self.catalogue.text_fields, self.catalogue)], limit)))


def step_load(step: MicroBatches, part: Batch, negatives: int) -> Load:
    """Return what a pass of a step holds."""
    queries = len(part.queries)
    scored = queries * (part.positives.shape[1] + negatives)
    items = len(step.named) + negatives
    return Load(len(part.tokens), part.keys.shape[1], part.keys.shape[0], scored, queries, len(part.targets), items)


def predicted(shape: Shape, work: str, setting: Setting, load: Load, precision: Precision = "fp32") -> Memory:
    """Return the prediction for one kind of work."""
    model, data, items = setting.config.model, setting.config.data, len(setting.catalogue)
    if work == "ranking":
        return inference_memory(shape, model, load, precision=precision, items=items, item_tokens=data.max_item_tokens)
    return training_memory(
        shape,
        model,
        load,
        precision=precision,
        catalogue=(items, setting.tokens()),
        item_tokens=data.max_item_tokens,
        checkpointing=work == "checkpointing",
    )


def loads(setting: Setting, negatives: int) -> dict[str, Load]:
    """Return the largest pass of each kind of work, laid out with a small model: it depends on no shape."""
    model = make_model("tiny", setting.vocabulary, setting.catalogue, setting.config)
    layout = StreamLayout(setting.vocabulary, setting.catalogue, setting.config.data)
    streams = [stream for dialogue in setting.dialogues for stream in layout.streams(dialogue)]
    step = prepare_step(streams, model, setting.config.training, seed=0)
    parts = [step_load(step, part, negatives) for part in step.micro_batches]
    train = max(parts, key=lambda load: load.positions + load.candidates)
    shortlist = min(setting.config.generation.shortlist, len(setting.catalogue))
    longest = max(len(stream.sequence) for stream in streams)
    together = min(len(streams), max(1, BATCH_POSITIONS // longest))
    rank = Load(together * longest, longest, together, shortlist * together, sum(len(s.points) for s in streams))
    return {"training": train, "checkpointing": train, "ranking": rank}


def measure(arguments: argparse.Namespace) -> dict[str, float]:
    """Do one kind of work in this process and return its memory."""
    setting = Setting(arguments)
    before = peak_memory()
    shape, config = arguments.shapes, setting.config
    model = make_model(shape, setting.vocabulary, setting.catalogue, config, states=arguments.work != "ranking")
    if arguments.work == "ranking":
        points = instances(setting.dialogues, "standard", "all")
        list(Ranker.of_model(model, setting.config.generation).rank(points, 100))
        return {"before": before, "measured": peak_memory() - before}
    if arguments.work == "checkpointing":
        recompute_blocks(model.backbone)
    model.train()
    layout = StreamLayout(setting.vocabulary, setting.catalogue, config.data)
    streams = [stream for dialogue in setting.dialogues for stream in layout.streams(dialogue)]
    step = prepare_step(streams, model, config.training, seed=0)
    optimizer = torch.optim.AdamW(model.trained_parameters().values(), fused=True)
    for _ in range(2):  # the moments are made at the end of the first step
        compute_step(model, step, config.training)
        optimizer.step()
        optimizer.zero_grad()
    return {"before": before, "measured": peak_memory() - before}


def row(name: str, precision: str, work: str, memory: Memory, measured: Mapping[str, float]) -> dict[str, object]:
    """Return a line of the table, in MiB."""
    total, found = memory.total / MEBI, measured.get("measured")
    return {
        "shapes": name,
        "matrices": precision,
        "work": work,
        "weights MiB": memory.weights / MEBI,
        "gradients, moments MiB": (memory.gradients + memory.optimiser) / MEBI,
        "activations MiB": memory.activations / MEBI,
        "predicted MiB": total,
        "measured MiB": found,
        "measured / predicted": found and found / total,
        "program MiB": measured.get("before"),
    }


def main() -> None:
    """Measure each shape and kind of work in a process of its own, predict all, and print the table."""
    options = parser(__doc__)
    options.add_argument("--measure", nargs="*", choices=SHAPES, default=["tiny", "gpt2"])
    options.add_argument("--dialogues", type=int, default=8)
    options.add_argument("--negatives", type=int, default=150, help="M_train")
    options.add_argument("--others", type=int, default=500, help="items that no dialogue names")
    options.add_argument("--shortlist", type=int, default=100)
    options.add_argument("--micro-batch-tokens", type=int, default=1024, help="training.micro_batch_tokens")
    options.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.work:
        print(json.dumps(measure(arguments)))
        return
    setting = Setting(arguments)
    passes, rows = loads(setting, arguments.negatives), []
    for name in arguments.measure:
        shape = Shape.of_config(SHAPES[name](len(setting.vocabulary)))
        for work in WORK:
            command = [sys.executable, __file__, *sys.argv[1:], "--shapes", name, "--work", work]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            found = json.loads(output.splitlines()[-1])
            rows.append(row(name, "fp32", work, predicted(shape, work, setting, passes[work]), found))
    for name, precisions in LARGE.items():
        shape = Shape.of_config((SHAPES.get(name) or llama_7b)(len(setting.vocabulary)))
        for precision in precisions:
            for work in WORK:
                memory = predicted(shape, work, setting, passes[work], precision)
                rows.append(row(name, precision, work, memory, {}))
    show("memory of a pass, single precision activations", rows, arguments.json, dialogues=arguments.dialogues)


if __name__ == "__main__":
    main()
