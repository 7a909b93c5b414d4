"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with the real data; tests that ask for it are skipped where it is not given."""
    folder = os.environ.get("PECRS_DATA")
    if not folder:
        pytest.skip("set PECRS_DATA to the data folder")
    return Path(folder)


@pytest.fixture
def double() -> Iterator[None]:
    """Make float64 the default precision for a test, so that equality can be tested exactly."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)
