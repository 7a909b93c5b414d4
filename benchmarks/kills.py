"""Kill work in its midst, resume it, and compare its end with that of work that was left alone: bit for bit, on a CPU.

    python benchmarks/kills.py [--kills 50] [--kinds train pretrain items reproduce] [--seed 0] [--json]

- train: ``pecrs train``, with dropout, accumulation and a checkpoint every second;
- pretrain: ``pecrs pretrain``, with trials of two learning rates;
- items: ``pecrs train`` where reading the catalogue takes most of the time, so that the cache of item states is cut;
- reproduce: ``pecrs reproduce figure4 --scale smoke``, two runs and their rankings.

Each kind is done once undisturbed. Then it is begun in another folder, killed (SIGKILL, with its children) again and
again, and every time resumed by the same command; when it reaches its end it is compared and begun anew, until its
share of the kills is used up. Every other kill comes at a random moment; the rest come right before a random change of
files (one opened for writing, renamed, made or removed), moments too short to be met by chance.

Compared are all files of the run, leftovers included, and the item states of the cache: tensors by name, type, shape
and bytes; JSON without wall times. The log holds every batch's losses, which depend on the order of data, the
negatives and what dropout drew. Pictures and TensorBoard's files are left out. The exit code is 1 if anything differs
or a resumed command fails.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common import show

Arguments = Callable[[Path, Path], list[str]]
"""(folder of data and settings, folder of the run) -> arguments of ``pecrs``."""

COMMANDS: Mapping[str, Arguments] = {
    "train": lambda world, run: _train(world, "films", run),
    "pretrain": lambda world, run: [
        *("pretrain", f"{world}/pretrain.yaml", "--corpora", f"{world}/corpora", "--data", f"{world}/films"),
        *("--output", str(run), *_resume(run)),
    ],
    "items": lambda world, run: _train(world, "many", run),
    "reproduce": lambda _, run: ["reproduce", "figure4", "--scale", "smoke", "--output", str(run)],
}
"""What is killed, by kind; whatever else can be resumed gets a line here."""

CLOCK = frozenset({"seconds", "tokens_per_second"})
"""Fields of JSON files that tell wall time."""

UNCOMPARED = (".png", ".svg")
"""Endings of files that hold dates."""

CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "shutil.rmtree"})
"""Audit events that change the file system; ``open`` does where it may write."""

SHAPE = """\
  scratch: {vocabulary: 500, hidden: 48, layers: 2, heads: 2, intermediate: 96, positions: 192}
"""
SETTINGS = {
    "films.yaml": f"""\
data: {{max_context_tokens: 128, max_response_tokens: 24, max_item_tokens: 24}}
model:
  tuning: lora
  lora: {{rank: 4, dropout: 0.1}}
{SHAPE}
training:
  epochs: 6
  batch_size: 4
  accumulation: 2
  embedding_dropout: 0.2
  validate_every_epochs: 0.7
  checkpoint_minutes: 0.02
generation: {{shortlist: 20}}
""",
    "many.yaml": f"""\
data: {{max_context_tokens: 96, max_response_tokens: 16, max_item_tokens: 64}}
model:
  tuning: full
{SHAPE}
training: {{epochs: 1, batch_size: 8, rerank_negatives: 8, validation_dialogues: 2, checkpoint_minutes: 0.01}}
generation: {{shortlist: 20}}
""",
    "pretrain.yaml": f"""\
