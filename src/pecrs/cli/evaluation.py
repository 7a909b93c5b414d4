"""Commands that measure models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pecrs.cli.app import (
    AnswerTokens,
    Data,
    DeviceMap,
    Engine,
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
from pecrs.errors import ConfigError

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
    data: Annotated[Path | None, typer.Option("--data", help="A folder that `pecrs prepare` wrote.")] = None,
    split: Split = "valid",
    dialogues: Annotated[
        Path | None, typer.Option("--dialogues", help="A raw ReDial jsonl file instead of --data and --split.")
    ] = None,
    protocol: Protocol = "standard",
    depth: Annotated[int, typer.Option("--depth", min=100, help="Items in each ranking.")] = 100,
    engine: Where = Engine.LOCAL,
    workers: Workers = None,
) -> None:
    """Write one ranking of the full catalogue for each instance of a protocol."""
    from pecrs.evaluation.comparison import predict_file, prediction_dialogues
    from pecrs.inference.recommender import Recommender

    cluster = cluster_settings(engine, workers)
    here = device_map if cluster is None else ""
    recommender = Recommender.from_pretrained(model, index=index, device_map=here)
    chosen = prediction_dialogues(recommender, data, split, dialogues)
    ranker = None
    if cluster is not None:
        from pecrs.cluster.prediction import ClusterRanker

        ranker = ClusterRanker(recommender.ranker, cluster, model, index, device_map)
    count = predict_file(recommender, chosen, protocol, output, depth, ranker=ranker)
    out.print(f"{count:,} rankings in {output}")


@app.command()
def evaluate(
    data: Annotated[Path | None, typer.Option("--data", help="A folder that `pecrs prepare` wrote.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where metrics (and a model's predictions) go.")
    ] = None,
    model: Model = None,
    device_map: DeviceMap = "",
    predictions: Annotated[Path | None, typer.Option("--predictions", help="A file of `pecrs predict`.")] = None,
    split: Split = "valid",
    protocol: Protocol = "standard",
    baseline: Baselines = None,
    answer_tokens: AnswerTokens = None,
    baselines_only: Annotated[bool, typer.Option("--baselines-only", help="Evaluate no model.")] = False,
    conversations: Annotated[
        int, typer.Option("--conversations", min=0, help="Also answer the turns of the first so many dialogues.")
    ] = 0,
    suite: Annotated[
        str | None,
        typer.Option("--suite", help="Play scripted conversations instead: `conversations`, or a YAML file."),
    ] = None,
) -> None:
    """Compute metrics of a model or of a predictions file, beside the trivial baselines."""
    from pecrs.cli.display import comparison_table, conversation_table
    from pecrs.data.loaders.prepare import load_prepared
    from pecrs.data.splits import split_dialogues
    from pecrs.evaluation.comparison import compare_run, converse_run, score_file
    from pecrs.inference.recommender import Recommender

    if suite is not None:
        others = (data, predictions, answer_tokens)
        if any(value is not None for value in others) or conversations or baseline or baselines_only:
            raise ConfigError("--suite goes with --model, --device-map and --output only")
        _play_suite(suite, model, device_map, output)
        return
    if data is None or output is None:
        raise ConfigError("--data and --output are needed, or --suite")
    if (model is not None) + (predictions is not None) + baselines_only > 1:
        raise ConfigError("give one of --model, --predictions and --baselines-only")
    if (predictions is not None or baselines_only) and device_map:
        raise ConfigError("--device-map needs --model: predictions and baselines lie on no device")
    if (predictions is not None or baselines_only) and conversations:
        raise ConfigError("--conversations needs --model: neither predictions nor baselines hold words")
    prepared = load_prepared(data)
    recommender = None
    if predictions is not None:
        comparison = score_file(predictions, prepared, split, protocol, output, baseline or (), answer_tokens)
    else:
        recommender = None if baselines_only else Recommender.from_pretrained(model, device_map=device_map)
        comparison = compare_run(recommender, prepared, split, protocol, output, baseline or (), answer_tokens)
    out.print(comparison_table(comparison))
    if conversations and recommender is not None:
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
    from pecrs.cli.display import difference_table
    from pecrs.data.loaders.prepare import load_prepared
    from pecrs.evaluation.comparison import compare_files

    out.print(difference_table(compare_files(left, right, load_prepared(data), split, protocol)))


def _play_suite(name: str, model: Path | None, device_map: str, output: Path | None) -> None:
    from pecrs.cli.display import show_report
    from pecrs.evaluation.behaviour.run import load_suite, play
    from pecrs.inference.recommender import Recommender

    scripts = load_suite(name)
    report = play(Recommender.from_pretrained(model, device_map=device_map), scripts)
    show_report(out, report)
    if output is not None:
        report.save(output / "suite.json")
