"""A sequential recommender on the items that a dialogue names, without a word of it.

It comes with the extra ``pecrs[eval]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pecrs.data.dialogue import Dialogue
from pecrs.data.protocol import Instance, Ranking
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.baselines.simple import Popularity, first_then

_WIDTH = 64
_BATCH = 256
_EPOCHS = 8
_LONGEST = 20


class Sequential:
    """Ranks by SASRec: self-attention over the items named so far says which comes next.

    Items that training never names follow by popularity; so does everything where a dialogue names nothing known.

    Source: Kang, McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018, by ``cornac``.
    """

    def __init__(
        self, dialogues: Sequence[Dialogue], popularity: Popularity, *, seed: int = 0, epochs: int = _EPOCHS
    ) -> None:
        """Train.

        Args:
            dialogues: Training dialogues; each is the sequence of the items that its turns name.
            popularity: The order of what the model does not know.
            seed: Of weights, order of data and negatives.
            epochs: Passes over the dialogues; more were worse on the validation dialogues of INSPIRED and the books.

        Raises:
            ConfigError: If ``cornac`` is not installed.
            DataError: If no dialogue names two items.
        """
        self._popularity = popularity.ranking
        known = frozenset(self._popularity.items)
        sequences = [named(dialogue, len(dialogue.turns), known) for dialogue in dialogues]
        if all(len(sequence) < 2 for sequence in sequences):
            raise DataError("baseline sequential: no training dialogue names one item after another", field="train")
        try:
            import torch
            from cornac.data import SequentialDataset
            from cornac.models import SASRec
        except ModuleNotFoundError:
            raise ConfigError("baseline sequential needs pip install 'pecrs[eval]'") from None
        rows = [(s, item, t) for s, sequence in enumerate(sequences) for t, item in enumerate(sequence)]
        data = SequentialDataset.from_sit(rows, seed=seed)
        self._model: Any = SASRec(
            embedding_dim=_WIDTH,
            loss="softmax",
            batch_size=_BATCH,
            n_epochs=epochs,
            n_sample=min(2048, data.num_items),
            max_len=_LONGEST,
            num_blocks=1,
            dropout=0.3,
            seed=seed,
        )
        with torch.random.fork_rng():
            self._model.fit(data)
        self._places: dict[str, int] = dict(data.iid_map)
        self._items = list(self._places)
        self._known = frozenset(self._items)

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance; see :class:`pecrs.evaluation.baselines.simple.ConversationalRecommender`."""
        for instance in instances:
            history = [self._places[item] for item in named(instance.dialogue, instance.turn, self._known)]
            first: list[str] = []
            if history:
                scores = self._model.score(0, history)
                first = [self._items[place] for place in np.argsort(-scores, kind="stable")]
            yield first_then(first[:depth], self._popularity, depth)


def named(dialogue: Dialogue, turns: int, known: frozenset[str]) -> list[str]:
    """Return the known items that the first turns of a dialogue name, in order; never one item twice in a row.

    Args:
        dialogue: The dialogue.
        turns: How many turns to read.
        known: Items that count.
    """
    items = [item for turn in dialogue.turns[:turns] for item in turn.items if item in known]
    return [item for place, item in enumerate(items) if not place or items[place - 1] != item]
