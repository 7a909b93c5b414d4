"""Item vectors of a large catalogue, made by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from torch import Tensor

from pecrs.cluster.jobs import spread
from pecrs.cluster.session import ClusterSettings
from pecrs.index.encoding import Encode, Shard, encode_shard
from pecrs.model.persistence.folder import from_pretrained


def cluster_encoder(folder: Path, settings: ClusterSettings, device_map: str = "") -> Encode:
    """Return what :func:`pecrs.index.encoding.encode_catalogue` spreads its shards by.

    With as many threads as one process computes with, and where it computes, vectors are the same to the last bit.

    Args:
        folder: A model folder; all machines must find it under the same path.
        settings: Where and by how many.
        device_map: Where each worker puts the backbone, among the devices that it sees.
    """

    def encode(shards: Iterable[Shard]) -> Iterator[tuple[int, Tensor]]:
        return spread(shards, lambda: shard_encoder(folder.absolute(), device_map), settings)

    return encode


def shard_encoder(folder: Path, device_map: str = "") -> Callable[[Shard], tuple[int, Tensor]]:
    """Load a model and return what encodes a shard with it."""
    model = from_pretrained(folder, device_map=device_map).model
    return lambda shard: (shard.number, encode_shard(model, shard.items, text=shard.text))
