"""The log of a run is JSON a line and TensorBoard, and a resumed run continues it without repeats."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from pecrs.data.progress import Progress
from pecrs.training.run_log import RunLog

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def write(folder: Path, steps: range, done: int = 0, loss: float = 1.0, total: int = 9) -> list[Progress]:
    told: list[Progress] = []
    with RunLog(folder, total, done, told.append) as log:
        for step in steps:
            log.step(step // 5, step, {"total": loss * step, "learning_rate": 0.1}, 100, 0.5)
    return told


def records(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_each_batch_is_a_line_of_json(tmp_path):
    write(tmp_path, range(1, 4))
    assert records(tmp_path) == [
        {
            "step": step,
            "epoch": 0,
            "total": 1.0 * step,
            "learning_rate": 0.1,
            "tokens_per_second": 200.0,
            "seconds": 0.5,
        }
        for step in (1, 2, 3)
    ]


def test_a_validation_is_a_line_of_json_and_a_remark(tmp_path):
    told: list[Progress] = []
    with RunLog(tmp_path, 9, 0, told.append) as log:
        log.validation(3, {"mean_recall": 0.25}, True)
    assert records(tmp_path) == [{"step": 3, "validation": {"mean_recall": 0.25}, "best": True}]
    assert told[1:] == [Progress("validation at 3/9: mean_recall 0.2500  (best)")]


def test_tensorboard_holds_every_step_once_after_a_resume(tmp_path):
    write(tmp_path, range(1, 7))
    write(tmp_path, range(4, 10), done=3, loss=2.0)
    board = EventAccumulator(str(tmp_path / "tensorboard"))
    board.Reload()
    assert [(event.step, event.value) for event in board.Scalars("train/total")] == [
        *((step, 1.0 * step) for step in (1, 2, 3)),
        *((step, 2.0 * step) for step in range(4, 10)),
    ]


@pytest.mark.parametrize("tail", ["", '{"step": 6, "ep', "\x00\x00"])
def test_what_followed_the_checkpoint_is_dropped_on_resume(tmp_path, tail):
    write(tmp_path, range(1, 6))
    with (tmp_path / "log.jsonl").open("a") as stream:
        stream.write(tail)
    write(tmp_path, range(4, 7), done=3, loss=2.0)
    assert [(record["step"], record["total"]) for record in records(tmp_path)] == [
        (1, 1.0), (2, 2.0), (3, 3.0), (4, 8.0), (5, 10.0), (6, 12.0),
    ]  # fmt: skip


def test_a_resume_before_the_first_checkpoint_starts_the_log_anew(tmp_path):
    write(tmp_path, range(1, 4))
    write(tmp_path, range(1, 3))
    assert [record["step"] for record in records(tmp_path)] == [1, 2]


def test_a_resume_at_the_end_keeps_every_record(tmp_path):
    write(tmp_path, range(1, 10))
    before = (tmp_path / "log.jsonl").read_bytes()
    write(tmp_path, range(0), done=9)
    assert (tmp_path / "log.jsonl").read_bytes() == before


def test_each_batch_is_reported_with_smoothed_losses_and_speed(tmp_path):
    told = write(tmp_path, range(4, 6), done=3)
    assert told == [
        Progress("training", 3, 9),
        Progress("training", 4, 9, "epoch 1  total 4.000  200 tok/s"),
        Progress("training", 5, 9, "epoch 2  total 4.020  200 tok/s"),
    ]
