"""Progress is a bar on a terminal, and a line now and then in a file; both say how long it still takes."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from pecrs.cli import progress as module
from pecrs.cli.progress import ProgressDisplay
from pecrs.data.progress import Progress


class Clock:
    """The time, as a test sets it."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def test_a_terminal_sees_a_bar():
    console = Console(file=io.StringIO(), force_terminal=True, width=160)
    with ProgressDisplay(console) as report:
        report(Progress("training", 3, 9000))
        report(Progress("training", 1004, 9000, "total 1.5 [tok/s]"))
    shown = console.file.getvalue()
    for part in ("training", "1,004/9,000", "total 1.5 [tok/s]", "left"):
        assert part in shown


def test_a_file_gets_a_line_after_ten_seconds_and_then_one_a_minute(clock):
    console = Console(file=io.StringIO())
    with ProgressDisplay(console) as report:
        for second in range(0, 80):
            clock.now = 100.0 + second
            report(Progress("reading", 1000 + second, 8300, "tokens"))
    assert console.file.getvalue() == (
        "reading  1,010/8,300  tokens  2:01:30 left\nreading  1,070/8,300  tokens  2:00:30 left\n"
    )


def test_a_step_that_begins_again_starts_at_its_own_beginning(clock):
    console = Console(file=io.StringIO())
    with ProgressDisplay(console) as report:
        for start in (0, 500):
            for done in (0, 5, 10):
                clock.now = start + 3.0 * done
                report(Progress("validating", done, 10))
    assert console.file.getvalue().splitlines() == ["validating  5/10  0:00:15 left"] * 2


def test_a_remark_is_a_line_as_it_stands():
    console = Console(file=io.StringIO(), width=20)
    with ProgressDisplay(console) as report:
        report(Progress("[REC] of a line that is longer than the console is wide"))
    assert console.file.getvalue() == "[REC] of a line that is longer than the console is wide\n"


def test_a_step_that_is_cut_short_leaves_no_bar_behind():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    display = ProgressDisplay(console)
    with display as report:
        report(Progress("training", 1, 9))
    assert not display._bars.tasks
    with display as report:
        report(Progress("training", 9, 9))
    assert not display._bars.tasks


LOSSES = "epoch 1  total 4.025  recall 2.757  rerank 0.000  generation 2.434  decision 0.510  300 tok/s"


def test_bars_and_losses_fit_80_columns():
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None, legacy_windows=False)
    with ProgressDisplay(console) as report:
        report(Progress("reading 6,924 item texts", 1_234_567, 8_888_888, "tokens"))
        report(Progress("training", 11, 22, LOSSES))
        report(Progress("a remark of words " * 6))
    lines = re.sub("\x1b[^A-Za-z]*[A-Za-z]", "\n", console.file.getvalue()).splitlines()
    assert max(map(len, lines)) <= 80
    for whole in ("reading 6,924 item texts", "1,234,567/8,888,888", "11/22", "-:--:--"):
        assert any(whole in line for line in lines)
    assert LOSSES.split() == " ".join(lines[-3:]).split()[-len(LOSSES.split()) :]
