"""The file of a model folder that holds features' weights and the counts they need.

One safetensors file: arrays, and in its header the names of the features. Nothing is unpickled.
"""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from pecrs.errors import CheckpointError
from pecrs.model.persistence.folder import LAYOUT
from pecrs.ranking.reordering import Reordering

_NAMES = "features"


def save_reordering(reordering: Reordering, folder: Path) -> None:
    """Write the file, in place of the one that is there.

    Raises:
        CheckpointError: If it cannot be written.
    """
    new = folder / f".{LAYOUT.ranking}.new"
    try:
        save_file(reordering.arrays(), new, {_NAMES: ",".join(reordering.weights.names)})
        new.replace(folder / LAYOUT.ranking)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{folder}: cannot be written: {error}") from None


def load_reordering(folder: Path) -> Reordering | None:
    """Return what :func:`save_reordering` wrote, or None where there is none.

    Raises:
        CheckpointError: If the file is broken.
    """
    path = folder / LAYOUT.ranking
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="np") as stored:
            names = stored.metadata()[_NAMES].split(",")
            return Reordering.from_arrays(names, {name: stored.get_tensor(name) for name in stored.keys()})
    except (OSError, KeyError, TypeError, ValueError, IndexError, SafetensorError) as error:
        raise CheckpointError(f"{path}: cannot be loaded: {error}") from None
