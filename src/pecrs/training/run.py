"""The folder of a run: one configuration, written before anything else and never changed by a resume.

Source: design section 3.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pecrs._settings import Settings
from pecrs.data.files import is_leftover, read_json, remove_leftovers, write_json
from pecrs.errors import CheckpointError, ConfigError, DataError

RUN_CONFIG = "config.json"
"""Name of the configuration inside a run's folder."""

BASE_FOLDER = "base"
"""Name of the untrained backbone inside a run's folder, where the run makes one."""


Kind = TypeVar("Kind", bound=Settings)
"""A configuration; see :mod:`pecrs.config`."""


def start_run(folder: Path, config: Settings, *, resume: bool) -> None:
    """Make the folder of a new run, or check that a run to be resumed has the same configuration.

    What a killed process left unfinished in the folder is removed.

    Args:
        folder: Destination of log, checkpoint and best model; made where missing.
        config: The configuration of the run.
        resume: Go on with what is in the folder.

    Raises:
        ConfigError: If a new run's folder holds more than a start that failed, if there is no run to resume, or if its
            configuration differs.
        CheckpointError: If the folder cannot be written, or its configuration cannot be read.
    """
    path = folder / RUN_CONFIG
    if resume:
        if not path.is_file():
            raise ConfigError(f"{folder}: there is no run to resume: {RUN_CONFIG} is missing")
        check_same_config(read_run_config(folder, type(config)), config, folder)
        with _written(folder):
            remove_leftovers(folder)
        return
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        occupied = {path.name for path in folder.iterdir() if not is_leftover(path)} - {RUN_CONFIG, BASE_FOLDER}
    if occupied:
        raise ConfigError(f"{folder}: the folder is not empty; resume the run in it or choose another")
    with _written(folder):
        remove_leftovers(folder)
        shutil.rmtree(folder / BASE_FOLDER, ignore_errors=True)  # of a run that failed before its first batch
        write_json(path, config.to_dict())


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {error.strerror or error}") from None
    except DataError as error:
        raise CheckpointError(str(error)) from None


def read_run_config(folder: Path, kind: type[Kind]) -> Kind:
    """Return the configuration of a run.

    Args:
        folder: The run.
        kind: What it is: ``Config`` of a training, ``PretrainingConfig`` of a pre-training run.

    Raises:
        CheckpointError: If it is missing or broken, or another version of the package wrote it.
    """
    path = folder / RUN_CONFIG
    try:
        return kind.from_dict(read_json(path))
    except DataError as error:
        raise CheckpointError(str(error)) from None
    except ConfigError as error:
        raise CheckpointError(f"{path}: not a configuration of this version: {error}") from None


def check_same_config(saved: Settings, now: Settings, folder: Path) -> None:
    """Refuse to go on with another configuration.

    Args:
        saved: What the run was started with.
        now: What it is to be resumed with.
        folder: The run.

    Raises:
        ConfigError: Naming the first field that differs.
    """
    before = dict(_leaves(saved.to_dict(), ""))
    for name, value in _leaves(now.to_dict(), ""):
        if value != before[name]:
            message = f"the run {folder} was started with {before[name]!r}; it cannot go on with {value!r}"
            raise ConfigError(f"{name}: {message}")


def _leaves(values: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield path + name, value
