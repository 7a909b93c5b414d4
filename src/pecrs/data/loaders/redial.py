"""The loader of ReDial: the untouched original zip, its unpacked folder, or one dialogue file.

Roles: ``initiatorWorkerId`` is the seeker, ``respondentWorkerId`` the recommender. ``@12345`` in a message names a film
and is replaced by its name in the catalogue. Question maps may be lists when empty, and then mean "unknown".

Source: Li et al., "Towards Deep Conversational Recommendations", NeurIPS 2018.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, TypeAdapter

from pecrs.data.catalogue import MOVIE_FIELDS, Catalogue, Item
from pecrs.data.dialogue import Dialogue, ItemLabel, Mention, Speaker, Turn
from pecrs.data.files import TextFile
from pecrs.data.loaders.titles import FilmFacts, present_fields, split_year
from pecrs.data.records import Identifier, Kind, Record, located, read_records
from pecrs.data.splits import Prepared, Reading, collect, require_distinct_ids
from pecrs.data.tables import read_table
from pecrs.data.validation import HeldOut, without_groups_of
from pecrs.errors import ConfigError, DataError, suggestion

CATALOGUE_FILE = "movies_with_mentions.csv"
METADATA_FILE = "movies.jsonl"
ARCHIVE_FILE = "redial_dataset.zip"
SPLIT_FILES: Mapping[str, str] = {"train": "train_data.jsonl", "valid": "valid_data.jsonl", "test": "test_data.jsonl"}

VALIDATIONS: tuple[str, ...] = ("published", "unseen-workers")
"""The rules by which :func:`load_redial` chooses validation dialogues."""

_LAST_TRAINING = 14_000
_MAX_UNPACKED = 2**29
_MENTION = re.compile(r"@(\d+)")
_ADVICE = (
    f"; the package itself holds the published validation ids out of {SPLIT_FILES['train']} when "
    f"{SPLIT_FILES['valid']} is absent"
)


class _FilmRecord(FilmFacts):
    film: Identifier = Field(alias="movieId")


class _Message(Record):
    text: str
    sender: Identifier = Field(alias="senderWorkerId")


def _as_map(value: object) -> object:
    """Return a map; the original files write an empty one as a list."""
    return {} if value is None or value == [] else value


_ValueByFilm = Annotated[dict[str, Kind], BeforeValidator(_as_map), Field(default_factory=dict)]
_Answer = Literal[0, 1, 2] | None


class _Answers(Record):
    """The seeker's answers on a film: 0 is no, 1 is yes, and 2 or nothing is not said."""

    suggested: _Answer = None
    seen: _Answer = None
    liked: _Answer = None

    def label(self) -> ItemLabel:
        return ItemLabel(*(None if answer in (None, 2) else bool(answer) for answer in vars(self).values()))


class _Recovered(Record):
    """How much of a dialogue of the development copy is the original."""

    level: Literal["full", "text", "text+id"]


class _Conversation(Record):
    id: Identifier = Field(alias="conversationId")
    seeker: Identifier = Field(alias="initiatorWorkerId")
    recommender: Identifier = Field(alias="respondentWorkerId")
    names: _ValueByFilm[object] = Field(alias="movieMentions")
    answers: _ValueByFilm[_Answers] = Field(alias="initiatorQuestions")
    messages: list[_Message]
    recovered: _Recovered | None = None

    @property
    def number(self) -> int | None:
        """The number of the conversation; None where its identifier is none."""
        return int(self.id) if self.id.isascii() and self.id.isdecimal() else None

    @property
    def workers(self) -> tuple[str, ...]:
        """Who speaks; empty where a rebuilt dialogue does not say."""
        workers = (self.seeker, self.recommender)
        known = self.recovered is None or self.recovered.level == "full"
        return workers if known and not any(worker.startswith("-") for worker in workers) else ()


_CONVERSATION, _FILM = TypeAdapter(_Conversation), TypeAdapter(_FilmRecord)


