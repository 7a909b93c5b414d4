"""Latency of a reply, step by step: link, decide, retrieve, re-rank, generate.

    python benchmarks/reply.py [--shapes gpt2] [--data FOLDER] [--tokenizer FOLDER] [--replies 30] [--json]

Real dialogues are replayed: each recommender turn is answered with the turns before it, in order, so that keys and
values stay cached from turn to turn as in a chat. Weights are random, so a response rarely ends by itself: it has
``data.max_response_tokens`` tokens, which makes this an upper bound.
"""

from __future__ import annotations

from collections import defaultdict

from common import load_world, make_model, make_vocabulary, parser, peak_memory, percentile, random_vectors, show

from pecrs.config import Config
from pecrs.data.dialogue import Speaker
from pecrs.recommender import Recommender


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--replies", type=int, default=30)
    options.add_argument("--shortlist", type=int, default=700, help="M_inference")
    arguments = options.parse_args()
    config = Config.from_dict({"generation": {"shortlist": arguments.shortlist}})
    catalogue, dialogues = load_world(arguments.data, arguments.replies)
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    model = make_model(arguments.shapes, vocabulary, catalogue, config)
    model.catalogue_vectors = random_vectors(model, len(catalogue))
    recommender = Recommender(model)
    recommender.respond(dialogues[0].turns[:1], seed=0)
    laps: dict[str, list[float]] = defaultdict(list)
    lengths: list[int] = []
    for dialogue in dialogues:
        conversation = recommender.conversation()
        for t, turn in enumerate(dialogue.turns):
            if turn.speaker is Speaker.RECOMMENDER and t and len(lengths) < arguments.replies:
                reply = conversation.respond(dialogue.turns[:t], recommend=True, seed=t)
                lengths.append(len(recommender.ranker.layout.context(dialogue.turns[:t])))
                for name, lap in {**reply.timings, "reply": sum(reply.timings.values())}.items():
                    laps[name].append(lap)
    rows = [
        {
            "step": name,
            "p50 ms": 1e3 * percentile(values, 0.5),
            "p95 ms": 1e3 * percentile(values, 0.95),
            "mean ms": 1e3 * sum(values) / len(values),
        }
        for name, values in laps.items()
    ]
    tokens = config.data.max_response_tokens
    show(
        f"{len(lengths)} replies, {arguments.shapes} shapes, M_inference = {arguments.shortlist}",
        rows,
        arguments.json,
        mean_context_tokens=round(sum(lengths) / len(lengths)),
        response_tokens=tokens,
        ms_per_token=round(1e3 * percentile(laps["generate"], 0.5) / tokens, 2),
        memory_mib=round(peak_memory()),
    )


if __name__ == "__main__":
    main()
