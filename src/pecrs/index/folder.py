"""An index as a folder: encoded items, and where it is wanted a search of FAISS over them.

Beside what :mod:`pecrs.index.encoding` writes the folder holds ``items.faiss`` and, written last, ``search.json``.

Source: design section 7.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from pecrs.data.catalogue import Catalogue
from pecrs.data.files import write_json
from pecrs.data.progress import Report, silent
from pecrs.errors import CheckpointError, ConfigError
from pecrs.index.encoding import MANIFEST, SHARD_ITEMS, Encode, encode_catalogue, file_digest, load_encoded
from pecrs.index.items import ItemIndex
from pecrs.index.nearest import NearestItems, check_search, default_search
from pecrs.model.pecrs import PecrsModel

SEARCH = "search.json"
_FAISS = "items.faiss"
_FORMAT = 1


@dataclass(frozen=True)
class SearchManifest:
    """What a FAISS index was made of.

    Attributes:
        format: Of the file.
        description: As FAISS's ``index_factory`` takes it.
        search: Parameters of search.
        manifest: SHA-256 of the manifest of the vectors.
        bias: SHA-256 of the biases.
        index: SHA-256 of the index's file.
    """

    format: int
    description: str
    search: str
    manifest: str
    bias: str
    index: str


def build_index(
    model: PecrsModel,
    catalogue: Path,
    folder: Path,
    description: str = "",
    search: str = "",
    *,
    unseen_bias: float = 0.0,
    shard_items: int = SHARD_ITEMS,
    encode: Encode | None = None,
    report: Report = silent,
) -> int:
    """Encode a catalogue and, where it is wanted, build an approximate search over it.

    Args:
        model: In evaluation mode.
        catalogue: ``catalogue.jsonl``.
        folder: Destination; what it holds of a run that was killed, or of another search, is not encoded again.
        description: As FAISS's ``index_factory`` takes it: ``HNSW32``, ``IVF1024,PQ64``; empty for exact search.
        search: Its parameters of search, as in ``efSearch=512``; empty: :func:`pecrs.index.nearest.default_search`.
        unseen_bias: ``generation.unseen_bias``.
        shard_items: Items a shard.
        encode: Where items are encoded; see :func:`pecrs.index.encoding.encode_catalogue`.
        report: Is told how many items are encoded, and how many the search holds.

    Returns:
        The number of items.

    Raises:
        CheckpointError: If the folder cannot be written, or holds something else.
        ConfigError: If FAISS is missing or does not know the description or the parameters, cannot build the search
            over so few items, or the catalogue lacks a field. The search that is there is kept.
        DataError: If the catalogue is wrong.
    """
    if search and not description:
        raise ConfigError("search: exact search has no parameters; they go with a kind of index")
    if description:  # before an hour of encoding
        biased = ItemIndex.of_model(model, unseen_bias).bias is not None
        check_search(model.catalogue_vectors.shape[1] + biased, description, search)
    encode_catalogue(model, catalogue, folder, shard_items=shard_items, encode=encode, report=report)
    items, vectors = load_encoded(model, folder)
    if not description:
        for name in (SEARCH, _FAISS):
            (folder / name).unlink(missing_ok=True)
        return len(items)
    index = ItemIndex.of_catalogue(model, items, vectors, unseen_bias)
    search = search or default_search(description, len(items))
    NearestItems.build(vectors, index.shared_bias, description, search, report).save(folder / _FAISS)
    digests = (file_digest(folder / MANIFEST), index.bias_digest(), file_digest(folder / _FAISS))
    write_json(folder / SEARCH, asdict(SearchManifest(_FORMAT, description, search, *digests)))
    return len(items)


def load_index(model: PecrsModel, folder: Path, unseen_bias: float = 0.0) -> tuple[Catalogue, ItemIndex]:
    """Read what :func:`build_index` wrote; a FAISS index stays on disk where its kind allows.

    Args:
        model: The model that it was built with.
        folder: The index.
        unseen_bias: ``generation.unseen_bias``, the same as it was built with.

    Raises:
        CheckpointError: If a file is missing, broken or foreign, or the model is another.
        ConfigError: If FAISS is needed and missing.
    """
    catalogue, vectors = load_encoded(model, folder)
    index = ItemIndex.of_catalogue(model, catalogue, vectors, unseen_bias)
    if not (folder / SEARCH).exists():
        return catalogue, index
    manifest, path = _read_search(folder / SEARCH), folder / _FAISS
    if manifest.manifest != file_digest(folder / MANIFEST):
        raise CheckpointError(f"{path}: was built over other items; build it again")
    if manifest.bias != index.bias_digest():
        raise CheckpointError(f"{path}: was built with other biases than the model's; build it again")
    if manifest.index != file_digest(path):
        raise CheckpointError(f"{path}: is another file than {SEARCH} says")
    width = vectors.shape[1] + (index.bias is not None)
    return catalogue, replace(index, nearest=NearestItems.load(path, len(catalogue), width, manifest.search))


def _read_search(path: Path) -> SearchManifest:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: broken: {error}") from None
    names = {field.name for field in fields(SearchManifest)}
    if not isinstance(record, dict) or record.get("format") != _FORMAT or set(record) != names:
        raise CheckpointError(f"{path}: not a search of format {_FORMAT}")
    return SearchManifest(**record)
