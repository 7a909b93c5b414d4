"""From a public or own data set to the prepared folder that everything else reads, with its statistics.

catalogue.jsonl    a header line with the text fields, then one item a line
train.jsonl        one dialogue a line; likewise valid.jsonl, and test.jsonl where the source has it
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, Speaker, check_items, dialogue_records, load_dialogues
from pecrs.data.files import write_jsonl_files
from pecrs.data.loaders.cpcd import load_cpcd
from pecrs.data.loaders.generic import load_generic
from pecrs.data.loaders.inspired import load_inspired
from pecrs.data.loaders.metadata import TmdbDatabase, fetch_metadata, join_metadata
from pecrs.data.loaders.opendialkg import load_opendialkg
from pecrs.data.loaders.plain_titles import TitleFinder
from pecrs.data.loaders.reddit_movie import load_reddit_movie
from pecrs.data.loaders.redial import load_redial
from pecrs.data.loaders.talkplay import load_talkplay
from pecrs.data.progress import Report, silent
from pecrs.data.protocol import instances
from pecrs.data.splits import SPLITS, Dialogues, Prepared
from pecrs.errors import ConfigError, DataError

CATALOGUE_FILE = "catalogue.jsonl"
DOMAINS: tuple[str, ...] = (
    "redial",
    "inspired",
    "opendialkg-books",
    "reddit-movie",
    "cpcd",
    "talkplay",
    "generic",
)
"""The names that :func:`prepare` knows; ``generic`` is your own data."""

Data: TypeAlias = Path | str | tuple[Catalogue, Dialogues] | Prepared
"""What models are trained and evaluated on: a prepared folder, or a catalogue with dialogues."""

_LOADERS: Mapping[str, Callable[[Path], Prepared]] = {
    "inspired": load_inspired,
    "opendialkg-books": load_opendialkg,
    "reddit-movie": load_reddit_movie,
    "cpcd": load_cpcd,
    "talkplay": load_talkplay,
}


@dataclass(frozen=True, slots=True)
class SplitStatistics:
    """What one split holds. Source: PECRS Table 1.

    Attributes:
        items: Distinct items that its dialogues name.
        dialogues: Number of dialogues.
        utterances: Messages with text.
        recommender_utterances: Those of the recommender.
        with_items: Those of the recommender that name at least one item.
        without_items: Those of the recommender that name none.
        empty_messages: Messages without any text, which are left out everywhere.
        empty_dialogues: Dialogues without any other message, which are left out everywhere.
        instances: Instances of protocol ``standard``, variant ``all``.
        labels: Their labels.
        novel_instances: Instances of variant ``novel``.
        novel_labels: Their labels.
    """

    items: int
    dialogues: int
    utterances: int
    recommender_utterances: int
    with_items: int
    without_items: int
    empty_messages: int
    empty_dialogues: int
    instances: int
    labels: int
    novel_instances: int
    novel_labels: int


@dataclass(frozen=True)
class Statistics:
    """Counts of a prepared domain.

    Attributes:
        catalogue_items: Items that can be recommended.
        fields: The catalogue's text fields.
        splits: Counts by split.
        total: Counts of all dialogues together.
        remarks: What else is to be said of the source, in words.
    """

    catalogue_items: int
    fields: tuple[str, ...]
    splits: Mapping[str, SplitStatistics]
    total: SplitStatistics
    remarks: Sequence[str] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """Column names of :attr:`rows`."""
        return ("", *self.splits, "total")

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The counts as text, one row a quantity."""
        columns = [*self.splits.values(), self.total]
        names = [field.name for field in dataclasses.fields(SplitStatistics)]
        return [(name.replace("_", " "), *(f"{getattr(column, name):,}" for column in columns)) for name in names]


def load_source(
    name: str,
    source: Path,
    fields: Sequence[str] | None = None,
    *,
    validation: str | None = None,
    find_titles: TitleFinder | None = None,
    progress: Report = silent,
) -> Prepared:
    """Load a data set in its original form.

    Args:
        name: One of :data:`DOMAINS`.
        source: Its folder or archive.
        fields: The text fields of an item, for ``generic`` alone.
        validation: The rule that chooses the validation dialogues, see :func:`pecrs.data.loaders.redial.load_redial`
            and :func:`pecrs.data.loaders.generic.load_generic`; None takes their first.
        find_titles: What finds titles in dialogues of ``generic`` that mark no items.
        progress: Is told how many dialogues are linked.

    Raises:
        ConfigError: If the name or the rule is unknown, or fields or a rule are given for a domain that has its own.
        DataError: Naming file, line and field of what is wrong.
    """
    if name not in DOMAINS:
        raise ConfigError(f"data set {name!r} is unknown; one of {', '.join(DOMAINS)} is expected")
    if name == "generic":
        return load_generic(source, fields, validation=validation, find_titles=find_titles, progress=progress)
    if fields is not None:
        raise ConfigError(f"fields: {name} has its own fields; they are chosen for generic data alone")
    if name == "redial":
        return load_redial(source, validation)
    if validation is not None:
        raise ConfigError(f"validation: {name} has its own splits; they are chosen for redial and generic data alone")
    return _LOADERS[name](source)


