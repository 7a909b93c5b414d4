"""The page on which annotators vote: served to this machine alone, by the standard library.

    GET  /                       the page
    GET  /pairs?annotator=NAME   the pairs, and NAME's votes so far
    POST /votes                  {"annotator", "pair", "choices": {aspect: left, right or tie}}

The key stays on the disk. Requests are refused that another site's page could make: of another host, or not JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pecrs.data.files import parse_json
from pecrs.errors import DataError
from pecrs.evaluation.human.kit import load_pairs
from pecrs.evaluation.human.votes import ASPECTS, Votes, load_votes, save_votes, votes_path

HOST = "127.0.0.1"
"""The only address that is listened on."""

_LARGEST = 4096
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
_FILES = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}


class VotingServer(ThreadingHTTPServer):
    """Serves one kit."""

    daemon_threads = True

    def __init__(self, kit: Path, port: int) -> None:
        """Read the pairs and listen; call ``serve_forever`` to answer.

        Args:
            kit: The kit's folder; votes are written into it.
            port: 0 takes a free one, see ``server_port``.

        Raises:
            DataError: If it is not a kit.
            OSError: If the port is taken.
        """
        self.kit, self.pairs, self.lock = kit, load_pairs(kit), Lock()
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/"

    def votes(self, annotator: str) -> Votes:
        """Return an annotator's votes so far."""
        path = votes_path(self.kit, annotator)
        return load_votes(path, len(self.pairs)) if path.exists() else Votes(annotator)

    def vote(self, record: Any) -> Votes:
        """Keep a vote.

        Raises:
            DataError: If it is none.
        """
        if not isinstance(record, dict) or set(record) != {"annotator", "pair", "choices"}:
            raise DataError("annotator, pair and choices are expected")
        annotator, pair, choices = record["annotator"], record["pair"], record["choices"]
        if not isinstance(annotator, str) or type(pair) is not int or not isinstance(choices, dict):
            raise DataError("a name, a number and choices by aspect are expected")
        if not 1 <= pair <= len(self.pairs):
            raise DataError(f"the kit has pairs 1 to {len(self.pairs)}", field="pair")
        with self.lock:
            votes = self.votes(annotator).with_vote(pair, choices)
            save_votes(votes_path(self.kit, annotator), votes)
        return votes


class _Handler(BaseHTTPRequestHandler):
    server: VotingServer
    server_version, sys_version = "pecrs", ""

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if not self._own_host():
            return
        if where.path in _FILES:
            name, kind = _FILES[where.path]
            self._send(200, resources.files(__package__).joinpath(name).read_bytes(), kind)
        elif where.path == "/pairs":
            annotator = parse_qs(where.query).get("annotator", [""])[0]
            self._answer(lambda: self._state(self.server.votes(annotator), with_pairs=True))
        else:
            self._tell(404, "there is no such page")

    def do_POST(self) -> None:
        if not self._own_host():
            return
        length = self.headers.get("Content-Length", "")
        if self.path != "/votes":
            self._tell(404, "there is no such page")
        elif self.headers.get_content_type() != "application/json":
            self._tell(415, "application/json is expected")
        elif not length.isdecimal() or int(length) > _LARGEST:
            self._tell(413, f"a body of at most {_LARGEST} bytes is expected")
        else:
            body = self.rfile.read(int(length))
            self._answer(lambda: self._state(self.server.vote(_parsed(body)), with_pairs=False))

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: the terminal is the operator's."""

    def _own_host(self) -> bool:
        own = self.headers.get("Host", "") in {f"{name}:{self.server.server_port}" for name in (HOST, "localhost")}
        if not own:
            self._tell(403, "this page is for this machine alone")
        return own

    def _state(self, votes: Votes, *, with_pairs: bool) -> dict[str, Any]:
        pairs = {"pairs": [asdict(pair) for pair in self.server.pairs]} if with_pairs else {}
        return {"annotator": votes.annotator, "votes": votes.by_pair, "aspects": ASPECTS, **pairs}

    def _answer(self, make: Any) -> None:
        try:
            value = make()
        except DataError as error:
            self._tell(400, str(error))
        else:
            self._send(200, json.dumps(value, ensure_ascii=False).encode(), "application/json")

    def _tell(self, status: int, message: str) -> None:
        self._send(status, json.dumps({"error": message}).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Length": str(len(body)),
            "Content-Security-Policy": _POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            "Connection": "close",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _parsed(body: bytes) -> Any:
    try:
        return parse_json(body.decode())
    except ValueError as error:
        raise DataError(f"broken JSON: {error}") from None
