"""Rankings in bulk, made by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from pecrs.cluster.jobs import spread
from pecrs.cluster.session import ClusterSettings
from pecrs.data.protocol import Instance, Ranking
from pecrs.inference.ranker import Ranker
from pecrs.inference.recommender import Recommender
from pecrs.inference.tasks import Ranked, RankTask
from pecrs.model.persistence.locate import locate_model_folder


class ClusterRanker:
    """Ranks as a model's ranker does, elsewhere; implements evaluation's ``ConversationalRecommender``.

    Tasks are the ranker's own passes, so that with as many threads rankings are the same to the last bit.
    """

    def __init__(
        self,
        ranker: Ranker,
        settings: ClusterSettings,
        model: Path | None,
        index: Path | None = None,
        device_map: str = "",
    ) -> None:
        """Keep what is needed.

        Args:
            ranker: That of ``Recommender.from_pretrained(model, index=index)``.
            settings: Where and by how many.
            model: A model folder or a run that all machines find under the same path; None is what an
                installation takes where none is named.
            index: A folder of an index, found likewise.
            device_map: Where each worker puts the backbone, among the devices that it sees.
        """
        self._ranker, self._settings, self._device_map = ranker, settings, device_map
        self._model = None if model is None else locate_model_folder(model).absolute()
        self._index = None if index is None else index.absolute()

    def rank(self, instances: Sequence[Instance], depth: int) -> Iterator[Ranking]:
        """Yield one ranking an instance, in order; see :meth:`pecrs.inference.ranker.Ranker.rank`."""
        return self._ranker.rank(instances, depth, self._spread)

    def _spread(self, tasks: Iterable[RankTask], depth: int) -> Iterator[Ranked]:
        model, index, device_map = self._model, self._index, self._device_map
        return spread(tasks, lambda: task_ranker(model, index, depth, device_map), self._settings)


def task_ranker(
    model: Path | None, index: Path | None, depth: int, device_map: str = ""
) -> Callable[[RankTask], Ranked]:
    """Load a model and return what ranks a task with it."""
    ranker = Recommender.from_pretrained(model, index=index, device_map=device_map).ranker
    return lambda task: ranker.rank_task(task, depth)
