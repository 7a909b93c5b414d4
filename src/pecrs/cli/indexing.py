"""Commands for catalogues larger than the one a model was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pecrs.cli.app import DeviceMap, Model, Where, Workers, app, cluster_settings, out
from pecrs.cli.progress import ProgressDisplay

index = typer.Typer(help="Build indices of large catalogues.", no_args_is_help=True)
app.add_typer(index, name="index")


@index.command("build")
def build(
    catalogue: Annotated[Path, typer.Option("--catalogue", help="catalogue.jsonl, as `pecrs prepare` writes it.")],
    output: Annotated[Path, typer.Option("--output", help="The folder of the index; a run that was killed goes on.")],
    model: Model = None,
    device_map: DeviceMap = "",
    description: Annotated[
        str, typer.Option("--index", help="FAISS's name of a search: HNSW32, or IVF4096,PQ64; exact if left out.")
    ] = "",
    search: Annotated[
        str, typer.Option("--search", help="Its parameters, as in efSearch=512 or nprobe=64; more finds more, slower.")
    ] = "",
    shard_items: Annotated[
        int | None, typer.Option("--shard-items", min=1, help="Items encoded and kept together; 16384 if left out.")
    ] = None,
    engine: Where = "local",
    workers: Workers = None,
) -> None:
    """Encode the items of a catalogue and build a search over them."""
    from pecrs.index.encoding import SHARD_ITEMS
    from pecrs.index.folder import build_index
    from pecrs.model.persistence.folder import from_pretrained
    from pecrs.model.persistence.locate import locate_model_folder

    cluster, folder = cluster_settings(engine, workers), locate_model_folder(model)
    encode = None
    if cluster is not None:
        from pecrs.cluster.encoding import cluster_encoder

        encode = cluster_encoder(folder, cluster, device_map)
    loaded = from_pretrained(folder, device_map=device_map if cluster is None else "")
    size = shard_items or SHARD_ITEMS
    with ProgressDisplay(out) as report:
        count = build_index(
            loaded.model,
            catalogue,
            output,
            description,
            search,
            unseen_bias=loaded.config.generation.unseen_bias,
            shard_items=size,
            encode=encode,
            report=report,
        )
    out.print(f"{count:,} items in {output}, searched {(description and f'by {description}') or 'exactly'}")