def prepare(
    name: str,
    source: Path,
    output: Path,
    *,
    fields: Sequence[str] | None = None,
    validation: str | None = None,
    metadata: Path | None = None,
    tmdb_cache: Path | None = None,
    find_titles: TitleFinder | None = None,
    progress: Report = silent,
) -> Statistics:
    """Load a data set and write the prepared folder.

    Args:
        name: One of :data:`DOMAINS`.
        source: Its folder or archive.
        output: The folder to write; not the source.
        fields: The text fields of an item, for ``generic`` alone.
        validation: As for :func:`load_source`.
        metadata: A file of facts to join to the catalogue, see :func:`pecrs.data.loaders.metadata.join_metadata`.
        tmdb_cache: Ask The Movie Database for films without facts, with the key in ``TMDB_API_KEY``, and keep its
            answers in this file; an interrupted run goes on from there.
        find_titles: What finds titles in dialogues of ``generic`` that mark no items.
        progress: Is told how many dialogues are linked, and how many films The Movie Database was asked for.

    Raises:
        ConfigError: If an argument is wrong or the key is missing.
        DataError: Naming file, line and field of what is wrong.
    """
    if source.resolve() == output.resolve():
        raise ConfigError(f"output: {output} is the source; give another folder")
    database = TmdbDatabase() if tmdb_cache is not None else None
    prepared = load_source(name, source, fields, validation=validation, find_titles=find_titles, progress=progress)
    if metadata is not None:
        prepared = replace(prepared, catalogue=join_metadata(prepared.catalogue, metadata))
    if tmdb_cache is not None and database is not None:
        fetched = fetch_metadata(prepared.catalogue, tmdb_cache, database, progress=progress)
        prepared = replace(prepared, catalogue=fetched)
    save_prepared(output, prepared)
    return statistics(prepared)


def save_prepared(folder: Path, prepared: Prepared) -> None:
    """Write a prepared folder, whole or not at all; a split file of an earlier run that this one lacks is removed.

    Args:
        folder: Destination, made where missing.
        prepared: What to write.
    """
    known = [item.id for item in prepared.catalogue]
    for dialogues in prepared.splits.values():
        check_items(dialogues, known)
    paths = {split: folder / f"{split}.jsonl" for split in SPLITS}
    splits = {split: dialogues for split, dialogues in prepared.splits.items() if dialogues}
    write_jsonl_files(
        {folder / CATALOGUE_FILE: prepared.catalogue.records()}
        | {paths[split]: dialogue_records(dialogues) for split, dialogues in splits.items()}
    )
    for split in SPLITS:
        if split not in splits:
            paths[split].unlink(missing_ok=True)


def as_prepared(data: Data) -> Prepared:
    """Return a domain in whichever form it is given.

    Args:
        data: A prepared folder, a catalogue with dialogues, or a domain.

    Raises:
        DataError: As :func:`load_prepared` and :meth:`pecrs.data.splits.Prepared.of`.
    """
    if isinstance(data, Prepared):
        return data
    return load_prepared(Path(data)) if isinstance(data, str | Path) else Prepared.of(*data)


def load_prepared(folder: Path) -> Prepared:
    """Read what :func:`prepare` wrote; a split without a file is absent.

    Args:
        folder: A prepared folder.

    Raises:
        DataError: If a file is missing or wrong, or dialogues name items that the catalogue lacks.
    """
    if not (folder / CATALOGUE_FILE).is_file():
        raise DataError(f"not a prepared folder: {CATALOGUE_FILE} is missing", path=folder)
    catalogue = Catalogue.load(folder / CATALOGUE_FILE)
    known = [item.id for item in catalogue]
    splits: dict[str, tuple[Dialogue, ...]] = {}
    for split in SPLITS:
        path = folder / f"{split}.jsonl"
        if path.is_file():
            splits[split] = tuple(load_dialogues(path))
            check_items(splits[split], known, path)
    return Prepared(catalogue, splits)


def statistics(prepared: Prepared) -> Statistics:
    """Count what a domain holds.

    Args:
        prepared: The domain.

    Source: PECRS Table 1; design section 5 for the instances.
    """
    counts = {
        split: _count(dialogues, prepared.empty_messages.get(split, 0), prepared.empty_dialogues.get(split, 0))
        for split, dialogues in prepared.splits.items()
        if dialogues
    }
    everything = [dialogue for dialogues in prepared.splits.values() for dialogue in dialogues]
    empty = sum(prepared.empty_messages.values()), sum(prepared.empty_dialogues.values())
    total = _count(everything, *empty)
    return Statistics(len(prepared.catalogue), prepared.catalogue.fields, counts, total, prepared.remarks)


def _count(dialogues: Sequence[Dialogue], empty_messages: int, empty_dialogues: int) -> SplitStatistics:
    turns = [turn for dialogue in dialogues for turn in dialogue.turns]
    recommender = [turn for turn in turns if turn.speaker is Speaker.RECOMMENDER]
    with_items = sum(bool(turn.items) for turn in recommender)
    asked, novel = (instances(dialogues, "standard", variant) for variant in ("all", "novel"))
    return SplitStatistics(
        items=len({item for turn in turns for item in turn.items}),
        dialogues=len(dialogues),
        utterances=len(turns),
        recommender_utterances=len(recommender),
        with_items=with_items,
        without_items=len(recommender) - with_items,
        empty_messages=empty_messages,
        empty_dialogues=empty_dialogues,
        instances=len(asked),
        labels=sum(len(point.labels) for point in asked),
        novel_instances=len(novel),
        novel_labels=sum(len(point.labels) for point in novel),
    )
