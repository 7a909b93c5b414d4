"""A loopback server that answers as OpenAI's chat completions do, by a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, object]
"""Status and JSON body; a string is sent as it is."""


@dataclass
class Stub:
    """What was asked, and where; ``answer`` may be exchanged."""

    answer: Callable[[dict], Answer]
    base: str = ""
    location: str = ""
    asked: list[dict] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def says(text: object, finish: str = "stop") -> Answer:
    return 200, {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish}]}


def in_turn(*answers: Answer) -> Callable[[dict], Answer]:
    """Give each answer once, in order, and the last one from then on."""
    left = list(answers)
    return lambda body: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def chat_completions(answer: Callable[[dict], Answer]) -> Iterator[Stub]:
    stub, lock = Stub(answer), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                stub.asked.append(body)
                stub.headers.append({**self.headers, "path": self.path})
                status, said = stub.answer(body)
            data = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if isinstance(said, (dict, list)):
                self.send_header("Content-Type", "application/json")
            if stub.location:
                self.send_header("Location", stub.location)
            if status >= 400:
                self.send_header("Retry-After-Ms", "1")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    stub.base = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
