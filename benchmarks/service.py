"""Load on a service of this machine: requests a second, latency, lost turns and memory.

    python benchmarks/service.py [--users 32] [--seconds 300] [--batch 16] [--database URL] [--plot memory.svg] [--json]
    python benchmarks/service.py --kills 20 [--users 8] [--database URL]

Each user says one message after another in a conversation of their own; at the end all conversations are read back, and
a message that was acknowledged but is not there counts as lost. ``--batch 1`` is the service without dynamic batching.
With ``--kills`` the service is killed (SIGKILL) so many times at random moments and started again; users repeat what
was not acknowledged. The service runs in a process of its own, on loopback, with the model of the package; only
addresses of this machine are used.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

SAID = (
    "Hi! I am looking for a good movie.",
    "I love superhero movies like The Avengers and Black Panther.",
    "I have seen that one. What about something funny?",
    "Who is in it?",
    "Anything from the 80s?",
    "I like scary films like Annabelle too.",
)


@dataclass
class Tally:
    """What happened.

    Attributes:
        seconds: Of each acknowledged message.
        errors: Requests that failed, by status; 0 where there was no answer.
        acknowledged: Texts said and answered, by conversation.
        restarts: Seconds until the service was ready again.
        memory: (seconds since the start, MiB resident) of the service.
    """

    seconds: list[float] = field(default_factory=list)
    errors: dict[int, int] = field(default_factory=dict)
    acknowledged: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    restarts: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """The figures of a run."""

    users: int
    batch: int
    seconds: float
    messages: int
    per_second: float
    p50_ms: float
    p95_ms: float
    errors: dict[int, int]
    lost: int
    half: int
    kills: int
    slowest_restart: float
    memory_mib: tuple[float, float]


class Server:
    """A service in a process of its own."""

    def __init__(self, database: str, batch: int) -> None:
        """Choose a port."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
        self.url, self.database, self.batch = f"http://127.0.0.1:{self.port}", database, batch
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> float:
        """Start it; return the seconds until it was ready."""
        limits = [f"batch={self.batch}", "requests_per_minute=0", "queue=1000", "most_messages=100000"]
        options = [part for limit in limits for part in ("--set", limit)]
        command = [sys.executable, "-m", "pecrs.cli", "serve", "--no-auth", "--port", str(self.port)]
        self.process = subprocess.Popen([*command, "--database", self.database, *options], stdout=subprocess.DEVNULL)
        started = time.monotonic()
        async with httpx.AsyncClient() as client:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return time.monotonic() - started
                if self.process.poll() is not None or time.monotonic() - started > 120:
                    raise SystemExit("the service does not start")
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """End it at once."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it as operators do."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(60)

    def memory(self) -> float:
        """Return its resident memory in MiB."""
        assert self.process is not None
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def patient(client: httpx.AsyncClient, tally: Tally, path: str, body: Any, once: str | None = None) -> Any:
    """Send a request until it is acknowledged."""
    headers = {} if once is None else {"Idempotency-Key": once}
    while True:
        try:
            answer = await client.post(path, json=body, headers=headers)
        except httpx.TransportError:
            tally.errors[0] = tally.errors.get(0, 0) + 1
            await asyncio.sleep(0.3)
            continue
        if answer.is_success:
            return answer.json()
        tally.errors[answer.status_code] = tally.errors.get(answer.status_code, 0) + 1
        await asyncio.sleep(0.3)


async def user(number: int, client: httpx.AsyncClient, tally: Tally, stop: asyncio.Event) -> None:
    """Talk until the end; a new conversation after every dozen messages."""
    chance, count, session = random.Random(number), 0, ""
    while not stop.is_set():
        if count % 12 == 0:
            session = (await patient(client, tally, "/v1/sessions", {}))["id"]
            tally.acknowledged[session] = []
        text, started = f"{chance.choice(SAID)} ({number}.{count})", time.perf_counter()
        pair = await patient(client, tally, f"/v1/sessions/{session}/messages", {"text": text}, secrets.token_hex(8))
        tally.seconds.append(time.perf_counter() - started)
        tally.acknowledged[session].append((pair["seeker"]["text"], pair["recommender"]["text"]))
        count += 1


async def audit(client: httpx.AsyncClient, tally: Tally) -> tuple[int, int]:
    """Return how many acknowledged exchanges are missing, and how many conversations hold half of one."""
    lost = half = 0
    for session, said in tally.acknowledged.items():
        turns = (await client.get(f"/v1/sessions/{session}")).json()["turns"]
        speakers = [turn["speaker"] for turn in turns]
        half += speakers != ["seeker", "recommender"] * (len(turns) // 2)
        kept = [(a["text"], b["text"]) for a, b in zip(turns[::2], turns[1::2], strict=False)]
        lost += sum(pair not in kept for pair in said) + (len(kept) - len(set(kept)))
    return lost, half


@contextlib.asynccontextmanager
async def watching(server: Server, tally: Tally) -> AsyncIterator[None]:
    """Note the memory of the service every second."""
    started = time.monotonic()

    async def watch() -> None:
        while True:
            with contextlib.suppress(OSError, IndexError):
                tally.memory.append((round(time.monotonic() - started, 1), round(server.memory(), 1)))
            await asyncio.sleep(1)

    task = asyncio.create_task(watch())
    yield
    task.cancel()


async def measure(arguments: argparse.Namespace, database: str) -> tuple[Result, Tally]:
    """Run the users, and the killer where one is wanted."""
    server, tally, stop, chance = Server(database, arguments.batch), Tally(), asyncio.Event(), random.Random(0)
    await server.start()
    limits = httpx.Limits(max_connections=arguments.users + 8)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits) as client:
        async with watching(server, tally):
            started = time.monotonic()
            users = [asyncio.create_task(user(n, client, tally, stop)) for n in range(arguments.users)]
            if arguments.kills:
                for _ in range(arguments.kills):
                    await asyncio.sleep(chance.uniform(1.0, 4.0))
                    server.kill()
                    tally.restarts.append(await server.start())
            else:
                await asyncio.sleep(arguments.seconds)
            stop.set()
            await asyncio.gather(*users)
            taken = time.monotonic() - started
        lost, half = await audit(client, tally)
    server.stop()
    ordered = sorted(tally.seconds)
    memory = [mib for _, mib in tally.memory]
    result = Result(
        users=arguments.users,
        batch=arguments.batch,
        seconds=round(taken, 1),
        messages=len(ordered),
        per_second=round(len(ordered) / taken, 2),
        p50_ms=round(1000 * statistics.median(ordered), 1),
        p95_ms=round(1000 * ordered[int(0.95 * (len(ordered) - 1))], 1),
        errors=tally.errors,
        lost=lost,
        half=half,
        kills=arguments.kills,
        slowest_restart=round(max(tally.restarts, default=0.0), 1),
        memory_mib=(memory[len(memory) // 4], memory[-1]),
    )
    return result, tally


def draw(memory: Sequence[tuple[float, float]], title: str, path: Path) -> None:
    """Draw (seconds, MiB) as a curve."""
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams.update({"svg.hashsalt": "service", "font.size": 10})  # the same file for the same figures
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(7, 3), layout="constrained")
    axis.plot(*zip(*memory, strict=True))
    axis.set(title=title, xlabel="seconds", ylabel="MiB", ylim=(0, None), xlim=(0, None))
    axis.grid(True, color="0.9")
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--database", help="SQLAlchemy URL; a new SQLite file by default")
    parser.add_argument("--plot", type=Path, help="an SVG or PNG file to draw the service's memory to")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = arguments.database or f"sqlite:///{folder}/pecrs.db"
        result, tally = asyncio.run(measure(arguments, database))
    if arguments.plot:
        draw(tally.memory, f"Resident memory of the service, {arguments.users} users", arguments.plot)
    if arguments.json:
        print(json.dumps(asdict(result) | {"memory": tally.memory, "restarts": tally.restarts}))
        return
    for name, value in asdict(result).items():
        print(f"{name.replace('_', ' '):16} {value}")


if __name__ == "__main__":
    main()
