"""A backbone of which fewer blocks, or none, are in memory: what that saves, and what it costs.

    python benchmarks/offloading.py [--shapes gpt2-medium] [--saved fp32] [--dialogues 2] [--others 20] [--json]

The same model, training step (with gradient checkpointing) and rankings in processes of their own: with all blocks in
memory, half of them, and none; the others are read from the model's files whenever they compute, and widened to single
precision where the files hold less (``--saved bf16``, as many published models do). Memory is the peak of what is
resident, mapped pages of files included, less what the process held before it loaded the model. The last column is the
greatest difference of losses and scores to those of the first row.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from common import SHAPES, load_world, make_vocabulary, parser, peak_memory, seconds, show, smaller
from transformers import AutoConfig, AutoModelForCausalLM

from pecrs.config import Config
from pecrs.data.protocol import instances
from pecrs.data.stream import StreamLayout
from pecrs.inference.ranker import Ranker
from pecrs.model.backbone.base import quiet_loading
from pecrs.model.backbone.blocks import recompute_blocks
from pecrs.model.backbone.device_map import Parts
from pecrs.model.persistence.build import build_model
from pecrs.training.step import compute_step, prepare_step

WORK = ("training", "ranking")
SAVED = {"fp32": torch.float32, "bf16": torch.bfloat16}


def configuration(arguments: argparse.Namespace) -> Config:
    """Return the settings of all rows."""
    training = {"negatives": 50, "micro_batch_tokens": 1024, "precision": "fp32"}
    return Config.from_dict({"training": training, "generation": {"shortlist": arguments.shortlist}})


def device_maps(folder: Path) -> dict[str, str]:
    """Return a name and a device map of each row."""
    parts = Parts.of_config(AutoConfig.from_pretrained(str(folder)))
    block = next(iter(parts.blocks.values()))
    half = parts.rest + (len(parts.blocks) // 2 + 1.5) * block  # and room for one that comes from the disk
    return {
        "all": "cpu",
        "half": f"cpu={half / 2**20:.0f}MiB,disk",
        "none": f"cpu={(parts.rest + 1.6 * block) / 2**20:.0f}MiB,disk",
    }


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Do one kind of work in this process, twice; return memory, time of the second, and what came out."""
    catalogue, dialogues = load_world(arguments.data, arguments.dialogues)
    catalogue, folder = smaller(catalogue, dialogues, arguments.others), arguments.folder
    config = configuration(arguments)
    before = peak_memory()
    model = build_model(
        config.model,
        config.data,
        catalogue,
        [1] * len(catalogue),
        str(folder),
        seed=config.training.seed,
        cache=folder / "items",
        device_map=arguments.device_map,
    )
    if arguments.work == "ranking":
        ranker, points = Ranker.of_model(model.eval(), config.generation), instances(dialogues, "standard", "all")

        def work() -> list[float]:
            return [score for ranking in ranker.rank(points, 100) for score in ranking.scores]
    else:
        recompute_blocks(model.backbone)
        model.train()
        layout = StreamLayout(model.vocabulary, catalogue, config.data)
        streams = [stream for dialogue in dialogues for stream in layout.streams(dialogue)]
        step = prepare_step(streams, model, config.training, seed=0)

        def work() -> list[float]:
            return [float(loss) for loss in compute_step(model, step, config.training).named().values()]

    found = work()
    taken = seconds(work)
    return {"MiB": peak_memory() - before, "seconds": taken, "found": found}


def main() -> None:
    """Write a model with random weights, and measure each row in a process of its own."""
    options = parser(__doc__)
    options.add_argument("--dialogues", type=int, default=2)
    options.add_argument("--others", type=int, default=20, help="items that no dialogue names")
    options.add_argument("--shortlist", type=int, default=100)
    options.add_argument("--saved", choices=SAVED, default="fp32", help="what the files hold")
    options.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--device-map", default="", help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.work:
        print(json.dumps(measure(arguments)))
        return
    catalogue, dialogues = load_world(arguments.data, arguments.dialogues)
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, configuration(arguments))
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as made:
        torch.manual_seed(0)
        with quiet_loading():
            stock = AutoModelForCausalLM.from_config(SHAPES[arguments.shapes](len(vocabulary)))
            stock.to(SAVED[arguments.saved]).save_pretrained(made)
        vocabulary.tokenizer.save_pretrained(made)
        for work in WORK:
            first: dict[str, object] = {}
            for name, device_map in device_maps(Path(made)).items():
                own = ["--work", work, "--folder", made, "--device-map", device_map]
                command = [sys.executable, __file__, *sys.argv[1:], *own]
                output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                found = json.loads(output.splitlines()[-1])
                first = first or found
                differences = [abs(a - b) for a, b in zip(found["found"], first["found"], strict=True)]  # type: ignore[call-overload]
                rows.append(
                    {
                        "work": work,
                        "blocks in memory": name,
                        "device map": device_map,
                        "MiB": found["MiB"],
                        "seconds": found["seconds"],
                        "memory, times all": found["MiB"] / first["MiB"],
                        "time, times all": found["seconds"] / first["seconds"],
                        "greatest difference": max(differences),
                    }
                )
    show(
        "blocks on the disk",
        rows,
        arguments.json,
        shapes=arguments.shapes,
        saved=arguments.saved,
        dialogues=arguments.dialogues,
    )


if __name__ == "__main__":
    main()
