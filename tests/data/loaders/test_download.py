import hashlib
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pecrs.data.loaders.download import SOURCES, RemoteFile, download, unpack
from pecrs.data.progress import Progress
from pecrs.errors import ConfigError, DataError

CONTENT = bytes(range(256)) * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


class Site:
    """A small web server; what it answers is set by path."""

    def __init__(self):
        self.files, self.requests, self.cut_after, self.etag, self.status = {}, [], {}, '"v1"', {}
        self.redirect = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.answer(self)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}/{path}"

    def answer(self, handler):
        path, asked = handler.path[1:], handler.headers.get("Range")
        self.requests.append((path, asked))
        if self.status.get(path):
            return self.head(handler, self.status[path].pop(0))
        if path in self.redirect:
            return self.head(handler, 302, Location=self.redirect[path])
        if path not in self.files:
            return self.head(handler, 404)
        body, start = self.files[path], 0
        if asked and handler.headers.get("If-Range") == self.etag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        rest = body[start:]
        headers = {"Content-Length": len(rest), "ETag": self.etag}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.head(handler, 206 if start else 200, **headers)
        handler.wfile.write(rest[: self.cut_after.pop(path, len(rest))])
        handler.close_connection = True

    @staticmethod
    def head(handler, status, **headers):
        handler.send_response(status)
        for name, value in ({"Content-Length": 0} | {k.replace("_", "-"): v for k, v in headers.items()}).items():
            handler.send_header(name, str(value))
        handler.end_headers()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def site():
    made = Site()
    yield made
    made.close()


def fetch(site, folder, *paths, limit=2**20, known=None, name="data.bin", **arguments):
    remote = RemoteFile(name, tuple(site.url(path) for path in paths), known, limit)
    return download("set", folder, sources={"set": (remote,)}, pause=0, **arguments)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_and_is_recorded_and_not_fetched_again(site, tmp_path):
    site.files["a"] = CONTENT
    seen = []
    (path,) = fetch(site, tmp_path / "new", "a", progress=seen.append)
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == ["SHA256SUMS", "data.bin"]
    assert (path.parent / "SHA256SUMS").read_text() == f"{SHA}  data.bin\n"
    assert seen[-1] == Progress("downloading data.bin", len(CONTENT), len(CONTENT), "bytes")
    assert fetch(site, tmp_path / "new", "a") == [path]
    assert site.requests == [("a", None)]


def test_a_cut_connection_is_resumed_where_it_broke(site, tmp_path):
    site.files["a"] = CONTENT
    site.cut_after["a"] = 100_000
    (path,) = fetch(site, tmp_path, "a")
    assert path.read_bytes() == CONTENT
    (_, first), (_, second) = site.requests
    assert first is None
    assert 0 < int(second.removeprefix("bytes=").removesuffix("-")) <= 100_000


def test_a_later_run_resumes_an_interrupted_one(site, tmp_path):
    (tmp_path / "data.bin.part").write_bytes(CONTENT[:5000])
    (tmp_path / "data.bin.part.json").write_text(f'{{"url": "{site.url("a")}", "tag": "\\"v1\\""}}')
    site.files["a"] = CONTENT
    (path,) = fetch(site, tmp_path, "a", known=SHA)
    assert path.read_bytes() == CONTENT
    assert site.requests == [("a", "bytes=5000-")]
    assert names(tmp_path) == ["SHA256SUMS", "data.bin"]


def test_a_file_that_changed_meanwhile_is_fetched_from_the_start(site, tmp_path):
    (tmp_path / "data.bin.part").write_bytes(b"old" * 1000)
    (tmp_path / "data.bin.part.json").write_text(f'{{"url": "{site.url("a")}", "tag": "\\"v0\\""}}')
    site.files["a"] = CONTENT
    (path,) = fetch(site, tmp_path, "a")
    assert path.read_bytes() == CONTENT


def test_a_part_of_unknown_origin_is_not_continued(site, tmp_path):
    (tmp_path / "data.bin.part").write_bytes(b"junk")
    site.files["a"] = CONTENT
    (path,) = fetch(site, tmp_path, "a")
    assert path.read_bytes() == CONTENT
    assert site.requests == [("a", None)]


def test_mirrors_are_tried_in_turn(site, tmp_path):
    site.files |= {"wrong": b"other content", "good": CONTENT}
    (path,) = fetch(site, tmp_path, "gone", "wrong", "good", known=SHA)
    assert path.read_bytes() == CONTENT
    assert [requested for requested, _ in site.requests] == ["gone", "wrong", "good"]


def test_server_errors_are_tried_again(site, tmp_path):
    site.files["a"] = CONTENT
    site.status["a"] = [503, 429]
    (path,) = fetch(site, tmp_path, "a")
    assert path.read_bytes() == CONTENT


def test_a_range_beyond_the_end_starts_afresh(site, tmp_path):
    (tmp_path / "data.bin.part").write_bytes(b"x" * 10)
    (tmp_path / "data.bin.part.json").write_text(f'{{"url": "{site.url("a")}", "tag": "\\"v1\\""}}')
    site.files["a"] = CONTENT
    site.status["a"] = [416]
    (path,) = fetch(site, tmp_path, "a")
    assert path.read_bytes() == CONTENT


def test_when_all_fail_the_message_says_what_to_do_by_hand(site, tmp_path):
    with pytest.raises(DataError) as caught:
        fetch(site, tmp_path, "gone", "lost")
    message = str(caught.value)
    assert "HTTP 404" in message
    for part in (site.url("gone"), site.url("lost"), str(tmp_path / "data.bin"), "by hand"):
        assert part in message
    assert names(tmp_path) == []


