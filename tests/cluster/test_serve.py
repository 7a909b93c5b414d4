"""Replicas of the service on one database."""

from __future__ import annotations

import socket
import time

import httpx
import psutil
import pytest
from ray import serve

from pecrs.cluster.serve import ClusterService, build, replica
from pecrs.errors import ConfigError

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
    arguments = {
        "replicas.least": "2",
        "replicas.most": "5",
        "replicas.target": "3",
        "server.queue": "7",
        "name": "films",
    }
    deployment = build(arguments)._bound_deployment
    scaling = deployment._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.max_replicas, scaling.target_ongoing_requests) == (2, 5, 3)
    assert deployment.max_ongoing_requests == 7
    assert deployment.name == "films"


def replicas():
    """The processes of the replicas."""
    found = psutil.Process().children(recursive=True)
    return [process for process in found if process.name().startswith("ray::ServeRepl")]


def say(client, session, number):
    """Say a numbered message until it is answered; a replica that was killed answers nothing."""
    headers = {"Idempotency-Key": f"message-{number}"}
    for _ in range(60):
        try:
            answer = client.post(
                f"/v1/sessions/{session}/messages", json={"text": f"message {number}"}, headers=headers
            )
        except httpx.TransportError:
            continue
        if answer.status_code < 500:
            answer.raise_for_status()
            return
        time.sleep(1)
    pytest.fail("nobody answers")


@pytest.mark.slow
def test_replicas_share_a_conversation_and_each_may_be_killed(two_workers, model_folder, tmp_path):
    port = free_port()
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    arguments = {
        "model": str(model_folder),
        "server.database": f"sqlite:///{tmp_path / 'pecrs.db'}",
        "server.authenticate": "false",
        "server.requests_per_minute": "0",
        "replicas.least": "2",
        "replicas.most": "2",
    }
    try:
        serve.run(build(arguments))
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            session = client.post("/v1/sessions", json={}).raise_for_status().json()["id"]
            first = replicas()
            assert len(first) == 2
            for number, replica in enumerate([None, *first]):  # in the end none of them is there that began
                if replica is not None:
                    until = time.monotonic() + 120
                    while len(replicas()) < 2:
                        assert time.monotonic() < until
                        time.sleep(0.5)
                    replica.kill()
                say(client, session, number)
            turns = client.get(f"/v1/sessions/{session}").raise_for_status().json()["turns"]
            assert [turn["text"] for turn in turns if turn["speaker"] == "seeker"] == [
                "message 0", "message 1", "message 2",
            ]  # fmt: skip
            assert client.get("/v1/items", headers={"Host": "elsewhere.example"}).status_code == 421
    finally:
        serve.shutdown()


def test_replicas_put_the_backbone_where_they_are_told(model_folder):
    with pytest.raises(ConfigError, match="device_map: 'gpu' is no device"):
        replica(ClusterService(model=str(model_folder), device_map="gpu"))
