"""The service on a Ray Serve cluster: replicas of the application, as many as are needed.

    serve run pecrs.cluster.serve:build model=runs/mine server.database=postgresql://USER@HOST/NAME

Replicas keep nothing: conversations, judgements and changed items are in the database that they share, and any of them
answers any request. The application batches requests by itself; Serve adds and removes replicas.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from fastapi import FastAPI
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt, model_validator
from ray import serve

from pecrs._settings import Settings, require
from pecrs.server.settings import LOOPBACK, ServerSettings


class Replicas(Settings):
    """How many there are, and what each is given.

    Attributes:
        least: Always there.
        most: Started at most.
        target: Requests at a time of each that autoscaling aims at.
        threads: Threads that each computes with, and cores that are set aside for it.
        gpus: GPUs that are set aside for each.
    """

    least: PositiveInt = 1
    most: PositiveInt = 4
    target: PositiveFloat = 8.0
    threads: PositiveInt = 1
    gpus: NonNegativeFloat = 0.0

    @model_validator(mode="after")
    def _check_number(self) -> Self:
        require(self.least <= self.most, "least", "at most replicas.most is expected")
        return self


class ClusterService(Settings):
    """What ``serve run`` is told.

    Attributes:
        model: A model folder or a run that all machines find under the same path; empty is the model of the package.
        name: What clients call the model.
        device_map: Where each replica puts the backbone, among the devices that it sees; empty is the CPU,
            but for quantised matrices.
        server: Limits and switches of each replica.
        replicas: How many there are.
    """

    model: str = ""
    name: str = "pecrs"
    device_map: str = ""
    server: ServerSettings = ServerSettings()
    replicas: Replicas = Replicas()


def build(args: Mapping[str, str]) -> serve.Application:
    """Return the application for ``serve run``.

    Args:
        args: ``model=...``, ``server.database=...``, ``replicas.most=8`` and so on, values read as YAML.

    Raises:
        ConfigError: If an argument is unknown or wrong.
    """
    service = ClusterService().override([f"{name}={value}" for name, value in args.items()])
    if not service.server.authenticate and not service.server.hosts:
        server = service.server.model_copy(update={"hosts": LOOPBACK})  # no page of elsewhere reaches it
        service = service.model_copy(update={"server": server})
    path = str(Path(service.model).absolute()) if service.model else ""

    def application() -> FastAPI:
        return replica(service.model_copy(update={"model": path}))

    replicas = service.replicas
    deployment = serve.deployment(
        serve.ingress(application)(),
        name=service.name,
        max_ongoing_requests=service.server.queue,
        autoscaling_config={
            "min_replicas": replicas.least,
            "max_replicas": replicas.most,
            "target_ongoing_requests": replicas.target,
        },
        ray_actor_options={"num_cpus": replicas.threads, "num_gpus": replicas.gpus},
        graceful_shutdown_timeout_s=service.server.deadline,
    )
    bound: serve.Application = deployment.bind()
    return bound


def replica(service: ClusterService) -> FastAPI:
    """Load the model and return the application of one replica."""
    import torch

    from pecrs.inference.recommender import Recommender
    from pecrs.server.app import create_app

    torch.set_num_threads(service.replicas.threads)
    recommender = Recommender.from_pretrained(service.model or None, device_map=service.device_map)
    return create_app(recommender, service.server, name=service.name)
