"""Commands that measure models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pecrs.cli.app import (
    AnswerTokens,
    Data,
    DeviceMap,
    Index,
    Model,
    Protocol,
    Split,
    Where,
    Workers,
    app,
    cluster_settings,
    out,
)
from pecrs.cli.progress import ProgressDisplay
from pecrs.errors import ConfigError

if TYPE_CHECKING:
    from pecrs.data.catalogue import Catalogue
    from pecrs.data.loaders.prepare import Data as DomainData
    from pecrs.data.splits import Prepared
    from pecrs.inference.recommender import Recommender

Baselines = Annotated[
    list[str] | None,
    typer.Option(
        "--baseline",
        help="One more baseline: neighbours, sequential, bm25, minilm, a sentence encoder's name or path, or a "
        "language model asked zero-shot: llm:NAME_OR_PATH, openai:MODEL (OPENAI_BASE_URL, OPENAI_API_KEY), and "
        "llm-listwise: or openai-listwise: to re-order the top of another baseline. May be repeated.",
    ),
]


@app.command()
def predict(
    output: Annotated[Path, typer.Option("--output", help="The predictions file to write.")],
    model: Model = None,
    index: Index = None,
    device_map: DeviceMap = "",
    data: Annotated[Path | None, typer.Option("--data", help="A prepared folder (see `pecrs prepare`).")] = None,
    split: Split = "valid",
    dialogues: Annotated[
        Path | None, typer.Option("--dialogues", help="A raw ReDial jsonl file instead of --data and --split.")
    ] = None,
    protocol: Protocol = "standard",
    depth: Annotated[int, typer.Option("--depth", min=100, help="Number of items in each ranking.")] = 100,
    engine: Where = "local",
    workers: Workers = None,
) -> None:
    """Write rankings of the catalogue to a file.

    There is one for each message that the protocol asks for.
    """
    from pecrs.evaluate import predict as write
    from pecrs.inference.recommender import Recommender

    cluster = cluster_settings(engine, workers)
    recommender = Recommender.from_pretrained(model, index=index, device_map="" if cluster else device_map)
    ranker = None
    if cluster is not None:
        from pecrs.cluster.prediction import ClusterRanker

        ranker = ClusterRanker(recommender.ranker, cluster, model, index, device_map)
    source = _source(recommender.catalogue, data, split, dialogues)
    with ProgressDisplay(out) as report:
        count = write(
            recommender, source, output, split=split, protocol=protocol, depth=depth, ranker=ranker, progress=report
        )
    out.print(f"{count:,} rankings in {output}", soft_wrap=True)


Conversations = Annotated[
    int, typer.Option("--conversations", min=0, help="Also answer the turns of so many dialogues, and measure that.")
]
Suite = Annotated[
    str | None,
    typer.Option(
        "--suite",
        help="Play scripted conversations instead: `conversations` or `hands`; `books` or `shop`, about a catalogue of "
        "their own; or a YAML file.",
    ),
]


@app.command()
def evaluate(
    data: Annotated[Path | None, typer.Option("--data", help="A prepared folder (see `pecrs prepare`).")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="The folder for metrics and predictions.")] = None,
    model: Model = None,
    index: Index = None,
    device_map: DeviceMap = "",
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="Measure this file (see `pecrs predict`) instead of a model.")
    ] = None,
    split: Split = "valid",
    protocol: Protocol = "standard",
    baseline: Baselines = None,
    answer_tokens: AnswerTokens = None,
    baselines_only: Annotated[bool, typer.Option("--baselines-only", help="Measure the baselines alone.")] = False,
    conversations: Conversations = 0,
    suite: Suite = None,
) -> None:
    """Measure a model or a predictions file beside baselines."""
    from pecrs.cli.display import evaluation_table
    from pecrs.data.loaders.prepare import load_prepared
    from pecrs.evaluate import evaluate as measure
    from pecrs.evaluate import score
    from pecrs.inference.recommender import Recommender

    if suite is not None:
        if (data, predictions, answer_tokens) != (None,) * 3 or conversations or baseline or baselines_only:
            raise ConfigError("--suite goes with --model, --index, --device-map and --output only")
        _play_suite(suite, model, index, device_map, output)
        return
    if data is None or output is None:
        raise ConfigError("--data and --output are needed, or --suite")
    if (model is not None) + (predictions is not None) + baselines_only > 1:
        raise ConfigError("give one of --model, --predictions and --baselines-only")
    if predictions is not None or baselines_only:
        _refuse({"--device-map": device_map, "--index": index, "--conversations": conversations})
    recommender = None
    if predictions is None and not baselines_only:
        recommender = Recommender.from_pretrained(model, index=index, device_map=device_map)
    prepared, more = load_prepared(data), tuple(baseline or ())
    run = partial(measure, recommender) if predictions is None else partial(score, predictions)
    chosen = {"split": split, "protocol": protocol, "baselines": more, "answer_tokens": answer_tokens}
    with ProgressDisplay(out) as report:
        result = run(prepared, output, **chosen, progress=report)
    out.print(evaluation_table(result))
    if conversations and recommender is not None:
        _converse(recommender, prepared, split, conversations, output)


def _refuse(options: Mapping[str, object]) -> None:
    """Refuse options that say something of a model where none is measured."""
    for option, given in options.items():
        if given:
            raise ConfigError(f"{option} needs --model")


@app.command()
def compare(
    left: Annotated[Path, typer.Argument(help="A predictions file, or a folder of `pecrs evaluate`.")],
    right: Annotated[Path, typer.Argument(help="The same of another run.")],
    data: Data,
    split: Split = "valid",
    protocol: Protocol = "standard",
) -> None:
    """Compare the recall of two runs.

    The difference has an interval from a paired bootstrap over dialogues.
    """
    from pecrs.cli.display import difference_table
    from pecrs.evaluate import compare as measure

    out.print(difference_table(measure(left, right, data, split=split, protocol=protocol)))


def _source(catalogue: Catalogue, data: Path | None, split: str, raw: Path | None) -> DomainData:
    from pecrs.data.loaders.redial import load_redial_dialogues

    if raw is not None and data is None:
        return catalogue, {split: load_redial_dialogues(raw, catalogue)}
    if data is None or raw is not None:
        raise ConfigError("give one of --data and --dialogues")
    return data


def _converse(recommender: Recommender, data: Prepared, split: str, count: int, output: Path) -> None:
    from pecrs.cli.display import conversation_table
    from pecrs.data.splits import split_dialogues
    from pecrs.evaluation.comparison import OURS, converse_split

    with ProgressDisplay(out) as report:
        metrics = converse_split(recommender, split_dialogues(data, split)[:count], output / OURS, report)
    out.print(conversation_table(metrics))


def _play_suite(name: str, model: Path | None, index: Path | None, device_map: str, output: Path | None) -> None:
    from pecrs.cli.display import show_report
    from pecrs.evaluation.behaviour.run import load_suite, play
    from pecrs.evaluation.behaviour.worlds import WORLDS
    from pecrs.inference.recommender import Recommender

    scripts = load_suite(name)
    recommender = Recommender.from_pretrained(model, index=index, device_map=device_map)
    if name in WORLDS and index is None:
        recommender = recommender.with_catalogue(WORLDS[name]())
    with ProgressDisplay(out) as progress:
        report = play(recommender, scripts, report=progress)
    show_report(out, report)
    if output is not None:
        report.save(output / "suite.json")