def load_redial(source: Path, validation: str | None = None) -> Prepared:
    """Load the data set from a zip archive, a folder, or a single dialogue file beside the catalogue.

    Without ``valid_data.jsonl``, the 1,000 training dialogues that UniCRS and iEvaLM validate on are held out.

    Args:
        source: ``redial_dataset.zip``, a folder with its files (or with the zip itself), or one ``*.jsonl`` of
            dialogues whose folder holds the catalogue; its split is the one its name begins with, else ``train``.
        validation: ``published``, the dialogues above, as None is; or ``unseen-workers``: of the dialogues of train and
            validation whose workers are known, those up to conversation 14,000 are for training, and later ones with
            two workers that none of those has are for validation, as the official test is later and of other workers.
            All others are left out.

    Returns:
        The whole catalogue of 6,924 films, with metadata where ``movies.jsonl`` is there, and the splits.

    Raises:
        ConfigError: If there is no such rule of validation.
        DataError: Naming file, line and field of what is wrong.
    """
    if validation not in (None, *VALIDATIONS):
        near = suggestion(str(validation), VALIDATIONS)
        raise ConfigError(f"validation: one of {', '.join(VALIDATIONS)} is expected, not {validation!r}{near}")
    files = _find(source)
    if CATALOGUE_FILE not in files:
        raise DataError(f"{CATALOGUE_FILE} is missing", path=source)
    catalogue = load_redial_catalogue(files[CATALOGUE_FILE], files.get(METADATA_FILE))
    paths = {split: files[name] for split, name in SPLIT_FILES.items() if name in files}
    single = source.is_file() and not _is_archive(source)
    if single:
        paths = {next((split for split in SPLIT_FILES if source.name.startswith(split)), "train"): source}
    if not paths:
        raise DataError(f"no dialogue file: one of {', '.join(SPLIT_FILES.values())} is expected", path=source)
    readings = {split: _read(path, catalogue) for split, path in paths.items()}
    require_distinct_ids(readings, paths, "conversationId", _ADVICE if "valid" in paths else "")
    if validation == "unseen-workers":
        held_out = _hold_out_unseen(readings, source)
        return collect(catalogue, held_out.readings, (held_out.said,))
    if "train" in paths and "valid" not in paths and not single:
        readings["train"], readings["valid"] = _hold_out(readings["train"], paths["train"])
    return collect(catalogue, readings)


def load_redial_catalogue(path: TextFile, metadata: TextFile | None = None) -> Catalogue:
    """Load every film of ``movies_with_mentions.csv``, repeated titles included.

    Args:
        path: The table with the columns ``movieId`` and ``movieName``.
        metadata: A ``movies.jsonl`` with ``movieId`` and facts; films that it lacks keep their title alone.

    Raises:
        DataError: On an empty or repeated id, an empty name, or metadata of an unknown film.
    """
    facts = _read_facts(metadata) if metadata is not None else {}
    items: dict[str, Item] = {}
    for line, row in read_table(path, ("movieId", "movieName")):
        identifier = row["movieId"].strip()
        title, year = split_year(row["movieName"])
        if not identifier.isdecimal() or identifier in items:
            message = f"a number that is not used yet is expected, not {identifier!r}"
            raise DataError(message, path=str(path), line=line, field="movieId")
        if not title:
            raise DataError("a film needs a name", path=str(path), line=line, field="movieName")
        items[identifier] = Item(identifier, title, year, facts.get(identifier, (0, {}))[1])
    for identifier, (line, _) in facts.items():
        if identifier not in items:
            message = f"film {identifier!r} is not in the catalogue"
            raise DataError(message, path=str(metadata), line=line, field="movieId")
    if not items:
        raise DataError("the catalogue is empty", path=str(path))
    fields = present_fields(MOVIE_FIELDS, (item.facts for item in items.values()))
    return Catalogue(tuple(items.values()), fields)


