"""Progress on a terminal, as bars with the time left; elsewhere, as in a file, as a line now and then."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from pecrs.data.progress import Progress

_FIRST, _EVERY = 10.0, 60.0
"""Seconds until a step's first line, and between two of them, where there is no terminal."""

_WINDOW = 300.0
"""Seconds over which the speed is measured; a step may take a minute."""


@dataclass
class _Step:
    """A step that is going on.

    Attributes:
        bar: On a terminal.
        started: When it was first reported.
        begin: Units that were done then.
        next: When its next line is due.
    """

    bar: TaskID
    started: float
    begin: int
    next: float


class ProgressDisplay:
    """Shows what is reported to it, inside a ``with`` block; several steps may go on at once."""

    def __init__(self, console: Console) -> None:
        """Prepare the display.

        Args:
            console: Where it is shown.
        """
        self.console = console
        self._steps: dict[str, _Step] = {}
        self._bars = Bars(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
            TextColumn("{task.fields[text]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            speed_estimate_period=_WINDOW,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        """Begin to show bars."""
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave unfinished steps as they stand on the screen, and forget them."""
        self._bars.stop()
        for step in self._steps.values():
            self._bars.remove_task(step.bar)
        self._steps.clear()

    def __call__(self, progress: Progress) -> None:
        """Show progress, or print a remark."""
        if not progress.total:
            self.console.print(progress.what, soft_wrap=True, highlight=False, markup=False)
            return
        step = self._steps.get(progress.what) or self._begin(progress)
        self._bars.update(step.bar, completed=progress.done, total=progress.total, text=progress.text)
        now = time.monotonic()
        if not self.console.is_terminal and now >= step.next:
            step.next = now + _EVERY
            self.console.print(_line(progress, step, now), soft_wrap=True, highlight=False, markup=False)
        if progress.done >= progress.total:
            self._bars.remove_task(self._steps.pop(progress.what).bar)

    def _begin(self, progress: Progress) -> _Step:
        bar = self._bars.add_task(progress.what, total=progress.total, completed=progress.done, text=progress.text)
        now = time.monotonic()
        step = self._steps[progress.what] = _Step(bar, now, progress.done, now + _FIRST)
        return step


def _line(progress: Progress, step: _Step, now: float) -> str:
    parts = [progress.what, f"{progress.done:,}/{progress.total:,}", progress.text]
    if progress.done > step.begin:
        left = (now - step.started) / (progress.done - step.begin) * (progress.total - progress.done)
        parts.append(f"{_duration(left)} left")
    return "  ".join(part for part in parts if part)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
