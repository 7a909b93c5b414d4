"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with the real data; tests that ask for it are skipped where it is not given."""
    folder = os.environ.get("PECRS_DATA")
    if not folder:
        pytest.skip("set PECRS_DATA to the data folder")
    return Path(folder)
