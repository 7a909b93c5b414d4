"""Approximate search: which items may score best, by an index of FAISS; their scores are computed exactly afterwards.

Source: design sections 4 (step 4) and 7. FAISS: Douze et al., "The Faiss library", 2024, arXiv:2401.08281.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from pecrs.data.progress import Report, silent, tracked
from pecrs.errors import CheckpointError, ConfigError

_ALIGNED = 16
"""FAISS vectors are padded to a multiple of it, or to one that the product quantiser of a description divides."""

_CHUNK = 2**15
"""Vectors given to FAISS at once."""

_TRAINING_VECTORS = 2**17
"""At most so many train quantisers; FAISS itself takes 256 a centroid or fewer."""

_EXPLORED = 2048
"""Entries of a graph that a search keeps in view, where nothing else is asked for: three times the paper's M_inference.
FAISS itself takes 16."""

_ROUNDED = 3
"""An index that holds less than vectors orders them badly: it is asked for so many times the items that are wanted."""

_PROBED, _SEEN = 16, 2**16
"""A search looks into one of so many inverted lists, and into as many as hold so many items, where nothing else is
asked for; FAISS itself takes one list."""


def faiss() -> Any:
    """Return the library.

    Raises:
        ConfigError: If it is not installed.
    """
    try:
        import faiss as library
    except ImportError:
        raise ConfigError("faiss is missing: pip install 'pecrs[scale]'") from None
    return library


@dataclass(frozen=True, eq=False)
class NearestItems:
    """A FAISS index over the directions and the biases of items, as one catalogue sees it.

    The FAISS index never changes, so catalogues share it and it may lie on disk: entries of items that are gone are
    passed over, and items that have none are named, to be scored one and all.

    Attributes:
        index: The FAISS index, of the largest inner product.
        entries: (E,) catalogue index of each of its entries, -1 where the item is gone.
        outside: Catalogue indices of the items that have no entry.
    """

    index: Any
    entries: NDArray[np.int64]
    outside: Tensor

    @classmethod
    def build(
        cls, vectors: Tensor, bias: Tensor | None, description: str, search: str = "", report: Report = silent
    ) -> Self:
        """Train and fill an index.

        Args:
            vectors: (N, d) item vectors, which may be memory-mapped; their lengths do not count.
            bias: (N,) what is added to the inner product with an item's direction, or None.
            description: As FAISS's ``index_factory`` takes it: ``Flat``, ``HNSW32``, ``IVF1024,PQ64``.
            search: Its parameters, as in ``efSearch=512`` or ``nprobe=32``; see :func:`default_search`. Those of
                building, as in ``efConstruction=200``, may stand among them.
            report: Is told how many items are in the index.

        Raises:
            ConfigError: If FAISS does not know the description or the parameters, or cannot leave entries out.
        """
        width = _padded(vectors.shape[1] + (bias is not None), description)

        def entries(some: slice) -> NDArray[np.float32]:
            directions = F.normalize(vectors[some].float(), dim=1)
            return _padded_to(width, directions, None if bias is None else bias[some])

        try:
            index = _made(width, description, search or default_search(description, len(vectors)))
            if not index.is_trained:
                index.train(entries(slice(None, None, -(-len(vectors) // _TRAINING_VECTORS))))
            starts = range(0, len(vectors), _CHUNK)
            for start in tracked(starts, "building the search", len(starts), report):
                index.add(entries(slice(start, start + _CHUNK)))
            built = cls(index, np.arange(len(vectors)), torch.empty(0, dtype=torch.long))
            allowed = torch.arange(len(vectors)) < 1
            built.search(vectors[0], 1, allowed)  # some kinds can leave nothing out
        except RuntimeError as error:
            raise ConfigError(f"index {description}: {_reason(error)} (vectors have {width} dimensions)") from None
        return built

    @classmethod
    def load(cls, path: Path, count: int, width: int, search: str, *, mapped: bool = True) -> Self:
        """Read what :meth:`save` wrote.

        Args:
            path: The file.
            count: Number of items that it must hold.
            width: Least number of dimensions that its vectors must have.
            search: As for :meth:`build`.
            mapped: Leave on disk what this kind of index can leave there.

        Raises:
            CheckpointError: If it is broken, or of another size.
            ConfigError: If FAISS does not know the parameters of search.
        """
        library = faiss()
        try:
            index = library.read_index(str(path), library.IO_FLAG_MMAP_IFC if mapped else 0)
        except RuntimeError as error:
            raise CheckpointError(f"{path}: cannot be read: {_reason(error)}") from None
        if index.ntotal != count or index.d < width or index.metric_type != library.METRIC_INNER_PRODUCT:
            raise CheckpointError(f"{path}: is not an index of {count:,} items with {width} dimensions")
        _set_search(index, search)
        return cls(index, np.arange(count), torch.empty(0, dtype=torch.long))

    def save(self, path: Path) -> None:
        """Write the FAISS index, with what is gone and without what is outside.

        Raises:
            CheckpointError: If the file cannot be written.
        """
        new = path.with_name(f".{path.name}")
        try:
            faiss().write_index(self.index, str(new))
            new.replace(path)
        except (RuntimeError, OSError) as error:
            raise CheckpointError(f"{path}: cannot be written: {_reason(error)}") from None

    def changed(self, places: Tensor, size: int) -> Self:
        """Return the index as a changed catalogue sees it.

        Args:
            places: (N,) index in the changed catalogue of each present item, -1 where it is gone or replaced.
            size: Items of the changed catalogue.
        """
        entries = np.where(self.entries >= 0, places.numpy()[self.entries], -1)
        outside = torch.ones(size, dtype=torch.bool)
        outside[torch.from_numpy(entries[entries >= 0])] = False
        return replace(self, entries=entries, outside=torch.nonzero(outside).flatten())

    def search(self, query: Tensor, count: int, allowed: Tensor | None = None) -> Tensor:
        """Return the items that FAISS finds nearest, and those that it does not know.

        Args:
            query: (d,) whose inner products with the directions of items, plus their biases, are largest.
            count: How many of the nearest are wanted.
            allowed: (N,) which items it may find, on the CPU; None allows all.

        Returns:
            Catalogue indices, none twice: up to ``count``, or thrice as many from an index that holds less than
            vectors, and all that are ``outside``, allowed or not.
        """
        wanted = self.entries >= 0
        if allowed is not None:
            wanted &= allowed.numpy()[self.entries]
        parameters = None
        if not wanted.all():
            selector = faiss().IDSelectorBitmap(np.packbits(wanted, bitorder="little"))
            parameters = _leaving_out(self.index, selector)
        augmented = _padded_to(self.index.d, query[None], torch.ones(1))
        _, labels = self.index.search(augmented, count * (_ROUNDED if _rounds(self.index) else 1), params=parameters)
        found = self.entries[labels[0][labels[0] >= 0]]
        return torch.cat([torch.from_numpy(found), self.outside])


def check_search(width: int, description: str, search: str = "") -> None:
    """Raise what :meth:`NearestItems.build` would raise that does not depend on the items.

    Args:
        width: Dimensions of the vectors, one more where items have biases.
        description: As FAISS's ``index_factory`` takes it.
        search: Its parameters.

    Raises:
        ConfigError: If FAISS is missing, or does not know the description or the parameters.
    """
    try:
        _made(_padded(width, description), description, search)
    except RuntimeError as error:
        raise ConfigError(f"index {description}: {_reason(error)} (vectors have {width} dimensions)") from None


def default_search(description: str, items: int) -> str:
    """Return parameters of search that find most of what there is, where FAISS's own find little.

    Args:
        description: As FAISS's ``index_factory`` takes it.
        items: How many there are.

    >>> [default_search(kind, 2_000_000) for kind in ("HNSW32", "OPQ64_384,IVF4096,PQ64", "Flat")]
    ['efSearch=2048', 'nprobe=256', '']
    >>> default_search("IVF1000,PQ64", 100_000), default_search("IVF100,PQ64", 10_000)
    ('nprobe=656', 'nprobe=100')
    """
    lists = re.search(r"IVF(\d+)", description)
    if lists:
        count = int(lists[1])
        return f"nprobe={min(count, max(-(-count // _PROBED), -(-count * _SEEN // items)))}"
    return f"efSearch={_EXPLORED}" if "HNSW" in description else ""


def _made(width: int, description: str, search: str) -> Any:
    library = faiss()
    index = library.index_factory(width, description, library.METRIC_INNER_PRODUCT)
    _prepare(index)
    _set_search(index, search)
    return index


def _padded(width: int, description: str) -> int:
    parts = [int(count) for count in re.findall(r"PQ(\d+)", description)]
    multiple = math.lcm(*parts) if parts else _ALIGNED
    return -(-width // multiple) * multiple


def _padded_to(width: int, directions: Tensor, bias: Tensor | None) -> NDArray[np.float32]:
    """Return vectors whose inner products are those of the directions, plus the product of the biases."""
    padded = np.zeros((len(directions), width), dtype=np.float32)
    own = directions.shape[1]
    padded[:, :own] = directions.detach().cpu().numpy()
    if bias is not None and width > own:
        padded[:, own] = bias.detach().cpu().numpy()
    return padded


def _leaving_out(index: Any, selector: Any) -> Any:
    """Return parameters of one search, since FAISS takes a selector only together with all others."""
    library = faiss()
    index = library.downcast_index(index)
    if isinstance(index, library.IndexHNSW):
        return library.SearchParametersHNSW(sel=selector, efSearch=index.hnsw.efSearch)
    if isinstance(index, library.IndexIVF):
        return library.SearchParametersIVF(sel=selector, nprobe=index.nprobe)
    if isinstance(index, library.IndexPreTransform):
        return library.SearchParametersPreTransform(index_params=_leaving_out(index.index, selector))
    if isinstance(index, library.IndexRefine):
        base = _leaving_out(index.base_index, selector)
        return library.IndexRefineSearchParameters(k_factor=index.k_factor, base_index_params=base)
    return library.SearchParameters(sel=selector)


def _rounds(index: Any) -> bool:
    """Tell whether an index holds less than single precision of each number."""
    return bool(_storage(index).sa_code_size() < np.dtype(np.float32).itemsize * index.d)


def _storage(index: Any) -> Any:
    """Return the part of an index that holds vectors, or codes of them, by which it orders in the end."""
    library = faiss()
    index = library.downcast_index(index)
    if isinstance(index, library.IndexPreTransform):
        return _storage(index.index)
    if isinstance(index, library.IndexRefine):
        return _storage(index.refine_index)
    return _storage(index.storage) if isinstance(index, library.IndexHNSW) else index


def _prepare(index: Any) -> None:
    """Leave out what no search here uses, codes that can be compared bit by bit: most of the time of training.

    FAISS warns for each quantiser that has few items to learn from, as all of a small catalogue have; not here.
    """
    library = faiss()
    index = library.downcast_index(index)
    if isinstance(index, library.IndexIVF):
        index.cp.min_points_per_centroid = 1
    if isinstance(index, library.IndexIVFPQ):
        index.do_polysemous_training = False
    if isinstance(index, library.IndexIVFPQ | library.IndexPQ):
        index.pq.cp.min_points_per_centroid = 1
    if isinstance(index, library.IndexHNSW):
        _prepare(index.storage)
    if isinstance(index, library.IndexPreTransform):
        _prepare(index.index)
    if isinstance(index, library.IndexRefine):
        _prepare(index.base_index)


def _set_search(index: Any, search: str) -> None:
    if not search:
        return
    for name, value in re.findall(r"(efSearch|efConstruction|nprobe)=([^,]*)", search):
        if not re.fullmatch(r"[1-9]\d*", value.strip()):
            raise ConfigError(f"search {search}: {name}: a whole number from 1 is expected")
    try:
        faiss().ParameterSpace().set_index_parameters(index, search)
    except RuntimeError as error:
        raise ConfigError(f"search {search}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """Return what FAISS says, without where in its sources it says so."""
    text = re.sub(r"^Error in .*? at \S+:\d+: ", "", str(error).strip(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)
