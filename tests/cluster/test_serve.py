"""Replicas of the service on one database."""

from __future__ import annotations

import os
import signal
import socket
import time

import httpx
import pytest
from ray import serve

from pecrs.cluster.serve import ClusterService, build, replica
from pecrs.errors import ConfigError
from pecrs.server.settings import LOOPBACK

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [("modle", "x"), ("replicas.least", "0"), ("replicas.most", "many"), ("server.queue", "-1"), ("server.key", "1")],
)
def test_wrong_arguments_are_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=name.rpartition(".")[2]):
        build({name: value})


def test_arguments_become_a_deployment():
    arguments = {"replicas.least": "2", "replicas.most": "5", "replicas.target": "3", "server.queue": "7", "name": "films"}
    deployment = build(arguments)._bound_deployment
    scaling = deployment._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.max_replicas, scaling.target_ongoing_requests) == (2, 5, 3)
    assert deployment.max_ongoing_requests == 7
    assert deployment.name == "films"


@pytest.mark.slow
def test_two_replicas_hold_one_conversation_and_survive_a_kill(two_workers, model_folder, tmp_path):
    database = f"sqlite:///{tmp_path / 'pecrs.db'}"
    port = free_port()
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    arguments = {
        "model": str(model_folder),
        "server.database": database,
        "server.authenticate": "false",
        "server.requests_per_minute": "0",
        "replicas.least": "2",
        "replicas.most": "2",
    }
    try:
        serve.run(build(arguments))
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            session = client.post("/v1/sessions", json={}).raise_for_status().json()["id"]
            for number in range(8):
                said = client.post(f"/v1/sessions/{session}/messages", json={"text": f"message {number}"})
                said.raise_for_status()
            assert client.get("/healthz", headers={"Host": "elsewhere.example"}).status_code == 421
            kept = client.get(f"/v1/sessions/{session}").raise_for_status().json()
        assert kept
    finally:
        serve.shutdown()
