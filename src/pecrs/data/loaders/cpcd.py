"""The loader of CPCD, playlists made in conversation: JSON lines with the tracks that were liked and disliked.

A turn of the source is what the user says, what the wizard answers, and which of the tracks shown with the answer the
user liked or disliked. The recommender's turn holds the liked ones, which a model should find; the user's word on both
stands in the labels. Tracks of nearly the same title and artists are one cluster in the source, and one item here.

Source: Chaganty et al., "Beyond Single Items: Exploring User Preferences in Item Sets with the Conversational Playlist
Curation Dataset", SIGIR 2023 (CC BY 4.0).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import Field, TypeAdapter

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, ItemLabel, Speaker, Turn
from pecrs.data.loaders.titles import distinct, locate, present_fields
from pecrs.data.records import Identifier, Record, located, read_records
from pecrs.data.splits import Prepared, Reading, collect, require_distinct_ids
from pecrs.errors import DataError

SPLIT_FILES: Mapping[str, str] = {
    "train": "cpcd_v1.dialogs.dev.train.jsonl",
    "valid": "cpcd_v1.dialogs.dev.val.jsonl",
    "test": "cpcd_v1.dialogs.test.jsonl",
}
TRACK_FILE = "cpcd_v1.tracks.jsonl"
TRACK_FIELDS: tuple[str, ...] = ("title", "artists", "album")
"""The text fields of a track."""


class _Track(Record):
    id: Identifier = Field(alias="track_ids")
    title: str = Field(alias="track_titles")
    artists: list[str] = Field(alias="track_artists")
    album: str = Field("", alias="track_release_titles")
    canonical: Identifier | None = Field(None, alias="track_canonical_ids")

    @property
    def item_id(self) -> str:
        return self.canonical or self.id

    def item(self) -> Item:
        facts = {"artists": distinct(self.artists), "album": distinct([self.album])}
        return Item(self.item_id, " ".join(self.title.split()), None, {k: v for k, v in facts.items() if v})


class _Exchange(Record):
    query: str = Field(alias="user_query")
    response: str = Field(alias="system_response")
    liked: list[Identifier] = Field(alias="liked_results")
    disliked: list[Identifier] = Field(alias="disliked_results")


class _Conversation(Record):
    id: Identifier
    turns: list[_Exchange]
    tracks: dict[str, _Track]


_CONVERSATION, _TRACK = TypeAdapter(_Conversation), TypeAdapter(_Track)


class _Tracks:
    """The items of all tracks that were read: of a cluster's tracks its canonical one, or else the first."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self._canonical: set[str] = set()

    def add(self, tracks: Iterable[_Track]) -> None:
        for track in tracks:
            if not track.title.strip():
                raise DataError("a track needs a title", field="track_titles")
            canonical = track.id == track.item_id
            if track.item_id not in self.items or (canonical and track.item_id not in self._canonical):
                self.items[track.item_id] = track.item()
            if canonical:
                self._canonical.add(track.id)

    def catalogue(self) -> Catalogue:
        items = tuple(self.items.values())
        return Catalogue(items, present_fields(TRACK_FIELDS, (item.facts for item in items)))


def load_cpcd(source: Path) -> Prepared:
    """Load a folder with the dialogues of some splits, or one file of dialogues.

    The catalogue holds all tracks of ``cpcd_v1.tracks.jsonl`` where it is in the folder, and of the dialogues: those
    that were found by a search are listed there, not only those that were shown.

    Args:
        source: The folder, or one of its files; a file of another name is of training dialogues.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    paths = _files(source)
    tracks, readings, wordless = _Tracks(), dict[str, list[Reading]](), 0
    listed = (source if source.is_dir() else source.parent) / TRACK_FILE
    if listed.is_file():
        for line, record in read_records(listed, _TRACK):
            with located(listed, line):
                tracks.add([record])
    for split, path in paths.items():
        readings[split] = []
        for line, conversation in read_records(path, _CONVERSATION):
            with located(path, line):
                tracks.add(conversation.tracks.values())
                readings[split].append(Reading(_dialogue(conversation), 2 * len(conversation.turns), line))
            wordless += sum(len(turn.liked) for turn in conversation.turns if not turn.response.strip())
    require_distinct_ids(readings, paths, "id")
    remarks = [f"{wordless:,} liked tracks were shown without a word and belong to no turn"] if wordless else []
    return collect(tracks.catalogue(), readings, remarks)


def _files(source: Path) -> dict[str, Path]:
    if source.is_file():
        return {next((split for split, name in SPLIT_FILES.items() if name == source.name), "train"): source}
    paths = {split: source / name for split, name in SPLIT_FILES.items() if (source / name).is_file()}
    if not paths:
        raise DataError(f"no dialogue file: one of {', '.join(SPLIT_FILES.values())} is expected", path=source)
    return paths


def _dialogue(record: _Conversation) -> Dialogue:
    turns: list[Turn] = []
    labels: dict[str, ItemLabel] = {}
    for index, exchange in enumerate(record.turns):
        liked = _items(record, exchange.liked, f"turns[{index}].liked_results")
        disliked = _items(record, exchange.disliked, f"turns[{index}].disliked_results")
        labels |= {item: ItemLabel(suggested=True, liked=False) for item in disliked}
        labels |= {item: ItemLabel(suggested=True, liked=True) for item in liked}
        if query := exchange.query.strip():
            turns.append(Turn(Speaker.SEEKER, query, messages=(2 * index,)))
        if response := exchange.response.strip():
            mentions = locate(response, liked)
            items = tuple(dict.fromkeys([*(mention.item for mention in mentions), *liked]))
            turns.append(Turn(Speaker.RECOMMENDER, response, mentions, items, (2 * index + 1,)))
    return Dialogue(record.id, tuple(turns), labels)


def _items(record: _Conversation, identifiers: Sequence[str], field: str) -> dict[str, str]:
    """Return title by item, in order."""
    for identifier in identifiers:
        if identifier not in record.tracks:
            raise DataError(f"track {identifier!r} is not among the tracks of the conversation", field=field)
    return {record.tracks[name].item_id: " ".join(record.tracks[name].title.split()) for name in identifiers}