start: scratch
{SHAPE.strip()}
length: 96
batch_tokens: 512
tokens: 120000
learning_rates: [0.003, 0.01]
sweep_tokens: 6000
item_texts: 4
held_out: 0.1
validations: 4
checkpoint_minutes: 0.02
""",
}
DIALOGUES, ITEMS = 60, 4000


@dataclass
class Tally:
    """What happened to one kind of work.

    Attributes:
        seconds: What it takes undisturbed.
        changes: Changes of the file system that it makes undisturbed.
        files: How many files were compared at each end.
        moments: Kills at a random moment.
        windows: Kills right before a change of the file system.
        ends: How often it was resumed to its end.
        differences: Files that differed, and what a resumed command said that failed.
    """

    seconds: float = 0.0
    changes: int = 0
    files: int = 0
    moments: int = 0
    windows: int = 0
    ends: int = 0
    differences: list[str] = field(default_factory=list)


def _train(world: Path, data: str, run: Path) -> list[str]:
    return ["train", f"{world}/{data}.yaml", "--data", f"{world}/{data}", "--output", str(run), *_resume(run)]


def _resume(run: Path) -> list[str]:
    return ["--resume"] if (run / "config.json").is_file() else []


def make_world(world: Path, dialogues: int, items: int) -> None:
    """Write the data and settings that all kinds share.

    Args:
        world: Where they go.
        dialogues: Size of the film world.
        items: Size of the catalogue whose reading is to take long.
    """
    from pecrs.data.catalogue import Catalogue, Item
    from pecrs.data.files import write_jsonl
    from pecrs.data.loaders.prepare import save_prepared
    from pecrs.data.loaders.synthetic import film_world
    from pecrs.data.splits import Prepared

    films, talks = film_world(0, dialogues)
    cut = len(talks) * 4 // 5
    parts = range(2, items // len(films) + 2)
    sequels = [Item(f"{n}-{f.id}", f"{f.title} {n}", f.year, f.facts) for n in parts for f in films]
    many = Catalogue((*films, *sequels[: items - len(films)]), films.fields)
    save_prepared(world / "films", Prepared(films, {"train": tuple(talks[:cut]), "valid": tuple(talks[cut:])}))
    save_prepared(world / "many", Prepared(many, {"train": tuple(talks[:8]), "valid": tuple(talks[8:10])}))
    said = ({"turns": [[turn.speaker, turn.text] for turn in talk.turns]} for talk in film_world(1, dialogues)[1])
    write_jsonl(world / "corpora" / "talks.jsonl", said)
    for name, text in SETTINGS.items():
        (world / name).write_text(text)


def victim(last_change: int, tally: Path, arguments: list[str]) -> None:
    """Run ``pecrs`` in this process, killed right before a change of the file system.

    Args:
        last_change: Which one, from 1; 0 for none.
        tally: A file that gets the number of changes, where the command ends by itself.
        arguments: Those of the command line.
    """
    from pecrs.cli import main as pecrs

    changes, watched = 0, str(tally.parent)

    def count(event: str, values: tuple[Any, ...]) -> None:
        nonlocal changes
        written = event == "open" and bool(values[2] & (os.O_WRONLY | os.O_RDWR))
        if not (written or event in CHANGES) or not str(values[0]).startswith(watched):
            return
        changes += 1
        if changes == last_change:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.argv = ["pecrs", *arguments]
    sys.addaudithook(count)
    try:
        pecrs()
    finally:  # it ends by SystemExit
        tally.write_text(str(changes))


def start(kind: str, world: Path, place: Path, *, moment: float | None = None, change: int = 0) -> int:
    """Start or resume work; return its exit code, -9 if it was killed.

    Args:
        kind: A key of :data:`COMMANDS`.
        world: Data and settings.
        place: Holds the run and its cache.
        moment: Kill it after so many seconds, if it still runs.
        change: Kill it right before this change of the file system.
    """
    command = [sys.executable, __file__, "--victim", str(change), str(place / "changes")]
    variables = os.environ | {"PECRS_CACHE": str(place / "cache"), "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    with (place / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [*command, *COMMANDS[kind](world, place / "run")],
            env=variables, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            return process.wait(moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()


def contents(place: Path) -> dict[str, str]:
    """Return a hash of each file of a run and of its item states, by name, without wall times."""
    found = {}
    for path in sorted([*(place / "run").rglob("*"), *(place / "cache").glob("*.safetensors")]):
        name = path.relative_to(place)
        if path.is_file() and "tensorboard" not in name.parts and path.suffix not in UNCOMPARED:
            found[str(name)] = hashlib.sha256(_content(path)).hexdigest()
    return found


def _content(path: Path) -> bytes:
    whole = path.read_bytes()
    if path.suffix == ".safetensors":  # the order of its header is not fixed
        end = 8 + int.from_bytes(whole[:8], "little")
        return json.dumps(json.loads(whole[8:end]), sort_keys=True).encode() + whole[end:]
    if path.suffix == ".json":
        return json.dumps(_timeless(json.loads(whole))).encode()
    if path.suffix == ".jsonl":
        return json.dumps([_timeless(json.loads(line)) for line in whole.splitlines()]).encode()
    return whole


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(part) for key, part in value.items() if key not in CLOCK}
    return [_timeless(part) for part in value] if isinstance(value, list) else value


def kill_and_resume(kind: str, kills: int, world: Path, folder: Path, chance: random.Random) -> Tally:
    """Do one kind of work undisturbed, then killed so many times, and compare.

    Args:
        kind: A key of :data:`COMMANDS`.
        kills: How many there are to be.
        world: Data and settings.
        folder: Where runs go.
        chance: Where moments come from.

    Raises:
        RuntimeError: If the undisturbed work fails.
    """
    tally, place = Tally(), _new(folder, "whole")
    started = time.monotonic()
    if start(kind, world, place):
        raise RuntimeError((place / "output.txt").read_text())
    tally.seconds, tally.changes = time.monotonic() - started, int((place / "changes").read_text())
    whole = contents(place)
    tally.files, place = len(whole), _new(folder, "1")
    while True:
        left = kills - tally.moments - tally.windows
        moment = chance.uniform(0, tally.seconds) if left and left % 2 else None
        change = chance.randint(1, tally.changes) if left and not left % 2 else 0
        code = start(kind, world, place, moment=moment, change=change)
        if code == -signal.SIGKILL:
            tally.moments += moment is not None
            tally.windows += moment is None
            continue
        tally.ends += 1
        tally.differences += _differences(code, place, whole)
        if not left:
            return tally
        place = _new(folder, str(tally.ends + 1))


def _new(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    return place


def _differences(code: int, place: Path, whole: Mapping[str, str]) -> list[str]:
    if code:
        return [(place / "output.txt").read_text().strip()[-300:]]
    found = contents(place)
    return [name for name in sorted(whole.keys() | found.keys()) if whole.get(name) != found.get(name)]


def main() -> None:
    """Kill, compare and print."""
    if sys.argv[1:2] == ["--victim"]:
        victim(int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="in all, spread evenly over the kinds")
    parser.add_argument("--kinds", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    arguments = parser.parse_args()
    rows, count = [], len(arguments.kinds)
    with tempfile.TemporaryDirectory(prefix="pecrs-kills-") as name:
        folder = Path(name)
        make_world(folder / "world", DIALOGUES, ITEMS)
        for number, kind in enumerate(arguments.kinds):
            share = arguments.kills // count + (number < arguments.kills % count)
            chance = random.Random(f"{arguments.seed} {kind}")
            tally = kill_and_resume(kind, share, folder / "world", folder / kind, chance)
            rows.append(
                {
                    "kind": kind,
                    "seconds undisturbed": tally.seconds,
                    "killed at a moment": tally.moments,
                    "killed at a change": f"{tally.windows} of {tally.changes}",
                    "ends compared": tally.ends,
                    "files each": tally.files,
                    "differences": "; ".join(tally.differences) or "none",
                }
            )
    show("killed, resumed and compared", rows, arguments.json, kills=arguments.kills, seed=arguments.seed)
    sys.exit(any(row["differences"] != "none" for row in rows))


if __name__ == "__main__":
    main()
