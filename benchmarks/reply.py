"""Latency of a message and its reply, step by step, from linking to writing; and replies a second, several together.

    python benchmarks/reply.py [--shapes gpt2 | --trained] [--data FOLDER] [--tokenizer FOLDER] [--replies 30] [--json]

Dialogues are replayed as a chat would have them: seekers' messages come as plain words, each recommender turn is
answered with what was said before it, and keys and values stay cached from turn to turn. Every reply is made to
recommend, the dearest kind; then the dialogue goes on with what was really said. Then the same turns are answered from
scratch, as a service without memory would: one, four and sixteen at a time, by turns on the same requests,
so that a change of the machine's mood meets all three. Weights are random, or with ``--trained`` the package's own.
Random ones end a response late or at ``data.max_response_tokens``; its mean length is told, and milliseconds a token
go by the tokens that were written. Latencies count no operations.
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Sequence

from common import load_world, make_model, make_vocabulary, parser, peak_memory, percentile, seconds, show

from pecrs.config import Config
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Request
from pecrs.model.generator import ConversationCache

TOGETHER = (1, 4, 16)
"""How many requests are answered together."""


class Replay:
    """Answers dialogues and keeps what was measured.

    Attributes:
        laps: Seconds of each message by ``link``, of each reply by step, and of the whole ``reply``.
        contexts: Length of each context in positions.
        requests: What was asked.
        written: Tokens written in all.
    """

    def __init__(self, recommender: Recommender, replies: int) -> None:
        """Stop after so many replies."""
        self.recommender, self.replies = recommender, replies
        self.laps: dict[str, list[float]] = defaultdict(list)
        self.contexts: list[int] = []
        self.requests: list[Request] = []
        self.written = 0

    def play(self, dialogue: Dialogue) -> None:
        """Answer each recommender turn of a dialogue."""
        cache, said = ConversationCache(), list[Turn]()
        for turn in dialogue.turns:
            if turn.speaker is Speaker.SEEKER:
                started = time.perf_counter()
                said.append(self.recommender.link(turn.text, said, messages=turn.messages))
                self.laps["link"].append(time.perf_counter() - started)
                continue
            if said and len(self.contexts) < self.replies:
                self.requests.append(Request(tuple(said), recommend=True, seed=len(said)))
                reply = self.recommender.respond(said, recommend=True, seed=len(said), cache=cache)
                for step, lap in {**reply.timings, "reply": sum(reply.timings.values())}.items():
                    self.laps[step].append(lap)
                self.written += reply.tokens
                self.contexts.append(len(self.recommender.ranker.context(said)))
            said.append(turn)


def replies_a_second(recommender: Recommender, requests: Sequence[Request]) -> dict[int, float]:
    """Return replies a second by how many requests are answered together."""
    spent: dict[int, float] = defaultdict(float)
    for start in range(0, len(requests), max(TOGETHER)):
        some = requests[start : start + max(TOGETHER)]
        for size in TOGETHER:
            parts = [some[place : place + size] for place in range(0, len(some), size)]
            spent[size] += seconds(lambda parts=parts: [recommender.respond_many(part) for part in parts])  # type: ignore[misc]
    return {size: len(requests) / total for size, total in spent.items()}


def make_recommender(arguments: Namespace, dialogues: int) -> tuple[Recommender, list[Dialogue]]:
    """Return the recommender to be measured and the dialogues to be answered."""
    catalogue, found = load_world(arguments.data, dialogues)
    if arguments.trained:
        return Recommender.from_pretrained(), found
    shortlist = min(arguments.shortlist, len(catalogue))
    config = Config.from_dict({"generation": {"shortlist": shortlist, "rerank_weight": 1.0}})
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, found, config)
    model = make_model(arguments.shapes, vocabulary, catalogue, config, states=False)
    return Recommender(model, settings=config.generation), found


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--replies", type=int, default=30)
    options.add_argument("--shortlist", type=int, default=700, help="M_inference")
    options.add_argument("--trained", action="store_true", help="measure the model of the package")
    arguments = options.parse_args()
    recommender, dialogues = make_recommender(arguments, arguments.replies + 1)
    linker = seconds(lambda: recommender.linker)
    Replay(recommender, 1).play(dialogues[-1])  # a warm-up that does not count
    replay = Replay(recommender, arguments.replies)
    for dialogue in dialogues[:-1]:
        replay.play(dialogue)
    rates = replies_a_second(recommender, replay.requests)
    laps, count = replay.laps, len(replay.contexts)
    rows = [
        {"step": step, **{f"p{n} ms": 1e3 * percentile(values, n / 100) for n in (50, 95)}}
        for step, values in laps.items()
    ]
    shapes = "the package's model" if arguments.trained else f"{arguments.shapes} shapes"
    settings = recommender.settings
    shortlist = settings.shortlist if settings.rerank_weight else 0
    show(
        f"{count} replies, {shapes}, {len(recommender.catalogue)} items, M_inference = {shortlist}",
        rows,
        arguments.json,
        ms_per_token=1e3 * sum(laps["generate"]) / replay.written,
        mean_response_tokens=replay.written / count,
        mean_context=sum(replay.contexts) / count,
        longest_context=max(replay.contexts),
        making_the_linker_s=linker,
        **{f"replies_a_second_{size}_together": rate for size, rate in rates.items()},
        together_over_alone=rates[max(TOGETHER)] / rates[1],
        memory_mib=peak_memory(),
    )


if __name__ == "__main__":
    main()
