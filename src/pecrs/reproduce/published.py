"""Published figures, which are data: ``paper_tables.yaml`` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import model_validator

from pecrs._settings import Settings, require


class PublishedRow(Settings):
    """A row as printed."""

    name: str
    """Model, data set, genre or setting."""
    values: tuple[float | None, ...]
    """One a column; None where a dash is printed."""


class PublishedTable(Settings):
    """A table as printed, or a part of one."""

    name: str
    """Its name as an experiment, and the name of its file."""
    title: str
    """What it shows."""
    columns: tuple[str, ...]
    """Names of the columns."""
    decimals: tuple[int, ...]
    """Printed decimals, by column."""
    rows: tuple[PublishedRow, ...]
    """In the paper's order."""

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        """Refuse a row or a list of decimals that does not fit the columns."""
        require(len(self.decimals) == len(self.columns), f"{self.name}.decimals", "one a column is expected")
        for row in self.rows:
            fits = len(row.values) == len(self.columns)
            require(fits, f"{self.name}.{row.name}", f"{len(self.columns)} values are expected")
        return self

    def values(self, row: str) -> tuple[float | None, ...]:
        """Return what is printed in a row, dashes for one that is not there."""
        return next((printed.values for printed in self.rows if printed.name == row), (None,) * len(self.columns))


class _Published(Settings):
    tables: tuple[PublishedTable, ...]


@cache
def published() -> Mapping[str, PublishedTable]:
    """Return the published tables by name.

    Raises:
        ConfigError: If the file is wrong.
    """
    read = _Published.from_yaml(Path(__file__).with_name("paper_tables.yaml"))
    return {table.name: table for table in read.tables}