def test_a_wrong_checksum_never_reaches_its_place(site, tmp_path):
    site.files["a"] = b"other"
    with pytest.raises(DataError, match=f"expected {SHA} but got"):
        fetch(site, tmp_path, "a", known=SHA)
    with pytest.raises(DataError, match=f"expected {SHA} but got"):
        fetch(site, tmp_path, "a", sha256={"data.bin": SHA.upper()})
    assert not (tmp_path / "data.bin").exists()


def test_later_downloads_must_agree_with_the_record(site, tmp_path):
    site.files["a"] = CONTENT
    (path,) = fetch(site, tmp_path, "a")
    path.write_bytes(b"damaged")
    fetch(site, tmp_path, "a")
    assert path.read_bytes() == CONTENT
    path.unlink()
    site.files["a"] = b"changed"
    with pytest.raises(DataError, match=f"expected {SHA} but got"):
        fetch(site, tmp_path, "a")


def test_a_file_put_there_by_hand_is_kept(site, tmp_path):
    (tmp_path / "data.bin").write_bytes(CONTENT)
    fetch(site, tmp_path, "gone")
    assert site.requests == []
    assert (tmp_path / "SHA256SUMS").read_text().startswith(SHA)


def test_too_large_a_file_is_refused(site, tmp_path):
    site.files["a"] = CONTENT
    with pytest.raises(DataError, match="larger than 1,000 bytes"):
        fetch(site, tmp_path, "a", limit=1000)


@pytest.mark.parametrize("url", ["http://example.org/x", "ftp://localhost/x", "file:///etc/hosts"])
def test_only_https_or_this_machine(tmp_path, url):
    with pytest.raises(ConfigError, match="https"):
        download("set", tmp_path, sources={"set": (RemoteFile("x", (url,)),)})


def test_a_redirect_to_plain_http_is_refused(site, tmp_path):
    other = ThreadingHTTPServer(("127.0.0.2", 0), BaseHTTPRequestHandler)
    thread = threading.Thread(target=other.serve_forever)
    thread.start()
    site.redirect["a"] = f"http://127.0.0.2:{other.server_port}/a"
    try:
        with pytest.raises(ConfigError, match="https"):
            fetch(site, tmp_path, "a")
    finally:
        other.shutdown()
        thread.join()
        other.server_close()


@pytest.mark.parametrize(
    ("name", "pins", "message"),
    [
        ("other", {}, "cannot be downloaded"),
        ("redial", {"x": SHA}, "no file"),
        ("redial", {"redial_dataset.zip": "1"}, "64"),
    ],
)
def test_wrong_arguments(tmp_path, name, pins, message):
    with pytest.raises(ConfigError, match=message):
        download(name, tmp_path, sha256=pins)


def test_a_malformed_record_is_named(site, tmp_path):
    (tmp_path / "SHA256SUMS").write_text(f"{SHA}  x\nnonsense\n")
    with pytest.raises(DataError, match=r"SHA256SUMS:2: "):
        fetch(site, tmp_path, "a")


def test_the_public_sources_are_https():
    assert set(SOURCES) == {"redial", "inspired", "cpcd", "talkplay"}
    assert all(url.startswith("https://") for files in SOURCES.values() for file in files for url in file.urls)


def archive_of(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as stream:
        for name, content in members.items():
            stream.writestr(name.replace("__", "/"), content)
    return path


def test_archives_are_unpacked_beside_the_download(site, tmp_path):
    site.files["a"] = archive_of(tmp_path / "made.zip", sub__train="t", top="x").read_bytes()
    (path,) = fetch(site, tmp_path / "out", "a", name="set.zip")
    assert (path.parent / "sub" / "train").read_text() == "t"
    assert names(path.parent) == ["SHA256SUMS", "set.zip", "sub", "top"]
    (line,) = (path.parent / "SHA256SUMS").read_text().splitlines()
    assert line == f"{hashlib.sha256(site.files['a']).hexdigest()}  set.zip"


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "a\\..\\evil", "C:evil"])
def test_members_that_would_leave_the_folder_are_refused(tmp_path, name):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("good", "x")
        stream.writestr(name, "x")
    with pytest.raises(DataError, match="would leave the folder"):
        unpack(archive, tmp_path / "out", 100)
    assert names(tmp_path / "out") == []


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as stream:
        stream.writestr(link, "/etc/hosts")
    with pytest.raises(DataError, match="not a plain file"):
        unpack(tmp_path / "a.zip", tmp_path / "out", 100)


def test_a_bomb_stops_at_the_limit_and_leaves_nothing(tmp_path):
    archive = archive_of(tmp_path / "a.zip", one="x", two=b"\0" * 10**6)
    assert archive.stat().st_size < 2000
    with pytest.raises(DataError, match="limit of unpacked bytes"):
        unpack(archive, tmp_path / "out", 10**5)
    assert names(tmp_path / "out") == []


def test_damaged_archives_are_named(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK nothing")
    with pytest.raises(DataError, match="damaged archive"):
        unpack(tmp_path / "a.zip", tmp_path / "out", 100)
    archive = tmp_path / "b.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("x", "some text")
    archive.write_bytes(archive.read_bytes().replace(b"some", b"sore", 1))
    with pytest.raises(DataError, match="damaged archive"):
        unpack(archive, tmp_path / "out", 100)
