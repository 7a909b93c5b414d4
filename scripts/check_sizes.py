"""Refuse files, classes and functions that have grown too long to read: ``check_sizes.py FOLDER...``."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_LINES = 400
MAX_CLASS_LINES = 200
MAX_FUNCTION_LINES = 50


def oversized(path: Path) -> Iterator[str]:
    """Yield a message for the file and each class and function in it that is over its limit, docstring included."""
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    if lines > MAX_FILE_LINES:
        yield f"{path}: {lines} lines, over {MAX_FILE_LINES}"
    for node in ast.walk(ast.parse(text, filename=str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            limit = MAX_CLASS_LINES if isinstance(node, ast.ClassDef) else MAX_FUNCTION_LINES
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > limit:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, over {limit}"


def main(folders: list[str]) -> int:
    """Print what is over its limit and return the exit status."""
    messages = [
        message for folder in folders for path in sorted(Path(folder).rglob("*.py")) for message in oversized(path)
    ]
    print("\n".join(messages) or "no file, class or function is too long")
    return bool(messages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
