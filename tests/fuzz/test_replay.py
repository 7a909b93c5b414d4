"""What was found by fuzzing once, and the seeds of it, go through the same checks in every test run."""

from __future__ import annotations

from pathlib import Path

import pytest
from targets import TARGETS, run

HERE = Path(__file__).parent
INPUTS = sorted(path for kind in ("corpus", "regressions") for path in (HERE / kind).rglob("*") if path.is_file())


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_input_is_read_or_refused_and_what_must_hold_holds(path):
    run(path.parent.name, path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_a_seed(target):
    assert any(path.parent == HERE / "corpus" / target for path in INPUTS)
