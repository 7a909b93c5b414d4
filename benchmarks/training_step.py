"""Time and peak memory of a training step: one pass per dialogue against one pass per turn.

    python benchmarks/training_step.py [--data FOLDER] [--shapes tiny|gpt2] [--dialogues 4] [--negatives 32] [--json]

Three ways to compute the same losses and gradients on the same dialogues, each in a process of its own:

- stream: one pass over each dialogue, candidates as branches (what ``pecrs train`` does);
- windows: the same code with one window per data point, batched, item states cached (``data.layout: windows``);
- reference: the slow program of the tests, one unpadded sequence per turn and per candidate.

Weights are random; the dialogues are ReDial's validation set where a prepared folder is given, else a synthetic world.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from models import TinyModel  # noqa: E402
from oracle.reference import Reference, losses  # noqa: E402
from pecrs.config import Config, ScratchConfig  # noqa: E402
from pecrs.data.catalogue import Catalogue  # noqa: E402
from pecrs.data.collator import collate  # noqa: E402
from pecrs.data.dialogue import Dialogue, Speaker  # noqa: E402
from pecrs.data.prepare import load_prepared  # noqa: E402
from pecrs.data.stream import Stream, StreamLayout  # noqa: E402
from pecrs.data.synthetic import film_world  # noqa: E402
from pecrs.data.vocabulary import Vocabulary  # noqa: E402
from pecrs.model.backbone import load_tokenizer, prepare_base  # noqa: E402
from pecrs.model.item_states import encode_items, item_texts  # noqa: E402
from pecrs.model.pecrs import PecrsModel  # noqa: E402
from pecrs.training.losses import pecrs_losses  # noqa: E402
from pecrs.training.scratch import make_backbone, training_texts  # noqa: E402

SHAPES = {"tiny": (64, 2, 4), "gpt2": (768, 12, 12)}
MODES = ("stream", "windows", "reference")
VOCABULARY = 50304


def load(folder: Path | None, count: int) -> tuple[Catalogue, list[Dialogue]]:
    """Return a catalogue and the dialogues to time, the items of the catalogue cut to those in use and some more."""
    if folder is None:
        catalogue, dialogues = film_world(seed=0, dialogues=count)
        return catalogue, dialogues
    data = load_prepared(folder)
    dialogues = list(data.valid[:count])
    used = {item for dialogue in dialogues for turn in dialogue.turns for item in turn.items}
    others = [item for item in data.catalogue if item.id not in used][:60]
    kept = [item for item in data.catalogue if item.id in used]
    return Catalogue((*kept, *others), data.catalogue.fields), dialogues


def build(catalogue: Catalogue, dialogues: list[Dialogue], shapes: str, negatives: int) -> TinyModel:
    """Return a GPT-2 of the wanted shape with random weights and LoRA, ready for a step."""
    width, layers, heads = SHAPES[shapes]
    config = Config.from_dict({"training": {"negatives": negatives}, "model": {"candidate_position": "after_rec"}})
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        make_backbone(ScratchConfig(), training_texts(dialogues, catalogue, config.data), Path(folder), seed=0)
        vocabulary = Vocabulary.from_tokenizer(load_tokenizer(folder), config.data)
    shape = GPT2Config(
        n_embd=width, n_layer=layers, n_head=heads, vocab_size=max(VOCABULARY, len(vocabulary)),
        bos_token_id=0, eos_token_id=0, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    untuned = prepare_base(GPT2LMHeadModel(shape), vocabulary)
    stock = GPT2LMHeadModel(shape)
    stock.load_state_dict(untuned.model.state_dict())
    backbone = untuned.with_adapters(config.model.lora)
    model = PecrsModel(config, catalogue, backbone, backbone, [0] * len(catalogue))
    texts = item_texts(backbone, catalogue.items, catalogue.fields, config.data.max_item_tokens)
    model.attach_states(encode_items(backbone, texts))
    return TinyModel(model, stock, StreamLayout(vocabulary, catalogue, config.data))


def stepper(mode: str, tiny: TinyModel, dialogues: list[Dialogue], negatives: int) -> Callable[[], Tensor]:
    """Return a function that computes the total loss of the dialogues."""
    named = {tiny.model.catalogue.index(i) for d in dialogues for t in d.turns for i in t.items}
    shared = [j for j in range(len(tiny.model.catalogue)) if j not in named][:negatives]
    if mode == "reference":

        def slow() -> Tensor:
            reference = Reference(tiny, merged=False)
            turns = [
                reference.turn_scores(dialogue, t, shared, shared)
                for dialogue in dialogues
                for t, turn in enumerate(dialogue.turns)
                if turn.speaker is Speaker.RECOMMENDER
            ]
            return losses(turns, tiny.model.config.training)["total"]

        return slow
    streams: list[Stream] = []
    for dialogue in dialogues:
        streams += tiny.layout.streams(dialogue, windows=mode == "windows")
    batch, indices = collate(streams), torch.tensor(shared)
    return lambda: pecrs_losses(tiny.model(batch, indices, indices), batch, tiny.model.config.training).total


def measure(mode: str, arguments: argparse.Namespace) -> dict[str, float]:
    """Time forward and backward passes of one mode in this process."""
    catalogue, dialogues = load(arguments.data, arguments.dialogues)
    tiny = build(catalogue, dialogues, arguments.shapes, arguments.negatives)
    total = stepper(mode, tiny, dialogues, arguments.negatives)
    seconds = []
    value = 0.0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(1 if mode == "reference" else arguments.repeats):
        tiny.model.zero_grad()
        started = time.perf_counter()
        loss = total()
        loss.backward()
        seconds.append(time.perf_counter() - started)
        value = float(loss.detach())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    points = sum(stream.weight for d in dialogues for stream in tiny.layout.streams(d))
    return {
        "seconds": statistics.median(seconds),
        "points": points,
        "peak_mib": peak / 1024,
        "step_mib": (peak - before) / 1024,
        "loss": value,
    }


def main() -> None:
    """Run each mode in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder that `pecrs prepare redial` wrote")
    parser.add_argument("--shapes", choices=SHAPES, default="tiny")
    parser.add_argument("--dialogues", type=int, default=4)
    parser.add_argument("--negatives", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mode", choices=MODES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.mode:
        print(json.dumps(measure(arguments.mode, arguments)))
        return
    rows = {}
    for mode in MODES:
        command = [sys.executable, __file__, *sys.argv[1:], "--mode", mode]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        rows[mode] = json.loads(output.splitlines()[-1])
    if arguments.json:
        print(json.dumps(rows, indent=2))
        return
    title = f"one training step, {arguments.shapes} shapes, M = {arguments.negatives}, {arguments.dialogues} dialogues"
    header = ("", "seconds", "points/s", "slower than stream", "step memory MiB", "process MiB", "loss")
    table = Table(*header, title=title)
    for mode, row in rows.items():
        ratio = row["seconds"] / rows["stream"]["seconds"]
        cells = (row["seconds"], row["points"] / row["seconds"], ratio, row["step_mib"], row["peak_mib"])
        table.add_row(mode, *(f"{cell:,.2f}" for cell in cells), f"{row['loss']:.5f}")
    Console().print(table)


if __name__ == "__main__":
    main()
