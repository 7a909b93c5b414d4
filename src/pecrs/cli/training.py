"""Commands that make models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pecrs.cli.app import Data, app, out
from pecrs.cli.progress import ProgressDisplay


@app.command()
def pretrain(
    config: Annotated[Path, typer.Argument(help="A YAML file, e.g. configs/pretrain-minilm.yaml.")],
    corpora: Annotated[Path, typer.Option("--corpora", help="A folder of *.jsonl or *.jsonl.gz dialogues.")],
    output: Annotated[Path, typer.Option("--output", help="The folder of the run; the model goes to its model/.")],
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="A prepared folder: its train dialogues and item texts. May be repeated."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change a field: field=value. May be repeated.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint.")] = False,
) -> None:
    """Pre-train a small language model to use as a backbone.

    Training starts from an encoder, another model or nothing.
    """
    from pecrs.config import PretrainingConfig
    from pecrs.data.loaders.prepare import load_prepared
    from pecrs.training.pretrain.corpora import read_corpora
    from pecrs.training.pretrain.run import pretrain as run

    loaded = PretrainingConfig.from_yaml(config, settings or ())
    domains = [load_prepared(folder) for folder in data or ()]
    with ProgressDisplay(out) as report:
        bits = run(loaded, read_corpora(corpora), domains, output, report, resume=resume)
    out.print(f"{bits:.4f} bits per byte of held-out text; model in {output}/model", soft_wrap=True)


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="A YAML file, e.g. configs/redial-tiny.yaml.")],
    data: Data,
    output: Annotated[Path, typer.Option("--output", help="The folder of the run; the best model goes to its model/.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change a field: section.field=value. May be repeated.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint.")] = False,
) -> None:
    """Train a model on prepared data."""
    from pecrs.config import Config
    from pecrs.train import train as run

    loaded = Config.from_yaml(config, settings or ())
    with ProgressDisplay(out) as report:
        result = run(loaded, data, output, resume=resume, progress=report)
    took = f"{result.seconds / 60:.1f} minutes"
    out.print(f"best mean recall {result.mean_recall:.4f} after {took}; model in {result.model}", soft_wrap=True)


@app.command()
def export(
    model: Annotated[Path, typer.Argument(help="A model folder, or a training run.")],
    output: Annotated[Path, typer.Option("--output", help="The model folder to write.")],
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Leave an item field out of the catalogue. May be repeated.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change how replies are made: field=value of `generation`. May be repeated."),
    ] = None,
) -> None:
    """Export a model for inference.

    The folder is small and holds everything the model needs.
    """
    from pecrs.train import export as write

    write(model, output, without=without or (), settings=settings or ())
    size = sum(path.stat().st_size for path in output.rglob("*") if path.is_file())
    out.print(f"{size / 2**20:.1f} MiB in {output}", soft_wrap=True)
