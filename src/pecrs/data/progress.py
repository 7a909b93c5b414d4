"""What a long step says of itself while it runs. Whoever started it decides whether and how that is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")
"""Whatever a step goes through."""


@dataclass(frozen=True)
class Progress:
    """How far a step has come, or a remark.

    Attributes:
        what: The step, as in ``reading item texts``; of a remark, its words.
        done: Units that are done.
        total: Units in all; 0 makes it a remark, which is said once and stays.
        text: Details of the moment in a line, such as losses; may be empty.
    """

    what: str
    done: int = 0
    total: int = 0
    text: str = ""

    def __str__(self) -> str:
        """Return a line: the step, how far it is, and the details.

        >>> print(Progress("training", 3, 20, "epoch 1"))
        training  3/20  epoch 1
        """
        parts = (self.what, f"{self.done:,}/{self.total:,}" if self.total else "", self.text)
        return "  ".join(part for part in parts if part)


Report = Callable[[Progress], None]
"""Called by a step at its beginning, while it runs, and at its end, where ``done`` reaches ``total``."""


def silent(progress: Progress) -> None:
    """Report to nobody."""


def tracked(values: Iterable[Value], what: str, total: int, report: Report) -> Iterator[Value]:
    """Yield values and report each of them.

    Args:
        values: What the step makes or goes through.
        what: Name of the step.
        total: How many values there are; nothing is reported of none.
        report: Is told.
    """
    if total:
        report(Progress(what, 0, total))
    for done, value in enumerate(values, start=1):
        yield value
        report(Progress(what, done, total))
