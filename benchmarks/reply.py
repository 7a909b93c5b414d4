"""Latency of a reply, step by step: link, decide, retrieve, re-rank, generate.

    python benchmarks/reply.py [--shapes gpt2] [--data FOLDER] [--tokenizer FOLDER] [--replies 30] [--json]

Dialogues are replayed as a chat would have them: seekers' messages come as plain words, each recommender turn is
answered with what was said before it, and keys and values stay cached from turn to turn. Every reply is made to
recommend, the dearest kind; then the dialogue goes on with what was really said. Weights are random, so a response
ends late or at ``data.max_response_tokens``; its mean length is told, and milliseconds a token go by the tokens that
were written. Latencies count no operations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from common import load_world, make_model, make_vocabulary, parser, peak_memory, percentile, seconds, show
from torch import Tensor

from pecrs.config import Config, GenerationConfig
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.stream import TokenSequence
from pecrs.model.generator import ConversationCache
from pecrs.recommender import Recommender


class CountingCache(ConversationCache):
    """A conversation's cache that notes how many tokens each response took to write, its EOS included."""

    written = 0

    def generate(
        self, sequence: TokenSequence, vectors: Tensor, settings: GenerationConfig, banned: Sequence[int]
    ) -> list[int]:
        """Return the tokens of a response."""
        tokens = super().generate(sequence, vectors, settings, banned)
        self.written += min(len(tokens) + 1, self.model.config.data.max_response_tokens)
        return tokens


class Replay:
    """Answers dialogues and keeps what was measured.

    Attributes:
        laps: Seconds of each reply by step, and of the whole ``reply``.
        contexts: Length of each context in positions.
        written: Tokens written in all.
    """

    def __init__(self, recommender: Recommender, replies: int) -> None:
        """Stop after so many replies."""
        self.recommender, self.replies = recommender, replies
        self.laps: dict[str, list[float]] = defaultdict(list)
        self.contexts: list[int] = []
        self.written = 0

    def play(self, dialogue: Dialogue) -> None:
        """Answer each recommender turn of a dialogue."""
        conversation = self.recommender.conversation()
        conversation.cache = cache = CountingCache(self.recommender.model)
        said: list[Turn] = []
        for turn in dialogue.turns:
            if turn.speaker is Speaker.SEEKER:
                said.append(Turn(turn.speaker, turn.text, messages=turn.messages))
                continue
            if said and len(self.contexts) < self.replies:
                timings = conversation.respond(said, recommend=True, seed=len(said)).timings
                for step, lap in {**timings, "reply": sum(timings.values())}.items():
                    self.laps[step].append(lap)
                said = self.recommender.linked(said)
                self.contexts.append(len(self.recommender.ranker.layout.context(said)))
            said.append(turn)
        self.written += cache.written


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--replies", type=int, default=30)
    options.add_argument("--shortlist", type=int, default=700, help="M_inference")
    arguments = options.parse_args()
    catalogue, dialogues = load_world(arguments.data, arguments.replies + 1)
    shortlist = min(arguments.shortlist, len(catalogue))
    config = Config.from_dict({"generation": {"shortlist": shortlist, "rerank_weight": 1.0}})
    vocabulary = make_vocabulary(arguments.tokenizer, catalogue, dialogues, config)
    recommender = Recommender(make_model(arguments.shapes, vocabulary, catalogue, config, states=False))
    linker = seconds(lambda: recommender.linker)
    Replay(recommender, 1).play(dialogues[-1])  # a warm-up that does not count
    replay = Replay(recommender, arguments.replies)
    for dialogue in dialogues[:-1]:
        replay.play(dialogue)
    laps, count = replay.laps, len(replay.contexts)
    rows = [
        {"step": step, **{f"p{n} ms": 1e3 * percentile(values, n / 100) for n in (50, 95)}}
        for step, values in laps.items()
    ]
    show(
        f"{count} replies, {arguments.shapes} shapes, M_inference = {shortlist} of {len(catalogue)} items",
        rows,
        arguments.json,
        ms_per_token=1e3 * sum(laps["generate"]) / replay.written,
        mean_response_tokens=replay.written / count,
        mean_context=sum(replay.contexts) / count,
        longest_context=max(replay.contexts),
        making_the_linker_s=linker,
        memory_mib=peak_memory(),
    )


if __name__ == "__main__":
    main()
