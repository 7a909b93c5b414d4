"""A stand-in of the hub's HTTP API, as far as models are put there and fetched: repositories, LFS, commits, files."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit


class Hub:
    """What lies there: files of each repository, large objects by their digest, and what was asked."""

    def __init__(self):
        self.repositories, self.objects, self.cards, self.asked = {}, {}, [], []
        self.private = {}
        self.token = "hf_right"

    def revision(self, name):
        told = json.dumps({path: hashlib.sha1(data).hexdigest() for path, data in self.repositories[name].items()})
        return hashlib.sha1(told.encode()).hexdigest()


def _commit(hub, name, lines):
    for line in map(json.loads, filter(None, lines)):
        value = line["value"]
        if line["key"] == "file":
            hub.repositories[name][value["path"]] = base64.b64decode(value["content"])
        elif line["key"] == "lfsFile":
            hub.repositories[name][value["path"]] = hub.objects[value["oid"]]


_ROUTE = re.compile(r"(?:/api/models)?/([^/]+/[^/]+?)(?:\.git)?/(preupload|commit|revision|tree|info|resolve)/(.*)")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self):
        return self.server.hub

    def log_message(self, *told):
        pass

    def answer(self, status, body=b"", **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(data))} | headers).items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def refuse(self, status, code):
        self.answer(status, {"error": code}, X_Error_Code=code, X_Error_Message=code)

    def serve(self):
        path = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.hub.asked.append((self.command, path))
        if self.command in ("POST", "PUT") and not path.startswith(("/lfs/", "/api/validate")):
            if self.headers.get("Authorization") != f"Bearer {self.hub.token}":
                return self.refuse(401, "Unauthorized")
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        if path == "/api/validate-yaml":
            self.hub.cards.append(json.loads(body)["content"])
            return self.answer(200, {"warnings": [], "errors": []})
        if path.startswith("/lfs/"):
            self.hub.objects[path.removeprefix("/lfs/")] = body
            return self.answer(200)
        match = _ROUTE.fullmatch(path)
        if match is None or match[1] not in self.hub.repositories:
            return self.refuse(404, "RepoNotFound")
        return getattr(self, match[2])(match[1], match[3], body)

    do_GET = do_HEAD = do_POST = do_PUT = serve  # noqa: N815

    def create(self, asked):
        name = f"{asked['organization']}/{asked['name']}"
        status = 409 if name in self.hub.repositories else 200
        self.hub.repositories.setdefault(name, {})
        self.hub.private.setdefault(name, asked.get("visibility"))
        return self.answer(status, {"url": f"{self.server.address}/{name}", "id": name})

    def preupload(self, name, rest, body):
        files = [
            {
                "path": one["path"],
                "uploadMode": "lfs" if one["path"].endswith(".safetensors") else "regular",
                "shouldIgnore": False,
            }
            for one in json.loads(body)["files"]
        ]
        return self.answer(200, {"files": files})

    def info(self, name, rest, body):
        objects = [
            {**one, "actions": {"upload": {"href": f"{self.server.address}/lfs/{one['oid']}"}}}
            for one in json.loads(body)["objects"]
        ]
        return self.answer(200, {"transfer": "basic", "objects": objects})

    def commit(self, name, rest, body):
        _commit(self.hub, name, body.decode().splitlines())
        sha = self.hub.revision(name)
        return self.answer(
            200, {"success": True, "commitUrl": f"{self.server.address}/{name}/commit/{sha}", "commitOid": sha}
        )

    def revision(self, name, rest, body):
        return self.answer(
            200, {"_id": "1", "id": name, "sha": self.hub.revision(name), "siblings": [], "private": False}
        )

    def tree(self, name, rest, body):
        files = [
            {"type": "file", "path": path, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
            for path, data in self.hub.repositories[name].items()
        ]
        return self.answer(200, files)

    def resolve(self, name, rest, body):
        data = self.hub.repositories[name].get(rest.partition("/")[2])
        if data is None:
            return self.refuse(404, "EntryNotFound")
        etag = f'"{hashlib.sha1(data).hexdigest()}"'
        return self.answer(200, data, ETag=etag, X_Repo_Commit=self.hub.revision(name))


@contextmanager
def local_hub():
    """Serve a hub on this machine; give it and its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.hub, server.address = Hub(), f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.hub, server.address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
