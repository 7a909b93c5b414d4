"""How cost grows with candidates, context and catalogue: figures, and a plot of four curves.

    python benchmarks/growth.py [--shapes gpt2] [--data FOLDER] [--tokenizer FOLDER] [--plot docs/growth.svg] [--json]

- training: seconds of one step against M_train, shared negatives of both tasks;
- re-ranking: seconds of scoring M_inference candidates after a context of 100 tokens, up to the whole catalogue;
- context: seconds of reading a context, and of re-ranking 700 candidates after it, against its length;
- retrieval: seconds of one exact search, a matrix product and a top 700, against the size of the catalogue.

Each point is the median of ``--repeats`` calls. A dotted line through the last point is what linear growth would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from common import load_world, make_model, make_vocabulary, median_seconds, parser, random_vectors, show

from pecrs.config import Config
from pecrs.data.dialogue import Dialogue
from pecrs.data.stream import NO_ITEM, StreamLayout, TokenSequence
from pecrs.index import ItemIndex
from pecrs.model.generator import ConversationCache
from pecrs.model.pecrs import PecrsModel
from pecrs.training.step import compute_step, prepare_step

Curve = list[dict[str, object]]


def training_curve(model: PecrsModel, dialogues: Sequence[Dialogue], counts: Sequence[int], repeats: int) -> Curve:
    """Time a training step of a few dialogues for several M_train."""
    layout = StreamLayout(model.vocabulary, model.catalogue, model.config.data)
    streams = [stream for dialogue in dialogues for stream in layout.streams(dialogue)]
    rows: Curve = []
    model.train()
    for count in counts:
        settings = replace(model.config.training, negatives=count)
        step = prepare_step(streams, model, settings, seed=0)
        taken = median_seconds(lambda s=step, c=settings: compute_step(model, s, c), repeats)  # type: ignore[misc]
        rows.append({"curve": "training", "against": "M_train", "size": count, "seconds": taken})
    model.eval()
    return rows


def context_of(model: PecrsModel, length: int) -> TokenSequence:
    """Return a context of random tokens that ends with [REC]."""
    tokens = torch.randint(min(model.vocabulary.special), (length - 1,)).tolist()
    return TokenSequence((*tokens, model.vocabulary.rec), (NO_ITEM,) * length)


def rerank_seconds(cache: ConversationCache, count: int, repeats: int) -> float:
    """Return the seconds of scoring so many candidates after what a cache holds."""
    vectors = random_vectors(cache.model, count)
    return median_seconds(lambda: cache.model.rerank_scores(cache.candidate_states(vectors)), repeats)


@torch.inference_mode()
def reranking_curve(model: PecrsModel, counts: Sequence[int], repeats: int) -> Curve:
    """Time re-ranking for several M_inference."""
    cache = ConversationCache(model)
    cache.state(context_of(model, 100), model.catalogue_vectors)
    return [
        {
            "curve": "re-ranking",
            "against": "M_inference",
            "size": count,
            "seconds": rerank_seconds(cache, count, repeats),
        }
        for count in counts
    ]


@torch.inference_mode()
def context_curves(model: PecrsModel, lengths: Sequence[int], repeats: int) -> Curve:
    """Time reading and re-ranking for several lengths of the context."""
    rows: Curve = []
    for length in lengths:
        context, cache = context_of(model, length), ConversationCache(model)

        def read(context: TokenSequence = context) -> None:
            ConversationCache(model).state(context, model.catalogue_vectors)

        rows.append(
            {
                "curve": "reading",
                "against": "context tokens",
                "size": length,
                "seconds": median_seconds(read, repeats),
            }
        )
        cache.state(context, model.catalogue_vectors)
        taken = rerank_seconds(cache, 700, repeats)
        rows.append({"curve": "re-ranking 700", "against": "context tokens", "size": length, "seconds": taken})
    return rows


@torch.inference_mode()
def retrieval_curve(model: PecrsModel, sizes: Sequence[int], repeats: int) -> Curve:
    """Time exact retrieval for several sizes of the catalogue."""
    rows: Curve = []
    state, mentioned = torch.randn(1, model.backbone.width), torch.zeros(1, model.backbone.width)
    for size in sizes:
        index = ItemIndex(model.retriever, random_vectors(model, size), torch.zeros(size))

        def search(index: ItemIndex = index) -> None:
            torch.topk(index.scores(state, mentioned), min(700, len(index)))

        taken = median_seconds(search, repeats)
        rows.append({"curve": "retrieval", "against": "catalogue", "size": size, "seconds": taken})
    return rows


def draw(rows: Curve, shapes: str, path: Path) -> None:
    """Draw a panel for each thing that grows."""
    from matplotlib import pyplot

    panels = {"M_train": "one training step", "M_inference": "re-ranking", "context tokens": "context", "catalogue": ""}
    panels["catalogue"] = "exact retrieval"
    figure, axes = pyplot.subplots(2, 2, figsize=(9, 6.2), layout="constrained")
    for axis, (against, title) in zip(axes.flat, panels.items(), strict=True):
        for name in dict.fromkeys(str(row["curve"]) for row in rows if row["against"] == against):
            points = [(float(str(r["size"])), float(str(r["seconds"]))) for r in rows if r["curve"] == name]
            sizes, times = zip(*points, strict=True)
            axis.plot(sizes, times, marker="o", markersize=4, label=name)
            axis.plot(sizes, [times[-1] * s / sizes[-1] for s in sizes], ":", color="0.6", linewidth=1)
        axis.set(title=title, xlabel=against, ylabel="seconds", xscale="log", yscale="log")
        axis.grid(True, which="major", color="0.9")
        if against == "context tokens":
            axis.legend(frameon=False)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"Growth of cost, {shapes} shapes, {torch.get_num_threads()} CPU threads (dotted: linear)")
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure, print and draw."""
    options = parser(__doc__)
    options.add_argument("--train", type=int, nargs="*", default=[10, 50, 150, 500], help="values of M_train")
    options.add_argument("--rerank", type=int, nargs="*", default=[50, 200, 700, 2000, 6924], help="M_inference")
    options.add_argument("--context", type=int, nargs="*", default=[50, 100, 200, 450], help="lengths of the context")
    options.add_argument("--catalogue", type=int, nargs="*", default=[6924, 60_000, 300_000, 1_000_000])
    options.add_argument("--dialogues", type=int, default=2, help="dialogues of a training step")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--plot", type=Path, help="an SVG or PNG file to draw the curves to")
    arguments = options.parse_args()
    config = Config()
    catalogue, dialogues = load_world(arguments.data, arguments.dialogues)
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    model = make_model(arguments.shapes, vocabulary, catalogue, config)
    rows = [
        *training_curve(model, dialogues, [n for n in arguments.train if n < len(catalogue) // 2], arguments.repeats),
        *reranking_curve(model, arguments.rerank, arguments.repeats),
        *context_curves(model, arguments.context, arguments.repeats),
        *retrieval_curve(model, arguments.catalogue, arguments.repeats),
    ]
    show(f"growth, {arguments.shapes} shapes", rows, arguments.json)
    if arguments.plot:
        draw(rows, arguments.shapes, arguments.plot)


if __name__ == "__main__":
    main()
