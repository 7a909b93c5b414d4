"""A Ray cluster of two cores on this machine, for all tests of the package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # read where ray is imported: listen on loopback alone
pytest.importorskip("ray")

from pecrs.cluster.session import ClusterSettings, session
from tiny import World, save_folder, tiny_config, world


@pytest.fixture(scope="session")
def two_workers() -> Iterator[ClusterSettings]:
    """Two workers of one thread on a cluster of your own."""
    settings = ClusterSettings(workers=2, threads=1)
    with session(settings):
        yield settings


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Compute with as many threads as a worker does."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def films() -> World:
    """The backbone, films and dialogues of the tests' models."""
    return world("llama")


@pytest.fixture(scope="session")
def model_folder(films: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model on disk."""
    folder = tmp_path_factory.mktemp("cluster") / "model"
    save_folder(films.model(tiny_config()), folder, films.base, include_base=True)
    return folder
