"""The command line. Each command builds its values and calls one function; heavy imports happen inside."""

from __future__ import annotations

import sys

from rich.console import Console

from pecrs.cli.app import app
from pecrs.errors import PecrsError

# isort: off
from pecrs.cli import data, training, indexing, evaluation, reproducing, annotating, talking, serving  # noqa: F401  (importing registers, in the order of help)
# isort: on


def main() -> None:
    """Run the command line; an error of ours is one line on standard error and exit code 2."""
    try:
        app()
    except PecrsError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"pecrs: {error}", markup=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
