"""Reading and writing of JSON-lines files: errors that name the line, writes that are atomic.

What is being written lies beside its destination under a name of its own (``.NAME.tmp-XXXXXXXX``) until it is whole; a
process that is killed leaves it there, and :func:`remove_leftovers` finds it.
"""

from __future__ import annotations

import errno
import gzip
import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

from safetensors import SafetensorError

from pecrs.errors import CheckpointError, DataError

TextFile = Path | zipfile.Path
"""A file on disk or a member of a zip archive."""

_MAX_LINE = 2**24
_ESCAPED = 0xDC00
"""What Python's "surrogateescape" adds to a byte that is not UTF-8."""
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_UTF16_MARKS = ("\udcff\udcfe", "\udcfe\udcff")
_LEFTOVER = re.compile(r"\..+\.tmp-[a-z0-9_]{8}")
_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
"""What a disk says that is full, broken or not to be written."""
_WRITE_ERRORS = (OSError, SafetensorError, DataError)


def read_jsonl(path: TextFile) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number from 1, object) for each non-blank line.

    Args:
        path: A UTF-8 file with one JSON object a line.

    Raises:
        DataError: If the file is missing, a line is not JSON, or it is not an object.
    """
    for number, value in read_json_lines(path):
        if not isinstance(value, dict):
            message = f"a JSON object is expected, not {type(value).__name__}"
            raise DataError(message, path=str(path), line=number)
        yield number, value


def read_json_lines(path: TextFile) -> Iterator[tuple[int, Any]]:
    """Yield (line number from 1, value) for each non-blank line, whatever its JSON type.

    Args:
        path: A UTF-8 file with one JSON value a line; a byte order mark is allowed.

    Raises:
        DataError: If the file is missing, or a line is not UTF-8, not JSON, or holds half a surrogate pair.
    """
    number = 0
    try:
        for number, line in enumerate(read_lines(path), start=1):
            if line.strip():
                yield number, parse_json(line.rstrip())
    except json.JSONDecodeError as error:
        breaks_off = error.pos >= len(line.rstrip())
        remedy = "; one whole JSON value a line is expected" if breaks_off else ""
        message = f"broken JSON: {error.msg} at column {error.colno}{remedy}"
        raise DataError(message, path=str(path), line=number) from None
    except (RecursionError, ValueError) as error:
        raise DataError(f"broken JSON: {error}", path=str(path), line=number) from None


def read_lines(path: TextFile, newline: str | None = None) -> Generator[str, None, None]:
    """Yield the lines of a text file with their ends; the file is open until the generator ends or is closed.

    Args:
        path: A UTF-8 file, as for :func:`open_text`.
        newline: As for :func:`open`.

    Raises:
        DataError: If it cannot be read; naming the line that is not UTF-8, or has no end, as of an archive made to fill
            the memory.
    """
    number = 0
    with open_text(path, newline, errors="surrogateescape") as stream:
        try:
            for number, line in enumerate(iter(lambda: stream.readline(_MAX_LINE), ""), start=1):
                if len(line) == _MAX_LINE:
                    raise DataError(f"the line is longer than {_MAX_LINE:,} characters", path=str(path), line=number)
                _require_utf8(line, path, number)
                yield line
        except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise DataError(f"damaged archive: {error}", path=str(path), line=number + 1) from None


def _require_utf8(text: str, path: TextFile, first: int) -> None:
    wrong = None if text.isascii() else _NOT_UTF8.search(text)
    if wrong is not None:
        line = first + text.count("\n", 0, wrong.start())
        encoding = "UTF-16" if line == 1 and text.startswith(_UTF16_MARKS) else "Windows-1252"
        remedy = f"if the file is {encoding}, convert it: iconv -f {encoding} -t UTF-8 {path.name} > NEW"
        raise DataError(f"not UTF-8: byte 0x{ord(wrong[0]) - _ESCAPED:02X}; {remedy}", path=str(path), line=line)


def read_json(path: Path) -> Any:
    """Return the value of a file that is one JSON document.

    Raises:
        DataError: If the file cannot be read, or is not UTF-8 or JSON.
    """
    try:
        with open_text(path, errors="surrogateescape") as stream:
            text = stream.read()
        _require_utf8(text, path, 1)
        return parse_json(text)
    except json.JSONDecodeError as error:
        raise DataError(f"broken JSON: {error.msg}", path=path, line=error.lineno) from None
    except (RecursionError, ValueError) as error:
        raise DataError(f"broken JSON: {error}", path=path) from None


def parse_json(text: str) -> Any:
    r"""Parse one JSON value, refusing what could not be written back as UTF-8.

    Args:
        text: A JSON document.

    Raises:
        ValueError: If it is not JSON, or a string holds half a surrogate pair (``"\ud83d"``).
    """
    value = json.loads(text)
    if "\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("a string holds half a surrogate pair") from None
    return value


@contextmanager
def open_text(path: TextFile, newline: str | None = None, errors: str = "strict") -> Iterator[IO[str]]:
    """Open a UTF-8 text file for reading, on disk or in an archive.

    Args:
        path: The file, compressed if its name ends in ``.gz``; a byte order mark is skipped.
        newline: As for :func:`open`.
        errors: As for :func:`open`: what becomes of bytes that are not UTF-8.

    Raises:
        DataError: If it cannot be opened.
    """
    try:
        if isinstance(path, Path) and path.suffix == ".gz":
            stream = cast("IO[str]", gzip.open(path, "rt", encoding="utf-8-sig", errors=errors, newline=newline))
        else:
            stream = cast("IO[str]", path.open("r", encoding="utf-8-sig", errors=errors, newline=newline))
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or 'no such file'}", path=str(path)) from None
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DataError(f"damaged archive: {error}", path=str(path)) from None
    with stream:
        yield stream


def cache_folder() -> Path:
    """Return where what can be made anew is kept: ``PECRS_CACHE``, or ``~/.cache/pecrs``."""
    return Path(os.environ.get("PECRS_CACHE") or Path.home() / ".cache" / "pecrs")


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside a destination, and put it in that one's place when all went well.

    Args:
        folder: Destination; its parent is made where missing.

    Raises:
        CheckpointError: If it cannot be written; what was there before is kept.
    """
    folder = folder.absolute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_prefix(folder)))
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {error.strerror or error}") from None
    try:
        yield temporary
        temporary.chmod(0o755)
        swap_folder(temporary, folder)
    except Exception as error:
        if isinstance(error, _WRITE_ERRORS) or type(error) is Exception:  # tokenizers has no class of its own
            raise CheckpointError(f"{folder}: cannot be written: {error}") from None
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Delete what writers that were killed left in a folder, or in one below it, beside their destinations.

    Nothing else may be writing there. What :func:`recover_folder` brings back is kept.

    Raises:
        OSError: If something cannot be removed.
    """
    for path in [path for path in folder.rglob(".*") if is_leftover(path)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def is_leftover(path: Path) -> bool:
    """Tell whether a path has a name that only unfinished files and folders of this package have."""
    return _LEFTOVER.fullmatch(path.name) is not None


def _prefix(path: Path) -> str:
    return f".{path.name}.tmp-"


def swap_folder(new: Path, folder: Path) -> None:
    """Put a complete new folder in the place of another, which may be missing; a failure leaves the old one.

    A process that is killed between the two renamings leaves the old one aside; see :func:`recover_folder`.

    Args:
        new: On the same file system; gone afterwards.
        folder: Destination.

    The new one reaches the disk before it takes the place, so that a loss of power leaves one of the two.

    Raises:
        OSError: If a renaming fails.
    """
    for path in new.rglob("*"):
        if path.is_file():
            with path.open("r+b") as stream:
                os.fsync(stream.fileno())
    recover_folder(folder)
    aside = _aside(folder)
    if folder.exists():
        folder.replace(aside)
    try:
        new.replace(folder)
    except OSError:
        recover_folder(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def recover_folder(folder: Path) -> None:
    """Finish what a killed :func:`swap_folder` left: the old folder comes back, unless the new one is in its place.

    Raises:
        OSError: If the old one cannot be moved.
    """
    aside = _aside(folder)
    if folder.exists():
        shutil.rmtree(aside, ignore_errors=True)
    elif aside.exists():
        aside.replace(folder)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


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
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path))
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", path=path) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            yield stream
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        _rename(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
            raise DataError(f"cannot be written: {error.strerror}", path=path) from None
        raise


def _rename(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", path=path) from None


def write_jsonl(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    """Write one JSON object a line, atomically.

    Args:
        path: Destination file.
        records: The objects.
    """
    write_jsonl_files({path: records})


def write_jsonl_files(files: Mapping[Path, Iterable[Mapping[str, object]]]) -> None:
    """Write several such files that belong together: none takes its place before all are whole.

    Args:
        files: The objects of each destination.
    """
    with ExitStack() as writing:
        for path, records in files.items():
            stream = writing.enter_context(atomic_write(path))
            for record in records:
                stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            stream.flush()


def write_json(path: Path, value: object) -> None:
    """Write one indented JSON document, atomically.

    Args:
        path: Destination file.
        value: Anything that JSON can hold.
    """
    with atomic_write(path) as stream:
        stream.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
