"""The loader of TalkPlayData-Challenge: sessions of eight turns about music, as Parquet.

A turn is what the user says, the track that is played, and the assistant's words about it; the two latter are one turn
of the recommender. The data set's own measure is nDCG@20, the mean over the turns of its test sessions.

Source: Choi, Doh and Nam, "TalkPlayData 2", arXiv 2509.09685; RecSys Challenge 2026 (CC BY-NC-ND 4.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.loaders.titles import distinct, is_year, locate, present_fields
from pecrs.data.parquet import find_shards, read_rows
from pecrs.data.records import Identifier, Record, located, validated
from pecrs.data.splits import Prepared, Reading, collect
from pecrs.data.validation import hold_out_groups
from pecrs.errors import DataError

TRACK_FIELDS: tuple[str, ...] = ("title", "artists", "album", "tags")
"""The text fields of a track."""

_SESSIONS = ("{}-*.parquet", "data/{}-*.parquet", "TalkPlayData-Challenge-Dataset/data/{}-*.parquet")
_TRACKS = (
    "all_tracks-*.parquet",
    "data/all_tracks-*.parquet",
    "TalkPlayData-Challenge-Track-Metadata/data/all_tracks-*.parquet",
)
_USER = "user_id"


class _Track(Record):
    id: Identifier = Field(alias="track_id")
    titles: list[str] = Field(alias="track_name")
    artists: list[str] | None = Field(None, alias="artist_name")
    albums: list[str] | None = Field(None, alias="album_name")
    tags: list[str] | None = Field(None, alias="tag_list")
    released: str | None = Field(None, alias="release_date")

    def item(self) -> Item:
        titles = distinct(self.titles)
        if not titles:
            raise DataError("a track needs a name", field="track_name")
        year = (self.released or "")[:4]
        facts = {"artists": self.artists, "album": self.albums, "tags": self.tags}
        texts = {name: distinct(values or ()) for name, values in facts.items()}
        return Item(self.id, titles[0], int(year) if is_year(year) else None, {k: v for k, v in texts.items() if v})


class _Message(Record):
    role: Literal["user", "music", "assistant"]
    content: str | None = None


class _Session(Record):
    id: Identifier = Field(alias="session_id")
    user: Identifier = Field(alias=_USER)
    messages: list[_Message] = Field(alias="conversations")


_TRACK, _SESSION = TypeAdapter(_Track), TypeAdapter(_Session)


def load_talkplay(source: Path) -> Prepared:
    """Load a folder with the sessions and the tracks, side by side or in the folders of their repositories.

    Of the training sessions, those of about a tenth of the users are held out for validation.

    Args:
        source: The folder with ``train-*.parquet``, ``test-*.parquet`` or both, and ``all_tracks-*.parquet``.

    Raises:
        DataError: Naming file, row and field of what is wrong.
    """
    catalogue = _read_catalogue(source)
    found = {split: find_shards(source, [place.format(split) for place in _SESSIONS]) for split in ("train", "test")}
    if not any(found.values()):
        raise DataError("no sessions: train-*.parquet or test-*.parquet is expected", path=source)
    readings: dict[str, list[Reading]] = {}
    remarks, wordless = [], 0
    for split, paths in found.items():
        members: list[Reading] = []
        for path in paths:
            sessions, silent = _read_sessions(path, catalogue)
            members += sessions
            wordless += silent
        if split == "train" and members:
            with located(paths[0]):
                held_out = hold_out_groups(members, _USER)
            readings |= held_out.readings
            remarks.append(held_out.said)
        elif members:
            readings[split] = members
    if wordless:
        remarks.append(f"{wordless:,} tracks were played without a word and belong to no turn")
    return collect(catalogue, readings, remarks)


def _read_catalogue(source: Path) -> Catalogue:
    paths = find_shards(source, _TRACKS)
    if not paths:
        raise DataError("no tracks: all_tracks-*.parquet is expected", path=source)
    items: dict[str, Item] = {}
    columns = ("artist_name", "album_name", "tag_list", "release_date")
    for path in paths:
        for line, row in read_rows(path, ("track_id", "track_name"), columns):
            with located(path, line):
                item = validated(_TRACK, row).item()
                if item.id in items:
                    raise DataError(f"track {item.id!r} is there twice", field="track_id")
            items[item.id] = item
    return Catalogue(tuple(items.values()), present_fields(TRACK_FIELDS, (item.facts for item in items.values())))


def _read_sessions(path: Path, catalogue: Catalogue) -> tuple[list[Reading], int]:
    """Return the sessions of a file, and how many of their tracks were played without a word."""
    wordless = 0
    readings: dict[str, Reading] = {}
    for line, row in read_rows(path, ("session_id", _USER, "conversations")):
        with located(path, line):
            session = validated(_SESSION, row)
            if session.id in readings:
                raise DataError(f"session {session.id!r} is there twice", field="session_id")
            turns, silent = _turns(session.messages, catalogue)
        wordless += silent
        said = sum(message.role != "music" for message in session.messages)
        dialogue = Dialogue(session.id, tuple(turns))
        readings[session.id] = Reading(dialogue, said, line, groups=(session.user,))
    return list(readings.values()), wordless


def _turns(messages: Sequence[_Message], catalogue: Catalogue) -> tuple[list[Turn], int]:
    """Join each track to the assistant's words that follow it, and count the tracks without any."""
    turns: list[Turn] = []
    played: dict[int, str] = {}
    wordless = 0
    for index, message in enumerate(messages):
        text = (message.content or "").strip()
        if message.role == "music":
            if text not in catalogue:
                raise DataError(f"track {text!r} is not among the tracks", field=f"conversations[{index}].content")
            played[index] = text
        elif message.role == "user":
            wordless += len(played)
            played = {}
            if text:
                turns.append(Turn(Speaker.SEEKER, text, messages=(index,)))
        elif text:
            mentions = locate(text, {item: catalogue[item].title for item in played.values()})
            items = tuple(dict.fromkeys([*(mention.item for mention in mentions), *played.values()]))
            turns.append(Turn(Speaker.RECOMMENDER, text, mentions, items, (*played, index)))
            played = {}
    return turns, wordless + len(played)
