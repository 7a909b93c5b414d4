"""What a person has seen, from the exports of Letterboxd, IMDb and Trakt, or from a plain table.

Letterboxd  watched.csv, ratings.csv, diary.csv    Date,Name,Year,Letterboxd URI[,Rating]       0.5 to 5
IMDb        the list of ratings, CSV                Const,Your Rating,Date Rated,Title,...,Year  1 to 10
Trakt       watched or rated films or shows, JSON   [{"rating": 8, "movie": {"title", "year"}}]  1 to 10
plain       any table, CSV or TSV                   title[,year][,rating]                        up to 5, 10 or 100
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter

from pecrs.data.files import read_json
from pecrs.data.loaders.titles import is_year, read_title
from pecrs.data.records import Record, located, validated
from pecrs.data.tables import read_table, sniff_delimiter
from pecrs.errors import DataError

_SCALES = (5.0, 10.0, 100.0)


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """A title that a person has seen.

    Attributes:
        title: Without its year, as the export writes it.
        year: Of its release, or None.
        rating: The person's, out of ten, or None.
        other_title: Another title, such as the original one; "" where there is none.
    """

    title: str
    year: int | None = None
    rating: float | None = None
    other_title: str = ""


@dataclass(frozen=True)
class SeenExport:
    """What a file holds.

    Attributes:
        kind: ``Letterboxd``, ``IMDb``, ``Trakt`` or ``table``.
        entries: The titles in the order of the file.
        skipped: Rows that say of no title that it was seen: those of a list of IMDb without a rating.
    """

    kind: str
    entries: Sequence[SeenEntry]
    skipped: int = 0


class _Work(Record):
    title: str | None = None
    year: int | None = None


class _Watched(Record):
    rating: Annotated[float | None, BeforeValidator(lambda value: float(value) if type(value) is int else value)] = None
    movie: _Work | None = None
    show: _Work | None = None


_TRAKT = TypeAdapter(list[_Watched])


def read_seen(path: Path) -> SeenExport:
    """Read an export; its kind is known by its columns, and that of Trakt by being JSON.

    Args:
        path: A ``.csv``, ``.tsv`` or ``.json`` file.

    Raises:
        DataError: Naming file, line and field of what is wrong.
    """
    if path.suffix.lower() == ".json":
        with located(path):
            records = validated(_TRAKT, read_json(path))
            return SeenExport("Trakt", [_entry_of(record, n) for n, record in enumerate(records)])
    delimiter = sniff_delimiter(path, ("title", "Title", "Name", "name"))
    rows = list(read_table(path, (), delimiter))
    if not rows:
        raise DataError("the file has no rows", path=path)
    columns = set(rows[0][1])
    if "Letterboxd URI" in columns:
        return SeenExport("Letterboxd", _entries(path, rows, ("Name", "Year", "Rating"), 5))
    if {"Const", "Your Rating"} <= columns:
        rated = [(line, row) for line, row in rows if row["Your Rating"].strip()]
        entries = _entries(path, rated, ("Title", "Year", "Your Rating"), 10)
        originals = [row.get("Original Title", "").strip() for _, row in rated]
        both = [replace(entry, other_title=other) for entry, other in zip(entries, originals, strict=True)]
        return SeenExport("IMDb", both, len(rows) - len(rated))
    return SeenExport("table", _plain_entries(path, rows))


def _entry_of(record: _Watched, number: int) -> SeenEntry:
    work = record.movie or record.show
    if work is None or not (work.title or "").strip():
        raise DataError("a film or show with a title is expected", field=f"[{number}].movie.title")
    return SeenEntry(*read_title(work.title or "", work.year), _out_of_ten(record.rating, 10, f"[{number}].rating"))


def _plain_entries(path: Path, rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[SeenEntry]:
    lowered = [(line, {name.lower(): cell for name, cell in row.items()}) for line, row in rows]
    title = next((name for name in ("title", "name") if name in lowered[0][1]), None)
    if title is None:
        raise DataError("a column 'title' is expected", path=path, line=1, field="title")
    given = [_number(row.get("rating", "")) for _, row in lowered]
    highest = max((rating for rating in given if rating is not None and math.isfinite(rating)), default=0.0)
    scale = next((scale for scale in _SCALES if highest <= scale), _SCALES[-1])
    return _entries(path, lowered, (title, "year", "rating"), scale)


def _entries(
    path: Path, rows: Iterable[tuple[int, Mapping[str, str]]], columns: tuple[str, str, str], scale: float
) -> list[SeenEntry]:
    """Read the title, the year and the rating of each row from the named columns."""
    title, year, rating = columns
    entries = []
    for line, row in rows:
        with located(path, line):
            if not row.get(title, "").strip():
                raise DataError("a title is expected", field=title)
            written = row.get(year, "").strip()
            if written and not is_year(written):
                raise DataError(f"a year is expected, not {written[:40]!r}", field=year)
            cell = row.get(rating, "").strip()
            value = _number(cell)
            if cell and value is None:
                raise DataError(f"a number is expected, not {cell[:40]!r}", field=rating)
            found = read_title(row[title], int(written) if written else None)
            entries.append(SeenEntry(*found, _out_of_ten(value, scale, rating)))
    return entries


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _out_of_ten(rating: float | None, scale: float, field: str) -> float | None:
    if rating is not None and not 0 <= rating <= scale:
        raise DataError(f"a rating from 0 to {scale:g} is expected, not {rating:g}", field=field)
    return None if rating is None else rating * 10 / scale
