"""Make a distribution of a trained model, which pecrs finds by name once it is installed.

    python scripts/build_films_package.py runs/smollm2 --output models/films --card CARD.md --notice NOTICE

writes ``models/films``: ``pyproject.toml``, LICENSE, NOTICE, README.md and the package ``pecrs_films``, which is the
model folder that ``pecrs export`` writes: the backbone's GGUF file in parts, adapters, heads, item vectors, catalogue.
Then it builds ``models/films/dist/pecrs_films-*.whl``. A file over 50 MB or a wheel over 100 MB is refused: code hosts
and package registries take no larger ones. With ``--base-apart`` the backbone becomes a distribution of its own,
``models/films-base``, which the other one requires. Needs hatchling and build (``pip install 'pecrs[dev]'``).
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pecrs import __version__, export
from pecrs.data.files import read_json, write_json
from pecrs.data.model_names import PACKAGED
from pecrs.errors import PecrsError
from pecrs.model.backbone.gguf import WHOLE, parts_of
from pecrs.model.persistence.folder import LAYOUT

ROOT = Path(__file__).resolve().parents[1]
MB = 10**6
MOST_OF_A_FILE, MOST_OF_A_WHEEL = 50 * MB, 100 * MB
_PROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "pecrs-{name}"
version = "{version}"
description = "{description}"
readme = "README.md"
license = "Apache-2.0"
license-files = ["LICENSE", "NOTICE"]
requires-python = ">=3.11"
dependencies = {requirements}
{entry}
[tool.hatch.build]
ignore-vcs = true

[tool.hatch.build.targets.wheel]
packages = ["src/pecrs_{package}"]
"""
_ENTRY = """
[project.entry-points."pecrs.models"]
{name} = "pecrs_{name}"
"""


class TooLargeError(PecrsError):
    """A file or the wheel is larger than hosts take."""


@dataclass(frozen=True)
class About:
    """What is said of a distribution.

    Attributes:
        name: By which the model is found.
        version: Of the distribution.
        card: What the model is, was trained on and reaches, in Markdown.
        notice: Whose works are in it, and under which licences.
    """

    name: str
    version: str
    card: Path
    notice: Path


def write_package(
    model: Path,
    output: Path,
    about: About,
    *,
    base_apart: bool = False,
    without: Sequence[str] = (),
    settings: Sequence[str] = (),
) -> list[Path]:
    """Write the files of a distribution, or of two, and return their folders; what was there is replaced.

    Args:
        model: A model folder, or a training run.
        output: The folder of the distribution.
        about: What is said of it.
        base_apart: Put the backbone into a distribution of its own, beside ``output``.
        without: Item fields to leave out of the catalogue.
        settings: Changes to how replies are made, as for ``pecrs export``.

    Raises:
        PecrsError: If the model does not load or cannot be written, its backbone is no GGUF file where that is to lie
            apart, or a file is too large.
    """
    package = _package(output, about.name)
    package.parent.mkdir(parents=True, exist_ok=True)
    export(model, package, without=without, settings=settings)
    packed = bool(parts_of(package / LAYOUT.base))
    requirements = [f"pecrs{'[gguf]' if packed else ''}>={__version__},<{_following(__version__)}"]
    folders = [output]
    if base_apart:
        if not packed:
            raise PecrsError(f"{model}: the backbone is no GGUF file; it cannot lie apart")
        folders.insert(0, _take_base_apart(package, output, about))
        requirements.append(f"pecrs-{about.name}-base=={about.version}")
    shutil.copyfile(about.card, package / "MODEL_CARD.md")
    sentence = f"A model for pecrs: Recommender.from_pretrained('{about.name}')."
    _describe(output, about, about.name, sentence, requirements, _ENTRY.format(name=about.name))
    for path in sorted(path for folder in folders for path in (folder / "src").rglob("*")):
        if path.is_file() and path.stat().st_size > MOST_OF_A_FILE:
            raise TooLargeError(f"{path}: {_megabytes(path)}; a file may have {MOST_OF_A_FILE // MB} MB")
    return folders


def _package(output: Path, name: str) -> Path:
    return output / "src" / f"pecrs_{name}"


