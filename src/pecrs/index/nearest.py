"""Approximate search: which items may score best, by an index of FAISS; their scores are computed exactly afterwards.

Source: design sections 4 (step 4) and 7. FAISS: Douze et al., "The Faiss library", 2024, arXiv:2401.08281.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from pecrs.errors import CheckpointError, ConfigError

_DIMENSIONS = 16
"""FAISS vectors are padded to a multiple of it, so that product quantisers find parts of equal size."""

_CHUNK = 2**15
"""Vectors given to FAISS at once."""

_TRAINING_VECTORS = 2**17
"""At most so many train quantisers; FAISS itself takes 256 a centroid or fewer."""


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


class _Grown:
    """An index that several catalogues share; it only ever grows, so that none of them is disturbed."""

    def __init__(self, index: Any) -> None:
        self.index = index
        self.lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class NearestItems:
    """A FAISS index over the directions and the biases of items, as one catalogue sees it.

    Adding items appends to the FAISS index, which earlier catalogues share and do not see; removing them hides their
    entries. Nothing is rebuilt. Entries that are gone cost memory until the index is built anew.

    Attributes:
        grown: The FAISS index, maximum inner product.
        items: (E,) catalogue index of each of its entries, -1 where the item is gone.
    """

    grown: _Grown
    items: NDArray[np.int64]

    @classmethod
    def build(cls, vectors: Tensor, bias: Tensor | None, description: str, search: str = "") -> Self:
        """Train and fill an index.

        Args:
            vectors: (N, d) item vectors, which may be memory-mapped; their lengths do not count.
            bias: (N,) what is added to the inner product with an item's direction, or None.
            description: As :func:`faiss.index_factory` takes it: ``Flat``, ``HNSW32``, ``IVF1024,PQ80``.
            search: Its parameters of search: ``efSearch=256``, ``nprobe=32``.

        Raises:
            ConfigError: If FAISS does not know the description or the parameters.
        """
        library, width = faiss(), _padded(vectors.shape[1])
        try:
            index = library.index_factory(width, description, library.METRIC_INNER_PRODUCT)
            if isinstance(library.downcast_index(index), library.IndexIDMap):
                raise ConfigError(f"--index {description}: items are numbered already; leave IDMap out")
            if not index.is_trained:
                step = max(1, len(vectors) // _TRAINING_VECTORS)
                index.train(_entries(vectors[::step], None if bias is None else bias[::step]))
        except RuntimeError as error:
            raise ConfigError(f"--index {description}: {_reason(error)} (vectors have {width} dimensions)") from None
        _set_search(index, search)
        for start in range(0, len(vectors), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            index.add(_entries(vectors[chunk], None if bias is None else bias[chunk]))
        return cls(_Grown(index), np.arange(len(vectors)))

    @classmethod
    def load(cls, path: Path, count: int, search: str = "", *, mapped: bool = False) -> Self:
        """Read what :meth:`save` wrote.

        Args:
            path: The file.
            count: Number of items that it must hold.
            search: As for :meth:`build`.
            mapped: Leave the vectors on disk, where the kind of index allows it.

        Raises:
            CheckpointError: If it is broken, or of another size.
        """
        library = faiss()
        try:
            index = library.read_index(str(path), library.IO_FLAG_MMAP if mapped else 0)
        except RuntimeError as error:
            raise CheckpointError(f"{path}: cannot be read: {_reason(error)}") from None
        if index.ntotal != count:
            raise CheckpointError(f"{path}: holds {index.ntotal:,} items, not {count:,}")
        _set_search(index, search)
        return cls(_Grown(index), np.arange(count))

    def save(self, path: Path) -> None:
        """Write the FAISS index; all its entries must be items, as after :meth:`build`."""
        assert (self.items == np.arange(len(self.items))).all()
        faiss().write_index(self.grown.index, str(path))

    def changed(self, places: Tensor, fresh: Tensor, vectors: Tensor, bias: Tensor | None) -> Self:
        """Return the index of a changed catalogue.

        Args:
            places: (N,) index in the changed catalogue of each present item, -1 where it is gone or replaced.
            fresh: (n,) index in the changed catalogue of each item that is new or a replacement.
            vectors: (n, d) their vectors.
            bias: (n,) their biases, or None.
        """
        moved = np.where(self.items >= 0, places.numpy()[self.items], -1)
        with self.grown.lock:
            unseen = self.grown.index.ntotal - len(moved)  # what a sibling has added since
            if len(fresh):
                self.grown.index.add(_entries(vectors, bias))
        return replace(self, items=np.concatenate([moved, np.full(unseen, -1), fresh.numpy()]))

    def search(self, queries: Tensor, count: int, allowed: Tensor | None = None) -> list[Tensor]:
        """Return the items that FAISS finds nearest.

        Args:
            queries: (n, d) directions; a bias is added to their inner products with items.
            count: How many each.
            allowed: (n, N) which items may be found; None allows all.

        Returns:
            Catalogue indices for each query, at most ``count`` and no item twice.
        """
        library, found = faiss(), []
        augmented = _augmented(queries, torch.ones(len(queries)))
        present = self.items >= 0
        with self.grown.lock:
            index = self.grown.index
            for row, query in enumerate(augmented):
                wanted = present if allowed is None else present & allowed[row].cpu().numpy()[self.items]
                selector = None
                if not wanted.all() or len(wanted) < index.ntotal:
                    selector = library.IDSelectorBitmap(np.packbits(wanted, bitorder="little"))
                _, labels = index.search(query[None], count, params=_parameters(library, index, selector))
                found.append(torch.from_numpy(self.items[labels[0][labels[0] >= 0]]))
        return found


def _padded(width: int) -> int:
    return -(-(width + 1) // _DIMENSIONS) * _DIMENSIONS


def _entries(vectors: Tensor, bias: Tensor | None) -> NDArray[np.float32]:
    return _augmented(functional.normalize(vectors.float(), dim=1), bias)


def _augmented(directions: Tensor, bias: Tensor | None) -> NDArray[np.float32]:
    """Return vectors whose inner products are those of the directions, and the product of the biases on top."""
    width = directions.shape[1]
    augmented = np.zeros((len(directions), _padded(width)), dtype=np.float32)
    augmented[:, :width] = directions.detach().cpu().numpy()
    if bias is not None:
        augmented[:, width] = bias.detach().cpu().numpy()
    return augmented


def _parameters(library: Any, index: Any, selector: Any) -> Any:
    """Return parameters of one search, since FAISS takes a selector only together with all others."""
    index = library.downcast_index(index)
    if isinstance(index, library.IndexHNSW):
        return library.SearchParametersHNSW(sel=selector, efSearch=index.hnsw.efSearch)
    if isinstance(index, library.IndexIVF):
        return library.SearchParametersIVF(sel=selector, nprobe=index.nprobe)
    if isinstance(index, library.IndexPreTransform):
        return library.SearchParametersPreTransform(index_params=_parameters(library, index.index, selector))
    if isinstance(index, library.IndexRefine):
        base = _parameters(library, index.base_index, selector)
        return library.IndexRefineSearchParameters(k_factor=index.k_factor, base_index_params=base)
    return library.SearchParameters(sel=selector)


def _set_search(index: Any, search: str) -> None:
    if not search:
        return
    try:
        faiss().ParameterSpace().set_index_parameters(index, search)
    except RuntimeError as error:
        raise ConfigError(f"--search {search}: {_reason(error)}") from None


def _reason(error: RuntimeError) -> str:
    """Return what FAISS says, without where in its sources it says so."""
    text = re.sub(r"^Error in .*? at \S+:\d+: ", "", str(error).strip(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)
