"""Latency of a service of this machine under simulated users: several at once beside one, on the same conversations.

    python benchmarks/simulated_users.py [--at-once 1 32] [--conversations 256] [--batch 16] [--json]

The users are those of ``pecrs simulate`` with a target, their tastes drawn from the catalogue: each tells step by step
what an item in mind is like, asks, refuses, accepts or loses patience, and says the next message as soon as the last is
answered. All conversations of a row are the same work: as many users as the row says take them from one line, which is
longer than they are many. The service runs in a process of its own, on loopback, with the model of the package.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import queue
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from common import show
from service import Server

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.evaluation.simulation.agenda import AgendaUsers
from pecrs.evaluation.simulation.conversation import Conversation, System, SystemReply
from pecrs.evaluation.simulation.play import play
from pecrs.evaluation.simulation.users import Profile, draw_users
from pecrs.inference.recommender import Recommender
from pecrs.server.client import Client

ROUNDS = 10


@dataclass(frozen=True)
class Result:
    """The figures of a row."""

    at_once: int
    conversations: int
    successes: int
    messages: int
    seconds: float
    per_second: float
    p50_ms: float
    p95_ms: float
    slowest_ms: float


@dataclass
class Kept(System):
    """A conversation that the service keeps; notes the seconds of each answer."""

    client: Client
    seconds: list[float] = field(default_factory=list)
    session: str = ""

    def reply(self, conversation: Conversation) -> SystemReply:
        """Say the latest message; see :class:`System`."""
        if not self.session:
            self.session = self.client.call("POST", "/v1/sessions", {})["id"]
        body, started = {"text": conversation.turns[-1].text}, time.perf_counter()
        path = f"/v1/sessions/{self.session}/messages"
        said: dict[str, Any] = self.client.call("POST", path, body)["recommender"]
        self.seconds.append(time.perf_counter() - started)
        mentions = tuple(Mention(own["start"], own["end"], own["item"]) for own in said["mentions"])
        turn, reply = Turn(Speaker.RECOMMENDER, said["text"], mentions), said["reply"]
        if reply["move"] == "list":
            return SystemReply(turn, turn.items)
        return SystemReply(turn, (reply["items"][0]["item"]["id"],) if reply["items"] else ())


def converse(url: str, catalogue: Catalogue, line: queue.SimpleQueue[Profile]) -> tuple[int, list[float]]:
    """Have one conversation after another from the line; return the successes and the seconds of each answer."""
    users, successes, seconds = AgendaUsers(catalogue), 0, list[float]()
    with Client(url) as client, contextlib.suppress(queue.Empty):
        while True:
            talk = Kept(client)
            [played] = play(talk, users, [line.get_nowait()], catalogue, ROUNDS)
            successes += played.success is not None
            seconds += talk.seconds
    return successes, seconds


def measure(url: str, catalogue: Catalogue, profiles: tuple[Profile, ...], at_once: int) -> Result:
    """Let so many users at once hold all conversations."""
    line: queue.SimpleQueue[Profile] = queue.SimpleQueue()
    for profile in profiles:
        line.put(profile)
    started = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        users = [pool.submit(converse, url, catalogue, line) for _ in range(at_once)]
        held = [user.result() for user in users]
    taken = time.perf_counter() - started
    ordered = sorted(1000 * one for _, own in held for one in own)
    return Result(
        at_once=at_once,
        conversations=len(profiles),
        successes=sum(own for own, _ in held),
        messages=len(ordered),
        seconds=round(taken, 1),
        per_second=round(len(ordered) / taken, 2),
        p50_ms=round(statistics.median(ordered), 1),
        p95_ms=round(ordered[int(0.95 * (len(ordered) - 1))], 1),
        slowest_ms=round(ordered[-1], 1),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--conversations", type=int, default=256)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    catalogue = Recommender.from_pretrained(None).catalogue
    profiles = draw_users(catalogue, "target", arguments.conversations, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(f"sqlite:///{folder}/pecrs.db", arguments.batch)
        asyncio.run(server.start())
        try:
            measure(server.url, catalogue, profiles[:4], 2)  # what is worked out once
            results = [measure(server.url, catalogue, profiles, at_once) for at_once in arguments.at_once]
        finally:
            server.stop()
    show("service under simulated users", [asdict(result) for result in results], arguments.json, batch=arguments.batch)


if __name__ == "__main__":
    main()
