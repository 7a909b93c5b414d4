"""Try the built wheel away from the source: ``check_wheel.py DIST_FOLDER``.

The wheel alone is unpacked into an empty folder that stands before everything else on the import path.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"

SMOKE = """
import importlib, importlib.metadata, pathlib, pkgutil, sys
import pecrs

named = sys.argv[1]
assert named == pecrs.__version__, f"the file's name says {named}"

here = pathlib.Path.cwd().resolve()
names = [module.name for module in pkgutil.walk_packages(pecrs.__path__, "pecrs.")]
for name in names:
    assert here in pathlib.Path(importlib.import_module(name).__file__).resolve().parents, f"{name} is not the wheel's"

from pecrs.config import Config
assert Config.from_dict(Config().to_dict()) == Config()

(script,) = importlib.metadata.entry_points(group="console_scripts", name="pecrs")
sys.argv = ["pecrs", "--help"]
try:
    script.load()()
except SystemExit as exit:
    assert not exit.code, exit.code
print(f"the wheel imports {len(names)} modules on its own")
"""


def contents(wheel: zipfile.ZipFile) -> set[str]:
    """Return the paths of the package's files in the wheel, the metadata apart."""
    return {name for name in wheel.namelist() if name.startswith("pecrs/")}


def main(dist: str) -> int:
    """Compare the wheel with the source tree, run the smoke test and return its exit status."""
    (path,) = Path(dist).glob("pecrs-*.whl")
    files = (path.relative_to(SOURCE) for path in (SOURCE / "pecrs").rglob("*") if path.is_file())
    expected = {name.as_posix() for name in files if "__pycache__" not in name.parts}
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as wheel:
        if contents(wheel) != expected:
            print(f"{path} differs from the source in {sorted(contents(wheel) ^ expected)}")
            return 1
        wheel.extractall(folder)
        environment = os.environ | {"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-c", SMOKE, path.name.split("-")[1]]
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
