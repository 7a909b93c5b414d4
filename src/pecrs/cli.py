"""The command line. Each command builds its values and calls one function; heavy imports happen inside."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pecrs.errors import ConfigError, PecrsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pecrs.chat import Chat

app = typer.Typer(
    name="pecrs",
    help="A conversational recommender in one language model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
out = Console(highlight=False)

_DEMONSTRATION = (
    "Hi! I am looking for a good movie.",
    "I love superhero movies like The Avengers and Black Panther.",
    "I have seen that one. What about something funny?",
    "Who is in it?",
    "Anything from the 80s?",
    "Great, thank you! Bye.",
)

Data = Annotated[Path, typer.Option("--data", help="A folder that `pecrs prepare` wrote.")]
Model = Annotated[
    Path | None, typer.Option("--model", help="A model folder, or a training run; the package's own if left out.")
]
Protocol = Annotated[str, typer.Option("--protocol", help="standard, pecrs or inspired.")]
Split = Annotated[str, typer.Option("--split", help="train, valid or test.")]


@app.command()
def download(
    name: Annotated[str, typer.Argument(help="redial or inspired.")],
    output: Annotated[Path, typer.Option("--output", help="Where the originals go.")],
    sha256: Annotated[
        list[str] | None, typer.Option("--sha256", help="Insist on a checksum: file=hexadecimal. May be repeated.")
    ] = None,
) -> None:
    """Fetch a public data set over https; interrupted downloads go on where they stopped."""
    from pecrs.data.download import download as fetch

    pins = dict(pin.partition("=")[::2] for pin in sha256 or ())
    for path in fetch(name, output, sha256=pins):
        out.print(str(path), soft_wrap=True)


@app.command()
def prepare(
    name: Annotated[str, typer.Argument(help="redial, inspired, opendialkg-books or generic.")],
    source: Annotated[Path, typer.Option("--source", help="The original files: a folder or an archive.")],
    output: Annotated[Path, typer.Option("--output", help="The prepared folder to write.")],
    fields: Annotated[
        str | None, typer.Option("--fields", help="Item text fields of generic data in order: title,brand,...")
    ] = None,
    metadata: Annotated[Path | None, typer.Option("--metadata", help="A file of facts to join to the items.")] = None,
    tmdb_cache: Annotated[
        Path | None,
        typer.Option("--tmdb-cache", help="Ask TMDB for missing facts (key: TMDB_API_KEY) and keep its answers here."),
    ] = None,
) -> None:
    """Turn original files into the folder that everything else reads, and print its statistics."""
    from pecrs.data.prepare import prepare as write
    from pecrs.display import statistics_table

    names = [field.strip() for field in fields.split(",")] if fields else None
    statistics = write(name, source, output, fields=names, metadata=metadata, tmdb_cache=tmdb_cache)
    out.print(statistics_table(statistics.rows, statistics.header))
    described = f"{statistics.catalogue_items:,} items described by {', '.join(statistics.fields)}"
    out.print(f"{described}; written to {output}", soft_wrap=True)


@app.command()
def pretrain(
    config: Annotated[Path, typer.Argument(help="A YAML file, e.g. configs/pretrain-minilm.yaml.")],
    corpora: Annotated[Path, typer.Option("--corpora", help="A folder of *.jsonl or *.jsonl.gz dialogues.")],
    output: Annotated[Path, typer.Option("--output", help="The folder of the stage; the model goes to its model/.")],
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="A prepared folder: its train dialogues and item texts. May be repeated."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change a field: field=value. May be repeated.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the stage's last checkpoint.")] = False,
) -> None:
    """Make a backbone: train a small language model on text, starting at an encoder, another model or nothing."""
    from pecrs.data.prepare import load_prepared
    from pecrs.pretraining.corpora import read_corpora
    from pecrs.pretraining.settings import PretrainingConfig
    from pecrs.pretraining.stage import pretrain as run
    from pecrs.strict_yaml import read_yaml

    loaded = read_yaml(PretrainingConfig, config, settings or ())
    domains = [load_prepared(folder) for folder in data or ()]
    bits = run(loaded, read_corpora(corpora), domains, output, out, resume=resume)
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
    from pecrs.data.prepare import load_prepared
    from pecrs.pipeline import train_run

    loaded = Config.from_yaml(config, settings or ())
    progress = train_run(loaded, load_prepared(data), output, out, resume=resume)
    out.print(
        f"best mean recall {progress.best:.4f} after {progress.seconds / 60:.1f} minutes; model in {output}/model"
    )


@app.command()
def export(
    model: Annotated[Path, typer.Argument(help="A model folder, or a training run.")],
    output: Annotated[Path, typer.Option("--output", help="The model folder to write.")],
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Leave an item field out of the catalogue. May be repeated.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a setting of replies: field=value of `generation`. May be repeated."),
    ] = None,
) -> None:
    """Make a model folder small and self-contained, for inference alone."""
    from pecrs.model.persistence import export_pretrained, model_folder

    export_pretrained(model_folder(model), output, without=without or (), overrides=settings or ())
    size = sum(path.stat().st_size for path in output.rglob("*") if path.is_file())
    out.print(f"{size / 2**20:.1f} MiB in {output}", soft_wrap=True)


@app.command()
def predict(
    output: Annotated[Path, typer.Option("--output", help="The predictions file to write.")],
    model: Model = None,
    data: Annotated[Path | None, typer.Option("--data", help="A folder that `pecrs prepare` wrote.")] = None,
    split: Split = "valid",
    dialogues: Annotated[
        Path | None, typer.Option("--dialogues", help="A raw ReDial jsonl file instead of --data and --split.")
    ] = None,
    protocol: Protocol = "standard",
    depth: Annotated[int, typer.Option("--depth", min=100, help="Items in each ranking.")] = 100,
) -> None:
    """Write one ranking of the full catalogue for each instance of a protocol."""
    from pecrs.pipeline import predict_file, prediction_dialogues
    from pecrs.recommender import Recommender

    recommender = Recommender.from_pretrained(model)
    chosen = prediction_dialogues(recommender, data, split, dialogues)
    count = predict_file(recommender, chosen, protocol, output, depth)
    out.print(f"{count:,} rankings in {output}")


@app.command()
def evaluate(
    data: Annotated[Path | None, typer.Option("--data", help="A folder that `pecrs prepare` wrote.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where metrics (and a model's predictions) go.")
    ] = None,
    model: Model = None,
    predictions: Annotated[Path | None, typer.Option("--predictions", help="A file of `pecrs predict`.")] = None,
    split: Split = "valid",
    protocol: Protocol = "standard",
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            "--baseline",
            help="One more baseline: neighbours, bm25, minilm, or a sentence encoder's name or path. May be repeated.",
        ),
    ] = None,
    conversations: Annotated[
        int, typer.Option("--conversations", min=0, help="Also answer the turns of the first so many dialogues.")
    ] = 0,
    suite: Annotated[
        str | None,
        typer.Option("--suite", help="Play scripted conversations instead: `conversations`, or a YAML file."),
    ] = None,
) -> None:
    """Compute metrics of a model or of a predictions file, beside the trivial baselines."""
    from pecrs.data.prepare import load_prepared
    from pecrs.display import comparison_table, conversation_table
    from pecrs.pipeline import compare_run, converse_run, score_file, split_dialogues
    from pecrs.recommender import Recommender

    if suite is not None:
        if data is not None or predictions is not None or conversations or baseline:
            raise ConfigError("--suite goes with --model and --output only")
        _play_suite(suite, model, output)
        return
    if data is None or output is None:
        raise ConfigError("--data and --output are needed, or --suite")
    if model is not None and predictions is not None:
        raise ConfigError("give either --model or --predictions")
    if predictions is not None and conversations:
        raise ConfigError("--conversations needs --model: a file of predictions holds no words")
    prepared = load_prepared(data)
    if predictions is not None:
        comparison = score_file(predictions, prepared, split, protocol, output, baseline or ())
    else:
        recommender = Recommender.from_pretrained(model)
        comparison = compare_run(recommender, prepared, split, protocol, output, baseline or ())
    out.print(comparison_table(comparison))
    if conversations:
        answered = split_dialogues(prepared, split)[:conversations]
        out.print(conversation_table(converse_run(recommender, answered, output / "pecrs")))


@app.command()
def compare(
    left: Annotated[Path, typer.Argument(help="Predictions, or a folder that `pecrs evaluate` wrote.")],
    right: Annotated[Path, typer.Argument(help="The same of another run.")],
    data: Data,
    split: Split = "valid",
    protocol: Protocol = "standard",
) -> None:
    """Compare the recall of two runs on the same instances, by a paired bootstrap over dialogues."""
    from pecrs.data.prepare import load_prepared
    from pecrs.display import difference_table
    from pecrs.pipeline import compare_files

    out.print(difference_table(compare_files(left, right, load_prepared(data), split, protocol)))


def _play_suite(name: str, model: Path | None, output: Path | None) -> None:
    from pecrs.display import show_report
    from pecrs.recommender import Recommender
    from pecrs.suite.run import load_suite, play

    scripts = load_suite(name)
    report = play(Recommender.from_pretrained(model), scripts)
    show_report(out, report)
    if output is not None:
        report.save(output / "suite.json")


@app.command()
def chat(
    model: Model = None,
    message: Annotated[
        list[str] | None, typer.Option("--message", help="Say this instead of asking; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a reply.")] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of sampling.")] = None,
) -> None:
    """Talk to a model. On a terminal, /help lists the commands."""
    from pecrs.chat import Chat, script_records
    from pecrs.recommender import Recommender

    if as_json and not message:
        raise ConfigError("--json needs --message")
    dialogue = Chat(Recommender.from_pretrained(model), seed=seed)
    if not message:
        _talk(dialogue)
        return
    if as_json:
        for record in script_records(dialogue, message):
            out.print_json(json.dumps(record, ensure_ascii=False), indent=None)
        return
    _play(dialogue, message)


@app.command()
def demo() -> None:
    """Play a conversation with the model of the package; goes on interactively on a terminal."""
    from pecrs.chat import Chat
    from pecrs.recommender import Recommender

    dialogue = Chat(Recommender.from_pretrained(), seed=0)
    _play(dialogue, _DEMONSTRATION)
    if sys.stdin.isatty():
        _talk(dialogue)


def _play(dialogue: Chat, messages: Sequence[str]) -> None:
    from rich.markup import escape

    from pecrs.display import show_reply

    for message in messages:
        out.print(f"\n[bold]you[/]    {escape(message)}")
        show_reply(out, dialogue.say(message))


def _talk(dialogue: Chat) -> None:
    from pecrs.terminal import run_command

    out.print("\nType a message, /help for the commands, /quit to leave.")
    while True:
        try:
            line = out.input("[bold]you[/]    ")
        except EOFError:
            return
        try:
            if not run_command(dialogue, line, out):
                return
        except PecrsError as error:
            out.print(str(error), style="red", markup=False)


def main() -> None:
    """Run the command line; an error of ours is one line on standard error and exit code 2."""
    try:
        app()
    except PecrsError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"pecrs: {error}", markup=False)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
