"""A catalogue of any size -> item vectors in shards: read, encoded and written piece by piece, each piece once.

The folder that results holds ``catalogue.jsonl``, ``shards/000000.safetensors`` and so on, and ``manifest.json``, which
is written last. Memory holds one shard at a time; a run that was killed goes on after the last shard it wrote.

Source: design section 7; PECRS §3.2, eq. 1.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pecrs.data.catalogue import Catalogue, CatalogueHeader, Item, ItemText, read_header, read_items
from pecrs.data.files import atomic_write, open_text, write_json
from pecrs.data.progress import Progress, Report, silent
from pecrs.errors import CheckpointError, DataError
from pecrs.model.pecrs import PecrsModel

SHARD_ITEMS = 16384
"""Items a shard, where nothing else is asked for."""

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.jsonl"
FORMAT = 1

_READ_TOGETHER = 512
"""Items whose token states are held in memory at once."""


@dataclass(frozen=True)
class Shard:
    """Items that follow one another in a catalogue, encoded together.

    Attributes:
        number: Place among the shards, from 0.
        items: The items, in catalogue order.
        text: Says which fields make an item's text; None takes the model's own catalogue.
    """

    number: int
    items: tuple[Item, ...]
    text: ItemText | None = None


Encode = Callable[[Iterable[Shard]], Iterable[tuple[int, Tensor]]]
"""Shards -> their numbers and vectors, in any order: on this machine, or spread over a cluster."""


@dataclass(frozen=True)
class Manifest:
    """What a folder of item vectors was made of.

    Attributes:
        format: Of the folder.
        model: SHA-256 of all that vectors depend on; see :func:`model_digest`.
        catalogue: SHA-256 of the catalogue's file.
        items: Number of items N.
        width: Length d of a vector.
        shards: SHA-256 of each shard's items.
    """

    format: int
    model: str
    catalogue: str
    items: int
    width: int
    shards: tuple[str, ...]


def own_places(catalogue: Catalogue, items: Iterable[Item]) -> list[int]:
    """Return where a catalogue has the same items under the same ids, by the text that is read; -1 where it has not.

    Args:
        catalogue: A model's own.
        items: What is looked for.
    """

    def place(item: Item) -> int:
        if item.id not in catalogue:
            return -1
        found = catalogue.index(item.id)
        return found if catalogue.text_fields(catalogue.items[found]) == catalogue.text_fields(item) else -1

    return [place(item) for item in items]


class _Tally:
    """Adds up how many items of a catalogue are encoded, and reports it."""

    def __init__(self, total: int, report: Report) -> None:
        self._done, self._total, self._report = 0, total, report
        self.add(0)

    def add(self, count: int) -> None:
        self._done += count
        self._report(Progress("encoding items", self._done, self._total))


def read_text(model: PecrsModel, fields: Sequence[str], limits: Mapping[str, int]) -> ItemText:
    """Return which fields a model reads of a catalogue: its own where all are declared, else those that are.

    Args:
        model: The model.
        fields: What the catalogue declares.
        limits: Its limits of values.
    """
    own = model.catalogue
    return ItemText(own.fields, own.limits) if set(own.fields) <= set(fields) else ItemText(tuple(fields), limits)


@torch.no_grad()
def encode_shard(
    model: PecrsModel,
    items: Sequence[Item],
    add: Callable[[int], None] | None = None,
    text: ItemText | None = None,
) -> Tensor:
    """Return the vectors (n, d) of items: a function of the model and the items alone.

    Items of the model's own catalogue have the vectors that the model knows them by; others are read by the frozen
    reader and the item head.

    Args:
        model: In evaluation mode.
        items: Of any catalogue.
        add: Is told how many more items have vectors.
        text: Says which fields are read; None takes the model's own catalogue.
    """
    add = add or (lambda count: None)
    places = torch.tensor(own_places(model.catalogue, items), dtype=torch.long)
    vectors = model.catalogue_vectors[places.clamp_min(0)].cpu()
    new = torch.nonzero(places < 0).flatten().tolist()
    add(len(items) - len(new))
    for start in range(0, len(new), _READ_TOGETHER):
        rows = new[start : start + _READ_TOGETHER]
        vectors[rows] = model.encode_new_items([items[row] for row in rows], text).to(vectors)
        add(len(rows))
    return vectors


def read_shards(path: Path, size: int, text: ItemText | None = None) -> Iterator[Shard]:
    """Yield the shards of a catalogue, holding one at a time.

    Args:
        path: ``catalogue.jsonl``.
        size: Items a shard; the last one may have fewer.
        text: Says which fields are read; None takes the model's own catalogue.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    items = (item for _, item in read_items(path))
    chunks = iter(lambda: tuple(islice(items, size)), ())
    return (Shard(number, chunk, text) for number, chunk in enumerate(chunks))


