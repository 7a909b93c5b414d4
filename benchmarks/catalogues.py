"""Catalogues of up to a million items: search with and without FAISS, changes at run time, and encoding.

    python benchmarks/catalogues.py [--sizes 10000 100000 1000000] [--queries 200] [--encode 1024] [--model DIR]
        [--searches Flat IVF+PQ IVF+SQ8 HNSW32 HNSW32+] [--json]

A catalogue begins with the model's own items and goes on with made ones. A made vector is that of an own item, moved by
half the difference of two others, so that made vectors crowd as real ones do; its bias is that of items that training
never named. Queries are real: the states at ``[REC]`` of made-up dialogues about own items.

Each row is one search with one setting: the time to build it over vectors that are there; bytes an item of the file
that it is saved to (the vectors themselves, which scores are computed from, come on top); the share of the exact top 10
and top 700 that ``ItemIndex.search`` finds when it is asked for 700; the time of such a search, one query at a time;
and the time to add and to remove a thousand items. ``exact`` scores the whole catalogue.

Encoding times ``encode_shard`` on made items: each field's text is that of some own item, so lengths are real ones.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from common import peak_memory, percentile, seconds, show
from torch import Tensor

from pecrs.data.catalogue import Item
from pecrs.data.collator import collate
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
from pecrs.data.stream import StreamLayout
from pecrs.index import ItemIndex, TopK
from pecrs.index.encoding import encode_shard
from pecrs.index.nearest import default_search, faiss
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import from_pretrained
from pecrs.model.persistence.locate import locate_model_folder
from pecrs.model.retriever import Mentions

WANTED = 700
"""M_inference of the paper."""

CHANGED = 1000
"""Items added and removed."""

_TOGETHER = 2**16
"""Vectors made at once."""


@dataclass(frozen=True)
class Kind:
    """A kind of search.

    Attributes:
        description: As FAISS's ``index_factory`` takes it.
        settings: Parameters that are measured, one after another; those of building are the same in all.
    """

    description: str
    settings: tuple[str, ...] = ("",)


def searches(size: int) -> dict[str, Kind]:
    """Return what is measured, by name: an inverted list for each 100 items, but no more lists than train quickly.

    ``HNSW32+`` is a graph that is built with more care.

    >>> [searches(size)["IVF+PQ"].description for size in (10_000, 100_000, 1_000_000)]
    ['IVF100,PQ64', 'IVF1000,PQ64', 'IVF2048,PQ64']
    >>> searches(1_000_000)["IVF+PQ"].settings
    ('nprobe=135', 'nprobe=2048')
    """
    lists = min(2048, size // 100)
    probed = tuple(dict.fromkeys((default_search(f"IVF{lists}", size), f"nprobe={lists}")))
    explored = tuple(f"efSearch={count}" for count in (256, 1024, 2048, 4096))
    longer = tuple(f"efConstruction=200,efSearch={count}" for count in (1024, 2048))
    return {
        "Flat": Kind("Flat"),
        "IVF+PQ": Kind(f"IVF{lists},PQ64", probed),
        "IVF+SQ8": Kind(f"IVF{lists},SQ8", probed),
        "HNSW32": Kind("HNSW32", explored),
        "HNSW32+": Kind("HNSW32", longer),
    }


def made_vectors(model: PecrsModel, size: int) -> Tensor:
    """Return the model's own vectors and made ones, (size, d), all of the same norm."""
    own, generator = model.catalogue_vectors, torch.Generator().manual_seed(0)
    vectors = torch.empty(size, own.shape[1])
    vectors[: len(own)] = own[:size]
    for start in range(len(own), size, _TOGETHER):
        rows = vectors[start : start + _TOGETHER]
        one, other, third = (own[torch.randint(len(own), (len(rows),), generator=generator)] for _ in range(3))
        moved = one + (other - third) / 2
        rows.copy_(torch.nn.functional.normalize(moved, dim=1) * model.item_encoder.scale)
    return vectors


def made_index(model: PecrsModel, size: int) -> ItemIndex:
    """Return the exact index of a catalogue of own and made items."""
    own = ItemIndex.of_model(model)
    bias = torch.zeros(size)
    if own.bias is not None:
        bias[: len(own)] = own.bias[:size]
    return replace(own, vectors=made_vectors(model, size), bias=bias)


def made_items(model: PecrsModel, count: int) -> list[Item]:
    """Return items whose fields are those of own items, drawn apart."""
    generator, own = torch.Generator().manual_seed(0), model.catalogue.items
    names = sorted({name for item in own for name in item.facts})
    drawn = torch.randint(len(own), (count, 1 + len(names)), generator=generator).tolist()
    return [
        Item(
            f"made-{number}",
            own[row[0]].title,
            own[row[0]].year,
            {name: own[place].facts.get(name, ()) for name, place in zip(names, row[1:], strict=True)},
        )
        for number, row in enumerate(drawn)
    ]


