"""Every error the package raises on purpose.

    PecrsError
    ├── ConfigError          a configuration value or file is wrong
    ├── DataError            an input file or record is wrong; names file, line and field
    ├── CheckpointError      a saved model or run cannot be read or written
    └── ContextTooLongError  a dialogue does not fit the backbone's positions

The command line maps each of them to one line on standard error and exit code 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class PecrsError(Exception):
    """Base class of all errors that the caller can fix."""


class ConfigError(PecrsError):
    """A configuration value or file is wrong; the message names the field."""


class DataError(PecrsError):
    """An input file or record is wrong; the message names file, line and field.

    Args:
        message: What is wrong and what was expected.
        path: The file, where one is known.
        line: Its line, counted from 1.
        field: The field of the record.
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        field: str | None = None,
    ) -> None:
        """Compose ``path:line: field 'name': message`` from the parts at hand."""
        self.path, self.line, self.field, self.reason = path, line, field, message
        where = ""
        if path is not None:
            where = f"{path}:{line}: " if line is not None else f"{path}: "
        what = f"field '{field}': " if field is not None else ""
        super().__init__(where + what + message)


class CheckpointError(PecrsError):
    """A saved model or run cannot be read or written."""


class ContextTooLongError(PecrsError):
    """A dialogue does not fit the positions of the backbone."""


def suggestion(name: str, known: Iterable[str], count: int = 1) -> str:
    """Return what a message adds where a name is unknown: ``; did you mean 'title'?``, or nothing.

    Args:
        name: What was written.
        known: What might have been meant.
        count: How many near ones are named at most.
    """
    by_folded = {other.casefold(): other for other in reversed(list(known))}
    near = [repr(by_folded[other]) for other in get_close_matches(name.casefold(), by_folded, n=count)]
    named = " or ".join([", ".join(near[:-1]), near[-1]] if len(near) > 1 else near)
    return f"; did you mean {named}?" if near else ""
