"""The demonstration and the examples run."""

import runpy
from pathlib import Path

import pytest
from rich.console import Console

from pecrs import demo
from pecrs.chat import Chat, script_records

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


def test_the_demo_trains_on_the_film_world_and_talks(monkeypatch):
    monkeypatch.delenv("PECRS_DATA", raising=False)
    monkeypatch.setattr(demo, "_WORLD", 50)
    monkeypatch.setattr(demo, "_HELD_OUT", 20)
    recommender, messages = demo.train_demo(None, Console(quiet=True))
    records = list(script_records(Chat(recommender, seed=0), messages))
    assert [bool(record["text"]) for record in records] == [True] * 4
    assert records[1]["mentions"], "the script names a film that the linker knows"


def test_the_demo_prefers_real_data(data_folder):
    data, name = demo.demo_data(data_folder)
    assert name == "ReDial"
    assert len(data.train) > 9000
    assert all(isinstance(message, str) for message in demo.script(data, name))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_run(path, capsys):
    runpy.run_path(str(path), run_name="__main__")
    assert "1. " in capsys.readouterr().out