def load_redial_dialogues(path: TextFile, catalogue: Catalogue) -> list[Dialogue]:
    """Load one file of dialogues.

    Messages without text, and dialogues without any other, are left out; ``Turn.messages`` keeps the source's counting.

    Args:
        path: One JSON dialogue a line in the original schema.
        catalogue: Films that ``@id`` may name.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    return [reading.dialogue for reading in _read(path, catalogue) if reading.dialogue.turns]


def _read(path: TextFile, catalogue: Catalogue) -> list[Reading]:
    readings: dict[str, Reading] = {}
    for line, record in read_records(path, _CONVERSATION):
        with located(path, line):
            dialogue = _dialogue(record, catalogue)
            reading = Reading(dialogue, len(record.messages), line, record.number, record.workers)
            if record.id in readings:
                raise DataError(f"dialogue {record.id!r} is there twice", field="conversationId")
        readings[record.id] = reading
    return list(readings.values())


def _is_archive(source: Path) -> bool:
    return source.is_file() and source.suffix.lower() == ".zip"


def _find(source: Path) -> dict[str, TextFile]:
    names = {CATALOGUE_FILE, METADATA_FILE, *SPLIT_FILES.values()}
    if _is_archive(source):
        return _find_in_archive(source, names)
    folder = source.parent if source.is_file() else source
    if not folder.is_dir():
        raise DataError("no such file or folder", path=source)
    if not (folder / CATALOGUE_FILE).is_file() and (folder / ARCHIVE_FILE).is_file():
        return _find_in_archive(folder / ARCHIVE_FILE, names)
    return {name: folder / name for name in names if (folder / name).is_file()}


def _find_in_archive(source: Path, names: set[str]) -> dict[str, TextFile]:
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise DataError(f"not a zip archive: {error}", path=source) from None
    found: dict[str, TextFile] = {}
    for member in members:
        name = member.filename.rpartition("/")[2]
        if name in names and not member.filename.startswith("__MACOSX/"):
            if name in found:
                raise DataError(f"{name} is there twice", path=source)
            if member.file_size > _MAX_UNPACKED:
                raise DataError(f"{name} would unpack to more than {_MAX_UNPACKED:,} bytes", path=source)
            found[name] = zipfile.Path(source, member.filename)
    return found


def _hold_out(train: Sequence[Reading], path: TextFile) -> tuple[list[Reading], list[Reading]]:
    listed = resources.files("pecrs.data.loaders").joinpath("redial_valid_ids.txt").read_text(encoding="utf-8")
    held_out = frozenset(listed.split())
    valid = [reading for reading in train if reading.dialogue.id in held_out]
    if not valid:
        message = "none of the published validation ids occurs; give a valid_data.jsonl"
        raise DataError(message, path=str(path), field="conversationId")
    return [reading for reading in train if reading.dialogue.id not in held_out], valid


def _hold_out_unseen(readings: Mapping[str, Sequence[Reading]], source: Path) -> HeldOut:
    """Divide train and validation anew by worker and time; conversations are numbered as they were held."""
    members = [*readings.get("train", ()), *readings.get("valid", ())]
    known = [reading for reading in members if reading.moment is not None and reading.groups]
    train = [reading for reading in known if (reading.moment or 0) <= _LAST_TRAINING]
    valid, met = without_groups_of(train, [reading for reading in known if (reading.moment or 0) > _LAST_TRAINING])
    if not train or not valid:
        message = f"no dialogue up to number {_LAST_TRAINING:,}, or no later one of other workers"
        raise DataError(message, path=source, field="conversationId")
    said = (
        f"validation by unseen workers: {len(train):,} dialogues up to conversation {_LAST_TRAINING:,} are for "
        f"training, {len(valid):,} later ones of other workers for validation; {len(met):,} later ones with a worker "
        f"of training and {len(members) - len(known):,} without known workers or number are left out"
    )
    others = {split: list(part) for split, part in readings.items() if split not in ("train", "valid")}
    return HeldOut({"train": train, "valid": valid, **others}, said)


def _read_facts(path: TextFile) -> dict[str, tuple[int, dict[str, tuple[str, ...]]]]:
    facts: dict[str, tuple[int, dict[str, tuple[str, ...]]]] = {}
    for line, record in read_records(path, _FILM):
        if record.film in facts:
            raise DataError(f"film {record.film!r} is there twice", path=str(path), line=line, field="movieId")
        facts[record.film] = line, record.cleaned()
    return facts


def _dialogue(record: _Conversation, catalogue: Catalogue) -> Dialogue:
    if record.seeker == record.recommender:
        raise DataError("the same worker is seeker and recommender", field="respondentWorkerId")
    roles = {record.seeker: Speaker.SEEKER, record.recommender: Speaker.RECOMMENDER}
    names = {key: name for key, name in record.names.items() if isinstance(name, str)}
    turns = []
    for index, message in enumerate(record.messages):
        if message.sender not in roles:
            reason = f"worker {message.sender} is neither the initiator nor the respondent"
            raise DataError(reason, field=f"messages[{index}].senderWorkerId")
        text, mentions = _read_mentions(message.text.strip(), catalogue, names)
        if text:
            turns.append(Turn(roles[message.sender], text, mentions, messages=(index,)))
    return Dialogue(record.id, tuple(turns), {item: answers.label() for item, answers in record.answers.items()})


def _read_mentions(text: str, catalogue: Catalogue, names: Mapping[str, str]) -> tuple[str, tuple[Mention, ...]]:
    parts: list[str] = []
    mentions: list[Mention] = []
    length = position = 0
    for match in _MENTION.finditer(text):
        known = match[1] in catalogue
        name = catalogue[match[1]].name if known else " ".join(names.get(match[1], match[0]).split())
        before = text[position : match.start()]
        if (before[-1:].isalnum() if before else position > 0) and (known or match[1] in names):
            before += " "
        parts += [before, name]
        length += len(before)
        if known:
            mentions.append(Mention(length, length + len(name), match[1]))
        length += len(name)
        position = match.end()
    return "".join([*parts, text[position:]]), tuple(mentions)