def model_digest(model: PecrsModel) -> str:
    """Return a SHA-256 over all that item vectors depend on: reader, tokeniser, item head, the model's own items."""
    reader, names, limit = model.reader, model.catalogue.fields, model.data.max_item_tokens
    digest = hashlib.sha256(f"{reader.fingerprint()} {reader.vocabulary.signature} {limit} {names}".encode())
    digest.update(repr(sorted(model.catalogue.limits.items())).encode())
    for name, tensor in sorted(model.item_encoder.state_dict().items()):
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().reshape(-1).view(torch.uint8).numpy().tobytes())
    # Own vectors may be normalised when they are loaded, and differ in the last bit on another machine: signs do not.
    digest.update(np.packbits((model.catalogue_vectors > 0).cpu().numpy()).tobytes())
    digest.update(_digest(model.catalogue, model.catalogue.items).encode())
    return digest.hexdigest()


def _remove_others(folder: Path, shards: int) -> None:
    """Remove files of a longer catalogue, of smaller shards, or half written ones."""
    kept = {shard_path(folder, number).name for number in range(shards)}
    for path in (folder / "shards").iterdir():
        if path.name not in kept:
            path.unlink()


def encode_catalogue(
    model: PecrsModel,
    catalogue: Path,
    folder: Path,
    *,
    shard_items: int = SHARD_ITEMS,
    encode: Encode | None = None,
    report: Report = silent,
) -> Manifest:
    """Write the vectors of a catalogue to a folder; shards that are there from the same model and items are kept.

    Args:
        model: In evaluation mode.
        catalogue: ``catalogue.jsonl``, see :func:`read_text`; compressed if it ends in ``.gz``.
        folder: Destination, made where missing. It gets a copy of the catalogue.
        shard_items: Items a shard.
        encode: Where the work is done; None does it here, one shard after another.
        report: Is told how many items are encoded; those that are there count as well.

    Raises:
        CheckpointError: If the folder cannot be written, or holds something else.
        DataError: If the catalogue is wrong.
    """
    header = _checked(catalogue)
    text = read_text(model, header.fields, header.limits)
    _open(folder)
    copy = _copied(catalogue, folder)
    known, width = model_digest(model), model.catalogue_vectors.shape[1]
    digests, sizes = list[str](), list[int]()
    tally = _Tally(_count(copy), report)

    def missing() -> Generator[Shard, None, None]:
        for shard in read_shards(copy, shard_items, text):
            digests.append(_digest(text, shard.items))
            sizes.append(len(shard.items))
            if not _is_finished(shard_path(folder, shard.number), known, digests[-1], (sizes[-1], width)):
                yield shard
            else:
                tally.add(sizes[-1])

    with closing(missing()) as shards:
        here = ((shard.number, encode_shard(model, shard.items, tally.add, text)) for shard in shards)
        for number, vectors in here if encode is None else encode(shards):
            _write(shard_path(folder, number), vectors, known, digests[number])
            if encode is not None:
                tally.add(sizes[number])
    _remove_others(folder, len(sizes))
    manifest = Manifest(FORMAT, known, file_digest(copy), sum(sizes), width, tuple(digests))
    write_json(folder / MANIFEST, asdict(manifest))
    return manifest


def shard_path(folder: Path, number: int) -> Path:
    """Return where a shard lies."""
    return folder / "shards" / f"{number:06}.safetensors"


def read_manifest(folder: Path) -> Manifest:
    """Read what :func:`encode_catalogue` wrote last.

    Raises:
        CheckpointError: If it is missing, broken or of another format.
    """
    path = folder / MANIFEST
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise CheckpointError(f"{folder}: not a complete index: {MANIFEST} is missing") from None
    except ValueError as error:
        raise CheckpointError(f"{path}: broken JSON: {error}") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT or set(record) != _NAMES:
        raise CheckpointError(f"{path}: not an index of format {FORMAT}")
    return Manifest(**{**record, "shards": tuple(record["shards"])})


