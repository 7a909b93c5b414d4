"""The examples run, say what they should, and need the public names alone."""

import ast
import re
import runpy
import sys
from functools import cache
from pathlib import Path

import pytest

import pecrs

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))
SAID = {
    "chat": [r"^you    .*superhero", r"^pecrs  ", r"^       1\. .+  -?\d"],
    "evaluate_beside_baselines": [r"^pecrs +all ", r"^neighbours +novel ", r"^R@50 1\.00, between 1\.00 and 1\.00$"],
    "filters_and_reasons": [r"^5\. .+\(199\d\)", r"^why .+\(199\d\)\?", r"^  [+-]\d\.\d\d  I loved Alien"],
    "new_items": [r"^1\. The Last Orbit \(2031\)", r"^6,926 items, then 6,925; new-2 is Summer of Soup \(2032\)$"],
    "own_catalogue": [r"^TrainingResult\(", r"^rain: Trail Boot$", r"^sea: Beach Sandal$"],
    "own_data": [r"^4 items, 80 dialogues$", r"^training  32/32", r"^1\. Beach Sandal", r"^\d\. Harbour Clog \(2024\)"],
    "predictions": [r"^3 rankings$", r"^predictions +all ", r"^all +R@50 +100\.00 +0\.00 .*left$"],
    "service": [r"^serving pecrs on http", r"^1\. .+  -?\d", r"^seeker: Not that one", r"^recommender: "],
}
"""Lines that each example prints, as patterns."""


@pytest.fixture(scope="module")
def package_model():
    """The model of the package, loaded once for all examples."""
    load = pecrs.Recommender.from_pretrained
    once = cache(load)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pecrs.Recommender, "from_pretrained", lambda *folder: load(*folder) if folder else once())
        yield


def test_each_example_is_run():
    assert sorted(SAID) == [path.stem for path in EXAMPLES]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.usefixtures("package_model")
def test_examples_run(path, capfd, monkeypatch, quick_python):
    monkeypatch.setattr(sys, "argv", [str(path)])
    monkeypatch.setattr(sys, "executable", quick_python)
    runpy.run_path(str(path), run_name="__main__")
    shown = capfd.readouterr().out
    assert [pattern for pattern in SAID[path.stem] if not re.search(pattern, shown, re.MULTILINE)] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_use_public_names_only(path):
    imported = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)]
    ours = [node for node in imported if isinstance(node, ast.ImportFrom) and node.module.startswith("pecrs")]
    names = {alias.name for node in ours for alias in node.names}
    assert {node.module for node in ours} == {"pecrs"}
    assert names <= set(pecrs.__all__)
    others = {alias.name.split(".")[0] for node in imported if isinstance(node, ast.Import) for alias in node.names}
    assert others <= sys.stdlib_module_names
