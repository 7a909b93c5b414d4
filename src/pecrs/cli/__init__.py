"""The command line. Each command builds its values and calls one function; heavy imports happen inside."""

from __future__ import annotations

import sys

from rich.console import Console

from pecrs.cli.app import app
from pecrs.errors import PecrsError

# isort: off
from pecrs.cli import data, training, indexing, evaluation, simulating  # noqa: F401  (registers, in the order of help)
from pecrs.cli import reproducing, annotating, talking, serving, agents  # noqa: F401
# isort: on


def main() -> None:
    """Run the command line; an error of ours, or one of a disk, is one line on standard error and exit code 2."""
    try:
        app()
    except PecrsError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(message: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True, emoji=False).print(f"pecrs: {message}", markup=False)
    sys.exit(2)
