"""Progress on a terminal, as bars with the time left; elsewhere, as in a file, as a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from pecrs.data.progress import Progress as Step

_FIRST, _EVERY = 10.0, 60.0
"""Seconds until a step's first line, and between two of them, where there is no terminal."""

_WINDOW = 300.0
"""Seconds over which the speed is measured; a step may take a minute."""

_BAR = 12
"""Characters of a bar, so that names, counts and times beside it fit 80 columns."""


@dataclass
class _Shown:
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


class _Bars(Progress):
    """Bars that fit 80 columns; what a step says of the moment is on the line below its bar, wrapped."""

    def __init__(self, console: Console) -> None:
        super().__init__(
            TextColumn("{task.description}", style="bold", markup=False),
            BarColumn(bar_width=_BAR),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            speed_estimate_period=_WINDOW,
            disable=not console.is_terminal,
        )

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield a bar and the text of each step."""
        for task in self.tasks:
            yield self.make_tasks_table([task])
            if task.fields["text"]:
                yield Text(task.fields["text"], style="dim")


class ProgressDisplay:
    """Shows what is reported to it, inside a ``with`` block; several steps may go on at once."""

    def __init__(self, console: Console) -> None:
        """Prepare the display.

        Args:
            console: Where it is shown.
        """
        self.console = console
        self._steps: dict[str, _Shown] = {}
        self._bars = _Bars(console)

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

    def __call__(self, progress: Step) -> None:
        """Show progress, or print a remark."""
        if not progress.total:
            wide = not self.console.is_terminal
            self.console.print(progress.what, soft_wrap=wide, highlight=False, markup=False)
            return
        step = self._steps.get(progress.what) or self._begin(progress)
        self._bars.update(step.bar, completed=progress.done, total=progress.total, text=progress.text)
        now = time.monotonic()
        if not self.console.is_terminal and now >= step.next:
            step.next = now + _EVERY
            self.console.print(_line(progress, step, now), soft_wrap=True, highlight=False, markup=False)
        if progress.done >= progress.total:
            self._bars.remove_task(self._steps.pop(progress.what).bar)

    def _begin(self, progress: Step) -> _Shown:
        bar = self._bars.add_task(progress.what, total=progress.total, completed=progress.done, text=progress.text)
        now = time.monotonic()
        step = self._steps[progress.what] = _Shown(bar, now, progress.done, now + _FIRST)
        return step


def _line(progress: Step, step: _Shown, now: float) -> str:
    parts = [progress.what, f"{progress.done:,}/{progress.total:,}", progress.text]
    if progress.done > step.begin:
        left = (now - step.started) / (progress.done - step.begin) * (progress.total - progress.done)
        parts.append(f"{_duration(left)} left")
    return "  ".join(part for part in parts if part)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
