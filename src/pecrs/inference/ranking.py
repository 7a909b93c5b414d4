"""Features beside a model's score, fitted on dialogues that it has not seen.

Source: design section 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import numpy as np
import torch

from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.loaders.film_requests import FilmRequest
from pecrs.data.progress import Report, tracked
from pecrs.data.protocol import standard_instances
from pecrs.errors import ConfigError
from pecrs.inference.ranker import Ranker
from pecrs.inference.recommender import training_counts
from pecrs.inference.tasks import RankTask, keys_of, tasks_of
from pecrs.linking import Linker
from pecrs.linking.seen import TitleIndex
from pecrs.model.persistence.folder import Pretrained
from pecrs.model.text_meaning import text_vectors
from pecrs.ranking.counts import Counts
from pecrs.ranking.fitting import Labelled, fit_weights
from pecrs.ranking.meaning import ItemMeanings, Meaning, Read
from pecrs.ranking.projection import Projection
from pecrs.ranking.reordering import POOL, Examined, Examiner, Reordering


@dataclass(frozen=True, eq=False)
class Fold:
    """A model, what it was trained on, and what it was not.

    Attributes:
        model: The model and its configuration.
        train: Its training dialogues: what is counted comes from them.
        held_out: Dialogues that it was not trained on: weights are fitted to them.
    """

    model: Pretrained
    train: Sequence[Dialogue]
    held_out: Sequence[Dialogue]


def asked_dialogues(own: Fold, requests: Sequence[FilmRequest]) -> list[Dialogue]:
    """Return requests as dialogues of two turns; the answer names all that fulfils one.

    Args:
        own: The model.
        requests: What is asked for; those that the catalogue has nothing new for are left out.
    """
    catalogue = own.model.model.catalogue
    titles, linker = TitleIndex(catalogue), Linker(catalogue, training_counts(own.model.model))
    found: list[Dialogue] = []
    for number, entry in enumerate(requests):
        asked = linker.link_turn(Speaker.SEEKER, entry.request)
        items = tuple(item for item in titles.named(entry.items) if item not in asked.items)
        if items:
            answer = Turn(Speaker.RECOMMENDER, ", ".join(catalogue[item].name for item in items), (), items)
            found.append(Dialogue(f"request-{number}", (asked, answer)))
    return found


def fit_reordering(
    own: Fold, others: Sequence[Fold], report: Report, requests: Sequence[FilmRequest] = ()
) -> Reordering:
    """Count in the training dialogues of a model, and fit weights to held-out dialogues.

    Args:
        own: The model that the weights are for.
        others: Models of the same catalogue and recipe, held out otherwise: their held-out dialogues count as well.
        report: Is told how many turns are read.
        requests: With items that fulfil them. They count as held-out dialogues of the model, and a projection of
            messages and items is learnt from them; that of other requests is used where weights are fitted to one.

    Raises:
        DataError: If the catalogue lacks items of the dialogues, or no candidate is right.
        ConfigError: If LightGBM is missing, a feature is unknown, or a fold is of another catalogue.
    """
    settings, catalogue = own.model.config.ranking, own.model.model.catalogue
    counts = Counts.of(own.train, catalogue)
    read = partial(text_vectors, own.model.model.backbone)
    said = [turn.text for dialogue in own.held_out for turn in dialogue.turns if turn.text.strip()]
    plain = ItemMeanings.of(catalogue, said[:_SOME_MESSAGES], read)
    known = Examiner(catalogue, counts).names
    if unknown := [name for name in settings.features if name not in known]:
        raise ConfigError(f"ranking.features: {unknown[0]!r} is none of {', '.join(known)}")
    names = settings.features or known
    labelled: list[Labelled] = []
    parts = _with_requests(own, others, plain, requests, read)
    for fold, meanings in parts:
        ranker = Ranker.of_model(fold.model.model, fold.model.config.generation)
        if [item.id for item in ranker.catalogue] != [item.id for item in catalogue]:
            raise ConfigError("folds: a model of the same catalogue is expected")
        # Facts of the items are those of the model in hand, which is what the weights will meet.
        examiner = Examiner(catalogue, Counts.of(fold.train, catalogue), names, Meaning(meanings, read))
        labelled += _labelled(ranker, examiner, fold.held_out, report)
    return Reordering(fit_weights(labelled, names, settings), counts, parts[0][1])


_SOME_MESSAGES = 2_000
"""From so many messages it is told what is common to all."""

_SHARES = 5
_FEWEST = 100
"""From so many requests on it is learnt what messages mean."""


def _with_requests(
    own: Fold, others: Sequence[Fold], plain: ItemMeanings, requests: Sequence[FilmRequest], read: Read
) -> list[tuple[Fold, ItemMeanings]]:
    """Return what weights are fitted to, with what messages mean there: for a share of the requests as others teach it.

    The first of them has what all requests teach.
    """
    catalogue, asked = own.model.model.catalogue, asked_dialogues(own, requests)
    said = plain.said(read([dialogue.turns[0].text for dialogue in asked])) if asked else np.zeros((0, 1), np.float32)
    right = [[catalogue.index(item) for item in dialogue.turns[1].items] for dialogue in asked]

    def learnt(places: Sequence[int]) -> ItemMeanings:
        if len(places) < _FEWEST:
            return plain
        own = [right[place] for place in places]
        return plain.projected(Projection.fit(said[list(places)], plain.vectors.astype(np.float32), own))

    everything = learnt(range(len(asked)))
    parts = [(fold, everything) for fold in (own, *others)]
    for start in range(min(_SHARES, len(asked))):
        rest = [place for place in range(len(asked)) if place % _SHARES != start]
        parts.append((replace(own, held_out=asked[start::_SHARES]), learnt(rest)))
    return parts


def _labelled(ranker: Ranker, examiner: Examiner, dialogues: Sequence[Dialogue], report: Report) -> Iterator[Labelled]:
    instances = standard_instances(dialogues)
    keys = keys_of(instances)
    points = dict(zip(keys, instances, strict=True))
    examined = chain.from_iterable(
        _examined(ranker, examiner, task) for task in tasks_of(ranker.layout, instances, keys)
    )
    for key, candidates in tracked(examined, "reading turns", len(points), report):
        right = [ranker.catalogue.index(label) for label in points[key].labels]
        yield candidates, np.isin(candidates.items, right)


@torch.inference_mode()
def _examined(ranker: Ranker, examiner: Examiner, task: RankTask) -> list[tuple[tuple[int, int], Examined]]:
    read = ranker.read_task(task)
    best = ranker.index.search(read.queries, read.mentions, POOL).items.cpu().numpy()
    examiner.read_ahead([task.before(key) for key in read.keys])
    scorers = [ranker.retrieval.scorer(read.queries, read.mentions, row) for row in range(len(read.keys))]
    return [
        (key, examiner.examine(task.before(key), best[row], scorers[row]))
        for row, key in enumerate(read.keys)
        if key in task.turns
    ]