_NAMES = {field.name for field in fields(Manifest)}


def load_encoded(model: PecrsModel, folder: Path) -> tuple[Catalogue, Tensor]:
    """Read an encoded catalogue.

    Args:
        model: The model that it was encoded with.
        folder: What :func:`encode_catalogue` wrote.

    Returns:
        The items, described by the fields that were read, and their vectors (N, d): mapped from the disk where
        there is one shard, in memory where there are several.

    Raises:
        CheckpointError: If a file is missing, broken or another than the manifest says, or the model is another.
    """
    manifest = read_manifest(folder)
    if manifest.model != model_digest(model):
        raise CheckpointError(f"{folder}: was made with another model; build it again")
    path = folder / CATALOGUE
    if file_digest(path) != manifest.catalogue:
        raise CheckpointError(f"{path}: is another catalogue than that which was encoded")
    shards = [
        _read(shard_path(folder, number), manifest.model, digest) for number, digest in enumerate(manifest.shards)
    ]
    vectors = shards[0] if len(shards) == 1 else torch.cat(shards)
    if vectors.shape != (manifest.items, manifest.width):
        raise CheckpointError(f"{folder}: holds vectors of shape {tuple(vectors.shape)}, not as {MANIFEST} says")
    catalogue = Catalogue.load(path)
    text = read_text(model, catalogue.fields, catalogue.limits)
    return Catalogue(catalogue.items, text.fields, text.limits), vectors


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        CheckpointError: If it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from None


def _count(catalogue: Path) -> int:
    """Return the number of items, one a line below the header."""
    with open_text(catalogue) as stream:
        return max(0, sum(1 for line in stream if line.strip()) - 1)


def _open(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "shards").is_dir():
        raise CheckpointError(f"{folder}: not replaced: it is not an index")
    try:
        (folder / "shards").mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {error.strerror or error}") from None


def _copied(catalogue: Path, folder: Path) -> Path:
    """Keep the items beside their vectors, so that both stay together."""
    copy = folder / CATALOGUE
    with open_text(catalogue) as source, atomic_write(copy) as target:
        shutil.copyfileobj(source, target)
    return copy


def _checked(catalogue: Path) -> CatalogueHeader:
    """Return a catalogue's header, all of it read once: a mistake costs neither an hour nor the index that is there."""
    header = read_header(catalogue)
    known: set[str] = set()
    for line, item in read_items(catalogue):
        if item.id in known:
            raise DataError(f"duplicate item id {item.id!r}", path=catalogue, line=line, field="id")
        known.add(item.id)
    if not known:
        raise DataError("the catalogue is empty", path=catalogue)
    return header


def _digest(catalogue: Catalogue | ItemText, items: Sequence[Item]) -> str:
    digest = hashlib.sha256()
    for item in items:
        digest.update(repr((item.id, catalogue.text_fields(item))).encode())
    return digest.hexdigest()


def _write(path: Path, vectors: Tensor, model: str, items: str) -> None:
    try:
        new = path.with_name(f".{path.name}")
        save_file({"vectors": vectors.contiguous()}, new, _source(model, items))
        new.replace(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: cannot be written: {error}") from None


def _source(model: str, items: str) -> dict[str, str]:
    return {"made of": f"model {model}, items {items}"}  # one entry: several would be written in any order


def _is_finished(path: Path, model: str, items: str, shape: tuple[int, int]) -> bool:
    try:
        with safe_open(path, framework="pt") as stored:
            about = stored.metadata() or {}
            found = tuple(stored.get_slice("vectors").get_shape())
    except (SafetensorError, OSError):  # missing, or broken by a crash: made anew
        return False
    return about == _source(model, items) and found == shape


def _read(path: Path, model: str, items: str) -> Tensor:
    try:
        with safe_open(path, framework="pt") as stored:
            about = stored.metadata() or {}
            vectors = cast(Tensor, stored.get_tensor("vectors"))
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}") from None
    if about != _source(model, items):
        raise CheckpointError(f"{path}: holds other items than {MANIFEST} says, or is of another model")
    return vectors
