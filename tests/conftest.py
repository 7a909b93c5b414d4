"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when transformers is imported
os.environ.pop("COLUMNS", None)  # read once, when the console is made: tests state the width that they need

import pytest
import torch

if TYPE_CHECKING:
    from pecrs import Recommender

torch.set_num_threads(1)

_READERS = {"data", "index"}
"""Folders whose tests look whether what was opened was closed."""


def pytest_collection_finish() -> None:
    """Take what was imported out of the garbage collector's sight: it lives to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's cache of item states and key of TMDB out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PECRS_CACHE", str(tmp_path_factory.mktemp("item-states")))
        patch.delenv("TMDB_API_KEY", raising=False)
        yield


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with the real data; tests that ask for it are skipped where it is not given."""
    folder = os.environ.get("PECRS_DATA")
    if not folder:
        pytest.skip("set PECRS_DATA to the data folder")
    return Path(folder)


@pytest.fixture(scope="session")
def recommender() -> Recommender:
    """The model of the package, which no test changes."""
    from bundled import bundled_recommender  # here, so that a process that only hands out tests loads no model's code

    return bundled_recommender()


@pytest.fixture(scope="session")
def few_films() -> Recommender:
    """The same model over a tenth of its films, for tests that change items."""
    from bundled import bundled_with_few_films

    return bundled_with_few_films()


@pytest.fixture(scope="session")
def quick_python() -> Iterator[str]:
    """What takes the place of ``sys.executable`` where a test starts processes that import the package."""
    from quick_python import quick_interpreter

    with quick_interpreter() as program:
        yield str(program)


@pytest.fixture
def double() -> Iterator[None]:
    """Make float64 the default precision for a test, so that equality can be tested exactly."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.fixture(autouse=True)
def _closed_files(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail where a test of a reader leaves a file open: exceptions that it caught still hold the readers' frames."""
    place = request.path.relative_to(request.config.rootpath)
    folder = request.getfixturevalue("tmp_path") if place.parts[1] in _READERS else None
    yield
    if folder is not None:
        opened = [Path(number).resolve() for number in Path("/proc/self/fd").glob("*")]
        assert [path for path in opened if path.is_relative_to(folder)] == []
