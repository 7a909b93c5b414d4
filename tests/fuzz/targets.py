"""What is fuzzed: each target reads bytes as a stranger might have written them and checks what must hold.

A target returns where the input is refused by an error of the package; anything else that escapes is a finding. The
bytes of a target that reads several files are their contents, in the order of its names, divided by a line ``----``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from models import small_catalogue, tiny_layout
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn, merge_turns
from pecrs.data.loaders.generic import load_generic
from pecrs.data.loaders.inspired import load_inspired
from pecrs.data.loaders.opendialkg import load_opendialkg
from pecrs.data.loaders.prepare import load_prepared, save_prepared, statistics
from pecrs.data.loaders.redial import load_redial
from pecrs.data.splits import Prepared
from pecrs.data.stream import NO_ITEM, Point, Stream, StreamLayout
from pecrs.errors import PecrsError
from pecrs.linking import Linker

DIVIDER = b"\n----\n"
_TURNS, _TEXT = 10, 400

FILES: Mapping[str, Sequence[str]] = {
    "redial": ("movies_with_mentions.csv", "train_data.jsonl", "valid_data.jsonl", "movies.jsonl"),
    "inspired-tsv": ("train.tsv", "dev.tsv", "movies.jsonl"),
    "inspired-jsonl": ("train.jsonl", "dev.jsonl", "movies.jsonl"),
    "opendialkg": ("id2info.json", "dialog_Books.jsonl"),
    "generic-csv": ("catalogue.csv", "dialogues.jsonl"),
    "generic-jsonl": ("catalogue.jsonl", "train.jsonl", "valid.jsonl"),
    "catalogue": ("catalogue.jsonl",),
}
"""The files of the targets that read files."""

LOADERS: Mapping[str, Callable[[Path], Prepared]] = {
    "redial": load_redial,
    "inspired-tsv": load_inspired,
    "inspired-jsonl": load_inspired,
    "opendialkg": load_opendialkg,
    "generic-csv": load_generic,
    "generic-jsonl": load_generic,
}


def run(target: str, data: bytes) -> None:
    """Give bytes to a target.

    Raises:
        AssertionError: If what must hold does not.
        Exception: Whatever else escapes.
    """
    try:
        if target in LOADERS:
            _load(target, data)
        else:
            {"catalogue": _catalogue, "linker": _linker, "stream": _stream}[target](data)
    except PecrsError as error:
        assert str(error), "an error without a message"  # noqa: PT017


TARGETS = (*LOADERS, "catalogue", "linker", "stream")


@contextmanager
def _folder(target: str, data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="pecrs-fuzz-") as name:
        folder = Path(name)
        for file, content in zip(FILES[target], data.split(DIVIDER), strict=False):
            (folder / file).write_bytes(content)
        yield folder


def _load(target: str, data: bytes) -> None:
    """What a loader takes can be written, is read back equal, and can be counted and merged."""
    with _folder(target, data) as folder:
        prepared = LOADERS[target](folder)
        (folder / "prepared").mkdir()
        save_prepared(folder / "prepared", prepared)
        if any(prepared.splits.values()):
            again = load_prepared(folder / "prepared")
            assert again.catalogue == prepared.catalogue
            assert again.splits == {name: part for name, part in prepared.splits.items() if part}
        statistics(prepared)
        for dialogues in prepared.splits.values():
            for dialogue in dialogues:
                merge_turns(dialogue)


def _catalogue(data: bytes) -> None:
    with _folder("catalogue", data) as folder:
        catalogue = Catalogue.load(folder / "catalogue.jsonl")
        catalogue.save(folder / "again.jsonl")
        assert Catalogue.load(folder / "again.jsonl") == catalogue


def _linker(data: bytes) -> None:
    """Links lie inside the text, in order, without overlap, on items there are, and are the same every time.

    The first part holds titles, one a line, perhaps with ``|year``; the others are what is said, one after another.
    """
    titles, *said = (part.decode("utf-8", "replace") for part in data.split(DIVIDER))
    items = []
    for number, line in enumerate(titles.splitlines()[:20]):
        title, _, year = line.partition("|")
        known = int(year) if year.isascii() and year.isdigit() and len(year) < 5 else None
        items.append(Item(str(number), title[:100], known, {"genres": ("drama", title[100:120])}))
    catalogue = Catalogue(tuple(items), ("title",))
    linker, context = Linker(catalogue, {"1": 3}), list[str]()
    for text in (text[:_TEXT] for text in said[:3]):
        mentions = linker.link(text, context)
        assert mentions == linker.link(text, context)
        turn = Turn(Speaker.SEEKER, text, mentions)  # checks order, range and overlap
        assert all(item in catalogue for item in turn.items)
        context += turn.items


@cache
def _layout(context: int, response: int, generation: str) -> StreamLayout:
    return tiny_layout(max_context_tokens=context, max_response_tokens=response, generation=generation)


def _stream(data: bytes) -> None:
    """Every recommender turn is one point, its items are in its slots, and nothing that comes later changes it.

    The first byte chooses limits; then one turn a line, opened by ``s`` or ``r``; ``@N`` names an item.
    """
    limits = data[0] if data else 0
    layout = _layout((16, 24, 48, 200)[limits % 4], (2, 5, 10)[limits % 3], ("joint", "per_item")[limits % 2])
    dialogue = Dialogue("d", tuple(_turns(data[1:].decode("utf-8", "replace"))))
    for windows in (False, True):
        streams = layout.streams(dialogue, windows=windows)
        points = [(point, stream) for stream in streams for point in stream.points]
        spoken = [i for i, turn in enumerate(dialogue.turns) if turn.speaker is Speaker.RECOMMENDER]
        assert [point.turn for point, _ in points] == spoken
        for point, stream in points:
            _check_point(layout, dialogue, point, stream)
        for count in spoken[1:]:
            earlier = layout.streams(Dialogue("d", dialogue.turns[:count]), windows=windows)
            heads = [_head(point, stream) for stream in earlier for point in stream.points]
            assert heads == [_head(point, stream) for point, stream in points[: len(heads)]]


def _turns(text: str) -> Iterator[Turn]:
    films = small_catalogue().items
    for line in text.splitlines()[:_TURNS]:
        speaker = Speaker.RECOMMENDER if line[:1] == "r" else Speaker.SEEKER
        words, mentions = "", []
        for number, part in enumerate(line[1:_TEXT].split("@")):
            if number:
                film = films[ord(part[0]) % len(films)] if part else films[0]
                mentions.append(Mention(len(words), len(words) + len(film.name), film.id))
                words, part = words + film.name, part[1:]
            words += part
        yield Turn(speaker, words, tuple(mentions))


def _check_point(layout: StreamLayout, dialogue: Dialogue, point: Point, stream: Stream) -> None:
    sequence, turn, data = stream.sequence, dialogue.turns[point.turn], layout.config
    context = layout.context(dialogue.turns[: point.turn])
    assert sequence.tokens[: point.decision + 1] == context.tokens
    assert sequence.items[: point.decision + 1] == context.items
    assert len(context) < data.max_context_tokens
    prefix = layout.reply_prefix(point.items)
    assert point.response[0] == point.decision + 1 + len(prefix)
    assert sequence.items[point.decision + 1 : point.response[0]] == prefix.items
    assert 0 < point.response[1] - point.response[0] <= data.max_response_tokens
    assert point.response[1] <= len(sequence)
    assert point.items == tuple(layout.catalogue.index(item) for item in turn.items)
    slots = [place for place, item in enumerate(sequence.items) if item != NO_ITEM]
    assert all(sequence.tokens[place] == layout.vocabulary.item for place in slots)
    if point is stream.points[-1]:
        assert len(sequence) == point.response[1]


def _head(point: Point, stream: Stream) -> tuple[object, ...]:
    """What a point sees and says."""
    end = point.response[1]
    return point, stream.sequence.tokens[:end], stream.sequence.items[:end]
