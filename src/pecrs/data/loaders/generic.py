"""The loader of your own domain: a catalogue as CSV, JSONL or Parquet, and dialogues as JSONL.

    catalogue.csv      id,title,year,brand,colours          lists are written  red|blue
    dialogues.jsonl    as :mod:`pecrs.data.loaders.conversations` reads them

Tables and dialogues may be compressed: ``catalogue.csv.gz``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.loaders.columns import REQUIRED, Columns, read_columns
from pecrs.data.loaders.conversations import DialogueReader
from pecrs.data.loaders.plain_titles import TitleFinder, link_titles, marks_items
from pecrs.data.loaders.titles import is_year, read_title
from pecrs.data.progress import Report, silent
from pecrs.data.protocol import standard_instances
from pecrs.data.records import located
from pecrs.data.splits import SPLITS, Prepared, Reading, collect, hold_out, require_distinct_ids, split_by_hash
from pecrs.data.validation import HeldOut, Rule, hold_out_groups, hold_out_latest
from pecrs.data.values import identifier_of, name_of, required
from pecrs.errors import DataError, suggestion

CATALOGUE_FILES: tuple[str, ...] = ("catalogue.csv", "catalogue.tsv", "catalogue.jsonl", "catalogue.parquet")
DIALOGUE_FILE = "dialogues.jsonl"

_OWN = ("id", "title", "year")

_ALONE = "there are no dialogues: training can only make its own from the catalogue"


def load_generic(
    source: Path,
    fields: Sequence[str] | None = None,
    *,
    validation: str | None = None,
    find_titles: TitleFinder | None = None,
    progress: Report = silent,
) -> Prepared:
    """Load a folder with one of :data:`CATALOGUE_FILES` and dialogues.

    Args:
        source: The folder. Dialogues are in ``train.jsonl``, ``valid.jsonl`` and optionally ``test.jsonl``, or in one
            ``dialogues.jsonl``, which is split about 80/10/10 by a hash of the words, or by
            :func:`pecrs.data.splits.hold_out` where that leaves nothing to train or to validate on. A catalogue may
            also stand alone.
        fields: The text fields of an item in order; None takes the title and then all other columns but id and year
            that can be text.
        validation: Which dialogues of one ``dialogues.jsonl`` are for validation: ``random``, by the hash, as None is;
            ``time``, the latest tenth by the field ``time``; ``group:<field>``, whole groups by the named field.
        find_titles: What finds titles in dialogues; it is asked where no message of the source marks an item.
        progress: Is told how many dialogues are linked.

    Raises:
        ConfigError: If there is no such rule of validation.
        DataError: Naming file, line and field of what is wrong.
    """
    rule = Rule.parse("random" if validation is None else validation)
    if not source.is_dir():
        raise DataError("a folder is expected" if source.exists() else "no such folder", path=source)
    table, files = _table(source), _dialogue_files(source)
    _check_rule(source, rule, files, validation)
    catalogue, remarks = _read_catalogue(table, fields)
    if not files:
        return Prepared(catalogue, {}, remarks=(*remarks, _ALONE))
    reader = DialogueReader(catalogue, rule)
    readings: Mapping[str, Sequence[Reading]] = {name: reader.read(path) for name, path in files.items()}
    require_distinct_ids(readings, files, "id")
    remarks += reader.remarks
    if not marks_items(readings):
        if find_titles is not None:
            readings, linked = link_titles(readings, catalogue, find_titles(catalogue), progress)
            remarks += linked
        else:
            remarks.append("no message marks an item, and titles in the texts were not searched for")
    if set(readings) == {DIALOGUE_FILE}:
        with located(files[DIALOGUE_FILE]):
            readings, said = _split(readings[DIALOGUE_FILE], rule)
        remarks.append(f"{files[DIALOGUE_FILE].name}: {said}")
    return collect(catalogue, readings, (*remarks, *_lacking(readings)))


def _present(source: Path, name: str) -> list[Path]:
    return [path for path in (source / name, source / f"{name}.gz") if path.is_file()]


def _table(source: Path) -> Path:
    """Return the one file of the catalogue."""
    tables = [path for name in CATALOGUE_FILES for path in _present(source, name)]
    if len(tables) != 1:
        found = ", ".join(path.name for path in tables) or "none"
        raise DataError(f"exactly one of {', '.join(CATALOGUE_FILES)} is expected, found {found}", path=source)
    return tables[0]


def _dialogue_files(source: Path) -> dict[str, Path]:
    """Return the files of the splits, or the one with all dialogues under its own name; none of a catalogue alone."""
    present = {name: _present(source, name) for name in (DIALOGUE_FILE, *(f"{split}.jsonl" for split in SPLITS))}
    for name, paths in present.items():
        if len(paths) > 1:
            raise DataError(f"one of {name} and {name}.gz is expected", path=source)
    together = present.pop(DIALOGUE_FILE)
    splits = {name.removesuffix(".jsonl"): paths[0] for name, paths in present.items() if paths}
    if (together and splits) or (splits and not {"train", "valid"} <= set(splits)):
        raise DataError(f"either {DIALOGUE_FILE}, or train.jsonl and valid.jsonl are expected", path=source)
    return {DIALOGUE_FILE: together[0]} if together else splits


def _check_rule(source: Path, rule: Rule, files: Mapping[str, Path], validation: str | None) -> None:
    """Refuse a rule of validation where there is nothing to choose from."""
    if validation is not None and not files:
        raise DataError("there are no dialogues to choose from", path=source, field="validation")
    if rule.field is not None and DIALOGUE_FILE not in files:
        message = f"it has its own validation dialogues; a rule chooses some of one {DIALOGUE_FILE}"
        raise DataError(message, path=files["valid"], field="validation")


def _split(readings: Sequence[Reading], rule: Rule) -> HeldOut:
    """Split the dialogues of one file."""
    if rule.name == "time":
        return hold_out_latest(readings)
    if rule.field is not None:
        return hold_out_groups(readings, rule.field)
    splits = split_by_hash(readings)
    if not _lacking(splits):
        return HeldOut(splits, "split about 80/10/10 by a hash of what is said")
    return HeldOut(
        hold_out(readings), "too few dialogues for 80/10/10; every tenth with a recommendation is for validation"
    )


def _lacking(readings: Mapping[str, Sequence[Reading]]) -> list[str]:
    """Say what training would miss."""
    return [
        f"{split}: no dialogue in which the recommender names an item after the seeker's first message; "
        "training needs one in train and another in valid"
        for split in ("train", "valid")
        if not standard_instances([reading.dialogue for reading in readings[split]])
    ]


def load_generic_catalogue(path: Path, fields: Sequence[str] | None = None) -> Catalogue:
    """Load a catalogue from a table.

    Args:
        path: A file as :func:`pecrs.data.loaders.columns.read_columns` takes it; columns ``id``, ``title``, optionally
            ``year``, and any others. Titles are read by :func:`read_title`.
        fields: As for :func:`load_generic`; columns that are not declared are kept as facts too (for filters).

    Raises:
        DataError: Naming file, line (of a Parquet file: row from 1) and field of what is wrong.
    """
    return _read_catalogue(path, fields)[0]


def _read_catalogue(path: Path, fields: Sequence[str] | None) -> tuple[Catalogue, list[str]]:
    """Return the catalogue, and in words what of the file was left out."""
    columns = read_columns(path, fields or ())
    if not columns.lines:
        raise DataError("the catalogue is empty", path=path)
    _require_columns(columns, fields or ())
    facts, left_out = _facts(columns, fields or ())
    lines: dict[str, int] = {}
    items: list[Item] = []
    for row, line in enumerate(columns.lines):
        record = {name: columns.values[name][row] for name in _OWN if name in columns.values}
        with located(path, line):
            item = _item(record, {name: texts[row] for name, texts in facts.items() if texts[row]})
            if item.id in lines:
                raise DataError(f"item {item.id!r} is in line {lines[item.id]} too", field="id")
        lines[item.id] = line
        items.append(item)
    said = [name for name, texts in facts.items() if any(texts)]
    declared = tuple(dict.fromkeys(fields)) if fields is not None else ("title", *said)
    for name in declared:
        if name not in said and name not in ("title", "year"):
            raise DataError("the field is declared, but no item has it", path=path, field=name)
    return Catalogue(tuple(items), declared), [*columns.remarks, *left_out]


def _require_columns(columns: Columns, fields: Sequence[str]) -> None:
    names = ", ".join(columns.values)
    for name in REQUIRED:
        if name not in columns.values:
            message = f"the column is missing{suggestion(name, columns.values)}; the file has {names}"
            raise DataError(message, path=columns.path, field=name)
    if "id" in fields:
        raise DataError("an id is not part of an item's text", path=columns.path, field="id")
    for name in fields:
        if name not in columns.values and name != "year":
            message = f"the field is declared, but there is no such column{suggestion(name, columns.values)}"
            raise DataError(f"{message}; the file has {names}", path=columns.path, field=name)


def _facts(columns: Columns, fields: Sequence[str]) -> tuple[dict[str, list[tuple[str, ...]]], list[str]]:
    """Return the texts of each further column; those that are not declared and cannot be text are named instead."""
    facts, left_out = {}, []
    for name in columns.values:
        if name in _OWN:
            continue
        try:
            facts[name] = columns.texts(name)
        except DataError as error:
            if name in fields:
                raise
            left_out.append(f"{columns.path.name}: column {name!r} is left out; line {error.line}: {error.reason}")
    return facts, left_out


def _item(record: Mapping[str, Any], facts: Mapping[str, tuple[str, ...]]) -> Item:
    identifier = identifier_of(required(record, "id"), "id")
    title = name_of(required(record, "title"), "title")
    year = identifier_of(record.get("year"), "year")
    if year and not is_year(year):
        raise DataError(f"a whole number is expected, not {year[:40]!r}", field="year")
    return Item(identifier, *read_title(title, int(year) if year else None), facts)
