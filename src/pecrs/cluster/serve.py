"""The service on a Ray Serve cluster: replicas of the application, as many as are needed.

    serve run pecrs.cluster.serve:build model=runs/mine server.database=postgresql://USER@HOST/NAME

Replicas keep nothing: conversations, judgements and changed items are in the database that they share, and any of them
answers any request. The application batches requests by itself; Serve adds and removes replicas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi import FastAPI
from ray import serve

from pecrs.server.settings import LOOPBACK, ServerSettings
from pecrs.strict_yaml import override, require


@dataclass(frozen=True)
class Replicas:
    """How many there are, and what each is given.

    Attributes:
        least: Always there.
        most: Started at most.
        target: Requests at a time of each that autoscaling aims at.
        threads: Threads that each computes with, and cores that are set aside for it.
        gpus: GPUs that are set aside for each.
    """

    least: int = 1
    most: int = 4
    target: float = 8.0
    threads: int = 1
    gpus: float = 0.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        require(1 <= self.least <= self.most, "replicas.least", "at least 1 and at most replicas.most is expected")
        require(self.target > 0, "replicas.target", "a positive number is expected")
        require(self.threads >= 1, "replicas.threads", "a positive number is expected")
        require(self.gpus >= 0, "replicas.gpus", "a number of at least 0 is expected")


@dataclass(frozen=True)
class ClusterService:
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
    server: ServerSettings = field(default_factory=ServerSettings)
    replicas: Replicas = field(default_factory=Replicas)


def build(args: Mapping[str, str]) -> serve.Application:
    """Return the application for ``serve run``.

    Args:
        args: ``model=...``, ``server.database=...``, ``replicas.most=8`` and so on, values read as YAML.

    Raises:
        ConfigError: If an argument is unknown or wrong.
    """
    service = override(ClusterService(), [f"{name}={value}" for name, value in args.items()])
    if not service.server.authenticate and not service.server.hosts:
        service = replace(service, server=replace(service.server, hosts=LOOPBACK))  # no page of elsewhere reaches it
    path = str(Path(service.model).absolute()) if service.model else ""

    def application() -> FastAPI:
        return replica(replace(service, model=path))

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
