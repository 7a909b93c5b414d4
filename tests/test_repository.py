"""What the repository promises about itself: versions, exports, documents, sizes, configuration files."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import transformers
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from packaging.requirements import Requirement

import check_config_fields
import check_sizes
import check_wheel
import cli_docs
import pecrs
from pecrs.config import Config
from pecrs.training.pretrain.settings import PretrainingConfig

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
LAUNCHES = sorted((ROOT / "configs" / "accelerate").glob("*.yaml"))


def test_the_version_is_told_alike_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert pecrs.__version__ == PROJECT["version"] == importlib.metadata.version("pecrs") == citation["version"]


def test_a_wheel_whose_name_tells_another_version_is_refused(tmp_path, capfd):
    with zipfile.ZipFile(tmp_path / "pecrs-99.0-py3-none-any.whl", "w") as wheel:
        for path in (ROOT / "src" / "pecrs").rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                wheel.write(path, path.relative_to(ROOT / "src"))
        metadata = f"Metadata-Version: 2.4\nName: pecrs\nVersion: {pecrs.__version__}\n"
        wheel.writestr("pecrs-99.0.dist-info/METADATA", metadata)
    assert check_wheel.main(str(tmp_path)) == 1
    assert "the file's name says 99.0" in capfd.readouterr().err


def test_tests_stay_off_the_hub_and_out_of_the_users_cache(tmp_path_factory):
    assert transformers.utils.hub.is_offline_mode()
    assert Path(os.environ["PECRS_CACHE"]).is_relative_to(tmp_path_factory.getbasetemp())


def test_all_names_exactly_the_public_objects():
    assert pecrs.__all__ == sorted(set(pecrs.__all__))
    assert dir(pecrs) == sorted([*pecrs.__all__, "__version__"])
    for name in pecrs.__all__:
        public = getattr(pecrs, name)
        assert (public.__name__, public.__module__.split(".")[0]) == (name, "pecrs")
    errors = {name for name, value in vars(pecrs.errors).items() if getattr(value, "__module__", "") == "pecrs.errors"}
    errors = {name for name in errors if isinstance(getattr(pecrs.errors, name), type)}
    assert errors <= set(pecrs.__all__)


def test_the_verbs_stay_functions_when_their_modules_are_imported():
    code = "import pecrs.train, pecrs.evaluate; print(callable(pecrs.train), callable(pecrs.evaluate))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["True", "True"]


def test_few_modules_lie_directly_in_the_package():
    files = {path.name for path in (ROOT / "src" / "pecrs").glob("*.py")}
    assert files == {"__init__.py", "_settings.py", "config.py", "errors.py", "evaluate.py", "train.py"}


def test_few_modules_lie_directly_in_the_model():
    files = {path.name for path in (ROOT / "src" / "pecrs" / "model").glob("*.py")}
    assert len(files - {"__init__.py"}) <= 10


def test_no_two_modules_that_tests_import_share_a_name():
    names = [path.stem for folder in ("benchmarks", "scripts", "tests") for path in (ROOT / folder).glob("*.py")]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("module", ["pecrs", "pecrs.cli"])
def test_importing_the_command_line_is_quick(module):
    code = f"import sys, {module}; print(*sorted({{'torch', 'transformers', 'pyarrow', 'numpy'}} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []


def test_every_declared_dependency_is_pinned_inside_its_range():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    pins = {normal(pin.name): str(pin.specifier) for pin in requirements}
    assert len(pins) == len(requirements)
    assert all(re.fullmatch(r"==[0-9][0-9.]*(b[0-9]+)?", pin) for pin in pins.values())
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    declared = (Requirement(text) for group in groups for text in group)
    for requirement in (entry for entry in declared if entry.name != "pecrs"):  # its own extras
        assert requirement.specifier.contains(pins[normal(requirement.name)].removeprefix("==")), requirement


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_shipped_configuration_loads_and_begins_with_its_command(path):
    kind, command = (PretrainingConfig, "pretrain") if path.name.startswith("pretrain-") else (Config, "train")
    kind.from_yaml(path)
    head = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert head.startswith("#")
    assert f"pecrs {command} {path.relative_to(ROOT).as_posix()}" in head


@pytest.mark.parametrize("path", LAUNCHES, ids=lambda path: path.name)
def test_every_launch_of_accelerate_loads_and_begins_with_its_command(path):
    loaded = load_config_from_file(str(path))
    assert loaded.num_processes > 1
    name = path.relative_to(ROOT).as_posix()
    assert f"accelerate launch --config_file {name} -m pecrs.cli train" in path.read_text().split("\n", 1)[0]


def test_the_reference_of_the_command_line_is_fresh():
    assert (ROOT / "docs" / "cli.md").read_text(encoding="utf-8") == cli_docs.render()


def test_the_index_of_the_documents_names_each_of_them():
    linked = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "docs" / "README.md").read_text(encoding="utf-8"))
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages <= set(linked)


@pytest.mark.parametrize("path", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def anchors(text):
    """Return what headings can be linked by, as GitHub makes it of them."""
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"(?m)^#+ +(.+?) *$", text)
    }


@pytest.mark.parametrize("path", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda path: path.name)
def test_links_to_headings_lead_to_one(path):
    links = re.findall(r"\]\(([^)#:\s]*\.md)?#([^)\s]+)\)", path.read_text(encoding="utf-8"))
    for name, anchor in links:
        there = anchors((path.parent / name if name else path).read_text(encoding="utf-8"))
        assert anchor in there, f"{name}#{anchor}"


@pytest.mark.parametrize(
    "path", sorted({*(ROOT / "docs").glob("*.md")} - {ROOT / "docs" / "log.md"}), ids=lambda path: path.name
)
def test_programs_that_documents_name_are_there(path):
    named = set(re.findall(r"`([\w./-]+\.(?:py|sh))`", path.read_text(encoding="utf-8")))
    roots = (ROOT, ROOT / "src" / "pecrs")
    assert {name for name in named if not any((root / name).exists() for root in roots)} == set()


def sections(text):
    return set(re.findall(r"^## (\d+)\.", text, re.MULTILINE))


def test_sections_of_the_design_that_the_code_names_are_there():
    there = sections((ROOT / "docs" / "design.md").read_text(encoding="utf-8"))
    named = {
        number
        for path in (ROOT / "src").rglob("*.py")
        for place in re.findall(r"design\s+sections?\s((?:\d+(?:,| and| to)?\s?)+)", path.read_text(encoding="utf-8"))
        for number in re.findall(r"\d+", place)
    }
    assert named - there == set()


def test_files_that_the_design_names_are_there():
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b[\w/]+\.py\b", text))
    assert {name for name in named if not (ROOT / "src" / "pecrs" / name).exists()} == set()


def test_calls_that_the_design_draws_are_in_the_files_beside_them():
    drawn = re.findall(r"[├└]─ ([\w.]+) +([\w/]+\.py)", (ROOT / "docs" / "design.md").read_text(encoding="utf-8"))
    assert len(drawn) > 20
    for call, name in drawn:
        source = (ROOT / "src" / "pecrs" / name).read_text(encoding="utf-8")
        for part in call.split("."):
            assert re.search(rf"\b(def|class) {part}\b", source), f"{call} is not in {name}"


def tree_entries(text):
    """Return (folder, name) for each line of the drawn trees, whose first line is a folder ending in a slash."""
    entries, folders = [], []
    for line in text.splitlines():
        root = re.fullmatch(r"([\w./-]+/)\s*", line.strip())
        branch = re.match(r"([│ ]*)[├└]── (\S+)", line.strip("`"))
        if branch:
            depth = len(branch[1]) // 4
            folders = [*folders[: depth + 1], branch[2]]
            entries.append(("".join(folders[:-1]), branch[2]))
        elif root:
            folders = [root[1]]
    return entries


TREE = """
src/pecrs/
├── data/         raw files
│   └── loaders/  reading them
└── model/
"""


def test_a_drawn_tree_is_read_as_paths():
    expected = [("src/pecrs/", "data/"), ("src/pecrs/data/", "loaders/"), ("src/pecrs/", "model/")]
    assert tree_entries(TREE) == expected


def test_the_tree_drawn_in_the_readme_names_every_folder():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    drawn = {f"{folder}{name}" for folder, name in tree_entries(text)}
    below = (ROOT / "src" / "pecrs").rglob("*")
    found = {f"{path.relative_to(ROOT)}/" for path in below if path.is_dir() and path.name != "__pycache__"}
    hidden = {"src/pecrs/bundled/", "src/pecrs/server/migrations/"}  # what lies in them is drawn as one
    inner = {name for name in found for parent in hidden if name.startswith(parent) and name != parent}
    assert drawn == found - inner
    assert len(text.splitlines()) <= 170


def test_no_source_file_or_function_is_too_long():
    paths = [*(ROOT / "src").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]
    assert [message for path in paths for message in check_sizes.oversized(path)] == []


@pytest.mark.parametrize(("lines", "messages"), [(50, 0), (51, 1)])
def test_a_function_is_measured_from_its_def_to_its_last_line(lines, messages, tmp_path):
    path = tmp_path / "module.py"
    path.write_text("@property\ndef long():\n" + "    x = 1\n" * (lines - 1) + "\n\ny = 2\n")
    assert len(list(check_sizes.oversized(path))) == messages


@pytest.mark.parametrize(("lines", "messages"), [(400, 0), (401, 1)])
def test_a_file_is_measured_in_lines(lines, messages, tmp_path):
    path = tmp_path / "module.py"
    path.write_text("x = 1\n" * lines)
    assert len(list(check_sizes.oversized(path))) == messages


def option_names(source):
    """Return the strings of a program that name an option or a command of the command line."""
    strings = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [text for text in strings if isinstance(text, str) and re.search(r"(?<![\w-])--[a-z]|`pecrs ", text)]


def test_the_library_names_no_option_of_the_command_line():
    package = ROOT / "src" / "pecrs"
    paths = [path for path in package.rglob("*.py") if not path.is_relative_to(package / "cli")]
    assert {path.name: found for path in paths if (found := option_names(path.read_text(encoding="utf-8")))} == {}
    assert len(option_names('fail(f"--set {x} expects a value")\nsay("see `pecrs chat`")\nrule = "---:"\n')) == 2


def test_every_configuration_field_is_read():
    assert check_config_fields.unread_fields(ROOT / "src" / "pecrs") == []


def test_a_field_that_is_only_set_or_named_counts_as_unread(tmp_path):
    (tmp_path / "config.py").write_text("class A:\n    read: int\n    unset: int\n    named: int\n\nA.named\n")
    (tmp_path / "user.py").write_text("def use(a):\n    a.unset = a.read\n    return 'named'\n")
    assert check_config_fields.unread_fields(tmp_path) == ["A.unset", "A.named"]
