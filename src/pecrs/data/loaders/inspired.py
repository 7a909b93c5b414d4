"""The loader of INSPIRED: the original tsv files, or the jsonl form that UniCRS publishes.

An item's id is the title exactly as the annotation writes it, e.g. ``Full Metal Jacket (1987)``. The source attaches
titles to utterances without saying where; the spans are found by :func:`pecrs.data.loaders.titles.locate`, and a title
that the words do not show (many annotations are false) stays attached to the turn without a span.

Source: Hayati et al., "INSPIRED: Toward Sociable Recommendation Dialog Systems", EMNLP 2020.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter

from pecrs.data.catalogue import MOVIE_FIELDS, Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.loaders.titles import FilmFacts, locate, present_fields, split_year
from pecrs.data.records import Record, located, read_records
from pecrs.data.splits import Prepared, Reading, collect
from pecrs.data.tables import read_table
from pecrs.errors import DataError

METADATA_FILE = "movies.jsonl"
SPLIT_FILES: Mapping[str, tuple[str, ...]] = {
    "train": ("train.tsv", "train.jsonl"),
    "valid": ("dev.tsv", "dev.jsonl"),
    "test": ("test.tsv", "test.jsonl"),
}

_ROLES = {"SEEKER": Speaker.SEEKER, "RECOMMENDER": Speaker.RECOMMENDER}
_COLUMNS = ("dialog_id", "speaker", "text", "movies")


class _FilmRecord(FilmFacts):
    title: str = Field(alias="movieName")


class _Message(Record):
    role: Literal["SEEKER", "RECOMMENDER"]
    text: str
    titles: list[str] = Field(alias="movie")


_MESSAGES, _FILM = TypeAdapter(list[_Message]), TypeAdapter(_FilmRecord)


def load_inspired(source: Path) -> Prepared:
    """Load a folder with ``train``, ``dev`` and ``test`` as ``.tsv`` (original) or ``.jsonl`` (UniCRS).

    The catalogue holds the titles of ``movies.jsonl``, where it is there, in its order; titles that only occur in
    dialogues follow with their title alone. An annotation with an empty title names nothing and is left out.

    Args:
        source: The folder; splits that are not there are absent from the result.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    if not source.is_dir():
        raise DataError("a folder is expected", path=source)
    readings = {
        split: _read_tsv(path) if path.suffix == ".tsv" else _read_jsonl(path) for split, path in _find(source).items()
    }
    metadata = source / METADATA_FILE
    items = _read_items(metadata) if metadata.is_file() else {}
    turns = (turn for members in readings.values() for reading in members for turn in reading.dialogue.turns)
    for name in dict.fromkeys(item for turn in turns for item in turn.items):
        items.setdefault(name, Item(name, *split_year(name)))
    if not items:
        raise DataError("no dialogue names a film", path=source)
    fields = present_fields(MOVIE_FIELDS, (item.facts for item in items.values()))
    return collect(Catalogue(tuple(items.values()), fields), readings)


def _find(source: Path) -> dict[str, Path]:
    found = {}
    for split, names in SPLIT_FILES.items():
        paths = [source / name for name in names if (source / name).is_file()]
        if len(paths) > 1:
            raise DataError(f"{names[0]} and {names[1]} are both there; keep one", path=source)
        if paths:
            found[split] = paths[0]
    if not found:
        raise DataError("no dialogue file: train.tsv or train.jsonl is expected", path=source)
    return found


def _read_items(path: Path) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for line, film in read_records(path, _FILM):
        with located(path, line):
            if film.title in items:
                raise DataError("a title that is not used yet is expected", field="movieName")
            if film.title:
                items[film.title] = Item(film.title, *split_year(film.title), film.cleaned())
    return items


def _read_jsonl(path: Path) -> list[Reading]:
    readings = []
    for line, messages in read_records(path, _MESSAGES):
        said = [(_ROLES[message.role], message.text, message.titles) for message in messages]
        readings.append(Reading(_dialogue(str(line - 1), said), len(messages), line))
    return readings


def _read_tsv(path: Path) -> list[Reading]:
    """Read the original form, one utterance a row; the files are written without quoting."""
    messages: dict[str, list[tuple[Speaker, str, list[str]]]] = {}
    lines: dict[str, int] = {}
    for line, row in read_table(path, _COLUMNS, delimiter="\t", quoting=False):
        identifier, role = row["dialog_id"].strip(), row["speaker"].strip().upper()
        if not identifier:
            raise DataError("an identifier is expected", path=path, line=line, field="dialog_id")
        if role not in _ROLES:
            message = f"SEEKER or RECOMMENDER is expected, not {role!r}"
            raise DataError(message, path=path, line=line, field="speaker")
        lines.setdefault(identifier, line)
        messages.setdefault(identifier, []).append((_ROLES[role], row["text"], row["movies"].split(";")))
    return [Reading(_dialogue(name, rows), len(rows), lines[name]) for name, rows in messages.items()]


def _dialogue(identifier: str, messages: Sequence[tuple[Speaker, str, Iterable[str]]]) -> Dialogue:
    turns = []
    for index, (speaker, raw, titles) in enumerate(messages):
        text = raw.replace("QUOTATION_MARK", '"').strip()
        if not text:
            continue
        named = dict.fromkeys(" ".join(title.split()) for title in titles if title.strip())
        mentions = locate(text, {title: split_year(title)[0] for title in named})
        items = tuple(dict.fromkeys([*(mention.item for mention in mentions), *named]))
        turns.append(Turn(speaker, text, mentions, items, (index,)))
    return Dialogue(identifier, tuple(turns))
