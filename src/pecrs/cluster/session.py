"""A connection to Ray for as long as a job takes: to a cluster that is there, or to one on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import NonNegativeFloat, PositiveInt

from pecrs._settings import Settings
from pecrs.errors import ConfigError

OBJECT_STORE = 100 * 2**20
"""Bytes of shared memory of a cluster on this machine; what does not fit goes to the disk."""


class ClusterSettings(Settings):
    """Where a job runs and what its workers are given.

    Attributes:
        address: Of a running cluster, ``auto`` or ``HOST:PORT``; empty makes one on this machine for the job.
        workers: Processes, each with a model of its own.
        threads: Threads that each computes with, and cores that are set aside for it.
        gpus: GPUs that are set aside for each.
    """

    address: str = ""
    workers: PositiveInt = 2
    threads: PositiveInt = 1
    gpus: NonNegativeFloat = 0.0


@contextmanager
def session(settings: ClusterSettings) -> Iterator[None]:
    """Be connected inside the block; a connection that is there already is used and kept.

    A cluster of your own has no dashboard and listens on this machine alone; no usage is reported.

    Raises:
        ConfigError: If Ray is missing, or the cluster cannot be reached.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # deaths of workers are told by the job
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # as Ray will do by itself; it warns until then
    if not settings.address:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # on any system: listen on loopback alone
    try:
        import ray
    except ImportError:
        raise ConfigError("ray is missing: pip install 'pecrs[scale]'") from None
    if ray.is_initialized():
        yield
        return
    quiet = {"log_to_driver": False, "logging_level": "error"}
    try:
        if settings.address:
            ray.init(settings.address, **quiet)
        else:
            ray.init(
                "local",
                num_cpus=settings.workers * settings.threads,
                object_store_memory=OBJECT_STORE,
                include_dashboard=False,
                **quiet,
            )
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        raise ConfigError(f"address: no Ray cluster can be used: {' '.join(str(error).split())[:200]}") from None
    try:
        yield
    finally:
        ray.shutdown()
