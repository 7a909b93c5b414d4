"""Reading and writing of JSON-lines files: errors that name the line, writes that are atomic."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pecrs.errors import DataError


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number from 1, object) for each non-blank line.

    Args:
        path: A UTF-8 file with one JSON object a line.

    Raises:
        DataError: If the file is missing, a line is not JSON, or it is not an object.
    """
    for number, value in read_json_lines(path):
        if not isinstance(value, dict):
            raise DataError(f"a JSON object is expected, not {type(value).__name__}", path=path, line=number)
        yield number, value


def read_json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line number from 1, value) for each non-blank line, whatever its JSON type.

    Args:
        path: A UTF-8 file with one JSON value a line.

    Raises:
        DataError: If the file is missing or a line is not JSON.
    """
    try:
        stream = path.open(encoding="utf-8")
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", path=path) from None
    with stream:
        number = 0
        try:
            for number, line in enumerate(stream, start=1):  # noqa: B007
                if line.strip():
                    yield number, json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"broken JSON: {error.msg} at column {error.colno}", path=path, line=number) from None
        except UnicodeDecodeError as error:
            raise DataError(f"not UTF-8: {error.reason}", path=path, line=number + 1) from None


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[str]]:
    """Open a temporary text file beside ``path`` and rename it into place when all went well.

    Args:
        path: Destination; its folder is made where missing.

    Raises:
        DataError: If the destination cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", path=path) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            yield stream
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_jsonl(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    """Write one JSON object a line, atomically.

    Args:
        path: Destination file.
        records: The objects.
    """
    with atomic_write(path) as stream:
        for record in records:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_json(path: Path, value: object) -> None:
    """Write one indented JSON document, atomically.

    Args:
        path: Destination file.
        value: Anything that JSON can hold.
    """
    with atomic_write(path) as stream:
        stream.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
