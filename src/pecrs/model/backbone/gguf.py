"""Language models in GGUF files: their weights are written out once, and read from the cache from then on.

A file holds quantised matrices, a configuration and a vocabulary. transformers reads all three, but takes a minute
where a folder of safetensors takes seconds, and refuses to save what it has read; so a plain model gets the weights.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from pecrs.data.files import cache_folder, replacing_folder
from pecrs.data.installed import package_folder
from pecrs.data.model_names import PACKAGED, is_gguf
from pecrs.errors import CheckpointError, ConfigError
from pecrs.model.backbone.declared import overdeclared

PART = 45 * 2**20
"""Bytes of a part: many hosts refuse files of more than fifty million."""

WHOLE = "weights.gguf"
"""What the parts make; ``package:NAME/weights.gguf`` are those in a package."""

_MAGIC = b"GGUF"
_PARTS = f"{WHOLE}.part-"
_BLOCK = 2**20


def plain_folder(name: str) -> str:
    """Return the folder of a model whose weights a GGUF file holds, written to the cache where it is not there yet.

    Args:
        name: A ``.gguf`` file, ``package:NAME/FILE``, a file in an installed package, which is not imported, or a
            folder of such a file's parts (see :func:`copy_parts`); any other name or path is returned as it is.

    Raises:
        ConfigError: If there is no such file or package, the file is none that transformers reads, or is cut off, or
            declares more than it holds, or the cache cannot be written.
    """
    files = _files_of(name)
    if not files:
        return name
    place = files[0].parent if files[0].name.startswith(_PARTS) else files[0]
    digest = _digest(files, place)
    folder = cache_folder() / f"gguf-{digest[:32]}"
    if not (folder / "config.json").is_file():
        try:
            with (
                torch.random.fork_rng(devices=()),
                _joined(files) as path,
            ):  # so that initial weights do not depend on the cache
                sizes = _require_whole(path, place)
                with replacing_folder(folder) as temporary:
                    _write(path, place, sizes, temporary)
        except (CheckpointError, OSError) as error:
            raise ConfigError(f"model.backbone: the cache of GGUF files (see PECRS_CACHE): {error}") from None
    return str(folder)


def is_packed(name: str) -> bool:
    """Tell whether a name means a GGUF file, or a folder of its parts."""
    return (is_gguf(name) and not Path(name).expanduser().is_dir()) or bool(parts_of(Path(name)))


def parts_of(folder: Path) -> list[Path]:
    """Return the parts of a GGUF file that lie in a folder, in order."""
    return sorted(folder.glob(f"{_PARTS}*"))


def copy_parts(name: str, folder: Path) -> None:
    """Write a GGUF file into a folder as it is, in parts of bounded size.

    Args:
        name: What :func:`is_packed` knows.
        folder: Destination; made where missing.

    Raises:
        ConfigError: If there is no such file or package.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number, room, part = 0, 0, None
    for source in _files_of(name):
        with source.open("rb") as file:
            while block := file.read(_BLOCK):
                if room < len(block):
                    number, room = number + 1, PART
                    part = folder / f"{_PARTS}{number:03}"
                assert part is not None
                with part.open("ab") as written:
                    written.write(block)
                room -= len(block)


def _files_of(name: str) -> list[Path]:
    """Return the file that a name means, or its parts; none where it means no GGUF file."""
    if name.startswith(PACKAGED) and name.endswith(f"/{WHOLE}"):
        package = package_folder(name.removeprefix(PACKAGED).removesuffix(f"/{WHOLE}"))
        return (parts_of(package) if package is not None else []) or [_located(name)]
    if is_gguf(name) and not Path(name).expanduser().is_dir():
        return [_located(name)]
    return parts_of(Path(name))


def _digest(files: Sequence[Path], place: Path) -> str:
    digest = hashlib.sha256()
    for number, path in enumerate(files):
        with path.open("rb") as file:
            if number == 0 and file.read(len(_MAGIC)) != _MAGIC:
                raise _refused(place, "is no GGUF file")
            file.seek(0)
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


@contextmanager
def _joined(files: Sequence[Path]) -> Iterator[Path]:
    """Give a file in one piece, for as long as it is needed."""
    if len(files) == 1:
        yield files[0]
        return
    cache_folder().mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache_folder(), prefix=".gguf-") as folder:
        whole = Path(folder) / "weights.gguf"
        with whole.open("wb") as target:
            for path in files:
                with path.open("rb") as source:
                    shutil.copyfileobj(source, target, _BLOCK)
        yield whole


def _located(name: str) -> Path:
    """Return the file that a name means."""
    if not name.startswith(PACKAGED):
        path = Path(name).expanduser()
        if not path.is_file():
            raise _refused(path.absolute(), "no such file")
        return path
    package, _, inside = name.removeprefix(PACKAGED).partition("/")
    folder = package_folder(package)
    if folder is None:
        raise ConfigError(f"model.backbone: {name!r}: the package {package!r} is not installed")
    path = (folder / inside).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        there = ", ".join(sorted(file.name for file in folder.glob("*.gguf"))) or "no .gguf file"
        raise ConfigError(f"model.backbone: {name!r}: the package has no file {inside!r}; it has {there}")
    return path


def _require_whole(path: Path, place: Path) -> list[int]:
    """Return the number of values of each tensor; refuse a file whose tables or tensors are not all there."""
    try:
        from gguf import GGUFReader
    except ModuleNotFoundError:
        raise _refused(place, "to read it, pip install 'pecrs[gguf]'") from None
    try:
        reader = GGUFReader(path)
        sizes = [int(tensor.n_elements) for tensor in reader.tensors]
        blocks = [int(field.contents()) for name, field in reader.fields.items() if name.endswith(".block_count")]
    except Exception:  # numpy's and struct's, whatever they stumble over
        raise _refused(place, "is cut off or broken") from None
    if max(blocks, default=0) > len(sizes):
        raise _refused(place, f"block_count: {max(blocks)} is declared; the file holds {len(sizes)} tensors")
    return sizes


def _write(path: Path, place: Path, sizes: Sequence[int], folder: Path) -> None:
    """Write the model of a file and its tokeniser into a folder as transformers reads them."""
    source: dict[str, Any] = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    try:
        config = AutoConfig.from_pretrained(**source, trust_remote_code=False)
        too_much = overdeclared(config.to_dict(), sizes, lambda: config)
    except Exception as error:  # whatever the readers raise on an architecture or a vocabulary that they do not know
        raise _unreadable(place, error) from None
    if too_much:
        raise _refused(place, too_much)
    try:
        packed, loaded = AutoModelForCausalLM.from_pretrained(
            **source, config=config, dtype=torch.float32, trust_remote_code=False, output_loading_info=True
        )
        tokenizer = AutoTokenizer.from_pretrained(**source, trust_remote_code=False)
    except Exception as error:
        raise _unreadable(place, error) from None
    if loaded["missing_keys"]:
        raise _refused(place, f"lacks {min(loaded['missing_keys'])}")
    config = packed.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    config.eos_token_id = tokenizer.eos_token_id
    if config.pad_token_id == config.eos_token_id:
        config.pad_token_id = None  # PyTorch gives a padding row no gradient, and this one ends every turn
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(packed.state_dict())
    plain.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


def _unreadable(path: Path, error: Exception) -> ConfigError:
    return _refused(path, f"cannot be read: {' '.join(str(error).split())[:200]}")


def _refused(path: Path, why: str) -> ConfigError:
    return ConfigError(f"model.backbone: {path}: {why}")
