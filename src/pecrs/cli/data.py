"""Commands that fetch and prepare data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pecrs.cli.app import app, out
from pecrs.cli.progress import ProgressDisplay

_KINDS = "The kind of data: generic (your own), redial, inspired, opendialkg-books, reddit-movie, cpcd or talkplay."


@app.command()
def download(
    name: Annotated[str, typer.Argument(help="The data set: redial, inspired, cpcd or talkplay.")],
    output: Annotated[Path, typer.Option("--output", help="The folder to download to.")],
    sha256: Annotated[
        list[str] | None, typer.Option("--sha256", help="Require a checksum: file=hexadecimal. May be repeated.")
    ] = None,
) -> None:
    """Fetch a public data set.

    An interrupted download goes on where it stopped.
    """
    from pecrs.data.loaders.download import download as fetch

    pins = dict(pin.partition("=")[::2] for pin in sha256 or ())
    with ProgressDisplay(out) as report:
        paths = fetch(name, output, sha256=pins, progress=report)
    for path in paths:
        out.print(str(path), soft_wrap=True)


@app.command()
def prepare(
    name: Annotated[str, typer.Argument(help=_KINDS)],
    source: Annotated[Path, typer.Option("--source", help="The original files: a folder or an archive.")],
    output: Annotated[Path, typer.Option("--output", help="The prepared folder to write.")],
    fields: Annotated[
        str | None,
        typer.Option("--fields", help="Item fields the model reads, in order, of generic data: title,brand,..."),
    ] = None,
    validation: Annotated[
        str | None,
        typer.Option(
            "--validation",
            help="Which dialogues are for validation. Generic data: random (default), time, group:<field>; "
            "redial: published (default), unseen-workers.",
        ),
    ] = None,
    metadata: Annotated[Path | None, typer.Option("--metadata", help="A file of facts to add to the items.")] = None,
    tmdb_cache: Annotated[
        Path | None,
        typer.Option("--tmdb-cache", help="Ask TMDB for missing facts (key: TMDB_API_KEY) and keep its answers here."),
    ] = None,
) -> None:
    """Prepare a data set for training and evaluation.

    Writes the folder that the other commands read, and prints its statistics.
    """
    from pecrs.cli.display import counts_table
    from pecrs.train import prepare as write

    names = [field.strip() for field in fields.split(",")] if fields else None
    with ProgressDisplay(out) as report:
        statistics = write(
            name,
            source,
            output,
            fields=names,
            validation=validation,
            metadata=metadata,
            tmdb_cache=tmdb_cache,
            progress=report,
        )
    if statistics.splits:
        out.print(counts_table(statistics.rows, statistics.header))
    for remark in statistics.remarks:
        out.print(remark, soft_wrap=True, markup=False)
    described = f"{statistics.catalogue_items:,} items described by {', '.join(statistics.fields)}"
    out.print(f"{described}; written to {output}", soft_wrap=True)
