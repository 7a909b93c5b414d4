"""Fetch the public originals: resumable, checked by SHA-256, unpacked safely, atomically in place.

The publishers give no checksums. The first download of a file records its SHA-256 in a ``SHA256SUMS`` file beside it,
and every later download must agree with that record; a caller who knows the right value pins it.
"""

from __future__ import annotations

import json
import logging
import stat
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pooch
import requests

from pecrs.data.files import atomic_write
from pecrs.data.progress import Progress, Report, silent
from pecrs.errors import ConfigError, DataError

SUMS_FILE = "SHA256SUMS"
_MEBIBYTE = 2**20
_CHUNK = 2**16
_TRIES = 3
_TIMEOUT = (15.0, 60.0)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a public data set.

    Attributes:
        name: Its name in the local folder.
        urls: Where it is, tried in this order.
        sha256: Its checksum, where the publisher's is known.
        limit: Largest size in bytes that is accepted; unpacked files may be ten times as large together.
    """

    name: str
    urls: tuple[str, ...]
    sha256: str | None = None
    limit: int = 64 * _MEBIBYTE


def _inspired(split: str) -> RemoteFile:
    path = f"data/dialog_data/{split}.tsv"
    return RemoteFile(
        f"{split}.tsv",
        (
            f"https://raw.githubusercontent.com/sweetpeach/Inspired/master/{path}",
            f"https://github.com/sweetpeach/Inspired/raw/master/{path}",
            f"https://cdn.jsdelivr.net/gh/sweetpeach/Inspired@master/{path}",
        ),
    )


def _cpcd(part: str) -> RemoteFile:
    name = f"cpcd_v1.{part}.jsonl"
    path = f"data/{name}"
    return RemoteFile(
        name,
        (
            f"https://raw.githubusercontent.com/google-research-datasets/cpcd/main/{path}",
            f"https://github.com/google-research-datasets/cpcd/raw/main/{path}",
        ),
        limit=256 * _MEBIBYTE,
    )


def _talkplay(repository: str, part: str) -> RemoteFile:
    name = f"{part}-00000-of-00001.parquet"
    address = f"https://huggingface.co/datasets/talkpl-ai/TalkPlayData-Challenge-{repository}/resolve/main/data/{name}"
    return RemoteFile(name, (address,), limit=512 * _MEBIBYTE)


SOURCES: Mapping[str, tuple[RemoteFile, ...]] = {
    "redial": (
        RemoteFile(
            "redial_dataset.zip",
            (
                "https://github.com/ReDialData/website/raw/data/redial_dataset.zip",
                "https://raw.githubusercontent.com/ReDialData/website/data/redial_dataset.zip",
            ),
        ),
    ),
    "inspired": (_inspired("train"), _inspired("dev"), _inspired("test")),
    "cpcd": (_cpcd("dialogs.dev.train"), _cpcd("dialogs.dev.val"), _cpcd("dialogs.test"), _cpcd("tracks")),
    "talkplay": (
        _talkplay("Dataset", "train"),
        _talkplay("Dataset", "test"),
        _talkplay("Track-Metadata", "all_tracks"),
    ),
}
"""The public homes of the originals by data set. Their checksums are not published."""


def download(
    name: str,
    folder: Path,
    *,
    sha256: Mapping[str, str] | None = None,
    sources: Mapping[str, Sequence[RemoteFile]] = SOURCES,
    pause: float = 2.0,
    progress: Report = silent,
) -> list[Path]:
    """Fetch the files of a data set into a folder and unpack archives there; what is there and right is kept.

    Args:
        name: A key of ``sources``.
        folder: Destination, made where missing.
        sha256: Checksums by file name that the caller insists on.
        sources: Where the files are.
        pause: Seconds before a broken transfer is taken up again.
        progress: Is told how many bytes of a file have come, where the server says how many there are.

    Returns:
        The downloaded files.

    Raises:
        ConfigError: If the name or a pinned file is unknown, or a checksum or an address is malformed.
        DataError: If no address gives the file with the right checksum; the message says what to fetch by hand.
    """
    if name not in sources:
        raise ConfigError(f"{name!r} cannot be downloaded; one of {', '.join(sources)} is expected")
    pins = {file: value.lower() for file, value in (sha256 or {}).items()}
    files = sources[name]
    for file, value in pins.items():
        if file not in {remote.name for remote in files}:
            raise ConfigError(f"sha256: {name} has no file {file!r}")
        if len(value) != 64 or not set(value) <= set("0123456789abcdef"):
            raise ConfigError(f"sha256: 64 hexadecimal digits are expected for {file}")
    for url in (url for remote in files for url in remote.urls):
        _check_address(url)
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return [_obtain(remote, folder, pins.get(remote.name), pause, progress) for remote in files]


def unpack(archive: Path, folder: Path, limit: int) -> list[Path]:
    """Unpack a zip archive; nothing is left behind unless all of it is sound.

    Args:
        archive: The zip file.
        folder: Destination; each file is moved into place whole.
        limit: Largest sum of unpacked sizes in bytes.

    Returns:
        The unpacked files.

    Raises:
        DataError: If the archive is damaged or encrypted, a member would leave the folder, replace the archive or its
            record, or is not a plain file, or the unpacked size passes the limit, whatever the archive declares.
    """
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unpack.") as scratch:
            try:
                members = _unpack_members(archive, Path(scratch), limit)
            except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
                raise DataError(f"damaged archive: {error}", path=archive) from None
            for member in members:
                (folder / member).parent.mkdir(parents=True, exist_ok=True)
                (Path(scratch) / member).replace(folder / member)
    return [folder / member for member in members]


def _unpack_members(archive: Path, scratch: Path, limit: int) -> list[str]:
    with zipfile.ZipFile(archive) as stream:
        members = [member for member in stream.infolist() if not member.is_dir()]
        left = limit
        for member in members:
            _check_member(archive, member)
            left -= _unpack_member(archive, stream, member, scratch, left)
    return [member.filename for member in members]


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except requests.RequestException:  # an OSError, too, but of the network
        raise
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", path=path) from None


def _obtain(remote: RemoteFile, folder: Path, pin: str | None, pause: float, report: Report) -> Path:
    path = folder / remote.name
    sums = _read_sums(folder / SUMS_FILE)
    expected = pin or remote.sha256 or sums.get(remote.name)
    if not path.is_file() or (expected is not None and pooch.file_hash(str(path)) != expected):
        _fetch(remote, path, expected, pause, report)
    found = pooch.file_hash(str(path))
    if sums.get(remote.name) != found:
        with atomic_write(folder / SUMS_FILE) as stream:
            stream.writelines(f"{value}  {name}\n" for name, value in sorted({**sums, remote.name: found}.items()))
    if path.suffix == ".zip":
        unpack(path, folder, 10 * remote.limit)
    return path


def _fetch(remote: RemoteFile, path: Path, expected: str | None, pause: float, report: Report) -> None:
    """Try every address; the file appears at ``path`` only when it is whole and right."""
    pooch.get_logger().setLevel(logging.WARNING)
    downloader = _Downloader(remote, path.with_name(path.name + ".part"), pause, report)
    reasons = []
    for url in remote.urls:
        try:
            with _written(path):
                pooch.retrieve(url, expected, path.name, path.parent, downloader=downloader)
            return
        except requests.RequestException as error:
            reasons.append(f"{url}: {type(error).__name__}: {error}")
        except (_RefusedError, ValueError) as error:  # pooch says of a checksum that it is another by a ValueError
            reasons.append(f"{url}: {error}")
    listed = "; ".join(reasons)
    message = (
        f"{remote.name} cannot be downloaded ({listed}). Fetch it by hand, e.g. with a browser from {remote.urls[0]}, "
        f"put it at {path}, and run the command again"
    )
    raise DataError(message, path=path)


class _RefusedError(Exception):
    """An address does not give the file, and would not if it were asked again."""


@dataclass(frozen=True)
class _Downloader:
    """What pooch lacks: broken transfers are taken up where they broke, sizes have a limit, redirects stay on https.

    Attributes:
        remote: The file.
        part: Where it grows, beside a record of where it came from.
        pause: Seconds before another try.
        report: Is told of each chunk.
    """

    remote: RemoteFile
    part: Path
    pause: float
    report: Report

    def __call__(self, url: str, output_file: Any, _: Any) -> None:
        """Download a file for :func:`pooch.retrieve`, which checks it and puts it in its place."""
        for tries_left in reversed(range(_TRIES)):
            try:
                self._transfer(url)
                break
            except requests.RequestException:
                if not tries_left:
                    raise
                time.sleep(self.pause)
        self.part.replace(output_file)
        _validator(self.part).unlink(missing_ok=True)

    def _transfer(self, url: str) -> None:
        """Make one request.

        Raises:
            requests.RequestException: If the transfer breaks; what arrived is kept for the next try.
        """
        offset, tag = _resumable(url, self.part)
        headers = {"Accept-Encoding": "identity"}
        if tag is not None:
            headers |= {"Range": f"bytes={offset}-", "If-Range": tag}
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            for hop in (*response.history, response):
                _check_address(hop.url)
            _check_range(response, offset, self.part)
            if response.status_code not in (200, 206):
                raise _RefusedError(f"HTTP {response.status_code}")
            self._write(response, url, offset if response.status_code == 206 else 0)

    def _write(self, response: requests.Response, url: str, done: int) -> None:
        length = response.headers.get("Content-Length", "")
        total = done + int(length) if length.isdecimal() else None
        with self.part.open("ab" if done else "wb") as stream:
            record = {"url": url, "tag": response.headers.get("ETag")}
            _validator(self.part).write_text(json.dumps(record), encoding="utf-8")
            for chunk in response.iter_content(_CHUNK):
                done += len(chunk)
                if done > self.remote.limit:
                    raise _RefusedError(f"it is larger than {self.remote.limit:,} bytes")
                stream.write(chunk)
                if total:
                    self.report(Progress(f"downloading {self.remote.name}", done, total, "bytes"))
        if total is not None and done < total:
            raise requests.ConnectionError(f"the connection broke after {done:,} of {total:,} bytes")


def _check_range(response: requests.Response, offset: int, part: Path) -> None:
    """Raise what another try fixes: a busy server, or a range that does not continue the part."""
    status = response.status_code
    if status >= 500 or status == 429:
        raise requests.HTTPError(f"HTTP {status}")
    continues = response.headers.get("Content-Range", "").startswith(f"bytes {offset}-")
    if status == 416 or (status == 206 and not continues):
        part.unlink(missing_ok=True)
        raise requests.HTTPError("the server does not continue the file; starting afresh")


def _resumable(url: str, part: Path) -> tuple[int, str | None]:
    """Return (bytes at hand, entity tag) of a broken transfer from this address that can be taken up."""
    try:
        record = json.loads(_validator(part).read_text(encoding="utf-8"))
        size = part.stat().st_size
    except (OSError, ValueError):
        return 0, None
    tag = record.get("tag") if isinstance(record, dict) and record.get("url") == url else None
    strong = isinstance(tag, str) and not tag.startswith("W/")
    return (size, tag) if strong and size else (0, None)


def _validator(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ConfigError(f"{url}: an https address is expected")


def _read_sums(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    sums = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        value, separator, name = line.partition("  ")
        if line and not (separator and name and len(value) == 64):
            raise DataError("'<sha256>  <file>' is expected", path=path, line=number)
        if line:
            sums[name] = value
    return sums


def _check_member(archive: Path, member: zipfile.ZipInfo) -> None:
    name = PurePosixPath(member.filename)
    if name.is_absolute() or ".." in name.parts or "\\" in member.filename or ":" in member.filename:
        raise DataError(f"member {member.filename!r} would leave the folder", path=archive)
    if member.filename in (SUMS_FILE, archive.name):
        raise DataError(f"member {member.filename!r} would replace what the archive is checked by", path=archive)
    mode = member.external_attr >> 16
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        raise DataError(f"member {member.filename!r} is not a plain file", path=archive)


def _unpack_member(archive: Path, stream: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, left: int) -> int:
    """Unpack one member and return its size; ``left`` bytes are allowed."""
    path = folder / member.filename
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with stream.open(member) as source, path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > left:
                raise DataError(f"member {member.filename!r} passes the limit of unpacked bytes", path=archive)
            target.write(chunk)
    return size
