"""Print randomly chosen replies as Markdown: ``sample_replies.py RESPONSES DATA [COUNT]``.

RESPONSES is what ``pecrs evaluate --conversations`` wrote, DATA the prepared folder. Which turns are shown depends on a
seed alone; nothing is edited.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from pecrs.data.loaders.prepare import load_prepared
from pecrs.data.protocol import Instance
from pecrs.evaluation.metrics.conversation import AnsweredTurn, read_responses

SEED = 0
SHOWN = 2


def main(responses: str, data: str, count: str = "50") -> None:
    """Print the replies, each under the last messages before it."""
    answered = read_responses(Path(responses))
    dialogues = {dialogue.id: dialogue for dialogue in load_prepared(Path(data)).splits["valid"]}
    chosen = sorted(random.Random(SEED).sample(range(len(answered)), min(int(count), len(answered))))
    for number, place in enumerate(chosen, start=1):
        turn = answered[place]
        dialogue = dialogues[turn.conversation_id]
        end = next(
            i for i in range(len(dialogue.turns)) if Instance(dialogue, i, ()).message_index == turn.message_index
        )
        print(f"\n**{number}.** dialogue {turn.conversation_id}, message {turn.message_index}\n")
        for said in dialogue.turns[max(0, end - SHOWN) : end]:
            print(f"> {said.speaker.value}: {said.text}  ")
        print(f"\n*person*: {turn.reference}  \n**pecrs**: {turn.free}{_items(turn)}")


def _items(turn: AnsweredTurn) -> str:
    return "" if turn.free_recommends else " *(recommends nothing)*"


if __name__ == "__main__":
    main(*sys.argv[1:])
