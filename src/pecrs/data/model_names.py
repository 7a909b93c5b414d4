"""Names of models: a folder on this machine, a GGUF file, or a model of a hub."""

from __future__ import annotations

import os
from pathlib import Path

from pecrs.errors import ConfigError

PACKAGED = "package:"
"""Begins the name of a GGUF file in an installed package: ``package:NAME/FILE``."""


def is_gguf(name: str) -> bool:
    """Tell whether a name means a GGUF file, one in a package included."""
    return name.startswith(PACKAGED) or name.lower().endswith(".gguf")


def locate_backbone(name: str, field: str) -> str:
    """Return what :func:`locate_model` does, or where a GGUF file lies; one in a package keeps its name.

    Raises:
        ConfigError: If it is a path, and nothing is there.
    """
    if not is_gguf(name) or Path(name).expanduser().is_dir():
        return locate_model(name, field)
    if name.startswith(PACKAGED):
        return name
    path = Path(os.path.abspath(Path(name).expanduser()))
    if not path.is_file():
        raise ConfigError(f"{field}: no such file: {path}")
    return str(path)


def locate_model(name: str, field: str) -> str:
    """Return the absolute path of a folder, or the name of a model of a hub as it is.

    A name that looks like a path is one: it begins with ``.``, ``/`` or ``~``, has more than one ``/``, or its parent
    is a folder here. No hub is asked for such a name.

    Args:
        name: What a configuration or a command says.
        field: Where it says so, for the message.

    Raises:
        ConfigError: If it is a path, and no folder is there.
    """
    path = Path(name).expanduser() if name.startswith("~") else Path(name)
    if path.is_dir():
        return os.path.abspath(path)
    if name.startswith((".", "/", "~")) or name.count("/") > 1 or ("/" in name and path.parent.is_dir()):
        raise ConfigError(f"{field}: no such folder: {os.path.abspath(path)}")
    return name
