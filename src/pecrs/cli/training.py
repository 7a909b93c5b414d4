"""Commands that make models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pecrs.cli.app import Data, app, out
from pecrs.cli.progress import ProgressDisplay
from pecrs.errors import ConfigError


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
    from pecrs.data.loaders.prepare import load_prepared
    from pecrs.training.pretrain.corpora import read_corpora
    from pecrs.training.pretrain.run import pretrain as run
    from pecrs.training.pretrain.settings import PretrainingConfig

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
    catalogue_only: Annotated[
        bool,
        typer.Option("--catalogue-only", help="Train on requests made from the catalogue, without any dialogue."),
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint.")] = False,
) -> None:
    """Train a model on prepared data."""
    from pecrs.config import Config
    from pecrs.train import train as run

    loaded = Config.from_yaml(config, settings or ())
    with ProgressDisplay(out) as report:
        run(loaded, data, output, catalogue_only=catalogue_only, resume=resume, progress=report)


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


@app.command()
def push(
    model: Annotated[Path, typer.Argument(help="A model folder, a training run, or the name of an installed model.")],
    repository: Annotated[str, typer.Argument(help="organisation/name on the hub; it is made where there is none.")],
    private: Annotated[bool, typer.Option("--private", help="Only its owners see a new repository.")] = False,
) -> None:
    """Put a model on the Hugging Face hub, small and with a card.

    HF_TOKEN or `hf auth login` say who you are. `pecrs chat --model organisation/name` loads it from there.
    """
    from pecrs.train import push_to_hub

    out.print(push_to_hub(model, repository, private=private or None), soft_wrap=True)


@app.command(name="fit-reader")
def fit_reader(
    model: Annotated[Path, typer.Argument(help="A model folder, or a training run; the reader is written into it.")],
    requests: Annotated[
        Path | None, typer.Option("--requests", help="Labelled requests (requests.jsonl.gz, sources.json beside it).")
    ] = None,
    inspired: Annotated[
        Path | None, typer.Option("--inspired", help="A folder that `pecrs prepare inspired` wrote.")
    ] = None,
    generated: Annotated[
        int, typer.Option("--generated", min=0, help="Messages to make from the catalogue's own facts.")
    ] = 10_000,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Passes over the messages.")] = 3,
    rank: Annotated[
        int,
        typer.Option("--rank", min=0, help="Of the adapter that the base reads with; 0 trains in minutes."),
    ] = 16,
) -> None:
    """Train the part that understands messages; nothing else of the model changes."""
    from pecrs.data.loaders.prepare import load_prepared
    from pecrs.model.persistence.folder import model_folder
    from pecrs.training.fit_reader import fit_reader as fit
    from pecrs.training.reader import ReaderSettings

    dialogues = load_prepared(inspired).train if inspired is not None else ()
    with ProgressDisplay(out) as progress:
        quality = fit(
            model_folder(model),
            requests=requests,
            inspired=dialogues,
            generated=generated,
            settings=ReaderSettings(epochs=epochs, rank=rank),
            report=progress,
        )
    for name, own in quality.items():
        f1 = ", ".join(f"{kind} {own.macro(prefix):.2f}" for kind, prefix in _KINDS.items())
        out.print(f"{name} messages, mean F1: {f1}", highlight=False)


@app.command(name="fit-ranking")
def fit_ranking(
    model: Annotated[Path, typer.Argument(help="A model folder, or a training run; the weights are written into it.")],
    data: Data,
    split: Annotated[str, typer.Option("--split", help="What the model was not trained on.")] = "valid",
    folds: Annotated[
        list[str] | None,
        typer.Option("--fold", help="MODEL=DATA of another split: its valid dialogues count too. May be repeated."),
    ] = None,
    requests: Annotated[
        str | None,
        typer.Option("--requests", help="Requests with the items that fulfil them count too: a file, or `package`."),
    ] = None,
) -> None:
    """Learn to weigh features of dialogue and item beside the model's score; the model does not change.

    Needs `pip install 'pecrs[ranking]'`; what was fitted is used without it.
    """
    from pecrs.train import fit_ranking as fit

    pairs = [fold.rpartition("=") for fold in folds or ()]
    if any(not found for _, found, _ in pairs):
        raise ConfigError("--fold: MODEL=DATA is expected")
    others = [(Path(folder), Path(own)) for folder, _, own in pairs]
    with ProgressDisplay(out) as progress:
        names = fit(model, data, split=split, folds=others, requests=requests, progress=progress)
    out.print(f"{len(names)} features: {', '.join(names)}", soft_wrap=True, highlight=False)


_KINDS = {"acts": "", "facts": "fact:", "roles": "role:"}
