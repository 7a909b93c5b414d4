"""Refuse configuration fields that nothing reads: ``check_config_fields.py PACKAGE_FOLDER``."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path


def declared_fields(config: Path) -> Iterator[tuple[str, str]]:
    """Yield the class and the name of every annotated field in the file."""
    for node in ast.parse(config.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    yield node.name, statement.target.id


def read_attributes(path: Path) -> set[str]:
    """Return the names that the file reads as attributes, ``x.name``."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}


def unread_fields(package: Path) -> list[str]:
    """Return the fields of ``config.py`` and ``settings.py``, as ``Class.field``, that no other file reads."""
    declaring = sorted(path for path in package.rglob("*.py") if path.name in ("config.py", "settings.py"))
    read = {name for path in package.rglob("*.py") if path not in declaring for name in read_attributes(path)}
    return [f"{owner}.{name}" for path in declaring for owner, name in declared_fields(path) if name not in read]


def main(package: str) -> int:
    """Print the unread fields and return the exit status."""
    unread = unread_fields(Path(package))
    print("\n".join(f"{name} is read nowhere" for name in unread) or "every configuration field is read")
    return bool(unread)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
