"""Requests in free words: how often the first film, or one of the first ten, is among those that fulfil them.

    python benchmarks/free_text.py [MODEL] [--requests FILE] [--kinds 1 3] [--hands 12] [--show]

Without a file these are the requests of the package that nothing was fitted to (docs/film_notes.md). Lists of what
fulfils a request are not complete, so that shares are lower bounds; a refused film that is offered first is wrong.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pecrs import Chat, Recommender
from pecrs.data.loaders.film_requests import HELD_OUT_HANDS, film_requests
from pecrs.linking.seen import TitleIndex

KINDS = {1: "themes", 2: "moods", 3: "forgotten titles", 4: "refusals", 5: "occasions", 6: "like T but", 0: "others"}
COLUMNS = ("requests", "answered by a film", "first fits", "one of ten fits", "recall at 10", "first is refused")


def main() -> None:
    """Ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--requests", type=Path)
    parser.add_argument("--kinds", nargs="+", type=int, choices=sorted(KINDS), default=sorted(KINDS))
    parser.add_argument("--hands", nargs="+", type=int, choices=HELD_OUT_HANDS, default=HELD_OUT_HANDS)
    parser.add_argument("--show", action="store_true", help="Print each request with its reply.")
    arguments = parser.parse_args()
    recommender = Recommender.from_pretrained(arguments.model)
    titles, console = TitleIndex(recommender.catalogue), Console()
    asked = [
        entry
        for entry in film_requests(arguments.requests)
        if entry.kind in arguments.kinds and (arguments.requests or entry.hand in arguments.hands)
    ]
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * len(COLUMNS))
    for entry in asked:
        right, refused = set(titles.named(entry.items)), set(titles.named(entry.refused))
        if not right:
            continue
        reply = Chat(recommender).say(entry.request)
        named = [ranked.item.id for ranked in reply.items[:10]] if reply.recommends else []
        hits = len(right.intersection(named))
        first = set(named[:1])
        row = (1.0, float(bool(named)), float(bool(first & right)), float(hits > 0), hits / min(10, len(right)),
               float(bool(first & refused)))  # fmt: skip
        for name in (KINDS[entry.kind], "all"):
            sums[name] = [total + value for total, value in zip(sums[name], row, strict=True)]
        if arguments.show:
            console.print(f"[bold]{entry.request}[/bold]\n  {reply.text}", highlight=False)
    table = Table("kind", *COLUMNS)
    for name, (count, *shares) in sums.items():
        table.add_row(name, f"{count:.0f}", *(f"{share / count:.2f}" for share in shares))
    console.print(table)


if __name__ == "__main__":
    main()
