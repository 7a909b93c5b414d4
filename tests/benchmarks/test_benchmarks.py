"""The benchmark programs run on a synthetic world and print figures; how large those are is no test's business."""

import importlib
import json
import math
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from bundled import bundled_recommender

ROOT = Path(__file__).resolve().parents[2]
QUICK = {
    "items": ["--items", "5", "--repeats", "1"],
    "reply": ["--replies", "2", "--shortlist", "5"],
    "simulated_users": ["--at-once", "1", "2", "--conversations", "2"],
    "prediction": ["--dialogues", "2", "--shortlist", "5"],
    "catalogues": ["--sizes", "1000", "--queries", "2", "--encode", "3", "--searches", "Flat", "HNSW32"],
    "growth": [
        *("--train", "3", "5", "--rerank", "4", "9", "--context", "8", "20", "--catalogue", "10", "99"),
        *("--dialogues", "1", "--repeats", "1"),
    ],
}


@pytest.fixture(autouse=True)
def _quick_processes(monkeypatch, quick_python):
    """Programs start processes of their own."""
    monkeypatch.setattr(sys, "executable", quick_python)


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
    ("name", "rows"),
    [("items", 2), ("reply", 6), ("prediction", 1), ("growth", 10), ("catalogues", 6), ("simulated_users", 2)],
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


def test_memory_is_predicted_beside_what_is_measured(monkeypatch, capsys):
    options = ["--measure", "tiny", "--dialogues", "2", "--negatives", "5", "--others", "20", "--shortlist", "5"]
    rows = json.loads(printed(monkeypatch, capsys, "memory", [*options, "--json"]))["rows"]
    assert {row["shapes"] for row in rows} == {"tiny", "gpt2-medium", "qwen3-0.6b", "llama-7b"}
    measured = [row for row in rows if row["measured MiB"] is not None]
    assert [row["work"] for row in measured] == ["training", "checkpointing", "ranking"]
    assert all(row["measured MiB"] > 0 for row in measured)
    assert all(row["predicted MiB"] > row["weights MiB"] > 0 for row in rows)


def test_blocks_on_the_disk_give_the_same_losses_and_scores(monkeypatch, capsys):
    options = ["--dialogues", "1", "--others", "5", "--shortlist", "5", "--json"]
    rows = json.loads(printed(monkeypatch, capsys, "offloading", options))["rows"]
    kinds = [(row["work"], row["blocks in memory"]) for row in rows]
    assert kinds == [(work, name) for work in ("training", "ranking") for name in ("all", "half", "none")]
    assert all(row["MiB"] > 0 and row["seconds"] > 0 for row in rows)
    assert all(row["greatest difference"] == 0 for row in rows)


def test_processes_are_compared_on_the_same_batches(monkeypatch, capsys):
    options = ["--dialogues", "3", "--steps", "2", "--negatives", "5", "--json"]
    rows = json.loads(printed(monkeypatch, capsys, "workers", options))["rows"]
    assert [(row["processes"], row["backbone"]) for row in rows] == [
        (1, "whole in each"),
        (2, "whole in each"),
        (2, "sharded"),
    ]
    assert rows[0]["largest difference of losses"] == 0
    assert all(row["largest difference of losses"] < 1e-4 and row["points/s"] > 0 for row in rows)
    one, two, halves = (row["frozen MiB a process"] for row in rows)
    assert one == two > halves > one / 2  # tables of embeddings stay whole


@pytest.mark.slow
def test_work_that_is_killed_and_resumed_ends_as_if_it_had_been_left_alone(monkeypatch, capsys):
    kills = program(monkeypatch, "kills")
    monkeypatch.setattr(sys, "argv", ["kills.py", "--kills", "12", "--json"])
    with pytest.raises(SystemExit) as stop:
        kills.main()
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["kind"] for row in rows] == list(kills.COMMANDS)
    assert {row["differences"] for row in rows} == {"none"}
    assert not stop.value.code
    for row in rows:
        assert row["killed at a moment"] + int(row["killed at a change"].split()[0]) == 3
        assert row["ends compared"] >= 1
        assert row["files each"] > 5


def test_the_comparison_sees_what_differs_and_not_when_it_was(monkeypatch, tmp_path):
    kills = program(monkeypatch, "kills")
    seen = []
    first = (1.0, 0.5, 3, "a.json")
    others = [(1.0, 0.5, 4, "a.json"), (1.5, 0.5, 3, "a.json"), (1.0, 0.6, 3, "a.json"), (1.0, 0.5, 3, "b.json")]
    for number, (value, loss, seconds, name) in enumerate([first, *others]):
        run = tmp_path / str(number) / "run"
        (run / "tensorboard").mkdir(parents=True)
        (run / "tensorboard" / "events").write_text(str(number))
        save_file({"weight": torch.tensor([value])}, run / "model.safetensors")
        (run / "log.jsonl").write_text(json.dumps({"step": 1, "total": loss, "seconds": seconds}) + "\n")
        (run / name).write_text("{}")
        seen.append(kills.contents(run.parent))
    assert seen[0] == seen[1]
    assert set(seen[0]) == {"run/model.safetensors", "run/log.jsonl", "run/a.json"}
    assert all(other != seen[0] for other in seen[2:])


def test_free_text_requests_are_counted(monkeypatch, capsys, tmp_path):
    module = program(monkeypatch, "free_text")
    recommender = bundled_recommender()
    monkeypatch.setattr(module.Recommender, "from_pretrained", lambda model: recommender)
    asked = tmp_path / "requests.jsonl"
    lines = [
        {"hand": 1, "request": "a film about a time loop", "items": ["Groundhog Day (1993)"], "kind": 1},
        {"hand": 1, "request": "a film with tom hanks", "items": ["Nowhere Here (1900)"]},
    ]
    asked.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr(sys, "argv", ["free_text.py", "--requests", str(asked), "--show"])
    module.main()
    out = capsys.readouterr().out
    assert "a film about a time loop" in out
    assert "tom hanks" not in out  # nothing of the catalogue fulfils it, so it says nothing
    shares = [row.count("1.00") for row in out.splitlines() if row.startswith(("│ themes", "│ all"))]
    assert len(shares) == 2
    assert min(shares) >= 2  # answered, one of ten; of two entries of one film one is named, and it need not come first
