"""Titles that a person has seen, found in a catalogue by title and year."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.loaders.seen_exports import SeenEntry, SeenExport
from pecrs.linking.names import UNMARKED, written_forms

LIKED_FROM = 7.0
"""The rating out of ten from which a title counts as liked."""

_NEARLY_AS_WRITTEN = 1
_SHOWN = 5


@dataclass(frozen=True)
class SeenReport:
    """What of an export is in a catalogue.

    Attributes:
        kind: What the export is of.
        titles: How many titles the export has.
        seen: The items that were found, in the order of the export, each once; where a catalogue has an item twice,
            both.
        liked: Those of them rated high enough, the best rated first.
        unknown: The titles that the catalogue lacks.
        ambiguous: The titles that several items of different years may be, which the export does not tell apart.
        skipped: Rows that say of no title that it was seen.
        liked_from: The rating out of ten from which a title counts as liked.
    """

    kind: str
    titles: int
    seen: tuple[str, ...]
    liked: tuple[str, ...]
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]
    skipped: int
    liked_from: float

    @property
    def lines(self) -> list[str]:
        """The report in words."""
        found = self.titles - len(self.unknown) - len(self.ambiguous)
        items = f"{len(self.seen):,} items are left out, {len(self.liked):,} of them liked"
        rated = f"{self.liked_from:g} of 10 or more"
        lines = [f"{self.kind}: {found:,} of {self.titles:,} titles found; {items} ({rated})"]
        for what, titles in (("not in the catalogue", self.unknown), ("may be several items", self.ambiguous)):
            if titles:
                more = ", ..." if len(titles) > _SHOWN else ""
                lines.append(f"{len(titles):,} {what}: {', '.join(titles[:_SHOWN])}{more}")
        if self.skipped:
            lines.append(f"{self.skipped:,} without a rating, so that nothing says they were seen")
        return lines


def match_seen(export: SeenExport, catalogue: Catalogue, *, liked_from: float = LIKED_FROM) -> SeenReport:
    """Find the titles of an export in a catalogue.

    A title may be written in any way that linking knows (other titles, without a subtitle or an article) where the
    year is the same; as it stands, but for its article, where the years differ by one or one of them is not known.

    Args:
        export: What was read.
        catalogue: The items.
        liked_from: The rating out of ten from which a title counts as liked.
    """
    titles = TitleIndex(catalogue)
    ratings: dict[str, float | None] = {}
    unknown, ambiguous = [], []
    for entry in export.entries:
        items = titles.items(entry)
        if not items:
            unknown.append(_name(entry))
        elif len({item.year for item in items}) > 1:
            ambiguous.append(_name(entry))
        for item in items if len({item.year for item in items}) == 1 else ():
            ratings[item.id] = ratings.get(item.id) if entry.rating is None else entry.rating
    liked = [(rating, item) for item, rating in ratings.items() if rating is not None and rating >= liked_from]
    best_first = tuple(item for _, item in sorted(liked, key=lambda pair: -pair[0]))
    return SeenReport(
        export.kind,
        len(export.entries),
        tuple(ratings),
        best_first,
        tuple(unknown),
        tuple(ambiguous),
        export.skipped,
        liked_from,
    )


class TitleIndex:
    """Finds the items of a catalogue by title and year."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Index all ways to write the titles."""
        self._index: dict[tuple[str, ...], list[tuple[Item, int]]] = defaultdict(list)
        for item in catalogue:
            for words, tier in written_forms(item):
                self._index[words].append((item, tier))

    def items(self, entry: SeenEntry) -> Sequence[Item]:
        """Return the items that fit an entry best: the year first, then how near the title is to how it is written."""
        fits: dict[tuple[int, int], dict[str, Item]] = defaultdict(dict)
        for words, tier in _forms(entry):
            for item, item_tier in self._index.get(words, ()):
                distance = tier + item_tier
                apart = None if entry.year is None or item.year is None else abs(entry.year - item.year)
                if apart == 0 and distance < UNMARKED:
                    fits[0, distance][item.id] = item
                elif (apart is None or apart == 1) and distance <= _NEARLY_AS_WRITTEN:
                    fits[1, distance][item.id] = item
        return list(fits[min(fits)].values()) if fits else ()

    def named(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the identifiers of the items that names such as ``Heat (1995)`` mean, each once.

        >>> ring = Catalogue((Item("1", "The Ring", 2002),), ("title",))
        >>> TitleIndex(ring).named(["Ring, The (2002)", "The Ring (2003)", "It (2017)"])
        ('1',)
        """
        matches = filter(None, map(_NAMED.fullmatch, map(str.strip, names)))
        entries = (SeenEntry(match["title"].strip(), int(match["year"])) for match in matches)
        return tuple(dict.fromkeys(item.id for entry in entries for item in self.items(entry)))


_NAMED = re.compile(r"(?P<title>.+)\((?P<year>\d{4})\)")


def _forms(entry: SeenEntry) -> Iterable[tuple[tuple[str, ...], int]]:
    for title in filter(None, (entry.title, entry.other_title)):
        yield from written_forms(Item("seen", title))


def _name(entry: SeenEntry) -> str:
    return entry.title if entry.year is None else f"{entry.title} ({entry.year})"
