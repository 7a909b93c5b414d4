"""The service under a path, behind a proxy that takes the path off or leaves it on."""

import re

import pytest
from starlette.testclient import TestClient

from commands import run
from pecrs import Recommender
from pecrs.errors import ConfigError
from pecrs.server.client import Client
from pecrs.server.settings import ServerSettings


@pytest.mark.parametrize("seen", ["", "/films"])
def test_every_part_is_found_under_the_path(start, seen):
    client = start(root_path="/films")
    for path in ("/", "/static/page.js", "/v1/models", "/docs", "/redoc", "/openapi.json", "/readyz",
                 "/static-offline-docs/swagger-ui.css", "/v1/items/111776"):  # fmt: skip
        assert client.get(seen + path).status_code == 200, path
    assert client.get(f"{seen}/v1/nothing").status_code == 404
    shown = client.get(f"{seen}/docs")
    assert "'/films/openapi.json'" in shown.text
    addresses = re.findall(r'(?:src|href)="([^"]*)"', shown.text)
    assert addresses
    assert all(address.startswith("/films/static-offline-docs/") for address in addresses)
    pages = ("/docs", "/static-offline-docs/swagger-ui.css", "/")
    policies = [client.get(seen + page).headers["content-security-policy"] for page in pages]
    assert ["unsafe-inline" in policy for policy in policies] == [True, True, False]
    assert client.get(f"{seen}/openapi.json").json()["servers"] == [{"url": "/films"}]


def test_the_path_alone_leads_to_the_page(start):
    answer = start(root_path="/films").get("/films", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "http://testserver/films/")


def test_the_page_is_whole_where_a_proxy_makes_the_root_of_the_path_alone(start):
    client = start(root_path="/films")
    addresses = re.findall(r'(?:src|href)="([^"#][^"]*)"', client.get("/").text)
    assert "/films/static/page.js" in addresses
    assert all(address.startswith("/films/static/") for address in addresses)
    assert {client.get(address).status_code for address in addresses} == {200}


def test_the_page_asks_for_nothing_outside_its_own_path(start):
    client = start()
    page = client.get("/").text
    addresses = re.findall(r'(?:src|href)="([^"#][^"]*)"', page)
    assert "static/page.js" in addresses
    assert not [address for address in addresses if address.startswith("/") or ":" in address]
    for name in ("api", "conversation", "early", "filters", "page", "sidebar", "view"):
        assert not re.search(r"""["'`]/(?:v1|static)""", client.get(f"/static/{name}.js").text)
    assert not re.search(r"url\(\s*[\"']?/", client.get("/static/page.css").text)


def test_a_prefix_that_a_client_claims_is_not_believed(start):
    shown = start().get("/docs", headers={"X-Forwarded-Prefix": "//evil.example"}).text
    assert "evil" not in shown


def test_our_client_finds_a_service_under_a_path(start, monkeypatch):
    monkeypatch.setattr("pecrs.server.client.httpx.Client", _behind(start(root_path="/films").app))
    with Client("http://testserver/films") as client:
        assert client.call("GET", "/v1/me")["model"] == "pecrs"


def _behind(app):
    def make(base_url, headers, timeout):
        return TestClient(app, base_url=base_url, headers=headers)

    return make


@pytest.mark.parametrize("path", ["films", "/films/", "/", "//evil.example", "/a b", "/a?b", "http://x/films"])
def test_a_wrong_path_is_refused(path):
    with pytest.raises(ConfigError, match="root_path: a path such as /films"):
        ServerSettings(root_path=path)


def test_the_command_line_takes_it_before_a_model_is_read(capsys, monkeypatch):
    monkeypatch.setattr(Recommender, "from_pretrained", lambda *_, **__: pytest.fail("a model is read"))
    code, _, error = run(capsys, "serve", "--no-auth", "--root-path", "films")
    assert (code, error.startswith("pecrs: root_path: ")) == (2, True)
