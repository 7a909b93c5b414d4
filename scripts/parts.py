"""Carry files to a machine without a network, a bounded number of bytes at a time; nothing but Python is needed there.

    parts.py pack --output PARTS [--data PREPARED] [--wheel WHEEL]... [--part-mib 50]
    parts.py receive PARTS STORE
    parts.py check STORE

``pack`` writes ``part-001``, ``part-002``, ... and ``parts.json`` with their checksums. ``receive`` takes over those
that have arrived, in any order and over several calls; when all are there it unpacks them into ``STORE/content`` and
installs the wheels into ``STORE/site``. ``check`` says what the machine lacks. Exit code 2 where something is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

MANIFEST = "parts.json"
CONTENT = "content"
"""Folder of a store that holds what was packed."""
SITE = "site"
"""Folder of a store that the wheels are installed into."""
MIB = 2**20
_BLOCK = MIB
_NEEDED = (
    "accelerate", "gguf", "numpy", "peft", "pydantic", "pytest", "rapidfuzz", "regex", "rich", "safetensors",
    "tensorboard", "tokenizers", "torch", "transformers", "yaml",
)  # fmt: skip
"""What training, validation and the tests for a GPU import."""


class PartsError(Exception):
    """Something is wrong with the parts, or missing; one line."""


class _Splitter(io.RawIOBase):
    """Writes a stream into files of bounded size."""

    def __init__(self, folder: Path, size: int) -> None:
        super().__init__()
        self.folder, self.size, self.room = folder, size, 0
        self.parts: list[Path] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        left = memoryview(data).cast("B")  # type: ignore[arg-type]
        total = len(left)
        while left:
            if not self.room:
                self.parts.append(self.folder / f"part-{len(self.parts) + 1:03}")
                self.parts[-1].write_bytes(b"")
                self.room = self.size
            with self.parts[-1].open("ab") as file:
                file.write(left[: self.room])
            written = min(self.room, len(left))
            left, self.room = left[written:], self.room - written
        return total


def split(sources: Mapping[str, Path], folder: Path, size: int) -> list[Path]:
    """Pack files and folders into parts, with a manifest of their checksums.

    Args:
        sources: File or folder by the name that it gets at the other end.
        folder: Destination; parts that lie there are replaced.
        size: Most bytes of a part.

    Returns:
        The parts.

    Raises:
        PartsError: If a source is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("part-*"), folder / MANIFEST):
        old.unlink(missing_ok=True)
    splitter = _Splitter(folder, size)
    with tarfile.open(fileobj=splitter, mode="w|gz", bufsize=_BLOCK) as archive:
        for name, source in sources.items():
            if not source.exists():
                raise PartsError(f"{source}: no such file or folder")
            archive.add(source, name, filter=_anonymous)
    entries = [{"name": part.name, "bytes": part.stat().st_size, "sha256": _digest(part)} for part in splitter.parts]
    (folder / MANIFEST).write_text(json.dumps({"parts": entries}, indent=2) + "\n", encoding="utf-8")
    return splitter.parts


def join(folder: Path, store: Path) -> list[str]:
    """Take over the parts that have arrived; unpack them into ``store/content`` when all are there.

    Args:
        folder: Holds the manifest, and one part or more.
        store: Keeps parts between calls; a set with another manifest replaces what is there.

    Returns:
        The names of the parts that are still missing.

    Raises:
        PartsError: If the manifest is missing or broken, or a part is not what it says; such a part is not kept.
    """
    text, entries = _manifest(folder)
    kept = store / "parts"
    if not (kept / MANIFEST).exists() or (kept / MANIFEST).read_text(encoding="utf-8") != text:
        for old in (kept, store / CONTENT, store / SITE):
            shutil.rmtree(old, ignore_errors=True)
        kept.mkdir(parents=True)
        (kept / MANIFEST).write_text(text, encoding="utf-8")
    if (store / CONTENT).exists():
        return []
    for name, size, digest in entries:
        part = folder / name
        if part.exists() and not (kept / name).exists():
            if part.stat().st_size != size or _digest(part) != digest:
                raise PartsError(f"{part}: is not what {MANIFEST} says; it is to be sent again")
            shutil.copyfile(part, kept / f".{name}")
            (kept / f".{name}").rename(kept / name)
    missing = [name for name, _, _ in entries if not (kept / name).exists()]
    if not missing:
        _unpack([kept / name for name, _, _ in entries], store)
    return missing


