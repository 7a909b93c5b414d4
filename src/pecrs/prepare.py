"""The verb ``prepare``: from the files of a public data set, or your own, to the folder that everything else reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pecrs.data.loaders.prepare import Statistics


def prepare(
    name: str,
    source: Path | str,
    output: Path | str,
    *,
    fields: Sequence[str] | None = None,
    metadata: Path | str | None = None,
    tmdb_cache: Path | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Statistics:
    """Load a data set and write the prepared folder; titles are linked where your own dialogues mark no items.

    Args:
        name: ``redial``, ``inspired``, ``opendialkg-books``, or ``generic`` for your own data.
        source: Its folder or archive.
        output: The folder to write; not the source.
        fields: The text fields of an item, for ``generic`` alone.
        metadata: A file of facts to join to the catalogue.
        tmdb_cache: Ask The Movie Database for films without facts, with the key in ``TMDB_API_KEY``, and keep its
            answers in this file; an interrupted run goes on from there.
        progress: Called with (films done, films in all) while The Movie Database is asked.

    Raises:
        ConfigError: If an argument is wrong or the key is missing.
        DataError: Naming file, line and field of what is wrong.
    """
    from pecrs.data.loaders.prepare import prepare as write
    from pecrs.linking.certainty import title_finder

    joined, cache = (None if path is None else Path(path) for path in (metadata, tmdb_cache))
    return write(
        name,
        Path(source),
        Path(output),
        fields=fields,
        metadata=joined,
        tmdb_cache=cache,
        find_titles=title_finder,
        progress=progress,
    )
