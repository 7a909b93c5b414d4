"""The benchmark programs run on a synthetic world and print figures; how large those are is no test's business."""

import importlib
import json
import math
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
QUICK = {
    "items": ["--items", "5", "--repeats", "1"],
    "reply": ["--replies", "2", "--shortlist", "5"],
    "prediction": ["--dialogues", "2", "--shortlist", "5"],
    "catalogues": ["--sizes", "1000", "--queries", "2", "--encode", "3"],
    "growth": [
        *("--train", "3", "5", "--rerank", "4", "9", "--context", "8", "20", "--catalogue", "10", "99"),
        *("--dialogues", "1", "--repeats", "1"),
    ],
}


def program(monkeypatch, name):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.delitem(sys.modules, "common", raising=False)
    return importlib.import_module(name)


def printed(monkeypatch, capsys, name, arguments):
    module = program(monkeypatch, name)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", *arguments])
    module.main()
    return capsys.readouterr().out


def assert_measured(rows, least):
    assert len(rows) >= least
    for row in rows:
        figures = {key: value for key, value in row.items() if isinstance(value, float)}
        assert figures
        assert all(math.isfinite(value) and value >= 0 for value in figures.values()), row
        assert any(value > 0 for value in figures.values())


@pytest.mark.parametrize(
    ("name", "rows"), [("items", 2), ("reply", 6), ("prediction", 1), ("growth", 10), ("catalogues", 4)]
)
def test_a_program_prints_what_it_measured(name, rows, monkeypatch, capsys):
    result = json.loads(printed(monkeypatch, capsys, name, [*QUICK[name], "--json"]))
    assert_measured(result["rows"], rows)
    assert {"cpu", "cores", "threads", "torch", "native_bf16"} == set(result["machine"])


def test_without_json_it_is_a_table(monkeypatch, capsys):
    shown = printed(monkeypatch, capsys, "prediction", QUICK["prediction"])
    assert "batch prediction, tiny shapes" in shown
    assert "instances/s" in shown


def test_the_three_ways_to_train_count_the_same_points(monkeypatch, capsys):
    training = program(monkeypatch, "training")
    rows = []
    for mode in training.MODES:
        options = ["--dialogues", "1", "--negatives", "3", "--repeats", "1", "--mode", mode]
        rows.append(json.loads(printed(monkeypatch, capsys, "training", options)))
    assert_measured(rows, 3)
    assert len({row["points"] for row in rows}) == 1
    assert rows[0]["share of peak"] > 0


def test_growth_is_drawn(monkeypatch, capsys, tmp_path):
    printed(monkeypatch, capsys, "growth", [*QUICK["growth"], "--plot", str(tmp_path / "growth.svg")])
    assert "<svg" in (tmp_path / "growth.svg").read_text()
