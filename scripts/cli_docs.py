"""Write the reference of the command line from its own help: ``cli_docs.py [--check] FILE``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def render() -> str:
    """Return the Markdown reference of every command, the same on every terminal."""
    command = [sys.executable, "-m", "typer", "pecrs.cli", "utils", "docs", "--name", "pecrs"]
    terminal = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONIOENCODING": "utf-8"}
    result = subprocess.run(command, env=os.environ | terminal, capture_output=True, check=True, encoding="utf-8")
    return "<!-- Written by `make docs`; do not edit. -->\n\n" + result.stdout.strip() + "\n"


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` compare it, and return the exit status."""
    path = Path(arguments[-1])
    text = render()
    if "--check" not in arguments:
        path.write_text(text, encoding="utf-8")
        return 0
    fresh = path.exists() and path.read_text(encoding="utf-8") == text
    print(f"{path} is up to date" if fresh else f"{path} is stale: run make docs")
    return not fresh


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
