"""Tables 9 and 10: the genre of the first recommendation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pecrs.evaluation.metrics.ranking import Estimate, ratio
from pecrs.reproduce.domains import Domain
from pecrs.reproduce.published import published
from pecrs.reproduce.runs import ExperimentRunner, Judged
from pecrs.reproduce.shared import PAPER_RUN, base_run, beside, table
from pecrs.reproduce.tables import ResultTable, percent, point

UNKNOWN = "not told"
_TABLES = {"table9": "redial", "table10": "inspired"}


@dataclass(frozen=True)
class GenrePoint:
    """One point of a protocol, by genre.

    Attributes:
        dialogue: Its dialogue.
        right: Genre of the positive.
        said: Genre of the first recommendation.
        hit: Whether that is the positive.
    """

    dialogue: str
    right: str
    said: str
    hit: bool


def genre_tables(runner: ExperimentRunner, name: str) -> list[ResultTable]:
    """Make table 9 or 10, and the summary that appendix B gives in words."""
    role = _TABLES[name]
    printed = [row.name for row in published()[name].rows]
    if role not in runner.domains:
        absent = [beside(name, genre, {}) for genre in printed]
        summary = [beside(f"{name}-summary", PAPER_RUN, {}, printed="PECRS-medium")]
        return [table(runner, name, absent, [], role), table(runner, f"{name}-summary", summary, [], role)]
    domain = runner.domains[role]
    genres = first_genres(domain)
    points = genre_points(runner.judged(base_run(runner, role))["all"], genres)
    ours = by_genre(points, list(genres.values()))
    order = list(dict.fromkeys([*printed, *sorted(ours, key=lambda genre: -ours[genre]["Items (%)"].value)]))
    nothing = {"Items (%)": point(0.0), "Recommendations (%)": point(0.0)}
    rows = [beside(name, genre, ours.get(genre, nothing)) for genre in order]
    notes = [
        "An item counts under its first genre, as in the paper; the genres themselves are those of the data at hand."
    ]
    found = beside(f"{name}-summary", PAPER_RUN, in_sum(points, list(genres.values())), printed="PECRS-medium")
    return [table(runner, name, rows, notes, role), table(runner, f"{name}-summary", [found], notes, role)]


def first_genres(domain: Domain) -> dict[str, str]:
    """Return the first genre of each item, as the paper writes genres."""
    named = {"tv": "TV", "tv movie": "TV", "reality-tv": "Reality-TV", "sci-fi": "Sci-fi", "film-noir": "Film-noir"}
    found = {}
    for item in domain.kept.catalogue:
        first = next(iter(item.values("genres")), UNKNOWN).lower()
        found[item.id] = UNKNOWN if first == UNKNOWN else named.get(first, first[:1].upper() + first[1:])
    return found


def genre_points(judged: Judged, genres: Mapping[str, str]) -> list[GenrePoint]:
    """Return the points of a protocol with one label each, by genre."""
    points = zip(judged.instances, judged.results, strict=True)
    return [
        GenrePoint(result.dialogue, genres[label], genres[result.top], result.top == label)
        for instance, result in points
        for label in instance.labels
    ]


def by_genre(points: Sequence[GenrePoint], catalogue: Sequence[str]) -> dict[str, dict[str, Estimate]]:
    """Return the columns of table 9 for each genre that occurs; without points of a genre it has no accuracy.

    Args:
        points: What was recommended.
        catalogue: The genre of each item.
    """
    items, asked = Counter(catalogue), Counter(one.right for one in points)
    found: dict[str, dict[str, Estimate]] = {}
    for genre in items | asked:
        own = [one for one in points if one.right == genre]
        shares = ratio(
            [one.dialogue for one in points], [float(one.right == genre) for one in points], [1.0] * len(points)
        )
        found[genre] = {
            "Items (%)": point(100 * items[genre] / len(catalogue)),
            "Recommendations (%)": percent(shares),
        }
        if own:
            found[genre]["Correctly predicted (%)"] = _right_genre(own)
    return found


def in_sum(points: Sequence[GenrePoint], catalogue: Sequence[str]) -> dict[str, Estimate]:
    """Return how often the genre is right where the item is wrong, and how often it would be by chance.

    By chance: an item is drawn uniformly from the catalogue for each point.
    """
    items = Counter(catalogue)
    chance = sum(items[one.right] for one in points) / len(points) / len(catalogue)
    wrong = [one for one in points if not one.hit]
    found = {"By chance (%)": point(100 * chance)}
    return {**found, "Right genre where the item is wrong (%)": _right_genre(wrong)} if wrong else found


def _right_genre(points: Sequence[GenrePoint]) -> Estimate:
    hits = [float(one.said == one.right) for one in points]
    return percent(ratio([one.dialogue for one in points], hits, [1.0] * len(points)))