def _take_base_apart(package: Path, output: Path, about: About) -> Path:
    """Move the backbone of a model folder into a package of its own and return the folder of its distribution."""
    folder, name = output.with_name(f"{output.name}-base"), f"{about.name}_base"
    own = _package(folder, name)
    shutil.rmtree(own, ignore_errors=True)
    own.parent.mkdir(parents=True, exist_ok=True)
    (package / LAYOUT.base).rename(own)
    marker = read_json(package / LAYOUT.marker)
    write_json(package / LAYOUT.marker, {**marker, "base": f"{PACKAGED}pecrs_{name}/{WHOLE}"})
    _describe(folder, about, name, f"The backbone of pecrs-{about.name}, a GGUF file in parts.", [], "")
    return folder


def _describe(output: Path, about: About, name: str, sentence: str, requirements: Sequence[str], entry: str) -> None:
    """Write all of a distribution that is not the model."""
    (_package(output, name) / "__init__.py").write_text(f'"""{sentence}"""\n', encoding="utf-8")
    shutil.copyfile(about.card, output / "README.md")
    shutil.copyfile(about.notice, output / "NOTICE")
    shutil.copyfile(ROOT / "LICENSE", output / "LICENSE")
    project = _PROJECT.format(
        name=name.replace("_", "-"), package=name, version=about.version, description=sentence, entry=entry,
        requirements=json.dumps(list(requirements)),
    )  # fmt: skip
    (output / "pyproject.toml").write_text(project, encoding="utf-8")


def build_wheel(output: Path) -> Path:
    """Build the wheel of a distribution and return it.

    Args:
        output: What :func:`write_package` wrote.

    Raises:
        TooLargeError: If it is larger than registries take; the largest files are named.
    """
    dist = output / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(dist), str(output)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise PecrsError(f"{output}: cannot be built: {' '.join((done.stdout + done.stderr).split())[-400:]}")
    (wheel,) = dist.glob("*.whl")
    if wheel.stat().st_size > MOST_OF_A_WHEEL:
        files = [path for path in (output / "src").rglob("*") if path.is_file()]
        files.sort(key=lambda path: -path.stat().st_size)
        largest = ", ".join(f"{path.relative_to(output / 'src')} {_megabytes(path)}" for path in files[:6])
        most = MOST_OF_A_WHEEL // MB
        raise TooLargeError(f"{wheel}: {_megabytes(wheel)}; a wheel may have {most} MB; the largest files: {largest}")
    return wheel


def _following(version: str) -> str:
    """Return the first version that may read model folders otherwise: 0.1.3 -> 0.2, 1.2.0 -> 2."""
    major, minor = (int(part) for part in version.split(".")[:2])
    return f"0.{minor + 1}" if major == 0 else str(major + 1)


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / MB:.1f} MB"


def main(arguments: Sequence[str]) -> int:
    """Write and build the distribution, and return the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", type=Path, help="a training run, or a model folder")
    options.add_argument("--output", type=Path, required=True, help="the folder of the distribution")
    options.add_argument("--card", type=Path, required=True, help="the model card, Markdown")
    options.add_argument("--notice", type=Path, required=True, help="whose works are in it, under which licences")
    options.add_argument("--name", default="films", help="by which the model is found")
    options.add_argument("--version", default=__version__, help="of the distribution")
    options.add_argument("--base-apart", action="store_true", help="make the backbone a distribution of its own")
    options.add_argument("--without", action="append", default=[], help="leave an item field out; may be repeated")
    options.add_argument("--set", action="append", default=[], help="field=value of `generation`; may be repeated")
    chosen = options.parse_args(arguments)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", chosen.name):
        options.error("--name: lower-case letters, digits and _ are expected")
    about = About(chosen.name, chosen.version, chosen.card, chosen.notice)
    changes = {"base_apart": chosen.base_apart, "without": chosen.without, "settings": chosen.set}
    try:
        for folder in write_package(chosen.model, chosen.output, about, **changes):
            wheel = build_wheel(folder)
            print(f"{wheel}: {_megabytes(wheel)}")
    except (PecrsError, OSError) as error:
        print(f"build_films_package: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
