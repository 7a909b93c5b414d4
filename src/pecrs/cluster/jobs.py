"""Tasks spread over workers that each hold a model, as one Ray Data job.

A task goes to the object store as a block of its own, from where it spills to the disk, so the driver holds one at a
time. A worker that dies is started again, and the task that it had is given out anew.
"""

from __future__ import annotations

import logging
import pickle
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

import pyarrow as pa
import torch

from pecrs.cluster.session import ClusterSettings, session
from pecrs.errors import ConfigError, PecrsError

Task = TypeVar("Task")
"""What a worker is given."""

Result = TypeVar("Result")
"""What it makes of it."""

DEATHS = 3
"""How often each worker may die before the job is given up; as often may one task be given out anew."""


def spread(
    tasks: Iterable[Task], make: Callable[[], Callable[[Task], Result]], settings: ClusterSettings
) -> Iterator[Result]:
    """Yield the results of tasks, in any order.

    Args:
        tasks: Consumed before the first result comes.
        make: Called once in each worker, where it loads what is needed; returns the function of a task. Both must
            depend on nothing that changes, since a task may be computed twice.
        settings: Where and by how many.

    Raises:
        ConfigError: If Ray is missing, the cluster cannot be reached, or workers die again and again.
        PecrsError: What a worker says of its task, or of what it needs for it.
    """
    with session(settings):
        import ray
        from ray.data import ActorPoolStrategy, DataContext

        blocks = [ray.put(pa.table({"task": [pickle.dumps(task)]})) for task in tasks]
        if not blocks:
            return
        context = DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        with warnings.catch_warnings():  # the last two arguments; see pyproject.toml
            warnings.filterwarnings("ignore", message="`ray_remote_args` is deprecated")
            results = ray.data.from_arrow_refs(blocks).map_batches(
                _Worker,
                fn_constructor_args=(make, settings.threads),
                batch_size=1,
                batch_format="pyarrow",
                compute=ActorPoolStrategy(size=min(settings.workers, len(blocks))),
                num_cpus=settings.threads,
                num_gpus=settings.gpus,
                max_restarts=DEATHS,
                max_task_retries=DEATHS,
            )
        try:
            for row in results.iter_rows():
                result = pickle.loads(row["result"])
                if isinstance(result, PecrsError):
                    raise result
                yield result
        except ray.exceptions.RayError as error:
            raise ConfigError(f"a worker failed: {' '.join(str(error).split())[-300:]}") from None


class _Worker:
    """One process of a job."""

    def __init__(self, make: Callable[[], Callable[[Any], Any]], threads: int) -> None:
        torch.set_num_threads(threads)
        self._made = cache(make)  # by the first task, whose answer can be that it failed

    def __call__(self, batch: pa.Table) -> pa.Table:
        results = [pickle.dumps(self._result(pickle.loads(task))) for task in batch["task"].to_pylist()]
        return pa.table({"result": pa.array(results, pa.large_binary())})

    def _result(self, task: Any) -> Any:
        try:
            return self._made()(task)
        except PecrsError as error:  # Ray would keep its text alone, below a page of its own
            return error
