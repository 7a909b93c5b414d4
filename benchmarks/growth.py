"""How cost grows with candidates, context and catalogue: figures, and a plot of four panels.

    python benchmarks/growth.py [--shapes gpt2] [--data FOLDER] [--tokenizer FOLDER] [--plot growth.svg] [--json]

- training: seconds of one step against M_train, the shared negatives of both tasks;
- re-ranking: seconds of scoring M_inference candidates after a context of 100 tokens, up to the whole catalogue;
- context: seconds of reading a context, and of re-ranking 700 candidates after it, against its length;
- retrieval: seconds of one exact search, a matrix product and the top 700, against the size of the catalogue.

Each point is the median of ``--repeats`` calls after a warm-up. Contexts and vectors are random. A dotted line through
a curve's last point is what linear growth would be. Seconds only: no operations are counted. The largest catalogue
needs memory for two tables of its vectors. The plot needs matplotlib, which the ``dev`` extra brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from common import load_world, make_model, make_vocabulary, median_seconds, parser, random_vectors, show, smaller

from pecrs.config import Config, TrainingConfig
from pecrs.data.dialogue import Dialogue
from pecrs.data.stream import NO_ITEM, StreamLayout, TokenSequence
from pecrs.index import ItemIndex
from pecrs.model.generator import ConversationCache, candidate_scores, read
from pecrs.model.pecrs import PecrsModel
from pecrs.model.retriever import Mentions
from pecrs.training.step import compute_step, prepare_step

PANELS = {
    "M_train": "A training step",
    "M_inference": "Re-ranking",
    "context tokens": "A longer context",
    "catalogue": "Exact retrieval",
}


@dataclass(frozen=True)
class Measured:
    """The seconds of one thing at one size; ``against`` says of what."""

    curve: str
    against: str
    size: int
    seconds: float


def training_curve(
    model: PecrsModel, dialogues: Sequence[Dialogue], counts: Sequence[int], repeats: int
) -> Iterator[Measured]:
    """Time a training step of a few dialogues for several M_train."""
    layout = StreamLayout(model.vocabulary, model.catalogue, model.data)
    streams = [stream for dialogue in dialogues for stream in layout.streams(dialogue)]
    model.train()
    for count in counts:
        settings = TrainingConfig(negatives=count)
        step = prepare_step(streams, model, settings, seed=0)
        taken = median_seconds(lambda s=step, c=settings: compute_step(model, s, c), repeats)  # type: ignore[misc]
        yield Measured("training step", "M_train", count, taken)
    model.zero_grad()
    model.eval()


def read_context(model: PecrsModel, length: int) -> ConversationCache:
    """Return a cache that holds a context of random tokens with ``[REC]`` at its end."""
    tokens = torch.randint(min(model.vocabulary.special), (length - 1,)).tolist()
    cache = ConversationCache()
    read(model, [cache], [TokenSequence((*tokens, model.vocabulary.rec), (NO_ITEM,) * length)], model.catalogue_vectors)
    return cache


@torch.inference_mode()
def rerank_seconds(model: PecrsModel, cache: ConversationCache, count: int, repeats: int) -> float:
    """Return the seconds of scoring so many candidates after what a cache holds."""
    vectors = random_vectors(model, count)
    return median_seconds(lambda: candidate_scores(model, [cache], vectors[None]), repeats)


def reranking_curve(model: PecrsModel, counts: Sequence[int], repeats: int) -> Iterator[Measured]:
    """Time re-ranking for several M_inference."""
    cache = read_context(model, 100)
    for count in counts:
        yield Measured("re-ranking", "M_inference", count, rerank_seconds(model, cache, count, repeats))


def context_curves(model: PecrsModel, lengths: Sequence[int], repeats: int) -> Iterator[Measured]:
    """Time reading and re-ranking for several lengths of the context."""
    for length in lengths:
        reading = median_seconds(lambda n=length: read_context(model, n), repeats)  # type: ignore[misc]
        yield Measured("reading it", "context tokens", length, reading)
        taken = rerank_seconds(model, read_context(model, length), 700, repeats)
        yield Measured("re-ranking 700 after it", "context tokens", length, taken)


@torch.inference_mode()
def retrieval_curve(model: PecrsModel, sizes: Sequence[int], repeats: int) -> Iterator[Measured]:
    """Time exact retrieval for several sizes of the catalogue."""
    state, named = random_vectors(model, 1), torch.zeros(1, 3, dtype=torch.long)
    for size in sizes:
        index = ItemIndex(model.retriever, random_vectors(model, size), model.item_encoder.scale, torch.zeros(size))
        top = min(700, size)
        mentions = Mentions.gather(named, 1, index.vectors, state)
        taken = median_seconds(lambda i=index, k=top, m=mentions: i.scores(state, m).topk(k), repeats)  # type: ignore[misc]
        yield Measured("retrieval", "catalogue", size, taken)


def draw(points: Sequence[Measured], title: str, path: Path) -> None:
    """Draw one panel a thing that grows, on logarithmic axes."""
    import matplotlib
    from matplotlib.ticker import EngFormatter, LogLocator, NullLocator

    matplotlib.use("agg")
    matplotlib.rcParams.update({"svg.hashsalt": "growth", "font.size": 10})  # the same file for the same figures
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
    for axis, (against, heading) in zip(axes.flat, PANELS.items(), strict=True):
        shown = [point for point in points if point.against == against]
        for number, name in enumerate(dict.fromkeys(point.curve for point in shown)):
            curve = [(point.size, point.seconds) for point in shown if point.curve == name]
            sizes, times = zip(*curve, strict=True)
            linear = [times[-1] * size / sizes[-1] for size in sizes]
            axis.plot(sizes, linear, ":", color="0.45")
            axis.plot(sizes, times, marker="o", markersize=5, color=f"C{number}", label=name)
        ticks = sorted({point.size for point in shown})
        axis.set(title=heading, xlabel=against, ylabel="time", xscale="log", yscale="log", xticks=ticks)
        axis.xaxis.set_major_formatter(EngFormatter(sep=""))
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(EngFormatter(unit="s"))
        for ruler in (axis.xaxis, axis.yaxis):
            ruler.set_minor_locator(NullLocator())
        axis.grid(True, which="major", color="0.9")
        axis.spines[["top", "right"]].set_visible(False)
        if len(axis.lines) > 2:
            axis.set_ylim(top=4 * axis.get_ylim()[1])  # room for the names
            axis.legend(handles=axis.lines[1::2], frameon=False, loc="upper left", ncols=2)
    figure.suptitle(f"{title} (dotted: linear growth)")
    figure.savefig(path, dpi=100, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    """Measure, print and draw."""
    options = parser(__doc__)
    options.add_argument("--train", type=int, nargs="+", default=[10, 50, 150, 500], help="values of M_train")
    options.add_argument("--rerank", type=int, nargs="+", help="values of M_inference")
    options.add_argument("--context", type=int, nargs="+", default=[50, 100, 200, 450], help="lengths of the context")
    options.add_argument("--catalogue", type=int, nargs="+", default=[6_000, 60_000, 600_000, 1_000_000])
    options.add_argument("--dialogues", type=int, default=2, help="dialogues of a training step")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--plot", type=Path, help="an SVG or PNG file to draw the curves to")
    arguments = options.parse_args()
    config, repeats = Config(), arguments.repeats
    catalogue, dialogues = load_world(arguments.data, arguments.dialogues)
    counts = arguments.rerank or [*(n for n in (50, 200, 700, 2000) if n < len(catalogue)), len(catalogue)]
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    model = make_model(arguments.shapes, vocabulary, smaller(catalogue, dialogues, max(arguments.train)), config)
    points = [
        *training_curve(model, dialogues, arguments.train, repeats),
        *reranking_curve(model, counts, repeats),
        *context_curves(model, arguments.context, repeats),
        *retrieval_curve(model, arguments.catalogue, repeats),
    ]
    title = f"Growth of cost, {arguments.shapes} shapes, CPU threads: {torch.get_num_threads()}"
    show(title, [asdict(point) for point in points], arguments.json, dialogues_of_a_step=len(dialogues))
    if arguments.plot:
        draw(points, title, arguments.plot)


if __name__ == "__main__":
    main()
