"""Fuzz one target with atheris.

    pip install atheris
    PYTHONPATH=tests python tests/fuzz/run.py redial [-max_total_time=300] [any option of libFuzzer]

Seeds are ``corpus/TARGET`` and ``regressions/TARGET``; what is found new goes to a temporary folder, or to the folder
that ``PECRS_FUZZ`` names, so that a later run goes on from there. An input that fails is written to the present folder:
fix what it shows, and put it into ``regressions/TARGET``, from where ``test_replay.py`` replays it.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["pecrs.data", "pecrs.linking"]):
    import targets

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2, 10**25, 1e308, float("nan"), float("inf"), "", " ", "0", "@1", "@1@2", "[[b1]]", "[[",
    "s", "\ud83d", "\u2028", "\x00", "Alien (1979)", "the", "9" * 5000, [], {}, [[]], {"": ""}, [1, "a", None],
    "x" * 300,
)  # fmt: skip
"""What stands in for a part of a JSON document."""


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Change bytes, or as often a part of a JSON document among the parts and lines of the input."""
    chance = random.Random(seed)
    parts = data.split(targets.DIVIDER)
    number = chance.randrange(len(parts))
    lines = parts[number].split(b"\n")
    row = chance.randrange(len(lines))
    try:
        value = json.loads(lines[row])
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict | list) or chance.random() < 0.5:
        return bytes(atheris.Mutate(data, max_size))
    _change(value, chance)
    lines[row] = json.dumps(value).encode()
    parts[number] = b"\n".join(lines)
    return targets.DIVIDER.join(parts)[:max_size]


def _change(value: Any, chance: random.Random) -> None:
    """Replace, remove or double one node below a container, in place."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = chance.choice(keys)
    if isinstance(value[key], dict | list) and value[key] and chance.random() < 0.8:
        _change(value[key], chance)
    elif (way := chance.random()) < 0.7:
        value[key] = chance.choice(VALUES)
    elif way < 0.85:
        del value[key]
    elif isinstance(value, list):
        value.insert(key, value[key])
    else:
        value[str(chance.choice(VALUES))] = value[key]


def main() -> None:
    """Fuzz until libFuzzer's options say to stop."""
    target, *options = sys.argv[1:]
    if target not in targets.TARGETS:
        raise SystemExit(f"one of {', '.join(targets.TARGETS)} is expected")
    here = Path(__file__).parent
    found = Path(os.environ.get("PECRS_FUZZ") or tempfile.mkdtemp(prefix="pecrs-fuzz-corpus-")) / target
    found.mkdir(parents=True, exist_ok=True)
    seeds = [here / kind / target for kind in ("corpus", "regressions")]
    folders = [str(folder) for folder in (found, *seeds) if folder.is_dir()]
    limits = ["-max_len=16384", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]
    structured = target not in ("linker", "stream")
    atheris.Setup(
        [sys.argv[0], *limits, *options, *folders],
        lambda data: targets.run(target, data),
        custom_mutator=mutate if structured else None,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