def install(store: Path) -> None:
    """Install the wheels of a store into its ``site``, without asking any registry, and name this very package there.

    Raises:
        PartsError: If pip refuses a wheel.
    """
    wheels, site = sorted((store / CONTENT).glob("wheels/*.whl")), store / SITE
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    if wheels:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
        done = subprocess.run(
            [*command, "--no-cache-dir", "--target", str(site), *map(str, wheels)], capture_output=True, text=True
        )
        if done.returncode:
            raise PartsError(f"pip: {' '.join(done.stderr.split())[:400]}")
    project = _project()
    about = site / f"{project['name']}-{project['version']}.dist-info"  # the sources themselves are imported from src
    about.mkdir()
    lines = ("Metadata-Version: 2.4", f"Name: {project['name']}", f"Version: {project['version']}", "")
    (about / "METADATA").write_text("\n".join(lines), encoding="utf-8")


def lacking(store: Path, names: Iterable[str] = _NEEDED) -> list[str]:
    """Return which of the modules that training needs are neither in a store nor on the machine."""
    sys.path.insert(0, str(store / SITE))
    importlib.invalidate_caches()
    try:
        return [name for name in names if importlib.util.find_spec(name) is None]
    finally:
        sys.path.remove(str(store / SITE))


def _unpack(parts: Sequence[Path], store: Path) -> None:
    new, whole = store / f".{CONTENT}", store / ".whole.tar.gz"
    shutil.rmtree(new, ignore_errors=True)
    with whole.open("wb") as file:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, file, _BLOCK)
    with tarfile.open(whole) as archive:
        archive.extractall(new, filter="data")
    new.rename(store / CONTENT)
    for path in (whole, *parts):
        path.unlink()


def _manifest(folder: Path) -> tuple[str, list[tuple[str, int, str]]]:
    path = folder / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
        entries = [(str(part["name"]), int(part["bytes"]), str(part["sha256"])) for part in json.loads(text)["parts"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise PartsError(f"{path}: missing, or not what `pack` wrote") from None
    if any(Path(name).name != name for name, _, _ in entries):
        raise PartsError(f"{path}: a part's name would leave the folder")
    return text, entries


def _project() -> Mapping[str, str]:
    text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    project: Mapping[str, str] = tomllib.loads(text)["project"]
    return project


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(arguments: argparse.Namespace) -> None:
    sources = {} if arguments.data is None else {"data": arguments.data}
    sources |= {f"wheels/{wheel.name}": wheel for wheel in arguments.wheel}
    if not sources:
        raise PartsError("nothing to pack: --data or --wheel is expected")
    parts = split(sources, arguments.output, int(arguments.part_mib * MIB))
    sizes = ", ".join(f"{part.name} {part.stat().st_size / MIB:.1f} MiB" for part in parts)
    print(f"{arguments.output}: {MANIFEST}, {sizes}")


def _receive(arguments: argparse.Namespace) -> None:
    missing = join(arguments.parts, arguments.store)
    if missing:
        print(f"{arguments.store}: still to come: {', '.join(missing)}")
    elif not (arguments.store / SITE).exists():
        install(arguments.store)
        print(f"{arguments.store}: all parts are there")


def _check(arguments: argparse.Namespace) -> None:
    store = arguments.store
    if not (store / CONTENT).exists() or not (store / SITE).exists():
        raise PartsError(f"{store}: parts are missing; `receive` says which")
    absent = lacking(store)
    if absent:
        raise PartsError(f"these modules are missing, their wheels are to be packed as well: {', '.join(absent)}")


def main(arguments: Sequence[str]) -> int:
    """Run one of the three commands and return the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = options.add_subparsers(required=True)
    pack = commands.add_parser("pack", help="make the parts")
    pack.add_argument("--output", type=Path, required=True, help="the folder of the parts")
    pack.add_argument("--data", type=Path, help="a folder that `pecrs prepare` wrote")
    pack.add_argument("--wheel", type=Path, action="append", default=[], help="a package to bring; may be repeated")
    pack.add_argument("--part-mib", type=float, default=50.0, help="largest size of a part")
    pack.set_defaults(work=_pack)
    receive = commands.add_parser("receive", help="take over parts that have arrived")
    receive.add_argument("parts", type=Path)
    receive.add_argument("store", type=Path)
    receive.set_defaults(work=_receive)
    check = commands.add_parser("check", help="say what is missing")
    check.add_argument("store", type=Path)
    check.set_defaults(work=_check)
    chosen = options.parse_args(arguments)
    try:
        chosen.work(chosen)
    except (PartsError, OSError, tarfile.TarError) as error:
        print(f"parts: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
