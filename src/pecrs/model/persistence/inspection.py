"""What is checked of a model folder before anything in it is loaded: a stranger's folder is read, never obeyed."""

from __future__ import annotations

import math
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from safetensors import SafetensorError, safe_open
from transformers import AutoConfig

from pecrs.data.files import read_json
from pecrs.errors import CheckpointError, DataError
from pecrs.model.backbone.declared import leaves, overdeclared


def inspect_folder(folder: Path) -> None:
    """Refuse a folder that reaches outside of itself, or whose files are not what their names say.

    Links must end inside the folder (or, in a cache of the hub, among its blobs); file names inside JSON must be names
    alone; JSON must be JSON, and safetensors as long as they declare.

    Args:
        folder: A model folder.

    Raises:
        CheckpointError: Naming the file.
    """
    root = folder.resolve()
    roots = [root, *([root.parents[1] / "blobs"] if root.parent.name == "snapshots" else [])]
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and not any(path.resolve().is_relative_to(place) for place in roots):
            raise CheckpointError(f"{path}: the link leaves the model folder")
        if not path.is_file() and not path.is_dir():
            raise CheckpointError(f"{path}: neither a file nor a folder")
        if path.suffix == ".safetensors":
            tensor_sizes(path)
        elif path.suffix == ".json" and path.name != "tokenizer.json":  # which no Python reads
            _check_names(path)


def tensor_sizes(path: Path) -> list[int]:
    """Return the number of values of each tensor in a file; the header alone is read.

    Raises:
        CheckpointError: If the file is no safetensors, or shorter than it declares.
    """
    try:
        with safe_open(path, framework="pt") as stored:
            return [math.prod(stored.get_slice(name).get_shape()) for name in stored.keys()]
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}") from None


def check_declared_size(folder: Path) -> None:
    """Refuse a backbone whose configuration declares more than its files hold, before memory is asked for.

    Args:
        folder: The backbone inside a model folder.

    Raises:
        CheckpointError: Naming the file and the setting, also where adapters lie in the folder.
    """
    path, adapters = folder / "config.json", folder / "adapter_config.json"
    if adapters.exists():  # transformers would load them with the base, and perhaps another base
        raise CheckpointError(f"{adapters}: adapters do not belong there")
    sizes = [size for file in folder.glob("*.safetensors") for size in tensor_sizes(file)]
    values = _read(path)
    try:
        too_much = overdeclared(values, sizes, lambda: AutoConfig.from_pretrained(str(folder), trust_remote_code=False))
    except Exception as error:  # whatever transformers raises on settings that make no model
        raise CheckpointError(f"{path}: not a causal language model: {' '.join(str(error).split())[:200]}") from None
    if too_much:
        raise CheckpointError(f"{path}: {too_much}")


def _check_names(path: Path) -> None:
    """Refuse a file name inside JSON that is more than a name."""
    for key, value in leaves(_read(path)):
        names_file = key.endswith("_file") or key == "transformers_weights" or key.startswith("weight_map.")
        if names_file and isinstance(value, str) and not _is_name(value):
            raise CheckpointError(f"{path}: {key}: {value!r} would leave the folder")


def _is_name(value: str) -> bool:
    return all(kind(value).name == value for kind in (PurePosixPath, PureWindowsPath)) and value not in ("", "..")


def _read(path: Path) -> Any:
    try:
        return read_json(path)
    except DataError as error:
        raise CheckpointError(str(error)) from None