@torch.inference_mode()
def questions(model: PecrsModel, index: ItemIndex, count: int) -> list[tuple[Tensor, Mentions]]:
    """Return the states at ``[REC]`` after a seeker has named one own item, and the recommender another."""
    own = model.catalogue.items[: len(index)]
    drawn = torch.randint(len(own), (count, 2), generator=torch.Generator().manual_seed(1)).tolist()
    layout, asked = StreamLayout(model.vocabulary, model.catalogue, model.data), []
    for number, (liked, recommended) in enumerate(drawn):
        before, name = "I like ", own[liked].name
        seeker = Turn(Speaker.SEEKER, before + name, (Mention(len(before), len(before + name), own[liked].id),))
        answer = own[recommended]
        reply = Turn(Speaker.RECOMMENDER, answer.name, (Mention(0, len(answer.name), answer.id),))
        batch = collate(list(layout.streams(Dialogue(str(number), (seeker, reply)))))
        stream, _ = model.read(batch, batch.items, index.vectors)
        mentions = Mentions.gather(batch.mentions, len(batch.queries), index.vectors, stream)
        asked.append((stream[batch.queries], mentions))
    return asked


@torch.inference_mode()
def timed(index: ItemIndex, asked: list[tuple[Tensor, Mentions]]) -> tuple[list[TopK], list[float]]:
    """Return what is found for each query, and the milliseconds it took; the first one does not count."""
    found, taken = [], []
    for states, mentions in [asked[0], *asked]:
        started = time.perf_counter()
        found.append(index.search(states, mentions, WANTED))
        taken.append(1000 * (time.perf_counter() - started))
    return found[1:], taken[1:]


def recall(found: list[TopK], expected: list[TopK], depth: int) -> float:
    """Return the share of the exact top that is among all that was found."""
    tops = [set(exact.items[0, :depth].tolist()) for exact in expected]
    hits = sum(len(top & set(some.items[0].tolist())) for top, some in zip(tops, found, strict=True))
    return hits / sum(map(len, tops))


def change_seconds(index: ItemIndex) -> float:
    """Return the time to add so many items, and to remove as many others."""
    size, count = len(index), min(CHANGED, len(index) // 2)
    places = torch.arange(size) - count
    fresh = torch.arange(size - count, size)
    places[:count] = -1  # gone
    return seconds(lambda: index.changed(places, fresh, index.vectors[:count], 0.0))


def rows(model: PecrsModel, size: int, count: int, names: Sequence[str]) -> Iterator[dict[str, object]]:
    """Measure exact search and some others over a catalogue of one size."""
    exact = made_index(model, size)
    asked = questions(model, exact, count)
    expected, taken = timed(exact, asked)
    yield row(size, "exact", None, None, exact, (expected, expected), taken)
    for name in names:
        kind = searches(size)[name]
        started = time.perf_counter()
        index = exact.approximate(kind.description, kind.settings[0])
        built = time.perf_counter() - started
        assert index.nearest is not None
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "items.faiss"
            index.nearest.save(path)
            stored = path.stat().st_size / size
        for setting in kind.settings:
            if setting:
                faiss().ParameterSpace().set_index_parameters(index.nearest.index, setting)
            found, taken = timed(index, asked)
            label = f"{kind.description} {setting}".strip()
            yield row(size, label, built, stored, index, (found, expected), taken)
        del index


def row(
    size: int,
    name: str,
    built: float | None,
    stored: float | None,
    index: ItemIndex,
    found: tuple[list[TopK], list[TopK]],
    taken: list[float],
) -> dict[str, object]:
    """Return the figures of one search."""
    return {
        "items": size,
        "search": name,
        "build s": built,
        "bytes/item": stored,
        "recall@10": recall(*found, 10),
        "recall@700": recall(*found, WANTED),
        "p50 ms": percentile(taken, 0.5),
        "p95 ms": percentile(taken, 0.95),
        "change s": change_seconds(index),
        "peak MiB": peak_memory(),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--queries", type=int, default=200)
    options.add_argument("--encode", type=int, default=1024, help="items of the shard that is encoded")
    options.add_argument("--model", type=Path, help="a model folder or run; else the model of the package")
    options.add_argument("--searches", nargs="+", choices=list(searches(1)), default=list(searches(1)))
    options.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    chosen = options.parse_args()
    model = from_pretrained(locate_model_folder(chosen.model)).model
    items = made_items(model, chosen.encode)
    encoding = seconds(lambda: encode_shard(model, items))
    measured = [one for size in chosen.sizes for one in rows(model, size, chosen.queries, chosen.searches)]
    title = f"catalogues, {model.catalogue_vectors.shape[1]}-dimensional vectors, {chosen.queries} queries"
    facts = {"encoded": chosen.encode, "encoding s": encoding, "items encoded/s": chosen.encode / encoding}
    show(title, measured, chosen.json, **facts)


if __name__ == "__main__":
    main()
