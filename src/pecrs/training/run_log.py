"""What is recorded of a run: ``log.jsonl`` and TensorBoard; the same is reported as progress."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from torch.utils.tensorboard import SummaryWriter

from pecrs.data.files import atomic_write
from pecrs.data.progress import Progress, Report
from pecrs.errors import CheckpointError

_SMOOTHING = 0.98


class RunLog:
    """Writes each step's losses to ``log.jsonl`` and TensorBoard, and reports them with the speed.

    Raises:
        CheckpointError: From every method, where the files cannot be written.
    """

    def __init__(self, folder: Path, total: int, done: int, report: Report) -> None:
        """Prepare the log.

        Args:
            folder: The run.
            total: Batches of the whole run.
            done: Batches done before a resume; later records of an interrupted run are dropped.
            report: Is told of each batch and each validation.
        """
        self.folder, self.report, self.total = folder, report, total
        self._mean: dict[str, float] = {}
        self._done = done

    def __enter__(self) -> Self:
        """Open the log files for appending."""
        path = self.folder / "log.jsonl"
        with self._written(), ExitStack() as opened:
            if path.exists():
                _drop_later(path, self._done)
            opened.enter_context(_failures_told_once())
            self._file = opened.enter_context(path.open("a", encoding="utf-8"))
            self._board = SummaryWriter(str(self.folder / "tensorboard"), purge_step=self._done + 1)
            opened.callback(self._board.close)
            self._opened = opened.pop_all()
        self.report(Progress("training", self._done, self.total))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them; where the run ends by an error, that one is told and no other."""
        with self._written() if kind is None else suppress(OSError):
            self._opened.close()

    def step(self, epoch: int, step: int, values: Mapping[str, float], tokens: int, seconds: float) -> None:
        """Record one batch.

        Args:
            epoch: From 0.
            step: Batches done in the run.
            values: Losses and the learning rate by name.
            tokens: Stream tokens and candidates of the batch.
            seconds: Its wall time.
        """
        speed = tokens / max(seconds, 1e-9)
        self._record(
            {"step": step, "epoch": epoch, **values, "tokens_per_second": round(speed, 1), "seconds": round(seconds, 4)}
        )
        self._draw("train", {**values, "tokens_per_second": speed}, step)
        for name, value in [*values.items(), ("tokens/s", speed)]:
            known = self._mean.setdefault(name, value)
            self._mean[name] = _SMOOTHING * known + (1 - _SMOOTHING) * value
        names = [name for name in ("total", "recall", "rerank", "generation", "decision") if name in values]
        losses = (
            "  ".join(f"{name} {self._mean[name]:.3f}" for name in names) + f"  {self._mean['tokens/s']:,.0f} tok/s"
        )
        self.report(Progress("training", step, self.total, f"epoch {epoch + 1}  {losses}"))

    def validation(self, step: int, metrics: Mapping[str, float], best: bool) -> None:
        """Record one validation.

        Args:
            step: Batches done in the run.
            metrics: By name.
            best: Whether it is the best so far.
        """
        self._record({"step": step, "validation": dict(metrics), "best": best})
        self._draw("valid", metrics, step)
        shown = "  ".join(f"{name} {value:.4f}" for name, value in metrics.items())
        self.report(Progress(f"validation at {step}/{self.total}: {shown}{'  (best)' if best else ''}"))

    def _record(self, record: Mapping[str, object]) -> None:
        with self._written():
            self._file.write(json.dumps(record) + "\n")
            self._file.flush()

    def _draw(self, group: str, values: Mapping[str, float], step: int) -> None:
        with self._written():
            for name, value in values.items():
                self._board.add_scalar(f"{group}/{name}", value, step)

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CheckpointError(f"{self.folder}: the log cannot be written: {error.strerror or error}") from None


@contextmanager
def _failures_told_once() -> Iterator[None]:
    """Keep TensorBoard's thread from printing that it cannot write: its error is raised by the next call as well."""
    before = threading.excepthook

    def hook(failed: threading.ExceptHookArgs) -> None:
        if not isinstance(failed.exc_value, OSError):
            before(failed)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before


def _drop_later(path: Path, done: int) -> None:
    """Keep the records up to a step: what followed the checkpoint is trained, and recorded, again."""
    kept = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
        try:
            if json.loads(line)["step"] > done:
                break
        except json.JSONDecodeError:  # the last line of a run that was killed
            break
        kept.append(line)
    with atomic_write(path) as stream:
        stream.writelines(kept)
